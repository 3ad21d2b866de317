use fushan_grid_core::model::ids::RecordId;
use serde_json::{Value, json};

use crate::hall_tests::{Hall, Rule, at, id};
use crate::store;

pub(crate) const RULES: &[Rule] = &[
    ("each rung of the ladder is taken once, in its time", climbed),
    (
        "a tick that comes late takes what was due, and supervision only rises",
        late,
    ),
    ("what nobody signed for goes to the deputy", deputised),
    ("a suspension ends and a silence is no satisfaction", defaults),
    (
        "what was returned and not completed in time is refused, and not a minute before",
        not_completed,
    ),
    (
        "a request for an extension that nobody decided in time is refused, and not a minute before",
        not_decided,
    ),
    (
        "guards judge by the calendar and the limits that were published",
        judged_anew,
    ),
    ("next year's calendar is loaded, not compiled", next_year),
    (
        "what a citizen said before the close is the evaluation, and no silence",
        said,
    ),
    ("an incident that cannot be read holds no other's timers up", damaged),
];

/// An incident under disposal since Tuesday, 1 September 2026, 11:00, with ten working days: until the 15th, 17:30.
fn disposing(hall: &Hall) -> String {
    let record = id(&hall.order("YT1", "投诉/人社/工资", 0.0));
    hall.tick();
    hall.now("2026-09-01 11:00");
    hall.step(&record, "T17_SIGN", "DEPT_HANDLER", json!({}));
    record
}

fn rungs(hall: &Hall) -> Vec<(String, String)> {
    let rows = hall.get("/admin/v1/rungs/0")["rungs"].as_array().unwrap().clone();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter()
        .filter(|row| row["stage"] == "DISPOSE")
        .map(|row| (text(row, "kind"), text(row, "done")))
        .collect()
}

fn climbed(hall: &Hall) {
    let record = disposing(hall);
    let expected = [
        ("2026-09-08 15:01", "remind", "notice:handler"),
        ("2026-09-12 00:00", "urge", "T33_URGE"),
        ("2026-09-14 18:00", "yellow", "T32_SUPERVISE:2"),
        ("2026-09-15 17:31", "overdue", "notice:level_above"),
        ("2026-09-16 08:31", "red", "T32_SUPERVISE:3"),
        ("2026-09-18 09:31", "supervise", "passed_over"),
        ("2026-09-18 18:00", "list", "list"),
    ];
    for (n, (when, kind, done)) in expected.into_iter().enumerate() {
        hall.now(when);
        hall.tick();
        hall.tick();
        let taken = rungs(hall);
        assert_eq!(taken.len(), n + 1, "{when}: {taken:?}");
        assert_eq!(taken[n], (kind.to_owned(), done.to_owned()), "{when}");
    }
    let body = &hall.record(&record)["body"];
    assert_eq!(body["supervise_level"], 3);
    let events = hall.events(&record);
    assert_eq!(events.iter().filter(|event| *event == "T32_SUPERVISE").count(), 2);
    assert_eq!(events.iter().filter(|event| *event == "T33_URGE").count(), 1);
}

fn damaged(hall: &Hall) {
    let torn: RecordId = id(&hall.order("YT1", "求助/供热/漏水", 0.0)).parse().unwrap();
    let sound = id(&hall.order("YT2", "投诉/人社/工资", 300.0));
    let spoil = |body: &'static str| {
        store::write(&*hall.platform.store, |tx| {
            tx.later(
                "UPDATE record SET body = ?2 WHERE id = ?1",
                crate::values![torn.bytes(), body],
            )
        })
        .unwrap();
    };
    spoil("{");
    let ticked = hall.tick();
    assert_eq!(
        (ticked["unreadable"].as_u64(), ticked["dispatched"].as_u64()),
        (Some(1), Some(1)),
        "{ticked}"
    );
    assert_eq!(hall.state(&sound), "DISPATCHED");
    assert_eq!(hall.tick()["unreadable"], 0, "it is put off until tomorrow");
}

