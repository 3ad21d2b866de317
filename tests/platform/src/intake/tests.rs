use serde_json::{Value, json};

use crate::dispatching::tests::walk;
use crate::hall_tests::{GRID, Hall, Rule, at, id, order};

pub(crate) const RULES: &[Rule] = &[
    ("one order sent twice is one incident with one answer", repeated),
    (
        "one number with other content is refused and changes nothing",
        conflicting,
    ),
    ("the incident is an ordinary record of its grid", pulled),
    ("a class that nobody mapped waits for a person", unmapped),
    ("reports of one thing through two channels are found", duplicated),
    ("contacted, solved and satisfied are told apart", replied),
    (
        "an answer whose evaluation a rule forbids is told, kept, and evaluates when nobody asks again",
        forbidden,
    ),
    ("replies owed and suggestions are told page by page, each once", paged),
    ("how a citizen is reached is in no record", private),
    (
        "an order without a place waits at the desk until it gets its grid",
        placed,
    ),
    ("a key opens the door of its channel only", keyed),
    ("an order that breaks a rule is refused by its name", broken),
];

fn repeated(hall: &Hall) {
    let first = hall.order("YT1", "投诉/生态环境/餐饮油烟", 0.0);
    hall.now("2026-09-01 11:00");
    let again = hall.order("YT1", "投诉/生态环境/餐饮油烟", 0.0);
    assert_eq!(first, again);
    assert_eq!(first["category"], "G02.01");
    assert_eq!(first["case_no"], "3706112026090100001");
    let second = hall.order("YT2", "求助/市政/路灯", 200.0);
    assert_eq!(second["case_no"], "3706112026090100002");
    assert_eq!(
        hall.get(&format!("/admin/v1/scopes/grid:{GRID}"))
            .as_array()
            .unwrap()
            .iter()
            .filter(incident)
            .count(),
        2
    );
}

fn incident(record: &&Value) -> bool {
    record["kind"] == "incident"
}

fn conflicting(hall: &Hall) {
    let taken = hall.order("YT1", "投诉/生态环境/餐饮油烟", 0.0);
    let before = hall.record(&id(&taken));
    let key = hall.key("HOTLINE_12345");
    let mut other = order("YT1", "投诉/生态环境/餐饮油烟", 0.0);
    other["description"] = "另一件事".into();
    let (status, reply) = hall.with(&key, "POST", "/channels/v1/orders", &other);
    assert_eq!((status, reply["error"]["code"].as_str()), (409, Some("order_conflict")));
    assert_eq!(hall.record(&id(&taken)), before);
    // the same number of another channel is another order
    let key = hall.key("CITIZEN_WECHAT");
    let (status, reply) = hall.with(&key, "POST", "/channels/v1/orders", &other);
    assert_eq!(status, 200, "{reply}");
    assert_ne!(reply["record"], taken["record"]);
}

fn pulled(hall: &Hall) {
    let taken = hall.order("YT1", "投诉/生态环境/餐饮油烟", 0.0);
    let record = hall.record(&id(&taken));
    assert_eq!(
        (record["state"].as_str(), record["grid"].as_str()),
        (Some("REPORTED"), Some(GRID))
    );
    let body = &record["body"];
    assert_eq!(
        (body["order_no"].as_str(), body["channel"].as_str()),
        (Some("YT1"), Some("HOTLINE_12345"))
    );
    assert_eq!(body["filed_under"]["code"], "G02.01");
    assert_eq!(body["external_codes"][0]["code"], "投诉/生态环境/餐饮油烟");
    assert_eq!(body["history"][0]["event"], "T03_INTAKE");
}

fn unmapped(hall: &Hall) {
    let taken = hall.order("YT1", "投诉/从未见过", 0.0);
    assert_eq!(
        (taken["category"].as_str(), taken["mapped"].as_bool()),
        (Some("Z99"), Some(false))
    );
    hall.tick();
    assert_eq!(hall.state(&id(&taken)), "REPORTED");
    let reported = hall.get("/admin/v1/incidents/REPORTED");
    assert_eq!(
        reported["incidents"][0]["record"], taken["record"],
        "a person finds it: {reported}"
    );
}

