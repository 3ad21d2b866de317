use fushan_grid_core::model::ids::RecordId;
use serde_json::{Value, json};

use crate::hall_phone::{Phone, record_id};
use crate::hall_tests::{GRID, Hall, Rule, at, id};
use crate::store;

pub(crate) const RULES: &[Rule] = &[
    (
        "a post puts a person in place for its days, and takes over what was put by hand",
        posted,
    ),
    ("a post that breaks a rule says which and changes nothing", broken_posts),
    ("who fills in has an end and somebody to fill in for", acting),
    ("posts follow the day without anybody asking", turning),
    (
        "an expired training takes the permission at the moment of the act",
        untrained_desk,
    ),
    (
        "what was seen without the training is taken and told, what settles a case waits on the phone",
        untrained_phone,
    ),
    ("all open work changes hands in one action, and once", handed_over),
    (
        "checks and verifications change hands without a step of their own",
        handed_over_checks,
    ),
    ("a hand-over that one case forbids leaves all as they were", half_done),
    (
        "a grid without leader or worker is an alarm, and so is a small team",
        alarmed,
    ),
    (
        "the operating company sees counts, and no door shows it a resident",
        company,
    ),
    ("the company's personnel hold no grid on their phones", company_phone),
];

/// A day of the hall's clock.
const TODAY: &str = "2026-09-01";

fn post(staff: &str, role: &str, area: &str) -> Value {
    json!({"staff": staff, "role": role, "area": area, "from": TODAY, "new": true})
}

fn bureau(staff: &str, org: &str) -> Value {
    json!({"staff": staff, "role": "DEPT_HANDLER", "area": "370611", "org": org, "from": TODAY, "new": true})
}

