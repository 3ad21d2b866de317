//! Rules between fields of one record (domain dictionary 3.4).

use chrono::NaiveDate;
use serde_json::Value;

use super::citizen_id;
use super::finding::Finding;
use super::validate::{date_of, is_set};
use crate::model::record::Body;
use crate::model::schema::{KindSpec, RegistrySchema};

/// Code of the resident identity card in GA/T 517.
const RESIDENT_CARD: &str = "111";

/// Checks what fields say about each other.
#[must_use]
pub(super) fn check(schema: &RegistrySchema, spec: &KindSpec, body: &Body, today: NaiveDate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for field in spec.fields.iter().filter(|f| f.rule.as_deref() == Some("citizen_id")) {
        findings.extend(identity(schema, &field.name, body, today));
    }
    findings.extend(birth_not_ahead(body, today));
    findings.extend(credit_code_or_reason(spec, body));
    findings.extend(tenants_of_a_letting(body));
    findings
}

/// Whether the number in `field` is a citizen number: its document type says so, or nothing else.
pub(super) fn is_citizen_id(field: &str, body: &Body) -> bool {
    let type_field = match field {
        "id_number" => "id_type".to_owned(),
        other => format!("{other}_type"),
    };
    body.get(&type_field)
        .and_then(Value::as_str)
        .is_none_or(|t| t.is_empty() || t == RESIDENT_CARD)
}

/// Division at issue, and agreement of the record's sex and birth date with the person's own number.
fn identity(schema: &RegistrySchema, field: &str, body: &Body, today: NaiveDate) -> Vec<Finding> {
    let number = body
        .get(field)
        .and_then(Value::as_str)
        .filter(|_| is_citizen_id(field, body));
    let Some((number, told)) = number.and_then(|n| Some((n, citizen_id::check(n, today).ok()?))) else {
        return Vec::new();
    };
    let mut findings: Vec<Finding> = division(schema, field, number).into_iter().collect();
    if field == "id_number" {
        let sex = body.get("sex").and_then(Value::as_str);
        if sex.is_some_and(|s| matches!(s, "1" | "2") && !s.starts_with(told.sex)) {
            findings.push(Finding::error("sex", "id_sex_mismatch"));
        }
        let birth = body.get("birth_date").and_then(date_of);
        if birth.is_some_and(|b| b != told.birth) {
            findings.push(Finding::error("birth_date", "id_birth_mismatch"));
        }
    }
    findings
}

/// A number keeps the division of its issue for ever, so an unknown one is a warning. A list `refused_division`
/// names prefixes that a live district does not take, such as the fictional 370699.
fn division(schema: &RegistrySchema, field: &str, number: &str) -> Option<Finding> {
    let listed = |list: &str, code: &str| {
        let list = schema.code_list(list);
        list.is_some_and(|l| l.codes.iter().any(|c| c.code == code))
    };
    let prefixes = [6, 4, 2, 1].into_iter().filter_map(|n| number.get(..n));
    let mut known = prefixes.clone().filter(|p| listed("division", p));
    if prefixes.clone().any(|p| listed("refused_division", p)) {
        Some(Finding::error(field, "id_refused_division"))
    } else if known.next().is_none() {
        Some(Finding::warning(field, "id_unknown_division"))
    } else {
        None
    }
}

fn birth_not_ahead(body: &Body, today: NaiveDate) -> Option<Finding> {
    let birth = body.get("birth_date").and_then(date_of)?;
    (birth > today).then(|| Finding::error("birth_date", "date_in_future"))
}

/// A small shop may have no credit code, but then somebody says why.
fn credit_code_or_reason(spec: &KindSpec, body: &Body) -> Option<Finding> {
    spec.field("no_uscc_reason")?;
    let silent = !is_set(body, "uscc") && !is_set(body, "no_uscc_reason");
    silent.then(|| Finding::warning("uscc", "uscc_or_reason_missing"))
}

fn tenants_of_a_letting(body: &Body) -> Option<Finding> {
    let occupied = body.get("occupants").and_then(Value::as_i64).is_some_and(|n| n > 0);
    let named = body
        .get("tenants")
        .and_then(Value::as_array)
        .is_some_and(|t| !t.is_empty());
    (occupied && !named).then(|| Finding::warning("tenants", "tenants_missing"))
}
