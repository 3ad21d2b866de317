//! Each rule of the dictionary with a body that keeps it and one that breaks it.

use super::*;
use crate::model::schema::{Code, RegistrySchema};
use crate::rules::finding::{Severity, has_error};
use crate::rules::packs;
use serde_json::json;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 1).unwrap()
}

fn body(value: Value) -> Body {
    match value {
        Value::Object(map) => map,
        _ => panic!("a body is an object"),
    }
}

fn person() -> Value {
    json!({"name": "测试甲01", "id_number": "370699196409124494", "sex": "1", "birth_date": "1964-09-12",
           "phone": "16934515707"})
}

fn building() -> Value {
    json!({"name": "3号楼", "storeys": 6, "units": 4})
}

/// The findings of a body with one field set anew, as `field:code`.
fn with(kind: &str, mut base: Value, field: &str, value: Value) -> Vec<String> {
    base[field] = value;
    codes(&validate_record(
        &packs::registry().unwrap(),
        kind,
        &body(base),
        today(),
    ))
}

fn codes(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{}:{}", f.field, f.code)).collect()
}

#[test]
fn the_fictional_person_has_no_finding() {
    assert_eq!(with("person", person(), "sex", json!("1")), Vec::<String>::new());
}

#[test]
fn a_required_field_is_missing_when_absent_null_or_empty() {
    for nothing in [Value::Null, json!("")] {
        assert_eq!(with("person", person(), "name", nothing), ["name:required_missing"]);
    }
    let findings = validate_record(&packs::registry().unwrap(), "place", &Body::new(), today());
    let expected = [
        "place_kind:required_missing",
        "name:required_missing",
        "risk:required_missing",
        "point:required_missing",
    ];
    assert_eq!(codes(&findings).get(..4).unwrap(), expected);
}

#[test]
fn an_unknown_kind_is_an_error_and_an_unknown_field_is_not() {
    let schema = packs::registry().unwrap();
    assert_eq!(
        codes(&validate_record(&schema, "spaceship", &Body::new(), today())),
        [":unknown_kind"]
    );
    assert!(with("person", person(), "invented_in_2030", json!([1, {"a": null}])).is_empty());
}

#[test]
fn the_identity_number_agrees_with_sex_and_birth() {
    assert_eq!(with("person", person(), "sex", json!("2")), ["sex:id_sex_mismatch"]);
    assert_eq!(
        with("person", person(), "birth_date", json!("1964-09-13")),
        ["birth_date:id_birth_mismatch"]
    );
    for unsaid in ["0", "9"] {
        assert!(
            with("person", person(), "sex", json!(unsaid)).is_empty(),
            "an unstated sex contradicts nothing"
        );
    }
}

#[test]
fn a_wrong_check_digit_is_an_error_only_for_the_resident_card() {
    let wrong = json!("370699196409124495");
    assert_eq!(
        with("person", person(), "id_number", wrong),
        ["id_number:id_check_digit"]
    );
    let mut passport = person();
    passport["id_number"] = json!("E12345678");
    assert_eq!(
        with("person", passport, "id_type", json!("414")),
        ["id_type:unknown_code"],
        "the list is open: a warning"
    );
}

#[test]
fn an_unknown_division_is_a_warning_and_a_refused_one_an_error() {
    let mut schema = packs::registry().unwrap();
    let person = body(json!({"name": "测试甲01", "id_number": "000105194912310024"}));
    let findings = validate_record(&schema, "person", &person, today());
    assert_eq!(codes(&findings), ["id_number:id_unknown_division"]);
    assert!(!has_error(&findings));

    refuse(&mut schema, "370699");
    let findings = validate_record(&schema, "person", &body(self::person()), today());
    assert_eq!(codes(&findings), ["id_number:id_refused_division"]);
    assert!(has_error(&findings));
}

