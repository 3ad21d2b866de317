//! Every guard forbids what it is there for, by its own code, and leaves the record untouched; and what is allowed has its effects.

use serde_json::{Value, json};

use super::play::{BUREAU, GRID, Stage, args, blank, person};
use super::{Actor, extension_asked, refusals};
use crate::model::ids::StaffId;
use crate::model::record::Record;
use crate::model::time::UtcMillis;
use crate::rules::dispatch::Case;

/// Tuesday 2026-09-01 09:00 in China.
const START: UtcMillis = UtcMillis(1_788_224_400_000);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Who usually takes a step, at the level the case is at.
fn usual(number: u32, level: u64) -> &'static str {
    let at = |community, town, district| match level {
        1 => community,
        2 => town,
        _ => district,
    };
    match number {
        1 | 2 | 4 | 5 | 7 | 11 | 26 => "GRID_STAFF",
        3 | 6 | 8 | 9 | 10 | 12 | 28 | 36 => at("COMMUNITY_DESK", "TOWN_ACCEPTOR", "DISTRICT_ACCEPTOR"),
        13 | 14 | 15 | 16 | 21 | 25 | 27 | 33 | 34 => at("COMMUNITY_DESK", "TOWN_DISPATCHER", "DISTRICT_DISPATCHER"),
        22 | 23 => at("TOWN_DISPATCHER", "TOWN_DISPATCHER", "DISTRICT_DISPATCHER"),
        29 => "DISTRICT_ACCEPTOR",
        30 | 31 => "VISITOR",
        32 | 35 => "SUPERVISOR",
        _ => "DEPT_HANDLER",
    }
}

struct Scene {
    stage: Stage,
    record: Record,
    now: UtcMillis,
}

impl Scene {
    /// A citizen's report, or a worker's when the path begins with 1, taken along a path of steps an hour apart.
    fn after(path: &[u32]) -> Self {
        let mut record = blank(1, "A02.05");
        if path.first() == Some(&1) {
            record.body.insert("channel".into(), json!("GRID_STAFF"));
        }
        Self::of(record, path)
    }

    fn of(record: Record, path: &[u32]) -> Self {
        let mut scene = Self {
            stage: Stage::new(),
            record,
            now: START,
        };
        for number in path {
            scene.now = scene.now.plus(60_000);
            let args = args(*number, BUREAU, scene.now);
            scene
                .take(*number, args)
                .unwrap_or_else(|rule| panic!("T{number:02} of {path:?}: {rule}"));
        }
        scene
    }

    fn level(&self) -> u64 {
        self.record.body.get("level").and_then(Value::as_u64).unwrap_or(1)
    }

    fn take(&mut self, number: u32, args: Value) -> Result<(), String> {
        self.by(number, &person(usual(number, self.level())), args)
    }

    fn by(&mut self, number: u32, actor: &Actor, args: Value) -> Result<(), String> {
        self.with(number, actor, args, None)
    }

    fn with(&mut self, number: u32, actor: &Actor, args: Value, master: Option<&Record>) -> Result<(), String> {
        let before = self.record.clone();
        let event = self.stage.id(number);
        let taken = self.stage.take(&mut self.record, &event, actor, args, self.now, master);
        taken.map_err(|refusal| {
            assert_eq!(self.record, before, "a refused step left something");
            refusal.rule
        })
    }

    fn field(&self, name: &str) -> Value {
        self.record.body.get(name).cloned().unwrap_or(Value::Null)
    }
}

fn refused(path: &[u32], number: u32, args: Value, rule: &str) {
    let taken = Scene::after(path).take(number, args);
    assert_eq!(taken, Err(rule.to_owned()), "T{number:02} after {path:?}");
}

fn refused_to(path: &[u32], number: u32, role: &str, rule: &str) {
    let mut scene = Scene::after(path);
    let args = args(number, BUREAU, scene.now);
    assert_eq!(
        scene.by(number, &person(role), args),
        Err(rule.to_owned()),
        "T{number:02} after {path:?} by {role}"
    );
}

