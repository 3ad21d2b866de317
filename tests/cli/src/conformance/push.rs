//! Operations up: numbers, receipts, groups, refusals.

use fushan_grid_core::model::ids::{GroupId, Incarnation};
use fushan_grid_core::platform::Method;
use fushan_grid_core::wire;
use serde_json::{Value, json};

use super::bench::{Bench, Phone, op_id, record_id, send, word};
use super::rule::{Judged, Miss, Rule, at, broken, holds, refused, same};

/// The rules.
pub fn rules() -> Vec<Rule> {
    let rule = |id, says, check| Rule { id, says, check };
    vec![
        rule(
            "push.applied",
            "an accepted operation returns its record at the new revision",
            applied,
        ),
        rule(
            "push.gap",
            "a gap in the numbers is 409 `held` with the number to start at; nothing is taken",
            gap,
        ),
        rule(
            "push.repeat",
            "a repeat gets the same answer and has no second effect",
            repeat,
        ),
        rule(
            "push.lost_reply",
            "after a lost reply the same operations with more behind them take effect once",
            lost_reply,
        ),
        rule(
            "push.other_hash",
            "a repeat with other content is rejected as `idempotency_mismatch`",
            other_hash,
        ),
        rule(
            "push.forked",
            "a number used for another operation is 409 `forked`; a new life goes on",
            forked,
        ),
        rule(
            "push.group",
            "a group with one refused member takes no effect at all",
            group,
        ),
        rule(
            "push.group_incomplete",
            "a group that did not arrive whole is refused",
            group_incomplete,
        ),
        rule("push.isolation", "a refused operation keeps no other back", isolation),
        rule(
            "push.unknown",
            "an operation on an unknown record is rejected as `unknown_entity`",
            unknown,
        ),
        rule(
            "push.scope",
            "an operation outside its person's grids is rejected as `scope`",
            scope,
        ),
        rule(
            "push.validation",
            "a field that breaks a rule is rejected as `validation` and named",
            validation,
        ),
        rule(
            "push.rest",
            "fields the platform does not know are kept and returned",
            rest,
        ),
        rule(
            "push.chain",
            "an operation that stands on an own earlier one of the same push is taken",
            chain,
        ),
        rule(
            "push.at_once",
            "the same push sent twice at the same moment takes effect once",
            at_once,
        ),
    ]
}

fn status(result: &Value) -> &str {
    at(result, "/status").as_str().unwrap_or_default()
}

fn code(result: &Value) -> &str {
    at(result, "/code").as_str().unwrap_or_default()
}

fn results(reply: &super::bench::Reply) -> Result<Vec<(String, String)>, Miss> {
    let Some(results) = at(&reply.json, "/results").as_array() else {
        return broken(format!("no results: {} {}", reply.status, reply.json));
    };
    Ok(results
        .iter()
        .map(|r| (status(r).to_owned(), code(r).to_owned()))
        .collect())
}

fn applied(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let (record, name) = (record_id(), word());
    let result = phone.does(phone.create(record, json!({"name": name})))?;
    same("status", status(&result), "applied")?;
    same("revision", at(&result, "/rev").as_i64(), Some(1))?;
    same("name", at(&result, "/record/body/name").as_str(), Some(name.as_str()))
}

fn gap(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let (first, third) = (record_id(), record_id());
    phone.does(phone.create(first, json!({"name": word()})))?;
    phone.set_next(3);
    let reply = phone.push(&[phone.numbered(phone.create(third, json!({"name": word()})))])?;
    refused(&reply, 409, "held")?;
    same(
        "number to start at",
        at(&reply.json, "/error/expected_n").as_u64(),
        Some(2),
    )?;
    holds("it was taken", phone.held(third)?.get("rev").is_none())
}

fn repeat(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let record = record_id();
    phone.does(phone.create(record, json!({"name": word()})))?;
    let mut change = phone.op(
        "person",
        record,
        json!({"do": "patch", "base": {}, "set": {"care_need": word()}}),
    );
    change["base_rev"] = json!(1);
    let once = [phone.numbered(change)];
    let (first, second) = (phone.push(&once)?, phone.push(&once)?);
    same("answers", results(&second)?, results(&first)?)?;
    same("revision", at(&phone.held(record)?, "/rev").as_i64(), Some(2))
}

fn lost_reply(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let (one, two) = (record_id(), record_id());
    let first = phone.numbered(phone.create(one, json!({"name": word()})));
    phone.push(std::slice::from_ref(&first))?;
    let second = phone.numbered(phone.create(two, json!({"name": word()})));
    let reply = phone.push(&[first, second])?;
    same("answers", results(&reply)?.len(), 2)?;
    same("next number", at(&reply.json, "/expected_n").as_u64(), Some(3))?;
    for record in [one, two] {
        same("revision", at(&phone.held(record)?, "/rev").as_i64(), Some(1))?;
    }
    Ok(())
}

fn other_hash(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let (record, name) = (record_id(), word());
    let op = phone.numbered(phone.create(record, json!({"name": name})));
    phone.push(std::slice::from_ref(&op))?;
    let mut other = op;
    other["action"]["body"]["name"] = json!(word());
    let again = results(&phone.push(&[other])?)?;
    same(
        "answer",
        again,
        vec![("rejected".into(), "idempotency_mismatch".into())],
    )?;
    same(
        "name",
        at(&phone.held(record)?, "/body/name").as_str(),
        Some(name.as_str()),
    )
}

