use chrono::NaiveDate;
use serde_json::json;

use super::*;
use crate::model::ids::{RecordId, StaffId};
use crate::model::org::{AreaNode, Posting, RoleBook};
use crate::model::record::{Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::packs;
use crate::rules::workflow::Actor;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn staff(id: &str) -> StaffId {
    StaffId(id.to_owned())
}

fn post(id: &str, role: &str, area: &str, from: &str, until: Option<&str>) -> Posting {
    Posting {
        acting_for: None,
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
    let person = |role: &str| post("s_1", role, "370611", "2026-01-01", None);
    assert_eq!(
        check_posts(&[person("SYSTEM")], &book()),
        Err(PostError::UnknownRole("SYSTEM".into()))
    );
    assert_eq!(
        check_posts(&[person("GRID_STAFF")], &book()),
        Err(PostError::Area("GRID_STAFF".into()))
    );
    assert_eq!(
        check_posts(&[person("OPERATOR_HR"), person("AUDITOR")], &book()),
        Ok(())
    );
    assert_eq!(
        check_posts(&[person("DISTRICT_ACCEPTOR"), person("OPERATOR_HR")], &book()),
        Err(PostError::Apart("OPERATOR_HR".into()))
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
    let to = |id: &str| Actor {
        staff: staff(id),
        roles: vec!["GRID_STAFF".into()],
        grids: vec!["370611001901001".parse().unwrap()],
        orgs: Vec::new(),
    };
    let checked = case(
        2,
        "CHECKING",
        json!({"checker_user": "s_1", "history": [{"event": "T17_SIGN", "actor": "s_3"}]}),
    );
    let done = case(3, "CLOSED", json!({"handler_user": "s_1"}));
    let others = case(4, "DISPOSING", json!({"handler_user": "s_9"}));
    let all = [open.clone(), checked.clone(), done, others];
    let moved = hand_over(&all, &staff("s_1"), &to("s_2")).unwrap();
    let moved: Vec<_> = moved.into_iter().map(|m| (m.record, json!(m.set))).collect();
    assert_eq!(
        moved,
        [
            (open.id, json!({"handler_user": "s_2"})),
            (checked.id, json!({"checker_user": "s_2"}))
        ]
    );
    assert_eq!(
        hand_over(&all, &staff("s_1"), &to("s_3")),
        Err(HandOverError::Duties(vec![checked.id]))
    );
    assert_eq!(
        hand_over(&all, &staff("s_1"), &to("s_1")),
        Err(HandOverError::SamePerson)
    );
}

#[test]
fn work_goes_only_to_somebody_whose_post_it_could_be() {
    let grid = case(
        1,
        "DISPOSING",
        json!({"handler_user": "s_1", "handler_org": "370611001901001"}),
    );
    let bureau = case(2, "DISPOSING", json!({"handler_user": "s_1", "handler_org": "water"}));
    let to = |roles: &[&str], grids: &[&str], orgs: &[&str]| Actor {
        staff: staff("s_2"),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        grids: grids.iter().map(|grid| grid.parse().unwrap()).collect(),
        orgs: orgs.iter().map(|org| (*org).to_owned()).collect(),
    };
    let refused = |record: &Record, to: &Actor| {
        hand_over(std::slice::from_ref(record), &staff("s_1"), to) == Err(HandOverError::Standing(vec![record.id]))
    };
    assert!(!refused(&grid, &to(&["GRID_STAFF"], &["370611001901001"], &[])));
    assert!(
        refused(&grid, &to(&["GRID_STAFF"], &["370611001902001"], &[])),
        "another grid"
    );
    assert!(
        refused(&grid, &to(&["RESERVE"], &["370611001901001"], &[])),
        "no role for it"
    );
    assert!(!refused(&bureau, &to(&["DEPT_HANDLER"], &[], &["water"])));
    assert!(
        refused(&bureau, &to(&["DEPT_HANDLER"], &["370611001901001"], &["heat"])),
        "another bureau"
    );
}

#[test]
fn a_training_that_has_run_out_takes_the_permission_and_says_which() {
    let posts = [post("s_1", "GRID_STAFF", "370611001901001", "2026-01-01", None)];
    let trained = [passed("s_1", "GRID_BASIC", Some("2026-05-31"))];
    let may = |role: &str, on: &str, step: &str, category: &str| {
        let act = Act { step, category };
        may_act(&staff("s_1"), role, act, day(on), (&posts, &trained), &book())
    };
    let without = |course: &str| {
        Err(Barred::Untrained {
            role: "GRID_STAFF".into(),
            course: course.into(),
        })
    };
    assert_eq!(may("GRID_STAFF", "2026-05-31", "", ""), Ok(()));
    assert_eq!(may("GRID_STAFF", "2026-06-01", "", ""), without("GRID_BASIC"));
    assert_eq!(
        may("CHECKER", "2026-05-31", "", ""),
        Err(Barred::NoPost("CHECKER".into()))
    );
    assert_eq!(may("GRID_STAFF", "2026-05-31", "T04_SELF_CLOSE", "D01.10"), Ok(()));
    assert_eq!(
        may("GRID_STAFF", "2026-05-31", "T04_SELF_CLOSE", "A03.04"),
        without("GAS_SAFETY")
    );
    let course = |course: &str, until| Training {
        course: course.into(),
        ..passed("s_1", course, until)
    };
    assert_eq!(
        check_training(&course("KNITTING", None), &book()),
        Err(TrainingError::UnknownCourse("KNITTING".into()))
    );
    assert_eq!(
        check_training(&course("GAS_SAFETY", Some("2026-01-01")), &book()),
        Err(TrainingError::EndsFirst("GAS_SAFETY".into()))
    );
}

#[test]
fn who_fills_in_keeps_a_grid_led_and_is_no_second_leader() {
    let node: AreaNode =
        serde_json::from_value(json!({"code": "370611001901001", "name": "g", "kind": "BASIC"})).unwrap();
    let grid = "370611001901001";
    let leader = post("l_1", "GRID_LEADER", grid, "2026-01-01", Some("2026-03-31"));
    let worker = post("s_1", "GRID_STAFF", grid, "2026-01-01", None);
    let acting = |until| Posting {
        acting_for: Some(staff("l_1")),
        ..post("d_1", "GRID_LEADER", grid, "2026-03-01", until)
    };
    let alarms = |posts: &[Posting], on: &str| {
        let found = alarms(std::slice::from_ref(&node), posts, &[], &book(), day(on));
        found.into_iter().map(|a| (a.code, a.since)).collect::<Vec<_>>()
    };
    let posts = [leader.clone(), worker.clone(), acting(Some("2026-04-30"))];
    assert_eq!(check_posts(&posts, &book()), Ok(()));
    assert_eq!(
        alarms(&posts, "2026-03-15"),
        [],
        "two at once, one of them for the other"
    );
    assert_eq!(alarms(&posts, "2026-04-15"), []);
    assert_eq!(
        alarms(&posts, "2026-05-02"),
        [("grid_without_leader", Some(day("2026-05-01")))]
    );
    assert_eq!(
        alarms(std::slice::from_ref(&worker), "2026-05-02"),
        [("grid_without_leader", None)]
    );
    let nobody = Err(PostError::NobodyToActFor("GRID_LEADER".into()));
    assert_eq!(check_posts(&[worker, acting(Some("2026-04-30"))], &book()), nobody);
    assert_eq!(check_posts(&[leader, acting(None)], &book()), nobody, "without an end");
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
