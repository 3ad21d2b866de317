//! The conflict table as people read it (`fushan-grid conflicts table`), held row by row.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use fushan_platform::exchanges;
use fushan_platform::situations::{all, decide_all};

#[test]
fn every_situation_of_the_conflict_table_comes_to_what_it_says() {
    let situations = all().unwrap();
    let verdicts = decide_all(&situations).unwrap();
    let wrong: Vec<_> = situations
        .iter()
        .zip(&verdicts)
        .filter(|(s, v)| !v.fulfils(&s.expect))
        .map(|(s, v)| format!("{}: expected {:?}, came {v:?}", s.id, s.expect))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_conflict_table_has_every_outcome_of_the_protocol_once_at_least() {
    let situations = all().unwrap();
    let ids: BTreeSet<_> = situations.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids.len(), situations.len(), "a name stands twice");
    let whats: BTreeSet<_> = situations.iter().filter_map(|s| s.expect.what.as_deref()).collect();
    let kinds = [
        "closed_while_editing",
        "create",
        "deleted",
        "double_close",
        "field",
        "illegal_transition",
        "withdrawn",
    ];
    assert_eq!(whats.into_iter().collect::<Vec<_>>(), kinds);
    assert!(situations.len() >= 40 && situations.iter().all(|s| !s.zh.is_empty() && !s.en.is_empty()));
}

#[test]
fn every_exchange_of_the_conflict_table_comes_to_what_it_says() {
    let rows = exchanges::all().unwrap();
    let came = exchanges::play_all(&rows).unwrap();
    let wrong: Vec<_> = rows
        .iter()
        .zip(&came)
        .filter(|(e, v)| !v.fulfils(&e.expect))
        .map(|(e, v)| format!("{}: expected {:?}, came {v:?}", e.id, e.expect))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_the_twelve_situations_that_other_engines_are_compared_by() {
    let mut ids: BTreeSet<String> = all().unwrap().into_iter().map(|s| s.id).collect();
    let situations = ids.len();
    let rows = exchanges::all().unwrap();
    let exchanges = rows.len();
    ids.extend(rows.into_iter().map(|e| e.id));
    assert_eq!(ids.len(), situations + exchanges, "a name stands twice");
    let compared = [
        "deleted_then_edited",
        "double_close",
        "illegal",
        "same_change",
        "created_equal",
        "reassigned_before",
        "validation",
        "lost_reply",
        "out_of_order",
        "clock_ahead",
        "old_schema",
        "photo_missing",
    ];
    for id in compared {
        assert!(ids.contains(id), "{id}");
    }
}
