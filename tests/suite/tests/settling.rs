//! Phones and a platform over real HTTP: what must hold when they settle.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::time::Duration;

use fushan_grid_core::app::AppError;
use fushan_grid_core::app::evidence::Verdict;
use fushan_grid_core::app::incident::NewIncident;
use fushan_grid_core::app::sync::{Budget, Observer, Progress, SyncOutcome, SyncReport, Unwatched};
use fushan_grid_core::model::fault::Coded;
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::op::Choice;
use fushan_grid_core::model::record::Body;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method};
use fushan_grid_core::wire;
use fushan_suite::field::{Field, GRID, NEIGHBOUR, Phone};
use serde_json::{Value, json};

fn worker() -> String {
    format!("s_{GRID}")
}

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn person(name: &str) -> Body {
    body(json!({"name": name, "phone": "16900001111"}))
}

fn add(phone: &Phone, name: &str) -> RecordId {
    phone
        .engine
        .registry_add("person", &GRID.parse().unwrap(), person(name))
        .unwrap()
        .id
}

fn name_of(phone: &Phone, id: RecordId) -> String {
    phone.engine.record(id).unwrap().record.body["name"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn settled(phone: &Phone) -> SyncReport {
    let report = phone.sync().unwrap();
    assert_eq!(report.outcome, SyncOutcome::Done, "{report:?}");
    report
}

fn jpeg() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]))
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}

fn incident(category: &str) -> NewIncident {
    NewIncident {
        category: category.into(),
        title: "楼道堆物".into(),
        description: "占用通道".into(),
        point: Point::from_degrees(121.264, 37.502, Crs::Wgs84).unwrap(),
        accuracy_m: None,
        severity: "GENERAL".into(),
        found_at: None,
    }
}

#[test]
fn two_phones_see_each_others_work() {
    let field = Field::start().unwrap();
    let (one, two) = (field.phone(&worker()).unwrap(), field.phone("l_370611001901").unwrap());
    let id = add(&one, "测试壬");
    settled(&one);
    settled(&two);
    assert_eq!(name_of(&two, id), "测试壬");
}

#[test]
fn an_enrolment_code_is_good_once_and_only_for_whom_it_was_issued() {
    let field = Field::start().unwrap();
    let code = field.code(&worker()).unwrap();
    let url = field.platform.url();
    let phone = |n: u64| Phone::at(&field.dir.path().join(format!("p{n}")), &url, 100 + n).unwrap();
    let enrol = |p: &Phone| p.engine.enrol(&p.transport, &url, &code, &Cancel::new());
    assert_eq!(enrol(&phone(1)).unwrap().id.0, worker());
    let second = phone(2);
    assert_eq!(enrol(&second).unwrap_err().fault().code, "code_invalid");
    assert!(matches!(second.sync(), Err(AppError::NotEnrolled)));
    let unknown = field.operate("/admin/v1/codes", &json!({"staff": "s_nobody"})).unwrap();
    assert_eq!(unknown["error"]["code"], "no_such_staff");
}

#[test]
fn a_lost_reply_after_a_committed_push_doubles_nothing() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let id = add(&phone, "测试癸");
    phone
        .engine
        .registry_change(id, body(json!({"name": "测试癸改"})))
        .unwrap();
    field.platform.faults().lose_next_push_reply();
    let lost = phone.sync().unwrap();
    assert_eq!(
        (lost.taken, lost.outcome),
        (
            0,
            SyncOutcome::Offline {
                code: "reply_cut".into()
            }
        )
    );
    assert_eq!(lost.ops_left.sending, 2);
    assert_eq!(name_of(&phone, id), "测试癸改", "no flicker meanwhile");
    let again = settled(&phone);
    assert_eq!((again.taken, again.ops_left.applied), (2, 2));
    let stored = field.operate(&format!("/admin/v1/records/{id}"), &Value::Null).unwrap();
    assert_eq!(
        (stored["rev"].as_i64(), stored["body"]["name"].as_str()),
        (Some(2), Some("测试癸改"))
    );
}

