use serde_json::{Value, json};

use crate::hall_tests::{Hall, Rule, at, id};

pub(crate) const RULES: &[Rule] = &[
    (
        "a dispatch keeps rule, rule set and explanation in both languages",
        explained,
    ),
    ("below the threshold a person decides", queued),
    (
        "who refused is passed over, and after two refusals the dispatch is forced",
        refused,
    ),
    (
        "a case taken up again starts with no refusals: nothing is forced before its second",
        taken_up_again,
    ),
    ("what waits for people is told page by page, each once", paged),
    ("the person on duty with the least load gets the task", rostered),
    ("a rule set that contradicts itself changes nothing", published),
    ("a dispatch that the workflow forbids waits for a person", forbidden),
];

fn explained(hall: &Hall) {
    let record = id(&hall.order("YT1", "求助/供热/漏水", 0.0));
    let ticked = hall.tick();
    assert_eq!(
        (ticked["accepted"].as_u64(), ticked["dispatched"].as_u64()),
        (Some(1), Some(1)),
        "{ticked}"
    );
    assert_eq!(hall.events(&record), ["T03_INTAKE", "T08_ACCEPT", "T13_DISPATCH"]);
    let decision = &hall.get(&format!("/admin/v1/dispatch/explain/{record}"))["decisions"][0];
    assert_eq!(decision["rule"], "T-E03.02");
    assert_eq!(decision["rule_set"], "2026.11.2");
    assert_eq!(
        (decision["main"].as_str(), decision["level"].as_u64()),
        (Some("heating"), Some(3))
    );
    assert!(decision["zh"].as_str().unwrap().contains("供热企业主办"), "{decision}");
    assert!(
        decision["en"]
            .as_str()
            .unwrap()
            .contains("handled by the heating company"),
        "{decision}"
    );
    let body = &hall.record(&record)["body"];
    assert_eq!(
        (body["handler_org"].as_str(), body["level"].as_u64()),
        (Some("heating"), Some(3))
    );
    let table = hall.get("/admin/v1/dispatch/table");
    assert_eq!(
        table["table"][0],
        json!({"outcome": "handler", "main": "heating", "incidents": 1})
    );
    assert_eq!(hall.tick()["dispatched"], 0, "it is dispatched once");
}

/// A case that the rules cannot tell: rubbish, and nobody says whether the estate is managed.
fn unsure(hall: &Hall, no: &str) -> String {
    let key = hall.key("IOT_PLATFORM");
    let order =
        json!({"order_no": no, "category": "D01.10", "description": "垃圾堆积", "grid": crate::hall_tests::GRID});
    let (status, taken) = hall.with(&key, "POST", "/channels/v1/orders", &order);
    assert_eq!(status, 200, "{taken}");
    hall.tick();
    id(&taken)
}

fn decision(record: &str, main: &str) -> Value {
    json!({"record": record, "staff": "d_1", "role": "DISTRICT_DISPATCHER", "main": main, "reason": "现场为公共道路"})
}

fn queued(hall: &Hall) {
    let record = unsure(hall, "d1");
    assert_eq!(hall.state(&record), "ACCEPTED");
    let waiting = hall.get("/admin/v1/dispatch/queue");
    assert_eq!(waiting["waiting"][0]["record"], record.as_str());
    assert_eq!(waiting["waiting"][0]["why"], "unsure");
    assert_eq!(hall.tick()["waiting"], 0, "it waits once");
    assert_eq!(
        hall.refused("/admin/v1/dispatch/decide", &decision(&record, "nobody")),
        (409, "org_unknown".to_owned())
    );
    let mut decided = decision(&record, "town_sanitation");
    decided["role"] = match hall.record(&record)["body"]["level"].as_u64() {
        Some(1) => "COMMUNITY_DESK".into(),
        Some(2) => "TOWN_DISPATCHER".into(),
        _ => "DISTRICT_DISPATCHER".into(),
    };
    hall.post("/admin/v1/dispatch/decide", &decided);
    assert_eq!(hall.get("/admin/v1/dispatch/queue")["waiting"], json!([]));
    assert_eq!(hall.state(&record), "DISPATCHED");
    let decisions = hall.get(&format!("/admin/v1/dispatch/explain/{record}"))["decisions"].clone();
    assert_eq!(decisions[0]["outcome"], "human:unsure");
    assert_eq!(
        (decisions[1]["outcome"].as_str(), decisions[1]["decided_by"].as_str()),
        (Some("person"), Some("d_1"))
    );
}