const DISPOSING: [u32; 5] = [1, 2, 8, 13, 17];
const FEEDBACK: [u32; 6] = [1, 2, 8, 13, 17, 24];
const CLOSED: [u32; 9] = [1, 2, 8, 13, 17, 24, 25, 26, 28];

#[test]
fn what_a_step_must_say_it_must_say() {
    refused(
        &[3],
        9,
        json!({"reason_code": "busy", "reply": "r"}),
        "reason_code_unknown",
    );
    refused(&[3], 9, json!({"reason_code": "no_content"}), "reply_missing");
    refused(&[3], 10, json!({"missing": []}), "missing_items_not_named");
    refused(&[3, 6], 7, json!({"result": "perhaps"}), "result_unknown");
    refused(&[3], 36, json!({}), "answer_missing");
    refused(&[3], 36, json!({"answer": "a"}), "not_a_consultation");
    refused(&[1, 2, 8], 13, json!({"co": ["x"]}), "main_handler_missing");
    refused(&[1, 2, 8], 13, json!({"main": "x", "co": ["x"]}), "handler_twice");
    refused(&[1, 2, 8], 13, json!({"main": "x", "limit": "soon"}), "limit_unknown");
    refused(&[1, 2, 8, 13], 14, json!({"main": "x"}), "reason_missing");
    refused(
        &[1, 2, 8, 13],
        14,
        json!({"main": BUREAU, "reason": "r"}),
        "same_handler",
    );
    refused(&[1, 2, 8, 13], 18, json!({}), "reason_missing");
    refused(&DISPOSING, 19, json!({}), "note_missing");
    refused(&DISPOSING, 20, json!({"limit": "2 WORK_DAY"}), "reason_missing");
    refused(&DISPOSING, 20, json!({"limit": "long", "reason": "r"}), "limit_unknown");
    refused(&DISPOSING, 24, json!({"result": "fine"}), "result_unknown");
    refused(&FEEDBACK, 27, json!({}), "check_has_not_failed");
    refused(&FEEDBACK, 29, json!({"reason": "r"}), "second_person_missing");
    refused(&CLOSED, 30, json!({"satisfaction": 9}), "satisfaction_unknown");
    refused(&CLOSED, 31, json!({}), "reason_missing");
    refused(&CLOSED, 35, json!({}), "note_missing");
    refused(&[3], 34, json!({"urgency": "AT_ONCE"}), "urgency_unknown");
    refused(&[3], 34, json!({"urgency": "NORMAL"}), "urgency_same");
}

#[test]
fn a_desk_acts_at_its_own_level_and_in_its_own_area() {
    refused_to(&[1, 2], 8, "TOWN_ACCEPTOR", "wrong_level");
    refused_to(&[1, 2], 8, "DISTRICT_ACCEPTOR", "wrong_level");
    refused_to(&[1, 2, 8, 15], 13, "COMMUNITY_DESK", "wrong_level");
    refused_to(&[1, 2, 8, 15, 13, 17], 15, "GRID_LEADER", "wrong_level");
    let mut elsewhere = person("COMMUNITY_DESK");
    elsewhere.grids = vec!["370611002902001".parse().unwrap()];
    let mut scene = Scene::after(&[1, 2]);
    assert_eq!(scene.by(8, &elsewhere, json!({})), Err("not_own_area".into()));
    // urging, merging and the urgency are open to the levels above
    let urgency = Scene::after(&[1, 2]).by(34, &person("DISTRICT_DISPATCHER"), json!({"urgency": "URGENT"}));
    assert_eq!(urgency, Ok(()));
    assert_eq!(
        Scene::after(&[1, 2]).by(8, &person("GRID_STAFF"), json!({})),
        Err("role".into())
    );
    assert_eq!(Scene::after(&[1, 2]).take(28, json!({})), Err("wrong_state".into()));
}