#[test]
fn a_captive_portal_and_a_crowded_platform_leave_the_queue_as_it_was() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    add(&phone, "测试子");
    field.platform.faults().portal_for(1);
    let portal = phone.sync().unwrap();
    assert_eq!(
        portal.outcome,
        SyncOutcome::Offline {
            code: "captive_portal".into()
        }
    );
    field.platform.faults().busy_for(1);
    let busy = phone.sync().unwrap();
    assert_eq!(
        busy.outcome,
        SyncOutcome::Offline {
            code: "rate_limited".into()
        }
    );
    assert!(
        busy.next_attempt_ms.unwrap() >= 7_000,
        "the platform's wish is kept: {busy:?}"
    );
    assert_eq!(busy.ops_left.unsent(), 1);
    assert_eq!(settled(&phone).taken, 1);
}

#[test]
fn one_refused_operation_delays_no_other_and_can_be_mended() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let poison = phone
        .engine
        .registry_add("person", &NEIGHBOUR.parse().unwrap(), person("别的网格"))
        .unwrap()
        .id;
    add(&phone, "测试丑");
    let report = settled(&phone);
    assert_eq!((report.taken, report.refused), (1, 1));
    assert!(report.waits_for_person());
    let status = phone.engine.sync_status().unwrap();
    assert_eq!(status.dead_letters[0].code, "scope");
    assert_eq!(name_of(&phone, poison), "别的网格", "what was typed is still there");
    phone.engine.drop_refused(status.dead_letters[0].op.op).unwrap();
    assert_eq!(phone.engine.sync_status().unwrap().ops.dropped, 1);
}

#[test]
fn both_edit_one_field_and_the_resolution_reaches_both() {
    let field = Field::start().unwrap();
    let (one, two) = (field.phone(&worker()).unwrap(), field.phone("l_370611001901").unwrap());
    let id = add(&one, "原名");
    settled(&one);
    settled(&two);
    one.engine.registry_change(id, body(json!({"name": "甲改"}))).unwrap();
    two.engine
        .registry_change(id, body(json!({"name": "乙改", "phone": "16900002222"})))
        .unwrap();
    settled(&one);
    let second = settled(&two);
    assert_eq!(second.conflicts, 1);
    let record = two.engine.record(id).unwrap().record;
    assert_eq!(
        (record.body["name"].as_str(), record.body["phone"].as_str()),
        (Some("甲改"), Some("16900002222"))
    );
    settled(&one);
    let open = one.engine.conflicts_open().unwrap();
    assert_eq!((open.len(), open[0].fields["name"].phone.as_str()), (1, Some("乙改")));
    // both resolve while apart: the second opinion becomes a conflict of its own, not lost
    one.engine.conflict_resolve(open[0].id, Choice::Phone).unwrap();
    two.engine.conflict_resolve(open[0].id, Choice::Platform).unwrap();
    settled(&one);
    let late = settled(&two);
    assert_eq!((late.conflicts, late.refused), (1, 0));
    let second = two.engine.conflicts_open().unwrap();
    assert_eq!(
        (
            second.len(),
            second[0].what.as_str(),
            second[0].fields["name"].phone.as_str()
        ),
        (1, "resolution", Some("甲改"))
    );
    assert_eq!((name_of(&one, id), name_of(&two, id)), ("乙改".into(), "乙改".into()));
}

#[test]
fn a_draft_becomes_a_report_with_its_photos_in_one_group() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let id = phone.engine.incident_draft(incident("A01.03")).unwrap();
    let refused = phone.engine.incident_submit(id).unwrap_err();
    assert!(
        matches!(&refused, AppError::Step { rule } if rule == "photo_near_far_missing"),
        "{refused:?}"
    );
    let photo = jpeg();
    for role in ["near", "far"] {
        phone.engine.evidence_add(id, photo.as_slice(), role).unwrap();
    }
    settled(&phone);
    assert_eq!(
        phone.engine.sync_status().unwrap().ops.draft,
        1,
        "a draft stays on the phone"
    );
    phone.engine.incident_submit(id).unwrap();
    assert_eq!(settled(&phone).taken, 2);
    let stored = field.operate(&format!("/admin/v1/records/{id}"), &Value::Null).unwrap();
    let events: Vec<_> = stored["body"]["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["event"].clone())
        .collect();
    assert_eq!(
        (stored["state"].as_str(), events),
        (Some("REPORTED"), vec![json!("T01_SAVE_DRAFT"), json!("T02_SUBMIT")])
    );
    let again = phone.engine.incident_submit(id).unwrap_err();
    assert!(matches!(again, AppError::Step { rule } if rule == "wrong_state"));
}

