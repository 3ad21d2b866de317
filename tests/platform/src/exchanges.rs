//! The second half of the conflict table: what is not decided by one operation and one record alone. Order, repeats, groups,
//! assignments, photos, and conflicts that people resolve, each played through the platform itself, without a socket and under a
//! clock of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fushan_grid_core::model::ids::{DeviceId, GroupId, Incarnation, OpId, RecordId};
use fushan_grid_core::model::op::Action;
use fushan_grid_core::model::record::{Body, Kind};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::push::OpStatus;
use futures_executor::block_on;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::situations::{Verdict, without_stamps};
use crate::{Asked, Config, Local};

/// Who works in the grid that all exchanges play in, and who leads its community.
const PEOPLE: [&str; 2] = ["s_370611001901001", "l_370611001901"];
const OPERATOR: &str = "exchanges";

/// One exchange with what must come of its last message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Its name.
    pub id: String,
    /// What happened, in Chinese.
    pub zh: String,
    /// What happened, in English.
    pub en: String,
    /// The messages, in their order.
    pub steps: Vec<Step>,
    /// What must come of it; `after` and `state` are those of the record it is about.
    pub expect: Verdict,
}

/// One thing that happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A phone sends operations.
    Push(Push),
    /// A desk writes these fields of record 1.
    Desk(Body),
    /// From now on the worker has these grids.
    Assign(Vec<String>),
    /// So many milliseconds pass.
    Pass(i64),
    /// The phone asks about the photo that was cited; the answer becomes the verdict's code.
    Probe,
    /// The supervisor looks at the open conflicts; whom they ask becomes the verdict's code: `owner`, `supervisor`, or `nobody`.
    Look,
}

/// A push.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// 0 is the worker's phone, 1 the leader's.
    #[serde(default)]
    pub phone: usize,
    /// What is sent.
    pub ops: Vec<Sent>,
}

/// An operation that is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Its number, and unless `id` says otherwise its name.
    pub n: u64,
    /// Its name, when it is another than the number.
    #[serde(default)]
    pub id: Option<u64>,
    /// The record; 0 is the conflict that was raised last.
    pub record: u8,
    /// Kind of the record; a person without it.
    #[serde(default)]
    pub kind: Option<String>,
    /// What is done.
    pub action: Action,
    /// Revision the phone had seen.
    #[serde(default)]
    pub base_rev: Option<i64>,
    /// Number of the phone's own operation that this one stands on.
    #[serde(default)]
    pub base_op: Option<u64>,
    /// How long ago it was done, in milliseconds.
    #[serde(default)]
    pub ago: i64,
    /// Whether it cites a photo.
    #[serde(default)]
    pub photo: bool,
    /// Place in a group, and its members.
    #[serde(default)]
    pub group: Option<(u32, u32)>,
}

/// Whatever keeps an exchange from being played.
pub type Broken = Box<dyn std::error::Error>;

/// All exchanges.
///
/// # Errors
/// When the table that ships with the platform does not read.
pub fn all() -> Result<Vec<Exchange>, serde_json::Error> {
    serde_json::from_str(include_str!("exchanges.json"))
}

/// Plays all exchanges, each on a platform of its own.
///
/// # Errors
/// When a platform does not start or an answer cannot be read.
pub fn play_all(exchanges: &[Exchange]) -> Result<Vec<Verdict>, Broken> {
    let folder = tempfile::tempdir()?;
    let district = folder.path().join("district");
    write_district(&district)?;
    let play = |(at, exchange): (usize, &Exchange)| {
        let blobs = folder.path().join(at.to_string());
        let mut stage = Stage::open(Config::new(district.clone(), blobs, OPERATOR))?;
        stage.play(&exchange.steps)
    };
    exchanges.iter().enumerate().map(play).collect()
}

/// The sample district without its people.
fn write_district(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let tree = include_str!("../../fixtures/district/grid_tree.json");
    std::fs::write(folder.join("grid_tree.json"), tree)?;
    std::fs::write(folder.join("persons_fake.csv"), "")?;
    std::fs::write(folder.join("orgs_fake.csv"), "")
}

