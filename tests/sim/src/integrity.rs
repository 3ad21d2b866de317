//! I21: a record of the mirror is damaged behind the engine's back; the next head finds it, and the phone repairs itself.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::model::ids::RecordId;
use rusqlite::Connection;
use serde_json::Value;

use crate::acts::list;
use crate::world::World;

impl World {
    /// Damages a person on the first phone and lets it synchronise once.
    pub fn judge_repair(&self) {
        let people = list(&self.phones[0].engine(), "person");
        let Some(before) = self.roll(|d| d.pick(&people).cloned()) else {
            return;
        };
        let id = before.record.id;
        self.phones[0].stop();
        damage(&self.phones[0].files().join("db"), id);
        self.phones[0].start();
        let damaged = self.phones[0].engine().record(id).ok();
        assert!(
            damaged.is_none_or(|v| v.record != before.record),
            "the damage shows, or nothing is judged"
        );
        self.sync(0);
        let after = self.phones[0].engine().record(id).ok();
        self.count("Damaged");
        if after.is_none_or(|v| v.record != before.record) {
            self.broken("I21", format!("phone 0 keeps a damaged record {id}"));
        }
    }
}

/// Changes one letter in a record's body.
fn damage(dir: &Path, id: RecordId) {
    let sql = "UPDATE record SET body = substr(body, 1, length(body) - 2) || '~' || substr(body, -2) WHERE id = ?1";
    let changed = beside(dir).execute(sql, [id.bytes()]).expect("a damaged row");
    assert_eq!(changed, 1, "one row is damaged");
}

/// A stopped phone's database, beside its engine. The phones of a run wrap their keys in nothing.
pub fn beside(dir: &Path) -> Connection {
    let header = std::fs::read(dir.join("fushan.key.json")).expect("a key header");
    let header: Value = serde_json::from_slice(&header).expect("a key header");
    let wrapped = header.pointer("/header/host/wrapped").and_then(Value::as_str);
    let key = BASE64.decode(wrapped.expect("a wrapped key")).expect("a wrapped key");
    let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
    let database = Connection::open(dir.join("fushan.db")).expect("a phone's database");
    database
        .execute_batch(&format!("PRAGMA key = \"x'{hex}'\""))
        .expect("its key");
    database
}