#[test]
fn a_report_is_returned_twice_and_comes_back_from_its_reporter() {
    let mut scene = Scene::after(&[1, 2, 10, 11, 10]);
    assert_eq!(scene.field("missing"), json!(["address"]));
    let other = Actor {
        staff: StaffId("s_other".into()),
        ..person("GRID_STAFF")
    };
    assert_eq!(scene.by(11, &other, json!({})), Err("not_the_reporter".into()));
    scene.take(11, json!({})).unwrap();
    assert_eq!(
        scene.take(10, json!({"missing": ["x"]})),
        Err("returned_too_often".into())
    );
    assert_eq!(
        (scene.field("return_count"), scene.field("missing")),
        (json!(2), Value::Null)
    );
}

#[test]
fn what_is_not_completed_in_time_is_refused_by_the_system_and_by_nobody_before() {
    let no = || json!({"reason_code": "no_content", "reply": "told"});
    let system = person("SYSTEM");
    assert_eq!(
        Scene::after(&[3]).by(9, &system, no()),
        Err("only_a_desk_rejects".into())
    );
    let mut scene = Scene::after(&[1, 2, 10]);
    assert_eq!(scene.take(9, no()), Err("waits_for_the_reporter".into()));
    assert_eq!(scene.by(9, &system, no()), Err("resubmit_not_overdue".into()));
    scene.now = scene.now.plus(4 * DAY);
    assert_eq!(scene.take(9, no()), Err("waits_for_the_reporter".into()));
    scene.by(9, &system, no()).unwrap();
    assert_eq!(
        (scene.record.state.as_str(), scene.field("close_reason")),
        ("REJECTED", json!("no_content"))
    );
}

#[test]
fn only_what_nobody_of_the_grid_saw_is_verified() {
    refused(&[1, 2], 6, json!({}), "verify_not_needed");
    let mut scene = Scene::after(&[3]);
    scene.take(6, json!({"person": "s_named"})).unwrap();
    assert_eq!(
        scene.take(7, json!({"result": "exist"})),
        Err("not_the_verifier".into())
    );
    let named = Actor {
        staff: StaffId("s_named".into()),
        ..person("GRID_STAFF")
    };
    scene.by(7, &named, json!({"result": "not_exist"})).unwrap();
    assert_eq!(
        (scene.record.state.as_str(), scene.field("verify_result")),
        ("REPORTED", json!("not_exist"))
    );
}

#[test]
fn merged_incidents_form_stars() {
    let master = Scene::after(&[1, 2, 8, 13]).record;
    let child = || {
        let mut record = blank(2, "A02.05");
        record.body.insert("channel".into(), json!("CITIZEN"));
        Scene::of(record, &[3])
    };
    let merge = |scene: &mut Scene, master: Option<&Record>| {
        let into = master.map(|m| m.id.to_string()).unwrap_or_else(|| "0".into());
        scene.with(12, &person("COMMUNITY_DESK"), json!({"merged_into": into}), master)
    };
    let refused = |change: &dyn Fn(&mut Scene, &mut Record), rule: &str| {
        let (mut scene, mut master) = (child(), master.clone());
        change(&mut scene, &mut master);
        assert_eq!(merge(&mut scene, Some(&master)), Err(rule.to_owned()));
    };
    refused(&|_, master| master.state = "MERGED".into(), "merge_chain");
    refused(
        &|scene, _| drop(scene.record.body.insert("duplicate_count".into(), json!(1))),
        "merge_chain",
    );
    refused(&|_, master| master.state = "CLOSED".into(), "master_not_open");
    refused(
        &|_, master| drop(master.body.insert("category".into(), json!("A02.02"))),
        "not_the_same_thing",
    );
    refused(
        &|_, master| {
            drop(
                master
                    .body
                    .insert("point".into(), json!({"lon_e7": 1_213_648_010, "lat_e7": 375_029_030})),
            )
        },
        "too_far_to_be_the_same",
    );
    let own = child();
    assert_eq!(merge(&mut child(), Some(&own.record)), Err("merge_into_itself".into()));
    assert_eq!(merge(&mut child(), None), Err("master_unknown".into()));
    let mut scene = child();
    merge(&mut scene, Some(&master)).unwrap();
    assert_eq!(
        (scene.record.state.as_str(), scene.field("merged_into")),
        ("MERGED", json!(master.id))
    );
    let taken = super::absorb(&master, &scene.record);
    assert_eq!(
        (&taken["duplicate_count"], &taken["duplicates"]),
        (&json!(1), &json!([scene.record.id]))
    );
}

