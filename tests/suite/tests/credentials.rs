//! Copies with Content Credentials: what they say, what they leave out, and what a change to them comes to.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::fs;
use std::path::Path;

use fushan_grid_core::app::evidence::CaptureContext;
use fushan_grid_core::model::geo::Crs;
use fushan_grid_core::platform::Method;
use fushan_grid_core::wire::log::leaf::{CustodyLeaf, Leaf};
use fushan_grid_core::wire::manifest::{Entry, EventKind, Fix, SignedEntry, canonical};
use fushan_platform::CredentialFiles;
use fushan_platform::credentials::{Credential, CredentialError, Place, Shown, State, make, read};
use fushan_suite::authority::{has_openssl, openssl};
use fushan_suite::entries::Speaker;
use fushan_suite::field::{ADMIN, Field, GRID};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const CONFIG: &str = "[req]\ndistinguished_name = d\n[d]\n\
[ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\nsubjectKeyIdentifier = hash\n\
[signer]\nbasicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n\
extendedKeyUsage = emailProtection\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n";

/// A district's authority and the signer it vouches for, made for each test.
fn district(dir: &Path) -> (Credential, String) {
    fs::write(dir.join("c.cnf"), CONFIG).unwrap();
    for step in [
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key",
        "req -x509 -new -key ca.key -subj /O=TestDistrict/CN=TestRoot -days 30 -config c.cnf -extensions ca -out ca.pem",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out s.key",
        "req -new -key s.key -subj /O=TestDistrict/CN=TestCredentials -config c.cnf -out s.csr",
        "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile c.cnf -extensions signer -out s.pem",
    ] {
        openssl(dir, step).unwrap();
    }
    let credential = Credential {
        certificates: fs::read(dir.join("s.pem")).unwrap(),
        key: fs::read(dir.join("s.key")).unwrap(),
    };
    (credential, fs::read_to_string(dir.join("ca.pem")).unwrap())
}

/// A photo with a segment in which a camera would tell the place.
fn photo(seed: u32) -> Vec<u8> {
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ seed) as u8;
    let picture = RgbImage::from_fn(320, 240, |x, y| Rgb([noise(x, y), noise(y, x), seed as u8]));
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 85)
        .encode_image(&picture)
        .unwrap();
    let body = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0place 37.49";
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    jpeg.splice(2..2, [&[0xFF, 0xE1], length.as_slice(), body.as_slice()].concat());
    jpeg
}

fn place() -> Fix {
    Fix {
        lat: "37.4983120".into(),
        lon: "121.2671450".into(),
        crs: Crs::Wgs84,
        acc_m: Some("6.5".into()),
        alt_m: None,
        speed_mps: None,
        bearing_deg: None,
        provider: "gnss".into(),
        fix_age_ms: 900,
        mock: false,
        sats_used: None,
    }
}

struct Scene {
    _dir: TempDir,
    credential: Credential,
    anchors: String,
    original: Vec<u8>,
    signed: SignedEntry,
}

