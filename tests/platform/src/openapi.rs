//! The wire as an OpenAPI 3.1 document, made from the shapes that the platform reads and writes. `docs/openapi.json` is this
//! document as of the last change; a test compares them.

mod calls;
mod desks;
mod doors;
mod operators;
mod scopes;
mod shape;

use crate::intake::{Order, Taken};
use fushan_grid_core::wire;
use fushan_grid_core::wire::blobs::{ProbeReply, ProbeRequest};
use fushan_grid_core::wire::enrol::{EnrolReply, EnrolRequest, HelloReply, HelloRequest, RefreshReply, RefreshRequest};
use fushan_grid_core::wire::evidence::{
    CheckpointReply, CheckpointRequest, EntriesReply, EntriesRequest, ReceiptsReply, ReceiptsRequest,
};
use fushan_grid_core::wire::fault::FaultReply;
use fushan_grid_core::wire::pull::{PullLine, PullRequest};
use fushan_grid_core::wire::push::{PushReply, PushRequest};
use fushan_grid_core::wire::scopes::{self as wire_scopes, HandoverRequest, PurgedRequest};
use fushan_grid_core::wire::signed::{LeaseReply, LeaseRequest};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A call of the protocol whose request and reply are JSON messages.
struct Message {
    path: &'static str,
    says: &'static str,
    /// Whether it needs a bearer token.
    open: bool,
    request: fn(&mut SchemaGenerator) -> Value,
    reply: fn(&mut SchemaGenerator) -> Value,
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

const fn message<Q: JsonSchema, R: JsonSchema>(path: &'static str, says: &'static str) -> Message {
    Message {
        path,
        says,
        open: false,
        request: schema::<Q>,
        reply: schema::<R>,
    }
}

/// The messages. Add yours here, and its shapes get into the document.
const MESSAGES: &[Message] = &[
    Message {
        open: true,
        ..message::<EnrolRequest, EnrolReply>("/v1/enrol", "Exchanges a one-time code for a phone's credentials.")
    },
    Message {
        open: true,
        ..message::<RefreshRequest, RefreshReply>("/v1/refresh", "Exchanges a refresh token for new credentials.")
    },
    message::<HelloRequest, HelloReply>("/v1/hello", "Greets: versions, staff, scopes, the platform's clock."),
    message::<PushRequest, PushReply>("/v1/push", "Takes operations; one result for each."),
    message::<ProbeRequest, ProbeReply>(
        "/v1/blobs/probe",
        "Tells which photos are stored, as far as the caller may know.",
    ),
    message::<EntriesRequest, EntriesReply>("/v1/evidence", "Takes entries of the phone's evidence chain."),
    message::<ReceiptsRequest, ReceiptsReply>(
        "/v1/evidence/receipts",
        "Gives receipts of the phone's own entries again.",
    ),
    message::<CheckpointRequest, CheckpointReply>("/v1/evidence/checkpoint", "Gives the head of the evidence log."),
    message::<PurgedRequest, wire_scopes::Taken>(
        "/v1/purged",
        "Takes the receipt that nothing of a revoked scope is left on the phone.",
    ),
    message::<HandoverRequest, wire_scopes::Taken>(
        "/v1/handover",
        "Keeps refused operations of a revoked scope for the supervisor.",
    ),
    Message {
        open: true,
        ..message::<LeaseRequest, LeaseReply>(
            "/v1/lease",
            "Gives a locked phone a new lease against a one-time code of the same person.",
        )
    },
];

/// The whole document.
#[must_use]
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| {
        s.definitions_path = "/components/schemas".into();
        s.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let fault = schema::<FaultReply>(&mut generator);
    let mut paths = Map::new();
    for message in MESSAGES {
        paths.insert(message.path.into(), json!({"post": message.operation(&mut generator)}));
    }
    paths.extend(scopes::paths(&mut generator));
    paths.insert("/v1/pull".into(), json!({"post": pull(&mut generator)}));
    paths.insert("/v1/blobs/{hash}".into(), json!({"get": download()}));
    paths.insert("/v1/uploads".into(), json!({"post": upload(), "options": offer()}));
    paths.insert("/v1/uploads/{id}".into(), upload_by_id());
    paths.insert("/channels/v1/orders".into(), json!({"post": order(&mut generator)}));
    paths.extend(calls::paths(desks::CALLS, "operator", &mut generator));
    paths.extend(calls::paths(operators::CALLS, "operator", &mut generator));
    paths.extend(doors::paths(&mut generator));
    paths.insert("/health".into(), json!({"get": health()}));
    let mut schemas = generator.take_definitions(true);
    for schema in schemas.values_mut() {
        // formats of numbers that only Rust knows
        forget_formats(schema);
    }
    let media = json!({wire::JSON: {"schema": fault}});
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fushan Grid: the doors of the district platform",
            "version": wire::PROTOCOL.to_string(),
            "description": "What the messages mean stands in docs/sync-protocol.md for phones, in docs/hall.md for channels, desks and the hall.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        },
        "security": [{"phone": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "phone": {"type": "http", "scheme": "bearer", "description": "Access token of a phone"},
                "channel": {"type": "http", "scheme": "bearer", "description": "Key of a channel"},
                "operator": {"type": "http", "scheme": "bearer", "description": "Token of the district's own systems: desks and operators"},
                "screen": {"type": "http", "scheme": "bearer", "description": "Key of a screen, which only looks"}
            },
            "responses": {"fault": {
                "description": "An error in the platform's own shape. 408, 423, 425, 429 and 5xx are retryable.",
                "content": media
            }},
            "schemas": schemas
        }
    })
}

