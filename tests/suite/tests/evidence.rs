//! Evidence from the phone's side: what is signed, what happens when something is killed or missing, what stays when bytes go.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used)]

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fushan_grid_core::app::evidence::{CaptureContext, Copy, Verdict};
use fushan_grid_core::app::sync::{Budget, Unwatched};
use fushan_grid_core::app::{AppError, Engine, EngineConfig};
use fushan_grid_core::evidence::FolderMedia;
use fushan_grid_core::evidence::derive::Area;
use fushan_grid_core::model::env::{
    Clock, DeviceSigner, Entropy, Env, KeyError, KeyKind, KeyProvider, MediaStore, MediaWriter, NextKey, SecretKey,
};
use fushan_grid_core::model::fault::Coded;
use fushan_grid_core::model::geo::Crs;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Cancel, Request, Response, Transport, TransportError};
use fushan_grid_core::rules::proof;
use fushan_grid_core::wire::manifest::{Check, Entry, Fix, Source, Verdict as CheckVerdict};
use fushan_suite::field::GRID;
use fushan_suite::signer::MemorySigner;
use serde_json::json;
use tempfile::TempDir;

/// A clock that stands where the test puts it.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn wall(&self) -> UtcMillis {
        UtcMillis(1_785_550_923_120 + self.0.load(Ordering::SeqCst))
    }
    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::SeqCst)).unwrap()
    }
    fn boot_id(&self) -> String {
        "boot-1".into()
    }
}

struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, out: &mut [u8]) {
        for byte in out {
            let n = self.0.fetch_add(1, Ordering::SeqCst);
            *byte = (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as u8;
        }
    }
}

struct Bare;

impl KeyProvider for Bare {
    fn key_id(&self) -> Result<String, KeyError> {
        Ok("test".into())
    }
    fn wrap(&self, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        Ok(key.to_vec())
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        wrapped.try_into().map(SecretKey::new).map_err(|_| KeyError::Wrong)
    }
}

/// Counts the steps that touch the vault's folder, and dies at one of them and ever after.
struct Mortal {
    inner: FolderMedia,
    left: Arc<AtomicI64>,
}

impl Mortal {
    fn step(&self) -> io::Result<()> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            left if left <= 0 => Err(io::ErrorKind::BrokenPipe.into()),
            _ => Ok(()),
        }
    }
}

struct MortalWriter(Box<dyn MediaWriter>, Arc<AtomicI64>);

impl io::Write for MortalWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.1.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.0.write(buf)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl MediaWriter for MortalWriter {
    fn publish(self: Box<Self>, name: &str) -> io::Result<()> {
        let before = self.1.fetch_sub(1, Ordering::SeqCst);
        if before <= 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.0.publish(name)?;
        // killed right after the file has its name
        if self.1.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }
}

impl MediaStore for Mortal {
    fn create(&self) -> io::Result<Box<dyn MediaWriter>> {
        self.step()?;
        Ok(Box::new(MortalWriter(self.inner.create()?, Arc::clone(&self.left))))
    }
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        self.step()?;
        self.inner.open(name)
    }
    fn size(&self, name: &str) -> io::Result<Option<u64>> {
        self.step()?;
        self.inner.size(name)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.step()?;
        self.inner.remove(name)
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.inner.list()
    }
    fn free_space(&self) -> Option<u64> {
        None
    }
}

/// A key store that may be locked, may have lost its key, or may die between two of its verbs.
struct Keys {
    inner: Mutex<Arc<MemorySigner>>,
    locked: AtomicBool,
    dies_at_switch: AtomicBool,
}

impl Keys {
    fn now(&self) -> Result<Arc<MemorySigner>, KeyError> {
        match self.locked.load(Ordering::SeqCst) {
            true => Err(KeyError::Unavailable),
            false => Ok(Arc::clone(&self.inner.lock().unwrap())),
        }
    }
}