fn refuse(schema: &mut RegistrySchema, prefix: &str) {
    let list = schema
        .code_lists
        .iter_mut()
        .find(|l| l.name == "refused_division")
        .unwrap();
    list.codes.push(Code {
        code: prefix.to_owned(),
        zh: "测试区".to_owned(),
        en: "Test district".to_owned(),
    });
}

#[test]
fn dates_are_real_days_in_one_form_and_births_are_not_ahead() {
    let mut no_id = person();
    no_id["id_number"] = Value::Null;
    for bad in ["2023-02-29", "1964-9-12", "19640912", "1964-13-01", ""] {
        let expected: &[&str] = if bad.is_empty() {
            &[]
        } else {
            &["birth_date:date_invalid"]
        };
        assert_eq!(
            with("person", no_id.clone(), "birth_date", json!(bad)),
            expected,
            "{bad}"
        );
    }
    assert_eq!(
        with("person", no_id.clone(), "birth_date", json!("2026-09-02")),
        ["birth_date:date_in_future"]
    );
    assert!(with("person", no_id, "birth_date", json!("2024-02-29")).is_empty());
}

#[test]
fn texts_are_bounded_in_characters_not_bytes_and_hold_no_tricks() {
    assert!(with("building", building(), "complex", json!("𠮷".repeat(100))).is_empty());
    assert_eq!(
        with("building", building(), "complex", json!("𠮷".repeat(101))),
        ["complex:text_too_long"]
    );
    assert_eq!(
        with("building", building(), "complex", json!("a\u{202e}b")),
        ["complex:text_characters"]
    );
    assert_eq!(
        with("building", building(), "complex", json!(5)),
        ["complex:wrong_type"]
    );
}

#[test]
fn numbers_stay_within_their_bounds_and_are_whole() {
    for (value, expected) in [
        (json!(1), None),
        (json!(60), None),
        (json!(0), Some("number_out_of_range")),
        (json!(61), Some("number_out_of_range")),
        (json!(6.5), Some("wrong_type")),
        (json!("6"), Some("wrong_type")),
        (json!(u64::MAX), Some("wrong_type")),
    ] {
        let expected: Vec<String> = expected.iter().map(|c| format!("storeys:{c}")).collect();
        assert_eq!(
            with("building", building(), "storeys", value.clone()),
            expected,
            "{value}"
        );
    }
}

#[test]
fn a_decimal_is_a_fixed_point_text() {
    let dwelling = json!({"house_no": "1", "division": "370611001901", "address": "x", "use": "02", "occupancy": "01"});
    for good in ["98.50", "98", "0.5", "-1"] {
        assert!(
            with("dwelling", dwelling.clone(), "area_m2", json!(good)).is_empty(),
            "{good}"
        );
    }
    for bad in [
        json!(98.5),
        json!("1e3"),
        json!("98."),
        json!(".5"),
        json!("1234567.0"),
        json!("1.234"),
        json!("九"),
    ] {
        assert_eq!(
            with("dwelling", dwelling.clone(), "area_m2", bad.clone()),
            ["area_m2:decimal_invalid"],
            "{bad}"
        );
    }
}

#[test]
fn codes_come_from_their_list_and_an_empty_open_list_judges_nothing() {
    let findings = with("person", person(), "sex", json!("3"));
    assert_eq!(findings, ["sex:unknown_code"]);
    assert!(with("building", building(), "structure", json!("ANY")).is_empty());
    let schema = packs::registry().unwrap();
    let open = body(json!({"name": "甲乙", "relation": "77"}));
    let finding = validate_record(&schema, "person", &open, today()).pop().unwrap();
    assert_eq!(finding.severity, Severity::Warning);
}

#[test]
fn area_codes_have_the_length_of_their_level() {
    assert!(with("person", person(), "live_place", json!("370611001901")).is_empty());
    for bad in ["370611001", "37061100190X", "370611001901001"] {
        assert_eq!(
            with("person", person(), "live_place", json!(bad)),
            ["live_place:area_code_invalid"]
        );
    }
}

