use chrono::NaiveDate;
use serde_json::json;

use super::*;
use crate::model::ids::{RecordId, StaffId};
use crate::model::org::{AreaNode, Posting, RoleBook};
use crate::model::record::{Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::packs;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn staff(id: &str) -> StaffId {
    StaffId(id.to_owned())
}

fn post(id: &str, role: &str, area: &str, from: &str, until: Option<&str>) -> Posting {
    Posting {
        staff: staff(id),
        role: role.to_owned(),
        area: area.parse().unwrap(),
        from: day(from),
        until: until.map(day),
    }
}

fn book() -> RoleBook {
    packs::roles().unwrap()
}

fn passed(id: &str, course: &str, until: Option<&str>) -> Training {
    Training {
        staff: staff(id),
        course: course.to_owned(),
        passed: day("2026-01-10"),
        until: until.map(day),
    }
}

fn case(number: u8, state: &str, body: serde_json::Value) -> Record {
    Record {
        id: RecordId::v7(UtcMillis(1), [number; 10]),
        kind: Kind::of(Kind::INCIDENT),
        grid: Some("370611001901001".parse().unwrap()),
        rev: 1,
        state: state.to_owned(),
        body: body.as_object().unwrap().clone(),
        deleted: false,
    }
}

#[test]
fn a_post_gives_its_role_on_its_days_and_only_with_the_training() {
    let posts = [post(
        "s_1",
        "GRID_STAFF",
        "370611001901001",
        "2026-01-01",
        Some("2026-06-30"),
    )];
    let roles = |on: &str, training: &[Training]| roles_on(&staff("s_1"), day(on), &posts, training, &book());
    let trained = [passed("s_1", "GRID_BASIC", Some("2026-05-31"))];
    assert!(roles("2026-02-01", &trained).contains("GRID_STAFF"));
    assert!(roles("2026-02-01", &[]).is_empty(), "without training");
    assert!(roles("2026-06-15", &trained).is_empty(), "the training has run out");
    assert!(roles("2026-01-05", &trained).is_empty(), "not passed yet");
    assert!(roles("2026-07-01", &trained).is_empty(), "the post has ended");
    assert!(
        roles("2026-02-01", &[passed("s_2", "GRID_BASIC", None)]).is_empty(),
        "somebody else's"
    );
}

#[test]
fn posts_that_contradict_themselves_are_refused() {
    let good = post("s_1", "GRID_STAFF", "370611001901001", "2026-01-01", Some("2026-06-30"));
    let later = post("s_1", "GRID_STAFF", "370611001901001", "2026-07-01", None);
    assert_eq!(check_posts(&[good.clone(), later.clone()], &book()), Ok(()));
    let unknown = post("s_1", "KING", "370611001901001", "2026-01-01", None);
    assert_eq!(
        check_posts(&[unknown], &book()),
        Err(PostError::UnknownRole("KING".into()))
    );
    let backwards = post("s_1", "RESERVE", "370611001901001", "2026-02-01", Some("2026-01-01"));
    assert_eq!(
        check_posts(&[backwards], &book()),
        Err(PostError::EndsFirst("RESERVE".into()))
    );
    let overlapping = post("s_1", "GRID_STAFF", "370611001901001", "2026-06-30", None);
    assert_eq!(
        check_posts(&[good, overlapping], &book()),
        Err(PostError::Twice("GRID_STAFF".into()))
    );
}

#[test]
fn all_open_work_changes_hands_at_once_or_none_does() {
    let open = case(1, "DISPOSING", json!({"handler_user": "s_1"}));
    let checked = case(
        2,
        "CHECKING",
        json!({"checker_user": "s_1", "history": [{"event": "T17_SIGN", "actor": "s_3"}]}),
    );
    let done = case(3, "CLOSED", json!({"handler_user": "s_1"}));
    let others = case(4, "DISPOSING", json!({"handler_user": "s_9"}));
    let all = [open.clone(), checked.clone(), done, others];
    let moved = hand_over(&all, &staff("s_1"), &staff("s_2")).unwrap();
    let moved: Vec<_> = moved.into_iter().map(|m| (m.record, json!(m.set))).collect();
    assert_eq!(
        moved,
        [
            (open.id, json!({"handler_user": "s_2"})),
            (checked.id, json!({"checker_user": "s_2"}))
        ]
    );
    assert_eq!(
        hand_over(&all, &staff("s_1"), &staff("s_3")),
        Err(HandOverError::Duties(vec![checked.id]))
    );
    assert_eq!(
        hand_over(&all, &staff("s_1"), &staff("s_1")),
        Err(HandOverError::SamePerson)
    );
}

#[test]
fn the_operator_sees_posts_and_totals_and_nothing_of_residents() {
    let node: AreaNode =
        serde_json::from_value(json!({"code": "370611001901001", "name": "g", "kind": "BASIC"})).unwrap();
    let posts = [post("s_1", "GRID_STAFF", "370611001901001", "2026-01-01", None)];
    let seen = staffing(&[node], &posts, &book(), day("2026-02-01"));
    assert_eq!(seen.in_post["GRID_STAFF"], 1);
    assert_eq!(
        seen.alarms,
        [("370611001901001".parse().unwrap(), "grid_without_leader".to_owned())]
    );
    let line = |event: &str, actor: &str, at: i64| json!({"event": event, "actor": actor, "at": at});
    let history = json!([
        line("T02_SUBMIT", "s_1", 5),
        line("T17_SIGN", "s_2", 6),
        line("T24_FEEDBACK", "s_2", 7),
        line("T26_CHECK_RESULT", "s_1", 8),
        line("T27_REWORK", "d_1", 9),
        line("T24_FEEDBACK", "s_2", 50)
    ]);
    let secret = case(
        1,
        "FEEDBACK",
        json!({"title": "王某家漏水", "address": "3号楼", "history": history}),
    );
    let done = performance(&[secret], UtcMillis(0), UtcMillis(20));
    let of = |id: &str| done.get(&staff(id)).copied().unwrap_or_default();
    assert_eq!((of("s_1").reported, of("s_1").checked), (1, 1));
    assert_eq!((of("s_2").signed, of("s_2").handled, of("s_2").reworked), (1, 1, 1));
    let shown = serde_json::to_string(&done).unwrap() + &serde_json::to_string(&seen).unwrap();
    assert!(!shown.contains("王某") && !shown.contains("3号楼"), "{shown}");
}