impl DeviceSigner for Keys {
    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, KeyError> {
        self.now()?.sign(digest)
    }
    fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        self.now()?.public_key()
    }
    fn attestation(&self) -> Result<Vec<Vec<u8>>, KeyError> {
        self.now()?.attestation()
    }
    fn kind(&self) -> KeyKind {
        KeyKind::Software
    }
    fn next_key(&self) -> Result<NextKey, KeyError> {
        self.now()?.next_key()
    }
    fn use_next(&self) -> Result<(), KeyError> {
        match self.dies_at_switch.swap(false, Ordering::SeqCst) {
            true => Err(KeyError::Unavailable),
            false => self.now()?.use_next(),
        }
    }
}

/// One phone, its parts at hand.
struct Bench {
    dir: TempDir,
    clock: Arc<Hand>,
    left: Arc<AtomicI64>,
    keys: Arc<Keys>,
    entropy: Arc<Counted>,
}

impl Bench {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(Hand(AtomicI64::new(10_000))),
            left: Arc::new(AtomicI64::new(i64::MAX)),
            keys: Arc::new(Keys {
                inner: Mutex::new(Arc::new(MemorySigner::new(1))),
                locked: AtomicBool::new(false),
                dies_at_switch: AtomicBool::new(false),
            }),
            entropy: Arc::new(Counted(AtomicU64::new(1))),
        }
    }

    fn open(&self) -> Engine {
        let media = Mortal {
            inner: FolderMedia::open(&self.dir.path().join("media")).unwrap(),
            left: Arc::clone(&self.left),
        };
        let env = Env {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&self.entropy) as Arc<dyn Entropy>,
            media: Arc::new(media),
            keys: Arc::new(Bare),
            signer: Arc::clone(&self.keys) as Arc<dyn DeviceSigner>,
            tokens: None,
        };
        let config = EngineConfig {
            dir: self.dir.path().join("db"),
            recovery_key: None,
            full_check: false,
        };
        Engine::open(config, env).unwrap().0
    }

    fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

fn person(engine: &Engine) -> RecordId {
    let body = json!({"name": "测试甲", "phone": "16900001111"});
    let added = engine.registry_add("person", &GRID.parse().unwrap(), body.as_object().unwrap().clone());
    added.unwrap().id
}

/// A picture with enough in it to be looked at.
fn photo(seed: u32) -> Vec<u8> {
    use image::codecs::jpeg::JpegEncoder;
    let picture = image::RgbImage::from_fn(240, 180, |x, y| {
        let cell = (x / 12 + seed).wrapping_mul(2_654_435_761) ^ (y / 9 + 7 * seed).wrapping_mul(0x9E37_79B9);
        let shade = (cell.wrapping_mul(0x85EB_CA6B) >> 24) as u8;
        let grain = ((x ^ y).wrapping_mul(0x045D_9F3B) >> 27) as u8;
        image::Rgb([shade.saturating_add(grain), shade, 255 - shade])
    });
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 85)
        .encode_image(&picture)
        .unwrap();
    out
}

fn verdicts(checks: &[Check]) -> BTreeMap<&str, (CheckVerdict, &str)> {
    checks
        .iter()
        .map(|c| (c.id.as_str(), (c.verdict, c.reason.as_str())))
        .collect()
}

fn fix(lat: f64) -> Fix {
    Fix {
        lat: format!("{lat:.7}"),
        lon: "121.2640000".into(),
        crs: Crs::Wgs84,
        acc_m: Some("6.5".into()),
        alt_m: None,
        speed_mps: None,
        bearing_deg: None,
        provider: "gnss".into(),
        fix_age_ms: 100,
        mock: false,
        sats_used: Some(11),
    }
}