fn scene() -> Option<Scene> {
    if !has_openssl() {
        fushan_platform::scratch::skipped("openssl is not installed");
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let (credential, anchors) = district(dir.path());
    let field = Field::start().unwrap();
    let mut phone = Speaker::enrol(&field, &format!("s_{GRID}"), 1).unwrap();
    phone
        .start(fushan_grid_core::wire::manifest::StartReason::First)
        .unwrap();
    let original = photo(7);
    let mut capture = phone.capture("case-1", &original).unwrap();
    capture.place = Some(place());
    let signed = phone.sign(&Entry::Capture(Box::new(capture))).unwrap();
    Some(Scene {
        _dir: dir,
        credential,
        anchors,
        original,
        signed,
    })
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

fn pixels(bytes: &[u8]) -> Vec<u8> {
    image::load_from_memory(bytes).unwrap().to_rgb8().into_raw()
}

#[test]
fn a_copy_says_what_the_manifest_says_and_a_reader_of_the_standard_trusts_it() {
    let Some(of) = scene() else { return };
    let made = make(&of.credential, &of.original, &of.signed, None, Place::Given).unwrap();
    let facts = read(&made.jpeg, Some(&of.anchors)).unwrap();
    assert_eq!(
        (facts.state, facts.failures.as_slice()),
        (State::Trusted, [].as_slice())
    );
    assert_eq!(facts.signer.as_deref(), Some("TestCredentials"));
    assert_eq!(facts.issuer.as_deref(), Some("TestDistrict"));
    let statement = facts.statement.unwrap();
    assert_eq!(statement.manifest, canonical::digest(&of.signed.manifest));
    assert_eq!(statement.sha256.0, <[u8; 32]>::from(Sha256::digest(&of.original)));
    assert_eq!(statement.captured_at, "2026-09-01T00:00:00.000Z");
    assert_eq!(statement.place, Shown::Given(place()));
    assert_eq!(facts.actions, ["c2pa.opened"]);
    assert_eq!(made.derived.of, statement.sha256);
    assert_eq!(made.derived.sha256.0, <[u8; 32]>::from(Sha256::digest(&made.jpeg)));
    assert_eq!(pixels(&made.jpeg), pixels(&of.original));
    println!("{} bytes became {}", of.original.len(), made.jpeg.len());
}

#[test]
fn a_place_that_is_withheld_is_neither_said_nor_left_in_the_file() {
    let Some(of) = scene() else { return };
    assert!(has(&of.original, b"place 37.49"));
    let made = make(&of.credential, &of.original, &of.signed, None, Place::Withheld).unwrap();
    let facts = read(&made.jpeg, Some(&of.anchors)).unwrap();
    assert_eq!(
        (facts.state, facts.failures.as_slice()),
        (State::Trusted, [].as_slice())
    );
    assert_eq!(facts.statement.unwrap().place, Shown::Withheld);
    assert_eq!(facts.actions, ["c2pa.opened", "c2pa.edited.metadata"]);
    for told in [b"place 37.49".as_slice(), b"37.4983120", b"121.2671450"] {
        assert!(!has(&made.jpeg, told));
    }
    assert_eq!(pixels(&made.jpeg), pixels(&of.original));
    assert_eq!(made.derived.op, "bare:1;c2pa:1");
}

#[test]
fn who_is_not_vouched_for_is_told_and_a_changed_copy_is_invalid() {
    let Some(of) = scene() else { return };
    let made = make(&of.credential, &of.original, &of.signed, None, Place::Given).unwrap();
    let alone = read(&made.jpeg, None).unwrap();
    assert_eq!(alone.state, State::Valid);
    assert_eq!(alone.failures, ["signingCredential.untrusted"]);
    let other = tempfile::tempdir().unwrap();
    let (_, stranger) = district(other.path());
    assert_eq!(read(&made.jpeg, Some(&stranger)).unwrap().state, State::Valid);
    let mut changed = made.jpeg.clone();
    let at = changed.len() - 100;
    changed[at] ^= 1;
    let facts = read(&changed, Some(&of.anchors)).unwrap();
    assert_eq!(facts.state, State::Invalid);
    assert!(
        facts.failures.contains(&"assertion.dataHash.mismatch".to_owned()),
        "{facts:?}"
    );
    assert_eq!(read(&of.original, None), Err(CredentialError::Unreadable));
    assert_eq!(
        read(b"\xFF\xD8\xFF\xEB\xFF\xFFJP", None),
        Err(CredentialError::Unreadable)
    );
}

#[test]
fn nothing_is_made_of_a_photo_that_its_manifest_does_not_hold_for() {
    let Some(of) = scene() else { return };
    let made = |original: &[u8], signed: &SignedEntry, credential: &Credential| {
        make(credential, original, signed, None, Place::Given).map(|_| ())
    };
    assert_eq!(
        made(&photo(8), &of.signed, &of.credential),
        Err(CredentialError::OtherPhoto)
    );
    let mut unsigned = of.signed.clone();
    unsigned.signature.clear();
    assert_eq!(
        made(&of.original, &unsigned, &of.credential),
        Err(CredentialError::Manifest)
    );
    let mut moved = of.signed.clone();
    moved.manifest = moved.manifest.replacen("37.4983120", "37.4983121", 1);
    assert_eq!(
        made(&of.original, &moved, &of.credential),
        Err(CredentialError::Manifest)
    );
    let keyless = Credential {
        key: b"no key".to_vec(),
        ..of.credential.clone()
    };
    assert_eq!(made(&of.original, &of.signed, &keyless), Err(CredentialError::Signer));
}

#[test]
fn a_copy_that_the_platform_hands_out_stands_in_its_log() {
    if !has_openssl() {
        fushan_platform::scratch::skipped("openssl is not installed");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (_, anchors) = district(dir.path());
    let files = CredentialFiles {
        certificates: dir.path().join("s.pem"),
        key: dir.path().join("s.key"),
    };
    let field = Field::start_with(|config| config.witness.credential = Some(files)).unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let body = json!({"name": "测试甲", "phone": "16900001111"});
    let person = phone
        .engine
        .registry_add("person", &GRID.parse().unwrap(), body.as_object().unwrap().clone())
        .unwrap();
    let mut context = CaptureContext::of_role("near");
    context.fix = Some(place());
    let original = photo(9);
    let taken = phone
        .engine
        .evidence_take(person.id, original.as_slice(), &context)
        .unwrap();
    phone.sync().unwrap();
    phone.sync().unwrap();
    let ask = |photo: &str| {
        let request = json!({"photo": photo, "staff": "l_1", "reason": "法院调取"}).to_string();
        field
            .raw(Method::Post, "/admin/v1/photos/c2pa", Some(ADMIN), request.into_bytes())
            .unwrap()
    };
    let reply = ask(&taken.sha256.to_string());
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    let facts = read(&reply.body, Some(&anchors)).unwrap();
    assert_eq!(facts.state, State::Trusted);
    let statement = facts.statement.unwrap();
    assert_eq!(
        statement.place,
        Shown::Withheld,
        "unless it is asked for, the place stays here"
    );
    assert!(statement.received_at.is_some() && statement.log_index.is_some());
    assert_eq!(ask(&format!("sha256:{}", "0".repeat(64))).status, 404);
    // what the phone had uploaded is untouched, and the log says who got what
    let stored = field.dir.path().join("blobs");
    assert!(contains(&stored, &original), "the original stays byte for byte");
    let leaves = (0..)
        .map(|index| field.operate(&format!("/admin/v1/log/{index}"), &Value::Null).unwrap())
        .take_while(|leaf| leaf["leaf"].is_string());
    let told: Vec<CustodyLeaf> = leaves
        .filter_map(|place| match Leaf::read(place["leaf"].as_str().unwrap()) {
            Ok(Leaf::Custody(leaf)) => Some(leaf),
            _ => None,
        })
        .collect();
    assert_eq!(
        told.iter().map(|leaf| leaf.event.event).collect::<Vec<_>>(),
        [EventKind::Derived, EventKind::Exported]
    );
    for leaf in &told {
        let copy = leaf.event.derived.as_ref().unwrap();
        assert_eq!(copy.sha256.0, <[u8; 32]>::from(Sha256::digest(&reply.body)));
        assert_eq!((copy.of.0, leaf.event.media.0), (taken.sha256.0, taken.sha256.0));
        assert_eq!(leaf.event.by.as_deref(), Some("l_1"));
        assert_eq!(leaf.event.reason.as_deref(), Some("法院调取"));
    }
}

/// Whether a file below a folder has these bytes.
fn contains(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            contains(&path, bytes)
        } else {
            fs::read(&path).is_ok_and(|found| found == bytes)
        }
    })
}
