//! How changes of one record meet.

use fushan_grid_core::model::ids::RecordId;
use serde_json::{Value, json};

use super::bench::{Bench, Phone, op_id, record_id, word};
use super::rule::{Judged, Rule, at, broken, holds, same};

/// The rules.
pub fn rules() -> Vec<Rule> {
    let rule = |id, says, check| Rule { id, says, check };
    vec![
        rule("merge.unrelated", "changes of different fields join", unrelated),
        rule("merge.same", "the same change on both sides is `same`", same_change),
        rule(
            "merge.conflict",
            "different changes of one field: the platform's stays, all three values are in a conflict",
            conflict,
        ),
        rule(
            "merge.partly",
            "of an operation in conflict the other fields are taken",
            partly,
        ),
        rule(
            "merge.unseen_chain",
            "an edit on an own earlier one does not overwrite what its writer had not seen",
            unseen_chain,
        ),
        rule(
            "merge.unseen_end",
            "an end does not end what its writer had not seen",
            unseen_end,
        ),
        rule(
            "merge.deleted",
            "an edit of an ended record is a conflict, and it stays ended",
            deleted,
        ),
        rule(
            "merge.create_again",
            "making a record again is `same` when equal, else a conflict",
            create_again,
        ),
        rule("merge.clock", "a phone's clock decides nothing", clock),
        rule("merge.append", "an item of a growing list is added once", append),
        rule(
            "merge.late_evidence",
            "a closed incident takes notes and photos, marked `late_evidence`",
            late_evidence,
        ),
        rule(
            "merge.closed_edit",
            "an edit of a closed incident is a conflict `closed_while_editing`",
            closed_edit,
        ),
        rule(
            "merge.resolve",
            "only a resolution closes a conflict; a second one with the same result is `same`",
            resolve,
        ),
    ]
}

/// A person two phones know at revision 1.
fn shared<'b>(bench: &'b Bench) -> Result<(Phone<'b>, Phone<'b>, RecordId), super::rule::Miss> {
    let (one, two) = (bench.phone(&bench.worker)?, bench.phone(&bench.leader)?);
    let record = record_id();
    one.does(one.create(record, json!({"name": "测试", "live_addr": "原址", "care_need": "无"})))?;
    Ok((one, two, record))
}

fn patch(phone: &Phone<'_>, record: RecordId, rev: i64, base: Value, set: Value) -> Value {
    let mut op = phone.op("person", record, json!({"do": "patch", "base": base, "set": set}));
    op["base_rev"] = json!(rev);
    op
}

/// Another value of the field that a phone knows as "无".
fn care(phone: &Phone<'_>, record: RecordId, value: &str) -> Value {
    patch(
        phone,
        record,
        1,
        json!({"care_need": "无"}),
        json!({"care_need": value}),
    )
}

/// Another value of the field that a phone knows as "原址".
fn moved(phone: &Phone<'_>, record: RecordId, rev: i64) -> Value {
    patch(
        phone,
        record,
        rev,
        json!({"live_addr": "原址"}),
        json!({"live_addr": "新址"}),
    )
}

fn status(result: &Value) -> &str {
    at(result, "/status").as_str().unwrap_or_default()
}

fn unrelated(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    one.does(moved(&one, record, 1))?;
    let result = two.does(care(&two, record, "乙"))?;
    holds(
        &format!("answered {result}"),
        matches!(status(&result), "applied" | "merged"),
    )?;
    let body = at(&result, "/record/body").clone();
    same(
        "both",
        (body["live_addr"].as_str(), body["care_need"].as_str()),
        (Some("新址"), Some("乙")),
    )
}

fn same_change(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    one.does(care(&one, record, "甲"))?;
    let result = two.does(care(&two, record, "甲"))?;
    same("answer", status(&result), "same")?;
    same("revision", at(&result, "/rev").as_i64(), Some(2))
}

/// The conflict record an answer names.
fn raised(phone: &Phone<'_>, result: &Value) -> Result<Value, super::rule::Miss> {
    match at(result, "/conflict").as_str().and_then(|id| id.parse().ok()) {
        Some(id) => phone.held(id),
        None => broken(format!("no conflict is named: {result}")),
    }
}

