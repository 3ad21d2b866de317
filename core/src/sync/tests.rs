mod isolating;
mod uploading;
mod urgent;

use proptest::prelude::*;

use super::*;
use crate::model::blob::BlobHash;
use crate::wire::blobs::BlobState;

fn run(events: Vec<Event>) -> Vec<Vec<Command>> {
    let (mut state, first) = start(false);
    let mut all = vec![first];
    for event in events {
        let (next, commands) = step(&state, event, Meter::default());
        state = next;
        all.push(commands);
    }
    all
}

fn last(events: Vec<Event>) -> Vec<Command> {
    run(events).pop().unwrap()
}

fn pulled(complete: bool) -> Event {
    Event::Pulled {
        complete,
        rescoped: false,
        damaged: false,
    }
}

fn photo(bytes: u64) -> Event {
    Event::BlobFound(Some(BlobTask {
        hash: BlobHash([1; 32]),
        bytes,
        lane: 4,
    }))
}

fn retryable(code: &str, network: bool) -> Event {
    Event::Failed(Failure::Retryable {
        code: code.into(),
        after_ms: Some(9_000),
        network,
    })
}

fn to_upload() -> Vec<Event> {
    vec![
        Event::Greeted,
        Event::BatchRead(0),
        Event::Purged,
        Event::SnapshotStep { more: false },
        pulled(true),
        Event::EntriesSent { more: false },
    ]
}

fn uploading(more: Vec<Event>) -> Vec<Command> {
    last(to_upload().into_iter().chain(more).collect())
}

fn offline(code: &str, after_ms: Option<u64>) -> Command {
    Command::Finish(Outcome::Offline {
        code: code.into(),
        after_ms,
    })
}

fn read_batch(most: usize) -> Command {
    Command::ReadBatch { most }
}

#[test]
fn a_quiet_run_greets_pushes_pulls_uploads_and_ends() {
    let events = vec![
        Event::Greeted,
        Event::BatchRead(3),
        Event::BatchAnswered { progress: true },
        Event::BatchRead(0),
        Event::Purged,
        Event::SnapshotStep { more: false },
        pulled(false),
        pulled(true),
        Event::EntriesSent { more: true },
        Event::EntriesSent { more: false },
        Event::BlobFound(None),
    ];
    let commands: Vec<_> = run(events).concat();
    use Command::{FindBlob, Finish, Hello, Pull, Purge, SendBatch, SendEntries, Snapshot};
    let read = || read_batch(200);
    assert_eq!(
        commands,
        [
            Hello,
            read(),
            SendBatch,
            read(),
            Purge,
            Snapshot,
            Pull,
            Pull,
            SendEntries,
            SendEntries,
            FindBlob,
            Finish(Outcome::Done)
        ]
    );
}

#[test]
fn downloads_are_taken_though_the_push_fails_but_not_without_a_network() {
    let before = vec![Event::Greeted, Event::BatchRead(1)];
    let with = |event: Event| last(before.iter().cloned().chain([event]).collect());
    assert_eq!(with(retryable("server_error", false)), [Command::Purge]);
    assert_eq!(with(retryable("offline", true)), [offline("offline", Some(9_000))]);
    let through = before.into_iter().chain([
        retryable("server_error", false),
        Event::Purged,
        Event::SnapshotStep { more: false },
        pulled(true),
        Event::EntriesSent { more: false },
        Event::BlobFound(None),
    ]);
    assert_eq!(
        last(through.collect()),
        [offline("server_error", Some(9_000))],
        "the trouble is told at the end"
    );
}

/// A platform that keeps no evidence yet must not stand in the way of photos, nor count as failing.
#[test]
fn photos_go_on_though_the_platform_takes_no_entries() {
    let mut before = to_upload();
    before.pop();
    let with = |events: &[Event]| last(before.iter().chain(events).cloned().collect());
    let gone = Event::Failed(Failure::Refused { code: "gone".into() });
    assert_eq!(with(std::slice::from_ref(&gone)), [Command::FindBlob]);
    assert_eq!(with(&[gone, Event::BlobFound(None)]), [Command::Finish(Outcome::Done)]);
    assert_eq!(with(&[retryable("server_error", false)]), [Command::FindBlob]);
    assert_eq!(with(&[retryable("offline", true)]), [offline("offline", Some(9_000))]);
}

#[test]
fn a_gap_is_repaired_from_the_reply_and_not_for_ever() {
    let gap = || {
        Event::Failed(Failure::Sequence {
            code: "held".into(),
            expected_n: Some(7),
            offset: None,
        })
    };
    let mut events = vec![Event::Greeted, Event::BatchRead(1)];
    for _ in 0..3 {
        events.push(gap());
        assert_eq!(last(events.clone()), [Command::Renumber(7), read_batch(200)]);
        events.push(Event::BatchRead(1));
    }
    events.push(gap());
    assert_eq!(last(events), [Command::Purge]);
}

#[test]
fn a_cloned_database_takes_a_new_life() {
    let forked = Event::Failed(Failure::Sequence {
        code: "forked".into(),
        expected_n: None,
        offset: None,
    });
    assert_eq!(
        last(vec![Event::Greeted, Event::BatchRead(1), forked]),
        [Command::Fork, read_batch(200)]
    );
}