fn duplicated(hall: &Hall) {
    let first = hall.order("YT1", "求助/市政/路灯", 0.0);
    hall.now("2026-09-03 10:00");
    let key = hall.key("CITIZEN_WECHAT");
    let near = |no: &str, class: &str, metres: f64| {
        let (status, reply) = hall.with(&key, "POST", "/channels/v1/orders", &order(no, class, metres));
        assert_eq!(status, 200, "{reply}");
        reply
    };
    let second = near("W1", "求助/市政/路灯", 40.0);
    assert_eq!(second["duplicates"][0]["record"], first["record"]);
    let distance = second["duplicates"][0]["distance_cm"].as_u64().unwrap();
    assert!((3_950..4_050).contains(&distance), "{distance}");
    assert_eq!(near("W2", "求助/市政/路灯", 120.0)["duplicates"], json!([]), "too far");
    assert_eq!(
        near("W3", "投诉/生态环境/餐饮油烟", 1.0)["duplicates"],
        json!([]),
        "another category"
    );
    hall.tick();
    assert_eq!(
        hall.state(&id(&second)),
        "REPORTED",
        "what may be a duplicate waits for a person"
    );
    let hints = hall.get("/admin/v1/duplicates");
    assert_eq!(hints["duplicates"].as_array().unwrap().len(), 1, "{hints}");
    hall.now("2026-09-05 10:00");
    assert_eq!(
        near("W4", "求助/市政/路灯", -45.0)["duplicates"],
        json!([]),
        "the first is 96 hours old"
    );
    let dismissal = json!({"record": second["record"], "other": first["record"], "staff": "desk_1"});
    hall.post("/admin/v1/duplicates/dismiss", &dismissal);
    assert_eq!(hall.refused("/admin/v1/duplicates/dismiss", &dismissal).0, 404);
}

/// Takes an incident to where the citizen is asked.
fn close(hall: &Hall, record: &str) {
    hall.tick();
    assert_eq!(hall.state(record), "DISPATCHED");
    hall.step(record, "T17_SIGN", "DEPT_HANDLER", json!({}));
    hall.step(record, "T24_FEEDBACK", "DEPT_HANDLER", json!({"result": "explained"}));
    let told = json!({"channel": "HOTLINE_12345", "order_no": "YT1", "staff": "visitor_1", "contacted": true, "note": "已告知处理结果"});
    hall.post("/admin/v1/replies", &told);
    hall.step(record, "T28_CLOSE", "DISTRICT_ACCEPTOR", json!({}));
}

fn replied(hall: &Hall) {
    let taken = hall.order("YT1", "求助/人社/工资", 0.0);
    let record = id(&taken);
    let told = |more: Value| {
        let mut told = json!({"channel": "HOTLINE_12345", "order_no": "YT1", "staff": "visitor_1"});
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        told
    };
    assert_eq!(hall.get("/admin/v1/replies")["replies"].as_array().unwrap().len(), 1);
    hall.post("/admin/v1/replies", &told(json!({"contacted": false})));
    let contradiction = told(json!({"contacted": false, "solved": true}));
    assert_eq!(
        hall.refused("/admin/v1/replies", &contradiction).1,
        "reply_contradiction"
    );
    close(hall, &record);
    let reply = hall.post(
        "/admin/v1/replies",
        &told(json!({"contacted": true, "solved": false, "satisfaction": 4})),
    );
    assert_eq!(reply["evaluated"], true);
    assert_eq!(hall.state(&record), "EVALUATED");
    hall.post("/admin/v1/replies", &told(json!({"contacted": false})));
    let row = &hall.get(&format!("/admin/v1/replies/{record}"))["replies"][0];
    let answers = (
        row["contacted"].as_bool(),
        row["solved"].as_bool(),
        row["satisfaction"].as_u64(),
    );
    assert_eq!(answers, (Some(true), Some(false), Some(4)), "{row}");
    assert_eq!(row["attempts"], 4, "what was refused is no call");
    let body = hall.record(&record)["body"]["history"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (body["event"].as_str(), body["args"]["solved"].as_bool()),
        (Some("T30_EVALUATE"), Some(false))
    );
    let unknown = json!({"channel": "HOTLINE_12345", "order_no": "none", "staff": "v", "contacted": true});
    assert_eq!(
        hall.refused("/admin/v1/replies", &unknown),
        (404, "reply_not_owed".to_owned())
    );
}

fn forbidden(hall: &Hall) {
    let taken = hall.order("YT1", "求助/人社/工资", 0.0);
    let record = id(&taken);
    close(hall, &record);
    let staff = json!({"id": "s_field", "grids": [GRID], "roles": ["GRID_STAFF"], "new": true});
    hall.post("/admin/v1/staff", &staff);
    let told = json!({"channel": "HOTLINE_12345", "order_no": "YT1", "staff": "s_field", "contacted": true,
                      "solved": true, "satisfaction": 5});
    assert_eq!(
        hall.post("/admin/v1/replies", &told),
        json!({"noted": true, "evaluated": false, "forbidden": "role"})
    );
    assert_eq!(hall.state(&record), "CLOSED");
    hall.now("2026-09-08 10:00");
    assert_eq!(hall.tick()["evaluated"], 1);
    let body = hall.record(&record)["body"].clone();
    let last = body["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (
            last["role"].as_str(),
            last["args"]["satisfaction"].as_u64(),
            last["args"]["heard_by"].as_str()
        ),
        (Some("CITIZEN"), Some(5), Some("s_field")),
        "{last}"
    );
    assert_eq!(body["solved"], true);
}