fn conflict(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    one.does(care(&one, record, "甲"))?;
    let result = two.does(care(&two, record, "乙"))?;
    same("answer", status(&result), "conflict")?;
    same(
        "the platform's value",
        at(&result, "/record/body/care_need").as_str(),
        Some("甲"),
    )?;
    let raised = raised(&two, &result)?;
    let sides = at(&raised, "/body/fields/care_need");
    same(
        "all three",
        sides,
        &json!({"base": "无", "platform": "甲", "phone": "乙"}),
    )?;
    same("open", at(&raised, "/body/status").as_str(), Some("OPEN"))
}

fn partly(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    one.does(care(&one, record, "甲"))?;
    let base = json!({"care_need": "无", "live_addr": "原址"});
    let result = two.does(patch(
        &two,
        record,
        1,
        base,
        json!({"care_need": "乙", "live_addr": "新址"}),
    ))?;
    same("answer", status(&result), "conflict")?;
    same(
        "the other field",
        at(&result, "/record/body/live_addr").as_str(),
        Some("新址"),
    )
}

fn unseen_chain(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    two.does(care(&two, record, "甲"))?;
    let first = moved(&one, record, 1);
    let mut second = one.op(
        "person",
        record,
        json!({"do": "patch", "base": {"care_need": "无"}, "set": {"care_need": "乙"}}),
    );
    second["base_op"] = first["op"].clone();
    one.does(first)?;
    let result = one.does(second)?;
    same("answer", status(&result), "conflict")?;
    same(
        "the unseen value",
        at(&result, "/record/body/care_need").as_str(),
        Some("甲"),
    )
}

fn unseen_end(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    two.does(care(&two, record, "甲"))?;
    let mut end = one.op("person", record, json!({"do": "withdraw", "reason": "搬走"}));
    end["base_rev"] = json!(1);
    same("answer", status(&one.does(end)?), "conflict")?;
    holds("it has ended", at(&one.held(record)?, "/deleted") != &json!(true))
}

fn deleted(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    let mut end = one.op("person", record, json!({"do": "withdraw", "reason": "搬走"}));
    end["base_rev"] = json!(1);
    same("the end", status(&one.does(end)?), "applied")?;
    let result = two.does(care(&two, record, "乙"))?;
    same("answer", status(&result), "conflict")?;
    same(
        "the phone's value",
        at(&raised(&two, &result)?, "/body/fields/care_need/phone").as_str(),
        Some("乙"),
    )?;
    let again = two.does(two.create(record, json!({"name": "又来"})))?;
    same("making it again", status(&again), "conflict")?;
    same("ended", at(&two.held(record)?, "/deleted").as_bool(), Some(true))
}

fn create_again(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let (record, name) = (record_id(), word());
    phone.does(phone.create(record, json!({"name": name})))?;
    same(
        "equal",
        status(&phone.does(phone.create(record, json!({"name": name})))?),
        "same",
    )?;
    same(
        "other",
        status(&phone.does(phone.create(record, json!({"name": word()})))?),
        "conflict",
    )
}

fn clock(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    // the first to arrive claims a time two years ahead; what arrives later is the later write all the same
    let mut ahead = patch(&one, record, 1, json!({}), json!({"next_verify_due": "2030-01-01"}));
    ahead["at"] = json!(4_000_000_000_000_i64);
    ahead["hlc"] = json!(4_000_000_000_000_u64 << 16);
    one.does(ahead)?;
    let behind = patch(&two, record, 1, json!({}), json!({"next_verify_due": "2029-01-01"}));
    two.does(behind)?;
    same(
        "the later arrival",
        at(&two.held(record)?, "/body/next_verify_due").as_str(),
        Some("2029-01-01"),
    )?;
    let mut other = care(&one, record, "甲");
    other["at"] = json!(4_000_000_000_000_i64);
    one.does(other)?;
    let result = two.does(care(&two, record, "乙"))?;
    same("a guarded field", status(&result), "conflict")
}