#[test]
fn a_dispatched_case_is_the_main_handlers_until_it_leaves_their_hands() {
    let mut scene = Scene::after(&[1, 2, 8, 13]);
    assert_eq!(
        (scene.field("owner_org"), scene.field("handler_org")),
        (json!(BUREAU), json!(BUREAU))
    );
    let stranger = Actor {
        orgs: vec!["other".into()],
        ..person("DEPT_HANDLER")
    };
    assert_eq!(scene.by(17, &stranger, json!({})), Err("not_the_handler".into()));
    let acceptor = Actor {
        staff: person("COMMUNITY_DESK").staff,
        ..person("DEPT_HANDLER")
    };
    assert_eq!(scene.by(17, &acceptor, json!({})), Err("acceptor_handles".into()));
    scene.take(17, json!({})).unwrap();
    assert_eq!(scene.field("handler_user"), json!("s_dept_handler"));
    let helper = Actor {
        staff: StaffId("s_helper".into()),
        orgs: vec!["helpers".into()],
        ..person("DEPT_HANDLER")
    };
    assert_eq!(scene.by(19, &helper, json!({"note": "n"})), Ok(()));
    assert_eq!(
        scene.by(24, &helper, json!({"result": "resolved"})),
        Err("wrong_state".into()),
        "taken as a note"
    );
    assert_eq!(
        scene.by(19, &stranger_of(&stranger), json!({"note": "n"})),
        Err("not_on_the_case".into())
    );
    scene.take(15, json!({"reason": "r"})).unwrap();
    assert_eq!(
        (
            scene.field("level"),
            scene.field("owner_org"),
            scene.field("handler_org")
        ),
        (json!(2), json!("370611001"), Value::Null)
    );
}

fn stranger_of(actor: &Actor) -> Actor {
    Actor {
        staff: StaffId("s_stranger".into()),
        ..actor.clone()
    }
}

#[test]
fn after_two_refusals_only_the_district_dispatches_by_force_and_nobody_refuses() {
    let mut scene = Scene::after(&[1, 2, 8, 13, 18, 13, 18]);
    assert_eq!(
        (scene.field("refuse_count"), scene.field("refused_by")),
        (json!(2), json!([BUREAU]))
    );
    assert_eq!(scene.take(13, json!({"main": BUREAU})), Err("refused_twice".into()));
    let forced = json!({"main": BUREAU, "forced": true, "reason": "decided together"});
    assert_eq!(scene.take(13, forced.clone()), Err("only_the_district_forces".into()));
    scene.take(15, json!({"reason": "r"})).unwrap();
    scene.take(15, json!({"reason": "r"})).unwrap();
    assert_eq!(
        scene.take(13, json!({"main": BUREAU, "forced": true})),
        Err("reason_missing".into())
    );
    scene.take(13, forced).unwrap();
    assert_eq!(scene.take(18, json!({"reason": "r"})), Err("refusal_barred".into()));
}

