//! A phone in the middle of its day takes the next schema: nothing it holds may change its meaning.

use rusqlite::Connection;

use super::fixture::*;
use crate::model::time::UtcMillis;
use crate::store::{blobs, conn, header, migrate, ops, pull, records, retention};

const ROWS: &str = include_str!("../sql/fixtures/003_rows.sql");

fn schema(connection: &Connection) -> Vec<String> {
    let mut statement = connection
        .prepare("SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name")
        .unwrap();
    let lines = statement.query_map([], |row| row.get(0)).unwrap();
    lines.map(Result::unwrap).collect()
}

/// The rows of a table, the columns it had before.
fn rows(connection: &Connection, table: &str, columns: &str) -> Vec<String> {
    let sql = format!("SELECT json_array({columns}) FROM {table} ORDER BY 1");
    let mut statement = connection.prepare(&sql).unwrap();
    let lines = statement.query_map([], |row| row.get(0)).unwrap();
    lines.map(Result::unwrap).collect()
}

/// Tables that hold work, with their columns of the third schema.
fn held(connection: &Connection) -> Vec<Vec<String>> {
    [
        ("record", "row, hex(id), kind, grid, rev, state, deleted, pending, body"),
        ("base", "row, grid, rev, state, deleted, body"),
        (
            "op",
            "seq, hex(op), hex(record), lane, state, n, result_rev, code, fields, doc",
        ),
        (
            "blob",
            "hex(hash), bytes, media_type, hex(key), hex(record), lane, upload, sent, stored, problem",
        ),
        ("scope", "id, name, epoch, seq, count, completed_at"),
        ("scope_member", "scope, row"),
        ("stage", "scope, hex(id), what, kind, grid, rev, body"),
        ("entry", "row, hex(digest), chain, seq, typ, text, state"),
        ("capture", "entry, hex(media), hex(record), role"),
        ("custody", "row, hex(media), doc, entry"),
        ("derivative", "hex(hash), hex(original), doc"),
        ("meta", "key, value"),
    ]
    .map(|(table, columns)| rows(connection, table, columns))
    .to_vec()
}

#[test]
fn a_database_of_the_third_schema_with_rows_is_the_fresh_one_after_the_step_and_keeps_every_row() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut connection, &migrate::STEPS[..3]).unwrap();
    connection.execute_batch(ROWS).unwrap();
    let before = held(&connection);
    assert!(before.iter().all(|rows| !rows.is_empty()), "every table has a row");
    migrate::migrate(&mut connection, &migrate::STEPS[..4]).unwrap();
    assert_eq!(held(&connection), before);
    let mut fresh = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut fresh, &migrate::STEPS[..4]).unwrap();
    assert_eq!(schema(&connection), schema(&fresh));
}

#[test]
fn after_the_upgrade_the_queue_goes_on_where_it_stood_and_no_photo_is_let_go_of() {
    let dir = tempfile::tempdir().unwrap();
    let key = header::create(dir.path(), &env(Keys(Some(7))), None).unwrap();
    let mut connection = conn::open(&dir.path().join("fushan.db"), &key).unwrap();
    migrate::migrate(&mut connection, &migrate::STEPS[..3]).unwrap();
    connection.execute_batch(ROWS).unwrap();
    drop(connection);
    let (store, report) = try_open(&dir, Keys(Some(7)), false).unwrap();
    assert_eq!((report.migrated_from, report.quarantined), (Some(3), None));
    let books = store.read(ops::ledger).unwrap();
    assert_eq!((books.draft, books.queued, books.applied, books.dead), (1, 1, 1, 1));
    let lanes = [0, 1, 2, 3, 4];
    let sent = write(&store, |w| ops::next_push(w, &lanes, 10, usize::MAX).unwrap());
    assert_eq!(sent.iter().map(|o| o.n).collect::<Vec<_>>(), [3]);
    let shop = store.read(|r| records::view(r, sent[0].op.record)).unwrap().unwrap();
    assert_eq!(shop.record.body["phone"], "16900002222", "the own edit still shows");
    let photos = store.read(blobs::counts).unwrap();
    assert_eq!((photos.stored, photos.due), (1, 1));
    let due = store.read(|r| blobs::due(r, &lanes)).unwrap().unwrap();
    assert_eq!((due.sent, due.upload.as_deref()), (1_000, Some("/v1/uploads/1")));
    // when the platform stored it is not known, so it never becomes too old to keep
    let far = UtcMillis(i64::MAX);
    assert_eq!(write(&store, |w| retention::evict(w, far, 0).unwrap()), 0);
    let cursors = store
        .read(|r| pull::cursors(r, &[crate::model::record::Scope("grid:370611001901001".into())]))
        .unwrap();
    assert_eq!((cursors[0].epoch, cursors[0].since), (1, 7));
}
