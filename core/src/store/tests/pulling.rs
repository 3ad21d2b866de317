use serde_json::json;

use super::fixture::*;
use crate::model::record::{Record, Scope};
use crate::model::time::UtcMillis;
use crate::store::{Store, StoreError, ops, pull, purge, records};
use crate::wire::pull::PullLine;

fn scope(name: &str) -> Scope {
    Scope(name.into())
}

fn put(name: &str, record: Record) -> PullLine {
    PullLine::Put {
        scope: scope(name),
        seq: 1,
        record,
    }
}

fn head(epoch: i64, seq: i64) -> pull::Head {
    pull::Head {
        epoch,
        seq,
        count: 0,
        digest: None,
    }
}

fn bring(store: &Store, name: &str, lines: &[PullLine], seq: i64) {
    write(store, |w| {
        pull::stage(w, lines).unwrap();
        pull::publish(w, &scope(name), head(1, seq), UtcMillis(5)).unwrap();
    });
}

fn shown(store: &Store, n: u8) -> Option<Record> {
    store.read(|r| records::view(r, id(n))).unwrap().map(|v| v.record)
}

#[test]
fn nothing_is_shown_before_the_scope_is_complete() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        pull::stage(w, &[put("g", person(1, 1, json!({"name": "a"})))]).unwrap()
    });
    assert!(shown(&store, 1).is_none());
    bring(&store, "g", &[], 3);
    assert!(shown(&store, 1).is_some());
    let cursor = store.read(|r| pull::cursors(r, &[scope("g"), scope("new")])).unwrap();
    assert_eq!((cursor[0].epoch, cursor[0].since, cursor[1].since), (1, 3, 0));
}

#[test]
fn downloads_are_taken_while_an_own_edit_waits_and_the_base_survives() {
    let (_dir, store) = fresh();
    bring(
        &store,
        "g",
        &[put("g", person(1, 1, json!({"name": "a", "phone": "1"})))],
        1,
    );
    write(&store, |w| {
        add(w, 1, 1, patch(json!({"name": "a"}), json!({"name": "own"})))
    });
    bring(
        &store,
        "g",
        &[put("g", person(1, 2, json!({"name": "theirs", "phone": "2"})))],
        2,
    );
    let record = shown(&store, 1).unwrap();
    assert_eq!(
        (record.body["name"].as_str(), record.body["phone"].as_str()),
        (Some("own"), Some("2"))
    );
    let mirror = store.read(|r| records::mirror(r, id(1))).unwrap().unwrap();
    assert_eq!((mirror.rev, mirror.body["name"].as_str()), (2, Some("theirs")));
    let waiting = store.read(|r| ops::pending_of(r, id(1))).unwrap();
    assert_eq!(
        waiting[0].base_rev,
        Some(1),
        "what the edit was based on is still known"
    );
}

#[test]
fn an_older_line_never_turns_a_record_back() {
    let (_dir, store) = fresh();
    bring(&store, "g", &[put("g", person(1, 5, json!({"name": "new"})))], 5);
    bring(&store, "g", &[put("g", person(1, 4, json!({"name": "old"})))], 6);
    assert_eq!(shown(&store, 1).unwrap().body["name"], "new");
}

#[test]
fn a_record_leaves_when_its_last_scope_does() {
    let (_dir, store) = fresh();
    let record = person(1, 1, json!({"name": "a"}));
    bring(&store, "g", &[put("g", record.clone())], 1);
    bring(&store, "h", &[put("h", record)], 1);
    bring(
        &store,
        "g",
        &[PullLine::Leave {
            scope: scope("g"),
            seq: 2,
            id: id(1),
        }],
        2,
    );
    assert!(shown(&store, 1).is_some(), "another scope still holds it");
    write(&store, |w| purge::begin(w, &scope("h")).unwrap());
    assert!(shown(&store, 1).is_none());
}

#[test]
fn losing_a_scope_loses_no_operation() {
    let (_dir, store) = fresh();
    bring(&store, "g", &[put("g", person(1, 1, json!({"name": "a"})))], 1);
    write(&store, |w| {
        add(w, 1, 1, patch(json!({"name": "a"}), json!({"name": "own"})))
    });
    write(&store, |w| purge::begin(w, &scope("g")).unwrap());
    assert!(shown(&store, 1).is_none(), "it leaves the screen at once");
    assert_eq!(
        write(&store, |w| purge::some(w, &scope("g")).unwrap()),
        0,
        "it waits for its operation"
    );
    assert_eq!(
        write(&store, |w| ops::next_push(w, &[0, 1, 2, 3, 4], 9, usize::MAX).unwrap()).len(),
        1
    );
}

#[test]
fn an_ended_record_disappears_but_an_own_edit_of_it_stays() {
    let (_dir, store) = fresh();
    let lines = [
        put("g", person(1, 1, json!({"name": "a"}))),
        put("g", person(2, 1, json!({"name": "b"}))),
    ];
    bring(&store, "g", &lines, 2);
    write(&store, |w| {
        add(w, 1, 2, patch(json!({"name": "b"}), json!({"name": "own"})))
    });
    let gone = |n, seq| PullLine::Gone {
        scope: scope("g"),
        seq,
        id: id(n),
        rev: 2,
    };
    bring(&store, "g", &[gone(1, 3), gone(2, 4)], 4);
    assert!(shown(&store, 1).is_none());
    assert_eq!(shown(&store, 2).unwrap().body["name"], "own");
}

#[test]
fn unknown_fields_of_a_newer_platform_come_back_untouched() {
    let (_dir, store) = fresh();
    let fields = json!({"name": "a", "from_2030": {"deep": [1, {"x": null}]}});
    bring(&store, "g", &[put("g", person(1, 1, fields.clone()))], 1);
    write(&store, |w| {
        add(w, 1, 1, patch(json!({"name": "a"}), json!({"name": "own"})))
    });
    assert_eq!(shown(&store, 1).unwrap().body["from_2030"], fields["from_2030"]);
}

/// A bulk first fill gives the same as line by line.
#[test]
fn a_large_first_fill_equals_small_steps() {
    let record = |n: u32| {
        let mut one = person(1, 1, json!({"name": format!("测试{n}"), "phone": format!("169{n:08}")}));
        one.id = crate::model::ids::RecordId::v7(UtcMillis(i64::from(n)), [3; 10]);
        one
    };
    let lines: Vec<PullLine> = (0..6_000).map(|n| put("g", record(n))).collect();
    let (_a, bulk) = fresh();
    bring(&bulk, "g", &lines, 6_000);
    let (_b, steps) = fresh();
    for chunk in lines.chunks(1_000) {
        bring(&steps, "g", chunk, 1);
    }
    let all = |store: &Store| -> Vec<(String, i64)> {
        store
            .read(|r| {
                let mut s = r.0.prepare("SELECT body, rev FROM record ORDER BY id")?;
                let rows = s.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                rows.collect::<Result<_, _>>().map_err(StoreError::from)
            })
            .unwrap()
    };
    assert_eq!(all(&bulk), all(&steps));
    let query = crate::store::search::SearchQuery {
        text: "169 00005999".into(),
        limit: 5,
        ..Default::default()
    };
    for store in [&bulk, &steps] {
        let hits = store.read(|r| crate::store::search::search(r, &query)).unwrap().items;
        assert_eq!(hits.len(), 1);
    }
}