fn late(hall: &Hall) {
    let record = disposing(hall);
    hall.now("2026-09-21 10:00");
    hall.tick();
    let kinds: Vec<String> = rungs(hall).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        ["remind", "urge", "yellow", "overdue", "red", "supervise", "list"]
    );
    assert_eq!(hall.record(&record)["body"]["supervise_level"], 3);
    hall.step(&record, "T24_FEEDBACK", "DEPT_HANDLER", json!({"result": "explained"}));
    assert_eq!(hall.tick()["rungs"], json!({}), "nothing runs any more");
}

fn deputised(hall: &Hall) {
    let shift = json!({"staff": "h_1", "org": "labour", "kind": "duty", "begins": at("2026-09-01 00:00"),
                       "ends": at("2026-10-01 00:00"), "deputy": "h_2"});
    hall.post("/admin/v1/duty", &json!({"shifts": [shift]}));
    let record = id(&hall.order("YT1", "投诉/人社/工资", 0.0));
    hall.tick();
    assert_eq!(hall.record(&record)["body"]["handler_user"], "h_1");
    hall.now("2026-09-10 10:00");
    hall.tick();
    assert_eq!(hall.record(&record)["body"]["handler_user"], "h_2");
    assert_eq!(hall.state(&record), "DISPATCHED");
    let members = hall.get("/admin/v1/scopes/user:h_2").to_string();
    assert!(members.contains(&record), "the task follows the person");
    assert!(!hall.get("/admin/v1/scopes/user:h_1").to_string().contains(&record));
}

fn defaults(hall: &Hall) {
    let record = disposing(hall);
    let until = at("2026-09-04 09:00");
    hall.step(
        &record,
        "T22_SUSPEND",
        "DISTRICT_DISPATCHER",
        json!({"reason_code": "WEATHER", "until": until}),
    );
    hall.now("2026-09-04 08:59");
    hall.tick();
    assert_eq!(hall.state(&record), "SUSPENDED");
    hall.now("2026-09-04 09:00");
    assert_eq!(hall.tick()["resumed"], 1);
    assert_eq!(hall.state(&record), "DISPOSING");
    hall.step(&record, "T24_FEEDBACK", "DEPT_HANDLER", json!({"result": "explained"}));
    let told = json!({"channel": "HOTLINE_12345", "order_no": "YT1", "staff": "v_1", "contacted": true});
    hall.post("/admin/v1/replies", &told);
    hall.step(&record, "T28_CLOSE", "DISTRICT_ACCEPTOR", json!({}));
    hall.now("2026-09-11 08:59");
    hall.tick();
    assert_eq!(hall.state(&record), "CLOSED");
    hall.now("2026-09-11 09:00");
    assert_eq!(hall.tick()["evaluated"], 1);
    let last = hall.record(&record)["body"]["history"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (last["role"].as_str(), last["args"]["satisfaction"].as_u64()),
        (Some("SYSTEM"), Some(0))
    );
}

fn not_completed(hall: &Hall) {
    let record = id(&hall.order("YT1", "投诉/从未见过", 0.0));
    hall.step(
        &record,
        "T10_RETURN_FOR_INFO",
        "DISTRICT_ACCEPTOR",
        json!({"missing": ["address"]}),
    );
    hall.tick();
    hall.now("2026-09-02 17:30");
    assert_eq!(hall.tick()["rejected"], 0, "a working day is not over before it ends");
    assert_eq!(hall.state(&record), "RETURNED");
    hall.now("2026-09-02 17:31");
    assert_eq!(hall.tick()["rejected"], 1);
    let body = hall.record(&record)["body"].clone();
    let last = body["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (last["event"].as_str(), last["role"].as_str(), last["to"].as_str()),
        (Some("T09_REJECT"), Some("SYSTEM"), Some("REJECTED")),
        "{last}"
    );
    assert_eq!(body["close_reason"], "no_content");
    hall.now("2026-09-20 10:00");
    assert_eq!(hall.tick()["looked"], 0, "it is over");
}