#[test]
fn a_photo_gets_a_signed_manifest_that_names_its_bytes_files_place_and_checks() {
    let bench = Bench::new();
    let engine = bench.open();
    let record = person(&engine);
    let context = CaptureContext {
        source: Source::AppCamera,
        fix: Some(fix(37.502)),
        copy: Copy::Stamped,
        ..CaptureContext::of_role("before")
    };
    let taken = engine.evidence_take(record, photo(1).as_slice(), &context).unwrap();
    let shown = engine.evidence_show(taken.sha256).unwrap();
    assert_eq!((shown.manifests.len(), shown.manifests[0].signature), (1, "ok"));
    let manifest = &shown.manifests[0].manifest;
    assert_eq!(manifest["media"]["sha256"], taken.sha256.hex());
    assert_eq!(manifest["subject"]["case"], record.to_string());
    assert_eq!(manifest["subject"]["role"], "before");
    assert_eq!(manifest["place"]["lat"], "37.5020000");
    assert_eq!(manifest["derived"].as_array().unwrap().len(), 2);
    assert_eq!(manifest["derived"][1]["op"], "resize:1600;jpeg:80;stamp:1");
    assert_eq!(manifest["chain"]["seq"], 2);
    assert_eq!(manifest["checks"].as_array().unwrap().len(), taken.checks.len());
    // the record cites the manifest, and no name or number of a person is in it
    let item = &engine.record(record).unwrap().record.body["attachments"][0];
    assert_eq!(item["manifest"], json!(taken.manifest));
    let text = manifest.to_string();
    assert!(!text.contains("测试甲") && !text.contains("16900001111"));
    let report = engine.evidence_chain().unwrap();
    assert_eq!((report.entries, report.chains, report.unsigned), (2, 1, 0));
    assert!(report.failures.is_empty());
}

#[test]
fn reuse_pairs_and_ways_are_told_across_captures() {
    let bench = Bench::new();
    let engine = bench.open();
    let (first, second) = (person(&engine), person(&engine));
    let at = |role: &str, lat: f64| CaptureContext {
        fix: Some(fix(lat)),
        ..CaptureContext::of_role(role)
    };
    engine
        .evidence_take(first, photo(1).as_slice(), &at("before", 37.502))
        .unwrap();
    bench.later(70);
    let again = engine
        .evidence_take(second, photo(1).as_slice(), &at("near", 37.502))
        .unwrap();
    assert_eq!(
        verdicts(&again.checks)["reuse_exact"],
        (CheckVerdict::Flag, "same_photo_other_case")
    );
    bench.later(95);
    // other bytes of the same picture
    let mut other = photo(1);
    other.extend(b"more behind the end");
    let alike = engine
        .evidence_take(first, other.as_slice(), &at("after", 37.502))
        .unwrap();
    let told = verdicts(&alike.checks);
    assert_eq!(told["reuse_near"], (CheckVerdict::Flag, "same_picture"));
    assert_eq!(told["pair_differs"], (CheckVerdict::Flag, "after_is_before"));
    assert_eq!(told["pair_place"], (CheckVerdict::Ok, ""));
    bench.later(61);
    let far = engine
        .evidence_take(first, photo(2).as_slice(), &at("after", 37.602))
        .unwrap();
    let told = verdicts(&far.checks);
    assert_eq!(told["place_speed"], (CheckVerdict::Flag, "impossible_speed"));
    assert_eq!(told["pair_differs"], (CheckVerdict::Ok, ""));
    assert_eq!(told["pair_place"], (CheckVerdict::Flag, "after_is_elsewhere"));
    // and a phone that was started anew still knows its pictures
    drop(engine);
    let engine = bench.open();
    bench.later(200);
    let mut third = photo(1);
    third.extend(b"again");
    let alike = engine
        .evidence_take(second, third.as_slice(), &at("near", 37.602))
        .unwrap();
    assert_eq!(
        verdicts(&alike.checks)["reuse_near"],
        (CheckVerdict::Flag, "same_picture")
    );
}

