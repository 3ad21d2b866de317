//! Inspections through the public doors: filled in, killed, refused, finished, rechecked, corrected, moved to another version.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use fushan_grid_core::app::AppError;
use fushan_grid_core::app::inspect::{Arrival, InspectError, NewSheet, NoAnswer, Stamp};
use fushan_grid_core::forms::Outcome;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Body;
use fushan_grid_core::wire::manifest::EventKind;
use fushan_suite::checklist::{SHOP, SHOP_2, answer, copy, fix, picture, place, point, start};
use fushan_suite::field::{Field, GRID, NEIGHBOUR, Phone};
use serde_json::{Value, json};

const ALL_WELL: [(&str, &str); 3] = [("/data/exits", "yes"), ("/data/count", "4"), ("/data/notices", "yes")];

/// A phone with the checklist and a shop, the shop known to the platform.
fn set_up(field: &Field) -> (Phone, RecordId) {
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    phone.engine.form_install(SHOP).unwrap();
    let place = place(&phone, "测试小面馆").unwrap();
    phone.sync().unwrap();
    (phone, place)
}

fn body(phone: &Phone, id: RecordId) -> Body {
    phone.engine.record(id).unwrap().record.body
}

/// Everything is answered by the platform, and nothing was refused.
fn settled(phone: &Phone) {
    phone.sync().unwrap();
    let status = phone.engine.sync_status().unwrap();
    let codes: Vec<_> = status
        .dead_letters
        .iter()
        .map(|l| (&l.code, &l.fields, &l.op.kind))
        .collect();
    assert!(codes.is_empty(), "{codes:?}");
    assert_eq!((status.ops.unsent(), status.ops.draft, status.conflicts), (0, 0, 0));
}

fn alone() -> (tempfile::TempDir, Phone) {
    let dir = tempfile::tempdir().unwrap();
    let phone = Phone::at(dir.path(), "http://127.0.0.1:9", 7).unwrap();
    phone.engine.form_install(SHOP).unwrap();
    (dir, phone)
}

#[test]
fn a_hazard_becomes_an_incident_returns_as_a_recheck_and_both_are_settled_on_the_platform() {
    let field = Field::start().unwrap();
    let (phone, place) = set_up(&field);
    let sheet = start(&phone, place).unwrap();
    answer(
        &phone,
        sheet,
        &[("/data/exits", "no"), ("/data/count", "4"), ("/data/notices", "no")],
    )
    .unwrap();
    phone
        .engine
        .inspect_attach_from(sheet, "/data/exits", picture(1).as_slice(), "near")
        .unwrap();
    let done = phone.engine.inspect_finish(sheet).unwrap();
    assert_eq!(
        (done.result.as_str(), done.hazards.len(), done.incidents.len()),
        ("HAZARD", 1, 1)
    );
    assert_eq!(done.score.critical, ["/data/exits"]);

    let (hazard, incident) = (done.hazards[0], done.incidents[0]);
    let filed = phone.engine.record(incident).unwrap().record;
    assert_eq!(filed.state, "REPORTED");
    assert_eq!(
        (&filed.body["channel"], &filed.body["severity"]),
        (&json!("INSPECTION"), &json!("MAJOR"))
    );
    assert_eq!(filed.body["hazard"], json!(hazard));
    assert_eq!(filed.body["inspection_ref"], json!(sheet));
    assert_eq!(body(&phone, hazard)["incident"], json!(incident), "linked both ways");
    assert_eq!(
        body(&phone, place)["risk"],
        "RED",
        "a suspected major hazard turns the place red"
    );
    settled(&phone);

    // a second worker of the grid sees the recheck on the list
    let leader = field.phone("l_370611001901").unwrap();
    leader.engine.form_install(SHOP).unwrap();
    let due = body(&leader, hazard)["due"].as_str().unwrap().parse().unwrap();
    let list = leader.engine.plan_on(due, None).unwrap();
    assert_eq!((list.len(), list[0].record), (1, place));
    assert_eq!(json!(list[0].urgency), "recheck");

    let again = phone
        .engine
        .inspect_recheck(
            hazard,
            Arrival {
                fix: Some(fix(point().unwrap())),
                ..Arrival::default()
            },
        )
        .unwrap();
    let last = phone.engine.inspect_last(again).unwrap().unwrap();
    assert_eq!((last.inspection, last.photos.len()), (sheet, 1));
    answer(&phone, again, &[("/data/exits", "yes")]).unwrap();
    let taken = phone.engine.inspect_confirm(again, &[]).unwrap();
    assert!(
        taken.contains(&"/data/count".to_owned()) && !taken.contains(&"/data/exits".to_owned()),
        "{taken:?}"
    );
    let second = phone.engine.inspect_finish(again).unwrap();
    assert_eq!((second.cleared, second.hazards), (vec![hazard], vec![]));
    settled(&phone);
    leader.sync().unwrap();
    assert_eq!(body(&leader, hazard)["state"], "CLEARED");
    let notes = body(&leader, incident)["notes"].as_array().unwrap().clone();
    assert!(notes.iter().any(|n| n["inspection"] == json!(again)), "{notes:?}");
    assert_eq!(body(&leader, place)["visits"].as_array().unwrap().len(), 2);
    assert!(leader.engine.plan_on(due, None).unwrap().is_empty());
}

