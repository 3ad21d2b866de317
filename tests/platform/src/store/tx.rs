//! A transaction over either database. Statements whose answer nobody waits for are queued and travel with the next one that
//! is read, so that a push costs a few round trips whatever it writes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fushan_grid_core::model::ids::RecordId;

use super::records::Held;
use super::value::{Row, Value};
use super::{StoreError, Stored};

/// A statement with its values.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Text, as [`super::dialect`] describes it.
    pub sql: Cow<'static, str>,
    /// Values, by place.
    pub params: Vec<Value>,
}

impl Statement {
    fn of(sql: &'static str) -> Self {
        Self {
            sql: Cow::Borrowed(sql),
            params: Vec::new(),
        }
    }
}

/// What a statement gave.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Rows read or returned.
    pub rows: Vec<Row>,
    /// Rows changed.
    pub changed: u64,
}

/// What a database has to be able to do.
pub trait Sql {
    /// Runs statements in their order, in one round trip when the database is elsewhere. The first that fails fails all.
    ///
    /// # Errors
    /// Those of the database; [`StoreError::Again`] when another transaction was in the way.
    fn run(&mut self, statements: &[Statement]) -> Stored<Vec<Answer>>;

    /// Runs table definitions, several in one text.
    ///
    /// # Errors
    /// Those of the database.
    fn tables(&mut self, sql: &str) -> Stored<()>;
}

/// One transaction. Its methods stand in the module of their tables; a module of yours adds its own.
pub struct Tx<'s> {
    sql: &'s mut dyn Sql,
    queue: Vec<Statement>,
    pub(super) writing: bool,
    /// Records read or written in this transaction.
    pub(super) held: BTreeMap<RecordId, Held>,
}

impl<'s> Tx<'s> {
    fn new(sql: &'s mut dyn Sql, begin: Option<&'static str>, writing: bool) -> Self {
        Self {
            sql,
            queue: begin.map(Statement::of).into_iter().collect(),
            writing,
            held: BTreeMap::new(),
        }
    }

    /// Runs a statement and gives its rows.
    ///
    /// # Errors
    /// Those of the database, of this statement or of one queued before it.
    pub fn query(&mut self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Stored<Vec<Row>> {
        Ok(self.answer(sql.into(), params)?.rows)
    }

    /// The first row, when there is one.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn first(&mut self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Stored<Option<Row>> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// Runs a statement and gives the number of rows it changed.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn execute(&mut self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Stored<u64> {
        Ok(self.answer(sql.into(), params)?.changed)
    }

    /// Queues a statement whose answer does not matter. It runs before whatever is read next, at the latest before the commit.
    ///
    /// # Errors
    /// [`StoreError::Text`].
    pub fn later(&mut self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Stored<()> {
        let sql = sql.into();
        self.queue.push(checked(sql, params)?);
        Ok(())
    }

    /// Runs several reading statements in one round trip.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn queries(&mut self, statements: Vec<(&'static str, Vec<Value>)>) -> Stored<Vec<Vec<Row>>> {
        let count = statements.len();
        for (sql, params) in statements {
            self.later(sql, params)?;
        }
        let mut answers = self.flush()?;
        let wanted = answers.split_off(answers.len().saturating_sub(count));
        Ok(wanted.into_iter().map(|a| a.rows).collect())
    }

    fn answer(&mut self, sql: Cow<'static, str>, params: Vec<Value>) -> Stored<Answer> {
        self.queue.push(checked(sql, params)?);
        self.flush()?.pop().ok_or(StoreError::Shape)
    }

    fn flush(&mut self) -> Stored<Vec<Answer>> {
        let queue = std::mem::take(&mut self.queue);
        self.sql.run(&queue)
    }
}

/// A text with a NUL is refused here for both databases: one of them cannot keep it.
fn checked(sql: Cow<'static, str>, params: Vec<Value>) -> Stored<Statement> {
    let nul = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
    if params.iter().any(nul) {
        return Err(StoreError::Text);
    }
    Ok(Statement { sql, params })
}

/// Runs a writing transaction: what was put is written and numbered as its last statements, then committed.
pub(super) fn write(
    sql: &mut dyn Sql,
    begin: &'static str,
    f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>,
) -> Stored<()> {
    let mut tx = Tx::new(sql, Some(begin), true);
    let done = f(&mut tx).and_then(|()| tx.number()).and_then(|()| {
        tx.queue.push(Statement::of("COMMIT"));
        tx.flush()
    });
    finish(tx.sql, done.map(drop))
}

/// Runs a reading transaction over one snapshot.
pub(super) fn read(sql: &mut dyn Sql, begin: &'static str, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()> {
    let mut tx = Tx::new(sql, Some(begin), false);
    let done = f(&mut tx).and_then(|()| {
        tx.queue.push(Statement::of("COMMIT"));
        tx.flush()
    });
    finish(tx.sql, done.map(drop))
}

/// Runs single statements, each its own snapshot.
pub(super) fn glance(sql: &mut dyn Sql, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()> {
    let mut tx = Tx::new(sql, None, false);
    f(&mut tx)?;
    tx.flush().map(drop)
}

fn finish(sql: &mut dyn Sql, done: Stored<()>) -> Stored<()> {
    if done.is_err() {
        // when the connection is gone or no transaction was begun, there is nothing to roll back
        let _ = sql.run(&[Statement::of("ROLLBACK")]);
    }
    done
}