fn not_decided(hall: &Hall) {
    let record = disposing(hall);
    hall.step(
        &record,
        "T20_REQUEST_EXTENSION",
        "DEPT_HANDLER",
        json!({"limit": "2 WORK_DAY", "reason": "等待配件"}),
    );
    assert_eq!(hall.record(&record)["body"]["extension_pending"], true);
    hall.tick();
    hall.now("2026-09-02 17:30");
    assert_eq!(hall.tick()["extensions_refused"], 0);
    hall.now("2026-09-02 17:31");
    assert_eq!(hall.tick()["extensions_refused"], 1);
    assert_eq!(hall.tick()["extensions_refused"], 0, "once");
    let body = hall.record(&record)["body"].clone();
    assert_eq!(
        (&body["extension_pending"], &body["extensions"]),
        (&Value::Null, &Value::Null)
    );
    let last = body["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (
            last["event"].as_str(),
            last["role"].as_str(),
            last["args"]["granted"].as_str()
        ),
        (Some("T21_DECIDE_EXTENSION"), Some("SYSTEM"), None),
        "{last}"
    );
    assert_eq!(hall.state(&record), "DISPOSING", "its own deadline runs on");
}

fn judged_anew(hall: &Hall) {
    let record = disposing(hall);
    let ask = json!({"record": record, "event": "T20_REQUEST_EXTENSION", "role": "DEPT_HANDLER", "staff": "DEPT_HANDLER_1",
                     "args": {"limit": "2 WORK_DAY", "reason": "等待配件"}});
    hall.now("2026-09-15 18:00");
    assert_eq!(hall.post("/admin/v1/act", &ask)["code"], "deadline_passed");
    let mut calendar: Value =
        serde_json::from_str(fushan_grid_core::rules::packs::shipped("calendar").unwrap()).unwrap();
    let off = calendar["years"]["2026"]["off"].as_array_mut().unwrap();
    off.push("2026-09-14".into());
    off.push("2026-09-15".into());
    calendar["version"] = "2026.12.1".into();
    hall.post("/admin/v1/packs", &json!({"name": "calendar", "content": calendar}));
    assert_eq!(
        hall.post("/admin/v1/act", &ask)["status"],
        "applied",
        "two days off have put the deadline off"
    );
}

fn said(hall: &Hall) {
    let record = disposing(hall);
    hall.step(&record, "T24_FEEDBACK", "DEPT_HANDLER", json!({"result": "explained"}));
    let told = json!({
        "channel": "HOTLINE_12345", "order_no": "YT1", "staff": "v_1", "contacted": true, "solved": true, "satisfaction": 4
    });
    assert_eq!(
        hall.post("/admin/v1/replies", &told)["evaluated"],
        false,
        "it is not closed yet"
    );
    hall.step(&record, "T28_CLOSE", "DISTRICT_ACCEPTOR", json!({}));
    hall.now("2026-09-09 09:00");
    assert_eq!(hall.tick()["evaluated"], 1);
    let history = hall.record(&record)["body"]["history"].clone();
    let last = history.as_array().unwrap().last().unwrap();
    assert_eq!(
        (
            last["role"].as_str(),
            last["args"]["satisfaction"].as_u64(),
            last["args"]["solved"].as_bool()
        ),
        (Some("VISITOR"), Some(4), Some(true))
    );
}

fn next_year(hall: &Hall) {
    hall.now("2026-12-30 10:00");
    let record = id(&hall.order("YT1", "投诉/人社/工资", 0.0));
    hall.tick();
    hall.step(&record, "T17_SIGN", "DEPT_HANDLER", json!({}));
    assert_eq!(hall.tick()["without_calendar"], 1, "ten working days reach into 2027");
    let mut calendar: Value =
        serde_json::from_str(fushan_grid_core::rules::packs::shipped("calendar").unwrap()).unwrap();
    calendar["years"]["2029"] = json!({"off": [], "worked": []});
    let pack = |content: &Value| json!({"name": "calendar", "content": content});
    assert_eq!(
        hall.refused("/admin/v1/packs", &pack(&calendar)),
        (422, "pack_refused".to_owned()),
        "a gap"
    );
    calendar["years"].as_object_mut().unwrap().remove("2029");
    calendar["version"] = "2027.1".into();
    calendar["years"]["2027"] = json!({"off": ["2027-01-01"], "worked": []});
    hall.post("/admin/v1/packs", &pack(&calendar));
    hall.now("2027-01-08 10:00");
    let ticked = hall.tick();
    assert_eq!(ticked["without_calendar"], 0, "{ticked}");
    assert_eq!(ticked["rungs"]["remind"], 1, "{ticked}");
}