/// A platform with two phones, and what the last message came to.
struct Stage {
    local: Local,
    clock: Arc<AtomicI64>,
    tokens: Vec<String>,
    conflict: Option<RecordId>,
    last: Option<Verdict>,
}

impl Stage {
    fn open(config: Config) -> Result<Self, Broken> {
        let clock = Arc::new(AtomicI64::new(1_795_000_000_000));
        let told = Arc::clone(&clock);
        let local = Local::open(&config, Arc::new(move || UtcMillis(told.load(Ordering::SeqCst))))?;
        let mut stage = Self {
            local,
            clock,
            tokens: Vec::new(),
            conflict: None,
            last: None,
        };
        for (phone, staff) in PEOPLE.iter().enumerate() {
            let code = stage.operate("/admin/v1/codes", &json!({"staff": staff}))?;
            let enrol = json!({
                "code": code.get("code"), "device": device(phone), "incarnation": incarnation(phone), "app": "table"
            });
            let (_, reply) = stage.ask("/v1/enrol", "", &enrol)?;
            let token = reply.get("token").and_then(Value::as_str).ok_or("no token")?;
            stage.tokens.push(token.to_owned());
        }
        Ok(stage)
    }

    fn play(&mut self, steps: &[Step]) -> Result<Verdict, Broken> {
        for step in steps {
            match step {
                Step::Push(push) => self.push(push)?,
                Step::Desk(set) => {
                    let act = json!({"record": record(1), "role": "GRID_LEADER", "staff": PEOPLE[1], "set": set});
                    self.operate("/admin/v1/act", &act)?;
                }
                Step::Assign(grids) => {
                    let message = json!({"id": PEOPLE[0], "grids": grids});
                    self.operate("/admin/v1/staff", &message)?;
                }
                Step::Pass(ms) => {
                    self.clock.fetch_add(*ms, Ordering::SeqCst);
                }
                Step::Probe => self.probe()?,
                Step::Look => self.look()?,
            }
        }
        self.last.take().ok_or_else(|| "nothing was sent".into())
    }

    fn push(&mut self, push: &Push) -> Result<(), Broken> {
        let now = self.clock.load(Ordering::SeqCst);
        let phone = push.phone;
        let ops: Vec<Value> = push.ops.iter().map(|op| self.written(phone, op, now)).collect();
        let message = json!({
            "device": device(phone), "incarnation": incarnation(phone), "acked_through": 0, "sent_at": now, "ops": ops
        });
        let token = self.tokens.get(phone).cloned().unwrap_or_default();
        let (status, reply) = self.ask("/v1/push", &token, &message)?;
        let last = push.ops.last().ok_or("an empty push")?;
        self.last = Some(match status {
            200 => self.verdict(last, reply.pointer("/results").and_then(|r| r.as_array()?.last()))?,
            _ => Verdict {
                status: OpStatus::Held,
                code: text(&reply, "/error/code"),
                what: None,
                fields: None,
                state: None,
                after: None,
                redirected: false,
            },
        });
        Ok(())
    }

    fn written(&self, phone: usize, sent: &Sent, now: i64) -> Value {
        let (kind, id) = match (sent.record, self.conflict) {
            (0, Some(conflict)) => (Kind::CONFLICT, conflict),
            (n, _) => (sent.kind.as_deref().unwrap_or("person"), record(n)),
        };
        let more = json!({
            "base_rev": sent.base_rev,
            "base_op": sent.base_op.map(|base| op_id(phone, base)),
            "group": sent.group.map(|(index, of)| json!({"id": GroupId(op_id(phone, 999).0), "index": index, "of": of})),
            "evidence": sent.photo.then(|| json!([{"sha256": photo(), "bytes": 10, "media_type": "image/jpeg", "role": "near"}])),
        });
        let mut op = json!({
            "n": sent.n, "op": op_id(phone, sent.id.unwrap_or(sent.n)), "kind": kind, "record": id, "action": sent.action,
            "hlc": sent.n, "at": now - sent.ago, "schema": 7
        });
        if let (Some(op), Value::Object(more)) = (op.as_object_mut(), more) {
            op.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        }
        op
    }

