//! What both databases must do, written once and run against each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::ids::{DeviceId, Incarnation, OpId, RecordId, StaffId};
use fushan_grid_core::model::record::{Body, Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::push::{OpResult, OpStatus};

use super::{Device, PostgresStore, Receipt, SqliteStore, Store, StoreError, glance, read, write};
use crate::scratch::{Cluster, INSTALL};
use crate::values;

type Rule = fn(&dyn Store);

/// Every rule by its name.
const RULES: &[(&str, Rule)] = &[
    ("changes of a scope are numbered without a gap", numbered),
    ("an error undoes everything", undone),
    (
        "a record that moves leaves its old scope in the same transaction",
        moved,
    ),
    ("a reader sees one snapshot", snapshot),
    ("whoever has seen a number has seen all before it", no_gap),
    ("changes of one record by many writers are all kept", no_lost_update),
    ("two that make one record at once make one", made_once),
    ("a code is used up once", code_once),
    ("a text with a NUL is refused", nul),
    ("a new epoch is told for every scope", epoch),
    ("a push begins with what was answered before", push_start),
];

/// These rules, and those of the witness.
fn all() -> impl Iterator<Item = &'static (&'static str, Rule)> {
    RULES.iter().chain(super::witness_tests::RULES)
}

fn sqlite(dir: &std::path::Path, name: &str) -> SqliteStore {
    SqliteStore::open(Some(&dir.join(name))).unwrap()
}

#[test]
fn sqlite_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    for (at, (name, rule)) in all().enumerate() {
        println!("{name}");
        rule(&sqlite(dir.path(), &format!("{at}.db")));
    }
}

#[test]
fn sqlite_in_memory_keeps_the_contract() {
    for (name, rule) in all().filter(|(name, _)| !name.contains("snapshot")) {
        println!("{name}");
        rule(&SqliteStore::open(None).unwrap());
    }
}

#[test]
fn postgres_keeps_the_contract() {
    let Some(cluster) = Cluster::start().unwrap() else {
        crate::scratch::skipped(&format!("no PostgreSQL 15 or later is installed: {INSTALL}"));
        return;
    };
    for (name, rule) in all() {
        println!("{name}");
        rule(&PostgresStore::open(&cluster.database().unwrap()).unwrap());
    }
    processes_share(&cluster);
    survives_a_broken_connection(&cluster);
    rows_of_the_first_tables_stay(&mut PostgresTables(cluster.database().unwrap()));
}

fn record(n: u32, rev: i64) -> Versioned {
    let mut random = [0; 10];
    random[6..].copy_from_slice(&n.to_be_bytes());
    Versioned {
        record: Record {
            id: RecordId::v7(UtcMillis(1), random),
            kind: Kind::of("person"),
            grid: None,
            rev,
            state: String::new(),
            body: Body::new(),
            deleted: false,
        },
        field_rev: BTreeMap::new(),
    }
}

fn scope(name: &str) -> Scope {
    Scope(name.to_owned())
}

fn put(store: &dyn Store, n: u32, rev: i64, scopes: &[Scope]) {
    write(store, |tx| tx.put(&record(n, rev), scopes)).unwrap();
}

/// Number, record and presence of each member.
fn members(store: &dyn Store, s: &str) -> Vec<(i64, RecordId, bool)> {
    let found = read(store, |tx| tx.members(&scope(s), 0, 1000)).unwrap();
    found.into_iter().map(|m| (m.seq, m.record.id, m.present)).collect()
}

fn head(store: &dyn Store, s: &str) -> (i64, i64) {
    let head = glance(store, |tx| tx.head(&scope(s))).unwrap();
    (head.seq, head.count)
}

fn numbered(store: &dyn Store) {
    write(store, |tx| {
        for n in 0..3 {
            tx.put(&record(n, 1), &[scope("a")])?;
        }
        Ok(())
    })
    .unwrap();
    put(store, 1, 2, &[scope("a")]);
    let id = |n| record(n, 1).record.id;
    assert_eq!(
        members(store, "a"),
        [(1, id(0), true), (3, id(2), true), (4, id(1), true)]
    );
    assert_eq!(head(store, "a"), (4, 3));
    assert_eq!(head(store, "unknown"), (0, 0));
}

