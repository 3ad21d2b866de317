//! Doors that speak in other forms than the protocol's messages: the hall's screen, Open311, reports, figures.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::calls::{self, Call, get};
use super::fault;
use super::shape::{any_object, count, list, maybe, object, text, whole, yes};

/// What the screen reads.
pub(super) const SCREEN: &[Call] = &[
    get(
        "/hall/v1/map",
        "Grids with their boundaries, in ten-millionths of a degree.",
        |_| {
            let point = json!({"type": "array", "items": whole(), "minItems": 2, "maxItems": 2});
            let grid = object(&[("code", text()), ("name", text()), ("ring", list(&point))]);
            object(&[("district", maybe(&text())), ("grids", list(&grid))])
        },
    ),
    get(
        "/hall/v1/now",
        "Today's incidents by step and level, what is overdue, load of grids, the last steps.",
        |_| {
            let step = object(&[
                ("zh", text()),
                ("en", text()),
                ("levels", list(&count())),
                ("today", count()),
                ("all", count()),
                ("overdue", count()),
            ]);
            let late = object(&[
                ("case_no", text()),
                ("category", text()),
                ("level", count()),
                ("grid", text()),
                ("due", maybe(&whole())),
                ("org", text()),
            ]);
            let taken = object(&[
                ("at", whole()),
                ("zh", maybe(&text())),
                ("case_no", text()),
                ("category", text()),
                ("grid", text()),
            ]);
            object(&[
                ("alarms", json!({"type": "object", "additionalProperties": count()})),
                ("now", whole()),
                ("offset_minutes", whole()),
                ("today", count()),
                ("open", count()),
                ("overdue", count()),
                ("closed_today", count()),
                ("steps", list(&step)),
                ("grids", list(&json!({"type": "array", "minItems": 3, "maxItems": 3}))),
                ("late", list(&late)),
                ("feed", list(&taken)),
            ])
        },
    ),
];

/// All of them.
pub(super) fn paths(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut paths = calls::paths(SCREEN, "screen", generator);
    let mut add = |path: &str, item: Value| paths.insert(path.to_owned(), item);
    add(
        "/hall",
        json!({"get": page("hall", "The screen, one page; its key stands after the `#`.", "text/html; charset=utf-8")}),
    );
    add(
        "/open311/v2/discovery.{format}",
        read("discovery", "What this door is and where it lies.", &[], &discovery()),
    );
    add(
        "/open311/v2/services.{format}",
        read("services", "What may be reported.", &[], &list(&service())),
    );
    add(
        "/open311/v2/services/{code}.{format}",
        read(
            "service",
            "What a service asks for.",
            &[path("code", "^[A-Z][0-9]{2}(\\.[0-9]{2})?$")],
            &definition(),
        ),
    );
    let mut requests = read(
        "requests",
        "Requests that fit, the latest first, at most 1,000.",
        &filters(),
        &list(&request()),
    );
    if let Some(item) = requests.as_object_mut() {
        item.insert("post".to_owned(), create());
    }
    add("/open311/v2/requests.{format}", requests);
    add(
        "/open311/v2/requests/{id}.{format}",
        read(
            "request",
            "One request.",
            &[path("id", "^[0-9]{19}$"), query("api_key", &text())],
            &list(&request()),
        ),
    );
    let token = list(&object(&[("service_request_id", text()), ("token", text())]));
    add(
        "/open311/v2/tokens/{token}.{format}",
        read(
            "token",
            "The number of a token.",
            &[path("token", "^[0-9a-f-]{36}$")],
            &token,
        ),
    );
    add("/admin/v1/reports/{what}", json!({"get": report()}));
    add("/metrics", json!({"get": figures()}));
    paths
}

fn path(name: &str, pattern: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "pattern": pattern}})
}

fn query(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": schema})
}

fn page(id: &str, says: &str, media: &str) -> Value {
    json!({
        "operationId": id, "summary": says, "security": [],
        "responses": {"200": {"description": "The page", "content": {media: {"schema": text()}}}, "default": fault()}
    })
}

/// Errors of Open311 have the standard's shape, in the form that was asked for; a path that is none has the platform's.
fn wrong() -> Value {
    json!({"description": "An error in the standard's shape", "content": {
        "application/json": {"schema": errors()}, "text/xml": {"schema": text()}
    }})
}

fn errors() -> Value {
    list(&object(&[("code", text()), ("description", text())]))
}

fn responses(status: &str, shape: &Value) -> Value {
    let done = json!({"description": "Done", "content": {"application/json": {"schema": shape}, "text/xml": {"schema": text()}}});
    // a form that is neither of the two is a path that is none
    let none = json!({"description": "An error in the standard's shape, or of the platform where there is no such path", "content": {
        "application/json": {"schema": errors()}, "text/xml": {"schema": text()},
        fushan_grid_core::wire::JSON: {"schema": {"$ref": "#/components/schemas/FaultReply"}}
    }});
    json!({status: done, "400": wrong(), "403": wrong(), "404": none, "default": fault()})
}

