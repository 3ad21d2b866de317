use serde_json::{Value, json};

use crate::hall_phone::Phone;
use crate::hall_tests::{GRID, Hall, Rule, id};

pub(crate) const RULES: &[Rule] = &[
    (
        "waves go out by time and by refusal, and end when enough have arrived",
        waves,
    ),
    (
        "a phone has the call and nothing else of the incident, and answers without signal",
        by_phone,
    ),
    ("a mobilisation that breaks a rule says which and calls nobody", broken),
    ("nobody is called twice within ten minutes, whatever for", not_twice),
    ("it ends with its incident, and is called off by who may call", ended),
    (
        "what is critical calls the grid's own people by itself, and reports tell how long they took",
        critical,
    ),
    ("every wave, answer and stop is in the history", logged),
];

const LEADER: &str = "l_370611001901";
const WORKER: &str = "s_370611001901001";
const NEIGHBOURS: [&str; 3] = ["W2 s_370611001901002", "W2 s_370611001901003", "W2 s_370611001901501"];

fn reserve(hall: &Hall) {
    let post = |staff: &str, role: &str, area: &str| {
        let post = json!({"staff": staff, "role": role, "area": area, "from": "2026-09-01", "new": true});
        hall.post("/org/v1/posts", &post);
    };
    post("x_1", "GRID_ASSIST", GRID);
    post("n_1", "RESERVE", "370611001901");
    post("d_1", "RESERVE", "370611");
}

fn incident(hall: &Hall, no: &str) -> String {
    let record = id(&hall.order(no, "投诉/人社/工资", 0.0));
    hall.tick();
    record
}

fn starting(record: &str, people: usize) -> Value {
    json!({"record": record, "staff": "z_1", "role": "DISTRICT_DISPATCHER", "people": people, "task": "疏散3号楼",
           "meeting_point": "小区东门", "risk_note": "注意用电"})
}

fn start(hall: &Hall, record: &str, people: usize) -> Value {
    hall.post("/admin/v1/mobilise", &starting(record, people))
}

fn answer(hall: &Hall, record: &str, staff: &str, answer: &str) -> Value {
    let said = json!({"record": record, "staff": staff, "answer": answer, "reason": "在外地"});
    hall.post("/admin/v1/mobilise/answer", &said)
}

fn called(record: &Value) -> Vec<String> {
    let calls = record["body"]["called"].as_array().unwrap().iter();
    calls
        .map(|call| format!("{} {}", call["wave"].as_str().unwrap(), call["staff"].as_str().unwrap()))
        .collect()
}

fn shown(hall: &Hall, record: &str) -> Value {
    hall.get(&format!("/admin/v1/mobilise/{record}"))
}

fn waves(hall: &Hall) {
    reserve(hall);
    let record = incident(hall, "YT1");
    let first = start(hall, &record, 2);
    let w0 = [format!("W0 {LEADER}"), format!("W0 {WORKER}")];
    assert_eq!(called(&first), w0);
    assert_eq!(first["body"]["need"], json!({"people": 2, "farthest": "W3"}));
    hall.now("2026-09-01 10:01");
    assert_eq!(hall.tick()["mobilisations"], 0, "two minutes are not over");
    // one cannot, the other is on the way: all have answered, and one is too few
    answer(hall, &record, LEADER, "cannot");
    assert_eq!(called(&shown(hall, &record)), w0, "the other has not answered yet");
    let after = answer(hall, &record, WORKER, "coming");
    assert_eq!(called(&after)[2..], ["W1 x_1"], "by refusal, at once");
    hall.now("2026-09-01 10:05");
    assert_eq!(hall.tick()["mobilisations"], 0);
    hall.now("2026-09-01 10:06");
    assert_eq!(hall.tick()["mobilisations"], 1, "five minutes without an answer");
    let now = shown(hall, &record);
    assert_eq!(called(&now)[3..], NEIGHBOURS);
    hall.now("2026-09-01 10:16");
    hall.tick();
    assert_eq!(called(&shown(hall, &record))[6..], ["W3 n_1"]);
    answer(hall, &record, WORKER, "arrived");
    let last = answer(hall, &record, "n_1", "arrived");
    assert_eq!(last["state"], "STOPPED", "enough");
    hall.now("2026-09-01 12:00");
    assert_eq!(hall.tick()["mobilisations"], 0);
    assert_eq!(called(&shown(hall, &record)).len(), 7, "no further call went out");
    let done = answer(hall, &record, WORKER, "done");
    assert_eq!(
        done["body"]["called"][1]["answer"], "done",
        "what comes after the stop is kept"
    );
}

