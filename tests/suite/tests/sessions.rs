//! Credentials: short access tokens, refresh tokens that are replaced, and nobody locked out by a lost reply.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use fushan_grid_core::model::ids::{DeviceId, Incarnation};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Method, Response};
use fushan_suite::field::{ADMIN, Field, GRID, NEIGHBOUR, Phone};
use serde_json::{Value, json};

fn json_of(reply: &Response) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn code_of(reply: &Response) -> (u16, String) {
    (
        reply.status,
        json_of(reply)["error"]["code"].as_str().unwrap_or_default().to_owned(),
    )
}

fn device() -> DeviceId {
    DeviceId::v7(UtcMillis(1), [1; 10])
}

/// Enrols a phone by hand: access and refresh token.
fn enrolled(field: &Field) -> (String, String) {
    let code = field.code(&format!("s_{GRID}")).unwrap();
    let incarnation = Incarnation::v7(UtcMillis(1), [2; 10]);
    let message = json!({"code": code, "device": device(), "incarnation": incarnation, "app": "test"});
    let reply = field
        .ask(Method::Post, "/v1/enrol", &[], message.to_string().as_bytes())
        .unwrap();
    tokens(&reply)
}

fn tokens(reply: &Response) -> (String, String) {
    let text = |name: &str| json_of(reply)[name].as_str().unwrap().to_owned();
    (text("token"), text("refresh"))
}

fn refresh(field: &Field, refresh: &str) -> Response {
    let message = json!({"device": device(), "refresh": refresh});
    field
        .ask(Method::Post, "/v1/refresh", &[], message.to_string().as_bytes())
        .unwrap()
}

fn exchange(field: &Field, refresh: &str, word: &str) -> Response {
    let message = json!({"device": device(), "refresh": refresh, "exchange": word});
    field
        .ask(Method::Post, "/v1/refresh", &[], message.to_string().as_bytes())
        .unwrap()
}

fn probe(field: &Field, token: &str) -> Response {
    field
        .raw(
            Method::Post,
            "/v1/blobs/probe",
            Some(token),
            br#"{"blobs": []}"#.to_vec(),
        )
        .unwrap()
}

#[test]
fn a_phone_whose_access_token_has_ended_goes_on_by_itself() {
    let field = Field::start_with(|config| config.lifetimes.access_ms = 400).unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    for _ in 0..2 {
        std::thread::sleep(std::time::Duration::from_millis(450));
        let report = phone.sync().unwrap();
        assert_eq!(
            serde_json::to_value(&report).unwrap()["outcome"],
            json!("done"),
            "{report:?}"
        );
    }
}

#[test]
fn an_ended_access_token_is_refused_and_a_refresh_token_gets_another() {
    let field = Field::start_with(|config| config.lifetimes.access_ms = 300).unwrap();
    let (access, first) = enrolled(&field);
    assert_eq!(probe(&field, &access).status, 200);
    std::thread::sleep(std::time::Duration::from_millis(350));
    assert_eq!(code_of(&probe(&field, &access)), (401, "token_expired".into()));
    let (again, _) = tokens(&refresh(&field, &first));
    assert_eq!(probe(&field, &again).status, 200);
    assert_eq!(
        code_of(&probe(&field, &access)),
        (401, "token_invalid".into()),
        "the token before is over"
    );
}

#[test]
fn a_lost_reply_to_a_refresh_locks_nobody_out_and_a_copied_token_locks_the_thief_out() {
    let field = Field::start().unwrap();
    let (_, first) = enrolled(&field);
    for _ in 0..3 {
        // the reply is lost: the phone has but the token before
        assert_eq!(refresh(&field, &first).status, 200);
    }
    let (access, second) = tokens(&refresh(&field, &first));
    assert_eq!(probe(&field, &access).status, 200, "the successor is used");
    assert_eq!(code_of(&refresh(&field, &first)), (401, "device_revoked".into()));
    assert_eq!(code_of(&probe(&field, &access)), (401, "device_revoked".into()));
    assert_eq!(code_of(&refresh(&field, &second)), (401, "device_revoked".into()));
    let (access, _) = enrolled(&field);
    assert_eq!(probe(&field, &access).status, 200, "a new code lets the phone in again");
}