#[test]
fn a_hazard_that_is_still_there_opens_no_second_incident() {
    let field = Field::start().unwrap();
    let (phone, place) = set_up(&field);
    let first = start(&phone, place).unwrap();
    answer(&phone, first, &[("/data/exits", "yes"), ("/data/count", "1")]).unwrap();
    let hazard = phone.engine.inspect_finish(first).unwrap().hazards[0];
    let second = start(&phone, place).unwrap();
    answer(&phone, second, &[("/data/exits", "yes"), ("/data/count", "0")]).unwrap();
    let again = phone.engine.inspect_finish(second).unwrap();
    assert_eq!(
        (again.hazards.len(), again.incidents.len(), again.cleared.len()),
        (0, 0, 0)
    );
    assert_eq!(body(&phone, hazard)["state"], "RECHECK");
    settled(&phone);
    assert_eq!(phone.engine.revisions("incident").unwrap().len(), 1);
}

#[test]
fn what_is_fixed_on_the_spot_needs_both_photos_and_opens_no_incident() {
    let field = Field::start().unwrap();
    let (phone, place) = set_up(&field);
    let sheet = start(&phone, place).unwrap();
    answer(&phone, sheet, &[("/data/exits", "yes"), ("/data/count", "1")]).unwrap();
    let not = phone.engine.inspect_fixed(sheet, "/data/exits", "已清理");
    assert!(
        matches!(not, Err(AppError::Inspect(InspectError::NotFixable))),
        "{not:?}"
    );
    phone
        .engine
        .inspect_fixed(sheet, "/data/count", "当场补了两具")
        .unwrap();
    phone
        .engine
        .inspect_attach_from(sheet, "/data/count", picture(1).as_slice(), "before")
        .unwrap();
    let missing = phone.engine.inspect_missing(sheet).unwrap();
    assert_eq!(
        missing.iter().map(|m| m.code.as_str()).collect::<Vec<_>>(),
        ["missing_before_after"]
    );
    phone
        .engine
        .inspect_attach_from(sheet, "/data/count", picture(2).as_slice(), "after")
        .unwrap();
    let done = phone.engine.inspect_finish(sheet).unwrap();
    assert_eq!((done.hazards.len(), done.incidents.len()), (1, 0));
    let hazard = body(&phone, done.hazards[0]);
    assert_eq!(
        (&hazard["state"], hazard["photos"].as_array().unwrap().len()),
        (&json!("FIXED_ON_SITE"), 2)
    );
    settled(&phone);
    assert!(
        phone
            .engine
            .evidence_verify(None)
            .unwrap()
            .iter()
            .all(|c| json!(c.verdict) == "intact")
    );
}

