//! Brings a body into the one form in which it is stored: capital X, bare telephone numbers, one middle dot.

use serde_json::Value;

use super::{citizen_id, phone, text, uscc};
use crate::model::record::Body;
use crate::model::schema::{FieldType, RegistrySchema};

/// Normalises the known text fields of a body in place; fields the schema does not know are left as they are.
pub fn normalise(schema: &RegistrySchema, kind: &str, body: &mut Body) {
    let Some(spec) = schema.kind(kind) else { return };
    for field in spec.fields.iter().filter(|f| matches!(f.ty, FieldType::Text { .. })) {
        let Some(Value::String(value)) = body.get_mut(&field.name) else {
            continue;
        };
        *value = match field.rule.as_deref() {
            Some("citizen_id") => citizen_id::normalise(value),
            Some("uscc") => uscc::normalise(value),
            Some("mobile_or_phone") => phone::normalise(value),
            Some("person_name") => text::normalise_name(value),
            _ => text::compose(value),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::packs;
    use serde_json::json;

    #[test]
    fn what_people_type_is_stored_in_one_form_and_unknown_fields_stay() {
        let Value::Object(mut body) = json!({
            "name": " 阿依古丽•买买提 ", "id_number": "11010519491231002x", "phone": "+86 169-3451-5707",
            "from_a_newer_platform": "e\u{301} ", "birth_date": 7
        }) else {
            panic!()
        };
        normalise(&packs::registry().unwrap(), "person", &mut body);
        let expected = json!({
            "name": "阿依古丽·买买提", "id_number": "11010519491231002X", "phone": "16934515707",
            "from_a_newer_platform": "e\u{301} ", "birth_date": 7
        });
        assert_eq!(Value::Object(body), expected);
    }
}
