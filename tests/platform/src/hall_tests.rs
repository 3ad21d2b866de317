//! What the hall's services must do, written once and run against both databases through the platform's own doors, under a
//! clock that the test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fushan_grid_core::model::time::UtcMillis;
use serde_json::{Value, json};

use crate::scratch::{Cluster, INSTALL};
use crate::{Asked, Config, Lifetimes, Local, Platform, assemble};

pub(crate) type Rule = (&'static str, fn(&Hall));

/// Every rule by its name.
fn all() -> impl Iterator<Item = &'static Rule> {
    let rules = crate::intake::tests::RULES.iter();
    rules
        .chain(crate::dispatching::tests::RULES)
        .chain(crate::timers::tests::RULES)
        .chain(crate::reports::tests::RULES)
        .chain(crate::screen::tests::RULES)
        .chain(crate::open311::tests::RULES)
        .chain(crate::organisation::tests::RULES)
        .chain(crate::mobilise::tests::RULES)
}

#[test]
fn sqlite_keeps_the_rules_of_the_hall() {
    for (name, rule) in all() {
        println!("{name}");
        rule(&Hall::open(None));
    }
}

#[test]
fn postgres_keeps_the_rules_of_the_hall() {
    let Some(cluster) = Cluster::start().unwrap() else {
        crate::scratch::skipped(&format!("no PostgreSQL 15 or later is installed: {INSTALL}"));
        return;
    };
    for (name, rule) in all() {
        println!("{name}");
        rule(&Hall::open(Some(cluster.database().unwrap())));
    }
}

/// A platform without a socket, its clock, and its operator.
pub(crate) struct Hall {
    local: Local,
    /// What is behind the doors, for what no door does: a damaged row.
    pub(crate) platform: Arc<Platform>,
    clock: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

/// A grid of the sample, and a point in it.
pub(crate) const GRID: &str = "370611001901001";
pub(crate) const LON: f64 = 121.264;
pub(crate) const LAT: f64 = 37.502;

/// A moment of the district, such as `2026-09-01 10:00`.
pub(crate) fn at(text: &str) -> UtcMillis {
    UtcMillis::parse_rfc3339(&format!("{}:00+08:00", text.replace(' ', "T"))).unwrap()
}

impl Hall {
    pub(crate) fn open(database_url: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(at("2026-09-01 10:00").0));
        let district = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/district");
        let config = Config {
            database_url,
            // the clock leaps: phones of these tests do not refresh
            lifetimes: Lifetimes {
                access_ms: 800 * 86_400_000,
                refresh_ms: 800 * 86_400_000,
            },
            ..Config::new(district.into(), folder.path().join("blobs"), "operator")
        };
        let told = Arc::clone(&clock);
        let clock_of = Arc::new(move || UtcMillis(told.load(Ordering::SeqCst)));
        let platform = Arc::new(assemble(&config, clock_of, true).unwrap());
        Self {
            local: Local::of(Arc::clone(&platform)),
            platform,
            clock,
            _folder: folder,
        }
    }

    /// Sets the platform's clock.
    pub(crate) fn now(&self, text: &str) {
        self.clock.store(at(text).0, Ordering::SeqCst);
    }

    /// Asks; gives status, media type and body.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        token: &str,
        media: &str,
        body: &[u8],
    ) -> (u16, String, Vec<u8>) {
        let bearer = format!("Bearer {token}");
        let asked = Asked {
            method,
            path,
            headers: &[("authorization", bearer.as_str()), ("content-type", media)],
            body,
            cut_at: None,
        };
        // no runtime of ours: the store of PostgreSQL has one of its own, and waits for it
        let answer = futures_executor::block_on(self.local.answer(asked)).unwrap();
        let media = answer.headers.get("content-type").cloned().unwrap_or_default();
        (answer.status, media, answer.body)
    }

    pub(crate) fn with(&self, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let sent = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let (status, _, body) = self.ask(method, path, token, "application/json", &sent);
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// The operator posts, and it is taken.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let (status, reply) = self.with("operator", "POST", path, body);
        assert_eq!(status, 200, "{path}: {reply}");
        reply
    }

    /// The operator posts, and it is refused with this code.
    pub(crate) fn refused(&self, path: &str, body: &Value) -> (u16, String) {
        let (status, reply) = self.with("operator", "POST", path, body);
        (status, reply["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, reply) = self.with("operator", "GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {reply}");
        reply
    }

    /// A key of a channel.
    pub(crate) fn key(&self, channel: &str) -> String {
        let reply = self.post(
            "/admin/v1/access-keys",
            &json!({"channel": channel, "label": "test", "days": 30}),
        );
        reply["key"].as_str().unwrap().to_owned()
    }

    /// An order of the 12345 hotline at a distance east of the usual point.
    pub(crate) fn order(&self, no: &str, class: &str, metres: f64) -> Value {
        let key = self.key("HOTLINE_12345");
        let (status, reply) = self.with(&key, "POST", "/channels/v1/orders", &order(no, class, metres));
        assert_eq!(status, 200, "{reply}");
        reply
    }

    /// A desk takes a step.
    pub(crate) fn step(&self, record: &str, event: &str, role: &str, args: Value) -> Value {
        let act = json!({"record": record, "event": event, "role": role, "staff": format!("{role}_1"), "args": args});
        let reply = self.post("/admin/v1/act", &act);
        assert_ne!(reply["status"], "rejected", "{event}: {reply}");
        reply
    }

    pub(crate) fn tick(&self) -> Value {
        self.post("/admin/v1/tick", &json!({}))
    }

    pub(crate) fn record(&self, id: &str) -> Value {
        self.get(&format!("/admin/v1/records/{id}"))
    }

    pub(crate) fn state(&self, id: &str) -> String {
        self.record(id)["state"].as_str().unwrap().to_owned()
    }

    /// Ids of the history's steps.
    pub(crate) fn events(&self, id: &str) -> Vec<String> {
        let record = self.record(id);
        let lines = record["body"]["history"].as_array().unwrap();
        lines
            .iter()
            .map(|line| line["event"].as_str().unwrap().to_owned())
            .collect()
    }
}

pub(crate) fn id(reply: &Value) -> String {
    reply["record"].as_str().unwrap().to_owned()
}

/// An order of the hotline.
pub(crate) fn order(no: &str, class: &str, metres: f64) -> Value {
    let lon = LON + metres / (111_195.0 * LAT.to_radians().cos());
    json!({
        "order_no": no, "class": class, "description": "楼道口有异味", "place": {"lon": lon, "lat": LAT, "crs": "CGCS2000"},
        "facts": {"managed_estate": true}, "reporter": {"name": "测试甲", "phone": "16900000001"}
    })
}