#[test]
fn a_kill_after_any_commit_finds_every_answer_and_goes_on_exactly_there() {
    let (dir, phone) = alone();
    let place = place(&phone, "测试小店").unwrap();
    let sheet = start(&phone, place).unwrap();
    let steps: [&dyn Fn(); 8] = [
        &|| answer(&phone, sheet, &[("/data/exits", "no")]).unwrap(),
        &|| answer(&phone, sheet, &[("/data/count", "1")]).unwrap(),
        &|| phone.engine.inspect_fixed(sheet, "/data/count", "补齐").unwrap(),
        &|| phone.engine.inspect_add_repeat(sheet, "/data/room").unwrap(),
        &|| answer(&phone, sheet, &[("/data/room[1]/sockets", "3")]).unwrap(),
        &|| phone.engine.inspect_add_repeat(sheet, "/data/room").unwrap(),
        &|| answer(&phone, sheet, &[("/data/room[2]/sockets", "4")]).unwrap(),
        &|| {
            drop(
                phone
                    .engine
                    .inspect_attach_from(sheet, "/data/exits", picture(1).as_slice(), "near")
                    .unwrap(),
            )
        },
    ];
    for (number, step) in steps.iter().enumerate() {
        step();
        let killed = dir.path().join(format!("killed-{number}"));
        for part in ["db", "media"] {
            copy(&dir.path().join(part), &killed.join(part)).unwrap();
        }
        let woken = Phone::at(&killed, "http://127.0.0.1:9", 8).unwrap();
        let (before, after) = (
            phone.engine.inspect_show(sheet).unwrap(),
            woken.engine.inspect_show(sheet).unwrap(),
        );
        assert_eq!(before, after, "after step {number}");
        assert_eq!(
            phone.engine.inspect_log(sheet).unwrap(),
            woken.engine.inspect_log(sheet).unwrap()
        );
    }
    let woken = Phone::at(&dir.path().join("killed-7"), "http://127.0.0.1:9", 9).unwrap();
    answer(&woken, sheet, &[("/data/room[2]/sockets", "5")]).unwrap();
    let log = woken.engine.inspect_log(sheet).unwrap();
    assert_eq!(log.last().unwrap().old_value.as_deref(), Some("4"));
    let shown = woken.engine.inspect_show(sheet).unwrap();
    assert_eq!(shown.sheet.stopped_at, "/data/room[2]/sockets");
    let engine = &woken.engine;
    let inside = engine
        .inspect_attach_from(sheet, "/data/room[1]/sockets", picture(2).as_slice(), "near")
        .unwrap();
    engine.inspect_remove_repeat(sheet, "/data/room[1]").unwrap();
    let events = engine.evidence_log(inside.sha256).unwrap();
    let last = &events.last().unwrap().event;
    assert_eq!(
        last.event,
        EventKind::Detached,
        "a photo loses its item in the custody log too"
    );
    assert_eq!(last.reason.as_deref(), Some("/data/room[1]/sockets"));
    let lines = woken.engine.inspect_show(sheet).unwrap().lines;
    let sockets = lines.iter().filter(|line| line.path.ends_with("/sockets"));
    assert_eq!(
        sockets.map(|line| line.answer.as_deref()).collect::<Vec<_>>(),
        [Some("5")]
    );
}

#[test]
fn a_refused_answer_says_why_in_the_form_s_words_and_the_old_one_stays() {
    let (_dir, phone) = alone();
    let place = place(&phone, "测试小店").unwrap();
    let sheet = start(&phone, place).unwrap();
    answer(&phone, sheet, &[("/data/count", "4")]).unwrap();
    for (path, value, expected) in [
        ("/data/count", "many", Outcome::BadType),
        ("/data/count", "201", Outcome::Constraint),
        ("/data/count", "", Outcome::Required),
        ("/data/exits", "maybe", Outcome::NotAChoice),
        ("/data/exits_photo", "a.jpg", Outcome::NotRelevant),
        ("/data/nothing", "1", Outcome::NoSuchQuestion),
    ] {
        let refused = phone.engine.inspect_answer(sheet, path, value, Stamp::default());
        let Err(AppError::Inspect(InspectError::Answer { outcome, message, .. })) = refused else {
            panic!("{path}={value}")
        };
        assert_eq!(outcome, expected, "{path}={value}");
        assert_eq!(message.is_some(), outcome == Outcome::Constraint);
    }
    let count = phone
        .engine
        .inspect_show(sheet)
        .unwrap()
        .lines
        .into_iter()
        .find(|l| l.path == "/data/count");
    assert_eq!(count.unwrap().answer.as_deref(), Some("4"));
}

