//! Calls about scopes in whole that are no plain messages: what is asked by path, and what is answered in lines or bytes.

use fushan_grid_core::wire;
use fushan_grid_core::wire::digest::{DigestReply, FetchRequest};
use fushan_grid_core::wire::pull::PullLine;
use fushan_grid_core::wire::scopes::SnapshotReply;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::{body, fault, header, id_in_path, schema};

/// A scope's name, as it stands in a path.
const SCOPE: &str = "^(district|grid:[0-9]{15}|user:[A-Za-z0-9_]{1,40})$";

/// Their paths.
pub(super) fn paths(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut paths = Map::new();
    let mut add = |path: &str, item: Value| paths.insert(path.to_owned(), item);
    add("/v1/snapshot/{scope}", json!({"get": snapshot(generator)}));
    add("/v1/snapshots/{sha256}", json!({"get": file()}));
    add("/v1/digest/{scope}", json!({"get": digest(generator)}));
    add("/v1/fetch", json!({"post": fetch(generator)}));
    paths
}

fn snapshot(generator: &mut SchemaGenerator) -> Value {
    let told = schema::<SnapshotReply>(generator);
    json!({
        "operationId": "snapshot",
        "summary": "Tells of the immutable file that a new scope is filled from; 404 `no_snapshot` when the feed is quicker.",
        "parameters": [id_in_path("scope", SCOPE)],
        "responses": {
            "200": {"description": "The file", "content": {wire::JSON: {"schema": told}}},
            "default": fault()
        }
    })
}

fn file() -> Value {
    let range = json!({"type": "string", "pattern": "^bytes=[0-9]{1,9}-[0-9]{1,9}$"});
    json!({
        "operationId": "snapshot_file",
        "summary": "Gives bytes of a snapshot, at most 1 MiB at once: zstd over one JSON line for each record, by ascending id.",
        "parameters": [
            id_in_path("sha256", "^[0-9a-f]{64}$"),
            header("Range", false, &range, "The bytes that are wanted; without it the file's beginning")
        ],
        "responses": {
            "206": {
                "description": "Bytes of the file",
                "headers": {"Content-Range": {"schema": {"type": "string"}}},
                "content": {wire::ZSTD: {"schema": {"type": "string", "format": "binary"}}}
            },
            "default": fault()
        }
    })
}

fn digest(generator: &mut SchemaGenerator) -> Value {
    let sums = schema::<DigestReply>(generator);
    json!({
        "operationId": "digest",
        "summary": "Gives the head of a scope and the sums of its 256 buckets, to find what differs.",
        "parameters": [id_in_path("scope", SCOPE)],
        "responses": {
            "200": {"description": "The sums", "content": {wire::JSON: {"schema": sums}}},
            "default": fault()
        }
    })
}

fn fetch(generator: &mut SchemaGenerator) -> Value {
    let request = schema::<FetchRequest>(generator);
    let line = schema::<PullLine>(generator);
    json!({
        "operationId": "fetch",
        "summary": "Gives records by id, or everything in some buckets, as JSON lines that end with the scope's head.",
        "requestBody": body(wire::JSON, &request),
        "responses": {
            "200": {"description": "Lines", "content": {wire::NDJSON: {"schema": {"type": "string"}, "itemSchema": line}}},
            "default": fault()
        }
    })
}
