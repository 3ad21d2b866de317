//! Migrations: numbered SQL files, run inside `open` in one transaction. A newer file is refused and left untouched.

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// The steps, in order; the schema's number is how many have run.
pub(super) const STEPS: &[&str] = &[
    include_str!("sql/001_initial.sql"),
    include_str!("sql/002_inspections.sql"),
    include_str!("sql/003_evidence.sql"),
    include_str!("sql/004_sync.sql"),
];

/// The newest schema this engine knows.
#[must_use]
pub fn schema_known() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Brings the file to the newest schema; tells where it stood.
pub(super) fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<i64, StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    if found < known {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "user_version", known)?;
        transaction.commit()?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> i64 {
        connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn a_failing_step_rolls_the_whole_upgrade_back() {
        let mut connection = Connection::open_in_memory().unwrap();
        let steps = [
            "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);",
            "CREATE TABLE b (x",
        ];
        migrate(&mut connection, &steps[..1]).unwrap();
        assert!(migrate(&mut connection, &steps).is_err());
        assert_eq!(version(&connection), 1);
        let kept: i64 = connection.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1, "the data is still there");
    }

    #[test]
    fn upgrading_step_by_step_equals_a_fresh_file() {
        let schema = |connection: &Connection| -> Vec<String> {
            let mut statement = connection
                .prepare("SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name")
                .unwrap();
            statement
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect()
        };
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh, STEPS).unwrap();
        let mut upgraded = Connection::open_in_memory().unwrap();
        for known in 1..=STEPS.len() {
            migrate(&mut upgraded, &STEPS[..known]).unwrap();
        }
        assert_eq!(schema(&fresh), schema(&upgraded));
        assert!(schema(&fresh).len() > 10);
    }
}