    fn verdict(&mut self, sent: &Sent, result: Option<&Value>) -> Result<Verdict, Broken> {
        let result = result.ok_or("no result")?;
        let status = serde_json::from_value(result.get("status").cloned().unwrap_or_default())?;
        let conflict: Option<RecordId> = text(result, "/conflict").and_then(|id| id.parse().ok());
        let raised = match conflict {
            Some(id) => self.record(id)?,
            None => Value::Null,
        };
        self.conflict = conflict.or(self.conflict);
        let names = |value: &Value| Some(value.as_object()?.keys().cloned().collect::<Vec<_>>());
        let refused = result.get("fields").cloned().map(serde_json::from_value).transpose()?;
        // a conflict is resolved on behalf of the record it is about
        let about = self.record(record(sent.record.max(1)))?;
        let after = about.get("body").cloned().map(without_stamps);
        Ok(Verdict {
            status,
            code: text(result, "/code"),
            what: text(&raised, "/body/what"),
            fields: raised.pointer("/body/fields").and_then(names).or(refused),
            state: text(&about, "/state").filter(|state| !state.is_empty()),
            after,
            redirected: result.get("redirected").is_some(),
        })
    }

    fn probe(&mut self) -> Result<(), Broken> {
        let message = json!({"blobs": [{"sha256": photo(), "bytes": 10}]});
        let token = self.tokens.first().cloned().unwrap_or_default();
        let (_, reply) = self.ask("/v1/blobs/probe", &token, &message)?;
        let verdict = self.last.as_mut().ok_or("nothing was sent")?;
        verdict.code = text(&reply, "/blobs/0/state");
        Ok(())
    }

    fn look(&mut self) -> Result<(), Broken> {
        let open = self.operate("/admin/v1/conflicts", &Value::Null)?;
        let asks = match open.pointer("/conflicts/0/asks_supervisor").and_then(Value::as_bool) {
            None => "nobody",
            Some(false) => "owner",
            Some(true) => "supervisor",
        };
        self.last.as_mut().ok_or("nothing was sent")?.code = Some(asks.to_owned());
        Ok(())
    }

    fn record(&self, id: RecordId) -> Result<Value, Broken> {
        self.operate(&format!("/admin/v1/records/{id}"), &Value::Null)
    }

    fn operate(&self, path: &str, message: &Value) -> Result<Value, Broken> {
        Ok(self.ask(path, OPERATOR, message)?.1)
    }

    fn ask(&self, path: &str, token: &str, message: &Value) -> Result<(u16, Value), Broken> {
        let (bearer, body) = (format!("Bearer {token}"), message.to_string());
        let method = if message.is_null() { "GET" } else { "POST" };
        let answer = block_on(self.local.answer(Asked {
            method,
            path,
            headers: &[("authorization", &bearer)],
            body: if message.is_null() { b"" } else { body.as_bytes() },
            cut_at: None,
        }))?;
        Ok((answer.status, serde_json::from_slice(&answer.body)?))
    }
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

/// Ten bytes that tell a phone and a number.
fn bytes(phone: usize, n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    let number = n.to_be_bytes().into_iter();
    bytes
        .iter_mut()
        .rev()
        .zip(number.rev())
        .for_each(|(to, from)| *to = from);
    if let Some(first) = bytes.first_mut() {
        *first = u8::try_from(phone + 1).unwrap_or(u8::MAX);
    }
    bytes
}

fn op_id(phone: usize, n: u64) -> OpId {
    OpId::v7(UtcMillis(7), bytes(phone, n))
}

fn device(phone: usize) -> DeviceId {
    DeviceId::v7(UtcMillis(1), bytes(phone, 1))
}

fn incarnation(phone: usize) -> Incarnation {
    Incarnation::v7(UtcMillis(1), bytes(phone, 2))
}

fn record(n: u8) -> RecordId {
    RecordId::v7(UtcMillis(n.into()), [n; 10])
}

/// The digest of the photo that is cited and never arrives.
fn photo() -> String {
    format!("sha256:{}", "0a".repeat(32))
}
