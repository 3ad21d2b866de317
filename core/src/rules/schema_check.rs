//! What a registry schema may not contain: the phone holds no specially protected data (domain dictionary 3.5, 3.6).

use std::collections::HashSet;

use crate::model::fault::{Coded, Fault};
use crate::model::schema::{FieldType, KindSpec, RegistrySchema, Sensitivity};

/// Why a schema is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A field of class C4, or one whose name says what a phone may never hold.
    #[error("{kind}.{field} may not be on a phone")]
    ForbiddenField {
        /// The kind.
        kind: String,
        /// The field.
        field: String,
    },
    /// A kind or a field is there twice.
    #[error("{what} is there twice")]
    Repeated {
        /// Kind, or kind and field.
        what: String,
    },
    /// A field names a code list or a kind that the schema does not have.
    #[error("{kind}.{field} names {target}, which is not in the schema")]
    Dangling {
        /// The kind.
        kind: String,
        /// The field.
        field: String,
        /// What it names.
        target: String,
    },
}

impl Coded for SchemaError {
    fn fault(&self) -> Fault {
        match self {
            Self::ForbiddenField { kind, field } => Fault::of("schema_forbidden_field")
                .with("kind", kind)
                .with("field", field),
            Self::Repeated { what } => Fault::of("schema_repeated").with("what", what),
            Self::Dangling { kind, field, target } => Fault::of("schema_dangling")
                .with("kind", kind)
                .with("field", field)
                .with("target", target),
        }
    }
}

/// Data that no kind of record carries on a phone.
const NEVER: &[&str] = &[
    "religion",
    "politics",
    "nation",
    "health",
    "income",
    "diagnosis",
    "hiv",
    "drug_use",
    "mental_illness",
    "corrections",
    "released_prisoner",
    "petition",
    "case_data",
    "key_person",
    "face",
    "fingerprint",
    "special_group",
    "key_youth",
];

/// Data about a person that the dictionary keeps off the phone.
const NEVER_OF_A_PERSON: &[&str] = &[
    "former_name",
    "native_place",
    "marriage",
    "education",
    "occupation_class",
    "occupation",
    "workplace",
    "reg_addr",
    "photo",
];

/// Checks a schema before it is believed.
///
/// # Errors
/// The first reason to refuse it.
pub fn check_schema(schema: &RegistrySchema) -> Result<(), SchemaError> {
    let mut kinds = HashSet::new();
    for kind in &schema.kinds {
        if !kinds.insert(&kind.kind) {
            return Err(SchemaError::Repeated {
                what: kind.kind.clone(),
            });
        }
        check_kind(schema, kind)?;
    }
    Ok(())
}

fn check_kind(schema: &RegistrySchema, kind: &KindSpec) -> Result<(), SchemaError> {
    let mut names = HashSet::new();
    for field in &kind.fields {
        if !names.insert(&field.name) {
            return Err(SchemaError::Repeated {
                what: format!("{}.{}", kind.kind, field.name),
            });
        }
        if field.class == Sensitivity::C4 || is_never(&kind.kind, &field.name) {
            return Err(SchemaError::ForbiddenField {
                kind: kind.kind.clone(),
                field: field.name.clone(),
            });
        }
        check_target(schema, kind, &field.name, &field.ty)?;
    }
    Ok(())
}

fn is_never(kind: &str, field: &str) -> bool {
    let of_person = matches!(kind, "person" | "household" | "visit_task");
    NEVER.contains(&field) || (of_person && NEVER_OF_A_PERSON.contains(&field))
}

fn check_target(schema: &RegistrySchema, kind: &KindSpec, field: &str, ty: &FieldType) -> Result<(), SchemaError> {
    let (target, found) = match ty {
        FieldType::Code { list } => (list, schema.code_list(list).is_some()),
        FieldType::Reference { kind } => (kind, schema.kind(kind).is_some()),
        _ => return Ok(()),
    };
    if found {
        return Ok(());
    }
    Err(SchemaError::Dangling {
        kind: kind.kind.clone(),
        field: field.to_owned(),
        target: target.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::packs;

    fn with_first_field(change: impl Fn(&mut crate::model::schema::FieldSpec)) -> RegistrySchema {
        let mut schema = packs::registry().unwrap();
        change(&mut schema.kinds[0].fields[0]);
        schema
    }

    #[test]
    fn a_field_that_may_never_be_on_a_phone_is_refused_by_class_and_by_name() {
        let c4 = with_first_field(|f| f.class = Sensitivity::C4);
        assert_eq!(check_schema(&c4).unwrap_err().fault().code, "schema_forbidden_field");
        for name in NEVER.iter().chain(NEVER_OF_A_PERSON) {
            let schema = with_first_field(|f| f.name = (*name).to_owned());
            assert_eq!(
                check_schema(&schema).unwrap_err().fault().code,
                "schema_forbidden_field",
                "{name}"
            );
        }
    }

    #[test]
    fn a_field_there_twice_or_naming_nothing_is_refused() {
        let twice = with_first_field(|f| f.name = "sex".to_owned());
        assert_eq!(check_schema(&twice).unwrap_err().fault().code, "schema_repeated");
        let dangling = with_first_field(|f| {
            f.ty = FieldType::Code {
                list: "nowhere".to_owned(),
            }
        });
        assert_eq!(check_schema(&dangling).unwrap_err().fault().code, "schema_dangling");
    }
}
