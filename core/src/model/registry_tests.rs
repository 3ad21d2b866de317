use super::*;
use crate::model::schema::{FieldType, RegistrySchema};
use serde_json::json;

const ENVELOPE: [(&str, &str); 10] = [
    ("status", "String"),
    ("source", "String"),
    ("purpose", "String"),
    ("legal_basis", "String"),
    ("grid_staff", "String"),
    ("verified_at", "UtcMillis"),
    ("next_verify_due", "NaiveDate"),
    ("visits", "Vec<Value>"),
    ("notes", "Vec<Value>"),
    ("attachments", "Vec<Value>"),
];

fn schema() -> RegistrySchema {
    serde_json::from_str(include_str!("../../packs/registry.json")).unwrap()
}

fn rust_type(ty: &FieldType) -> &'static str {
    match ty {
        FieldType::Text { .. } | FieldType::Code { .. } | FieldType::Decimal { .. } => "String",
        FieldType::Area { .. } => "AreaCode",
        FieldType::Date => "NaiveDate",
        FieldType::Timestamp => "UtcMillis",
        FieldType::Integer { .. } => "i64",
        FieldType::Boolean => "bool",
        FieldType::Reference { .. } => "RecordId",
        FieldType::Point => "Point",
        FieldType::List => "Vec<Value>",
    }
}

/// A value of the field's type that is not the type's default.
fn sample(ty: &FieldType) -> Value {
    match ty {
        FieldType::Text { .. } | FieldType::Code { .. } => json!("文𠮷"),
        FieldType::Decimal { .. } => json!("98.50"),
        FieldType::Area { .. } => json!("370611001901"),
        FieldType::Date => json!("1964-09-12"),
        FieldType::Timestamp => json!(1_788_000_000_000_i64),
        FieldType::Integer { max, .. } => json!(max),
        FieldType::Boolean => json!(true),
        FieldType::Reference { .. } => json!("01890a5d-ac96-774b-bcce-b302099a8057"),
        FieldType::Point => json!({"lon_e7": 1_212_671_450, "lat_e7": 374_983_120}),
        FieldType::List => json!([{"id": "1", "text": "a"}]),
    }
}

/// A body with every field of the pack and some that no pack knows.
fn full_body(kind: &str) -> Body {
    let schema = schema();
    let fields = &schema.kind(kind).unwrap().fields;
    let mut body: Body = fields.iter().map(|f| (f.name.clone(), sample(&f.ty))).collect();
    body.insert(
        "from_a_newer_platform".to_owned(),
        json!({"deep": [1.5, null, {"z": 1, "a": 2}]}),
    );
    body.insert("empty_news".to_owned(), Value::Null);
    body.insert("big_news".to_owned(), json!(u64::MAX));
    body
}

/// One check for each view, with its name.
macro_rules! for_each_view {
    ($check:ident) => {
        $check!(Person);
        $check!(Household);
        $check!(Dwelling);
        $check!(Building);
        $check!(Place);
        $check!(Enterprise);
        $check!(School);
    };
}

#[test]
fn every_view_has_exactly_the_fields_and_types_of_the_pack() {
    macro_rules! check {
        ($view:ident) => {{
            let schema = schema();
            let pack = schema.kind($view::KIND).unwrap();
            let expected: Vec<_> = pack
                .fields
                .iter()
                .map(|f| (f.name.as_str(), rust_type(&f.ty)))
                .collect();
            let own = $view::FIELDS
                .iter()
                .map(|(name, ty)| (name.trim_start_matches("r#"), *ty));
            let found: Vec<_> = own.chain(ENVELOPE).collect();
            assert_eq!(found, expected, "{}", $view::KIND);
        }};
    }
    for_each_view!(check);
}

#[test]
fn every_field_known_or_not_comes_out_as_it_went_in() {
    macro_rules! check {
        ($view:ident) => {{
            let body = full_body($view::KIND);
            let view = $view::from_body(&body).unwrap();
            assert_eq!(view.rest.len(), 3, "only the news are unknown to {}", $view::KIND);
            assert_eq!(view.to_body().unwrap(), body, "{}", $view::KIND);
            assert!($view::default().to_body().unwrap().is_empty());
        }};
    }
    for_each_view!(check);
}

#[test]
fn a_known_field_of_another_type_is_an_error_and_no_loss() {
    let mut body = full_body("person");
    body.insert("birth_date".to_owned(), json!(19_640_912));
    assert_eq!(Person::from_body(&body).unwrap_err().fault().code, "record_unreadable");
}

#[test]
fn debug_shows_nothing_of_a_person() {
    let view = Person::from_body(&full_body("person")).unwrap();
    assert_eq!(format!("{view:?}"), "Person { .. }");
}
