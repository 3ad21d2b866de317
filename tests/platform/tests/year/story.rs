//! What happens to incidents in a year: where they come from, and what desks, handlers, checkers and citizens do next. Each story
//! looks at the incident as the platform has it and takes the step that fits; chance says whether it goes well.

use std::collections::BTreeMap;

use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::{OpId, RecordId};
use fushan_grid_core::model::time::UtcMillis;
use serde_json::{Value, json};

use super::desk::Desk;
use super::district::Grid;
use super::random::Random;

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Categories that grid staff may close on the spot, and categories that others handle.
const ON_THE_SPOT: [&str; 6] = ["A01.03", "A01.02", "A01.05", "A01.07", "D01", "D04"];
const FOR_OTHERS: [&str; 6] = ["A01.04", "A02.02", "A03.02", "A04.02", "F02", "A10.02"];
/// Classes as the channels name them.
const CLASSES: [&str; 14] = [
    "投诉/生态环境/餐饮油烟",
    "投诉/城乡建设/施工噪声",
    "求助/供热/漏水",
    "求助/供热/室温",
    "求助/市政/路灯",
    "投诉/人社/工资",
    "投诉/城市管理/占道经营",
    "投诉/城市管理/暴露垃圾",
    "求助/供水",
    "求助/供电",
    "咨询/医疗保障",
    "投诉/市场监管/食品",
    "求助/民政",
    "投诉/从未见过",
];

/// One incident that is followed.
pub struct Story {
    pub record: String,
    channel: String,
    order_no: String,
    tries: u32,
}

/// What happened in the year, by name.
pub type Book = BTreeMap<String, u64>;

fn count(book: &mut Book, what: &str) {
    *book.entry(what.to_owned()).or_default() += 1;
}

/// Makes one incident at the platform's present moment; nothing to follow when it was closed on the spot.
pub fn begin(
    desk: &mut Desk,
    grids: &[Grid],
    n: usize,
    spot: u64,
    random: &mut Random,
    book: &mut Book,
) -> Option<Story> {
    let grid = random.of(grids).clone();
    if random.percent(spot) {
        field(desk, &grid, random, true);
        count(book, "closed on the spot (T04)");
        return None;
    }
    if random.percent(25) {
        let record = field(desk, &grid, random, false);
        count(book, "from the field (T02)");
        return Some(Story {
            record,
            channel: String::new(),
            order_no: String::new(),
            tries: 0,
        });
    }
    let channel = *random.of(&[
        "HOTLINE_12345",
        "HOTLINE_12345",
        "HOTLINE_12345",
        "HOTLINE_LIVELIHOOD",
        "CITIZEN_WECHAT",
        "CITY_PLATFORM",
    ]);
    let order = order(&grid, n, random);
    let taken = desk.order(channel, &order);
    count(book, &format!("through {channel} (T03)"));
    if random.percent(2) {
        // networks deliver twice: the same answer, and no second incident
        assert_eq!(desk.order(channel, &order), taken);
        count(book, "orders sent twice");
    }
    Some(Story {
        record: taken["record"].as_str().unwrap().to_owned(),
        channel: channel.to_owned(),
        order_no: format!("Y{n:06}"),
        tries: 0,
    })
}

/// An order of a channel.
pub fn order(grid: &Grid, n: usize, random: &mut Random) -> Value {
    let class = if random.percent(2) {
        CLASSES[13]
    } else {
        *random.of(&CLASSES[..13])
    };
    // a hundred and fifty metres around the middle, so that some fall together
    let shift = |random: &mut Random| (random.below(300) as f64 - 150.0) / 111_195.0;
    json!({
        "order_no": format!("Y{n:06}"), "class": class, "description": "生成的年度数据",
        "place": {"lon": grid.lon + shift(random), "lat": grid.lat + shift(random), "crs": "CGCS2000"},
        "facts": {"managed_estate": random.percent(60), "at_home": random.percent(30), "involved_count": 1 + random.below(15)},
    })
}

