//! The conflict table as people read it (`fushan-grid conflicts table`), held row by row.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

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
