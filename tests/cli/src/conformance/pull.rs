//! State down: cursors, pages, epochs, and the promise that whoever has seen a number has seen all before it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use fushan_grid_core::platform::Method;
use fushan_grid_core::wire;
use serde_json::{Value, json};

use super::bench::{Bench, Phone, Reply, record_id, send, word};
use super::rule::{Judged, Miss, Rule, at, broken, holds, same};

/// The rules.
pub fn rules() -> Vec<Rule> {
    let rule = |id, says, check| Rule { id, says, check };
    vec![
        rule(
            "pull.shape",
            "a reply ends with `end`, a scope with `scope_done` that says whether the head was reached",
            shape,
        ),
        rule(
            "pull.nothing_new",
            "at the head nothing comes, and the scope is complete",
            nothing_new,
        ),
        rule(
            "pull.change_once",
            "a change comes once behind the cursor, with the record as it is now",
            change_once,
        ),
        rule(
            "pull.page_cuts",
            "a scope read line by line is the scope read at once",
            page_cuts,
        ),
        rule("pull.epoch", "a cursor of another epoch is answered `resync`", epoch),
        rule("pull.beyond", "a cursor beyond the head is answered `resync`", beyond),
        rule(
            "pull.foreign_scope",
            "a scope the person does not hold gives nothing",
            foreign_scope,
        ),
        rule(
            "pull.tombstone",
            "a record that ended is told as `gone` to an older cursor",
            tombstone,
        ),
        rule(
            "pull.no_gap",
            "while several phones write, a reader misses nothing behind its cursor",
            no_gap,
        ),
        rule(
            "pull.new_epoch",
            "after a restore every scope is at a new epoch",
            new_epoch,
        ),
    ]
}

fn own_scope(phone: &Phone<'_>) -> String {
    format!("grid:{}", phone.grid())
}

/// Where a reply ends in its scope: epoch, number, whether it is the head.
fn done(reply: &Reply) -> Result<(i64, i64, bool), Miss> {
    let lines = reply.lines();
    let Some(line) = lines.iter().find(|l| l["line"] == "scope_done") else {
        return broken(format!("no scope_done: {} {lines:?}", reply.status));
    };
    Ok((
        at(line, "/epoch").as_i64().unwrap_or(-1),
        at(line, "/seq").as_i64().unwrap_or(-1),
        at(line, "/complete").as_bool().unwrap_or(false),
    ))
}

/// Follows a scope to its head from a cursor.
fn follow(
    phone: &Phone<'_>,
    scope: &str,
    from: (i64, i64),
    page: u64,
    into: &mut BTreeMap<String, i64>,
) -> Result<(i64, i64), Miss> {
    let (mut epoch, mut since) = from;
    for _ in 0..100_000 {
        let reply = phone.pull(scope, epoch, since, page)?;
        take(&reply, into);
        let (e, s, complete) = done(&reply)?;
        holds(
            "a page brings the cursor no further",
            complete || s > since || e != epoch,
        )?;
        (epoch, since) = (e, s);
        if complete {
            return Ok((epoch, since));
        }
    }
    broken("the head is never reached")
}

fn take(reply: &Reply, into: &mut BTreeMap<String, i64>) {
    for line in reply.lines() {
        match line["line"].as_str() {
            Some("put") => {
                let record = &line["record"];
                let id = record["id"].as_str().unwrap_or_default().to_owned();
                into.insert(id, record["rev"].as_i64().unwrap_or(0));
            }
            Some("gone" | "leave") => {
                into.remove(line["id"].as_str().unwrap_or_default());
            }
            _ => {}
        }
    }
}

const WHOLE: u64 = 8 * 1024 * 1024;

fn shape(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    phone.does(phone.create(record_id(), json!({"name": word()})))?;
    let reply = phone.pull(&own_scope(&phone), 0, 0, WHOLE)?;
    same(
        "the last line",
        reply.lines().last().map(|l| l["line"].clone()),
        Some(json!("end")),
    )?;
    let (epoch, seq, complete) = done(&reply)?;
    holds("no epoch or number", epoch > 0 && seq > 0)?;
    holds("not complete", complete)?;
    let puts = reply.lines().into_iter().filter(|l| l["line"] == "put");
    let seqs: Vec<_> = puts.filter_map(|l| l["seq"].as_i64()).collect();
    holds("numbers do not rise", seqs.windows(2).all(|w| w.first() < w.last()))
}

fn nothing_new(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let scope = own_scope(&phone);
    let (epoch, seq, _) = done(&phone.pull(&scope, 0, 0, WHOLE)?)?;
    let reply = phone.pull(&scope, epoch, seq, WHOLE)?;
    same("lines", reply.lines().iter().filter(|l| l["line"] == "put").count(), 0)?;
    same("cursor", done(&reply)?, (epoch, seq, true))
}

fn change_once(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let scope = own_scope(&phone);
    let record = record_id();
    phone.does(phone.create(record, json!({"name": "测试甲"})))?;
    let (epoch, seq, _) = done(&phone.pull(&scope, 0, 0, WHOLE)?)?;
    let mut change = phone.op(
        "person",
        record,
        json!({"do": "patch", "base": {"name": "测试甲"}, "set": {"name": "测试乙"}}),
    );
    change["base_rev"] = json!(1);
    phone.does(change)?;
    let reply = phone.pull(&scope, epoch, seq, WHOLE)?;
    let lines = reply.lines();
    let mine: Vec<_> = lines.iter().filter(|l| l["record"]["id"] == json!(record)).collect();
    same("lines about it", mine.len(), 1)?;
    same(
        "its name",
        mine.first().map(|l| l["record"]["body"]["name"].clone()),
        Some(json!("测试乙")),
    )?;
    let (_, after, _) = done(&reply)?;
    holds("the cursor stands still", after > seq)
}

