//! Phones by hand, and the operators' door: what the rules are judged with.

use std::time::Duration;

use fushan_grid_core::model::ids::{DeviceId, Incarnation, OpId, RecordId};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Response, Transport};
use fushan_grid_core::wire;
use serde_json::{Value, json};

use super::ConformanceArgs;
use super::rule::{Judged, Miss, Rule, broken};
use crate::failure::Failure;

/// Times a crowded platform is asked again.
const PATIENCE: u32 = 20;

/// The platform under judgement.
pub struct Bench {
    transport: HttpTransport,
    admin_token: String,
    /// A worker of one grid.
    pub worker: String,
    /// Somebody with that grid and another.
    pub leader: String,
    /// A worker of the other grid.
    pub neighbour: String,
    url: String,
    ca: Option<Vec<u8>>,
}

/// A reply, read.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// The reply as it came.
    pub raw: Response,
    /// Its JSON; null for anything else.
    pub json: Value,
}

impl Reply {
    fn of(raw: Response) -> Self {
        let json = serde_json::from_slice(&raw.body).unwrap_or(Value::Null);
        Self {
            status: raw.status,
            raw,
            json,
        }
    }

    /// The code of an error in our shape; empty for anything else.
    pub fn code(&self) -> &str {
        self.json
            .pointer("/error/code")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.raw.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The lines of a pull.
    pub fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8_lossy(&self.raw.body).into_owned();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // a system without random bytes cannot run the kit; ids would only collide, and the rules say so
    let _ = getrandom::fill(&mut bytes);
    bytes
}

/// A fresh record id.
pub fn record_id() -> RecordId {
    RecordId::v7(UtcMillis(1_790_000_000_000), random())
}

/// A fresh operation id.
pub fn op_id() -> OpId {
    OpId::v7(UtcMillis(1_790_000_000_000), random())
}

/// A text that no other run writes.
pub fn word() -> String {
    let [a, b, c] = random::<3>();
    format!("测试{a:02x}{b:02x}{c:02x}")
}

impl Bench {
    /// Over the network.
    ///
    /// # Errors
    /// An address that cannot be used, a certificate that cannot be read.
    pub fn new(args: &ConformanceArgs) -> Result<Self, Failure> {
        let ca = args.ca.as_deref().map(std::fs::read).transpose()?;
        Ok(Self {
            transport: transport(&args.url, ca.clone())?,
            admin_token: args.admin_token.clone(),
            worker: args.worker.clone(),
            leader: args.leader.clone(),
            neighbour: args.neighbour.clone(),
            url: args.url.clone(),
            ca,
        })
    }

    /// Judges a rule.
    pub fn judge(&self, rule: &Rule) -> Judged {
        (rule.check)(self)
    }

    /// Another way to the platform, for what happens at the same time.
    pub fn another_way(&self) -> Result<HttpTransport, Miss> {
        transport(&self.url, self.ca.clone()).map_err(|_| Miss::Skipped("no second connection".into()))
    }

    /// Sends a request; a crowded platform is asked again.
    pub fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
    ) -> Result<Reply, Miss> {
        send(&self.transport, method, path, headers, body)
    }

    /// Asks the operators' door; without a message it is a read.
    pub fn operate(&self, path: &str, message: Option<&Value>) -> Result<Reply, Miss> {
        let method = if message.is_some() { Method::Post } else { Method::Get };
        let body = message.map(Value::to_string).unwrap_or_default();
        let headers = [
            ("authorization", format!("Bearer {}", self.admin_token)),
            ("content-type", wire::JSON.to_owned()),
        ];
        self.send(method, path, &headers, body.as_bytes())
    }

    /// A one-time code for a staff member.
    pub fn code(&self, staff: &str) -> Result<String, Miss> {
        let reply = self.operate("/admin/v1/codes", Some(&json!({"staff": staff})))?;
        match reply.json.get("code").and_then(Value::as_str) {
            Some(code) => Ok(code.to_owned()),
            None => broken(format!(
                "no enrolment code for {staff}: {} {}",
                reply.status, reply.json
            )),
        }
    }

    /// Enrols a phone with a code.
    pub fn enrol(&self, device: DeviceId, incarnation: Incarnation, code: &str) -> Result<Reply, Miss> {
        let message = json!({"code": code, "device": device, "incarnation": incarnation, "app": "conformance"});
        let headers = [("content-type", wire::JSON.to_owned())];
        self.send(Method::Post, "/v1/enrol", &headers, message.to_string().as_bytes())
    }

    /// A phone of a staff member.
    pub fn phone(&self, staff: &str) -> Result<Phone<'_>, Miss> {
        let code = self.code(staff)?;
        let (device, incarnation) = (
            DeviceId::v7(UtcMillis(0), random()),
            Incarnation::v7(UtcMillis(0), random()),
        );
        let reply = self.enrol(device, incarnation, &code)?;
        let Some(token) = reply.json.get("token").and_then(Value::as_str) else {
            return broken(format!("a good code is refused: {} {}", reply.status, reply.json));
        };
        let grids = reply.json.pointer("/staff/grids").and_then(Value::as_array).cloned();
        let grids = grids.unwrap_or_default();
        Ok(Phone {
            bench: self,
            device,
            incarnation,
            token: token.to_owned(),
            enrolled: reply.json.clone(),
            grids: grids.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            next_n: std::cell::Cell::new(1),
        })
    }
}