fn code(hall: &Hall, path: &str, body: &Value) -> String {
    hall.refused(path, body).1
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn passed(hall: &Hall, staff: &str, course: &str, until: &str) -> Value {
    hall.post(
        "/org/v1/training",
        &json!({"staff": staff, "course": course, "passed": "2026-01-10", "until": until}),
    )
}

fn posted(hall: &Hall) {
    let reply = hall.post("/org/v1/posts", &post("n_1", "GRID_STAFF", GRID));
    assert_eq!(
        (&reply["may"], &reply["lacks"]),
        (&json!([]), &json!([["GRID_STAFF", "GRID_BASIC"]]))
    );
    let post_id = text(&reply["post"]["id"]).to_owned();
    let again = hall.post("/org/v1/posts", &post("n_1", "GRID_STAFF", GRID));
    assert_eq!(again, reply, "sent again it is the same post");
    assert_eq!(
        passed(hall, "n_1", "GRID_BASIC", "2026-12-31")["may"],
        json!(["GRID_STAFF"])
    );
    let phone = Phone::enrol(hall, "n_1", 1);
    assert!(phone.pull(&format!("grid:{GRID}")).is_some());
    let ended = hall.post(&format!("/org/v1/posts/{post_id}/end"), &json!({"until": "2026-09-01"}));
    assert_eq!(ended["post"]["until"], TODAY, "the last day counts");
    hall.now("2026-09-02 00:01");
    assert_eq!(hall.tick()["posts"], 1);
    assert!(
        phone.pull(&format!("grid:{GRID}")).is_none(),
        "the grid is theirs no more"
    );
    let kept = hall.get("/org/v1/posts?staff=n_1");
    assert_eq!(kept["posts"][0]["ended_by"], "operator", "an ended post is kept");
    assert_eq!(hall.get("/org/v1/posts?staff=n_1&day=2026-09-02")["posts"], json!([]));

    // put by hand until now: the leader of a community keeps what they had
    let leader = "l_370611001901";
    hall.post(
        "/org/v1/posts",
        &json!({"staff": leader, "role": "RESERVE", "area": "370611001", "from": "2026-09-02"}),
    );
    let posts = hall.get(&format!("/org/v1/posts?staff={leader}"))["posts"]
        .as_array()
        .unwrap()
        .clone();
    let roles = |role: &str| posts.iter().filter(|post| post["role"] == role).count();
    assert!(roles("GRID_LEADER") >= 2 && roles("RESERVE") == 1, "{posts:?}");
    let by_hand = json!({"id": leader, "grids": [GRID]});
    assert_eq!(
        hall.refused("/admin/v1/staff", &by_hand),
        (409, "staff_has_posts".to_owned())
    );
}

fn broken_posts(hall: &Hall) {
    let path = "/org/v1/posts";
    let with = |base: &Value, name: &str, value: Value| {
        let mut post = base.clone();
        post[name] = value;
        post
    };
    let good = post("n_1", "GRID_STAFF", GRID);
    assert_eq!(
        hall.refused(path, &with(&good, "new", json!(false))),
        (404, "staff_unknown".to_owned())
    );
    assert_eq!(
        code(hall, path, &with(&good, "area", json!("370611999"))),
        "area_unknown"
    );
    assert_eq!(code(hall, path, &with(&good, "area", json!("37"))), "malformed");
    assert_eq!(
        code(hall, path, &with(&good, "area", json!("370611"))),
        "post_area_too_wide"
    );
    assert_eq!(
        code(hall, path, &with(&good, "role", json!("KING"))),
        "post_role_unknown"
    );
    assert_eq!(code(hall, path, &with(&good, "org", json!("nobody"))), "org_unknown");
    assert_eq!(
        code(hall, path, &post("n_1", "DEPT_HANDLER", "370611")),
        "org_unknown",
        "a bureau's post names it"
    );
    assert_eq!(
        code(hall, path, &with(&good, "until", json!("2026-08-31"))),
        "post_ends_first"
    );
    assert_eq!(
        code(hall, path, &with(&good, "staff", json!("a b"))),
        "staff_unknown",
        "no id"
    );
    assert_eq!(hall.get(path)["posts"], json!([]), "nothing was kept");
    assert_eq!(
        code(hall, "/admin/v1/codes", &json!({"staff": "n_1"})),
        "no_such_staff",
        "nobody was made"
    );

    let first = hall.post(path, &good);
    let later = with(&good, "from", json!("2026-10-01"));
    assert_eq!(hall.refused(path, &later), (409, "post_twice".to_owned()));
    let hr = post("n_1", "OPERATOR_HR", "370611");
    assert_eq!(hall.refused(path, &hr), (409, "post_operator_apart".to_owned()));
    let end = format!("/org/v1/posts/{}/end", text(&first["post"]["id"]));
    assert_eq!(code(hall, &end, &json!({"until": "2026-08-01"})), "post_ends_first");
    assert_eq!(
        hall.refused("/org/v1/posts/none/end", &json!({"until": TODAY})),
        (404, "post_unknown".to_owned())
    );
    hall.post(&end, &json!({"until": "2026-09-30"}));
    hall.post(path, &later);
    assert_eq!(
        code(hall, &end, &json!({"until": "2026-10-01"})),
        "post_twice",
        "it may not be drawn out into the next"
    );

    let training =
        |course: &str, until: &str| json!({"staff": "n_1", "course": course, "passed": TODAY, "until": until});
    assert_eq!(
        code(hall, "/org/v1/training", &training("KNITTING", "2027-01-01")),
        "course_unknown"
    );
    assert_eq!(
        code(hall, "/org/v1/training", &training("GRID_BASIC", "2026-08-01")),
        "training_ends_first"
    );
    let stranger = json!({"staff": "nobody", "course": "GRID_BASIC", "passed": TODAY});
    assert_eq!(code(hall, "/org/v1/training", &stranger), "staff_unknown");
    assert_eq!(
        code(hall, "/org/v1/teams", &json!({"grid": GRID, "members": ["nobody"]})),
        "staff_unknown"
    );
    assert_eq!(
        code(
            hall,
            "/org/v1/teams",
            &json!({"grid": "370611001901399", "members": []})
        ),
        "area_unknown"
    );
}

fn acting(hall: &Hall) {
    let path = "/org/v1/posts";
    hall.post(path, &post("n_1", "GRID_LEADER", GRID));
    let mut fill = post("n_2", "GRID_LEADER", GRID);
    fill["acting_for"] = json!("n_1");
    assert_eq!(code(hall, path, &fill), "post_acting_for_nobody", "without an end");
    fill["until"] = json!("2026-09-14");
    fill["acting_for"] = json!("n_9");
    assert_eq!(code(hall, path, &fill), "post_acting_for_nobody");
    fill["acting_for"] = json!("n_1");
    assert_eq!(hall.post(path, &fill)["post"]["acting_for"], "n_1");
    // an assignment by hand can be filled in for as well
    let mut fill = post("n_3", "GRID_STAFF", GRID);
    fill["acting_for"] = json!(format!("s_{GRID}"));
    fill["until"] = json!("2026-09-14");
    hall.post(path, &fill);
}

fn turning(hall: &Hall) {
    let mut next = post("n_1", "GRID_STAFF", GRID);
    next["from"] = json!("2026-09-03");
    next["until"] = json!("2026-09-05");
    hall.post("/org/v1/posts", &next);
    let holds = |phone: &Phone<'_>| phone.pull(&format!("grid:{GRID}")).is_some();
    let phone = Phone::enrol(hall, "n_1", 1);
    assert!(!holds(&phone), "not yet");
    for (when, held) in [
        ("2026-09-02 12:00", false),
        ("2026-09-03 00:01", true),
        ("2026-09-05 23:59", true),
        ("2026-09-06 00:01", false),
    ] {
        hall.now(when);
        hall.tick();
        assert_eq!(holds(&phone), held, "{when}");
    }
    hall.now("2026-09-20 10:00");
    assert_eq!(hall.tick()["posts"], 0, "nothing has turned since");
}

/// A case on the labour bureau's desk, in the hands of whoever is on duty.
fn dispatched(hall: &Hall, no: &str, metres: f64) -> String {
    let record = id(&hall.order(no, "投诉/人社/工资", metres));
    hall.tick();
    record
}

fn on_duty(hall: &Hall, staff: &str) {
    let shift = json!({"staff": staff, "org": "labour", "kind": "duty", "begins": at("2026-09-01 00:00"),
                       "ends": at("2026-10-01 00:00")});
    hall.post("/admin/v1/duty", &json!({"shifts": [shift]}));
}

fn act(hall: &Hall, record: &str, event: &str, role: &str, staff: &str, args: Value) -> Value {
    let act = json!({"record": record, "event": event, "role": role, "staff": staff, "args": args});
    hall.post("/admin/v1/act", &act)
}

fn untrained_desk(hall: &Hall) {
    hall.post("/org/v1/posts", &post("v_1", "VISITOR", "370611"));
    passed(hall, "v_1", "FOLLOW_UP", "2026-09-01");
    hall.post("/org/v1/posts", &bureau("h_1", "labour"));
    on_duty(hall, "h_1");
    let record = dispatched(hall, "YT1", 0.0);
    act(hall, &record, "T17_SIGN", "DEPT_HANDLER", "h_1", json!({}));
    act(
        hall,
        &record,
        "T24_FEEDBACK",
        "DEPT_HANDLER",
        "h_1",
        json!({"result": "explained"}),
    );
    let told = json!({"channel": "HOTLINE_12345", "order_no": "YT1", "staff": "v_1", "contacted": true});
    hall.post("/admin/v1/replies", &told);
    hall.step(&record, "T28_CLOSE", "DISTRICT_ACCEPTOR", json!({}));
    let evaluate = || {
        act(
            hall,
            &record,
            "T30_EVALUATE",
            "VISITOR",
            "v_1",
            json!({"satisfaction": 5}),
        )
    };
    hall.now("2026-09-02 00:00");
    let refused = evaluate();
    assert_eq!(
        (&refused["status"], &refused["code"]),
        (&json!("rejected"), &json!("training_missing"))
    );
    assert_eq!(hall.state(&record), "CLOSED");
    passed(hall, "v_1", "FOLLOW_UP", "2026-12-31");
    assert_eq!(evaluate()["status"], "applied");
    let untrained = hall.get("/org/v1/alarms")["untrained"].clone();
    assert_eq!(
        untrained,
        json!([]),
        "a bureau needs no course, and the caller has theirs"
    );
}

fn untrained_phone(hall: &Hall) {
    hall.post("/org/v1/posts", &post("n_1", "GRID_STAFF", GRID));
    passed(hall, "n_1", "GRID_BASIC", "2026-09-02");
    let phone = Phone::enrol(hall, "n_1", 1);
    let draft = |record: RecordId, ago| {
        let point = json!({"lon_e7": 1_212_640_000, "lat_e7": 375_020_000});
        let body = json!({"category": "A03.04", "title": "软管老化", "point": point});
        phone.operation(
            "incident",
            record,
            json!({"do": "create", "grid": GRID, "body": body}),
            ago,
        )
    };
    let step = |record: RecordId, event: &str, to: &str| {
        let action = json!({"do": "transition", "event": event, "from": "DRAFT", "to": to, "role": "GRID_STAFF"});
        let mut op = phone.operation("incident", record, action, 0);
        op["base_rev"] = json!(1);
        op
    };
    let (first, second) = (record_id(1), record_id(2));
    let result = phone.push(&[draft(first, 0)]);
    assert_eq!(
        (&result[0]["status"], &result[0]["code"]),
        (&json!("applied"), &Value::Null)
    );
    // the gate of gas cases asks for a course of its own
    let result = phone.push(&[step(first, "T04_SELF_CLOSE", "CLOSED")]);
    assert_eq!(
        (&result[0]["status"], &result[0]["code"]),
        (&json!("rejected"), &json!("training_missing"))
    );
    assert_eq!(result[0]["fields"], json!(["GAS_SAFETY"]));
    assert_eq!(hall.state(&first.to_string()), "DRAFT", "nothing half done");

    hall.now("2026-09-03 08:00");
    let before = phone.push(&[draft(record_id(3), 12 * 3_600_000)]);
    assert_eq!(
        before[0]["code"],
        Value::Null,
        "done the evening before, when it still counted"
    );
    let late = phone.push(&[draft(second, 0)]);
    assert_eq!(
        (&late[0]["status"], &late[0]["code"]),
        (&json!("applied"), &json!("training_missing"))
    );
    assert_eq!(
        hall.record(&second.to_string())["body"]["title"],
        "软管老化",
        "what was seen is kept"
    );
    let marks = hall.get("/org/v1/training/marks")["marks"].as_array().unwrap().clone();
    assert_eq!(marks.len(), 1);
    assert_eq!(
        (&marks[0]["staff"], &marks[0]["course"]),
        (&json!("n_1"), &json!("GRID_BASIC"))
    );
    let untrained = hall.get("/org/v1/alarms")["untrained"].clone();
    assert_eq!(untrained, json!([["n_1", "GRID_STAFF", "GRID_BASIC"]]));
}

fn hand(id: &str, from: &str, to: &str) -> Value {
    json!({"id": id, "from": from, "to": to, "reason": "离职交接"})
}

const HAND_OVER: &str = "/org/v1/hand-over";

fn handed_over(hall: &Hall) {
    for staff in ["h_1", "h_2"] {
        hall.post("/org/v1/posts", &bureau(staff, "labour"));
    }
    hall.post("/org/v1/posts", &bureau("w_1", "water"));
    on_duty(hall, "h_1");
    let signed = dispatched(hall, "YT1", 0.0);
    act(hall, &signed, "T17_SIGN", "DEPT_HANDLER", "h_1", json!({}));
    let waiting = dispatched(hall, "YT2", 300.0);
    let done = dispatched(hall, "YT3", 600.0);
    act(hall, &done, "T17_SIGN", "DEPT_HANDLER", "h_1", json!({}));
    act(
        hall,
        &done,
        "T24_FEEDBACK",
        "DEPT_HANDLER",
        "h_1",
        json!({"result": "explained"}),
    );

    assert_eq!(code(hall, HAND_OVER, &hand("k", "h_1", "h_1")), "hand_over_same_person");
    assert_eq!(code(hall, HAND_OVER, &hand("k", "h_1", "nobody")), "staff_unknown");
    assert_eq!(code(hall, HAND_OVER, &hand("k", "nobody", "h_2")), "staff_unknown");
    assert_eq!(
        hall.refused(HAND_OVER, &hand("k", "h_1", "w_1")),
        (409, "hand_over_standing".to_owned())
    );
    let mut mute = hand("k", "h_1", "h_2");
    mute["reason"] = json!(" ");
    assert_eq!(code(hall, HAND_OVER, &mute), "reason_missing");

    let told = hall.post(HAND_OVER, &hand("h-1", "h_1", "h_2"));
    let moved = told["moved"].as_array().unwrap();
    assert_eq!(moved.len(), 3, "{told}");
    for record in [&signed, &waiting] {
        let after = hall.record(record);
        assert_eq!(
            (&after["state"], &after["body"]["handler_user"]),
            (&json!("DISPATCHED"), &json!("h_2"))
        );
        let line = after["body"]["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&line["event"], &line["args"]["by"]),
            (&json!("T14_REASSIGN"), &json!("operator"))
        );
        assert_eq!(
            (&line["args"]["hand_over"], &line["args"]["reason"]),
            (&json!("h-1"), &json!("离职交接"))
        );
    }
    assert_eq!(
        hall.record(&done)["body"]["handler_user"],
        "h_2",
        "a feedback that may come back"
    );
    let theirs = |staff: &str| {
        hall.get(&format!("/admin/v1/scopes/user:{staff}"))
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((theirs("h_1"), theirs("h_2")), (0, 3));
    act(hall, &signed, "T17_SIGN", "DEPT_HANDLER", "h_2", json!({}));
    assert_eq!(hall.state(&signed), "DISPOSING");

    assert_eq!(hall.post(HAND_OVER, &hand("h-1", "h_1", "h_2")), told, "sent again");
    assert_eq!(hall.state(&signed), "DISPOSING", "and nothing moved again");
    assert_eq!(
        hall.refused(HAND_OVER, &hand("h-1", "h_1", "w_1")),
        (409, "hand_over_conflict".to_owned())
    );
    assert_eq!(
        hall.post(HAND_OVER, &hand("h-2", "h_1", "h_2"))["moved"],
        json!([]),
        "nothing was left"
    );
}

fn handed_over_checks(hall: &Hall) {
    hall.post("/org/v1/posts", &bureau("h_1", "labour"));
    on_duty(hall, "h_1");
    let (worker, other) = (format!("s_{GRID}"), "s_370611001901002");
    let record = dispatched(hall, "YT1", 0.0);
    act(hall, &record, "T17_SIGN", "DEPT_HANDLER", "h_1", json!({}));
    act(
        hall,
        &record,
        "T24_FEEDBACK",
        "DEPT_HANDLER",
        "h_1",
        json!({"result": "explained"}),
    );
    hall.step(
        &record,
        "T25_ORDER_CHECK",
        "DISTRICT_DISPATCHER",
        json!({"person": worker}),
    );
    assert_eq!(
        code(hall, HAND_OVER, &hand("k", &worker, other)),
        "hand_over_standing",
        "not in that grid"
    );
    hall.post(
        "/admin/v1/staff",
        &json!({"id": other, "grids": [GRID, "370611001901002"]}),
    );
    let told = hall.post(HAND_OVER, &hand("k", &worker, other));
    assert_eq!(told["moved"], json!([{"record": record, "step": "set"}]));
    let after = hall.record(&record);
    assert_eq!(
        (&after["state"], &after["body"]["checker_user"]),
        (&json!("CHECKING"), &json!(other))
    );
}

fn half_done(hall: &Hall) {
    for staff in ["h_1", "h_2"] {
        hall.post("/org/v1/posts", &bureau(staff, "labour"));
    }
    on_duty(hall, "h_1");
    let records = [
        dispatched(hall, "YT1", 0.0),
        dispatched(hall, "YT2", 300.0),
        dispatched(hall, "YT3", 600.0),
    ];
    let last = records.iter().max().unwrap();
    let spoilt: RecordId = last.parse().unwrap();
    // the helper is the handler as well: no step may say that again
    let mut body = hall.record(last)["body"].clone();
    body["co_handlers"] = json!(["labour"]);
    store::write(&*hall.platform.store, |tx| {
        tx.later(
            "UPDATE record SET body = ?2 WHERE id = ?1",
            crate::values![spoilt.bytes(), body.to_string()],
        )
    })
    .unwrap();
    let (status, reply) = hall.with("operator", "POST", HAND_OVER, &hand("k", "h_1", "h_2"));
    assert_eq!(
        (status, &reply["error"]["code"]),
        (409, &json!("hand_over_refused")),
        "{reply}"
    );
    assert_eq!(reply["error"]["args"], json!({"record": last, "rule": "handler_twice"}));
    for record in &records {
        assert_eq!(hall.record(record)["body"]["handler_user"], "h_1");
        assert!(!hall.events(record).contains(&"T14_REASSIGN".to_owned()));
    }
}

fn alarmed(hall: &Hall) {
    let alarms = |hall: &Hall| -> Vec<Value> {
        let told = hall.get("/org/v1/alarms")["alarms"].as_array().unwrap().clone();
        told.into_iter().filter(|alarm| alarm["area"] == GRID).collect()
    };
    assert_eq!(alarms(hall), [] as [Value; 0], "everybody was put in place by hand");
    let worker = format!("s_{GRID}");
    // a first post takes the assignment over, and the post of the grid is ended
    hall.post(
        "/org/v1/posts",
        &json!({"staff": worker, "role": "RESERVE", "area": "370611001", "from": TODAY}),
    );
    let posts = hall.get(&format!("/org/v1/posts?staff={worker}"))["posts"]
        .as_array()
        .unwrap()
        .clone();
    let own = posts.iter().find(|post| post["role"] == "GRID_STAFF").unwrap();
    hall.post(
        &format!("/org/v1/posts/{}/end", text(&own["id"])),
        &json!({"until": "2026-09-03"}),
    );
    assert_eq!(alarms(hall), [] as [Value; 0]);
    hall.now("2026-09-06 08:00");
    assert_eq!(
        alarms(hall),
        [json!({"area": GRID, "code": "grid_without_staff", "since": "2026-09-04"})]
    );
    let members = |n: usize| {
        (0..n)
            .map(|n| format!("s_37061100190100{}", n % 2 + 1))
            .collect::<Vec<_>>()
    };
    hall.post("/org/v1/teams", &json!({"grid": GRID, "members": members(6)}));
    let codes: Vec<Value> = alarms(hall).into_iter().map(|alarm| alarm["code"].clone()).collect();
    assert_eq!(
        codes,
        ["grid_without_staff", "team_too_small"],
        "two people named three times are two"
    );
    for n in 0..5 {
        hall.post("/org/v1/posts", &post(&format!("m_{n}"), "GRID_ASSIST", GRID));
    }
    let team: Vec<String> = (0..5).map(|n| format!("m_{n}")).collect();
    hall.post("/org/v1/teams", &json!({"grid": GRID, "members": team}));
    assert_eq!(alarms(hall).len(), 1, "five are a team");
    let screen = hall.post("/admin/v1/access-keys", &json!({"label": "wall", "days": 1}));
    let (_, now) = hall.with(text(&screen["key"]), "GET", "/hall/v1/now", &Value::Null);
    assert_eq!(now["alarms"]["grid_without_staff"], 1, "the hall sees it");
}

fn key(hall: &Hall, door: &str) -> String {
    let reply = hall.post(
        "/admin/v1/access-keys",
        &json!({"door": door, "label": format!("{door}_1"), "days": 30}),
    );
    text(&reply["key"]).to_owned()
}

/// Every path of every door, as the sources have it, with something put for each name.
fn paths() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http");
    let mut paths = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let routes = source.split(".route(").skip(1);
        let first = routes.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
        paths.extend(first.map(str::to_owned));
    }
    assert!(paths.len() > 60, "the scan must find the routes, found {}", paths.len());
    paths
}