/// Dies at every step that touches the vault, one after the other; whatever was there before stays whole, what was cut off
/// counts as never begun, and trying again works.
#[test]
fn killed_between_any_two_steps_an_intake_is_whole_or_absent() {
    let bench = Bench::new();
    let engine = bench.open();
    let record = person(&engine);
    engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    drop(engine);
    let context = CaptureContext {
        copy: Copy::Plain,
        ..CaptureContext::of_role("far")
    };
    let (mut deaths, mut whole) = (0, false);
    for steps in 0..500 {
        bench.left.store(steps, Ordering::SeqCst);
        let engine = bench.open();
        let outcome = engine.evidence_take(record, photo(2).as_slice(), &context);
        drop(engine);
        bench.left.store(i64::MAX, Ordering::SeqCst);
        let engine = bench.open();
        let photos = engine.record(record).unwrap().record.body["attachments"]
            .as_array()
            .unwrap()
            .len();
        let report = engine.evidence_chain().unwrap();
        assert!(report.failures.is_empty(), "step {steps}: {report:?}");
        let checked = engine.evidence_verify(None).unwrap();
        assert!(
            checked.iter().all(|c| c.verdict == Verdict::Intact),
            "step {steps}: {checked:?}"
        );
        match outcome {
            Ok(_) => {
                assert_eq!((photos, report.entries), (2, 3), "step {steps}");
                whole = true;
                break;
            }
            Err(_) => assert_eq!((photos, report.entries), (1, 2), "step {steps}"),
        }
        deaths += 1;
    }
    assert!(
        whole && deaths > 12,
        "the test must have died at many steps, it died at {deaths}"
    );
}

#[test]
fn a_locked_key_store_delays_the_signature_and_never_the_photo() {
    let bench = Bench::new();
    let engine = bench.open();
    let record = person(&engine);
    engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    bench.keys.locked.store(true, Ordering::SeqCst);
    let taken = engine.evidence_add(record, photo(2).as_slice(), "far").unwrap();
    let signature = |engine: &Engine| engine.evidence_show(taken.sha256).unwrap().manifests[0].signature;
    assert_eq!(signature(&engine), "signature_absent");
    assert_eq!(engine.evidence_chain().unwrap().unsigned, 1);
    bench.keys.locked.store(false, Ordering::SeqCst);
    engine.evidence_rotate_key(None).unwrap();
    assert_eq!(signature(&engine), "ok", "signed by the old key before it goes");
    let report = engine.evidence_chain().unwrap();
    assert_eq!((report.unsigned, report.chains, report.failures.len()), (0, 1, 0));
}

#[test]
fn a_rotation_that_was_cut_off_is_carried_out_at_the_next_use() {
    let bench = Bench::new();
    let engine = bench.open();
    let record = person(&engine);
    engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    bench.keys.dies_at_switch.store(true, Ordering::SeqCst);
    assert!(engine.evidence_rotate_key(Some("routine")).is_err());
    engine.evidence_add(record, photo(2).as_slice(), "far").unwrap();
    let report = engine.evidence_chain().unwrap();
    assert_eq!((report.chains, report.entries, report.failures.len()), (1, 4, 0));
}

#[test]
fn a_lost_key_begins_a_new_chain_that_says_so() {
    let bench = Bench::new();
    let engine = bench.open();
    let record = person(&engine);
    engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    *bench.keys.inner.lock().unwrap() = Arc::new(MemorySigner::new(99));
    let taken = engine.evidence_add(record, photo(2).as_slice(), "far").unwrap();
    let manifest = engine.evidence_show(taken.sha256).unwrap().manifests[0]
        .manifest
        .clone();
    assert_eq!(manifest["chain"]["seq"], 2, "behind a start of its own");
    let report = engine.evidence_chain().unwrap();
    assert_eq!((report.chains, report.entries, report.failures.len()), (2, 4, 0));
}