#[test]
fn finishing_too_early_lists_everything_that_is_missing_and_keeps_the_draft() {
    let (_dir, phone) = alone();
    let place = place(&phone, "测试小店").unwrap();
    let sheet = start(&phone, place).unwrap();
    answer(&phone, sheet, &[("/data/exits", "no"), ("/data/staff", "1000000")]).unwrap();
    let Err(AppError::Inspect(InspectError::Incomplete { missing })) = phone.engine.inspect_finish(sheet) else {
        panic!()
    };
    let found: Vec<_> = missing.iter().map(|m| (m.path.as_str(), m.code.as_str())).collect();
    assert!(found.contains(&("/data/exits", "missing_photos")), "{found:?}");
    assert!(found.contains(&("/data/count", "missing_required")), "{found:?}");
    assert!(
        found
            .iter()
            .any(|(path, code)| *path == "/data/staff" && !code.starts_with("missing")),
        "{found:?}"
    );
    assert_eq!(phone.engine.inspect_drafts().unwrap().len(), 1);
    answer(&phone, sheet, &[("/data/count", "3")]).unwrap();
    assert_eq!(
        phone.engine.revisions("hazard").unwrap().len(),
        0,
        "nothing was written"
    );
}

#[test]
fn a_check_in_far_away_needs_a_reason() {
    let (_dir, phone) = alone();
    let place = place(&phone, "测试小店").unwrap();
    let mut there = point().unwrap();
    there.lat_e7 += 100_000;
    let mut new = NewSheet {
        form: "SHOP".into(),
        place: Some(place),
        arrival: Arrival {
            fix: Some(fix(there)),
            ..Arrival::default()
        },
        ..NewSheet::default()
    };
    let Err(AppError::Inspect(InspectError::ReasonNeeded {
        distance_m: Some(metres),
    })) = phone.engine.inspect_start(&new)
    else {
        panic!()
    };
    assert!((1000..1200).contains(&metres));
    new.arrival.reason = Some("店主在村口交接".into());
    phone.engine.inspect_start(&new).unwrap();
}

#[test]
fn the_registry_fills_in_what_it_knows_and_takes_what_was_answered() {
    let field = Field::start().unwrap();
    let (phone, place) = set_up(&field);
    let sheet = start(&phone, place).unwrap();
    let shown = phone.engine.inspect_show(sheet).unwrap();
    let staff = shown.lines.iter().find(|line| line.path == "/data/staff").unwrap();
    assert_eq!(staff.answer.as_deref(), Some("3"));
    answer(&phone, sheet, &ALL_WELL).unwrap();
    answer(&phone, sheet, &[("/data/staff", "5")]).unwrap();
    let done = phone.engine.inspect_finish(sheet).unwrap();
    assert_eq!((done.result.as_str(), done.score.percent), ("PASS", Some(100.0)));
    settled(&phone);
    assert_eq!(body(&phone, place)["staff"], 5);
    assert!(body(&phone, place).contains_key("last_visit"));
}

