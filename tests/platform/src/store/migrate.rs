//! Tables, brought up to date at start. A step is known by its name and runs once; several processes may start together.

use super::tx::{Sql, Statement};
use super::value::Value;
use super::{StoreError, Stored};

/// The steps, oldest first. Add yours at the end.
const STEPS: &[(&str, &str)] = &[
    ("base", include_str!("sql/base.sql")),
    ("counted_scopes", include_str!("sql/counted_scopes.sql")),
    ("uploads_in_parts", include_str!("sql/uploads_in_parts.sql")),
    ("sessions", include_str!("sql/sessions.sql")),
    ("scopes_in_full", include_str!("sql/scopes_in_full.sql")),
    ("evidence", include_str!("sql/evidence.sql")),
    ("hall", include_str!("sql/hall.sql")),
    ("conflicts", include_str!("sql/conflicts.sql")),
    ("incident_places", include_str!("sql/incident_places.sql")),
    ("staff_orgs", include_str!("sql/staff_orgs.sql")),
    ("cheap_polls", include_str!("sql/cheap_polls.sql")),
    ("organisation", include_str!("sql/organisation.sql")),
];

/// The list of steps taken.
const TAKEN: &str = "CREATE TABLE IF NOT EXISTS schema_step (name TEXT PRIMARY KEY NOT NULL) STRICT;";

/// Takes the steps that are missing, each in a transaction of its own.
pub(super) fn run(sql: &mut dyn Sql) -> Stored<()> {
    sql.tables(TAKEN)?;
    for (name, tables) in STEPS {
        plain(sql, "BEGIN")?;
        let done = step(sql, name, tables);
        plain(sql, if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        done?;
    }
    Ok(())
}

/// The row of a step is written first: a second process waits for it, and finds the step taken.
fn step(sql: &mut dyn Sql, name: &str, tables: &str) -> Stored<()> {
    let claim = Statement {
        sql: "INSERT INTO schema_step (name) VALUES (?) ON CONFLICT (name) DO NOTHING".into(),
        params: vec![Value::from(name)],
    };
    let answer = sql.run(&[claim])?.pop().ok_or(StoreError::Shape)?;
    if answer.changed == 0 {
        return Ok(());
    }
    sql.tables(tables)
}

fn plain(sql: &mut dyn Sql, text: &'static str) -> Stored<()> {
    let statement = Statement {
        sql: text.into(),
        params: Vec::new(),
    };
    sql.run(&[statement]).map(drop)
}
