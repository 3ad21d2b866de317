//! Enrolment and credentials.

use fushan_grid_core::model::ids::{DeviceId, Incarnation};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::Method;
use fushan_grid_core::wire;
use serde_json::{Value, json};

use super::bench::{Bench, op_id};
use super::rule::{Judged, Miss, Rule, holds, refused, same};

/// The rules.
pub fn rules() -> Vec<Rule> {
    let rule = |id, says, check| Rule { id, says, check };
    vec![
        rule("auth.code_once", "an enrolment code is good once", code_once),
        rule(
            "auth.code_unknown",
            "an unknown code is refused in the error shape",
            code_unknown,
        ),
        rule(
            "auth.no_token",
            "without a token every call of a phone is 401",
            no_token,
        ),
        rule(
            "auth.bad_token",
            "an unknown token is 401 in the error shape",
            bad_token,
        ),
        rule(
            "auth.own_device",
            "a body that names another phone than the token's is 403",
            own_device,
        ),
        rule("auth.operators", "the operators' door wants its own token", operators),
        rule(
            "auth.hello",
            "a greeting tells clock, protocol, schemas, staff, scopes and the next number",
            hello,
        ),
        rule(
            "auth.refresh",
            "a refresh token gets new credentials, and the new ones work",
            refresh,
        ),
    ]
}

fn ids() -> (DeviceId, Incarnation) {
    (DeviceId(op_id().0), Incarnation(op_id().0))
}

fn code_once(bench: &Bench) -> Judged {
    let code = bench.code(&bench.worker)?;
    let (device, incarnation) = ids();
    same("first use", bench.enrol(device, incarnation, &code)?.status, 200)?;
    let (device, incarnation) = ids();
    let again = bench.enrol(device, incarnation, &code)?;
    holds("the second use succeeds", again.status == 403 || again.status == 401)?;
    holds("the refusal has no code", !again.code().is_empty())
}

fn code_unknown(bench: &Bench) -> Judged {
    let (device, incarnation) = ids();
    let reply = bench.enrol(device, incarnation, "0000000000000000")?;
    holds("an unknown code succeeds", matches!(reply.status, 401 | 403))?;
    holds("the refusal has no code", !reply.code().is_empty())
}

fn no_token(bench: &Bench) -> Judged {
    for path in ["/v1/hello", "/v1/push", "/v1/pull", "/v1/blobs/probe"] {
        let headers = [("content-type", wire::JSON.to_owned())];
        let reply = bench.send(Method::Post, path, &headers, b"{}")?;
        same(path, reply.status, 401)?;
        holds(&format!("{path}: the refusal has no code"), !reply.code().is_empty())?;
    }
    Ok(())
}

fn bad_token(bench: &Bench) -> Judged {
    let headers = [
        ("content-type", wire::JSON.to_owned()),
        ("authorization", "Bearer 00".to_owned()),
    ];
    let reply = bench.send(Method::Post, "/v1/hello", &headers, b"{}")?;
    refused(&reply, 401, "token_invalid")
}

fn own_device(bench: &Bench) -> Judged {
    let mut phone = bench.phone(&bench.worker)?;
    let (other, _) = ids();
    phone.device = other;
    refused(&phone.hello()?, 403, "not_this_device")
}

fn operators(bench: &Bench) -> Judged {
    let headers = [
        ("content-type", wire::JSON.to_owned()),
        ("authorization", "Bearer 00".to_owned()),
    ];
    let message = json!({"staff": bench.worker}).to_string();
    let reply = bench.send(Method::Post, "/admin/v1/codes", &headers, message.as_bytes())?;
    same("status", reply.status, 401)
}

fn hello(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let reply = phone.hello()?;
    same("status", reply.status, 200)?;
    for part in [
        "server_time",
        "protocol",
        "schema_min",
        "schema_max",
        "staff",
        "scope_set",
        "expected_n",
    ] {
        holds(&format!("no {part}"), reply.json.get(part).is_some())?;
    }
    same(
        "next number",
        reply.json.get("expected_n").and_then(Value::as_u64),
        Some(1),
    )?;
    let time = reply.json.get("server_time").and_then(Value::as_i64).map(UtcMillis);
    holds("no clock", time.is_some_and(|t| t.0 > 1_577_836_800_000))
}

fn refresh(bench: &Bench) -> Judged {
    let mut phone = bench.phone(&bench.worker)?;
    let token = phone
        .enrolled
        .get("refresh")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if token.is_empty() {
        return Err(Miss::Skipped("the platform gives no refresh tokens".into()));
    }
    let message = json!({"device": phone.device, "refresh": token}).to_string();
    let headers = [("content-type", wire::JSON.to_owned())];
    let reply = bench.send(Method::Post, "/v1/refresh", &headers, message.as_bytes())?;
    same("status", reply.status, 200)?;
    phone.token = reply
        .json
        .get("token")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    same("the new token", phone.hello()?.status, 200)?;
    let stranger = json!({"device": ids().0, "refresh": reply.json.get("refresh")}).to_string();
    let reply = bench.send(Method::Post, "/v1/refresh", &headers, stranger.as_bytes())?;
    holds(
        "another phone may use the refresh token",
        matches!(reply.status, 401 | 403),
    )
}
