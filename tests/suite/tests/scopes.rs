//! Scopes that come and go, phones that are locked or wiped, and warnings before anything is sent: over real HTTP.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::time::Duration;

use fushan_grid_core::app::sync::{Budget, SyncOutcome, SyncReport, Trigger, Unwatched};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::policy::{Conditions, Network};
use fushan_grid_core::model::record::Body;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport};
use fushan_suite::field::{Field, GRID, NEIGHBOUR, Phone};
use serde_json::{Value, json};

/// A grid that the worker never had.
const BEYOND: &str = "370611001901003";

fn worker() -> String {
    format!("s_{GRID}")
}

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn add_in(phone: &Phone, grid: &str, name: &str) -> RecordId {
    let fields = body(json!({"name": name, "phone": "16900001111"}));
    phone
        .engine
        .registry_add("person", &grid.parse().unwrap(), fields)
        .unwrap()
        .id
}

fn settled(phone: &Phone) -> SyncReport {
    let report = phone.sync().unwrap();
    assert_eq!(report.outcome, SyncOutcome::Done, "{report:?}");
    report
}

fn assign(field: &Field, staff: &str, grids: &[&str]) {
    field
        .operate("/admin/v1/staff", &json!({"id": staff, "grids": grids}))
        .unwrap();
}

fn scopes(phone: &Phone) -> Vec<(String, bool)> {
    let status = phone.engine.sync_status().unwrap();
    status.followed.into_iter().map(|s| (s.scope.0, s.sound)).collect()
}

#[test]
fn a_reassigned_worker_delivers_what_was_done_and_keeps_nothing_of_the_lost_grid() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let id = add_in(&phone, GRID, "金丝雀");
    settled(&phone);
    phone
        .engine
        .registry_change(id, body(json!({"name": "金丝雀改"})))
        .unwrap();
    assign(&field, &worker(), &[NEIGHBOUR]);
    let report = settled(&phone);
    assert_eq!((report.taken, report.refused), (1, 0), "done while it was theirs");
    assert!(phone.engine.record(id).is_err(), "it cannot be seen any more");
    let stored = field.operate(&format!("/admin/v1/records/{id}"), &Value::Null).unwrap();
    assert_eq!(stored["body"]["name"], "金丝雀改");
    let receipts = field.operate("/admin/v1/purges", &Value::Null).unwrap();
    assert_eq!(receipts[0]["scope"], format!("grid:{GRID}"));
    assert!(receipts[0]["records"].as_u64().unwrap() >= 1);
    let held = scopes(&phone);
    assert!(
        held.iter()
            .any(|(s, sound)| *s == format!("grid:{NEIGHBOUR}") && *sound),
        "{held:?}"
    );
    assert!(held.iter().all(|(s, _)| *s != format!("grid:{GRID}")));
    // and back: everything comes again, older than any cursor
    assign(&field, &worker(), &[GRID]);
    settled(&phone);
    assert_eq!(phone.engine.record(id).unwrap().record.body["name"], "金丝雀改");
    // what is done in a grid that never was theirs is refused, and after a purge it is handed to the supervisor
    add_in(&phone, BEYOND, "越界");
    assert_eq!(settled(&phone).refused, 1);
}

#[test]
fn the_grace_rule_counts_the_time_a_push_is_on_its_way_for_the_worker_and_no_more() {
    for (on_the_way_ms, refused) in [(120_000, 0), (0, 1)] {
        let field = Field::start_with(|config| config.on_the_way_ms = on_the_way_ms).unwrap();
        let phone = field.phone(&worker()).unwrap();
        settled(&phone);
        assign(&field, &worker(), &[NEIGHBOUR]);
        std::thread::sleep(Duration::from_millis(50));
        // the phone does not know yet
        add_in(&phone, GRID, "刚好");
        let report = settled(&phone);
        assert_eq!(
            (report.taken, report.refused),
            (1 - refused, refused),
            "{on_the_way_ms}"
        );
    }
}

#[test]
fn the_worker_is_told_that_an_incident_was_closed_before_anything_is_sent() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let id = add_in(&phone, GRID, "原名");
    settled(&phone);
    phone.engine.registry_change(id, body(json!({"name": "手机"}))).unwrap();
    let act = json!({"record": id, "role": "GRID_LEADER", "staff": "l_370611001901", "set": {"name": "平台"}});
    assert_eq!(field.operate("/admin/v1/act", &act).unwrap()["status"], "applied");
    // registry edits do not go out abroad, but what changed comes in
    let roaming = Budget {
        conditions: Conditions {
            network: Network::Roaming,
            ..Conditions::default()
        },
        ..Budget::time(Duration::from_secs(60))
    };
    let report = phone
        .engine
        .sync_once(&phone.transport, roaming, &Unwatched, &Cancel::new())
        .unwrap();
    assert_eq!((report.taken, report.ops_left.queued), (0, 1), "it waits for home");
    let warnings = phone.engine.warnings(Some(id)).unwrap();
    assert_eq!(
        (warnings[0].1.what.as_str(), warnings[0].1.fields.as_slice()),
        ("field", ["name".to_owned()].as_slice())
    );
    let settled = settled(&phone);
    assert_eq!(settled.conflicts, 1, "as was forecast");
    assert!(phone.engine.warnings(None).unwrap().is_empty());
}