#[test]
fn a_correction_is_a_new_version_that_takes_back_hazard_and_registry() {
    let field = Field::start().unwrap();
    let (phone, place) = set_up(&field);
    let first = start(&phone, place).unwrap();
    answer(
        &phone,
        first,
        &[("/data/exits", "yes"), ("/data/count", "1"), ("/data/staff", "50")],
    )
    .unwrap();
    let done = phone.engine.inspect_finish(first).unwrap();
    settled(&phone);

    assert!(phone.engine.inspect_correct(first, " ").is_err());
    let sheet = phone.engine.inspect_correct(first, "数错了,后厨还有三具").unwrap();
    answer(&phone, sheet, &[("/data/count", "4"), ("/data/staff", "5")]).unwrap();
    phone.engine.inspect_finish(sheet).unwrap();
    settled(&phone);
    let (old, new) = (body(&phone, first), body(&phone, sheet));
    assert_eq!(old["corrected_by"], json!(sheet));
    assert_eq!(
        (&new["of"], &new["version"], &new["reason"]),
        (&json!(first), &json!(2), &json!("数错了,后厨还有三具"))
    );
    assert_eq!((&new["day"], &new["corrects_seal"]), (&old["day"], &old["seal"]));
    assert_eq!(body(&phone, done.hazards[0])["state"], "WITHDRAWN");
    assert_eq!(body(&phone, place)["staff"], 5);
    assert_eq!(
        body(&phone, place)["visits"].as_array().unwrap().len(),
        1,
        "a correction is no second visit"
    );
    assert!(matches!(
        phone.engine.inspect_correct(first, "again"),
        Err(AppError::Inspect(InspectError::Corrected))
    ));
    // and once more: a hazard that was overlooked
    let third = phone.engine.inspect_correct(sheet, "漏填").unwrap();
    answer(&phone, third, &[("/data/count", "0")]).unwrap();
    let done = phone.engine.inspect_finish(third).unwrap();
    assert_eq!(done.incidents.len(), 1);
    settled(&phone);
}

#[test]
fn a_draft_on_an_old_version_goes_on_or_moves_with_a_report_and_can_be_taken_back() {
    let (_dir, phone) = alone();
    let place = place(&phone, "测试小店").unwrap();
    let sheet = start(&phone, place).unwrap();
    phone.engine.inspect_add_repeat(sheet, "/data/room").unwrap();
    let answers = [
        ("/data/exits", "no"),
        ("/data/count", "1"),
        ("/data/note", "后门"),
        ("/data/room[1]/sockets", "6"),
    ];
    answer(&phone, sheet, &answers).unwrap();
    phone.engine.inspect_fixed(sheet, "/data/count", "补齐").unwrap();
    phone
        .engine
        .inspect_attach_from(sheet, "/data/exits", picture(1).as_slice(), "near")
        .unwrap();
    phone
        .engine
        .inspect_attach_from(sheet, "/data/note", picture(2).as_slice(), "near")
        .unwrap();
    let before = phone.engine.inspect_show(sheet).unwrap();
    assert!(
        phone.engine.inspect_migrate(sheet).is_err(),
        "it is on the current version"
    );

    phone.engine.form_install(SHOP_2).unwrap();
    answer(&phone, sheet, &[("/data/notices", "yes")]).unwrap();
    assert_eq!(
        phone
            .engine
            .inspect_show(sheet)
            .unwrap()
            .newer
            .unwrap()
            .version
            .as_deref(),
        Some("2")
    );
    let moved = phone.engine.inspect_migrate(sheet).unwrap();
    assert!(
        moved.moved.contains(&"/data/extinguishers".to_owned()),
        "by its stable id: {moved:?}"
    );
    let lost: Vec<_> = moved.lost.iter().map(|l| (l.path.as_str(), l.why.as_str())).collect();
    assert_eq!(lost, [("/data/note", "no_such_question"), ("/data/note", "photo")]);
    let shown = phone.engine.inspect_show(sheet).unwrap();
    let line = |path: &str| shown.lines.iter().find(|l| l.path == path).unwrap().clone();
    assert_eq!(line("/data/room[1]/sockets").answer.as_deref(), Some("6"));
    assert_eq!(line("/data/extinguishers").fixed.as_deref(), Some("补齐"));
    assert_eq!((line("/data/exits").photos.len(), shown.loose.len()), (1, 1));
    answer(&phone, sheet, &[("/data/light", "yes")]).unwrap();

    let since = phone.engine.inspect_migrate_undo(sheet).unwrap();
    assert!(
        since.contains(&("/data/light".to_owned(), "yes".to_owned())),
        "{since:?}"
    );
    let back = phone.engine.inspect_show(sheet).unwrap();
    let texts = |view: &fushan_grid_core::app::inspect::SheetView| -> Vec<_> {
        view.lines
            .iter()
            .map(|l| (l.path.clone(), l.answer.clone(), l.photos.clone(), l.fixed.clone()))
            .collect()
    };
    let mut expected = texts(&before);
    expected
        .iter_mut()
        .filter(|l| l.0 == "/data/notices")
        .for_each(|l| l.1 = Some("yes".into()));
    assert_eq!(texts(&back), expected);
    assert!(matches!(
        phone.engine.inspect_migrate_undo(sheet),
        Err(AppError::Inspect(InspectError::NothingToUndo))
    ));
}

