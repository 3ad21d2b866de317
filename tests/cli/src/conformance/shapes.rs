//! The shape of replies: our media types on everything, errors with a stable code.

use fushan_grid_core::platform::Method;
use fushan_grid_core::wire;
use serde_json::json;

use super::bench::Bench;
use super::rule::{Judged, Rule, holds, refused, same};

/// The rules.
pub fn rules() -> Vec<Rule> {
    let rule = |id, says, check| Rule { id, says, check };
    vec![
        rule("shape.media", "every reply carries one of our media types", media),
        rule("shape.route", "an unknown route is 404 in the error shape", route),
        rule("shape.method", "a wrong method is 405 in the error shape", method),
        rule(
            "shape.malformed",
            "a body that does not read is 400 `malformed`",
            malformed,
        ),
        rule("shape.deep", "a body nested too deep is refused, not crashed on", deep),
        rule(
            "shape.protocol",
            "an unknown protocol is 426 `protocol_unknown`",
            protocol,
        ),
    ]
}

fn media(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    same("hello", phone.hello()?.header("content-type"), wire::JSON)?;
    let scope = format!("grid:{}", phone.grid());
    same(
        "pull",
        phone.pull(&scope, 0, 0, 1)?.header("content-type"),
        wire::NDJSON,
    )?;
    same("an error", phone.push(&[json!(1)])?.header("content-type"), wire::JSON)
}

fn route(bench: &Bench) -> Judged {
    refused(&bench.send(Method::Get, "/v1/nothing", &[], b"")?, 404, "no_such_route")
}

fn method(bench: &Bench) -> Judged {
    refused(
        &bench.send(Method::Get, "/v1/push", &[], b"")?,
        405,
        "method_not_allowed",
    )
}

fn malformed(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let headers = phone.headers(&[("content-type", wire::JSON.to_owned())]);
    for body in [&b"{\"device\":"[..], b"", b"[]", b"\xff\xfe"] {
        let reply = bench.send(Method::Post, "/v1/push", &headers, body)?;
        refused(&reply, 400, "malformed")?;
    }
    Ok(())
}

fn deep(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let headers = phone.headers(&[("content-type", wire::JSON.to_owned())]);
    let body = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let reply = bench.send(Method::Post, "/v1/push", &headers, body.as_bytes())?;
    holds("not a refusal", (400..500).contains(&reply.status))?;
    same("afterwards", phone.hello()?.status, 200)
}

fn protocol(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let message = json!({
        "device": phone.device, "incarnation": phone.incarnation, "app": "conformance", "protocol": [9999], "schema": 1,
        "sent_at": 0
    });
    refused(&phone.post("/v1/hello", &message)?, 426, "protocol_unknown")
}