/// One definition for the guard, the rules of dispatch and the platform's desk.
#[test]
fn refusals_count_from_when_a_case_was_last_taken_up() {
    let mut scene = Scene::after(&[1, 2, 8, 13, 18, 13, 17, 24, 25, 26, 28]);
    let category = scene.stage.taxonomy.category("A02.05").cloned().unwrap();
    let seen = |scene: &Scene| {
        let mut record = scene.record.clone();
        record.body.remove("attachments");
        let case = Case::of(&record, &category).unwrap();
        (refusals(&scene.record), case.refusals, case.refused_by.len())
    };
    assert_eq!(seen(&scene), (1, 1, 1));
    scene.take(31, json!({"reason": "r"})).unwrap();
    assert_eq!(seen(&scene), (0, 0, 0), "whoever refused may be asked again");
    scene.take(13, json!({"main": BUREAU})).unwrap();
    scene.take(18, json!({"reason": "r"})).unwrap();
    assert_eq!(seen(&scene), (1, 1, 1));
    assert_eq!(
        scene.take(13, json!({"main": BUREAU})),
        Ok(()),
        "the second in all, the first of its round"
    );
    scene.take(18, json!({"reason": "r"})).unwrap();
    assert_eq!(seen(&scene), (2, 2, 1), "twice by the same");
    assert_eq!(scene.take(13, json!({"main": BUREAU})), Err("refused_twice".into()));
    assert_eq!(scene.field("refuse_count"), json!(3), "the incident counts all");
}

#[test]
fn a_refusal_comes_within_the_limit_for_signing_and_the_hotline_has_two_working_days() {
    let mut scene = Scene::after(&[1, 2, 8, 13]);
    scene.now = scene.now.plus(2 * DAY);
    assert_eq!(scene.take(18, json!({"reason": "r"})), Err("refused_too_late".into()));
    scene.record.body.insert("channel".into(), json!("HOTLINE_12345"));
    assert_eq!(scene.take(18, json!({"reason": "r"})), Ok(()));
}

#[test]
fn levels_go_up_one_by_one_and_never_bounce_back() {
    refused(&[1, 2, 8], 15, json!({"reason": "r", "level": 3}), "skips_a_level");
    refused_to(&[1, 2, 8, 15, 15], 15, "SYSTEM", "top_level");
    refused(&[1, 2, 8, 15], 16, json!({"reason": "r"}), "bounces_back");
    let mut scene = Scene::after(&[1, 2, 8, 15, 35]);
    assert_eq!(scene.take(16, json!({"reason": "the supervisor says so"})), Ok(()));
    assert_eq!(
        (scene.field("level"), scene.field("owner_org")),
        (json!(1), json!("370611001901"))
    );
    let mut grave = Scene::after(&[1, 2, 34]);
    grave.record.body.insert("urgency".into(), json!("CRITICAL"));
    grave.take(8, json!({})).unwrap();
    grave.take(15, json!({"reason": "r", "level": 3})).unwrap();
    assert_eq!(grave.field("level"), json!(3));
}

#[test]
fn a_deadline_is_put_off_before_it_passes_one_request_at_a_time_and_twice_at_most() {
    let ask = || json!({"limit": "2 WORK_DAY", "reason": "r"});
    refused(&DISPOSING, 21, json!({"granted": "2 WORK_DAY"}), "no_extension_asked");
    let mut scene = Scene::after(&DISPOSING);
    scene.take(20, ask()).unwrap();
    assert_eq!(scene.take(20, ask()), Err("extension_asked_already".into()));
    assert_eq!(
        scene.take(21, json!({})),
        Err("reason_missing".into()),
        "a refusal says why"
    );
    scene.record.body.insert("channel".into(), json!("HOTLINE_12345"));
    assert_eq!(
        scene.take(21, json!({"granted": "30 WORK_DAY"})),
        Err("extension_too_long".into())
    );
    scene.take(21, json!({"granted": "2 WORK_DAY"})).unwrap();
    assert_eq!(scene.field("extension_count"), json!(1));
    scene.take(20, ask()).unwrap();
    scene.take(21, json!({"reason": "no"})).unwrap();
    assert_eq!(
        (scene.field("extension_count"), scene.field("extension_pending")),
        (json!(1), Value::Null)
    );
    assert_eq!(scene.take(20, ask()), Err("extended_too_often".into()));
    let mut late = Scene::after(&DISPOSING);
    late.now = late.now.plus(60 * DAY);
    assert_eq!(late.take(20, ask()), Err("deadline_passed".into()));
    // a request that nobody answered counts as refused
    let mut lapsed = Scene::after(&[1, 2, 8]);
    lapsed
        .take(13, json!({"main": BUREAU, "limit": "30 WORK_DAY"}))
        .unwrap();
    lapsed.take(17, json!({})).unwrap();
    lapsed.take(20, ask()).unwrap();
    lapsed.now = lapsed.now.plus(4 * DAY);
    assert_eq!(
        lapsed.take(21, json!({"granted": "2 WORK_DAY"})),
        Err("no_extension_asked".into())
    );
    assert_eq!(lapsed.take(20, ask()), Ok(()));
}