#[test]
fn a_visit_without_answers_is_told_and_does_not_count_as_done() {
    let field = Field::start().unwrap();
    let (phone, place) = set_up(&field);
    let plan = json!({"id": "p", "name": "季检", "forms": ["SHOP"], "from": "2026-01-01",
                      "targets": {"kind": {"kind": "place"}}, "frequency": {"times": 1, "per": "quarter"}});
    phone.engine.plan_put(&plan.to_string()).unwrap();
    let listed = || {
        phone
            .engine
            .plan_today(Some(point().unwrap()))
            .unwrap()
            .iter()
            .any(|v| v.record == place)
    };
    assert!(listed());
    let sheet = start(&phone, place).unwrap();
    phone
        .engine
        .inspect_no_answer(sheet, NoAnswer::Closed, "门口贴了休息告示")
        .unwrap();
    assert!(listed());
    settled(&phone);
    let sheet = start(&phone, place).unwrap();
    answer(&phone, sheet, &ALL_WELL).unwrap();
    phone.engine.inspect_finish(sheet).unwrap();
    assert!(!listed());
}

#[test]
fn one_visit_holds_the_checklists_of_several_departments_and_ends_with_the_last() {
    let field = Field::start().unwrap();
    let (phone, place) = set_up(&field);
    let first = start(&phone, place).unwrap();
    let visit = phone.engine.inspect_show(first).unwrap().sheet.visit;
    let gas = NewSheet {
        form: "GAS".into(),
        place: Some(place),
        visit: Some(visit),
        ..NewSheet::default()
    };
    let second = phone.engine.inspect_start(&gas).unwrap();
    assert_eq!(
        phone.engine.inspect_drafts().unwrap().len(),
        2,
        "a shipped checklist needs no installing"
    );
    answer(&phone, first, &ALL_WELL).unwrap();
    phone.engine.inspect_finish(first).unwrap();
    phone.engine.inspect_no_answer(second, NoAnswer::Refused, "").unwrap();
    settled(&phone);
    assert_eq!(
        (&body(&phone, first)["visit"], &body(&phone, second)["visit"]),
        (&json!(visit), &json!(visit))
    );
    assert_eq!(body(&phone, first)["check_in"], body(&phone, second)["check_in"]);
}

#[test]
fn a_finished_inspection_is_sealed_and_signed_and_a_changed_one_is_told() {
    let field = Field::start().unwrap();
    let (phone, place) = set_up(&field);
    let sheet = start(&phone, place).unwrap();
    answer(&phone, sheet, &ALL_WELL).unwrap();
    phone.engine.inspect_finish(sheet).unwrap();
    settled(&phone);
    let leader = field.phone("l_370611001901").unwrap();
    let sealed = leader.engine.inspection_sealed(sheet).unwrap();
    assert_eq!(
        (sealed.unchanged, sealed.signature),
        (true, Some(true)),
        "on another phone, after the platform"
    );
    leader.engine.incident_note(sheet, "x").unwrap();
    let told = leader.engine.inspection_sealed(sheet).unwrap();
    assert_eq!((told.unchanged, told.signature), (false, Some(false)));
}

