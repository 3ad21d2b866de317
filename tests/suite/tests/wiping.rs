//! A phone that is ordered to be wiped while it still holds work: nothing of that work may be lost, and nothing else may stay.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::PathBuf;
use std::time::Duration;

use fushan_grid_core::app::incident::NewIncident;
use fushan_grid_core::app::recovery::Recovery;
use fushan_grid_core::app::sync::{Budget, SyncOutcome, SyncReport, Unwatched};
use fushan_grid_core::evidence::FolderMedia;
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::policy::{Conditions, Network};
use fushan_grid_core::model::record::Body;
use fushan_grid_core::platform::Cancel;
use fushan_suite::field::{Field, GRID, NEIGHBOUR, Phone};
use hpke::kem::X25519HkdfSha256;
use hpke::{Kem, Serializable};
use serde_json::{Value, json};

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn jpeg() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]))
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}

fn person(phone: &Phone, grid: &str, name: &str) -> RecordId {
    let fields = body(json!({"name": name, "phone": "16900001111"}));
    let added = phone.engine.registry_add("person", &grid.parse().unwrap(), fields);
    added.unwrap().id
}

/// Abroad: neither registry edits nor photos may go out.
fn abroad(phone: &Phone) -> SyncReport {
    let budget = Budget {
        conditions: Conditions {
            network: Network::Roaming,
            ..Conditions::default()
        },
        ..Budget::time(Duration::from_secs(60))
    };
    phone
        .engine
        .sync_once(&phone.transport, budget, &Unwatched, &Cancel::new())
        .unwrap()
}

fn order_wipe(field: &Field, phone: &Phone) {
    let device = phone.engine.device().unwrap();
    field.operate("/admin/v1/wipe", &json!({"device": device})).unwrap();
}

/// What a worker may leave on a phone: an edit that waits, a refused person, and an incident that was never submitted, with a
/// photo.
struct Work {
    settled: RecordId,
    edited: RecordId,
    draft: RecordId,
    photo: String,
}

fn work(phone: &Phone) -> Work {
    let settled = person(phone, GRID, "早已送达");
    let edited = person(phone, GRID, "原名");
    phone.sync().unwrap();
    person(phone, NEIGHBOUR, "越界");
    phone.sync().unwrap();
    let change = body(json!({"name": "改名"}));
    phone.engine.registry_change(edited, change).unwrap();
    let incident = NewIncident {
        category: "A01.03".into(),
        title: "楼道堆物".into(),
        description: "占用通道".into(),
        point: Point::from_degrees(121.264, 37.502, Crs::Wgs84).unwrap(),
        accuracy_m: None,
        severity: "GENERAL".into(),
        found_at: None,
    };
    let draft = phone.engine.incident_draft(incident).unwrap();
    let added = phone.engine.evidence_add(draft, jpeg().as_slice(), "near").unwrap();
    let books = phone.engine.sync_status().unwrap().ops;
    assert!(books.dead == 1 && books.draft >= 1 && books.queued >= 1, "{books:?}");
    Work {
        settled,
        edited,
        draft,
        photo: added.sha256.hex(),
    }
}

fn handed_over(field: &Field) -> String {
    field
        .operate("/admin/v1/handed-over", &Value::Null)
        .unwrap()
        .to_string()
}

#[test]
fn without_a_recovery_key_a_wipe_waits_until_the_last_work_is_on_the_platform() {
    let field = Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let work = work(&phone);
    order_wipe(&field, &phone);
    let report = abroad(&phone);
    assert_ne!(report.outcome, SyncOutcome::Wiped { sealed: false });
    assert!(report.ops_left.queued > 0 && report.photos_left.due > 0, "{report:?}");
    assert!(
        phone.engine.record(work.settled).is_err(),
        "what the platform has is not seen here any more"
    );
    let given = handed_over(&field);
    assert!(
        given.contains("越界") && given.contains("楼道堆物"),
        "the refused person and the draft are with the supervisor: {given}"
    );
    let again = abroad(&phone);
    assert!(again.ops_left.queued > 0, "asked again, it still waits");
    assert!(
        phone.engine.record(work.settled).is_err(),
        "and does not fill itself anew"
    );
    // home again
    let last = phone.sync().unwrap();
    assert_eq!(last.outcome, SyncOutcome::Wiped { sealed: false }, "{last:?}");
    let stored = field
        .operate(&format!("/admin/v1/records/{}", work.edited), &Value::Null)
        .unwrap();
    assert_eq!(stored["body"]["name"], "改名");
    let bytes = std::fs::read(field.dir.path().join("blobs").join(&work.photo)).unwrap();
    assert_eq!(bytes, jpeg(), "the draft's photo too");
    for folder in ["phone-0/db", "phone-0/media"] {
        let left = std::fs::read_dir(field.dir.path().join(folder)).unwrap();
        let names: Vec<PathBuf> = left.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect();
        assert!(names.is_empty(), "{names:?}");
    }
}

#[test]
fn with_a_recovery_key_unsent_work_is_sealed_and_only_that_key_gives_it_back() {
    let field = Field::start().unwrap();
    let (private, public) = <X25519HkdfSha256 as Kem>::derive_keypair(&[5; 32]);
    let dir = field.dir.path().join("phone");
    let url = field.platform.url();
    let phone = Phone::recoverable(&dir, &url, 7, Some(public.to_bytes().into())).unwrap();
    let code = field.code(&format!("s_{GRID}")).unwrap();
    phone
        .engine
        .enrol(&phone.transport, &url, &code, &Cancel::new())
        .unwrap();
    phone.sync().unwrap();
    let work = work(&phone);
    order_wipe(&field, &phone);
    let report = abroad(&phone);
    assert_eq!(report.outcome, SyncOutcome::Wiped { sealed: true }, "{report:?}");
    assert!(phone.engine.record(work.edited).is_err());
    drop(phone);
    let reopened = Phone::at(&dir, &url, 8).err().unwrap().to_string();
    assert!(reopened.contains("sealed"), "the phone itself cannot: {reopened}");
    let (other, _) = <X25519HkdfSha256 as Kem>::derive_keypair(&[6; 32]);
    assert!(Recovery::open(&dir.join("db"), &other.to_bytes().into()).is_err());
    let recovery = Recovery::open(&dir.join("db"), &private.to_bytes().into()).unwrap();
    let found = recovery.work().unwrap();
    let edits: Vec<_> = found.operations.iter().filter(|op| op.record == work.edited).collect();
    assert!(json!(edits).to_string().contains("改名"), "{edits:?}");
    let photos: Vec<_> = found.photos.iter().filter(|p| p.record == work.draft).collect();
    assert!(photos.iter().any(|p| p.sha256.hex() == work.photo), "{photos:?}");
    let media = FolderMedia::open(&dir.join("media")).unwrap();
    let mut bytes = Vec::new();
    let original = photos.iter().find(|p| p.sha256.hex() == work.photo).unwrap();
    recovery.photo(&media, original.sha256, &mut bytes).unwrap();
    assert_eq!(bytes, jpeg());
    let given = handed_over(&field);
    assert!(given.contains("越界") && given.contains("楼道堆物"), "{given}");
}