#[test]
fn the_system_refuses_an_extension_that_nobody_decided_in_time_and_grants_none() {
    let system = person("SYSTEM");
    let no = || json!({"reason": "not decided in time"});
    let mut scene = Scene::after(&[1, 2, 8]);
    scene.take(13, json!({"main": BUREAU, "limit": "30 WORK_DAY"})).unwrap();
    scene.take(17, json!({})).unwrap();
    assert_eq!(scene.by(21, &system, no()), Err("no_extension_asked".into()));
    scene.take(20, json!({"limit": "2 WORK_DAY", "reason": "r"})).unwrap();
    assert_eq!(scene.by(21, &system, no()), Err("decision_not_overdue".into()));
    scene.now = scene.now.plus(4 * DAY);
    let granted = json!({"granted": "2 WORK_DAY", "reason": "r"});
    assert_eq!(scene.by(21, &system, granted), Err("system_has_no_opinion".into()));
    scene.by(21, &system, no()).unwrap();
    assert_eq!(
        (scene.field("extension_pending"), scene.field("extensions")),
        (Value::Null, Value::Null)
    );
    assert_eq!(scene.by(21, &system, no()), Err("no_extension_asked".into()));
}

#[test]
fn a_request_ends_when_the_case_leaves_who_asked() {
    let mut scene = Scene::after(&DISPOSING);
    scene.take(20, json!({"limit": "2 WORK_DAY", "reason": "r"})).unwrap();
    assert!(extension_asked(&scene.record).is_some());
    scene.take(14, json!({"main": "other", "reason": "r"})).unwrap();
    assert_eq!(extension_asked(&scene.record), None);
}

#[test]
fn a_suspension_has_a_reason_and_an_end() {
    let mut scene = Scene::after(&[1, 2, 8, 15, 13, 17]);
    let until = |days: i64| json!(scene.now.plus(days * DAY));
    let (tomorrow, far, past) = (until(1), until(400), until(-1));
    for (args, rule) in [
        (
            json!({"reason_code": "TIRED", "until": tomorrow}),
            "reason_code_unknown",
        ),
        (json!({"reason_code": "WEATHER"}), "until_missing"),
        (json!({"reason_code": "WEATHER", "until": far}), "suspended_too_long"),
        (json!({"reason_code": "WEATHER", "until": past}), "until_passed"),
    ] {
        assert_eq!(scene.take(22, args), Err(rule.to_owned()));
    }
    scene
        .take(22, json!({"reason_code": "WEATHER", "until": tomorrow}))
        .unwrap();
    assert_eq!(
        (scene.record.state.as_str(), scene.field("suspended_until")),
        ("SUSPENDED", tomorrow)
    );
    scene.take(23, json!({})).unwrap();
    assert_eq!(
        (scene.record.state.as_str(), scene.field("suspended_until")),
        ("DISPOSING", Value::Null)
    );
}

