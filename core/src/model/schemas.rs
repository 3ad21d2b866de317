//! Schemas of the words whose text has a form of its own, for the platform's OpenAPI document.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::area::GridCode;
use super::blob::BlobHash;

impl JsonSchema for BlobHash {
    fn schema_name() -> Cow<'static, str> {
        "BlobHash".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "description": "SHA-256 of a file's bytes"})
    }
}

impl JsonSchema for GridCode {
    fn schema_name() -> Cow<'static, str> {
        "GridCode".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9]{15}$", "description": "Code of a governance grid"})
    }
}