fn company(hall: &Hall) {
    hall.post("/org/v1/posts", &bureau("h_1", "labour"));
    on_duty(hall, "h_1");
    let record = dispatched(hall, "YT1", 0.0);
    act(hall, &record, "T17_SIGN", "DEPT_HANDLER", "h_1", json!({}));
    let key = key(hall, "company");
    let get = |path: &str| hall.with(&key, "GET", path, &Value::Null);
    let (status, staffing) = get("/company/v1/staffing");
    assert_eq!(status, 200, "{staffing}");
    assert_eq!(staffing["in_post"]["DEPT_HANDLER"], 1);
    assert!(staffing["in_post"]["GRID_STAFF"].as_u64().unwrap() >= 1);
    let (status, done) = get("/company/v1/performance?from=2026-09-01&until=2026-09-30");
    assert_eq!(status, 200, "{done}");
    let people = done["people"].as_array().unwrap();
    let own = people.iter().find(|row| row["staff"] == "h_1").unwrap();
    assert_eq!(own["done"]["signed"], 1, "{done}");
    let (_, later) = get("/company/v1/performance?from=2026-09-02&until=2026-09-30");
    assert_eq!(later["people"], json!([]));
    assert_eq!(get("/company/v1/performance?from=2026-09-02&until=2026-09-01").0, 422);

    // whatever else it asks, it is refused or gets what anybody gets, and no word of a resident comes out
    let residents = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/district/persons_fake.csv"
    ))
    .unwrap();
    let mut secrets: Vec<String> = residents
        .lines()
        .skip(1)
        .flat_map(|line| {
            line.split(',')
                .filter(|cell| cell.chars().count() > 1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|cell| !cell.is_ascii() || cell.len() >= 11 && !cell.starts_with("370611001"))
        .collect();
    secrets.extend(["测试甲", "16900000001", "楼道口有异味"].map(str::to_owned));
    assert!(secrets.len() > 80, "names, numbers and telephones: {}", secrets.len());
    let open = [
        "/health",
        "/healthz",
        "/openapi.json",
        "/hall",
        "/hall/screen.css",
        "/hall/screen.js",
    ];
    for path in paths() {
        let asked = path
            .replace("{record}", &record)
            .replace("{id}", &record)
            .replace("{incident}", &record)
            .replace("{scope}", &format!("grid:{GRID}"));
        for method in ["GET", "POST", "PATCH", "DELETE", "HEAD"] {
            let (status, _, body) = hall.ask(method, &asked, &key, "application/json", b"{}");
            let body = String::from_utf8_lossy(&body).into_owned();
            for secret in &secrets {
                assert!(!body.contains(secret.as_str()), "{method} {asked} tells {secret}");
            }
            let own = path.starts_with("/company/");
            let public = open.contains(&path.as_str()) || path.starts_with("/open311/");
            let refused = [400, 401, 403, 404, 405, 412, 415, 422, 426].contains(&status);
            assert!(own || public || refused, "{method} {asked} answers {status}: {body}");
        }
    }
    // and no other key opens the company's door
    let administrator = self::key(hall, "administrator");
    assert_eq!(
        hall.with(&administrator, "GET", "/company/v1/staffing", &Value::Null).0,
        401
    );
    assert_eq!(hall.with(&administrator, "GET", "/org/v1/alarms", &Value::Null).0, 200);
    assert_eq!(
        hall.with(&administrator, "GET", "/admin/v1/devices", &Value::Null).0,
        401
    );
    let (_, given) = hall.with(&administrator, "POST", "/org/v1/posts", &post("n_1", "RESERVE", GRID));
    assert_eq!(given["post"]["given_by"], "administrator_1");
}

fn company_phone(hall: &Hall) {
    let hr = json!({"id": "o_1", "roles": ["OPERATOR_HR"], "grids": [GRID], "new": true});
    hall.post("/admin/v1/staff", &hr);
    let phone = Phone::enrol(hall, "o_1", 1);
    assert!(phone.pull("district").is_some(), "dictionaries");
    assert_eq!(phone.pull(&format!("grid:{GRID}")), None);
    let person = json!({"do": "create", "grid": GRID, "body": {"name": "测试甲"}});
    let result = phone.push(&[phone.operation("person", record_id(1), person, 0)]);
    assert_eq!(result[0]["code"], "permission");
}
