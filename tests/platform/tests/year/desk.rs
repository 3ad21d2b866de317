//! The platform under test, asked through its own doors, without a socket and under the year's clock.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fushan_grid_core::model::ids::{DeviceId, Incarnation};
use fushan_grid_core::model::time::UtcMillis;
use fushan_platform::{Asked, Config, Lifetimes, Local};
use serde_json::{Value, json};

use super::random::Random;

/// The platform, its clock, and whoever asks it.
pub struct Desk {
    local: Local,
    clock: Arc<AtomicI64>,
    keys: HashMap<String, String>,
    phones: HashMap<String, Phone>,
    /// Requests asked.
    pub asked: u64,
}

/// A phone as the platform knows it.
struct Phone {
    device: DeviceId,
    token: String,
    next_n: u64,
}

impl Desk {
    pub fn open(district: &Path, blobs: &Path, database: Option<&Path>, url: Option<String>, now: UtcMillis) -> Self {
        let clock = Arc::new(AtomicI64::new(now.0));
        let config = Config {
            database: database.map(Path::to_owned),
            database_url: url,
            lifetimes: Lifetimes {
                access_ms: 800 * 86_400_000,
                refresh_ms: 800 * 86_400_000,
            },
            ..Config::new(district.to_owned(), blobs.to_owned(), "operator")
        };
        let told = Arc::clone(&clock);
        let local = Local::open(&config, Arc::new(move || UtcMillis(told.load(Ordering::SeqCst)))).unwrap();
        Self {
            local,
            clock,
            keys: HashMap::new(),
            phones: HashMap::new(),
            asked: 0,
        }
    }

    pub fn set_clock(&self, now: UtcMillis) {
        self.clock.store(now.0, Ordering::SeqCst);
    }

    pub fn now(&self) -> UtcMillis {
        UtcMillis(self.clock.load(Ordering::SeqCst))
    }

    pub fn raw(&mut self, method: &str, path: &str, token: &str, body: &[u8]) -> (u16, Vec<u8>) {
        self.asked += 1;
        let bearer = format!("Bearer {token}");
        let asked = Asked {
            method,
            path,
            headers: &[("authorization", bearer.as_str())],
            body,
            cut_at: None,
        };
        let answer = futures_executor::block_on(self.local.answer(asked)).unwrap();
        (answer.status, answer.body)
    }

    pub fn with(&mut self, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let sent = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let (status, body) = self.raw(method, path, token, &sent);
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        let (status, reply) = self.with("operator", "POST", path, body);
        assert_eq!(status, 200, "{path}: {reply} to {body}");
        reply
    }

    pub fn get(&mut self, path: &str) -> Value {
        let (status, reply) = self.with("operator", "GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {reply}");
        reply
    }

    /// Sends an order of a channel.
    pub fn order(&mut self, channel: &str, order: &Value) -> Value {
        if !self.keys.contains_key(channel) {
            let key = self.post(
                "/admin/v1/access-keys",
                &json!({"channel": channel, "label": "year", "days": 400}),
            );
            self.keys
                .insert(channel.to_owned(), key["key"].as_str().unwrap().to_owned());
        }
        let key = self.keys[channel].clone();
        let (status, reply) = self.with(&key, "POST", "/channels/v1/orders", order);
        assert_eq!(status, 200, "{reply}");
        reply
    }

    /// Takes a step; the record afterwards, or the rule that forbids it.
    pub fn act(&mut self, record: &str, event: &str, role: &str, args: &Value) -> Result<Value, String> {
        let act =
            json!({"record": record, "event": event, "role": role, "staff": format!("{role}_{event}"), "args": args});
        let reply = self.post("/admin/v1/act", &act);
        match reply["record"].is_null() {
            false => Ok(reply["record"].clone()),
            true => Err(reply["code"].as_str().unwrap_or("illegal").to_owned()),
        }
    }

    /// Pushes operations from the phone of a worker.
    pub fn push(&mut self, staff: &str, ops: Vec<Value>, random: &mut Random) {
        if !self.phones.contains_key(staff) {
            let code = self.post("/admin/v1/codes", &json!({"staff": staff}));
            let device = DeviceId::v7(self.now(), random.bytes());
            let enrol =
                json!({"code": code["code"], "device": device, "incarnation": Incarnation(device.0), "app": "year"});
            let (status, reply) = self.with("", "POST", "/v1/enrol", &enrol);
            assert_eq!(status, 200, "{reply}");
            let token = reply["token"].as_str().unwrap().to_owned();
            self.phones.insert(
                staff.to_owned(),
                Phone {
                    device,
                    token,
                    next_n: 1,
                },
            );
        }
        let now = self.now();
        let phone = self.phones.get_mut(staff).unwrap();
        let first = phone.next_n;
        phone.next_n += ops.len() as u64;
        let numbered: Vec<Value> = ops
            .into_iter()
            .zip(first..)
            .map(|(mut op, n)| {
                op["n"] = n.into();
                op
            })
            .collect();
        let request = json!({
            "device": phone.device, "incarnation": Incarnation(phone.device.0), "acked_through": 0, "sent_at": now, "ops": numbered
        });
        let token = phone.token.clone();
        let (status, reply) = self.with(&token, "POST", "/v1/push", &request);
        assert_eq!(status, 200, "{reply}");
        for result in reply["results"].as_array().unwrap() {
            assert_eq!(result["status"], "applied", "{result}");
        }
    }
}