/// The picture of a role.
pub fn photo_of(role: &str) -> BlobHash {
    BlobHash([u8::try_from(role.len()).unwrap_or(0); 32])
}

/// A worker's own report: closed on the spot, or for others to handle.
fn field(desk: &mut Desk, grid: &Grid, random: &mut Random, spot: bool) -> String {
    let now = desk.now();
    let staff = format!("s_{}", grid.code);
    let record = RecordId::v7(now, random.bytes());
    let (create, step) = (OpId::v7(now, random.bytes()), OpId::v7(now, random.bytes()));
    let category = *random.of(if spot { &ON_THE_SPOT } else { &FOR_OTHERS });
    // one picture of each role for all: what arrives of photos has its own tests
    let photo = |role: &str| json!({"id": role, "sha256": photo_of(role), "bytes": 4, "media_type": "image/jpeg", "role": role});
    let mut body = json!({
        "title": "巡查发现", "description": "生成的年度数据", "category": category, "severity": "GENERAL", "urgency": "NORMAL",
        "point": {"lon_e7": (grid.lon * 1e7) as i64, "lat_e7": (grid.lat * 1e7) as i64}, "reporter": staff, "found_at": now,
        "managed_estate": random.percent(60), "at_home": random.percent(30),
    });
    body["channel"] = "GRID_STAFF".into();
    body["attachments"] = json!([photo("near"), photo(if spot { "after" } else { "far" })]);
    let (event, to) = if spot {
        ("T04_SELF_CLOSE", "CLOSED")
    } else {
        ("T02_SUBMIT", "REPORTED")
    };
    let op = |id: OpId, base: Option<OpId>, action: Value| {
        let mut op = json!({"op": id, "kind": "incident", "record": record, "action": action, "hlc": now.0 << 16, "at": now, "schema": 1});
        if let Some(base) = base {
            op["base_op"] = json!(base);
        }
        op
    };
    let ops = vec![
        op(create, None, json!({"do": "create", "grid": grid.code, "body": body})),
        op(
            step,
            Some(create),
            json!({"do": "transition", "event": event, "from": "DRAFT", "to": to, "role": "GRID_STAFF"}),
        ),
    ];
    desk.push(&staff, ops, random);
    record.to_string()
}

/// The desk of the level an incident is at.
fn role(record: &Value, dispatcher: bool) -> &'static str {
    match (record["body"]["level"].as_u64(), dispatcher) {
        (Some(1), _) => "COMMUNITY_DESK",
        (Some(2), true) => "TOWN_DISPATCHER",
        (Some(2), false) => "TOWN_ACCEPTOR",
        (_, true) => "DISTRICT_DISPATCHER",
        (_, false) => "DISTRICT_ACCEPTOR",
    }
}

/// Takes the next step of a story; gives when to look again, or nothing when it is over.
pub fn go_on(desk: &mut Desk, story: &mut Story, random: &mut Random, book: &mut Book) -> Option<i64> {
    let record = desk.get(&format!("/admin/v1/records/{}", story.record));
    let state = record["state"].as_str().unwrap_or_default().to_owned();
    let done = match state.as_str() {
        "REPORTED" => reported(desk, story, &record, random),
        "ACCEPTED" => return waits(story),
        "DISPATCHED" => dispatched(desk, story, &record, random),
        "DISPOSING" => disposing(desk, story, &record, random),
        "SUSPENDED" => return Some(2 * DAY),
        "FEEDBACK" => fed_back(desk, story, &record, random),
        "CHECKING" => checking(desk, story, random),
        "CLOSED" => closed(desk, story, &record, random),
        _ => return None,
    };
    match done {
        Ok((what, next)) => {
            count(book, what);
            story.tries = 0;
            next
        }
        Err(code) => {
            count(book, &format!("refused: {state} {code}"));
            waits(story)
        }
    }
}

/// Not yet: a little later, but not for ever.
fn waits(story: &mut Story) -> Option<i64> {
    story.tries += 1;
    (story.tries < 40).then_some(6 * HOUR)
}