fn undone(store: &dyn Store) {
    put(store, 1, 1, &[scope("a")]);
    let result: Result<(), _> = write(store, |tx| {
        tx.put(&record(1, 2), &[scope("a")])?;
        tx.put_code(&[1; 32], &StaffId("s".into()), UtcMillis(5))?;
        Err(StoreError::Shape)
    });
    assert!(matches!(result, Err(StoreError::Shape)));
    let found = read(store, |tx| tx.record(record(1, 1).record.id)).unwrap().unwrap();
    assert_eq!((found.record.rev, head(store, "a")), (1, (1, 1)));
    assert_eq!(write(store, |tx| tx.take_code(&[1; 32], UtcMillis(0))).unwrap(), None);
}

fn moved(store: &dyn Store) {
    put(store, 1, 1, &[scope("a"), scope("b")]);
    put(store, 1, 2, &[scope("b"), scope("c")]);
    let id = record(1, 1).record.id;
    assert_eq!(members(store, "a"), [(2, id, false)], "it left");
    assert_eq!(members(store, "b"), [(2, id, true)], "it stayed");
    assert_eq!(members(store, "c"), [(1, id, true)], "it came");
    assert_eq!(
        [head(store, "a"), head(store, "b"), head(store, "c")],
        [(2, 0), (2, 1), (1, 1)]
    );
    let mut ended = record(1, 3);
    ended.record.deleted = true;
    write(store, |tx| tx.put(&ended, &[scope("c")])).unwrap();
    assert_eq!(
        [head(store, "b"), head(store, "c")],
        [(3, 0), (2, 0)],
        "ended everywhere"
    );
}

fn snapshot(store: &dyn Store) {
    put(store, 1, 1, &[scope("a")]);
    read(store, |tx| {
        assert_eq!(tx.head(&scope("a"))?.seq, 1);
        put(store, 2, 1, &[scope("a")]);
        assert_eq!(tx.head(&scope("a"))?.seq, 1);
        assert_eq!(tx.members(&scope("a"), 0, 10)?.len(), 1);
        Ok(())
    })
    .unwrap();
    assert_eq!(head(store, "a"), (2, 2));
}

/// Writers that take different times before they end, some of which fail; a reader follows by number. A bare sequence loses
/// half of the rows here.
fn no_gap(store: &dyn Store) {
    const WRITERS: u32 = 6;
    const EACH: u32 = 25;
    let over = AtomicBool::new(false);
    let mirror = std::thread::scope(|threads| {
        let reader = threads.spawn(|| {
            let (mut since, mut mirror) = (0, BTreeMap::new());
            loop {
                let last = over.load(Ordering::SeqCst);
                for member in read(store, |tx| tx.members(&scope("a"), since, 20)).unwrap() {
                    assert!(member.seq > since);
                    since = member.seq;
                    mirror.insert(member.record.id, member.record.rev);
                }
                if last && read(store, |tx| tx.head(&scope("a"))).unwrap().seq == since {
                    return mirror;
                }
            }
        });
        let writers: Vec<_> = (0..WRITERS)
            .map(|w| {
                threads.spawn(move || {
                    for i in 0..EACH {
                        let result: Result<(), _> = write(store, |tx| {
                            let other = if w % 2 == 0 { "b" } else { "0" };
                            tx.put(&record(w * EACH + i, 1), &[scope("a"), scope(other)])?;
                            std::thread::sleep(Duration::from_micros(u64::from((w * 7 + i * 13) % 11) * 200));
                            if i % 9 == 8 { Err(StoreError::Shape) } else { Ok(()) }
                        });
                        assert_eq!(result.is_err(), i % 9 == 8);
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|w| w.join().unwrap());
        over.store(true, Ordering::SeqCst);
        reader.join().unwrap()
    });
    let written = WRITERS * (EACH - EACH / 9);
    assert_eq!(mirror.len(), written as usize, "every committed record was seen");
    assert_eq!(head(store, "a"), (i64::from(written), i64::from(written)));
}

fn no_lost_update(store: &dyn Store) {
    put(store, 1, 1, &[scope("a")]);
    put(store, 2, 1, &[scope("a")]);
    std::thread::scope(|threads| {
        for w in 0..4_u32 {
            threads.spawn(move || {
                for _ in 0..10 {
                    write(store, |tx| {
                        // in both orders, so that they would wait for each other without an end
                        let ids = if w % 2 == 0 { [1, 2] } else { [2, 1] };
                        tx.hold(&ids.map(|n| record(n, 1).record.id))?;
                        for n in ids {
                            let now = tx.record(record(n, 1).record.id)?.unwrap().record.rev;
                            tx.put(&record(n, now + 1), &[scope("a")])?;
                        }
                        Ok(())
                    })
                    .unwrap();
                }
            });
        }
    });
    let revs = read(store, |tx| {
        Ok([1, 2].map(|n| tx.record(record(n, 1).record.id).unwrap().unwrap().record.rev))
    })
    .unwrap();
    assert_eq!(revs, [41, 41]);
    assert_eq!(head(store, "a"), (82, 2));
}

fn made_once(store: &dyn Store) {
    let makers = AtomicU32::new(0);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let made = write(store, |tx| {
                    let absent = tx.record(record(1, 1).record.id)?.is_none();
                    std::thread::sleep(Duration::from_millis(20));
                    if absent {
                        tx.put(&record(1, 1), &[scope("a")])?;
                    }
                    Ok(absent)
                })
                .unwrap();
                makers.fetch_add(made.into(), Ordering::SeqCst);
            });
        }
    });
    assert_eq!((makers.load(Ordering::SeqCst), head(store, "a")), (1, (1, 1)));
}