#[test]
fn a_message_that_the_network_delivers_again_harms_nobody_and_a_copied_token_does() {
    let field = Field::start().unwrap();
    let (_, first) = enrolled(&field);
    let one = tokens(&exchange(&field, &first, "word 1"));
    assert_eq!(
        tokens(&exchange(&field, &first, "word 1")),
        one,
        "twice the same answer"
    );
    assert_eq!(probe(&field, &one.0).status, 200);
    assert_eq!(
        code_of(&exchange(&field, &first, "word 1")),
        (401, "refresh_invalid".into()),
        "late"
    );
    let two = tokens(&exchange(&field, &one.1, "word 2"));
    assert_eq!(probe(&field, &two.0).status, 200);
    assert_eq!(
        code_of(&exchange(&field, &first, "word 1")),
        (401, "refresh_invalid".into()),
        "very late"
    );
    assert_eq!(probe(&field, &two.0).status, 200, "nobody is locked out");
    assert_eq!(
        code_of(&exchange(&field, &one.1, "a guess")),
        (401, "device_revoked".into())
    );
    assert_eq!(probe(&field, &two.0).status, 401);
}

#[test]
fn a_token_of_long_ago_withdraws_the_credentials_and_an_unknown_one_does_not() {
    let field = Field::start().unwrap();
    let (_, first) = enrolled(&field);
    let (_, second) = tokens(&refresh(&field, &first));
    let (access, _) = tokens(&refresh(&field, &second));
    assert_eq!(
        code_of(&refresh(&field, "no such token")),
        (401, "refresh_invalid".into())
    );
    assert_eq!(probe(&field, &access).status, 200);
    assert_eq!(code_of(&refresh(&field, &first)), (401, "device_revoked".into()));
    assert_eq!(probe(&field, &access).status, 401);
}

/// Copies a database with what its log holds.
fn copy(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        let name = |path: &Path| format!("{}{end}", path.display());
        let _ = std::fs::remove_file(name(to));
        if Path::new(&name(from)).exists() {
            std::fs::copy(name(from), name(to)).unwrap();
        }
    }
}

#[test]
fn work_in_a_grid_that_a_restored_platform_no_longer_knows_of_goes_again_before_it_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let (file, backup) = (dir.path().join("platform.db"), dir.path().join("backup.db"));
    let begin = || Field::start_with(|config| config.database = Some(file.clone())).unwrap();
    let staff = format!("s_{GRID}");
    let first = begin();
    let folder = first.dir.path().join("phone-0");
    let phone = first.phone(&staff).unwrap();
    phone.sync().unwrap();
    drop(phone);
    first.runtime.block_on(first.platform.shutdown()).unwrap();
    copy(&file, &backup);
    let field = begin();
    let grids = json!({"id": staff, "grids": [GRID, NEIGHBOUR]});
    field.operate("/admin/v1/staff", &grids).unwrap();
    let phone = Phone::at(&folder, &field.platform.url(), 901).unwrap();
    phone.sync().unwrap();
    let fields = json!({"name": "恢复前的人", "phone": "16900001111"});
    let neighbour = NEIGHBOUR.parse().unwrap();
    phone
        .engine
        .registry_add("person", &neighbour, fields.as_object().unwrap().clone())
        .unwrap();
    assert_eq!(phone.sync().unwrap().taken, 1);
    drop(phone);
    field.runtime.block_on(field.platform.shutdown()).unwrap();
    copy(&backup, &file);
    let field = begin();
    let phone = Phone::at(&folder, &field.platform.url(), 902).unwrap();
    for _ in 0..2 {
        phone.sync().unwrap();
    }
    let given = field
        .operate("/admin/v1/handed-over", &Value::Null)
        .unwrap()
        .to_string();
    assert!(given.contains("恢复前的人"), "{given}");
}