#[test]
fn somebody_else_checks_and_a_failed_check_is_reworked() {
    let mut scene = Scene::after(&[1, 2, 8, 15, 13, 17, 24]);
    assert_eq!(
        scene.take(25, json!({"person": "s_dept_handler"})),
        Err("checker_is_handler".into())
    );
    scene.take(25, json!({"person": "s_grid_staff"})).unwrap();
    let other = Actor {
        staff: StaffId("s_other".into()),
        ..person("GRID_STAFF")
    };
    let pass = args(26, BUREAU, scene.now);
    assert_eq!(scene.by(26, &other, pass.clone()), Err("not_the_checker".into()));
    let handler = Actor {
        staff: person("DEPT_HANDLER").staff,
        ..person("CHECKER")
    };
    assert_eq!(scene.by(26, &handler, pass), Err("checker_is_handler".into()));
    assert_eq!(scene.take(26, json!({"result": "pass"})), Err("check_far_away".into()));
    scene
        .take(26, json!({"result": "not_pass", "reason": "seen from the street"}))
        .unwrap();
    assert_eq!(scene.take(28, json!({})), Err("check_not_passed".into()));
    scene.take(27, json!({"reason": "r"})).unwrap();
    assert_eq!(
        (scene.field("rework_count"), scene.field("check_result")),
        (json!(1), Value::Null)
    );
    assert_eq!(scene.record.state, "DISPOSING");
}

#[test]
fn closing_keeps_all_its_guards() {
    refused(&FEEDBACK, 28, json!({}), "check_missing");
    let mut scene = Scene::after(&[1, 2, 8, 13, 17, 24, 25, 26]);
    assert_eq!(
        scene.take(28, json!({"close_type": "LOST"})),
        Err("close_type_unknown".into())
    );
    scene.record.body.insert("need_reply".into(), json!(true));
    assert_eq!(scene.take(28, json!({})), Err("reply_missing".into()));
    let handler = Actor {
        staff: person("DEPT_HANDLER").staff,
        ..person("COMMUNITY_DESK")
    };
    assert_eq!(
        scene.by(28, &handler, json!({"reply": "r"})),
        Err("handler_closes".into())
    );
    scene
        .take(28, json!({"reply": "r", "close_type": "TRANSFER_OUT"}))
        .unwrap();
    assert_eq!(
        (scene.field("close_type"), scene.field("owner_org")),
        (json!("TRANSFER_OUT"), json!("370611001901"))
    );
    let mut pending = Scene::after(&[1, 2, 8, 13, 17, 24, 25, 26]);
    let before = pending.record.clone();
    let facts = super::Facts {
        evidence_pending: true,
        ..super::Facts::new(None, pending.now, &pending.stage.limits, &pending.stage.calendar)
    };
    let desk = person("COMMUNITY_DESK");
    let taken = pending.stage.workflow.take(
        &mut pending.record,
        "T28_CLOSE",
        "COMMUNITY_DESK",
        &Default::default(),
        &desk,
        facts,
    );
    assert_eq!(
        (taken.unwrap_err().rule.as_str(), &pending.record),
        ("evidence_pending", &before)
    );
}

#[test]
fn a_forced_closing_needs_two_people_of_the_district() {
    let mut scene = Scene::after(&DISPOSING);
    let with = |second: &str| json!({"reason": "r", "second": second});
    assert_eq!(
        scene.take(29, with("s_district_acceptor")),
        Err("second_person_missing".into())
    );
    let roles = ["GRID_STAFF".to_owned()];
    let facts = super::Facts {
        second: Some(&roles),
        ..super::Facts::new(None, scene.now, &scene.stage.limits, &scene.stage.calendar)
    };
    let actor = person("DISTRICT_ACCEPTOR");
    let args = with("s_grid_staff");
    let taken = scene.stage.workflow.take(
        &mut scene.record,
        "T29_FORCE_CLOSE",
        "DISTRICT_ACCEPTOR",
        args.as_object().unwrap(),
        &actor,
        facts,
    );
    assert_eq!(taken.unwrap_err().rule, "second_person_may_not");
    scene.take(29, with("s_second")).unwrap();
    assert_eq!(scene.field("close_type"), json!("FORCED"));
}