fn code_once(store: &dyn Store) {
    let staff = StaffId("s".into());
    write(store, |tx| tx.put_code(&[7; 32], &staff, UtcMillis(100))).unwrap();
    assert_eq!(
        write(store, |tx| tx.take_code(&[7; 32], UtcMillis(100))).unwrap(),
        None,
        "expired"
    );
    let takers = AtomicU32::new(0);
    std::thread::scope(|threads| {
        for _ in 0..6 {
            threads.spawn(|| {
                let taken = write(store, |tx| tx.take_code(&[7; 32], UtcMillis(99))).unwrap();
                takers.fetch_add(taken.is_some().into(), Ordering::SeqCst);
            });
        }
    });
    assert_eq!(takers.load(Ordering::SeqCst), 1);
}

fn nul(store: &dyn Store) {
    let mut bad = record(1, 1);
    bad.record.state = "a\0b".into();
    let result = write(store, |tx| tx.put(&bad, &[scope("a")]));
    assert!(matches!(result, Err(StoreError::Text)), "{result:?}");
    put(store, 1, 1, &[scope("a")]);
}

fn epoch(store: &dyn Store) {
    put(store, 1, 1, &[scope("a")]);
    let before = read(store, |tx| tx.head(&scope("a"))).unwrap();
    let first = write(store, |tx| tx.new_epoch(UtcMillis(5_000_000))).unwrap();
    assert_eq!((before.epoch, first), (1, 5_000));
    let second = write(store, |tx| tx.new_epoch(UtcMillis(0))).unwrap();
    put(store, 2, 1, &[scope("b")]);
    for s in ["a", "b", "unknown"] {
        assert_eq!(read(store, |tx| tx.head(&scope(s))).unwrap().epoch, second, "{s}");
    }
    assert_eq!(second, 5_001, "it never goes back");
}

fn push_start(store: &dyn Store) {
    let device = Device {
        id: DeviceId::v7(UtcMillis(1), [1; 10]),
        staff: StaffId("s".into()),
        incarnation: Incarnation::v7(UtcMillis(1), [1; 10]),
        next_n: 4,
    };
    let op = |n: u8| OpId::v7(UtcMillis(1), [n; 10]);
    let receipt = Receipt {
        hash: [3; 32],
        result: OpResult {
            op: op(1),
            status: OpStatus::Applied,
            rev: Some(1),
            record: None,
            conflict: None,
            code: None,
            fields: Vec::new(),
            redirected: None,
        },
        seen: Some(1),
    };
    put(store, 1, 1, &[scope("a")]);
    write(store, |tx| {
        tx.put_device(&device, &[9; 32], UtcMillis(1))?;
        tx.put_receipt(device.id, op(1), &receipt)
    })
    .unwrap();
    let [known, unknown] = [1, 2].map(|n| record(n, 1).record.id);
    write(store, |tx| {
        let start = tx.start_push(device.id, &[(op(2), unknown), (op(1), known), (op(3), known)])?;
        assert_eq!(start.device.as_ref(), Some(&device));
        assert_eq!(start.receipts, [(op(1), receipt.clone())].into());
        assert_eq!((tx.record(known)?.is_some(), tx.record(unknown)?), (true, None));
        Ok(())
    })
    .unwrap();
    assert_eq!(glance(store, |tx| tx.device(&[9; 32])).unwrap(), Some(device));
}

