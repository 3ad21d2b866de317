//! What a moment brings: the next wave, or the end.

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::incident::is_over;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::{Answer, Call, Mobilisation, Wave};
use serde_json::json;

use super::document::{CALLING, CallLine, Document, STOPPED, write};
use super::people::people;
use crate::Platform;
use crate::books::Books;
use crate::desk::SYSTEM;
use crate::judge::Judge;
use crate::store::{self, StoreError, Stored, Tx};

/// Time within which a call to the same person is not repeated.
const TEN_MINUTES_MS: i64 = 10 * 60_000;
/// How often a mobilisation is looked at in which time alone changes nothing: it ends with its incident, and an answer wakes it.
const A_DAY_MS: i64 = 86_400_000;
/// Mobilisations looked at in one tick.
const MOST: u32 = 500;

/// A mobilisation that is looked at: as it was, as it is becoming, where, and how much of its log is written already.
pub(super) struct Looked<'a> {
    pub(super) before: Option<&'a Versioned>,
    pub(super) document: Document,
    pub(super) grid: &'a GridCode,
    pub(super) noted: usize,
}

/// Looks at a mobilisation and writes it: calls who is due, stops it when enough have arrived or the incident is over.
pub(super) fn step(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    looked: Looked<'_>,
    by: &StaffId,
    now: UtcMillis,
) -> Stored<Versioned> {
    let Looked {
        before,
        mut document,
        grid,
        noted,
    } = looked;
    let id = super::id_of(document.incident);
    let elsewhere = tx.called_elsewhere(id, now.plus(-TEN_MINUTES_MS))?;
    let rule = document.rule(people(tx, books, &judge.roles, grid, now)?, elsewhere);
    let stop = stop_of(tx, &document, &rule)?;
    let calls = if stop.is_some() { Vec::new() } else { rule.calls(now) };
    for call in &calls {
        tx.put_call(id, &call.staff, &wave_code(call.wave), now)?;
    }
    call_out(&mut document, &calls, now);
    let rule = document.rule(rule.people, rule.elsewhere);
    let next = rule.next_look(now);
    let exhausted = stop.is_none() && rule.exhausted(now);
    if exhausted && !document.exhausted {
        document.note(now, json!({"what": "exhausted"}));
    }
    document.exhausted = exhausted;
    if let Some(why) = stop {
        document.note(now, json!({"what": "stopped", "why": why}));
    }
    tx.wake_mobilisation(id, stop.is_none().then(|| next.unwrap_or_else(|| now.plus(A_DAY_MS))))?;
    let after = document.onto(before, grid, if stop.is_some() { STOPPED } else { CALLING })?;
    match before {
        // nothing new: what phones have is what is
        Some(before) if document.log.len() == noted && same(before, &after) => Ok(before.clone()),
        _ => {
            write(tx, judge.schema.schema, &after, &document, (noted, by), now)?;
            Ok(after)
        }
    }
}

/// Why it ends now.
fn stop_of(tx: &mut Tx<'_>, document: &Document, rule: &Mobilisation) -> Stored<Option<&'static str>> {
    if rule.enough() {
        return Ok(Some("enough"));
    }
    let incident = tx.record(document.incident)?;
    let over = incident.is_none_or(|incident| is_over(&incident.record.state));
    Ok(over.then_some("incident_over"))
}

/// Notes calls as they go out, and each wave in the log.
fn call_out(document: &mut Document, calls: &[Call], now: UtcMillis) {
    for call in calls {
        document.called.push(CallLine {
            staff: call.staff.clone(),
            wave: call.wave,
            at: now,
            until: call.until,
            answer: Answer::None,
            answered_at: None,
            minutes: None,
            reason: String::new(),
        });
    }
    let mut waves: Vec<Wave> = calls.iter().map(|call| call.wave).collect();
    waves.dedup();
    for wave in waves {
        let called: Vec<&StaffId> = calls
            .iter()
            .filter(|call| call.wave == wave)
            .map(|call| &call.staff)
            .collect();
        document.note(now, json!({"what": "wave", "wave": wave, "called": called}));
    }
}

fn same(before: &Versioned, after: &Versioned) -> bool {
    before.record.body == after.record.body && before.record.state == after.record.state
}

fn wave_code(wave: Wave) -> String {
    json!(wave).as_str().unwrap_or_default().to_owned()
}

/// Looks at every mobilisation whose time has come; tells how many called somebody or ended.
pub(crate) fn tick(platform: &Platform, books: &Books) -> Stored<usize> {
    let now = platform.now();
    let ids = store::glance(&*platform.store, |tx| tx.mobilisations_awake(now, MOST))?;
    let mut moved = 0;
    for id in ids {
        match store::write(&*platform.store, |tx| look(tx, platform, books, id, now)) {
            Ok(changed) => moved += usize::from(changed),
            Err(StoreError::Document(error)) => {
                // one that cannot be read holds no other up
                tracing::error!(%id, %error, "a mobilisation cannot be looked at");
                store::write(&*platform.store, |tx| tx.wake_mobilisation(id, None))?;
            }
            Err(error) => return Err(error),
        }
    }
    if moved > 0 {
        platform.changed.send_replace(());
    }
    Ok(moved)
}

fn look(tx: &mut Tx<'_>, platform: &Platform, books: &Books, id: RecordId, now: UtcMillis) -> Stored<bool> {
    let held = tx.record(id)?.filter(|held| held.record.state == CALLING);
    let Some((held, grid)) = held.and_then(|held| held.record.grid.clone().map(|grid| (held, grid))) else {
        tx.wake_mobilisation(id, None)?;
        return Ok(false);
    };
    let document = Document::of(&held.record)?;
    let by = StaffId(SYSTEM.to_owned());
    let looked = Looked {
        before: Some(&held),
        noted: document.log.len(),
        document,
        grid: &grid,
    };
    let after = step(tx, &platform.judge, books, looked, &by, now)?;
    Ok(after.record.rev != held.record.rev)
}