#[test]
fn a_contradictory_plan_is_refused_whole_and_the_one_in_force_stays() {
    let (_dir, phone) = alone();
    let good = json!({"id": "p", "name": "季检", "forms": ["SHOP"], "from": "2026-01-01",
                      "targets": {"kind": {"kind": "place"}}, "frequency": {"times": 1, "per": "quarter"}});
    phone.engine.plan_put(&good.to_string()).unwrap();
    let mut bad = good.clone();
    bad["until"] = json!("2025-01-01");
    bad["forms"] = json!(["NONE"]);
    let Err(AppError::Inspect(InspectError::Plan { findings })) = phone.engine.plan_put(&bad.to_string()) else {
        panic!()
    };
    assert_eq!(findings.len(), 2);
    assert!(phone.engine.plan_put("{}").is_err());
    assert_eq!(phone.engine.plans().unwrap()[0].until, None);
}

#[test]
fn a_form_that_does_not_compile_leaves_the_one_in_use() {
    let (_dir, phone) = alone();
    let mut broken: Value = serde_json::from_str(SHOP).unwrap();
    broken["binds"][0]["required"] = json!("nonsense(");
    assert!(matches!(
        phone.engine.form_install(&broken.to_string()),
        Err(AppError::Inspect(InspectError::Refused(_)))
    ));
    assert!(matches!(
        phone.engine.form_install("[]"),
        Err(AppError::Inspect(InspectError::NotAForm))
    ));
    let unknown = NewSheet {
        form: "NONE".into(),
        ..NewSheet::default()
    };
    assert!(matches!(
        phone.engine.inspect_start(&unknown),
        Err(AppError::Inspect(InspectError::UnknownForm { .. }))
    ));
    let versions = phone.engine.forms().unwrap();
    assert_eq!(versions.iter().filter(|version| version.form == "SHOP").count(), 1);
    assert_eq!(versions.len(), 9, "beside it stand the eight that ship with the engine");
}

#[test]
fn a_patrol_is_walked_offline_checked_in_and_settled() {
    use fushan_grid_core::app::patrol::Reading;
    use fushan_grid_core::model::time::UtcMillis;
    let field = Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let here = point().unwrap();
    let route = json!({"id": "r", "name": "早巡", "points": [
        {"id": "a", "name": "东门", "point": here, "dwell_s": 30}, {"id": "b", "name": "西门", "point": here, "qr": "QR-1"}]});
    let id = phone.engine.patrol_start(&route.to_string()).unwrap();
    let readings: Vec<Reading> = (0..60_u32)
        .map(|n| {
            let mut point = here;
            point.lon_e7 += i32::try_from(n.min(30)).unwrap() * 100;
            let ms = u64::from(n) * 10_000;
            let wall = UtcMillis(1_790_000_000_000 + i64::from(n) * 10_000);
            Reading {
                point,
                accuracy_m: 5,
                mock: false,
                at: Some((ms, wall)),
            }
        })
        .collect();
    assert!(
        phone.engine.patrol_check_in(id, "a", None, None).is_err(),
        "nobody has been there"
    );
    for batch in readings.chunks(7) {
        phone.engine.patrol_track(id, batch).unwrap();
    }
    phone.engine.patrol_check_in(id, "a", None, None).unwrap();
    phone.engine.patrol_check_in(id, "b", Some("QR-1"), None).unwrap();
    assert!(phone.engine.patrol_check_in(id, "c", None, None).is_err());
    let walked = phone.engine.patrol_finish(id).unwrap();
    assert_eq!(
        (walked.readings, walked.open.len(), walked.coverage[0].passed),
        (60, 0, 2)
    );
    assert_eq!(walked.attendance.inside_ms, 590_000);
    assert!(
        walked.signs.iter().any(|s| json!(s)["sign"] == "frozen"),
        "standing still for ever: {:?}",
        walked.signs
    );
    assert!(phone.engine.patrol_track(id, &readings).is_err());
    settled(&phone);
    assert_eq!(body(&phone, id)["readings"], Value::from(60));
    let neighbour = field.phone(&format!("s_{NEIGHBOUR}")).unwrap();
    assert!(
        neighbour.engine.record(id).is_err(),
        "a track is seen in its own grid only"
    );
}
