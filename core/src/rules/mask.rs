//! What a screen shows of personal data by default (domain dictionary 3.5). A masked body is for showing, never for
//! storing or sending.

use serde_json::Value;

use crate::model::record::Body;
use crate::model::schema::{FieldSpec, FieldType, RegistrySchema, SearchRole, Sensitivity};

/// What stands for something hidden as a whole.
pub const HIDDEN: &str = "***";

/// 张* or 张*明.
#[must_use]
pub fn name(name: &str) -> String {
    keep(name, 1, usize::from(name.chars().count() > 2))
}

/// `3706**********34`.
#[must_use]
pub fn id_number(number: &str) -> String {
    keep(number, 4, 2)
}

/// `138****5678`; of a shorter number only the last two digits.
#[must_use]
pub fn phone(number: &str) -> String {
    if number.chars().count() >= 11 {
        keep(number, 3, 4)
    } else {
        keep(number, 0, 2)
    }
}

/// An address up to its building; up to its village or road when it names no building.
#[must_use]
pub fn address(address: &str) -> String {
    for ends in [
        ["号楼", "栋", "幢", "楼"].as_slice(),
        &["小区", "村", "社区", "路", "街", "镇"],
    ] {
        let cut = ends
            .iter()
            .filter_map(|end| Some(address.find(end)?.saturating_add(end.len())))
            .min();
        if let Some(shown) = cut.and_then(|c| address.get(..c)) {
            return if shown.len() == address.len() {
                shown.to_owned()
            } else {
                format!("{shown}{HIDDEN}")
            };
        }
    }
    HIDDEN.to_owned()
}

/// Keeps some characters at both ends; a text that would show whole shows nothing.
fn keep(text: &str, first: usize, last: usize) -> String {
    let length = text.chars().count();
    let shown = first.saturating_add(last);
    if length <= shown {
        return "*".repeat(length);
    }
    let tail_from = length.saturating_sub(last);
    text.chars()
        .enumerate()
        .map(|(i, c)| if i < first || i >= tail_from { c } else { '*' })
        .collect()
}

/// The body as a screen shows it: public and internal fields open, personal ones masked, and what the schema does not
/// know hidden, since its class is not known either.
#[must_use]
pub fn body(schema: &RegistrySchema, kind: &str, body: &Body) -> Body {
    let spec = schema.kind(kind);
    body.iter()
        .map(|(field, shown)| {
            let masked = match spec.and_then(|s| s.field(field)) {
                Some(known) => value(known, shown),
                None => Value::from(HIDDEN),
            };
            (field.clone(), masked)
        })
        .collect()
}

fn value(field: &FieldSpec, shown: &Value) -> Value {
    match (field.class, shown) {
        (Sensitivity::C0 | Sensitivity::C1, _) | (_, Value::Null) => shown.clone(),
        (Sensitivity::C2, Value::String(text)) => personal(field, text).into(),
        (Sensitivity::C2, Value::Bool(_) | Value::Number(_)) => shown.clone(),
        (Sensitivity::C3, Value::String(text)) => sensitive(field, text).into(),
        _ => HIDDEN.into(),
    }
}

/// Codes, areas and references name nobody once name and number are masked.
fn personal(field: &FieldSpec, text: &str) -> String {
    match (&field.ty, field.rule.as_deref()) {
        (_, Some("person_name")) => name(text),
        (_, Some("mobile_or_phone")) => phone(text),
        (_, Some("citizen_id")) => id_number(text),
        (FieldType::Text { .. }, _) if field.search == Some(SearchRole::Address) || is_address(&field.name) => {
            address(text)
        }
        (FieldType::Code { .. } | FieldType::Area { .. } | FieldType::Reference { .. }, _) => text.to_owned(),
        _ => HIDDEN.to_owned(),
    }
}

fn is_address(name: &str) -> bool {
    name == "address" || name.ends_with("_addr") || name.ends_with("_address")
}

/// A number shows its ends, a date of birth its decade, everything else nothing.
fn sensitive(field: &FieldSpec, text: &str) -> String {
    match (&field.ty, field.rule.as_deref()) {
        (_, Some("citizen_id")) => id_number(text),
        (FieldType::Date, _) => text
            .get(..3)
            .map_or_else(|| HIDDEN.to_owned(), |decade| format!("{decade}*")),
        _ => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::packs;
    use serde_json::json;

    #[test]
    fn names_numbers_and_addresses_are_masked_as_the_dictionary_says() {
        assert_eq!(
            [name("张三"), name("张小明"), name("𠮷"), name("")],
            ["张*", "张*明", "*", ""]
        );
        assert_eq!(name("阿依古丽·买买提"), "阿******提");
        assert_eq!(id_number("370699196409124494"), "3706************94");
        assert_eq!([id_number("E12345"), id_number("")], ["******", ""]);
        assert_eq!(
            [phone("13812345678"), phone("05356300000"), phone("12345")],
            ["138****5678", "053****0000", "***45"]
        );
        assert_eq!(address("清洋街道海棠社区3号楼2单元501室"), "清洋街道海棠社区3号楼***");
        assert_eq!(
            [address("松岭村12号"), address("某处"), address("5栋")],
            ["松岭村***", "***", "5栋"]
        );
    }

    #[test]
    fn a_masked_body_holds_nothing_personal_in_clear() {
        let Value::Object(person) = json!({
            "name": "测试甲01", "id_number": "370699196409124494", "sex": "1", "birth_date": "1964-09-12",
            "phone": "16934515707", "live_addr": "海棠社区3号楼2单元501室", "care_need": "需要人陪同就医",
            "notes": [{"id": "1", "text": "家有老人"}], "grid_staff": "s_0012", "status": "12",
            "from_a_newer_platform": "secret", "dwelling": null
        }) else {
            panic!()
        };
        let masked = body(&packs::registry().unwrap(), "person", &person);
        let expected = json!({
            "name": "测***1", "id_number": "3706************94", "sex": "1", "birth_date": "196*",
            "phone": "169****5707", "live_addr": "海棠社区3号楼***", "care_need": "***",
            "notes": "***", "grid_staff": "s_0012", "status": "12",
            "from_a_newer_platform": "***", "dwelling": null
        });
        assert_eq!(Value::Object(masked), expected);
    }

    #[test]
    fn an_unknown_kind_shows_nothing() {
        let Value::Object(any) = json!({"name": "甲乙", "a": 1}) else {
            panic!()
        };
        assert!(
            body(&packs::registry().unwrap(), "spaceship", &any)
                .values()
                .all(|v| v == HIDDEN)
        );
    }
}