fn page_cuts(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let scope = own_scope(&phone);
    for _ in 0..5 {
        phone.does(phone.create(record_id(), json!({"name": word()})))?;
    }
    let (mut whole, mut pieces) = (BTreeMap::new(), BTreeMap::new());
    let head = follow(&phone, &scope, (0, 0), WHOLE, &mut whole)?;
    same("the head", follow(&phone, &scope, (0, 0), 1, &mut pieces)?, head)?;
    same("the records", pieces, whole)
}

fn epoch(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let scope = own_scope(&phone);
    let (epoch, seq, _) = done(&phone.pull(&scope, 0, 0, WHOLE)?)?;
    let reply = phone.pull(&scope, epoch + 77, seq, WHOLE)?;
    let line = reply.lines().into_iter().find(|l| l["line"] == "resync");
    same("resync", line.map(|l| l["epoch"].clone()), Some(json!(epoch)))
}

fn beyond(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let scope = own_scope(&phone);
    let (epoch, seq, _) = done(&phone.pull(&scope, 0, 0, WHOLE)?)?;
    let reply = phone.pull(&scope, epoch, seq + 1_000_000, WHOLE)?;
    holds("no resync", reply.lines().iter().any(|l| l["line"] == "resync"))
}

fn foreign_scope(bench: &Bench) -> Judged {
    let (phone, other) = (bench.phone(&bench.worker)?, bench.phone(&bench.neighbour)?);
    other.does(other.create(record_id(), json!({"name": word()})))?;
    let reply = phone.pull(&own_scope(&other), 0, 0, WHOLE)?;
    same(
        "records",
        reply.lines().iter().filter(|l| l["line"] == "put").count(),
        0,
    )
}

fn tombstone(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let scope = own_scope(&phone);
    let record = record_id();
    phone.does(phone.create(record, json!({"name": word()})))?;
    let (epoch, seq, _) = done(&phone.pull(&scope, 0, 0, WHOLE)?)?;
    let mut end = phone.op("person", record, json!({"do": "withdraw", "reason": "搬走"}));
    end["base_rev"] = json!(1);
    phone.does(end)?;
    let reply = phone.pull(&scope, epoch, seq, WHOLE)?;
    holds(
        "it is not told",
        reply
            .lines()
            .iter()
            .any(|l| l["line"] == "gone" && l["id"] == json!(record)),
    )
}

/// Phones that write at the same time.
const WRITERS: usize = 4;
/// Records each of them makes.
const EACH: usize = 12;

fn no_gap(bench: &Bench) -> Judged {
    let reader = bench.phone(&bench.leader)?;
    let scope = own_scope(&reader);
    let mut seen = BTreeMap::new();
    let mut cursor = follow(&reader, &scope, (0, 0), WHOLE, &mut seen)?;
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push((bench.phone(&bench.leader)?, bench.another_way()?));
    }
    let bodies: Vec<_> = writers
        .iter()
        .map(|(phone, way)| {
            let pushes: Vec<String> = (0..EACH).map(|_| one_push(phone)).collect();
            (phone.headers(&[("content-type", wire::JSON.to_owned())]), way, pushes)
        })
        .collect();
    let over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let running: Vec<_> = bodies
            .iter()
            .map(|(headers, way, pushes)| {
                threads.spawn(move || {
                    pushes.iter().try_for_each(|body| {
                        let reply = send(way, Method::Post, "/v1/push", headers, body.as_bytes())?;
                        same("a push while others push", reply.status, 200)
                    })
                })
            })
            .collect();
        while !running.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            cursor = follow(&reader, &scope, cursor, 2_000, &mut seen)?;
        }
        over.store(true, Ordering::SeqCst);
        running
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| Miss::Skipped("a thread died".into()))?)
    })?;
    follow(&reader, &scope, cursor, WHOLE, &mut seen)?;
    let mut whole = BTreeMap::new();
    follow(&reader, &scope, (0, 0), WHOLE, &mut whole)?;
    let missed: Vec<_> = whole.iter().filter(|(id, rev)| seen.get(*id) != Some(rev)).collect();
    same("missed or old", missed.len(), 0)
}

fn one_push(phone: &Phone<'_>) -> String {
    let op: Value = phone.numbered(phone.create(record_id(), json!({"name": word()})));
    json!({
        "device": phone.device, "incarnation": phone.incarnation, "acked_through": 0, "sent_at": 0, "ops": [op]
    })
    .to_string()
}

fn new_epoch(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let scope = own_scope(&phone);
    let (before, seq, _) = done(&phone.pull(&scope, 0, 0, WHOLE)?)?;
    let reply = bench.operate("/admin/v1/epoch", Some(&json!({})))?;
    if reply.status == 404 {
        return Err(Miss::Skipped("the operators' door has no /admin/v1/epoch".into()));
    }
    same("status", reply.status, 200)?;
    let reply = phone.pull(&scope, before, seq, WHOLE)?;
    let (after, _, _) = done(&reply)?;
    holds("the epoch stands still", after > before)?;
    holds("no resync", reply.lines().iter().any(|l| l["line"] == "resync"))?;
    same(
        "an operation",
        at(
            &phone.does(phone.create(record_id(), json!({"name": word()})))?,
            "/status",
        )
        .as_str(),
        Some("applied"),
    )
}