type Done = Result<(&'static str, Option<i64>), String>;

/// What the rules did not accept by themselves: unmapped, or perhaps a duplicate.
fn reported(desk: &mut Desk, story: &Story, record: &Value, random: &mut Random) -> Done {
    let hints = desk.get("/admin/v1/duplicates?limit=500");
    let hint = hints["duplicates"]
        .as_array()
        .unwrap()
        .iter()
        .find(|hint| hint["record"] == story.record.as_str())
        .cloned();
    let who = role(record, false);
    if let Some(hint) = hint {
        if random.percent(70) {
            let merge = json!({"merged_into": hint["other"], "reason": "同一事项"});
            if desk.act(&story.record, "T12_MERGE", who, &merge).is_ok() {
                return Ok(("merged (T12)", None));
            }
        }
        desk.post(
            "/admin/v1/duplicates/dismiss",
            &json!({"record": hint["record"], "other": hint["other"], "staff": "desk"}),
        );
        return Ok(("suggestions dismissed", Some(4 * HOUR)));
    }
    if random.percent(30) {
        let args = json!({"reason_code": "not_exist", "reason": "现场无此情况", "reply": "经核实现场无此情况"});
        desk.act(&story.record, "T09_REJECT", who, &args)?;
        return Ok(("not accepted (T09)", None));
    }
    desk.act(&story.record, "T08_ACCEPT", who, &json!({"level": 3}))?;
    Ok(("accepted by a desk (T08)", Some(4 * HOUR)))
}

fn dispatched(desk: &mut Desk, story: &Story, record: &Value, random: &mut Random) -> Done {
    if random.percent(3) && record["body"]["forced"] != true {
        let refusal =
            json!({"record": story.record, "staff": "handler", "role": "DEPT_HANDLER", "reason": "不属于本单位职责"});
        let (status, reply) = desk.with("operator", "POST", "/admin/v1/dispatch/refuse", &refusal);
        return match status {
            200 => Ok(("refused by the handler (T18)", Some(8 * HOUR))),
            _ => Err(reply["error"]["code"].as_str().unwrap_or_default().to_owned()),
        };
    }
    desk.act(&story.record, "T17_SIGN", "DEPT_HANDLER", &json!({}))?;
    // one in eight takes longer than anybody allowed
    let days = if random.percent(12) {
        10 + random.below(12)
    } else {
        random.below(3)
    };
    Ok((
        "signed for (T17)",
        Some(days as i64 * DAY + (1 + random.below(6)) as i64 * HOUR),
    ))
}

fn disposing(desk: &mut Desk, story: &Story, record: &Value, random: &mut Random) -> Done {
    if random.percent(2) {
        let ask = json!({"reason": "配件未到", "limit": "3 WORK_DAY"});
        if desk
            .act(&story.record, "T20_REQUEST_EXTENSION", "DEPT_HANDLER", &ask)
            .is_ok()
        {
            desk.act(
                &story.record,
                "T21_DECIDE_EXTENSION",
                role(record, true),
                &json!({"granted": "3 WORK_DAY"}),
            )?;
            return Ok(("extended (T20, T21)", Some(DAY)));
        }
    }
    if random.percent(1) && record["body"]["level"] != 1 {
        let until = UtcMillis(desk.now().0 + 3 * DAY);
        let args = json!({"reason_code": "WEATHER", "reason": "天气", "until": until});
        if desk
            .act(&story.record, "T22_SUSPEND", role(record, true), &args)
            .is_ok()
        {
            return Ok(("suspended (T22)", Some(4 * DAY)));
        }
    }
    desk.act(
        &story.record,
        "T24_FEEDBACK",
        "DEPT_HANDLER",
        &json!({"result": "explained", "note": "已处置并说明"}),
    )?;
    Ok(("feedback (T24)", Some((1 + random.below(8)) as i64 * HOUR)))
}

fn fed_back(desk: &mut Desk, story: &Story, record: &Value, random: &mut Random) -> Done {
    let lines = record["body"]["history"].as_array().cloned().unwrap_or_default();
    let last = lines.last().cloned().unwrap_or_default();
    match (last["event"].as_str(), last["args"]["result"].as_str()) {
        (Some("T26_CHECK_RESULT"), Some("not_pass")) => {
            desk.act(
                &story.record,
                "T27_REWORK",
                role(record, true),
                &json!({"reason": "核查未通过"}),
            )?;
            return Ok(("reworked (T27)", Some(6 * HOUR)));
        }
        (Some("T26_CHECK_RESULT"), _) => {}
        _ => {
            let args = json!({"person": "CHECKER_T26_CHECK_RESULT"});
            desk.act(&story.record, "T25_ORDER_CHECK", role(record, true), &args)?;
            return Ok(("check ordered (T25)", Some((2 + random.below(20)) as i64 * HOUR)));
        }
    }
    if !story.order_no.is_empty() {
        let told = json!({"channel": story.channel, "order_no": story.order_no, "staff": "visitor", "contacted": random.percent(95)});
        desk.post("/admin/v1/replies", &told);
    }
    desk.act(
        &story.record,
        "T28_CLOSE",
        role(record, false),
        &json!({"reply": "已办结并答复"}),
    )?;
    Ok(("closed (T28)", Some((12 + random.below(60)) as i64 * HOUR)))
}

fn checking(desk: &mut Desk, story: &Story, random: &mut Random) -> Done {
    let result = if random.percent(4) { "not_pass" } else { "pass" };
    let args = json!({"result": result, "reason": "同时段复核"});
    desk.act(&story.record, "T26_CHECK_RESULT", "CHECKER", &args)?;
    Ok(("checked (T26)", Some(HOUR)))
}

fn closed(desk: &mut Desk, story: &Story, record: &Value, random: &mut Random) -> Done {
    let redone = record["body"]["redo_count"].as_u64().unwrap_or(0);
    if random.percent(1) && redone == 0 {
        desk.act(&story.record, "T31_REDO", "VISITOR", &json!({"reason": "回访不满意"}))?;
        return Ok(("done again (T31)", Some(6 * HOUR)));
    }
    if random.percent(25) {
        // nobody answers: the system evaluates after a week
        return Ok(("left to the system's evaluation", Some(8 * DAY)));
    }
    let satisfaction = *random.of(&[5, 5, 5, 4, 4, 4, 3, 2, 1]);
    let solved = satisfaction >= 3;
    if story.order_no.is_empty() {
        desk.act(
            &story.record,
            "T30_EVALUATE",
            "VISITOR",
            &json!({"satisfaction": satisfaction, "contacted": true, "solved": solved}),
        )?;
    } else {
        let told = json!({"channel": story.channel, "order_no": story.order_no, "staff": "visitor", "contacted": true,
                          "solved": solved, "satisfaction": satisfaction});
        desk.post("/admin/v1/replies", &told);
    }
    Ok(("evaluated (T30)", Some(DAY)))
}

/// What waits for people is decided by them: at the level of the incident, by its category.
pub fn decide_queue(desk: &mut Desk, book: &mut Book) {
    let waiting = desk.get("/admin/v1/dispatch/queue?limit=500");
    for wait in waiting["waiting"].as_array().unwrap() {
        let id = wait["record"].as_str().unwrap();
        let record = desk.get(&format!("/admin/v1/records/{id}"));
        let twice = wait["why"] == "refused_twice";
        let who = if twice {
            "DISTRICT_DISPATCHER"
        } else {
            role(&record, true)
        };
        let decision = json!({"record": id, "staff": "dispatcher", "role": who, "main": "town", "reason": "人工研判"});
        let (status, reply) = desk.with("operator", "POST", "/admin/v1/dispatch/decide", &decision);
        match status {
            200 => count(book, "dispatched by a person (T13)"),
            _ => count(
                book,
                &format!(
                    "refused: decide {}",
                    reply["error"]["code"].as_str().unwrap_or_default()
                ),
            ),
        }
    }
}
