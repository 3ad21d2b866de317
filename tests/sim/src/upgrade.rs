//! Phones that have an older version of the app until now: their database is taken back to an older schema with all its rows,
//! and the app that is started next brings it up again, whatever waits in it.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::integrity::beside;
use crate::world::World;

/// The schema of the older app: the one before synchronisation in full.
const OLDER: usize = 3;
/// The steps that make it.
const STEPS: [&str; OLDER] = [
    include_str!("../../../core/src/store/sql/001_initial.sql"),
    include_str!("../../../core/src/store/sql/002_inspections.sql"),
    include_str!("../../../core/src/store/sql/003_evidence.sql"),
];
/// What an older database cannot say: a phone that is in the middle of it has had the newer app for a while.
const NEWER_STATE: &str = "SELECT EXISTS (SELECT 1 FROM record WHERE hidden = 1) OR EXISTS (SELECT 1 FROM purge)
    OR EXISTS (SELECT 1 FROM purge_blob) OR EXISTS (SELECT 1 FROM snapshot) OR EXISTS (SELECT 1 FROM blob WHERE evicted = 1)
    OR EXISTS (SELECT 1 FROM op WHERE resent = 1 OR attempts > 0)
    OR EXISTS (SELECT 1 FROM scope WHERE resyncing > 0 OR unfinished > 0)";

impl World {
    /// A phone gets the newer app, unless it shows that it has it already.
    pub fn upgrade(&self, phone: usize) {
        let at = &self.phones[phone];
        at.stop();
        let aged = age(&beside(&at.files().join("db")));
        let migrated_from = at.start_reporting().migrated_from;
        if !aged {
            return;
        }
        self.count("Upgrade");
        self.note(format!("phone {phone} upgraded"));
        // scopes that were filled under an older schema are followed anew
        self.watch.borrow_mut().forget_cursors_of(phone);
        if migrated_from != i64::try_from(OLDER).ok() {
            self.broken("I18", format!("phone {phone} was upgraded from {migrated_from:?}"));
        }
    }
}

/// Takes a database back to the older schema; tells whether it could say what it holds in that.
fn age(database: &Connection) -> bool {
    let newer: bool = database
        .query_row(NEWER_STATE, [], |row| row.get(0))
        .expect("what is going on in a database");
    if newer {
        return false;
    }
    let older = Connection::open_in_memory().expect("a database in memory");
    STEPS
        .iter()
        .for_each(|step| older.execute_batch(step).expect("the older schema"));
    for kind in ["view", "trigger", "index", "table"] {
        let known = names(&older, kind);
        for name in names(database, kind).difference(&known) {
            let sql = format!("DROP {kind} \"{name}\"");
            database.execute_batch(&sql).expect("what the older app does not have");
        }
    }
    for table in names(&older, "table") {
        let known = columns(&older, &table);
        for column in columns(database, &table).difference(&known) {
            let sql = format!("ALTER TABLE \"{table}\" DROP COLUMN \"{column}\"");
            database.execute_batch(&sql).expect("what the older app does not have");
        }
    }
    database
        .pragma_update(None, "user_version", OLDER)
        .expect("the older version");
    true
}

fn names(database: &Connection, kind: &str) -> BTreeSet<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = ?1 AND name NOT LIKE 'sqlite_%'";
    let mut statement = database.prepare(sql).expect("a schema");
    let names = statement.query_map([kind], |row| row.get(0)).expect("a schema");
    names.map(|name| name.expect("a name")).collect()
}

fn columns(database: &Connection, table: &str) -> BTreeSet<String> {
    let mut statement = database
        .prepare("SELECT name FROM pragma_table_info(?1)")
        .expect("a table");
    let names = statement.query_map([table], |row| row.get(0)).expect("a table");
    names.map(|name| name.expect("a name")).collect()
}