fn append(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    let item = json!({"id": op_id(), "text": word()});
    for phone in [&one, &two] {
        phone.does(phone.op("person", record, json!({"do": "append", "list": "notes", "item": item})))?;
    }
    two.does(two.op(
        "person",
        record,
        json!({"do": "append", "list": "notes", "item": {"id": op_id()}}),
    ))?;
    same(
        "items",
        at(&one.held(record)?, "/body/notes").as_array().map(Vec::len),
        Some(2),
    )
}

/// An incident closed on the spot by its finder.
fn closed(phone: &Phone<'_>) -> Result<RecordId, super::rule::Miss> {
    let record = record_id();
    let now = at(&phone.hello()?.json, "/server_time").as_i64().unwrap_or(0);
    let photo = |role: &str| json!({"id": op_id(), "role": role, "sha256": "0".repeat(64), "bytes": 1, "media_type": "image/jpeg"});
    let body = json!({
        "category": "A01.03", "title": word(), "description": "占用通道", "severity": "GENERAL",
        "point": {"lon_e7": 1_212_640_000, "lat_e7": 375_020_000}, "found_at": now,
        "attachments": [photo("near"), photo("after")]
    });
    let create = phone.op(
        "incident",
        record,
        json!({"do": "create", "grid": phone.grid(), "body": body}),
    );
    let mut close = phone.op(
        "incident",
        record,
        json!({
            "do": "transition", "event": "T04_SELF_CLOSE", "from": "DRAFT", "to": "CLOSED", "role": "GRID_STAFF",
            "args": {"note": "已清理"}, "set": {"closed_at": now}
        }),
    );
    close["base_op"] = create["op"].clone();
    let made = phone.does(create)?;
    same("the draft", status(&made), "applied")?;
    let result = phone.does(close)?;
    match at(&result, "/record/state").as_str() {
        Some("CLOSED") => Ok(record),
        _ => broken(format!("an incident cannot be closed on the spot: {result}")),
    }
}

fn late_evidence(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let record = closed(&phone)?;
    let item = json!({"id": op_id(), "text": word()});
    let result = phone.does(phone.op(
        "incident",
        record,
        json!({"do": "append", "list": "notes", "item": item}),
    ))?;
    same("answer", status(&result), "applied")?;
    same("note", at(&result, "/code").as_str(), Some("late_evidence"))?;
    same("state", at(&result, "/record/state").as_str(), Some("CLOSED"))
}

fn closed_edit(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let record = closed(&phone)?;
    let op = phone.op(
        "incident",
        record,
        json!({"do": "patch", "base": {}, "set": {"description": word()}}),
    );
    let result = phone.does(op)?;
    same(
        "answer",
        (status(&result), at(&result, "/code").as_str()),
        ("conflict", Some("closed_while_editing")),
    )?;
    same("state", at(&result, "/record/state").as_str(), Some("CLOSED"))
}

fn resolve(bench: &Bench) -> Judged {
    let (one, two, record) = shared(bench)?;
    one.does(care(&one, record, "甲"))?;
    let result = two.does(care(&two, record, "乙"))?;
    let Some(conflict) = at(&result, "/conflict")
        .as_str()
        .and_then(|id| id.parse::<RecordId>().ok())
    else {
        return broken("no conflict is named");
    };
    // a later edit of the record does not close it
    one.does(moved(&one, record, 2))?;
    same(
        "after another edit",
        at(&two.held(conflict)?, "/body/status").as_str(),
        Some("OPEN"),
    )?;
    let take = |phone: &Phone<'_>| {
        phone.op(
            "conflict",
            conflict,
            json!({"do": "resolve", "choice": {"take": "phone"}}),
        )
    };
    same("the resolution", status(&one.does(take(&one))?), "applied")?;
    same(
        "the value",
        at(&one.held(record)?, "/body/care_need").as_str(),
        Some("乙"),
    )?;
    same("once more", status(&two.does(take(&two))?), "same")
}
