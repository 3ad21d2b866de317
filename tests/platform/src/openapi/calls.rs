//! Calls of one door as lines of a table, and how they become operations of the document.

use fushan_grid_core::wire;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::shape::Shape;
use super::{body, fault};

/// A call.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) says: &'static str,
    /// Parts of path and query: name, and a pattern, `limit` or `any`. A name of the path stands in it in braces.
    pub(super) parts: &'static [(&'static str, &'static str)],
    pub(super) request: Option<Shape>,
    pub(super) reply: Shape,
}

/// A call that only reads.
pub(super) const fn get(path: &'static str, says: &'static str, reply: Shape) -> Call {
    Call {
        method: "get",
        path,
        says,
        parts: &[],
        request: None,
        reply,
    }
}

/// A call that does something.
pub(super) const fn post(path: &'static str, says: &'static str, request: Shape, reply: Shape) -> Call {
    Call {
        method: "post",
        path,
        says,
        parts: &[],
        request: Some(request),
        reply,
    }
}

/// A call that does something and needs to be told nothing.
pub(super) const fn act(path: &'static str, says: &'static str, reply: Shape) -> Call {
    Call {
        method: "post",
        ..get(path, says, reply)
    }
}

impl Call {
    /// With parts of its path and query.
    pub(super) const fn with(self, parts: &'static [(&'static str, &'static str)]) -> Self {
        Self { parts, ..self }
    }

    fn parameters(&self) -> Vec<Value> {
        let parameter = |(name, pattern): &(&str, &str)| {
            let within = if self.path.contains(&format!("{{{name}}}")) {
                "path"
            } else {
                "query"
            };
            let schema = match *pattern {
                "limit" => json!({"type": "integer", "minimum": 1, "maximum": 500}),
                "any" => json!({"type": "string", "minLength": 1}),
                pattern => json!({"type": "string", "pattern": pattern}),
            };
            json!({"name": name, "in": within, "required": within == "path", "schema": schema})
        };
        self.parts.iter().map(parameter).collect()
    }

    fn operation(&self, security: &str, generator: &mut SchemaGenerator) -> Value {
        let reply = (self.reply)(generator);
        let id: String = format!("{} {}", self.method, self.path);
        let id = id
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|part| !part.is_empty());
        let mut operation = json!({
            "operationId": id.collect::<Vec<_>>().join("_"),
            "summary": self.says,
            "security": [{security: []}],
            "responses": {
                "200": {"description": "Done", "content": {wire::JSON: {"schema": reply}}},
                "default": fault()
            }
        });
        if let Some(map) = operation.as_object_mut() {
            if !self.parts.is_empty() {
                map.insert("parameters".into(), json!(self.parameters()));
            }
            if let Some(request) = self.request {
                map.insert("requestBody".into(), body(wire::JSON, &request(generator)));
            }
        }
        operation
    }
}

/// The paths of some calls behind one kind of key.
pub(super) fn paths(calls: &[Call], security: &str, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    for call in calls {
        let operation = call.operation(security, generator);
        let item = paths.entry(call.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(call.method.to_owned(), operation);
        }
    }
    paths
}