#[test]
fn an_evaluation_is_the_reporters_or_the_citizens_and_silence_is_no_satisfaction() {
    let mut scene = Scene::after(&CLOSED);
    let system = person("SYSTEM");
    assert_eq!(scene.by(30, &system, json!({})), Err("evaluated_too_early".into()));
    let other = Actor {
        staff: StaffId("s_other".into()),
        ..person("GRID_STAFF")
    };
    assert_eq!(
        scene.by(30, &other, json!({"satisfaction": 5})),
        Err("not_the_reporter".into())
    );
    scene.now = scene.now.plus(8 * DAY);
    assert_eq!(
        scene.by(30, &system, json!({"satisfaction": 5})),
        Err("system_has_no_opinion".into())
    );
    scene.by(30, &system, json!({})).unwrap();
    assert_eq!(
        (scene.record.state.as_str(), scene.field("satisfaction")),
        ("EVALUATED", Value::Null)
    );
}

#[test]
fn a_case_is_taken_up_again_twice_at_most() {
    let again = [31, 13, 17, 24, 25, 26, 28];
    let path: Vec<u32> = CLOSED.into_iter().chain(again).chain(again).collect();
    let mut scene = Scene::after(&path);
    assert_eq!(scene.field("redo_count"), json!(2));
    assert_eq!(scene.take(31, json!({"reason": "r"})), Err("redone_too_often".into()));
    let reopened = Scene::after(&[1, 2, 8, 13, 17, 24, 25, 26, 28, 31]);
    for field in [
        "close_type",
        "closed_at",
        "handler_org",
        "check_result",
        "feedback_result",
    ] {
        assert_eq!(reopened.field(field), Value::Null, "{field}");
    }
}

#[test]
fn supervision_only_rises_and_a_case_is_urged_three_times_a_day() {
    let mut scene = Scene::after(&DISPOSING);
    assert_eq!(
        scene.take(32, json!({"level": 4})),
        Err("supervision_level_unknown".into())
    );
    assert_eq!(
        scene.take(32, json!({"cancel": true, "reason": "r"})),
        Err("not_supervised".into())
    );
    scene.take(32, json!({"level": 3})).unwrap();
    assert_eq!(scene.take(32, json!({"level": 3})), Err("supervised_already".into()));
    assert_eq!(
        scene.take(32, json!({"level": 2})),
        Err("supervision_only_upwards".into())
    );
    assert_eq!(
        scene.by(32, &person("SYSTEM"), json!({"cancel": true, "reason": "r"})),
        Err("only_a_supervisor_cancels".into())
    );
    scene.take(32, json!({"cancel": true, "reason": "r"})).unwrap();
    assert_eq!(scene.field("supervise_level"), Value::Null);
    (0..3).for_each(|_| scene.take(33, json!({})).unwrap());
    assert_eq!(scene.take(33, json!({})), Err("urged_too_often".into()));
    scene.now = scene.now.plus(DAY);
    assert_eq!(scene.take(33, json!({})), Ok(()));
    assert_eq!(scene.field("urge_count"), json!(4));
}

#[test]
fn no_step_brings_fields_of_the_workflow_along() {
    use crate::model::automaton::StepVerdict;
    use crate::model::op::Action;
    let scene = Scene::after(&[1, 2]);
    let set = |field: &str| Action::Transition {
        event: "T05_WITHDRAW".into(),
        from: "REPORTED".into(),
        to: "VOIDED".into(),
        role: "GRID_STAFF".into(),
        args: super::play::body(json!({"reason": "r"})),
        base: Default::default(),
        set: super::play::body(json!({field: 1})),
    };
    let facts = super::Facts::new(None, scene.now, &scene.stage.limits, &scene.stage.calendar);
    let judge = |action: &Action| {
        scene
            .stage
            .workflow
            .judge(&scene.record, action, &person("GRID_STAFF"), facts)
    };
    let rule = "field_of_the_workflow".to_owned();
    assert_eq!(judge(&set("level")), StepVerdict::Forbidden { rule });
    assert!(matches!(judge(&set("close_reason")), StepVerdict::Legal { .. }));
    assert!(GRID.len() == 15);
}