/// Several processes on one database: they start at the same time, and number one scope together.
fn processes_share(cluster: &Cluster) {
    let url = cluster.database().unwrap();
    let stores: Vec<PostgresStore> = std::thread::scope(|threads| {
        let openers: Vec<_> = (0..3)
            .map(|_| threads.spawn(|| PostgresStore::open(&url).unwrap()))
            .collect();
        openers.into_iter().map(|o| o.join().unwrap()).collect()
    });
    std::thread::scope(|threads| {
        for (at, store) in (0_u32..).zip(&stores) {
            threads.spawn(move || (0..20).for_each(|i| put(store, at * 100 + i, 1, &[scope("a")])));
        }
    });
    let numbers: Vec<i64> = members(&stores[0], "a").iter().map(|m| m.0).collect();
    assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
}

fn survives_a_broken_connection(cluster: &Cluster) {
    let url = cluster.database().unwrap();
    let store = PostgresStore::open(&url).unwrap();
    put(&store, 1, 1, &[scope("a")]);
    let database = url.rsplit('/').next().unwrap();
    let mut kill = cluster.client("psql");
    kill.args(["-d", "postgres", "-qc"]);
    kill.arg(format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    ));
    assert!(kill.stdout(std::process::Stdio::null()).status().unwrap().success());
    assert_eq!(head(&store, "a"), (1, 1), "a read finds a new connection by itself");
    put(&store, 2, 1, &[scope("a")]);
    assert_eq!(head(&store, "a"), (2, 2));
}

/// Makes the first tables, then opens them with the program of now.
trait Tables {
    fn run(&mut self, sql: &str);
    fn open(&mut self) -> Box<dyn Store>;
}

struct SqliteTables(std::path::PathBuf);

impl Tables for SqliteTables {
    fn run(&mut self, sql: &str) {
        rusqlite::Connection::open(&self.0).unwrap().execute_batch(sql).unwrap();
    }
    fn open(&mut self) -> Box<dyn Store> {
        Box::new(SqliteStore::open(Some(&self.0)).unwrap())
    }
}

struct PostgresTables(String);

impl Tables for PostgresTables {
    fn run(&mut self, sql: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let sql = super::dialect::postgres_tables(sql).replace("x'", "'\\x");
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.0, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&sql).await.unwrap();
        });
    }
    fn open(&mut self) -> Box<dyn Store> {
        Box::new(PostgresStore::open(&self.0).unwrap())
    }
}

#[test]
fn rows_of_the_first_tables_of_sqlite_stay() {
    let dir = tempfile::tempdir().unwrap();
    rows_of_the_first_tables_stay(&mut SqliteTables(dir.path().join("old.db")));
}

fn rows_of_the_first_tables_stay(tables: &mut dyn Tables) {
    tables.run(include_str!("sql/base.sql"));
    tables.run(
        "INSERT INTO record VALUES (x'00000000000070008000000000000001', 'person', '', 2, '', 0, '{\"name\":\"A\"}', '{}');
         INSERT INTO record VALUES (x'00000000000070008000000000000002', 'person', '', 3, '', 1, '{}', '{}');
         INSERT INTO scope_head VALUES ('a', 1, 5);
         INSERT INTO scope_member VALUES ('a', x'00000000000070008000000000000001', 4, 2, 1);
         INSERT INTO scope_member VALUES ('a', x'00000000000070008000000000000002', 5, 3, 0);
         INSERT INTO staff VALUES ('s', '[\"GRID_STAFF\"]', '[]', 7);",
    );
    for _ in 0..2 {
        let store = tables.open();
        let found: Vec<_> = members(&*store, "a")
            .into_iter()
            .map(|(seq, _, present)| (seq, present))
            .collect();
        assert_eq!((found, head(&*store, "a")), (vec![(4, true), (5, false)], (5, 1)));
        let staff = read(&*store, |tx| tx.staff(&StaffId("s".into()))).unwrap();
        assert_eq!(staff.map(|(_, version)| version), Some(7));
    }
    let store = tables.open();
    assert!(
        write(&*store, |tx| tx.execute(
            "INSERT INTO setting (key, value) VALUES (?, ?)",
            values!["k", "v"]
        ))
        .is_ok()
    );
}