#[test]
fn a_redaction_is_a_new_file_and_every_step_is_in_the_custody_log() {
    let bench = Bench::new();
    let engine = bench.open();
    let record = person(&engine);
    let taken = engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    let area = Area {
        x: 10,
        y: 10,
        w: 200,
        h: 100,
    };
    let made = engine.evidence_redact(taken.sha256, &[area], "a face").unwrap();
    let outside = Area {
        x: 200,
        y: 0,
        w: 41,
        h: 5,
    };
    let refused = engine.evidence_redact(taken.sha256, &[outside], "a plate").unwrap_err();
    assert_eq!(refused.fault().code, "area_outside");
    let mut bytes = Vec::new();
    engine
        .evidence_open(taken.sha256)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    assert_eq!(bytes, photo(1), "the original stays as it was");
    let mut copy = Vec::new();
    let copied = engine.evidence_open(fushan_grid_core::model::blob::BlobHash(made.sha256.0));
    copied.unwrap().read_to_end(&mut copy).unwrap();
    assert_eq!(copy.len() as u64, made.bytes);
    engine.evidence_export(record, &bench.dir.path().join("out")).unwrap();
    let kinds: Vec<String> = engine
        .evidence_log(taken.sha256)
        .unwrap()
        .iter()
        .map(|l| json!(l.event.event).as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "captured", "checked", "attached", "queued", "derived", "redacted", "viewed", "viewed", "exported",
    ];
    assert_eq!(kinds, expected);
    // who looked at the copy only is told apart from who looked at the original
    let seen: Vec<_> = engine.evidence_log(taken.sha256).unwrap().into_iter().skip(6).collect();
    assert_eq!(seen[0].event.derived, None);
    assert_eq!(seen[1].event.derived.as_ref(), Some(&made));
    assert_eq!(seen[1].event.media.0, taken.sha256.0);
}

#[test]
fn bytes_are_deleted_only_when_the_platform_has_them_and_the_manifest_stays() {
    let field = fushan_suite::field::Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let record = person(&phone.engine);
    let taken = phone.engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    let refused = phone.engine.evidence_delete(taken.sha256, "space").unwrap_err();
    assert_eq!(refused.fault().code, "photo_not_stored");
    phone.sync().unwrap();
    let far_off = UtcMillis::parse_rfc3339("2099-01-01T00:00:00Z").unwrap();
    phone.engine.evidence_retain(taken.sha256, far_off).unwrap();
    let kept = phone.engine.evidence_delete(taken.sha256, "space").unwrap_err();
    assert_eq!(kept.fault().code, "photo_retained");
    let past = UtcMillis::parse_rfc3339("2020-01-01T00:00:00Z").unwrap();
    phone.engine.evidence_retain(taken.sha256, past).unwrap();
    phone.engine.evidence_delete(taken.sha256, "space").unwrap();
    assert!(matches!(
        phone.engine.evidence_open(taken.sha256),
        Err(AppError::NotFound)
    ));
    let shown = phone.engine.evidence_show(taken.sha256).unwrap();
    assert!(!shown.bytes_here && shown.manifests[0].signature == "ok");
    assert!(phone.engine.evidence_chain().unwrap().failures.is_empty());
    let log = phone.engine.evidence_log(taken.sha256).unwrap();
    let last = &log.last().unwrap().event;
    assert_eq!(
        (json!(last.event), last.reason.as_deref()),
        (json!("deleted"), Some("space"))
    );
    let stored: Vec<_> = log.iter().filter(|l| json!(l.event.event) == "stored").collect();
    assert_eq!(stored.len(), 1);
}

#[test]
fn what_the_camera_did_not_give_is_refused_and_leaves_nothing() {
    let bench = Bench::new();
    let engine = bench.open();
    let record = person(&engine);
    let context = CaptureContext {
        camera_sha256: Some(fushan_grid_core::model::blob::BlobHash([7; 32])),
        ..CaptureContext::of_role("near")
    };
    let refused = engine.evidence_take(record, photo(1).as_slice(), &context).unwrap_err();
    assert_eq!(refused.fault().code, "not_camera_output");
    // a picture whose structure is whole and whose inside is not
    let broken = [
        0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 9, 0, 9, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 0xFF, 0xD9,
    ];
    let refused = engine.evidence_add(record, broken.as_slice(), "near").unwrap_err();
    assert_eq!(refused.fault().code, "picture_undecodable");
    assert_eq!(std::fs::read_dir(bench.dir.path().join("media")).unwrap().count(), 0);
    assert_eq!(engine.evidence_chain().unwrap().entries, 0);
}

