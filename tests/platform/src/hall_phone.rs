//! A phone in the tests of the hall: it speaks the wire by hand, under the clock that the test sets.

use fushan_grid_core::model::ids::{DeviceId, Incarnation, OpId, RecordId};
use fushan_grid_core::model::time::UtcMillis;
use serde_json::{Value, json};

use crate::hall_tests::Hall;

pub(crate) struct Phone<'h> {
    hall: &'h Hall,
    pub(crate) token: String,
    device: DeviceId,
    incarnation: Incarnation,
    n: std::cell::Cell<u64>,
    seed: u8,
}

impl<'h> Phone<'h> {
    /// Enrols a phone for somebody; the seed tells the phones of one test apart.
    pub(crate) fn enrol(hall: &'h Hall, staff: &str, seed: u8) -> Self {
        let code = hall.post("/admin/v1/codes", &json!({"staff": staff}))["code"].clone();
        let device = DeviceId::v7(UtcMillis(1), [seed; 10]);
        let incarnation = Incarnation::v7(UtcMillis(1), [seed; 10]);
        let asked = json!({"code": code, "device": device, "incarnation": incarnation, "app": "test"});
        let (status, reply) = hall.with("", "POST", "/v1/enrol", &asked);
        assert_eq!(status, 200, "{reply}");
        Self {
            hall,
            token: reply["token"].as_str().unwrap().to_owned(),
            device,
            incarnation,
            n: std::cell::Cell::new(0),
            seed,
        }
    }

    /// An operation done some milliseconds ago; the record is made up from a number when it is new.
    pub(crate) fn operation(&self, kind: &str, record: RecordId, action: Value, ago_ms: i64) -> Value {
        let n = self.n.get() + 1;
        self.n.set(n);
        let now = self.hall.platform.now();
        let mut random = [self.seed; 10];
        random[9] = u8::try_from(n).unwrap();
        json!({
            "n": n, "op": OpId::v7(now, random), "kind": kind, "record": record, "action": action, "hlc": n, "schema": 1,
            "at": now.plus(-ago_ms),
        })
    }

    /// Sends operations; gives their results.
    pub(crate) fn push(&self, ops: &[Value]) -> Vec<Value> {
        let asked = json!({
            "device": self.device, "incarnation": self.incarnation, "acked_through": 0, "sent_at": self.hall.platform.now(),
            "ops": ops,
        });
        let (status, reply) = self.hall.with(&self.token, "POST", "/v1/push", &asked);
        assert_eq!(status, 200, "{reply}");
        reply["results"].as_array().unwrap().clone()
    }

    /// What the platform tells of a scope, from its beginning; nothing of one that the phone may not hold.
    pub(crate) fn pull(&self, scope: &str) -> Option<String> {
        let asked = json!({
            "device": self.device, "scopes": [{"scope": scope, "epoch": 0, "since": 0}], "scope_set_version": 0,
            "max_bytes": 100_000_000, "sent_at": self.hall.platform.now(),
        });
        let sent = asked.to_string().into_bytes();
        let (status, _, body) = self
            .hall
            .ask("POST", "/v1/pull", &self.token, "application/json", &sent);
        let told = String::from_utf8(body).unwrap();
        assert_eq!(status, 200, "{told}");
        told.contains(&format!("\"scope\":\"{scope}\"")).then_some(told)
    }
}

/// A record id that follows from a number.
pub(crate) fn record_id(seed: u8) -> RecordId {
    RecordId::v7(UtcMillis(2), [seed; 10])
}