#[test]
fn a_failed_run_sets_a_timer_that_survives_a_restart_and_binds_the_schedule_alone() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    add_in(&phone, GRID, "测试");
    field.platform.faults().busy_for(1);
    let failed = phone.sync().unwrap();
    assert_eq!(
        failed.outcome,
        SyncOutcome::Offline {
            code: "rate_limited".into()
        }
    );
    drop(phone);
    let phone = Phone::at(&field.dir.path().join("phone-0"), &field.platform.url(), 900).unwrap();
    let run = |trigger| {
        let budget = Budget {
            trigger,
            ..Budget::time(Duration::from_secs(60))
        };
        phone
            .engine
            .sync_once(&phone.transport, budget, &Unwatched, &Cancel::new())
            .unwrap()
    };
    let scheduled = run(Trigger::Schedule);
    assert_eq!(scheduled.outcome, SyncOutcome::Waiting);
    assert!(scheduled.next_attempt_ms.unwrap() > 1_000);
    assert_eq!(
        run(Trigger::Connectivity).outcome,
        SyncOutcome::Waiting,
        "the platform itself asked for it"
    );
    assert_eq!(run(Trigger::Worker).outcome, SyncOutcome::Done);
    assert_eq!(run(Trigger::Schedule).outcome, SyncOutcome::Done);
}

#[test]
fn after_the_platforms_data_went_back_phones_agree_with_it_and_their_work_is_not_lost() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let id = add_in(&phone, GRID, "测试甲");
    settled(&phone);
    field.operate("/admin/v1/epoch", &json!({})).unwrap();
    settled(&phone);
    settled(&phone);
    let status = phone.engine.sync_status().unwrap();
    assert!(
        status.followed.iter().all(|s| s.sound && !s.resyncing),
        "{:?}",
        status.followed
    );
    assert_eq!((status.ops.applied + status.ops.same, status.ops.unsent()), (1, 0));
    assert_eq!(phone.engine.record(id).unwrap().record.body["name"], "测试甲");
}

#[test]
fn a_wiped_phone_delivers_first_and_then_holds_nothing() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let id = add_in(&phone, GRID, "最后一条");
    let ledger = field.operate("/admin/v1/ledger", &Value::Null).unwrap();
    assert!(ledger.as_object().unwrap().is_empty());
    let device = phone.engine.device().unwrap();
    field.operate("/admin/v1/wipe", &json!({"device": device})).unwrap();
    let report = phone.sync().unwrap();
    assert_eq!(
        (report.taken, report.outcome),
        (1, SyncOutcome::Wiped { sealed: false })
    );
    let stored = field.operate(&format!("/admin/v1/records/{id}"), &Value::Null).unwrap();
    assert_eq!(stored["body"]["name"], "最后一条");
    let folder = field.dir.path().join("phone-0/db");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    assert!(phone.engine.record(id).is_err());
}

#[test]
fn diagnostics_say_what_is_wrong_and_nothing_about_residents() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    add_in(&phone, NEIGHBOUR, "金丝雀张三");
    settled(&phone);
    let document = phone.engine.diagnostics(Conditions::default()).unwrap();
    assert_eq!(document["refused"][0]["code"], "scope");
    let text = document.to_string();
    for secret in ["金丝雀张三", "16900001111", "token"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn a_locked_phone_is_unlocked_with_a_code() {
    let field = Field::start_with(|config| config.lease_ms = Some(3_000)).unwrap();
    let phone = field.phone(&worker()).unwrap();
    assert!(phone.engine.sync_status().unwrap().lease_expires_at.is_some());
    drop(phone);
    std::thread::sleep(Duration::from_millis(3_200));
    let dir = field.dir.path().join("phone-0");
    let again = || Phone::at(&dir, &field.platform.url(), 901);
    let error = again().err().unwrap().to_string();
    assert!(error.contains("lease"), "{error}");
    let stranger = field.code("l_370611001901").unwrap();
    let unlock = |code: &str| {
        let env = Phone::env_at(&dir, 902).unwrap();
        let transport = HttpTransport::new(&field.platform.url(), HttpConfig::default()).unwrap();
        fushan_grid_core::app::sync::renew_lease(&dir.join("db"), &env, &transport, code, &Cancel::new())
    };
    assert!(unlock(&stranger).is_err(), "another person's code opens nothing");
    unlock(&field.code(&worker()).unwrap()).unwrap();
    assert!(again().is_ok());
}
