use fushan_grid_core::model::time::UtcMillis;
use serde_json::{Value, json};

use crate::hall_tests::{Hall, Rule, at, id};

pub(crate) const RULES: &[Rule] = &[
    ("a small month counted by hand agrees on every level", counted),
    (
        "what changes after the freeze is a correction in the next report",
        corrected,
    ),
    ("a report comes as JSON, CSV, workbook and page", formed),
];

/// Three reports of one grid: one goes all seven steps in time, one is refused to be accepted, one stays open past its limit.
fn month(hall: &Hall) -> String {
    let first = id(&hall.order("1", "求助/供热/室温", 0.0));
    hall.tick();
    hall.now("2026-09-01 11:00");
    hall.step(&first, "T17_SIGN", "DEPT_HANDLER", json!({}));
    hall.now("2026-09-01 15:00");
    hall.step(&first, "T24_FEEDBACK", "DEPT_HANDLER", json!({"result": "explained"}));
    let reply = |more: Value| {
        let mut told = json!({"channel": "HOTLINE_12345", "order_no": "1", "staff": "v_1", "contacted": true});
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hall.post("/admin/v1/replies", &told)
    };
    reply(json!({}));
    hall.now("2026-09-01 16:00");
    hall.step(&first, "T28_CLOSE", "DISTRICT_ACCEPTOR", json!({}));
    reply(json!({"solved": true, "satisfaction": 5}));
    let nothing = id(&hall.order("2", "投诉/从未见过", 100.0));
    hall.step(
        &nothing,
        "T09_REJECT",
        "DISTRICT_ACCEPTOR",
        json!({"reason_code": "not_exist", "reply": "现场无此情况"}),
    );
    let open = id(&hall.order("3", "求助/供热/室温", -120.0));
    hall.tick();
    hall.step(&open, "T17_SIGN", "DEPT_HANDLER", json!({}));
    open
}

fn figure(report: &Value, code: &str) -> Value {
    let rows = report["report"]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["code"] == code).unwrap()["now"].clone()
}

fn counted(hall: &Hall) {
    month(hall);
    hall.now("2026-10-10 09:00");
    for area in ["370611", "370611001", "370611001901", "370611001901001"] {
        let report = hall.get(&format!("/admin/v1/reports/monthly-2026-09-15-{area}.json"));
        assert_eq!(report["left_out"], 0);
        let expected = [
            ("K01", json!({"count": 3})),
            ("K02", json!({"share": {"part": 2, "of": 3}})),
            ("K04", json!({"share": {"part": 2, "of": 3}})),
            ("K05", json!({"share": {"part": 2, "of": 2}})),
            ("K06", json!({"share": {"part": 2, "of": 2}})),
            ("K10", json!({"count": 2})),
            ("K11", json!({"share": {"part": 1, "of": 2}})),
            ("K12", json!({"share": {"part": 1, "of": 2}})),
            ("K13", json!({"count": 1})),
            // from 11:00 to 15:00 with noon free: two hours and a half
            ("K18d", json!({"minutes": 150})),
            ("K19", json!({"share": {"part": 1, "of": 1}})),
            ("K20s", json!({"share": {"part": 1, "of": 1}})),
            ("K24", json!({"share": {"part": 0, "of": 3}})),
        ];
        for (code, value) in expected {
            assert_eq!(figure(&report, code), value, "{code} of {area}");
        }
    }
    let week = hall.get("/admin/v1/reports/weekly-2026-09-01-370611.json");
    assert_eq!(figure(&week, "K01"), json!({"count": 3}));
    let elsewhere = hall.get("/admin/v1/reports/monthly-2026-09-15-370611002.json");
    assert_eq!(figure(&elsewhere, "K01"), json!({"count": 0}));
    let rows = figure(&hall.get("/admin/v1/reports/monthly-2026-09-15-370611.json"), "K27n");
    assert_eq!(
        rows,
        json!({"count": 52}),
        "forty people and twelve firms of the sample"
    );
    let figure_of = |code: &str| figure(&hall.get("/admin/v1/reports/monthly-2026-09-15-370611.json"), code);
    // two cases to forty people, in ten thousand
    assert_eq!(figure_of("K26"), json!({"thousandths": 500_000}));
    hall.platform_writes("person", json!({"name": "测试终止", "status": "22"}));
    let household = |at: UtcMillis| json!({"household_no": "1", "visits": [{"at": at}]});
    hall.platform_writes("household", household(at("2026-09-03 15:00")));
    hall.platform_writes("household", household(at("2026-08-03 15:00")));
    assert_eq!(figure_of("K32")["share"]["part"], 1, "one was visited in the month");
    hall.platform_writes(
        "hazard",
        json!({"state": "CLEARED", "severity": 2, "found_at": at("2026-09-05 09:00")}),
    );
    hall.platform_writes(
        "hazard",
        json!({"state": "RECTIFYING", "severity": 3, "found_at": at("2026-09-06 09:00")}),
    );
    hall.platform_writes(
        "hazard",
        json!({"state": "FIXED_ON_SITE", "severity": 1, "found_at": at("2026-08-31 09:00")}),
    );
    hall.platform_writes(
        "hazard",
        json!({"state": "WITHDRAWN", "severity": 3, "found_at": at("2026-09-06 09:00")}),
    );
    assert_eq!(
        figure_of("K26"),
        json!({"thousandths": 500_000}),
        "who has left is not counted"
    );
    for (code, value) in [
        ("K30n", json!({"count": 2})),
        ("K30", json!({"share": {"part": 1, "of": 2}})),
        ("K30r", json!({"share": {"part": 1, "of": 2}})),
        ("K31n", json!({"count": 1})),
    ] {
        assert_eq!(figure_of(code), value, "{code}");
    }
}

