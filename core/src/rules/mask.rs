//! What of personal data is shown by default (domain dictionary 3.5): enough to recognise, too little to copy.

use serde_json::Value;

use crate::model::record::Body;
use crate::model::schema::{FieldSpec, FieldType, KindSpec, Sensitivity};

/// What stands for something hidden as a whole.
const HIDDEN: &str = "***";

/// A body with every personal field masked; C0 and C1 fields and those the schema does not know by name stay hidden or open
/// by their class: an unknown field counts as personal.
#[must_use]
pub fn mask_body(spec: &KindSpec, body: &Body) -> Body {
    body.iter()
        .map(|(name, value)| {
            let shown = match spec.field(name) {
                Some(field) if field.class <= Sensitivity::C1 => value.clone(),
                Some(field) => mask_field(field, value),
                None => Value::from(HIDDEN),
            };
            (name.clone(), shown)
        })
        .collect()
}

fn mask_field(field: &FieldSpec, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) => Value::from(mask_text(field, text)),
        Value::Bool(_) | Value::Number(_) if field.class == Sensitivity::C2 => value.clone(),
        _ => Value::from(HIDDEN),
    }
}

/// Codes, areas and references name nobody once name and number are masked; free text does.
fn mask_text(field: &FieldSpec, text: &str) -> String {
    match (field.rule.as_deref(), &field.ty) {
        (Some("person_name"), _) => name(text),
        (Some("citizen_id"), _) => identity_number(text),
        (Some("mobile_or_phone"), _) => phone(text),
        _ if field.name.ends_with("addr") || field.name == "address" => address(text),
        (_, FieldType::Code { .. } | FieldType::Area { .. } | FieldType::Reference { .. } | FieldType::Date)
            if field.class == Sensitivity::C2 =>
        {
            text.to_owned()
        }
        (_, FieldType::Date) => format!("{}*", text.get(..3).unwrap_or_default()),
        _ => HIDDEN.to_owned(),
    }
}

/// `张*`, `张*明`: the family name, and the last character of a longer name.
#[must_use]
pub fn name(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        [] => String::new(),
        [_] => "*".to_owned(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

/// The first four and the last two characters.
#[must_use]
pub fn identity_number(text: &str) -> String {
    ends(text, 4, 2)
}

/// `138****5678`: the first three and the last four digits.
#[must_use]
pub fn phone(text: &str) -> String {
    ends(text, 3, 4)
}

/// An address down to its building; down to its village or road when it names no building.
#[must_use]
pub fn address(text: &str) -> String {
    for marks in [
        ["号楼", "栋", "幢", "楼"].as_slice(),
        &["村", "社区", "小区", "路", "街"],
    ] {
        let first = marks.iter().filter_map(|m| Some(text.find(m)? + m.len())).min();
        if let Some(kept) = first.and_then(|end| text.get(..end)) {
            let rest = if kept.len() == text.len() { "" } else { HIDDEN };
            return format!("{kept}{rest}");
        }
    }
    HIDDEN.to_owned()
}

fn ends(text: &str, head: usize, tail: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= head + tail {
        return "*".repeat(chars.len());
    }
    let hidden = chars.len() - head - tail;
    let start: String = chars.iter().take(head).collect();
    let end: String = chars.iter().skip(head + hidden).collect();
    format!("{start}{}{end}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::packs;
    use serde_json::json;

    #[test]
    fn names_numbers_and_addresses_show_enough_to_recognise_and_no_more() {
        assert_eq!(name("张三"), "张*");
        assert_eq!(name("欧阳小明"), "欧**明");
        assert_eq!(name("𠮷野"), "𠮷*");
        assert_eq!(identity_number("370699196409124494"), "3706************94");
        assert_eq!(phone("16934515707"), "169****5707");
        assert_eq!(phone("110"), "***");
        assert_eq!(address("海棠社区3号楼2单元501"), "海棠社区3号楼***");
        assert_eq!(
            address("海棠社区3号楼2单元501号"),
            "海棠社区3号楼***",
            "the door is not shown"
        );
        assert_eq!(
            [address("松岭村"), address("松岭村12号"), address("某处")],
            ["松岭村", "松岭村***", "***"]
        );
    }

    #[test]
    fn a_masked_person_holds_none_of_the_personal_values() {
        let schema = packs::registry().unwrap();
        let person = json!({"name": "测试甲01", "id_number": "370699196409124494", "phone": "16934515707",
                            "live_addr": "海棠社区3号楼2单元501", "from_a_newer_platform": "canary",
                            "care_need": "陪同就医", "notes": [{"text": "独居"}], "birth_date": "1964-09-12",
                            "sex": "1", "status": "12"});
        let masked = mask_body(schema.kind("person").unwrap(), person.as_object().unwrap());
        let shown = Value::Object(masked).to_string();
        for secret in [
            "测试甲01",
            "370699196409124494",
            "16934515707",
            "501",
            "canary",
            "就医",
            "独居",
            "1964",
        ] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        for open in [r#""sex":"1""#, r#""status":"12""#, r#""birth_date":"196*""#] {
            assert!(shown.contains(open), "{open} not in {shown}");
        }
    }
}
