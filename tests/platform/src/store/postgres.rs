//! The second store: `PostgreSQL`, shared by any number of platform processes.
//!
//! Writing transactions run at read committed and lock what they decide on: the device, then the records in the order of their
//! ids, at the very end the counters of their scopes in the order of the scopes. Repeatable read would make every second
//! push of a busy scope fail at its counter. Reading transactions see one snapshot. A connection is driven on the thread that
//! asks, so that a statement costs no hand-over between threads.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls};

use super::pool::Pool;
use super::postgres_tls::Address;
use super::tx::{self, Answer, Sql, Statement};
use super::value::{Row, Value};
use super::{Store, StoreError, Stored, Tx, dialect, migrate};

/// Connections of one process.
const CONNECTIONS: usize = 16;
/// Tries of a transaction that another one was in the way of.
const TRIES: u32 = 10;
/// Statements on their way at once. A longer list goes in parts.
const PIPELINE: usize = 24;
const GUARD: &str = include_str!("sql/postgres_guard.sql");
/// Key of the lock under which tables are brought up to date.
const MIGRATION: &str = "SELECT pg_advisory_lock(46413705)";
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A `PostgreSQL` database, version 15 or later.
pub struct PostgresStore {
    address: Address,
    pool: Pool<Link>,
    /// Spreads the waits of transactions that were in each other's way.
    turn: AtomicU32,
}

impl PostgresStore {
    /// Connects and brings the tables up to date. Address: `postgres://user:password@host/database`, or with
    /// `?host=/folder` for a socket, or with `?sslmode=verify-full&sslrootcert=FILE` for TLS.
    ///
    /// # Errors
    /// When the address does not read, the database is not reached, or is too old.
    pub fn open(url: &str) -> Stored<Self> {
        let mut address = Address::read(url)?;
        address
            .config
            .connect_timeout(Duration::from_secs(5))
            .application_name("fushan-platform")
            .options(
                "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000 \
                 -c fushan.counted=on",
            );
        let store = Self {
            address,
            pool: Pool::new(CONNECTIONS),
            turn: AtomicU32::new(0),
        };
        let mut link = Link::connect(&store.address)?;
        link.run(&[plain(MIGRATION)])?;
        let result = migrate::run(&mut link).and_then(|()| link.guard());
        link.run(&[plain("SELECT pg_advisory_unlock_all()")])?;
        result.map(|()| store)
    }

    fn with<T>(&self, f: impl FnOnce(&mut dyn Sql) -> Stored<T>) -> Stored<T> {
        self.pool.with(
            || Link::connect(&self.address),
            |link| {
                let result = f(link);
                let sound = link.is_sound();
                (result, sound)
            },
        )
    }

    /// A connection may have died while it was idle: whoever only reads tries another one.
    fn again(&self, reading: bool, mut f: impl FnMut() -> Stored<()>) -> Stored<()> {
        for attempt in 0..TRIES {
            match f() {
                Err(StoreError::Lost) if reading && attempt < 2 => {}
                Err(StoreError::Again) => {
                    let turn = u64::from(self.turn.fetch_add(7, Ordering::Relaxed) % 16);
                    std::thread::sleep(Duration::from_millis((turn << attempt.min(5)) / 4));
                }
                other => return other,
            }
        }
        Err(StoreError::Busy)
    }
}

