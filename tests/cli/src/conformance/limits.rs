//! Upper bounds: one more than allowed is refused, and nothing of it is taken.

use fushan_grid_core::wire::limits::{BLOB_BYTES, BODY_BYTES, OPS_PER_PUSH, PUSH_BYTES};
use serde_json::json;

use super::bench::{Bench, record_id, word};
use super::rule::{Judged, Rule, at, holds, same};
use super::uploads::{announce, digest};

/// The rules.
pub fn rules() -> Vec<Rule> {
    let rule = |id, says, check| Rule { id, says, check };
    vec![
        rule(
            "limit.operations",
            "more operations than a push may have are 413, none is taken",
            operations,
        ),
        rule("limit.push_bytes", "a push that is too large is 413", push_bytes),
        rule(
            "limit.record_bytes",
            "a record that is too large is refused for good",
            record_bytes,
        ),
        rule("limit.probes", "more digests than a probe may have are 413", probes),
        rule(
            "limit.photo_bytes",
            "a photo that is too large is 413 at its announcement",
            photo_bytes,
        ),
    ]
}

fn operations(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let first = record_id();
    let mut ops = vec![phone.numbered(phone.create(first, json!({"name": word()})))];
    while ops.len() <= OPS_PER_PUSH {
        ops.push(phone.numbered(phone.create(record_id(), json!({"name": "测试"}))));
    }
    same("status", phone.push(&ops)?.status, 413)?;
    holds("some were taken", phone.held(first)?.get("rev").is_none())
}

fn push_bytes(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let body = json!({"name": word(), "x_long": "长".repeat(PUSH_BYTES / 3 + 100)});
    let reply = phone.push(&[phone.numbered(phone.create(record_id(), body))])?;
    same("status", reply.status, 413)
}

fn record_bytes(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let record = record_id();
    let body = json!({"name": word(), "x_long": "长".repeat(BODY_BYTES / 3 + 100)});
    let result = phone.does(phone.create(record, body))?;
    same("status", at(&result, "/status").as_str(), Some("rejected"))?;
    holds("it was taken", phone.held(record)?.get("rev").is_none())
}

fn probes(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let one = json!({"sha256": digest(b"x").hex(), "bytes": 1});
    let blobs: Vec<_> = (0..101).map(|_| one.clone()).collect();
    same(
        "status",
        phone.post("/v1/blobs/probe", &json!({"blobs": blobs}))?.status,
        413,
    )
}

fn photo_bytes(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let reply = announce(&phone, BLOB_BYTES + 1, &digest(b"x"))?;
    same("status", reply.status, 413)
}