fn transport(url: &str, ca_pem: Option<Vec<u8>>) -> Result<HttpTransport, Failure> {
    let config = HttpConfig {
        ca_pem,
        ..HttpConfig::default()
    };
    Ok(HttpTransport::new(url, config).map_err(fushan_grid_core::app::AppError::from)?)
}

/// Sends a request over a connection; a crowded platform is asked again.
pub fn send(
    over: &HttpTransport,
    method: Method,
    path: &str,
    headers: &[(&'static str, String)],
    body: &[u8],
) -> Result<Reply, Miss> {
    let request = Request {
        method,
        path: path.to_owned(),
        headers: headers.to_vec(),
        body: body.to_vec(),
    };
    for _ in 0..PATIENCE {
        let reply = over.send(&request, &Cancel::new());
        let reply = reply.map_err(|e| Miss::Broken(format!("{path}: no reply: {e}")))?;
        if reply.status != 429 {
            return Ok(Reply::of(reply));
        }
        let wait = reply
            .headers
            .get("retry-after")
            .and_then(|s| s.parse().ok())
            .unwrap_or(1);
        std::thread::sleep(Duration::from_secs(wait.clamp(1, 5)));
    }
    broken(format!("{path}: rate_limited {PATIENCE} times in a row"))
}

/// A phone by hand: it sends what a rule wants it to send.
pub struct Phone<'b> {
    /// Where it was enrolled.
    pub bench: &'b Bench,
    /// Its id.
    pub device: DeviceId,
    /// Life of its database.
    pub incarnation: Incarnation,
    /// Its bearer token.
    pub token: String,
    /// The reply to its enrolment.
    pub enrolled: Value,
    /// Grids its person works in.
    pub grids: Vec<String>,
    next_n: std::cell::Cell<u64>,
}

impl Phone<'_> {
    /// The first grid of its person.
    pub fn grid(&self) -> &str {
        self.grids.first().map(String::as_str).unwrap_or_default()
    }

    /// Headers with its token.
    pub fn headers(&self, more: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let mut headers = vec![("authorization", format!("Bearer {}", self.token))];
        headers.extend(more.iter().cloned());
        headers
    }

    /// Posts a message.
    pub fn post(&self, path: &str, message: &Value) -> Result<Reply, Miss> {
        let headers = self.headers(&[("content-type", wire::JSON.to_owned())]);
        self.bench
            .send(Method::Post, path, &headers, message.to_string().as_bytes())
    }

    /// An operation without a number.
    pub fn op(&self, kind: &str, record: RecordId, action: Value) -> Value {
        json!({
            "op": op_id(), "kind": kind, "record": record, "action": action, "hlc": 1, "at": 0, "schema": 1
        })
    }

    /// Makes a person in its grid.
    pub fn create(&self, record: RecordId, body: Value) -> Value {
        self.op(
            "person",
            record,
            json!({"do": "create", "grid": self.grid(), "body": body}),
        )
    }

    /// Gives the operation the next number.
    pub fn numbered(&self, mut op: Value) -> Value {
        let n = self.next_n.get();
        self.next_n.set(n + 1);
        op["n"] = json!(n);
        op
    }

    /// The number its next operation gets.
    pub fn set_next(&self, n: u64) {
        self.next_n.set(n);
    }

    /// Pushes operations that have their numbers.
    pub fn push(&self, ops: &[Value]) -> Result<Reply, Miss> {
        self.push_as(self.incarnation, ops)
    }

    /// Pushes as another life of its database.
    pub fn push_as(&self, incarnation: Incarnation, ops: &[Value]) -> Result<Reply, Miss> {
        let message = json!({
            "device": self.device, "incarnation": incarnation, "acked_through": 0, "sent_at": 0, "ops": ops
        });
        self.post("/v1/push", &message)
    }

    /// Numbers and pushes one operation; gives its result.
    pub fn does(&self, op: Value) -> Result<Value, Miss> {
        let reply = self.push(&[self.numbered(op)])?;
        match reply.json.pointer("/results/0") {
            Some(result) => Ok(result.clone()),
            None => broken(format!("a push of one operation: {} {}", reply.status, reply.json)),
        }
    }

    /// Pulls one scope.
    pub fn pull(&self, scope: &str, epoch: i64, since: i64, max_bytes: u64) -> Result<Reply, Miss> {
        let message = json!({
            "device": self.device, "scopes": [{"scope": scope, "epoch": epoch, "since": since}],
            "scope_set_version": -1, "max_bytes": max_bytes, "sent_at": 0
        });
        self.post("/v1/pull", &message)
    }

    /// The platform's record, by the operators' door.
    pub fn held(&self, record: RecordId) -> Result<Value, Miss> {
        Ok(self.bench.operate(&format!("/admin/v1/records/{record}"), None)?.json)
    }

    /// Greets.
    pub fn hello(&self) -> Result<Reply, Miss> {
        self.post(
            "/v1/hello",
            &json!({
                "device": self.device, "incarnation": self.incarnation, "app": "conformance", "protocol": [wire::PROTOCOL],
                "schema": 1, "sent_at": 0
            }),
        )
    }
}
