//! A case's evidence as a folder: a stranger checks it with `sha256sum` and `openssl`, and each tampering ends in its own name.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::app::dossier::{Known, Outside, Report, Told, verify};
use fushan_grid_core::app::evidence::{CaptureContext, Copy};
use fushan_grid_core::evidence::derive::Area;
use fushan_grid_core::model::env::DeviceSigner;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::log::{LogKey, LogSigner};
use fushan_grid_core::wire::manifest::canonical;
use fushan_platform::timestamp::{Authority as Asked, StampError, verify as verify_stamp};
use fushan_suite::authority::{Authority, has_openssl};
use fushan_suite::field::{Field, GRID, Phone};
use fushan_suite::signer::MemorySigner;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The smallest whole picture, and something behind its end that makes each another file.
fn picture(tail: u8) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    bytes.extend([1; 64]);
    bytes.extend([0xFF, 0xC0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
    bytes.extend([0xFF, 0xC4, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend([
        0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F, 0xFF, 0xD9, tail]);
    bytes
}

const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&$(reboot)`;";

/// A case with three photos that went through a platform with an authority, exported.
struct Exported {
    dir: TempDir,
    authority: Option<Authority>,
    log_key: LogKey,
    /// A head of the same log from before the photos came.
    early_head: String,
}

fn stamps(reply: &[u8], data: &[u8], trusted: &[u8]) -> Result<UtcMillis, &'static str> {
    verify_stamp(reply, data, trusted).map_err(StampError::code)
}

fn attestation(chain: &[Vec<u8>], key: &[u8], roots: &[u8], at: UtcMillis) -> Result<(), &'static str> {
    let told = fushan_platform::attestation::verify(chain, key, roots, at);
    told.map(|_| ())
        .map_err(fushan_platform::attestation::AttestationError::code)
}

const OUTSIDE: Outside<'static> = Outside {
    stamps: &stamps,
    attestation: &attestation,
    credentials: &|_, _, _| Err((Told::Absent, "c2pa_not_checked")),
};

fn record(phone: &Phone, name: &str) -> RecordId {
    let body = json!({"name": name, "phone": "16900001111"});
    let added = phone
        .engine
        .registry_add("person", &GRID.parse().unwrap(), body.as_object().unwrap().clone());
    added.unwrap().id
}

fn exported() -> Exported {
    let authority = has_openssl().then(|| Authority::start().unwrap());
    let asked = authority.as_ref().map(|a| Asked {
        url: a.url().to_owned(),
        certificates: a.certificates(),
    });
    let field = Field::start_with(|config| config.witness.authority = asked).unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let (case, other) = (record(&phone, "测试甲"), record(&phone, "测试乙"));
    let mut context = CaptureContext::of_role("near");
    context.origin.model = HOSTILE.into();
    context.step = Some(HOSTILE.into());
    context.copy = Copy::Stamped;
    let first = phone
        .engine
        .evidence_take(case, picture(1).as_slice(), &context)
        .unwrap();
    let face = Area { x: 0, y: 0, w: 1, h: 1 };
    phone.engine.evidence_redact(first.sha256, &[face], HOSTILE).unwrap();
    phone.sync().unwrap();
    let seen: Value = field.operate("/admin/v1/chains", &Value::Null).unwrap();
    assert_eq!(seen["chains"].as_array().unwrap().len(), 1);
    phone.engine.evidence_add(case, picture(2).as_slice(), "far").unwrap();
    phone.engine.evidence_add(other, picture(3).as_slice(), "near").unwrap();
    phone.engine.evidence_add(case, picture(4).as_slice(), "after").unwrap();
    phone.sync().unwrap();
    if authority.is_some() {
        assert_eq!(
            field.operate("/admin/v1/stamp", &json!({})).unwrap()["state"],
            "stamped"
        );
    }
    // the second run brings the leaves of the bytes and the time-stamps
    phone.sync().unwrap();
    phone.sync().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let certificates = authority.as_ref().map(|a| fs::read(a.certificates()).unwrap());
    let out = dir.path().join("out");
    let written = phone
        .engine
        .evidence_dossier(case, &out, certificates.as_deref(), &OUTSIDE)
        .unwrap();
    assert_eq!((written.photos, written.photos_absent), (3, 0));
    // thumbnail, stamped copy and redaction of the first; the others look alike, so their thumbnails are one file
    assert_eq!((written.copies, written.copies_absent), (3, 0));
    let again = phone.engine.evidence_dossier(case, &out, None, &OUTSIDE);
    assert!(again.is_err(), "a folder that is not empty is not touched");
    let seed: [u8; 32] = fs::read(field.dir.path().join("blobs/log.key"))
        .unwrap()
        .try_into()
        .unwrap();
    let signer = LogSigner::new("fushan-platform/log", &seed).unwrap();
    let first = fs::read(out.join("entries/0001/leaf.json")).unwrap();
    let early_head = signer.sign(1, fushan_grid_core::wire::log::merkle::leaf_hash(&first));
    Exported {
        dir,
        authority,
        log_key: signer.key(),
        early_head,
    }
}

impl Exported {
    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn known(&self) -> Known {
        Known {
            log_key: Some(self.log_key.clone()),
            certificates: self.authority.as_ref().map(|a| fs::read(a.certificates()).unwrap()),
            ..Known::default()
        }
    }

    fn verify(&self, dir: &Path) -> Report {
        verify(dir, &self.known(), &OUTSIDE).unwrap()
    }

    /// A copy to be tampered with.
    fn copy(&self, name: &str) -> PathBuf {
        let to = self.dir.path().join(name);
        copy_all(&self.out(), &to);
        to
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The folders of the captures of the case, in order.
fn captures(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir.join("entries"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    found.retain(|path| path.join("photo.jpg").exists());
    found.sort();
    found
}

/// The files made of the photos.
fn copies(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir.join("derived"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    found.sort();
    found
}

fn change(path: &Path, f: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    fs::write(path, f(fs::read(path).unwrap())).unwrap();
}

fn flip(path: &Path) {
    change(path, |mut bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    });
}

fn swap(a: &Path, b: &Path) {
    let between = a.with_extension("between");
    fs::rename(a, &between).unwrap();
    fs::rename(b, a).unwrap();
    fs::rename(&between, b).unwrap();
}

/// The manifest changed, and signed again by the phone's own key: what somebody with the phone in hand could do afterwards.
fn sign_again(at: &Path, f: impl FnOnce(&mut Value), signer: &MemorySigner) {
    let mut value: Value = serde_json::from_slice(&fs::read(at.join("manifest.json")).unwrap()).unwrap();
    f(&mut value);
    let text = canonical::text(&value).unwrap();
    fs::write(
        at.join("manifest.sig"),
        signer.sign(&canonical::digest(&text).0).unwrap(),
    )
    .unwrap();
    fs::write(at.join("manifest.json"), text).unwrap();
    let key = BASE64.encode(signer.public_key().unwrap());
    fs::write(
        at.join("device.spki.pem"),
        format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"),
    )
    .unwrap();
}

/// A tampering: what is done, the link it breaks, the name it must end in, and how to do it.
type Attack = (&'static str, &'static str, &'static str, fn(&Path, &Exported));

const ATTACKS: &[Attack] = &[
    ("one byte of the photo is flipped", "bytes", "media_sha256", |dir, _| {
        flip(&captures(dir)[0].join("photo.jpg"))
    }),
    ("the photo is encoded again", "bytes", "media_sha256", |dir, _| {
        fs::write(captures(dir)[0].join("photo.jpg"), picture(99)).unwrap();
    }),
    ("the photo's metadata is stripped", "bytes", "media_sha256", |dir, _| {
        change(&captures(dir)[0].join("photo.jpg"), |mut bytes| {
            bytes.truncate(bytes.len() - 1);
            bytes
        });
    }),
    ("two photos are swapped", "bytes", "media_sha256", |dir, _| {
        let found = captures(dir);
        swap(&found[0].join("photo.jpg"), &found[1].join("photo.jpg"));
    }),
    (
        "the time in the manifest is changed",
        "signature",
        "signature_wrong",
        |dir, _| {
            change(&captures(dir)[0].join("manifest.json"), |bytes| {
                let text = String::from_utf8(bytes).unwrap();
                text.replacen("\"wall\":\"20", "\"wall\":\"19", 1).into_bytes()
            });
        },
    ),
    (
        "the manifest is laid out anew",
        "text",
        "entry_not_canonical",
        |dir, _| {
            change(&captures(dir)[0].join("manifest.json"), |bytes| {
                String::from_utf8(bytes).unwrap().replacen(':', ": ", 1).into_bytes()
            });
        },
    ),
    (
        "one byte of the signature is flipped",
        "signature",
        "signature_wrong",
        |dir, _| {
            change(&captures(dir)[0].join("manifest.sig"), |mut bytes| {
                *bytes.last_mut().unwrap() ^= 1;
                bytes
            });
        },
    ),
    ("the signature is cut", "signature", "signature_malformed", |dir, _| {
        change(&captures(dir)[0].join("manifest.sig"), |bytes| bytes[..20].to_vec());
    }),
    (
        "another key is put beside it",
        "key",
        "signing_key_mismatch",
        |dir, _| {
            let key = BASE64.encode(MemorySigner::new(500).public_key().unwrap());
            fs::write(captures(dir)[0].join("device.spki.pem"), key).unwrap();
        },
    ),
    (
        "it is signed again with another key that it names",
        "chain",
        "signing_key_not_of_chain",
        |dir, _| {
            let thief = MemorySigner::new(500);
            let key = fushan_grid_core::rules::proof::key_digest(&thief.public_key().unwrap());
            sign_again(&captures(dir)[2], |m| m["actor"]["device_key"] = json!(key), &thief);
        },
    ),
    (
        "it is changed and signed again by the phone itself, afterwards",
        "chain",
        "chain_prev",
        |dir, _| {
            sign_again(
                &captures(dir)[1],
                |m| m["subject"]["role"] = json!("before"),
                &MemorySigner::new(0),
            );
        },
    ),
    (
        "the last one is changed and signed again, afterwards",
        "receipt",
        "log_not_included",
        |dir, _| {
            sign_again(
                &captures(dir)[2],
                |m| m["subject"]["role"] = json!("before"),
                &MemorySigner::new(0),
            );
        },
    ),
    (
        "the phone's clock was moved away from the satellites'",
        "time",
        "clock_gnss",
        |dir, _| {
            sign_again(
                &captures(dir)[2],
                |m| m["time"]["gnss"] = json!("2020-01-01T00:00:00Z"),
                &MemorySigner::new(0),
            );
        },
    ),
    ("an entry is taken out", "chain", "chain_gap", |dir, _| {
        fs::remove_dir_all(&captures(dir)[1]).unwrap()
    }),
    ("the end is taken away", "chain", "chain_gap", |dir, _| {
        let last = fs::read_dir(dir.join("entries"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .max()
            .unwrap();
        fs::remove_dir_all(last).unwrap();
    }),
    (
        "two entries are put in another order",
        "chain",
        "chain_order",
        |dir, _| {
            let found = captures(dir);
            swap(&found[0], &found[1]);
        },
    ),
    ("two manifests are swapped", "signature", "signature_wrong", |dir, _| {
        let found = captures(dir);
        swap(&found[0].join("manifest.json"), &found[1].join("manifest.json"));
    }),
    (
        "the platform's leaf is changed",
        "receipt",
        "log_not_included",
        |dir, _| {
            change(&captures(dir)[0].join("leaf.json"), |bytes| {
                String::from_utf8(bytes)
                    .unwrap()
                    .replacen("\"at\":\"20", "\"at\":\"19", 1)
                    .into_bytes()
            });
        },
    ),
    (
        "one hash of the proof is flipped",
        "receipt",
        "log_not_included",
        |dir, _| {
            let proof = fs::read_dir(captures(dir)[0].join("inclusion"))
                .unwrap()
                .next()
                .unwrap()
                .unwrap()
                .path();
            flip(&proof);
        },
    ),
    (
        "the receipt of another entry is shown",
        "receipt",
        "log_not_included",
        |dir, _| {
            let found = captures(dir);
            for name in ["receipt.json", "leaf.json", "checkpoint.txt", "inclusion"] {
                swap(&found[0].join(name), &found[1].join(name));
            }
        },
    ),
    (
        "an old head is shown again",
        "receipt",
        "log_not_included",
        |dir, of| {
            fs::write(captures(dir)[0].join("checkpoint.txt"), &of.early_head).unwrap();
        },
    ),
    ("the head's size is changed", "receipt", "log_signature", |dir, _| {
        change(&captures(dir)[0].join("checkpoint.txt"), |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            let size = text.lines().nth(1).unwrap().to_owned();
            text.replacen(&size, "999", 1).into_bytes()
        });
    }),
    (
        "the whole log is forged with another key",
        "log_key",
        "log_key_changed",
        |dir, _| {
            let forger = LogSigner::new("fushan-platform/log", &[1; 32]).unwrap();
            fs::write(dir.join("log.key"), String::from(forger.key())).unwrap();
        },
    ),
    (
        "the platform's word on the bytes is that of another photo",
        "stored",
        "media_sha256",
        |dir, _| {
            let found = captures(dir);
            swap(&found[0].join("stored"), &found[1].join("stored"));
        },
    ),
    ("one byte of a copy is flipped", "derived", "media_sha256", |dir, _| {
        flip(&copies(dir)[0])
    }),
    (
        "a copy is put beside the recorded ones",
        "derived",
        "derived_unrecorded",
        |dir, _| fs::write(dir.join("derived/more.jpg"), picture(98)).unwrap(),
    ),
    ("two copies are swapped", "derived", "media_sha256", |dir, _| {
        let found = copies(dir);
        swap(&found[0], &found[1]);
    }),
    (
        "the record of a copy is made to speak of another photo",
        "derived",
        "derived_of_other",
        |dir, _| {
            sign_again(
                &captures(dir)[0],
                |m| m["derived"][0]["of"] = json!("0".repeat(64)),
                &MemorySigner::new(0),
            );
        },
    ),
    ("the receipt is no receipt", "receipt", "log_malformed", |dir, _| {
        fs::write(captures(dir)[0].join("receipt.json"), "[[[[").unwrap();
    }),
];

const STAMP_ATTACKS: &[Attack] = &[
    (
        "the time-stamp is of another head",
        "stamp",
        "stamp_other_data",
        |dir, of| {
            let asked = Asked {
                url: of.authority.as_ref().unwrap().url().to_owned(),
                certificates: of.authority.as_ref().unwrap().certificates(),
            };
            let other = fushan_platform::timestamp::ask(&asked, b"other", [3; 8]).unwrap();
            fs::write(captures(dir)[0].join("checkpoint.tsr"), other).unwrap();
        },
    ),
    (
        "one byte of the time-stamp's signature is flipped",
        "stamp",
        "stamp_signature",
        |dir, _| {
            change(&captures(dir)[0].join("checkpoint.tsr"), |mut bytes| {
                *bytes.last_mut().unwrap() ^= 1;
                bytes
            });
        },
    ),
    ("the time-stamp is cut", "stamp", "stamp_malformed", |dir, _| {
        change(&captures(dir)[0].join("checkpoint.tsr"), |bytes| bytes[..50].to_vec());
    }),
];

fn has(report: &Report, link: &str, told: Told, code: &str) -> bool {
    report
        .links
        .iter()
        .any(|l| l.link == link && l.told == told && l.code == code)
}

#[test]
fn a_whole_folder_passes_every_link_and_tells_what_nobody_vouched_for() {
    let of = exported();
    let report = of.verify(&of.out());
    assert_eq!(report.failures(), Vec::<&str>::new(), "{:#?}", report.links);
    let count = |link| {
        report
            .links
            .iter()
            .filter(|l| l.link == link && l.told == Told::Pass)
            .count()
    };
    assert_eq!((count("bytes"), count("stored")), (3, 4), "{:#?}", report.links);
    assert_eq!(count("receipt"), count("signature"), "{:#?}", report.links);
    assert_eq!(count("log_key"), 1);
    assert_eq!(count("derived"), 3, "{:#?}", report.links);
    // the harness signs with software keys, which no key store vouches for
    assert!(has(&report, "attestation", Told::Absent, "attestation_missing"));
    // the photo of the other case stands in the chain, its bytes are not here
    assert!(has(&report, "bytes", Told::Absent, "photo_missing"));
    match of.authority {
        Some(_) => assert!(count("stamp") > 3, "{:#?}", report.links),
        None => assert!(has(&report, "stamp", Told::Absent, "stamp_none")),
    }
    let alone = verify(&of.out(), &Known::default(), &OUTSIDE).unwrap();
    assert!(has(&alone, "log_key", Told::Absent, "key_not_vouched"));
}

#[test]
fn each_tampering_ends_in_its_own_named_failure() {
    let of = exported();
    let attacks = ATTACKS
        .iter()
        .chain(STAMP_ATTACKS.iter().filter(|_| of.authority.is_some()));
    let mut count = 0;
    for (number, (what, link, code, tamper)) in attacks.enumerate() {
        let dir = of.copy(&format!("attack-{number}"));
        tamper(&dir, &of);
        let report = of.verify(&dir);
        assert!(
            has(&report, link, Told::Fail, code),
            "{what}: not {code}, but {:?}",
            report.failures()
        );
        count += 1;
    }
    println!("{count} attacks");
    let without = of.copy("without-signature");
    fs::remove_file(captures(&without)[0].join("manifest.sig")).unwrap();
    assert!(has(&of.verify(&without), "signature", Told::Absent, "signature_absent"));
    let fewer = of.copy("without-copy");
    fs::remove_file(&copies(&fewer)[0]).unwrap();
    assert!(has(&of.verify(&fewer), "derived", Told::Absent, "derived_missing"));
}

#[test]
fn malformed_and_huge_files_are_judged_within_bounds() {
    let of = exported();
    let begun = Instant::now();
    let dir = of.copy("huge");
    let found = captures(&dir);
    fs::write(found[0].join("manifest.json"), vec![b'['; 3_000_000]).unwrap();
    for n in 0..500 {
        fs::write(found[1].join(format!("inclusion/{n:04}.left")), [0; 32]).unwrap();
    }
    let huge = fs::File::create(found[1].join("photo.jpg")).unwrap();
    huge.set_len(1 << 40).unwrap();
    fs::remove_file(found[2].join("photo.jpg")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/zero", found[2].join("photo.jpg")).unwrap();
    fs::write(dir.join("case.json"), "{".repeat(100_000)).unwrap();
    fs::write(dir.join("log.key"), "+++").unwrap();
    let report = of.verify(&dir);
    assert!(
        has(&report, "text", Told::Fail, "entry_too_long"),
        "{:?}",
        report.failures()
    );
    assert!(has(&report, "receipt", Told::Fail, "log_not_included"));
    assert!(has(&report, "bytes", Told::Fail, "media_sha256") || has(&report, "bytes", Told::Fail, "media_size"));
    assert!(has(&report, "bytes", Told::Absent, "photo_missing"));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let none = verify(&of.dir.path().join("nowhere"), &Known::default(), &OUTSIDE);
    assert!(none.is_err());
}

#[test]
fn hostile_texts_stay_texts_in_every_file() {
    let of = exported();
    let page = fs::read_to_string(of.out().join("view.html")).unwrap();
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;"),
        "the hostile text is shown"
    );
    assert!(!page.contains("<img src=x"));
    assert!(!page.contains("<script") && page.contains("default-src 'none'"));
    for readme in ["README.zh.md", "README.en.md"] {
        assert!(!fs::read_to_string(of.out().join(readme)).unwrap().contains("onerror"));
    }
}

/// The commands of a README.
fn commands(dir: &Path, readme: &str) -> String {
    let text = fs::read_to_string(dir.join(readme)).unwrap();
    let (_, rest) = text.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn run(dir: &Path, script: &str) -> String {
    let output = Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(dir)
        .output()
        .unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn a_stranger_checks_the_folder_with_the_commands_of_its_readme() {
    if !has_openssl() {
        fushan_platform::scratch::skipped("openssl is not on this machine");
        return;
    }
    let of = exported();
    for readme in ["README.zh.md", "README.en.md"] {
        let shown = run(&of.out(), &commands(&of.out(), readme));
        let count = |what: &str| shown.lines().filter(|l| l.starts_with(what)).count();
        assert_eq!((count("FAILED"), count("BREAK")), (0, 0), "{shown}");
        assert_eq!(
            shown
                .lines()
                .filter(|l| l.starts_with("OK") && l.contains("photo.jpg"))
                .count(),
            3,
            "{shown}"
        );
        assert_eq!(
            shown.lines().filter(|l| l.starts_with("OK     derived/")).count(),
            3,
            "{shown}"
        );
        for kind in ["signature", "key", "chain", "leaf", "log", "head", "time-stamp"] {
            let fits = shown.lines().any(|l| l.starts_with("OK") && l.ends_with(kind));
            assert!(fits, "{kind}: {shown}");
        }
    }
    let script = commands(&of.out(), "README.zh.md");
    // one of each kind that the commands look at: each run starts openssl many times
    let seen_by_a_stranger = [
        "one byte of the photo is flipped",
        "the time in the manifest is changed",
        "another key is put beside it",
        "an entry is taken out",
        "the platform's leaf is changed",
        "the head's size is changed",
        "the time-stamp is of another head",
        "one byte of a copy is flipped",
    ];
    let attacks = ATTACKS.iter().chain(STAMP_ATTACKS);
    let attacks: Vec<&Attack> = attacks.filter(|(what, ..)| seen_by_a_stranger.contains(what)).collect();
    assert_eq!(attacks.len(), seen_by_a_stranger.len());
    for (number, (what, _, _, tamper)) in attacks.into_iter().enumerate() {
        let dir = of.copy(&format!("stranger-{number}"));
        tamper(&dir, &of);
        let shown = run(&dir, &script);
        let seen = shown.lines().any(|l| l.starts_with("FAILED") || l.starts_with("BREAK"));
        assert!(seen, "{what}: {shown}");
    }
}