#[test]
fn a_platform_restored_from_a_backup_lets_phones_go_on_that_renewed_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let (file, backup) = (dir.path().join("platform.db"), dir.path().join("backup.db"));
    let begin = || Field::start_with(|config| config.database = Some(file.clone())).unwrap();
    let field = begin();
    let (_, first) = enrolled(&field);
    field.runtime.block_on(field.platform.shutdown()).unwrap();
    copy(&file, &backup);
    let field = begin();
    let (_, second) = tokens(&refresh(&field, &first));
    let (_, third) = tokens(&refresh(&field, &second));
    field.runtime.block_on(field.platform.shutdown()).unwrap();
    copy(&backup, &file);
    let field = begin();
    let forged = format!("999{}", third.chars().skip(3).collect::<String>());
    assert_eq!(code_of(&refresh(&field, &forged)), (401, "refresh_invalid".into()));
    let epoch = |field: &Field| {
        field.operate("/admin/v1/epoch", &Value::Null).unwrap()["epoch"]
            .as_i64()
            .unwrap()
    };
    let before = epoch(&field);
    let (access, fourth) = tokens(&refresh(&field, &third));
    assert_eq!(probe(&field, &access).status, 200);
    let begun = epoch(&field);
    assert!(begun > before, "the token tells of the restore, and a new epoch begins");
    refresh(&field, &fourth);
    assert_eq!(epoch(&field), begun, "once");
}

#[test]
fn an_operator_withdraws_a_phones_credentials_and_its_work_stays_on_it() {
    let field = Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let devices = field.operate("/admin/v1/devices", &Value::Null).unwrap();
    let id = devices[0]["device"].as_str().unwrap();
    assert_eq!(devices[0]["report"]["operations"], json!(0));
    field
        .operate(&format!("/admin/v1/devices/{id}/revoke"), &json!({}))
        .unwrap();
    let report = serde_json::to_value(phone.sync().unwrap()).unwrap();
    assert_eq!(report["outcome"], json!("locked"), "{report}");
}

#[test]
fn operators_get_figures_and_phones_do_not() {
    let field = Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    phone.sync().unwrap();
    let figures = field.raw(Method::Get, "/metrics", Some(ADMIN), Vec::new()).unwrap();
    let text = String::from_utf8(figures.body).unwrap();
    for expected in [
        "fushan_requests_total{route=\"/v1/hello\",status=\"200\"}",
        "fushan_device_lag{device=\"",
        "# EOF",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert_eq!(
        field
            .raw(Method::Get, "/metrics", Some("guess"), Vec::new())
            .unwrap()
            .status,
        401
    );
    let health = field.raw(Method::Get, "/health", None, Vec::new()).unwrap();
    assert_eq!(
        (health.status, json_of(&health)["store"].clone()),
        (200, json!("sqlite"))
    );
}

#[test]
fn whoever_asks_too_often_is_told_when_to_come_again() {
    let field = Field::start_with(|config| config.requests_per_minute = 50).unwrap();
    let (access, _) = enrolled(&field);
    let replies: Vec<Response> = (0..20).map(|_| probe(&field, &access)).collect();
    assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 10);
    let refused = replies.last().unwrap();
    assert_eq!(code_of(refused), (429, "rate_limited".into()));
    assert!(refused.headers["retry-after"].parse::<u64>().unwrap() >= 1);
}

#[test]
fn made_up_tokens_share_the_limit_of_their_address_and_leave_the_phones_theirs() {
    let field = Field::start_with(|config| config.requests_per_minute = 100).unwrap();
    let (access, _) = enrolled(&field);
    assert_eq!(probe(&field, &access).status, 200);
    let guesses: Vec<u16> = (0..40).map(|n| probe(&field, &format!("guess-{n}")).status).collect();
    let looked_up = guesses.iter().filter(|status| **status == 401).count();
    assert!((1..=11).contains(&looked_up), "a tenth of a phone's: {guesses:?}");
    assert_eq!(guesses.last(), Some(&429));
    assert_eq!(probe(&field, &access).status, 200, "the phone asks on");
}
