//! Checks a record's body against the registry schema: types, bounds, code lists, and the rules of single fields.
//!
//! Fields the schema does not know come from a newer platform; they are kept and not judged.

use chrono::NaiveDate;
use serde_json::Value;

use super::finding::Finding;
use super::{citizen_id, cross, phone, text, uscc};
use crate::model::area::AreaCode;
use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::record::Body;
use crate::model::schema::{FieldSpec, FieldType, KindSpec, RegistrySchema};
use crate::model::time::UtcMillis;

/// Checks a whole record: every known field, the required ones, and the rules between fields.
#[must_use]
pub fn validate_record(schema: &RegistrySchema, kind: &str, body: &Body, today: NaiveDate) -> Vec<Finding> {
    let Some(spec) = schema.kind(kind) else {
        return vec![Finding::error("", "unknown_kind")];
    };
    let missing = spec.fields.iter().filter(|f| f.required && !is_set(body, &f.name));
    let mut findings: Vec<Finding> = missing.map(|f| Finding::error(&f.name, "required_missing")).collect();
    findings.extend(check_fields(schema, spec, body, today));
    findings.extend(cross::check(schema, spec, body, today));
    findings
}

/// Checks the fields of a change, where `null` clears a field: a required one may not be cleared.
#[must_use]
pub fn validate_change(schema: &RegistrySchema, kind: &str, set: &Body, today: NaiveDate) -> Vec<Finding> {
    let Some(spec) = schema.kind(kind) else {
        return vec![Finding::error("", "unknown_kind")];
    };
    let cleared = spec
        .fields
        .iter()
        .filter(|f| f.required && set.contains_key(&f.name) && !is_set(set, &f.name));
    let mut findings: Vec<Finding> = cleared.map(|f| Finding::error(&f.name, "required_missing")).collect();
    findings.extend(check_fields(schema, spec, set, today));
    findings
}

/// The calendar day in China (UTC+8) at a moment: the `today` of the checks.
#[must_use]
pub fn china_day(now: UtcMillis) -> NaiveDate {
    chrono::DateTime::from_timestamp_millis(now.plus(8 * 3_600_000).0).map_or(NaiveDate::MAX, |t| t.date_naive())
}

/// Whether a field holds something: neither absent, `null`, nor an empty text.
pub(super) fn is_set(body: &Body, field: &str) -> bool {
    !matches!(body.get(field), None | Some(Value::Null)) && body.get(field).and_then(Value::as_str) != Some("")
}

fn check_fields(schema: &RegistrySchema, spec: &KindSpec, body: &Body, today: NaiveDate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for field in spec.fields.iter().filter(|f| is_set(body, &f.name)) {
        let Some(value) = body.get(&field.name) else { continue };
        match type_problem(schema, field, value) {
            Some(finding) => findings.push(finding),
            None => findings.extend(rule_problem(field, value, body, today)),
        }
    }
    findings
}

fn type_problem(schema: &RegistrySchema, field: &FieldSpec, value: &Value) -> Option<Finding> {
    let code = match &field.ty {
        FieldType::Text { max } => text_problem(value, *max),
        FieldType::Code { list } => return code_problem(schema, field, list, value),
        FieldType::Area { digits } => unless(is_area(value, *digits), "area_code_invalid"),
        FieldType::Date => unless(date_of(value).is_some(), "date_invalid"),
        FieldType::Timestamp => unless(value.as_i64().is_some_and(|t| t >= 0), "timestamp_invalid"),
        FieldType::Integer { min, max } => integer_problem(value, *min, *max),
        FieldType::Decimal { digits, scale } => unless(is_decimal(value, *digits, *scale), "decimal_invalid"),
        FieldType::Boolean => unless(value.is_boolean(), "wrong_type"),
        FieldType::Reference { .. } => unless(is_reference(value), "reference_invalid"),
        FieldType::Point => unless(is_point(value), "point_invalid"),
        FieldType::List => unless(is_list(value), "wrong_type"),
    };
    code.map(|c| Finding::error(&field.name, c))
}

fn unless(fine: bool, code: &'static str) -> Option<&'static str> {
    (!fine).then_some(code)
}

fn text_problem(value: &Value, max: u32) -> Option<&'static str> {
    let Some(text) = value.as_str() else {
        return Some("wrong_type");
    };
    let too_long = usize::try_from(max).is_ok_and(|max| text.chars().count() > max);
    if too_long {
        Some("text_too_long")
    } else {
        unless(text::is_showable(text), "text_characters")
    }
}

fn code_problem(schema: &RegistrySchema, field: &FieldSpec, list: &str, value: &Value) -> Option<Finding> {
    let Some(code) = value.as_str() else {
        return Some(Finding::error(&field.name, "wrong_type"));
    };
    let Some(list) = schema.code_list(list) else {
        return Some(Finding::warning(&field.name, "code_list_missing"));
    };
    let known = list.codes.iter().any(|c| c.code == code);
    let not_loaded = list.open && list.codes.is_empty();
    match (known || not_loaded, list.open) {
        (true, _) => None,
        (false, true) => Some(Finding::warning(&field.name, "unknown_code")),
        (false, false) => Some(Finding::error(&field.name, "unknown_code")),
    }
}

fn is_area(value: &Value, digits: u32) -> bool {
    let code = value.as_str().and_then(|s| s.parse::<AreaCode>().ok());
    code.is_some_and(|c| u32::try_from(c.as_str().len()) == Ok(digits))
}

/// A date exactly as `YYYY-MM-DD`.
pub(super) fn date_of(value: &Value) -> Option<NaiveDate> {
    let text = value.as_str().filter(|s| s.len() == 10)?;
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn integer_problem(value: &Value, min: i64, max: i64) -> Option<&'static str> {
    match value.as_i64() {
        None => Some("wrong_type"),
        Some(n) => unless((min..=max).contains(&n), "number_out_of_range"),
    }
}

fn is_decimal(value: &Value, digits: u32, scale: u32) -> bool {
    let Some(text) = value.as_str() else { return false };
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = bare.split_once('.').map_or((bare, None), |(w, f)| (w, Some(f)));
    let fits = |part: &str, most: u32| {
        (1..=most).contains(&u32::try_from(part.len()).unwrap_or(u32::MAX)) && part.bytes().all(|b| b.is_ascii_digit())
    };
    fits(whole, digits) && fraction.is_none_or(|f| fits(f, scale))
}

fn is_reference(value: &Value) -> bool {
    value.as_str().is_some_and(|s| s.parse::<RecordId>().is_ok())
}

/// A point of this earth, and not null island.
fn is_point(value: &Value) -> bool {
    let Ok(point) = serde_json::from_value::<Point>(value.clone()) else {
        return false;
    };
    let on_globe = point.lon_e7.unsigned_abs() <= 1_800_000_000 && point.lat_e7.unsigned_abs() <= 900_000_000;
    on_globe && (point.lon_e7, point.lat_e7) != (0, 0)
}

fn is_list(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(Value::is_object))
}

/// The extra rule of a field whose type fits.
fn rule_problem(field: &FieldSpec, value: &Value, body: &Body, today: NaiveDate) -> Option<Finding> {
    let text = value.as_str()?;
    let code = match field.rule.as_deref()? {
        "citizen_id" if cross::is_citizen_id(&field.name, body) => citizen_id::check(text, today).err()?.code(),
        "uscc" => uscc::check(text).err()?.code(),
        "mobile_or_phone" => unless(phone::is_callable(text), "phone_invalid")?,
        "person_name" => text::name_problem(text)?,
        _ => return None,
    };
    Some(Finding::error(&field.name, code))
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