fn refused(hall: &Hall) {
    let record = id(&hall.order("YT1", "求助/供热/漏水", 0.0));
    hall.tick();
    let refusal = json!({"record": record, "staff": "h_1", "role": "DEPT_HANDLER", "reason": "不属于本单位职责"});
    let without = json!({"record": record, "staff": "h_1", "role": "DEPT_HANDLER", "reason": " "});
    assert_eq!(
        hall.refused("/admin/v1/dispatch/refuse", &without),
        (409, "reason_missing".to_owned())
    );
    let again = hall.post("/admin/v1/dispatch/refuse", &refusal);
    assert_eq!(again["to"], "human", "nobody else is on the list: {again}");
    hall.post("/admin/v1/dispatch/decide", &decision(&record, "housing"));
    let second = hall.post("/admin/v1/dispatch/refuse", &refusal);
    assert_eq!(
        (second["to"].as_str(), second["why"].as_str()),
        (Some("human"), Some("refused_twice"))
    );
    hall.post("/admin/v1/dispatch/decide", &decision(&record, "heating"));
    assert_eq!(hall.record(&record)["body"]["forced"], true);
    assert_eq!(
        hall.refused("/admin/v1/dispatch/refuse", &refusal),
        (409, "refusal_barred".to_owned())
    );
    let proposed = &hall.get("/admin/v1/dispatch/proposals")["proposals"][0];
    assert_eq!(
        (proposed["main"].as_str(), proposed["when"]["categories"][0].as_str()),
        (Some("heating"), Some("E03.02"))
    );
    assert_eq!(proposed["when"]["areas"][0], "370611001");
}

fn taken_up_again(hall: &Hall) {
    let record = id(&hall.order("YT1", "求助/供热/漏水", 0.0));
    hall.tick();
    let refusal = json!({"record": record, "staff": "h_1", "role": "DEPT_HANDLER", "reason": "不属于本单位职责"});
    hall.post("/admin/v1/dispatch/refuse", &refusal);
    hall.post("/admin/v1/dispatch/decide", &decision(&record, "heating"));
    hall.step(&record, "T17_SIGN", "DEPT_HANDLER", json!({}));
    hall.step(&record, "T24_FEEDBACK", "DEPT_HANDLER", json!({"result": "explained"}));
    let told = json!({"channel": "HOTLINE_12345", "order_no": "YT1", "staff": "v_1", "contacted": true});
    hall.post("/admin/v1/replies", &told);
    hall.step(&record, "T28_CLOSE", "DISTRICT_ACCEPTOR", json!({}));
    hall.step(&record, "T31_REDO", "VISITOR", json!({"reason": "仍有异味"}));
    hall.tick();
    assert_eq!(
        hall.record(&record)["body"]["handler_org"],
        "heating",
        "the rules may ask who had it"
    );
    hall.post("/admin/v1/dispatch/refuse", &refusal);
    hall.post("/admin/v1/dispatch/decide", &decision(&record, "heating"));
    let body = &hall.record(&record)["body"];
    assert_eq!(
        (&body["forced"], &body["refuse_count"]),
        (&Value::Null, &json!(2)),
        "{body}"
    );
    let decisions = hall.get(&format!("/admin/v1/dispatch/explain/{record}"))["decisions"].clone();
    assert_eq!(decisions.as_array().unwrap().last().unwrap()["outcome"], "person");
    hall.post("/admin/v1/dispatch/refuse", &refusal);
    hall.post("/admin/v1/dispatch/decide", &decision(&record, "heating"));
    assert_eq!(hall.record(&record)["body"]["forced"], true, "the second of its round");
}

/// Walks a list by pages of one row.
pub(crate) fn walk(hall: &Hall, path: &str, list: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = hall.get(&format!("{path}?limit=1{after}"));
        let rows = page[list].as_array().unwrap();
        assert!(rows.len() <= 1, "{page}");
        all.extend(rows.clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
        assert!(all.len() < 50, "{path} does not end");
    }
}

fn paged(hall: &Hall) {
    let mut made: Vec<String> = ["d1", "d2", "d3"].iter().map(|no| unsure(hall, no)).collect();
    let whole = hall.get("/admin/v1/dispatch/queue");
    assert_eq!(
        walk(hall, "/admin/v1/dispatch/queue", "waiting"),
        *whole["waiting"].as_array().unwrap()
    );
    let mut waiting: Vec<String> = whole["waiting"].as_array().unwrap().iter().map(id).collect();
    waiting.sort();
    made.sort();
    assert_eq!(waiting, made);
    assert_eq!(whole["next"], Value::Null);
    let accepted = walk(hall, "/admin/v1/incidents/ACCEPTED", "incidents");
    assert_eq!(accepted.len(), 3);
    for wrong in ["limit=0", "limit=501", "limit=x", "after=1", "after=1.2.3"] {
        let (status, reply) = hall.with(
            "operator",
            "GET",
            &format!("/admin/v1/dispatch/queue?{wrong}"),
            &Value::Null,
        );
        assert_eq!(
            (status, reply["error"]["code"].as_str()),
            (400, Some("page_invalid")),
            "{wrong}"
        );
    }
    assert_eq!(
        hall.with("operator", "GET", "/admin/v1/dispatch/queue/4", &Value::Null)
            .0,
        404
    );
}