fn by_phone(hall: &Hall) {
    reserve(hall);
    let record = incident(hall, "YT1");
    start(hall, &record, 9);
    let called_now = called(&shown(hall, &record));
    assert_eq!(
        called_now,
        [format!("W0 {LEADER}"), format!("W0 {WORKER}"), "W1 x_1".to_owned()],
        "many are needed"
    );
    hall.now("2026-09-01 10:05");
    hall.tick();
    hall.now("2026-09-01 10:15");
    hall.tick();
    let phone = Phone::enrol(hall, "n_1", 1);
    let told = phone.pull("user:n_1").unwrap();
    assert!(told.contains("小区东门") && told.contains("疏散3号楼"), "{told}");
    assert!(
        !told.contains("楼道口有异味") && !told.contains("\"kind\":\"incident\""),
        "nothing of the incident: {told}"
    );
    let mobilisation = shown(hall, &record)["id"].as_str().unwrap().parse().unwrap();
    let said = |item: Value| {
        let action = json!({"do": "append", "list": "answers", "item": item});
        phone.operation("mobilisation", mobilisation, action, 60_000)
    };
    let result = phone.push(&[said(json!({"id": "a", "answer": "coming", "minutes": 8}))]);
    assert_eq!(result[0]["status"], "applied", "{result:?}");
    let line = shown(hall, &record)["body"]["called"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (&line["staff"], &line["answer"], &line["minutes"]),
        (&json!("n_1"), &json!("coming"), &json!(8))
    );
    assert_eq!(
        hall.tick()["mobilisations"],
        0,
        "nobody else is left up to the third wave"
    );
    let refused = |op: Value| phone.push(&[op])[0]["code"].as_str().unwrap().to_owned();
    assert_eq!(
        refused(said(json!({"answer": "done"}))),
        "mobilisation_answer_backwards"
    );
    assert_eq!(refused(said(json!({"answer": "cannot"}))), "reason_missing");
    assert_eq!(refused(said(json!({"answer": "perhaps"}))), "validation");
    let patch = json!({"do": "patch", "base": {}, "set": {"task": "回家"}});
    assert_eq!(
        refused(phone.operation("mobilisation", mobilisation, patch, 0)),
        "permission"
    );
    let stranger = Phone::enrol(hall, "d_1", 2);
    let action = json!({"do": "append", "list": "answers", "item": {"answer": "coming"}});
    let op = stranger.operation("mobilisation", mobilisation, action, 0);
    assert_eq!(stranger.push(&[op])[0]["code"], "mobilisation_not_called");
}

fn broken(hall: &Hall) {
    let path = "/admin/v1/mobilise";
    let record = incident(hall, "YT1");
    let with = |name: &str, value: Value| {
        let mut asked = starting(&record, 2);
        asked[name] = value;
        hall.refused(path, &asked)
    };
    assert_eq!(
        with("record", json!("01890000-0000-7000-8000-000000000000")),
        (404, "not_found".to_owned())
    );
    assert_eq!(with("role", json!("CITIZEN")).1, "role");
    assert_eq!(
        with("staff", json!(WORKER)).1,
        "role",
        "who is known holds the role they claim"
    );
    assert_eq!(with("people", json!(0)), (409, "mobilisation_people".to_owned()));
    assert_eq!(with("farthest", json!("W4")), (409, "mobilisation_too_wide".to_owned()));
    assert_eq!(with("task", json!(" ")).1, "mobilisation_task_missing");
    assert_eq!(with("risk_note", json!("险".repeat(201))).1, "mobilisation_text");
    assert_eq!(
        hall.with("operator", "GET", &format!("{path}/{record}"), &Value::Null)
            .0,
        404,
        "nobody was called"
    );
    start(hall, &record, 2);
    assert_eq!(
        hall.refused(path, &starting(&record, 2)),
        (409, "mobilisation_running".to_owned())
    );
    let said = |staff: &str, answer: &str| {
        let said = json!({"record": record, "staff": staff, "answer": answer});
        hall.refused(&format!("{path}/answer"), &said)
    };
    assert_eq!(said("n_1", "coming"), (409, "mobilisation_not_called".to_owned()));
    assert_eq!(said(WORKER, "done").1, "mobilisation_answer_backwards");
    assert_eq!(said(WORKER, "cannot").1, "reason_missing");
    assert_eq!(said(WORKER, "none").1, "mobilisation_answer_backwards");
    let other = incident(hall, "YT2");
    let elsewhere = json!({"record": other, "staff": WORKER, "answer": "coming"});
    assert_eq!(
        hall.refused(&format!("{path}/answer"), &elsewhere),
        (404, "not_found".to_owned())
    );
    let key = hall.key("HOTLINE_12345");
    let mut placeless = crate::hall_tests::order("YT3", "投诉/人社/工资", 0.0);
    placeless.as_object_mut().unwrap().remove("place");
    let (_, taken) = hall.with(&key, "POST", "/channels/v1/orders", &placeless);
    let nowhere = starting(&id(&taken), 1);
    assert_eq!(hall.refused(path, &nowhere).1, "mobilisation_without_grid");
}