fn forget_formats(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let number = map
                .get("type")
                .is_some_and(|t| t == "integer" || t == &json!(["integer", "null"]));
            if number {
                let format = map.remove("format");
                let (low, high) = match format.as_ref().and_then(Value::as_str) {
                    Some("uint8") => (json!(0), json!(u8::MAX)),
                    Some("uint") => (json!(0), json!(i64::MAX)),
                    Some("uint32") => (json!(0), json!(u32::MAX)),
                    Some("uint64") => (json!(0), json!(u64::MAX)),
                    _ => (json!(i64::MIN), json!(i64::MAX)),
                };
                map.entry("minimum").or_insert(low);
                map.entry("maximum").or_insert(high);
            }
            map.values_mut().for_each(forget_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_formats),
        _ => {}
    }
}

fn fault() -> Value {
    json!({"$ref": "#/components/responses/fault"})
}

fn body(media: &str, schema: &Value) -> Value {
    json!({"required": true, "content": {media: {"schema": schema}}})
}

impl Message {
    fn operation(&self, generator: &mut SchemaGenerator) -> Value {
        let (request, reply) = ((self.request)(generator), (self.reply)(generator));
        let mut operation = json!({
            "operationId": self.path.trim_start_matches("/v1/").replace('/', "_"),
            "summary": self.says,
            "requestBody": body(wire::JSON, &request),
            "responses": {
                "200": {"description": "Done", "content": {wire::JSON: {"schema": reply}}},
                "default": fault()
            }
        });
        if let (true, Some(map)) = (self.open, operation.as_object_mut()) {
            map.insert("security".into(), json!([]));
        }
        operation
    }
}

fn pull(generator: &mut SchemaGenerator) -> Value {
    let request = schema::<PullRequest>(generator);
    let line = schema::<PullLine>(generator);
    json!({
        "operationId": "pull",
        "summary": "Tells what changed since the phone's cursors, as JSON lines of one snapshot. A reply without the line `end` was cut.",
        "requestBody": body(wire::JSON, &request),
        "responses": {
            "200": {"description": "Lines", "content": {wire::NDJSON: {"schema": {"type": "string"}, "itemSchema": line}}},
            "default": fault()
        }
    })
}

fn header(name: &str, required: bool, schema: &Value, says: &str) -> Value {
    json!({"name": name, "in": "header", "required": required, "schema": schema, "description": says})
}

fn version() -> Value {
    header(
        "Tus-Resumable",
        true,
        &json!({"type": "string", "const": "1.0.0"}),
        "Version of tus",
    )
}

fn checksum() -> Value {
    let schema = json!({"type": "string", "pattern": "^(sha1 [A-Za-z0-9+/]{27}=|sha256 [A-Za-z0-9+/]{43}=)$"});
    header("Upload-Checksum", false, &schema, "Checksum of the bytes in this body")
}

fn id_in_path(name: &str, pattern: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "pattern": pattern}})
}

fn offset() -> Value {
    let number = json!({"type": "integer", "minimum": 0, "maximum": wire::limits::BLOB_BYTES});
    header("Upload-Offset", true, &number, "Place of the first byte in this body")
}