impl Store for PostgresStore {
    fn write(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()> {
        self.again(false, || self.with(|sql| tx::write(sql, "BEGIN", f)))
    }

    fn read(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()> {
        self.again(true, || self.with(|sql| tx::read(sql, SNAPSHOT, f)))
    }

    fn glance(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()> {
        self.again(true, || self.with(|sql| tx::glance(sql, f)))
    }

    fn name(&self) -> &'static str {
        "postgres"
    }
}

fn plain(sql: &str) -> Statement {
    Statement {
        sql: sql.to_owned().into(),
        params: Vec::new(),
    }
}

/// One connection with its prepared statements.
struct Link {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    client: Client,
    prepared: HashMap<String, tokio_postgres::Statement>,
    /// Whether a statement failed otherwise than by the database's word: an answer may be outstanding.
    unsound: bool,
}

impl Link {
    fn connect(address: &Address) -> Stored<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        // the error of a connection reaches whoever waits for an answer
        let client = match &address.tls {
            None => {
                let (client, connection) = runtime.block_on(address.config.connect(NoTls))?;
                runtime.spawn(async move { drop(connection.await) });
                client
            }
            Some(tls) => {
                let (client, connection) = runtime.block_on(address.config.connect(tls.clone()))?;
                runtime.spawn(async move { drop(connection.await) });
                client
            }
        };
        Ok(Self {
            runtime: Some(runtime),
            client,
            prepared: HashMap::new(),
            unsound: false,
        })
    }

    /// Refuses changes of records by hand, which no scope would count.
    fn guard(&mut self) -> Stored<()> {
        let Some(runtime) = &self.runtime else {
            return Err(StoreError::Busy);
        };
        Ok(runtime.block_on(self.client.batch_execute(GUARD))?)
    }

    fn is_sound(&self) -> bool {
        !self.unsound && !self.client.is_closed()
    }

    fn prepare(&mut self, statements: &[Statement]) -> Stored<()> {
        let Some(runtime) = &self.runtime else {
            return Err(StoreError::Busy);
        };
        for statement in statements {
            if !self.prepared.contains_key(&*statement.sql) {
                let text = dialect::postgres(&statement.sql);
                let prepared = runtime.block_on(self.client.prepare(&text))?;
                self.prepared.insert(statement.sql.to_string(), prepared);
            }
        }
        Ok(())
    }

    fn part(&mut self, statements: &[Statement]) -> Stored<Vec<Answer>> {
        self.prepare(statements)?;
        let Some(runtime) = &self.runtime else {
            return Err(StoreError::Busy);
        };
        let (client, prepared) = (&self.client, &self.prepared);
        let asked = statements.iter().map(|s| async move {
            let statement = prepared.get(&*s.sql).ok_or(StoreError::Shape)?;
            ask(client, statement, &s.params).await
        });
        runtime.block_on(join_all(asked)).into_iter().collect()
    }
}

async fn ask(client: &Client, statement: &tokio_postgres::Statement, params: &[Value]) -> Stored<Answer> {
    let stream = client.query_raw(statement, params).await?;
    let mut stream = pin!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        let values = (0..row.len()).map(|column| Ok(row.try_get(column)?));
        rows.push(Row(values.collect::<Stored<_>>()?));
    }
    let changed = stream.rows_affected().unwrap_or(0);
    Ok(Answer { rows, changed })
}

impl Sql for Link {
    fn run(&mut self, statements: &[Statement]) -> Stored<Vec<Answer>> {
        let mut answers = Vec::with_capacity(statements.len());
        for part in statements.chunks(PIPELINE) {
            match self.part(part) {
                Ok(some) => answers.extend(some),
                Err(error) => {
                    self.unsound |= !matches!(&error, StoreError::Again | StoreError::Refused(_));
                    return Err(error);
                }
            }
        }
        Ok(answers)
    }

    fn tables(&mut self, sql: &str) -> Stored<()> {
        let Some(runtime) = &self.runtime else {
            return Err(StoreError::Busy);
        };
        Ok(runtime.block_on(self.client.batch_execute(&dialect::postgres_tables(sql)))?)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // an ordinary drop would panic on a thread of another runtime
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    /// Another transaction in the way can be tried again; the code of anything else is kept, never its text.
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            Some(code)
                if [
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                    SqlState::UNIQUE_VIOLATION,
                    SqlState::LOCK_NOT_AVAILABLE,
                ]
                .contains(code) =>
            {
                Self::Again
            }
            // shut down, starting up, connection trouble
            Some(code) if code.code().starts_with("57P") || code.code().starts_with("08") => Self::Lost,
            Some(code) if [SqlState::TOO_MANY_CONNECTIONS, SqlState::QUERY_CANCELED].contains(code) => Self::Busy,
            Some(code) => Self::Refused(code.code().to_owned()),
            None => Self::Lost,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Self::Int(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::VARCHAR, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

impl<'r> FromSql<'r> for Value {
    fn from_sql(ty: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(ty, raw).map(|n| Self::Int(n.into())),
            Type::BOOL => bool::from_sql(ty, raw).map(|b| Self::Int(b.into())),
            Type::BYTEA => Ok(Self::Bytes(raw.to_vec())),
            Type::VOID => Ok(Self::Null),
            _ => Ok(Self::Text(std::str::from_utf8(raw)?.to_owned())),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        let known = [
            Type::INT8,
            Type::INT4,
            Type::BOOL,
            Type::BYTEA,
            Type::TEXT,
            Type::VARCHAR,
            Type::VOID,
        ];
        known.contains(ty)
    }
}
