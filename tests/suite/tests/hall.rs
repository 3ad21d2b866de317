//! The hall's screen and the month's report in a real browser. Pictures go below the target folder, which git ignores.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::Command;

use fushan_grid_core::platform::Method;
use fushan_suite::field::{Field, GRID};
use serde_json::{Value, json};

/// Where a browser usually is.
const BROWSERS: [&str; 3] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
];

fn browser() -> Option<PathBuf> {
    let found = BROWSERS.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() {
        fushan_platform::scratch::skipped("no Chromium is installed");
    }
    found
}

fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Opens an address, lets its script work for a while, takes a picture, and gives the page as it is then.
fn opened(browser: &Path, address: &str, picture: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let run = |what: &[&str]| {
        let output = Command::new(browser)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .args([
                "--window-size=1920,1080",
                "--virtual-time-budget=3000",
                "--timeout=20000",
            ])
            .args(what)
            .arg(address)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run(&[&format!("--screenshot={}", pictures().join(picture).display())]);
    run(&["--dump-dom"])
}

fn order(field: &Field, key: &str, no: &str, class: &str, step: f64) {
    let order = json!({
        "order_no": no, "class": class, "description": "仅供测试",
        "place": {"lon": 121.2625 + step, "lat": 37.502, "crs": "CGCS2000"}, "facts": {"managed_estate": true},
        "reporter": {"name": "测试甲", "phone": "16900000001"}
    });
    let reply = field
        .raw(
            Method::Post,
            "/channels/v1/orders",
            Some(key),
            order.to_string().into_bytes(),
        )
        .unwrap();
    assert_eq!(reply.status, 200);
}

fn key(field: &Field, request: &Value) -> String {
    field.operate("/admin/v1/access-keys", request).unwrap()["key"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A platform with a few incidents under way.
fn busy() -> Field {
    let field = Field::start().unwrap();
    let channel = key(&field, &json!({"channel": "HOTLINE_12345", "label": "test", "days": 1}));
    let classes = [
        "求助/供热/漏水",
        "投诉/从未见过",
        "投诉/生态环境/餐饮油烟",
        "求助/市政/路灯",
    ];
    for (n, step) in (0..24_u32).zip((0..24).map(|n| f64::from(n) * 0.0009)) {
        order(&field, &channel, &format!("YT{n}"), classes[n as usize % 4], step);
    }
    field.operate("/admin/v1/tick", &json!({})).unwrap();
    field
}

#[test]
fn the_screen_shows_what_the_platform_counts_and_no_person() {
    let Some(browser) = browser() else { return };
    let field = busy();
    let screen = key(&field, &json!({"label": "wall", "days": 1}));
    let page = opened(&browser, &format!("{}/hall#{screen}", field.platform.url()), "hall.png");
    assert!(page.contains("data-ready=\"yes\""), "the script has not run: {page}");
    assert!(page.contains("<b>24</b><span>今日上报</span>"), "{page}");
    assert!(
        page.contains(&format!("data-grid=\"{GRID}\"")) && page.contains("fill=\"#"),
        "{page}"
    );
    assert!(page.contains("分拨") && page.contains("供热漏水"), "{page}");
    for told in ["测试甲", "16900000001", "仅供测试"] {
        assert!(!page.contains(told), "{told} is on the wall");
    }
    assert!(pictures().join("hall.png").metadata().unwrap().len() > 20_000);
    let page = opened(
        &browser,
        &format!("{}/hall#wrong", field.platform.url()),
        "hall-refused.png",
    );
    assert!(page.contains("密钥无效"), "a wrong key must be told: {page}");
}