/// Texts that come from outside: the phone's own names for itself, ids of steps and items, reasons.
#[test]
fn hostile_text_in_every_field_ends_in_a_valid_entry() {
    let bench = Bench::new();
    let engine = bench.open();
    let record = person(&engine);
    let hostile = [
        "\u{202e}gpj.exe\u{0}\u{7}",
        "<script>alert(1)</script>",
        "'; DROP TABLE entry; --",
        "../../../etc/passwd",
        "\"}],\"v\":9,\"x\":\"",
        "%n%s%x",
        "\u{feff}\u{200b}",
        "🇨🇳👷‍♀️𠮷",
        "",
        "\r\n\r\nHTTP/1.1 200 OK",
    ];
    let long = "长".repeat(100_000);
    let texts: Vec<&str> = hostile.iter().copied().chain([long.as_str()]).collect();
    for (number, text) in (1..).zip(&texts) {
        let mut place = fix(37.502);
        place.provider = (*text).to_owned();
        place.acc_m = Some((*text).to_owned());
        let mut context = CaptureContext {
            step: Some((*text).to_owned()),
            item: Some((*text).to_owned()),
            fix: Some(place),
            copy: Copy::Stamped,
            ..CaptureContext::of_role(text)
        };
        context.origin.os = (*text).to_owned();
        context.origin.model = (*text).to_owned();
        context.origin.signals = vec![(*text).to_owned(); 50];
        bench.later(40 + number);
        let bytes = [photo(1), number.to_string().into_bytes()].concat();
        let taken = engine.evidence_take(record, bytes.as_slice(), &context).unwrap();
        let area = Area { x: 1, y: 1, w: 5, h: 5 };
        engine.evidence_redact(taken.sha256, &[area], text).unwrap();
        assert_eq!(engine.evidence_show(taken.sha256).unwrap().manifests[0].signature, "ok");
    }
    engine.evidence_rotate_key(Some(&long)).unwrap();
    let report = engine.evidence_chain().unwrap();
    assert!(report.failures.is_empty(), "{report:?}");
    assert_eq!(report.entries, texts.len() as u64 + 2);
}

#[test]
fn a_reinstalled_app_says_so_at_the_beginning_of_its_chain() {
    let bench = Bench::new();
    let engine = bench.open();
    engine.evidence_reinstalled().unwrap();
    let record = person(&engine);
    engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    engine.evidence_add(record, photo(2).as_slice(), "near").unwrap();
    let start = first_entry(&engine);
    let Entry::Start(start) = start else {
        panic!("{start:?}")
    };
    assert_eq!(json!(start.reason), "reinstall");
    assert_eq!(engine.evidence_chain().unwrap().chains, 1, "said once");
}

/// The first entry, as the platform would get it.
fn first_entry(engine: &Engine) -> Entry {
    let signed = engine.evidence_entries(0, 1).unwrap().remove(0);
    proof::verify(&signed).unwrap();
    proof::open(&signed).unwrap().entry
}

/// A way to the platform on which somebody answers for it now and then.
struct Liar<'a> {
    honest: &'a dyn Transport,
    /// The reply to give to the next question about the log's head.
    instead: Mutex<Option<Response>>,
    /// The last honest reply to that question.
    heard: Mutex<Option<Response>>,
}

impl Transport for Liar<'_> {
    fn send(&self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        if request.path != "/v1/evidence/checkpoint" {
            return self.honest.send(request, cancel);
        }
        let reply = self.honest.send(request, cancel)?;
        *self.heard.lock().unwrap() = Some(reply.clone());
        Ok(self.instead.lock().unwrap().take().unwrap_or(reply))
    }
}

