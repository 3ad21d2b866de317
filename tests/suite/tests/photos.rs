//! Photos that are taken in again: the key on the phone is always the key of the file in its vault.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::PathBuf;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};

use fushan_grid_core::app::evidence::Verdict;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::platform::Cancel;
use fushan_suite::field::{Field, GRID, Phone};
use serde_json::json;

/// The smallest whole picture: a grey pixel.
fn picture() -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    bytes.extend([1; 64]);
    bytes.extend([0xFF, 0xC0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
    bytes.extend([0xFF, 0xC4, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend([
        0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F, 0xFF, 0xD9]);
    bytes
}

fn phone_with_a_record(field: &Field) -> (Phone, RecordId) {
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let body = json!({"name": "测试甲", "phone": "16900001111"});
    let grid = GRID.parse().unwrap();
    let added = phone
        .engine
        .registry_add("person", &grid, body.as_object().unwrap().clone());
    (phone, added.unwrap().id)
}

/// Every file of the phone's vault.
fn vault(field: &Field) -> Vec<PathBuf> {
    let phones = std::fs::read_dir(field.dir.path())
        .unwrap()
        .map(|e| e.unwrap().path().join("media"));
    let vault = phones.into_iter().find(|path| path.is_dir()).unwrap();
    std::fs::read_dir(vault).unwrap().map(|e| e.unwrap().path()).collect()
}

fn verdicts(phone: &Phone) -> Vec<Verdict> {
    let checked = phone.engine.evidence_verify(None).unwrap();
    checked.into_iter().map(|c| c.verdict).collect()
}

#[test]
fn a_photo_whose_file_is_gone_is_whole_again_when_it_is_taken_in_again_and_then_uploaded() {
    let field = Field::start().unwrap();
    let (phone, record) = phone_with_a_record(&field);
    let added = phone.engine.evidence_add(record, picture().as_slice(), "near").unwrap();
    for file in vault(&field) {
        std::fs::remove_file(file).unwrap();
    }
    assert!(verdicts(&phone).iter().all(|v| *v == Verdict::Missing));
    assert_eq!(phone.sync().unwrap().photos_stored, 0);

    phone.engine.evidence_add(record, picture().as_slice(), "near").unwrap();
    assert!(verdicts(&phone).iter().all(|v| *v == Verdict::Intact));
    phone.sync().unwrap();
    let stored = std::fs::read(field.dir.path().join("blobs").join(added.sha256.hex())).unwrap();
    assert_eq!(stored, picture());
}

#[test]
fn the_same_photo_taken_in_by_many_threads_at_once_stays_readable() {
    let field = Field::start().unwrap();
    let (phone, record) = phone_with_a_record(&field);
    let start = Barrier::new(4);
    let refused = AtomicU32::new(0);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for round in 0..30 {
                    // what follows the end of a picture makes another file of it
                    let photo = [picture(), vec![round]].concat();
                    start.wait();
                    // a panic here would leave the others waiting
                    if phone.engine.evidence_add(record, photo.as_slice(), "near").is_err() {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(refused.into_inner(), 0);
    let verdicts = verdicts(&phone);
    assert!(
        !verdicts.is_empty() && verdicts.iter().all(|v| *v == Verdict::Intact),
        "{verdicts:?}"
    );
}

#[test]
fn an_original_that_has_left_comes_back_when_it_is_wanted_and_leaves_again() {
    let field = Field::start_with(|config| config.keep_originals_ms = Some(0)).unwrap();
    let (phone, record) = phone_with_a_record(&field);
    let photo = {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([x as u8, y as u8, 7]))
            .write_to(&mut bytes, image::ImageFormat::Jpeg)
            .unwrap();
        bytes.into_inner()
    };
    let taken = phone.engine.evidence_add(record, photo.as_slice(), "near").unwrap();
    let verdict = || {
        let checked = phone.engine.evidence_verify(Some(record)).unwrap();
        checked.into_iter().find(|c| c.sha256 == taken.sha256).unwrap().verdict
    };
    assert!(
        phone
            .engine
            .evidence_fetch_back(&phone.transport, taken.sha256, &Cancel::new())
            .is_ok()
    );
    assert_eq!(verdict(), Verdict::Intact, "what is here is left alone");
    // stored in the first run, gone after the next, whose clock is later
    phone.sync().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(5));
    phone.sync().unwrap();
    assert_eq!(verdict(), Verdict::OnPlatform);
    let mut back = Vec::new();
    phone
        .engine
        .evidence_fetch_back(&phone.transport, taken.sha256, &Cancel::new())
        .unwrap();
    assert_eq!(verdict(), Verdict::Intact);
    std::io::Read::read_to_end(&mut phone.engine.evidence_open(taken.sha256).unwrap(), &mut back).unwrap();
    assert_eq!(back, photo);
    std::thread::sleep(std::time::Duration::from_millis(5));
    phone.sync().unwrap();
    assert_eq!(
        verdict(),
        Verdict::OnPlatform,
        "by the platform's clock it is time again"
    );
}