fn shared() -> Vec<Value> {
    vec![
        json!({"name": "format", "in": "path", "required": true, "schema": {"enum": ["json", "xml"]}}),
        query("jurisdiction_id", &json!({"enum": ["", "370611"]})),
    ]
}

fn read(id: &str, says: &str, parts: &[Value], shape: &Value) -> Value {
    let mut parameters = shared();
    parameters.extend_from_slice(parts);
    json!({"get": {
        "operationId": format!("open311_{id}"), "summary": says, "security": [], "parameters": parameters,
        "responses": responses("200", shape)
    }})
}

fn discovery() -> Value {
    let endpoint = object(&[
        ("specification", text()),
        ("url", text()),
        ("changeset", text()),
        ("type", text()),
        ("formats", list(&text())),
    ]);
    object(&[
        ("changeset", text()),
        ("contact", maybe(&text())),
        ("key_service", text()),
        ("endpoints", list(&endpoint)),
    ])
}

fn service() -> Value {
    object(&[
        ("service_code", text()),
        ("service_name", text()),
        ("description", text()),
        ("metadata", yes()),
        ("type", text()),
        ("keywords", text()),
        ("group", maybe(&text())),
    ])
}

fn definition() -> Value {
    object(&[("service_code", text()), ("attributes", list(&any_object()))])
}

fn filters() -> Vec<Value> {
    let moment = json!({"type": "string", "format": "date-time"});
    vec![
        query("service_request_id", &text()),
        query("service_code", &text()),
        query("status", &text()),
        query("start_date", &moment),
        query("end_date", &moment),
        query("api_key", &text()),
    ]
}

fn request() -> Value {
    let or_null = maybe(&text());
    let degrees = maybe(&json!({"type": "number"}));
    object(&[
        ("service_request_id", text()),
        ("status", json!({"enum": ["open", "closed"]})),
        ("status_notes", or_null.clone()),
        ("service_name", or_null.clone()),
        ("service_code", text()),
        ("description", or_null.clone()),
        ("agency_responsible", or_null.clone()),
        ("service_notice", or_null.clone()),
        ("requested_datetime", or_null.clone()),
        ("updated_datetime", or_null.clone()),
        ("expected_datetime", or_null.clone()),
        ("address", or_null.clone()),
        ("address_id", or_null.clone()),
        ("zipcode", or_null.clone()),
        ("lat", degrees.clone()),
        ("long", degrees),
        ("media_url", or_null),
    ])
}

fn create() -> Value {
    let names = [
        "api_key",
        "service_code",
        "lat",
        "long",
        "address_string",
        "address_id",
        "description",
        "first_name",
        "last_name",
        "phone",
        "email",
        "media_url",
        "jurisdiction_id",
    ];
    let properties: Map<String, Value> = names.into_iter().map(|name| (name.to_owned(), text())).collect();
    let form =
        json!({"type": "object", "required": ["api_key", "service_code", "description"], "properties": properties});
    let created = object(&[
        ("service_request_id", text()),
        ("service_notice", maybe(&text())),
        ("account_id", maybe(&text())),
    ]);
    json!({
        "operationId": "open311_create",
        "summary": "Takes a request. Attributes of the service come as `attribute[code]`.",
        "security": [],
        "parameters": [{"name": "format", "in": "path", "required": true, "schema": {"enum": ["json", "xml"]}}],
        "requestBody": {"required": true, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": responses("201", &list(&created))
    })
}

fn report() -> Value {
    let what = "^(weekly|monthly)-20(2[4-9])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])-370611\\.(json|csv|xlsx|html)$";
    json!({
        "operationId": "report",
        "summary": "A report by kind, a day of its period, area and form, as in `monthly-2026-09-01-370611.html`.",
        "security": [{"operator": []}],
        "parameters": [path("what", what)],
        "responses": {
            "200": {"description": "The report", "content": {
                fushan_grid_core::wire::JSON: {"schema": any_object()},
                "text/csv": {"schema": text()},
                "text/html": {"schema": text()},
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {"schema": {"type": "string", "format": "binary"}}
            }},
            "default": fault()
        }
    })
}

fn figures() -> Value {
    json!({
        "operationId": "metrics", "summary": "Figures in OpenMetrics' text form.", "security": [{"operator": []}],
        "responses": {
            "200": {"description": "Figures", "content": {"application/openmetrics-text": {"schema": text()}}},
            "default": fault()
        }
    })
}
