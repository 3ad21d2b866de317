use rusqlite::Connection;
use serde_json::json;

use super::fixture::*;
use crate::model::blob::BlobHash;
use crate::model::time::UtcMillis;
use crate::store::forms::{self, FormVersion};
use crate::store::sheets::{self, Placed, Sheet, SheetState, Visit};
use crate::store::{StoreError, Writer, migrate, ops, records};

fn version(digit: char, form: &str) -> FormVersion {
    FormVersion {
        digest: digit.to_string().repeat(64),
        form: form.into(),
        version: None,
        title: form.into(),
        current: true,
    }
}

fn begin(w: &Writer<'_>, n: u8) {
    forms::install(w, &version('a', "FIRE9"), "{}", UtcMillis(1)).unwrap();
    let visit = Visit {
        id: id(100 + n),
        place: None,
        grid: GRID.parse().unwrap(),
        started_at: UtcMillis(1),
        ended_at: None,
        doc: json!({}),
    };
    sheets::add_visit(w, &visit).unwrap();
    let sheet = Sheet {
        id: id(n),
        visit: visit.id,
        form: "a".repeat(64),
        state: SheetState::Draft,
        started_at: UtcMillis(1),
        touched_at: UtcMillis(i64::from(n)),
        stopped_at: String::new(),
        doc: json!({}),
    };
    sheets::add(w, &sheet).unwrap();
}

#[test]
fn a_newer_version_takes_over_and_the_older_one_stays_readable() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        forms::install(w, &version('a', "FIRE9"), "one", UtcMillis(1)).unwrap();
        forms::install(w, &version('b', "FIRE9"), "two", UtcMillis(2)).unwrap();
    });
    let current = store.read(|r| forms::current(r, "FIRE9")).unwrap().unwrap();
    assert_eq!(current.digest, "b".repeat(64));
    assert_eq!(store.read(|r| forms::content(r, &"a".repeat(64))).unwrap(), "one");
    assert_eq!(store.read(forms::all).unwrap().len(), 2);
}

#[test]
fn several_drafts_live_side_by_side_and_the_last_touched_comes_first() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        begin(w, 1);
        begin(w, 2);
        sheets::touch(w, id(1), "/data/q", UtcMillis(99)).unwrap();
    });
    let drafts = store.read(sheets::drafts).unwrap();
    assert_eq!(drafts.iter().map(|s| s.id).collect::<Vec<_>>(), [id(1), id(2)]);
    assert_eq!(drafts[0].stopped_at, "/data/q");
    write(&store, |w| {
        sheets::end(w, id(1), SheetState::Finished, UtcMillis(100)).unwrap()
    });
    let again = store.write(|w| sheets::end(w, id(1), SheetState::Dropped, UtcMillis(101)));
    assert!(matches!(again, Err(StoreError::WrongState)));
    assert_eq!(store.read(sheets::drafts).unwrap().len(), 1);
}

#[test]
fn an_undo_brings_back_nodes_photos_and_fixes_once() {
    let (_dir, store) = fresh();
    let photo = Placed {
        path: "/data/q".into(),
        sha256: BlobHash([7; 32]),
        role: "before".into(),
    };
    write(&store, |w| {
        begin(w, 1);
        sheets::change_nodes(w, id(1), [("a", Some("1")), ("b", Some("2"))]).unwrap();
        sheets::put_photo(w, id(1), &photo).unwrap();
        sheets::put_fix(w, id(1), "/data/q", "已清理").unwrap();
        sheets::keep_undo(w, id(1), &"a".repeat(64)).unwrap();
        sheets::change_nodes(w, id(1), [("a", None), ("c", Some("3"))]).unwrap();
        sheets::forget_photo(w, id(1), &photo).unwrap();
        sheets::forget_fix(w, id(1), "/data/q").unwrap();
        let undo = sheets::take_undo(w, id(1)).unwrap().unwrap();
        assert_eq!(undo.form, "a".repeat(64));
        assert_eq!(sheets::take_undo(w, id(1)).unwrap(), None);
    });
    let nodes = store.read(|r| sheets::nodes(r, id(1))).unwrap();
    assert_eq!(
        nodes.into_iter().collect::<Vec<_>>(),
        [("a".into(), "1".into()), ("b".into(), "2".into())]
    );
    assert_eq!(store.read(|r| sheets::photos(r, id(1))).unwrap(), [photo]);
    assert_eq!(store.read(|r| sheets::fixes(r, id(1))).unwrap()["/data/q"], "已清理");
}

#[test]
fn a_draft_that_is_let_go_stands_behind_everything_made_since() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add_as(w, 1, 1, create(json!({"name": "甲"})), crate::model::op::Lane::P2, true);
        add(w, 2, 2, create(json!({"name": "乙"})));
        crate::store::inspections::release_last(w, id(1)).unwrap();
        add(w, 3, 3, create(json!({"name": "丙"})));
    });
    let batch = write(&store, |w| ops::next_push(w, &[0, 1, 2, 3, 4], 10, 1 << 20).unwrap());
    let order: Vec<_> = batch.iter().map(|op| op.op.record).collect();
    assert_eq!(order, [id(2), id(1), id(3)]);
}

#[test]
fn a_database_of_the_first_schema_with_rows_gains_the_sheets_and_loses_nothing() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut connection, &migrate::STEPS[..1]).unwrap();
    connection
        .execute_batch(include_str!("../sql/fixtures/001_rows.sql"))
        .unwrap();
    migrate::migrate(&mut connection, &migrate::STEPS[..2]).unwrap();
    let count = |table: &str| -> i64 {
        connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(
        ["meta", "record", "op", "blob", "area", "sheet"].map(count),
        [2, 2, 2, 1, 1, 0]
    );
    let doc: String = connection
        .query_row("SELECT doc FROM op WHERE seq = 2", [], |row| row.get(0))
        .unwrap();
    assert!(doc.contains("楼道堆物"));
}

#[test]
fn a_damaged_database_carries_sheets_and_walks_over() {
    let (dir, store) = fresh();
    write(&store, |w| {
        begin(w, 1);
        sheets::change_nodes(w, id(1), [("a", Some("答"))]).unwrap();
        let patrol = crate::store::patrols::Patrol {
            id: id(9),
            finished: false,
            started_at: UtcMillis(1),
            doc: json!({}),
        };
        crate::store::patrols::add(w, &patrol).unwrap();
        crate::store::patrols::add_fixes(w, id(9), &[1, 2]).unwrap();
        // a table that opening reads through, on pages of its own
        for n in 0..2_000_u32 {
            let filler = format!("{n}{}", "x".repeat(200));
            w.0.0.execute("INSERT INTO scope (name) VALUES (?1)", [filler]).unwrap();
        }
    });
    drop(store);
    let path = dir.path().join("fushan.db");
    let bytes = std::fs::read(&path).unwrap();
    let mut damaged = bytes.clone();
    let end = damaged.len();
    damaged[end - 3 * 4096 - 100..end - 3 * 4096].fill(0xEE);
    std::fs::write(&path, damaged).unwrap();
    let (store, report) = try_open(&dir, Keys(Some(7)), true).unwrap();
    assert!(report.quarantined.is_some(), "the damage was not seen");
    assert_eq!(store.read(|r| sheets::nodes(r, id(1))).unwrap()["a"], "答");
    assert_eq!(
        store.read(|r| crate::store::patrols::fixes(r, id(9))).unwrap(),
        [vec![1, 2]]
    );
    assert!(store.read(|r| records::view(r, id(1))).unwrap().is_none());
}
