//! Schemas of the words whose text has a form of its own, for the platform's OpenAPI document.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::digest::Sum;
use super::log::{LogKey, NodeHash};
use super::manifest::Named256;

impl JsonSchema for Named256 {
    fn schema_name() -> Cow<'static, str> {
        "Named256".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "description": "SHA-256 of a text"})
    }
}

impl JsonSchema for Sum {
    fn schema_name() -> Cow<'static, str> {
        "Sum".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "Sum of hashes modulo 2^128, in hexadecimal"})
    }
}

impl JsonSchema for NodeHash {
    fn schema_name() -> Cow<'static, str> {
        "NodeHash".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "contentEncoding": "base64", "description": "A hash of the log's tree"})
    }
}

impl JsonSchema for LogKey {
    fn schema_name() -> Cow<'static, str> {
        "LogKey".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "The log's public key in the form of signed notes: name+hash+base64"})
    }
}
