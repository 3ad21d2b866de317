use serde_json::{Value, json};

use crate::hall_tests::{GRID, Hall, Rule, id};

pub(crate) const RULES: &[Rule] = &[
    (
        "the screen counts today by step and level, what is overdue, and by grid",
        counted,
    ),
    ("the screen tells nothing about a person and only looks", private),
];

fn screen_key(hall: &Hall) -> String {
    let reply = hall.post("/admin/v1/access-keys", &json!({"label": "wall", "days": 30}));
    reply["key"].as_str().unwrap().to_owned()
}

fn counted(hall: &Hall) {
    let first = id(&hall.order("1", "求助/供热/漏水", 0.0));
    hall.order("2", "投诉/从未见过", 100.0);
    hall.tick();
    hall.now("2026-09-01 10:01");
    hall.step(&first, "T17_SIGN", "DEPT_HANDLER", json!({}));
    hall.tick();
    let key = screen_key(hall);
    let now = || hall.with(&key, "GET", "/hall/v1/now", &Value::Null).1;
    let shown = now();
    assert_eq!(
        (
            shown["today"].as_u64(),
            shown["open"].as_u64(),
            shown["overdue"].as_u64()
        ),
        (Some(2), Some(2), Some(0))
    );
    assert_eq!(shown["steps"][3]["zh"], "处置");
    assert_eq!(shown["steps"][3]["levels"], json!([0, 0, 1]), "{shown}");
    assert_eq!(shown["steps"][0]["today"], 1);
    assert_eq!(shown["grids"], json!([[GRID, 2, 0]]));
    assert_eq!(shown["feed"][0]["zh"], "签收", "{shown}");
    hall.now("2026-09-02 10:00");
    hall.tick();
    let shown = now();
    assert_eq!(
        (shown["today"].as_u64(), shown["overdue"].as_u64()),
        (Some(0), Some(2)),
        "{shown}"
    );
    assert_eq!(shown["late"][0]["org"], "供热企业", "{shown}");
    let map = hall.with(&key, "GET", "/hall/v1/map", &Value::Null).1;
    assert!(
        map["grids"].as_array().unwrap().iter().any(|grid| grid["code"] == GRID),
        "{map}"
    );
}

fn private(hall: &Hall) {
    hall.order("1", "求助/供热/漏水", 0.0);
    hall.tick();
    let key = screen_key(hall);
    let text = hall.with(&key, "GET", "/hall/v1/now", &Value::Null).1.to_string();
    for told in ["楼道口有异味", "测试甲", "16900000001", "c_"] {
        assert!(!text.contains(told), "{told} in {text}");
    }
    for wrong in ["", "0000", "operator"] {
        assert_eq!(hall.with(wrong, "GET", "/hall/v1/now", &Value::Null).0, 401);
    }
    let channel = hall.key("HOTLINE_12345");
    assert_eq!(
        hall.with(&channel, "GET", "/hall/v1/now", &Value::Null).0,
        401,
        "a channel is no screen"
    );
    assert_eq!(hall.with(&key, "POST", "/hall/v1/now", &json!({})).0, 405);
    assert_eq!(
        hall.with(&key, "POST", "/channels/v1/orders", &json!({})).0,
        401,
        "a screen is no channel"
    );
    assert_eq!(hall.with(&key, "GET", "/admin/v1/replies", &Value::Null).0, 401);
    let (status, media, page) = hall.ask("GET", "/hall", "", "", b"");
    assert_eq!((status, media.as_str()), (200, "text/html; charset=utf-8"));
    let page = String::from_utf8(page).unwrap();
    assert!(!page.contains("http"), "the page asks for nothing from elsewhere");
}