fn forked(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    phone.does(phone.create(record_id(), json!({"name": word()})))?;
    phone.set_next(1);
    let record = record_id();
    let mut op = phone.numbered(phone.create(record, json!({"name": word()})));
    refused(&phone.push(std::slice::from_ref(&op))?, 409, "forked")?;
    op["n"] = json!(1);
    let reply = phone.push_as(Incarnation(op_id().0), &[op])?;
    same(
        "in a new life",
        results(&reply)?,
        vec![("applied".into(), String::new())],
    )
}

fn in_group(ops: &mut [Value], of: usize) {
    let id = GroupId(op_id().0);
    for (index, op) in ops.iter_mut().enumerate() {
        op["group"] = json!({"id": id, "index": index, "of": of});
    }
}

fn group(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let (good, bad) = (record_id(), record_id());
    let mut ops = [
        phone.numbered(phone.create(good, json!({"name": word()}))),
        phone.numbered(phone.create(bad, json!({"care_need": word()}))),
    ];
    in_group(&mut ops, 2);
    let answers = results(&phone.push(&ops)?)?;
    holds(
        &format!("not all refused: {answers:?}"),
        answers.iter().all(|(s, _)| s == "rejected"),
    )?;
    holds("a part was taken", phone.held(good)?.get("rev").is_none())
}

fn group_incomplete(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let record = record_id();
    let mut ops = [phone.numbered(phone.create(record, json!({"name": word()})))];
    in_group(&mut ops, 2);
    let answers = results(&phone.push(&ops)?)?;
    holds(
        &format!("taken: {answers:?}"),
        answers.iter().all(|(s, _)| s == "rejected" || s == "held"),
    )?;
    holds("it was taken", phone.held(record)?.get("rev").is_none())
}

fn isolation(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let (one, bad, two) = (record_id(), record_id(), record_id());
    let ops = [
        phone.numbered(phone.create(one, json!({"name": word()}))),
        phone.numbered(phone.create(bad, json!({"care_need": "x"}))),
        phone.numbered(phone.create(two, json!({"name": word()}))),
    ];
    let answers: Vec<_> = results(&phone.push(&ops)?)?.into_iter().map(|(s, _)| s).collect();
    same(
        "answers",
        answers,
        vec!["applied".to_owned(), "rejected".into(), "applied".into()],
    )
}

fn unknown(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let op = phone.op(
        "person",
        record_id(),
        json!({"do": "patch", "base": {}, "set": {"care_need": "x"}}),
    );
    let result = phone.does(op)?;
    same(
        "answer",
        (status(&result), code(&result)),
        ("rejected", "unknown_entity"),
    )
}

fn scope(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let other = bench.phone(&bench.neighbour)?;
    let foreign = phone.op(
        "person",
        record_id(),
        json!({"do": "create", "grid": other.grid(), "body": {"name": word()}}),
    );
    let result = phone.does(foreign)?;
    same("answer", (status(&result), code(&result)), ("rejected", "scope"))
}

fn validation(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let body = json!({"name": word(), "id_type": "111", "id_number": "370699196409124495"});
    let result = phone.does(phone.create(record_id(), body))?;
    same("answer", (status(&result), code(&result)), ("rejected", "validation"))?;
    let named = at(&result, "/fields").as_array().cloned().unwrap_or_default();
    holds("the field is not named", named.contains(&json!("id_number")))
}

fn rest(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let record = record_id();
    let later = json!({"deep": [1, {"a": null}], "text": word()});
    phone.does(phone.create(record, json!({"name": word(), "x_later": later})))?;
    let mut change = phone.op(
        "person",
        record,
        json!({"do": "patch", "base": {}, "set": {"care_need": word()}}),
    );
    change["base_rev"] = json!(1);
    let result = phone.does(change)?;
    same("the unknown field", at(&result, "/record/body/x_later"), &later)
}

fn chain(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let record = record_id();
    let create = phone.numbered(phone.create(record, json!({"name": "测试甲"})));
    let mut change = phone.op(
        "person",
        record,
        json!({"do": "patch", "base": {"name": "测试甲"}, "set": {"name": "测试乙"}}),
    );
    change["base_op"] = create["op"].clone();
    let change = phone.numbered(change);
    let answers = results(&phone.push(&[create, change])?)?;
    same("answers", answers, vec![("applied".into(), String::new()); 2])?;
    same("name", at(&phone.held(record)?, "/body/name").as_str(), Some("测试乙"))
}

fn at_once(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let record = record_id();
    phone.does(phone.create(record, json!({"name": word()})))?;
    let item = json!({"id": op_id(), "text": word()});
    let op = phone.op("person", record, json!({"do": "append", "list": "notes", "item": item}));
    let body = together(&phone, &[phone.numbered(op)]);
    let ways = [bench.another_way()?, bench.another_way()?, bench.another_way()?];
    let headers = phone.headers(&[("content-type", wire::JSON.to_owned())]);
    std::thread::scope(|threads| {
        let (headers, body) = (&headers, body.as_bytes());
        let running: Vec<_> = ways
            .iter()
            .map(|way| threads.spawn(move || send(way, Method::Post, "/v1/push", headers, body)))
            .collect();
        for thread in running {
            let reply = thread.join().map_err(|_| Miss::Skipped("a thread died".into()))??;
            holds(
                &format!("status {}", reply.status),
                reply.status == 200 || reply.status == 409 || reply.status >= 500,
            )?;
        }
        Ok(())
    })?;
    let held = phone.held(record)?;
    same("notes", at(&held, "/body/notes").as_array().map(Vec::len), Some(1))?;
    same("revision", at(&held, "/rev").as_i64(), Some(2))
}

fn together(phone: &Phone<'_>, ops: &[Value]) -> String {
    json!({
        "device": phone.device, "incarnation": phone.incarnation, "acked_through": 0, "sent_at": 0, "ops": ops
    })
    .to_string()
}