fn not_twice(hall: &Hall) {
    let (first, second) = (incident(hall, "YT1"), incident(hall, "YT2"));
    assert_eq!(called(&start(hall, &first, 2)).len(), 2);
    hall.now("2026-09-01 10:01");
    let other = start(hall, &second, 2);
    assert_eq!(called(&other), NEIGHBOURS, "the grid's own were called a minute ago");
    hall.now("2026-09-01 10:10");
    hall.tick();
    let after = called(&shown(hall, &second));
    assert_eq!(
        after[3..],
        [format!("W0 {LEADER}"), format!("W0 {WORKER}")],
        "ten minutes are over"
    );

    // called off and begun anew: the ten minutes hold, and then everybody counts again
    let stop = json!({"record": second, "staff": "z_1", "role": "DISTRICT_DISPATCHER", "reason": "误报"});
    hall.post("/admin/v1/mobilise/stop", &stop);
    assert_eq!(called(&start(hall, &second, 2)), [] as [&str; 0]);
    hall.now("2026-09-01 10:20");
    hall.tick();
    assert_eq!(
        called(&shown(hall, &second)),
        [format!("W0 {LEADER}"), format!("W0 {WORKER}")]
    );
}

fn ended(hall: &Hall) {
    let record = incident(hall, "YT1");
    start(hall, &record, 5);
    let stop = |staff: &str, role: &str, reason: &str| {
        hall.refused(
            "/admin/v1/mobilise/stop",
            &json!({"record": record, "staff": staff, "role": role, "reason": reason}),
        )
    };
    assert_eq!(stop(WORKER, "GRID_STAFF", "够了").1, "role");
    assert_eq!(stop("z_1", "SUPERVISOR", "").1, "reason_missing");
    assert_eq!(
        stop(LEADER, "GRID_LEADER", "已控制").0,
        200,
        "the leader calls the team, and calls it off"
    );
    assert_eq!(
        stop("z_1", "SUPERVISOR", "再停"),
        (409, "mobilisation_not_running".to_owned())
    );
    assert_eq!(shown(hall, &record)["state"], "STOPPED");

    hall.now("2026-09-01 11:00");
    start(hall, &record, 5);
    hall.step(&record, "T17_SIGN", "DEPT_HANDLER", json!({}));
    hall.step(&record, "T24_FEEDBACK", "DEPT_HANDLER", json!({"result": "explained"}));
    let told = json!({"channel": "HOTLINE_12345", "order_no": "YT1", "staff": "v_1", "contacted": true});
    hall.post("/admin/v1/replies", &told);
    hall.step(&record, "T28_CLOSE", "DISTRICT_ACCEPTOR", json!({}));
    hall.now("2026-09-01 11:10");
    hall.tick();
    let after = shown(hall, &record);
    assert_eq!(after["state"], "STOPPED");
    let last = after["body"]["log"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["what"], &last["why"]),
        (&json!("stopped"), &json!("incident_over"))
    );
    assert_eq!(
        hall.refused("/admin/v1/mobilise", &starting(&record, 1)).1,
        "mobilisation_incident_over"
    );
}

fn critical(hall: &Hall) {
    let key = hall.key("HOTLINE_12345");
    let mut grave = crate::hall_tests::order("YT1", "投诉/人社/工资", 0.0);
    grave["urgency"] = json!("CRITICAL");
    let (_, taken) = hall.with(&key, "POST", "/channels/v1/orders", &grave);
    let record = id(&taken);
    assert_eq!(hall.tick()["mobilisations"], 1);
    let first = shown(hall, &record);
    assert_eq!(called(&first), [format!("W0 {LEADER}"), format!("W0 {WORKER}")]);
    assert_eq!(first["body"]["log"][0]["by"], "SYSTEM");
    assert_eq!(hall.tick()["mobilisations"], 0, "it has one");
    hall.now("2026-09-01 10:01");
    answer(hall, &record, LEADER, "coming");
    hall.now("2026-09-01 10:05");
    answer(hall, &record, LEADER, "arrived");
    let report = hall.get("/admin/v1/reports/monthly-2026-09-01-370611.json");
    let rows = report["report"]["rows"].as_array().unwrap();
    let k37 = rows.iter().find(|row| row["code"] == "K37").unwrap();
    assert_eq!(k37["now"], json!({"minutes": 1}), "{k37}");
    let ordinary = incident(hall, "YT2");
    assert_eq!(
        hall.with(
            "operator",
            "GET",
            &format!("/admin/v1/mobilise/{ordinary}"),
            &Value::Null
        )
        .0,
        404
    );
}

fn logged(hall: &Hall) {
    let record = incident(hall, "YT1");
    start(hall, &record, 1);
    answer(hall, &record, WORKER, "coming");
    answer(hall, &record, WORKER, "coming");
    let last = answer(hall, &record, WORKER, "arrived");
    let log = last["body"]["log"].as_array().unwrap().clone();
    let what: Vec<&str> = log.iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(
        what,
        ["started", "wave", "answer", "answer", "stopped"],
        "what was said twice is there once"
    );
    assert_eq!(log[1]["called"], json!([LEADER, WORKER]));
    assert_eq!(log[0]["by"], "z_1");
    let mobilisation: fushan_grid_core::model::ids::RecordId = last["id"].as_str().unwrap().parse().unwrap();
    let rows = crate::store::read(&*hall.platform.store, |tx| {
        tx.query(
            "SELECT doc FROM history WHERE record = ? ORDER BY rev, op",
            crate::values![mobilisation.bytes()],
        )
    })
    .unwrap();
    assert_eq!(rows.len(), log.len(), "a row for each line");
}