#[test]
fn a_point_is_on_the_globe_and_not_null_island() {
    assert!(
        with(
            "building",
            building(),
            "point",
            json!({"lon_e7": 1_212_671_450, "lat_e7": 374_983_120})
        )
        .is_empty()
    );
    for bad in [
        json!({"lon_e7": 0, "lat_e7": 0}),
        json!({"lon_e7": 1_800_000_001, "lat_e7": 1}),
        json!({"lon_e7": 1, "lat_e7": 900_000_001}),
        json!({"lon_e7": 121.2, "lat_e7": 37.4}),
        json!({"lon_e7": i32::MIN, "lat_e7": 1}),
        json!([121.2, 37.4]),
    ] {
        assert_eq!(
            with("building", building(), "point", bad.clone()),
            ["point:point_invalid"],
            "{bad}"
        );
    }
}

#[test]
fn references_and_lists_have_their_shape() {
    assert_eq!(
        with("person", person(), "dwelling", json!("P001")),
        ["dwelling:reference_invalid"]
    );
    assert!(
        with(
            "person",
            person(),
            "dwelling",
            json!("01890a5d-ac96-774b-bcce-b302099a8057")
        )
        .is_empty()
    );
    assert_eq!(with("person", person(), "notes", json!(["text"])), ["notes:wrong_type"]);
    assert!(with("person", person(), "notes", json!([{"id": "1"}])).is_empty());
}

#[test]
fn telephone_and_credit_code_follow_their_standards() {
    assert_eq!(
        with("person", person(), "phone", json!("1693451570")),
        ["phone:phone_invalid"]
    );
    let shop = json!({"place_kind": "SMALL_SHOP", "name": "测试便利店", "risk": "BLUE",
                      "point": {"lon_e7": 1_212_671_450, "lat_e7": 374_983_120}});
    assert!(with("place", shop.clone(), "uscc", json!("92370699MA5498748E")).is_empty());
    assert_eq!(
        with("place", shop.clone(), "uscc", json!("92370699MA5498748F")),
        ["uscc:uscc_check_digit"]
    );
    assert_eq!(
        with("place", shop.clone(), "uscc", Value::Null),
        ["uscc:uscc_or_reason_missing"]
    );
    assert!(with("place", shop, "no_uscc_reason", json!("流动摊点")).is_empty());
}

#[test]
fn an_occupied_letting_names_its_tenants() {
    let dwelling = json!({"house_no": "1", "division": "370611001901", "address": "x", "use": "02", "occupancy": "02"});
    assert_eq!(
        with("dwelling", dwelling.clone(), "occupants", json!(3)),
        ["tenants:tenants_missing"]
    );
    assert!(with("dwelling", dwelling, "occupants", json!(0)).is_empty());
}

#[test]
fn a_change_is_judged_by_its_own_fields_and_clears_no_required_one() {
    let schema = packs::registry().unwrap();
    assert!(validate_change(&schema, "person", &body(json!({"phone": null})), today()).is_empty());
    let findings = validate_change(&schema, "person", &body(json!({"name": null, "phone": "1"})), today());
    assert_eq!(codes(&findings), ["name:required_missing", "phone:phone_invalid"]);
}

#[test]
fn the_day_in_china_turns_at_sixteen_hours_utc() {
    let before = UtcMillis::parse_rfc3339("2026-08-31T15:59:59Z").unwrap();
    assert_eq!(china_day(before).to_string(), "2026-08-31");
    assert_eq!(china_day(before.plus(1_000)), today());
}

#[test]
fn every_shipped_pack_reads() {
    packs::registry().unwrap();
    assert_eq!(packs::taxonomy().unwrap().categories.len(), 121);
    assert_eq!(packs::roles().unwrap().team_minimum, 5);
    let automaton = packs::incident_automaton().unwrap();
    assert_eq!((automaton.states.len(), automaton.transitions.len()), (16, 36));
    let withdraw = automaton.transitions.iter().find(|t| t.id == "T05_WITHDRAW").unwrap();
    assert!(withdraw.offline, "a mistake can be taken back without signal");
}