#[test]
fn cancel_and_budget_end_the_run_between_two_commands_and_keep_what_was_granted() {
    let (state, _) = start(false);
    let meter = Meter {
        cancelled: true,
        exhausted: true,
        ..Meter::default()
    };
    assert_eq!(
        step(&state, Event::Greeted, meter).1,
        [Command::Finish(Outcome::Cancelled)]
    );
    let exhausted = Meter {
        exhausted: true,
        ..Meter::default()
    };
    assert_eq!(
        step(&state, Event::Greeted, exhausted).1,
        [Command::Finish(Outcome::Budget)]
    );
    let mut state = state;
    for event in to_upload().into_iter().chain([photo(1)]) {
        state = step(&state, event, Meter::default()).0;
    }
    let granted = step(&state, Event::Probed(BlobState::Stored), exhausted).1;
    assert_eq!(granted, [Command::NoteStored, Command::Finish(Outcome::Budget)]);
}

#[test]
fn refused_credentials_lock_and_lose_nothing() {
    let refused = Event::Failed(Failure::Auth {
        code: "device_revoked".into(),
    });
    let locked = Command::Finish(Outcome::Locked {
        code: "device_revoked".into(),
    });
    assert_eq!(last(vec![refused]), [locked]);
}

#[test]
fn the_wait_grows_with_failures_has_jitter_and_keeps_the_platforms_wish() {
    assert_eq!(next_attempt_ms(1, None, u32::MAX), 5_000);
    assert_eq!(next_attempt_ms(4, None, u32::MAX), 40_000);
    assert_eq!(next_attempt_ms(99, None, u32::MAX), 3_600_000);
    assert_eq!(next_attempt_ms(9, None, 0), 1_000);
    assert!(next_attempt_ms(1, Some(60_000), 7) >= 60_000);
}

/// Runs the machine in a state it has come to.
fn on(state: &mut State, event: Event, meter: Meter) -> Vec<Command> {
    let (next, commands) = step(state, event, meter);
    *state = next;
    commands
}

#[test]
fn a_full_disk_stops_what_needs_it_and_uploads_go_on() {
    let full = Event::Failed(Failure::Local {
        code: "disk_full".into(),
    });
    let mut events = to_upload();
    events.truncate(4);
    events.push(full);
    assert_eq!(last(events), [Command::SendEntries]);
}

#[test]
fn a_scope_that_differs_is_repaired_and_a_changed_assignment_is_followed_at_once() {
    let mut before = to_upload();
    before.truncate(4);
    let with = |rescoped, damaged| {
        let event = Event::Pulled {
            complete: true,
            rescoped,
            damaged,
        };
        last(before.iter().cloned().chain([event]).collect())
    };
    assert_eq!(with(false, true), [Command::Repair]);
    assert_eq!(with(true, false), [Command::Purge]);
    assert_eq!(with(false, false), [Command::SendEntries]);
}

fn any_event() -> impl Strategy<Value = Event> {
    let code = prop_oneof![
        Just("forked"),
        Just("held"),
        Just("gone"),
        Just("digest_mismatch"),
        Just("validation")
    ];
    prop_oneof![
        Just(Event::Greeted),
        (0..3_usize).prop_map(Event::BatchRead),
        any::<bool>().prop_map(|progress| Event::BatchAnswered { progress }),
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(complete, rescoped, damaged)| Event::Pulled {
            complete,
            rescoped,
            damaged
        }),
        Just(Event::Purged),
        Just(Event::Repaired),
        any::<bool>().prop_map(|more| Event::SnapshotStep { more }),
        any::<bool>().prop_map(|more| Event::EntriesSent { more }),
        Just(Event::Failed(Failure::Local {
            code: "disk_full".into()
        })),
        Just(Event::BlobFound(None)),
        (0..10_u64).prop_map(photo),
        Just(Event::Probed(BlobState::Missing)),
        Just(Event::Probed(BlobState::Stored)),
        Just(Event::UploadOpened),
        (0..20_u64).prop_map(Event::OffsetTold),
        (0..20_u64, 0..9_000_u64).prop_map(|(offset, took_ms)| Event::ChunkTaken { offset, took_ms }),
        (code, any::<Option<u64>>(), any::<Option<u64>>()).prop_map(|(code, expected_n, offset)| {
            Event::Failed(Failure::Sequence {
                code: code.into(),
                expected_n,
                offset,
            })
        }),
        any::<bool>().prop_map(|network| retryable("timeout", network)),
        Just(Event::Failed(Failure::Refused { code: "gone".into() })),
        Just(Event::Failed(Failure::Cancelled)),
    ]
}

proptest! {
    /// Whatever happens, the machine answers every event with one command that leads on, until it has finished, and with
    /// nothing afterwards.
    #[test]
    fn any_order_of_events_is_answered_until_the_end(sick in any::<bool>(), events in prop::collection::vec(any_event(), 0..60)) {
        let (mut state, mut commands) = start(sick);
        for event in events {
            let over = matches!(commands.last(), Some(Command::Finish(_)) | None);
            let (next, answer) = step(&state, event, Meter::default());
            prop_assert_eq!(answer.is_empty(), over);
            let finishes = answer.iter().filter(|c| matches!(c, Command::Finish(_))).count();
            prop_assert!(finishes <= 1);
            state = next;
            commands = answer;
        }
    }
}
