use super::tests::{at, calendar, limit};
use super::*;
use crate::model::time::UtcMillis;
use crate::rules::packs;

fn step<'a>(event: &'a str, to: &'a str, at_text: &str) -> Moment<'a> {
    Moment {
        event,
        to,
        at: at(at_text),
        granted: None,
        urgency: None,
    }
}

fn timers(history: &[Moment<'_>]) -> Vec<Timer> {
    packs::limits()
        .unwrap()
        .timers(history, "PROMPT", limit("1 WORK_DAY"))
        .unwrap()
}

fn verdicts(timers: &[Timer], now: UtcMillis) -> Vec<(Stage, Verdict)> {
    let calendar = calendar();
    timers
        .iter()
        .map(|timer| (timer.stage, timer.clock.standing(now, &calendar).unwrap().verdict))
        .collect()
}

fn up_to_disposal() -> Vec<Moment<'static>> {
    vec![
        step("T02_SUBMIT", "REPORTED", "2026-09-01 09:00:00"),
        step("T08_ACCEPT", "ACCEPTED", "2026-09-01 09:30:00"),
        step("T13_DISPATCH", "DISPATCHED", "2026-09-01 11:00:00"),
        step("T17_SIGN", "DISPOSING", "2026-09-01 11:30:00"),
    ]
}

#[test]
fn every_stage_has_its_own_limit_and_its_own_verdict() {
    let now = at("2026-09-01 12:00:00");
    assert_eq!(
        verdicts(&timers(&up_to_disposal()), now),
        [
            (Stage::Accept, Verdict::Met),
            (Stage::Dispatch, Verdict::Late),
            (Stage::Sign, Verdict::Met),
            (Stage::Dispose, Verdict::Running),
        ]
    );
}

#[test]
fn a_suspension_pauses_disposal_and_a_granted_extension_lengthens_it() {
    let mut history = up_to_disposal();
    history.push(step("T22_SUSPEND", "SUSPENDED", "2026-09-02 09:00:00"));
    let suspended = at("2026-09-09 09:00:00");
    assert_eq!(
        verdicts(&timers(&history), suspended).last(),
        Some(&(Stage::Dispose, Verdict::Paused))
    );
    history.push(step("T23_RESUME", "DISPOSING", "2026-09-09 09:00:00"));
    history.push(Moment {
        granted: Some(limit("2 WORK_DAY")),
        ..step("T21_DECIDE_EXTENSION", "DISPOSING", "2026-09-09 10:00:00")
    });
    let timers = timers(&history);
    let deadline = timers.last().unwrap().clock.deadline(suspended, &calendar()).unwrap();
    // due on the 2nd, two working days more: the 4th; paused for five days of work
    assert_eq!(calendar().shown(deadline), "2026-09-11 17:30:00");
    assert_eq!(timers.len(), 4, "coming back from a pause starts no limit anew");
}

#[test]
fn a_rework_has_half_the_limit_and_at_least_four_hours_of_work() {
    let mut history = up_to_disposal();
    history.push(step("T24_FEEDBACK", "FEEDBACK", "2026-09-02 10:00:00"));
    history.push(step("T27_REWORK", "DISPOSING", "2026-09-02 11:00:00"));
    let book = packs::limits().unwrap();
    for (original, rework) in [
        ("1 WORK_DAY", "1 WORK_DAY"),
        ("5 WORK_DAY", "3 WORK_DAY"),
        ("4 WORK_HOUR", "4 WORK_HOUR"),
        ("20 WORK_HOUR", "10 WORK_HOUR"),
        ("30 MINUTE", "4 WORK_HOUR"),
        ("3 CLOCK_HOUR", "4 WORK_HOUR"),
    ] {
        let timers = book.timers(&history, "PROMPT", limit(original)).unwrap();
        assert_eq!(timers.last().unwrap().clock.limit, limit(rework), "{original}");
    }
}

#[test]
fn a_reassignment_starts_the_signature_anew_and_a_supervision_starts_nothing() {
    let mut history = up_to_disposal();
    history.push(step("T32_SUPERVISE", "DISPOSING", "2026-09-01 13:40:00"));
    history.push(step("T14_REASSIGN", "DISPATCHED", "2026-09-01 14:00:00"));
    history.push(step("T14_REASSIGN", "DISPATCHED", "2026-09-01 15:00:00"));
    let stages: Vec<Stage> = timers(&history).iter().map(|timer| timer.stage).collect();
    let expected = [
        Stage::Accept,
        Stage::Dispatch,
        Stage::Sign,
        Stage::Dispose,
        Stage::Sign,
        Stage::Sign,
    ];
    assert_eq!(stages, expected);
}

#[test]
fn an_urgency_without_limits_is_refused_by_name() {
    let refused = packs::limits().unwrap().timers(&[], "WHENEVER", limit("1 WORK_DAY"));
    assert_eq!(refused, Err(UnknownUrgency));
}

#[test]
fn every_urgency_of_the_taxonomy_has_limits() {
    let book = packs::limits().unwrap();
    for category in packs::taxonomy().unwrap().categories {
        assert!(book.urgency.contains_key(&category.urgency), "{}", category.code);
    }
}