fn rostered(hall: &Hall) {
    let shift = |staff: &str, kind: &str| json!({"staff": staff, "org": "heating", "kind": kind, "begins": at("2026-09-01 08:00"), "ends": at("2026-09-01 18:00")});
    let person = |no: &str, metres: f64| {
        let record = id(&hall.order(no, "求助/供热/漏水", metres));
        hall.tick();
        hall.record(&record)["body"]["handler_user"].as_str().map(str::to_owned)
    };
    assert_eq!(person("0", 0.0), None, "no roster, no person");
    hall.post("/admin/v1/duty", &json!({"shifts": [shift("call_1", "call")]}));
    assert_eq!(
        person("1", 100.0).as_deref(),
        Some("call_1"),
        "nobody on duty: who is on call"
    );
    hall.post(
        "/admin/v1/duty",
        &json!({"shifts": [shift("h_1", "duty"), shift("h_2", "duty"), shift("h_2", "leave"), shift("h_3", "duty")]}),
    );
    assert_eq!(person("2", 200.0).as_deref(), Some("h_1"));
    assert_eq!(
        person("3", 300.0).as_deref(),
        Some("h_3"),
        "h_1 has a task, h_2 is on leave"
    );
    let load = hall.get("/admin/v1/duty/heating");
    assert_eq!(load["handlers"].as_array().unwrap().len(), 2, "{load}");
    assert_eq!(load["handlers"][0]["load"], 3, "one urgent task: {load}");
    hall.now("2026-09-01 19:00");
    assert_eq!(person("4", 400.0), None, "the shifts are over");
    let bad = json!({"shifts": [{"staff": "x", "org": "heating", "kind": "nap", "begins": 1, "ends": 2}]});
    assert_eq!(hall.refused("/admin/v1/duty", &bad), (422, "shift_invalid".to_owned()));
}

/// Who accepted a case may not handle it; here nobody else is on duty.
fn forbidden(hall: &Hall) {
    let record = id(&hall.order("YT1", "求助/供热/漏水", 0.0));
    let at = at("2026-09-01 08:00").0;
    let shift =
        json!({"staff": "COMMUNITY_DESK_1", "org": "heating", "kind": "duty", "begins": at, "ends": at + 86_400_000});
    hall.post("/admin/v1/duty", &json!({"shifts": [shift]}));
    hall.step(&record, "T08_ACCEPT", "COMMUNITY_DESK", json!({"level": 3}));
    assert_eq!(hall.tick()["dispatched"], 0);
    assert_eq!(hall.state(&record), "ACCEPTED");
    let waiting = hall.get("/admin/v1/dispatch/queue");
    assert_eq!(waiting["waiting"][0]["record"], record.as_str(), "{waiting}");
    assert_eq!(waiting["waiting"][0]["why"], "acceptor_handles");
    assert_eq!(hall.tick()["waiting"], 0, "it waits once");
}

fn published(hall: &Hall) {
    let mut rules: Value = serde_json::from_str(fushan_grid_core::rules::packs::shipped("dispatch").unwrap()).unwrap();
    rules["version"] = "next".into();
    rules["rules"].as_array_mut().unwrap().iter_mut().for_each(|rule| {
        if rule["id"] == "T-E03.02" {
            rule["main"] = "housing".into();
        }
    });
    let mut torn = rules.clone();
    torn["rules"][0]["main"] = "nobody".into();
    let pack = |content: &Value| json!({"name": "dispatch", "content": content});
    assert_eq!(
        hall.refused("/admin/v1/packs", &pack(&torn)),
        (422, "pack_refused".to_owned())
    );
    let main = |no: &str, metres: f64| {
        let record = id(&hall.order(no, "求助/供热/漏水", metres));
        hall.tick();
        let decision = hall.get(&format!("/admin/v1/dispatch/explain/{record}"))["decisions"][0].clone();
        format!(
            "{} {}",
            decision["main"].as_str().unwrap(),
            decision["rule_set"].as_str().unwrap()
        )
    };
    assert_eq!(main("1", 0.0), "heating 2026.11.2", "the one in force stays in force");
    hall.post("/admin/v1/packs", &pack(&rules));
    assert_eq!(main("2", 100.0), "housing next");
    assert_eq!(
        hall.refused("/admin/v1/packs", &json!({"name": "songs", "content": {}}))
            .1,
        "pack_unknown"
    );
}