#[test]
fn an_upload_that_was_cut_goes_on_where_it_stood_and_the_bytes_are_the_same() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let id = add(&phone, "测试寅");
    let photo = jpeg();
    let added = phone.engine.evidence_add(id, photo.as_slice(), "near").unwrap();
    field.platform.faults().cut_next_upload_at(1_000);
    assert_eq!(phone.sync().unwrap().photos_left.due, 2);
    let rest = settled(&phone);
    assert_eq!(rest.photos_stored, 2);
    let stored = std::fs::read(field.dir.path().join("blobs").join(added.sha256.hex())).unwrap();
    assert_eq!(stored, photo);
}

#[test]
fn a_photo_that_vanished_from_the_vault_is_shown_and_can_be_taken_in_again() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let id = add(&phone, "测试午");
    let other = add(&phone, "测试未");
    let photo = jpeg();
    let added = phone.engine.evidence_add(id, photo.as_slice(), "near").unwrap();
    let vault = field.dir.path().join("phone-0/media").join(added.sha256.hex());
    std::fs::remove_file(&vault).unwrap();
    let verdicts = |p: &Phone| -> Vec<Verdict> {
        p.engine
            .evidence_verify(None)
            .unwrap()
            .iter()
            .filter(|c| c.sha256 == added.sha256)
            .map(|c| c.verdict)
            .collect()
    };
    assert_eq!(verdicts(&phone), [Verdict::Missing]);
    let report = settled(&phone);
    assert_eq!(
        (report.photos_left.problems, report.photos_stored, report.taken),
        (1, 1, 3),
        "it delays nothing else"
    );
    phone.engine.evidence_add(other, photo.as_slice(), "near").unwrap();
    assert_eq!(
        verdicts(&phone),
        [Verdict::Intact],
        "the row holds the key of the new file"
    );
    assert_eq!(settled(&phone).photos_stored, 1);
    let mut bytes = std::fs::read(&vault).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&vault, bytes).unwrap();
    assert_eq!(verdicts(&phone), [Verdict::Changed]);
}

#[test]
fn a_run_can_be_cancelled_and_only_one_runs_at_a_time() {
    struct Nested<'a>(&'a Phone, std::cell::RefCell<Option<SyncOutcome>>);
    impl Observer for Nested<'_> {
        fn progress(&self, _: &Progress) {
            if self.1.borrow().is_none() {
                *self.1.borrow_mut() = Some(self.0.sync().unwrap().outcome);
            }
        }
    }
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    add(&phone, "测试卯");
    let nested = Nested(&phone, None.into());
    let budget = Budget::time(Duration::from_secs(60));
    phone
        .engine
        .sync_once(&phone.transport, budget, &nested, &Cancel::new())
        .unwrap();
    assert_eq!(nested.1.into_inner(), Some(SyncOutcome::Busy));
    add(&phone, "测试辰");
    let cancel = Cancel::new();
    cancel.cancel();
    let report = phone
        .engine
        .sync_once(&phone.transport, budget, &Unwatched, &cancel)
        .unwrap();
    assert_eq!((report.outcome, report.ops_left.unsent()), (SyncOutcome::Cancelled, 1));
    let nothing = Budget::time(Duration::ZERO);
    let report = phone
        .engine
        .sync_once(&phone.transport, nothing, &Unwatched, &Cancel::new())
        .unwrap();
    assert_eq!((report.outcome, report.next_attempt_ms), (SyncOutcome::Budget, Some(0)));
}

#[test]
fn bad_input_is_a_typed_error_with_nothing_stored() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let grid = GRID.parse().unwrap();
    let wrong_digit = body(json!({"name": "测试", "id_type": "111", "id_number": "370699196409124495"}));
    let Err(AppError::Invalid { findings }) = phone.engine.registry_add("person", &grid, wrong_digit) else {
        panic!("a wrong check digit was taken")
    };
    assert_eq!(
        (findings[0].field.as_str(), findings[0].code.as_str()),
        ("id_number", "id_check_digit")
    );
    let outside = NewIncident {
        point: Point::from_degrees(116.4, 39.9, Crs::Wgs84).unwrap(),
        ..incident("A01.03")
    };
    assert!(matches!(
        phone.engine.incident_draft(outside),
        Err(AppError::OutsideDistrict)
    ));
    assert!(matches!(
        phone.engine.incident_draft(incident("X99")),
        Err(AppError::UnknownCategory)
    ));
    assert!(matches!(
        phone.engine.registry_add("dragon", &grid, Body::new()),
        Err(AppError::UnknownKind { .. })
    ));
    let id = phone.engine.incident_draft(incident("A01.03")).unwrap();
    let no_image = phone
        .engine
        .evidence_add(id, b"not an image at all".as_slice(), "near")
        .unwrap_err();
    assert_eq!(no_image.fault().code, "not_an_image");
    assert_eq!(
        phone.engine.sync_status().unwrap().ops.all(),
        1,
        "only the good draft is there"
    );
    assert_eq!(phone.engine.sync_status().unwrap().photos.due, 0);
}