fn corrected(hall: &Hall) {
    month(hall);
    hall.now("2026-09-28 09:00");
    let late = id(&hall.order("4", "求助/供热/室温", 150.0));
    hall.tick();
    hall.step(&late, "T17_SIGN", "DEPT_HANDLER", json!({}));
    hall.step(&late, "T24_FEEDBACK", "DEPT_HANDLER", json!({"result": "explained"}));
    let told = |more: Value| {
        let mut told = json!({"channel": "HOTLINE_12345", "order_no": "4", "staff": "v_1", "contacted": true});
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hall.post("/admin/v1/replies", &told)
    };
    told(json!({}));
    hall.step(&late, "T28_CLOSE", "DISTRICT_ACCEPTOR", json!({}));
    let report = |day: &str| hall.get(&format!("/admin/v1/reports/monthly-{day}-370611.json"));
    hall.now("2026-10-01 09:00");
    assert_eq!(
        figure(&report("2026-09-15"), "K19"),
        json!({"share": {"part": 1, "of": 1}}),
        "not frozen yet, not kept"
    );
    hall.now("2026-10-02 09:00");
    let printed = report("2026-09-15");
    assert_eq!(told(json!({"solved": false, "satisfaction": 2}))["evaluated"], true);
    hall.now("2026-11-03 09:00");
    assert_eq!(
        report("2026-09-15")["report"]["rows"],
        printed["report"]["rows"],
        "a frozen period stays as it is"
    );
    let corrections = report("2026-10-15")["report"]["corrections"]
        .as_array()
        .unwrap()
        .clone();
    let k19 = corrections.iter().find(|c| c["code"] == "K19").unwrap();
    assert_eq!(k19["was"], json!({"share": {"part": 1, "of": 1}}));
    assert_eq!(k19["now"], json!({"share": {"part": 1, "of": 2}}));
    let codes: Vec<&str> = corrections.iter().filter_map(|c| c["code"].as_str()).collect();
    assert_eq!(codes, ["K19", "K19b", "K20c", "K21"], "nothing else has changed");
}

fn formed(hall: &Hall) {
    month(hall);
    hall.now("2026-10-10 09:00");
    let ask = |form: &str| {
        hall.ask(
            "GET",
            &format!("/admin/v1/reports/monthly-2026-09-01-370611.{form}"),
            "operator",
            "",
            b"",
        )
    };
    let (status, media, csv) = ask("csv");
    assert_eq!((status, media.as_str()), (200, "text/csv; charset=utf-8"));
    assert!(
        String::from_utf8(csv)
            .unwrap()
            .contains("K11,结案率,closed of due,50.00 %")
    );
    let (status, media, page) = ask("html");
    assert_eq!((status, media.as_str()), (200, "text/html; charset=utf-8"));
    let page = String::from_utf8(page).unwrap();
    assert!(
        page.contains("<svg") && page.contains("福山区") && !page.contains("http://") && !page.contains("https://")
    );
    let (status, media, book) = ask("xlsx");
    assert_eq!(
        (status, media.contains("spreadsheetml"), book.get(..2)),
        (200, true, Some(b"PK".as_slice()))
    );
    for missing in [
        "monthly-2026-09-01-370611.pdf",
        "daily-2026-09-01-370611.json",
        "monthly-2026-13-01-370611.json",
        "monthly-2026-09-01-999999.json",
    ] {
        assert_eq!(
            hall.with("operator", "GET", &format!("/admin/v1/reports/{missing}"), &Value::Null)
                .0,
            404,
            "{missing}"
        );
    }
}