impl<'a> Liar<'a> {
    fn on(honest: &'a dyn Transport) -> Self {
        Self {
            honest,
            instead: Mutex::new(None),
            heard: Mutex::new(None),
        }
    }

    fn heard(&self) -> Response {
        self.heard.lock().unwrap().clone().unwrap()
    }
}

fn sync(engine: &Engine, transport: &dyn Transport) {
    let budget = Budget::time(std::time::Duration::from_secs(60));
    engine.sync_once(transport, budget, &Unwatched, &Cancel::new()).unwrap();
}

#[test]
fn entries_reach_the_platform_in_order_and_come_back_with_receipts() {
    let field = fushan_suite::field::Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let record = person(&phone.engine);
    let taken = phone.engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    assert_eq!(phone.engine.evidence_log_state().unwrap().due, 2);
    phone.sync().unwrap();
    let shown = phone.engine.evidence_show(taken.sha256).unwrap();
    let manifest = &shown.manifests[0];
    assert_eq!(
        (manifest.state.as_str(), manifest.findings.len()),
        ("kept", 0),
        "{:?}",
        manifest.findings
    );
    assert!(manifest.receipt.is_some());
    // the bytes came after the entry: the next run brings the platform's word on them
    phone.sync().unwrap();
    let receipt = phone.engine.evidence_show(taken.sha256).unwrap().manifests[0]
        .receipt
        .clone()
        .unwrap();
    assert!(!receipt["stored"].is_null(), "{receipt}");
    let log: Vec<_> = phone.engine.evidence_log(taken.sha256).unwrap();
    assert!(log.iter().any(|l| json!(l.event.event) == "receipt"));
    let state = phone.engine.evidence_log_state().unwrap();
    assert_eq!((state.due, state.refused, state.alarm), (0, 0, None));
    assert!(state.size.unwrap() >= 3, "{:?}", state.size);
    // rotated, sealed and sent once more, all of it still sound on the other side
    phone.engine.evidence_rotate_key(None).unwrap();
    let again = phone.engine.evidence_add(record, photo(2).as_slice(), "far").unwrap();
    phone.sync().unwrap();
    let findings = &phone.engine.evidence_show(again.sha256).unwrap().manifests[0].findings;
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn a_log_that_forgets_what_was_seen_raises_an_alarm_and_is_not_followed() {
    let field = fushan_suite::field::Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let liar = Liar::on(&phone.transport);
    let record = person(&phone.engine);
    phone.engine.evidence_add(record, photo(1).as_slice(), "near").unwrap();
    sync(&phone.engine, &liar);
    let old = liar.heard();
    phone.engine.evidence_add(record, photo(2).as_slice(), "far").unwrap();
    sync(&phone.engine, &liar);
    let seen = phone.engine.evidence_log_state().unwrap();
    assert_eq!(seen.alarm, None);
    *liar.instead.lock().unwrap() = Some(old);
    sync(&phone.engine, &liar);
    let state = phone.engine.evidence_log_state().unwrap();
    assert_eq!((state.alarm.as_deref(), state.size), (Some("log_shrunk"), seen.size));
}

#[test]
fn a_log_with_another_key_is_not_believed() {
    let field = fushan_suite::field::Field::start().unwrap();
    let other = fushan_suite::field::Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let stranger = other.phone(&format!("s_{GRID}")).unwrap();
    let liar = Liar::on(&phone.transport);
    let stranger_liar = Liar::on(&stranger.transport);
    sync(&stranger.engine, &stranger_liar);
    sync(&phone.engine, &liar);
    *liar.instead.lock().unwrap() = Some(stranger_liar.heard());
    sync(&phone.engine, &liar);
    let state = phone.engine.evidence_log_state().unwrap();
    assert_eq!(state.alarm.as_deref(), Some("log_key_changed"));
}