#[test]
fn an_offline_phone_is_told_so_and_a_plain_address_elsewhere_is_refused() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    add(&phone, "测试巳");
    let nowhere = HttpTransport::new("http://127.0.0.1:9", HttpConfig::default()).unwrap();
    let budget = Budget::time(Duration::from_secs(5));
    let report = phone
        .engine
        .sync_once(&nowhere, budget, &Unwatched, &Cancel::new())
        .unwrap();
    assert_eq!(report.outcome, SyncOutcome::Offline { code: "offline".into() });
    assert_eq!(report.ops_left.unsent(), 1);
    for address in ["http://example.org", "ftp://127.0.0.1", "nonsense"] {
        assert!(HttpTransport::new(address, HttpConfig::default()).is_err(), "{address}");
    }
}

#[test]
fn every_error_of_the_platform_has_our_shape() {
    let field = Field::start().unwrap();
    let cases = [
        (Method::Get, "/nothing/here", None, Vec::new(), 404, "no_such_route"),
        (Method::Get, "/v1/push", None, Vec::new(), 405, "method_not_allowed"),
        (
            Method::Post,
            "/v1/push",
            Some("wrong"),
            b"{}".to_vec(),
            401,
            "token_invalid",
        ),
        (
            Method::Post,
            "/v1/enrol",
            None,
            b"{\"code\":".to_vec(),
            400,
            "malformed",
        ),
        (
            Method::Post,
            "/v1/enrol",
            None,
            vec![b' '; 3 * 1024 * 1024],
            413,
            "too_large",
        ),
        (
            Method::Get,
            "/admin/v1/ledger",
            Some("wrong"),
            Vec::new(),
            401,
            "token_invalid",
        ),
    ];
    for (method, path, token, body, status, code) in cases {
        let reply = field.raw(method, path, token, body).unwrap();
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.headers["content-type"], wire::JSON, "{path}");
        let fault: wire::fault::FaultReply = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(fault.error.code, code, "{path}");
    }
}

#[test]
fn a_run_counts_the_bytes_that_travel_not_those_before_packing() {
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    // the first reply tells that the platform takes packed messages
    settled(&phone);
    for n in 0..200 {
        add(&phone, &format!("测试{n}"));
    }
    let report = settled(&phone);
    assert_eq!(report.taken, 200);
    let plain = 200 * 200;
    assert!((1_000..plain).contains(&report.bytes_up), "{}", report.bytes_up);
    assert!(report.bytes_down > 1_000, "{}", report.bytes_down);
}

#[test]
fn a_phone_is_not_enrolled_anew_in_the_middle_of_a_settlement_and_the_code_is_not_spent() {
    struct Enrols<'p> {
        phone: &'p Phone,
        url: String,
        code: String,
        refused: std::cell::RefCell<Option<String>>,
    }
    impl Enrols<'_> {
        fn enrol(&self) -> Result<(), AppError> {
            let Phone { engine, transport } = self.phone;
            engine.enrol(transport, &self.url, &self.code, &Cancel::new()).map(drop)
        }
    }
    impl Observer for Enrols<'_> {
        fn progress(&self, _: &Progress) {
            *self.refused.borrow_mut() = self.enrol().err().map(|e| e.fault().code.to_owned());
        }
    }
    let field = Field::start().unwrap();
    let phone = field.phone(&worker()).unwrap();
    let (url, code) = (field.platform.url(), field.code(&worker()).unwrap());
    let enrols = Enrols {
        phone: &phone,
        url,
        code,
        refused: std::cell::RefCell::default(),
    };
    let budget = Budget::time(Duration::from_secs(60));
    phone
        .engine
        .sync_once(&phone.transport, budget, &enrols, &Cancel::new())
        .unwrap();
    assert_eq!(enrols.refused.borrow().as_deref(), Some("busy"));
    enrols.enrol().unwrap();
    settled(&phone);
}