fn paged(hall: &Hall) {
    for (no, metres, when) in [("P1", 0.0, "10:00"), ("P2", 10.0, "10:01"), ("P3", 20.0, "10:02")] {
        hall.now(&format!("2026-09-01 {when}"));
        hall.order(no, "求助/市政/路灯", metres);
    }
    let owed = walk(hall, "/admin/v1/replies", "replies");
    let mut numbers: Vec<&str> = owed.iter().map(|row| row["order_no"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["P1", "P2", "P3"]);
    let hints = walk(hall, "/admin/v1/duplicates", "duplicates");
    assert_eq!(hints.len(), 3, "second with first, third with both");
    assert_eq!(
        &hints,
        hall.get("/admin/v1/duplicates")["duplicates"].as_array().unwrap()
    );
}

fn private(hall: &Hall) {
    let taken = hall.order("YT1", "投诉/生态环境/餐饮油烟", 0.0);
    let text = hall.record(&id(&taken)).to_string() + &taken.to_string();
    assert!(!text.contains("测试甲") && !text.contains("16900000001"), "{text}");
    assert!(text.contains("\"citizen\":\"c_"));
    let ask = |no: &str| json!({"channel": "HOTLINE_12345", "order_no": no, "staff": "desk_1"});
    let told = hall.post("/admin/v1/contact", &ask("YT1"));
    assert_eq!(told["contact"]["phone"], "16900000001", "who has to call can call");
    assert_eq!(
        hall.refused("/admin/v1/contact", &ask("YT2")),
        (404, "not_found".to_owned())
    );
    let mut nameless = order("YT3", "投诉/生态环境/餐饮油烟", 500.0);
    nameless["anonymous"] = true.into();
    let key = hall.key("HOTLINE_12345");
    let (status, reply) = hall.with(&key, "POST", "/channels/v1/orders", &nameless);
    assert_eq!(status, 200, "{reply}");
    let owed = hall.get("/admin/v1/replies").to_string();
    assert!(
        owed.contains("YT1") && !owed.contains("YT3"),
        "nobody can tell who did not say who they are: {owed}"
    );
}

fn placed(hall: &Hall) {
    let key = hall.key("HOTLINE_12345");
    let order = json!({"order_no": "A", "class": "求助/供热/漏水", "description": "家中漏水", "address": "某小区"});
    let (_, taken) = hall.with(&key, "POST", "/channels/v1/orders", &order);
    let record = id(&taken);
    let members = |scope: &str| hall.get(&format!("/admin/v1/scopes/{scope}")).to_string();
    assert!(members("desk:district").contains(&record) && !members("district").contains(&record));
    hall.tick();
    assert_eq!(hall.state(&record), "REPORTED");
    let place = |grid: &str| json!({"record": record, "grid": grid, "staff": "desk_1"});
    assert_eq!(
        hall.refused("/admin/v1/place", &place("370611999999999")),
        (409, "order_grid_unknown".to_owned())
    );
    hall.now("2026-09-01 10:30");
    hall.post("/admin/v1/place", &place(GRID));
    let line = hall.record(&record)["body"]["history"][1].clone();
    assert_eq!(
        line,
        json!({"seq": 2, "event": "PLACED", "from": "REPORTED", "to": "REPORTED", "role": "", "actor": "desk_1",
               "at": at("2026-09-01 10:30"), "args": {"grid": GRID}}),
        "the history says who placed it where"
    );
    let kept = hall.get(&format!("/admin/v1/history/{record}"))["operations"].clone();
    assert_eq!(
        (
            kept[1]["actor"].as_str(),
            kept[1]["op"]["action"]["set"]["grid"].as_str()
        ),
        (Some("desk_1"), Some(GRID)),
        "{kept}"
    );
    assert!(!members("desk:district").contains(&record) && members(&format!("grid:{GRID}")).contains(&record));
    hall.tick();
    assert_ne!(hall.state(&record), "REPORTED", "it goes its way");
    assert_eq!(
        hall.refused("/admin/v1/place", &place(GRID)),
        (409, "has_a_grid".to_owned())
    );
}

fn keyed(hall: &Hall) {
    let sent = order("YT1", "投诉/生态环境/餐饮油烟", 0.0);
    for wrong in ["", "operator", "0000"] {
        assert_eq!(hall.with(wrong, "POST", "/channels/v1/orders", &sent).0, 401, "{wrong}");
    }
    let key = hall.key("HOTLINE_12345");
    assert_eq!(hall.with(&key, "GET", "/admin/v1/replies", &Value::Null).0, 401);
    hall.now("2026-10-03 10:00");
    assert_eq!(
        hall.with(&key, "POST", "/channels/v1/orders", &sent).0,
        401,
        "its days are over"
    );
    let key = hall.key("HOTLINE_12345");
    hall.post("/admin/v1/access-keys/withdraw", &json!({"channel": "HOTLINE_12345"}));
    assert_eq!(
        hall.with(&key, "POST", "/channels/v1/orders", &sent).0,
        401,
        "withdrawn"
    );
    let labelled = |label: &str| {
        let asked = json!({"channel": "HOTLINE_12345", "label": label, "days": 30});
        hall.post("/admin/v1/access-keys", &asked)["key"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (old, new) = (labelled("2025"), labelled("2026"));
    let listed = hall.get("/admin/v1/access-keys")["keys"].clone();
    let labels: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["label"].as_str().unwrap())
        .collect();
    assert!(labels.contains(&"2025") && labels.contains(&"2026"), "{listed}");
    assert!(!listed.to_string().contains(&old), "no key is told again");
    let withdrawal = json!({"channel": "HOTLINE_12345", "label": "2025"});
    assert_eq!(hall.post("/admin/v1/access-keys/withdraw", &withdrawal)["withdrawn"], 1);
    let opens = |key: &str| hall.with(key, "POST", "/channels/v1/orders", &sent).0;
    assert_eq!(
        (opens(&old), opens(&new)),
        (401, 200),
        "a key is changed without closing the channel"
    );
    for label in ["", " ", "a\nb"] {
        let asked = json!({"channel": "HOTLINE_12345", "label": label, "days": 30});
        assert_eq!(
            hall.refused("/admin/v1/access-keys", &asked),
            (422, "key_label_invalid".to_owned())
        );
    }
    let unknown = json!({"channel": "PIGEON", "label": "x", "days": 1});
    assert_eq!(
        hall.refused("/admin/v1/access-keys", &unknown),
        (404, "channel_unknown".to_owned())
    );
}

fn broken(hall: &Hall) {
    let key = hall.key("HOTLINE_12345");
    let code = |name: &str, value: Value| {
        let mut sent = order("YT1", "投诉/生态环境/餐饮油烟", 0.0);
        sent[name] = value;
        let (status, reply) = hall.with(&key, "POST", "/channels/v1/orders", &sent);
        (status, reply["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let rules = [
        ("order_no", json!(" "), "order_no_invalid"),
        ("description", json!(""), "order_description_invalid"),
        ("description", json!("长".repeat(2_001)), "order_description_invalid"),
        ("title", json!("长".repeat(51)), "order_text_too_long"),
        ("urgency", json!("SOON"), "order_urgency_unknown"),
        ("severity", json!("BAD"), "order_severity_unknown"),
        (
            "place",
            json!({"lon": 121.0, "lat": 37.0, "crs": "MARS"}),
            "order_place_crs",
        ),
        (
            "place",
            json!({"lon": 0.0, "lat": 0.0, "crs": "CGCS2000"}),
            "order_place_invalid",
        ),
        ("grid", json!("370611999999999"), "order_grid_unknown"),
        ("category", json!("A01.02"), "order_category_unknown"),
        ("facts", json!({"state": "CLOSED"}), "order_fact_unknown"),
        ("facts", json!({"at_home": "yes"}), "order_fact_invalid"),
        ("facts", json!({"involved_count": -1}), "order_fact_invalid"),
        ("facts", json!({"involved_count": 1_000_001}), "order_fact_invalid"),
        ("facts", json!({"device": "长".repeat(65)}), "order_fact_invalid"),
        ("facts", json!({"place_kind": {"deep": [1]}}), "order_fact_invalid"),
        ("happened_at", json!(i64::MAX), "order_moment_invalid"),
        ("reporter", json!({"name": "长".repeat(65)}), "order_contact_invalid"),
        ("reporter", json!({"phone": "1".repeat(33)}), "order_contact_invalid"),
        (
            "reporter",
            json!({"email": format!("{}@example.com", "a".repeat(250))}),
            "order_contact_invalid",
        ),
        ("reporter", json!({"phone": "169\n0000"}), "order_contact_invalid"),
    ];
    for (name, value, rule) in rules {
        assert_eq!(code(name, value), (422, rule.to_owned()));
    }
    let kept = hall
        .with("operator", "GET", "/admin/v1/incidents/REPORTED", &Value::Null)
        .1;
    assert_eq!(kept["incidents"], json!([]), "nothing half done");
    assert_eq!(code("more", json!(1)), (400, "malformed".to_owned()));
    // a channel that knows the district's categories may name one
    let key = hall.key("IOT_PLATFORM");
    let device = json!({"order_no": "d1", "category": "A01.09", "description": "配电箱温度超限", "grid": GRID});
    assert_eq!(
        hall.with(&key, "POST", "/channels/v1/orders", &device).1["category"],
        "A01.09"
    );
}