/// Headers that tell where an upload stands.
fn state(says: &str) -> Value {
    let number = json!({"type": "integer", "minimum": 0});
    let text = json!({"type": "string"});
    json!({"description": says, "headers": {
        "Tus-Resumable": {"schema": text}, "Upload-Offset": {"schema": number}, "Upload-Expires": {"schema": text}
    }})
}

fn upload() -> Value {
    let size = json!({"type": "integer", "minimum": 1, "maximum": wire::limits::BLOB_BYTES});
    let digest = json!({"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"});
    let metadata = json!({"type": "string", "pattern": "^[a-z_]{1,20} [A-Za-z0-9+/]{4}$"});
    json!({
        "operationId": "upload",
        "summary": "Opens an upload (tus 1.0, creation), and takes bytes that come along (creation-with-upload).",
        "parameters": [
            version(),
            header("Upload-Length", true, &size, "Bytes of the whole file"),
            header("Repr-Digest", true, &digest, "SHA-256 of the whole file (RFC 9530)"),
            header("Upload-Metadata", false, &metadata, "Keys and base64 values; nothing in it is believed")
        ],
        "responses": {
            "201": {"description": "Open at `Location`", "headers": {
                "Location": {"schema": {"type": "string"}}, "Tus-Resumable": {"schema": {"type": "string"}},
                "Upload-Offset": {"schema": {"type": "integer", "minimum": 0}}
            }},
            "default": fault()
        }
    })
}

fn offer() -> Value {
    json!({"operationId": "upload_offer", "summary": "What the platform offers of tus.", "security": [], "responses": {
        "204": {"description": "Told in headers"}, "default": fault()
    }})
}

fn upload_by_id() -> Value {
    let id = id_in_path("id", "^[0-9a-f]{32}$");
    json!({
        "parameters": [id, version()],
        "head": {
            "operationId": "upload_offset", "summary": "Tells how far an upload is.",
            "responses": {"200": state("Where it stands"), "default": fault()}
        },
        "patch": {
            "operationId": "upload_add",
            "summary": "Adds bytes at the offset. After the last the file is stored when its digest is the announced one; \
                        a 409 tells the offset in `Upload-Offset`.",
            "parameters": [offset(), checksum()],
            "requestBody": body("application/offset+octet-stream", &json!({"type": "string", "format": "binary"})),
            "responses": {"204": state("Taken"), "default": fault()}
        },
        "delete": {
            "operationId": "upload_end", "summary": "Ends an upload that is not wanted any more.",
            "responses": {"204": state("Ended"), "default": fault()}
        }
    })
}

fn download() -> Value {
    json!({
        "operationId": "blob",
        "summary": "Gives a photo's bytes to those who may see it.",
        "parameters": [id_in_path("hash", "^sha256:[0-9a-f]{64}$")],
        "responses": {
            "200": {"description": "The bytes", "content": {wire::BYTES: {"schema": {"type": "string", "format": "binary"}}}},
            "default": fault()
        }
    })
}

fn order(generator: &mut SchemaGenerator) -> Value {
    let (request, reply) = (schema::<Order>(generator), schema::<Taken>(generator));
    json!({
        "operationId": "order",
        "summary": "Takes a report of a channel. One order sent again gets the same answer; other content under its number is a 409.",
        "security": [{"channel": []}],
        "requestBody": body(wire::JSON, &request),
        "responses": {"200": {"description": "Taken", "content": {wire::JSON: {"schema": reply}}}, "default": fault()}
    })
}

fn health() -> Value {
    let told = json!({
        "type": "object", "required": ["ok", "store", "protocol", "version"],
        "properties": {
            "ok": {"type": "boolean"}, "store": {"type": "string"},
            "protocol": {"type": "integer"}, "version": {"type": "string"}
        }
    });
    json!({
        "operationId": "health", "summary": "Whether the platform and its database answer.", "security": [],
        "responses": {"200": {"description": "They do", "content": {wire::JSON: {"schema": told}}}, "default": fault()}
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

    #[test]
    fn the_document_in_docs_is_the_one_the_code_makes() {
        let now = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        if std::env::var_os("FUSHAN_WRITE_OPENAPI").is_some() {
            std::fs::write(KEPT, &now).unwrap();
        }
        let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
        assert!(
            kept == now,
            "docs/openapi.json is behind: run this test with FUSHAN_WRITE_OPENAPI=1"
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        let mut found = 0;
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            found += 1;
        }
        assert!(found > 20, "only {found} references");
    }
}
