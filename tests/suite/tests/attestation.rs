//! Certificates of key stores, made here in the form of Android's: who vouches for which key, judged on arrival and in the folder.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::manifest::{Entry, SignedEntry, StartReason, canonical};
use fushan_platform::attestation::{AttestationError, Level, verify};
use fushan_suite::authority::{has_openssl, openssl};
use fushan_suite::entries::Speaker;
use fushan_suite::field::{Field, GRID};

/// The statement: version 200, level, version 200, level, the challenge `abc`, no unique id, two empty lists.
fn statement(level: u8) -> String {
    let fields = format!("0202 00C8 0A01 0{level} 0202 00C8 0A01 0{level} 0403 616263 0400 3000 3000");
    let fields: String = fields.split_whitespace().collect();
    let hex = format!("30{:02X}{fields}", fields.len() / 2);
    let pairs: Vec<&str> = (0..hex.len()).step_by(2).filter_map(|at| hex.get(at..at + 2)).collect();
    format!("DER:{}", pairs.join(":"))
}

fn config() -> String {
    let mut text = "[req]\ndistinguished_name = d\n[d]\n\
        [root]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\n"
        .to_owned();
    for (name, level) in [("soft", 0), ("tee", 1), ("box", 2)] {
        let statement = statement(level);
        text.push_str(&format!(
            "[{name}]\nkeyUsage = critical,digitalSignature\n1.3.6.1.4.1.11129.2.1.17 = {statement}\n"
        ));
    }
    text.push_str("[none]\nkeyUsage = critical,digitalSignature\n");
    text
}

/// A maker's root and one certificate between it and the phones' keys.
fn maker(dir: &Path) {
    fs::write(dir.join("a.cnf"), config()).unwrap();
    for step in [
        "ecparam -name secp384r1 -genkey -noout -out root.key",
        "req -x509 -new -key root.key -subj /CN=MakerRoot -days 30 -config a.cnf -extensions root -out root.pem",
        "ecparam -name prime256v1 -genkey -noout -out mid.key",
        "req -new -key mid.key -subj /CN=MakerMiddle -config a.cnf -out mid.csr",
        "x509 -req -in mid.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -extfile a.cnf -extensions root -out mid.pem",
        "x509 -in root.pem -outform DER -out root.der",
        "x509 -in mid.pem -outform DER -out mid.der",
        "ecparam -name prime256v1 -genkey -noout -out any.key",
        "req -new -key any.key -subj /CN=Key -config a.cnf -out key.csr",
    ] {
        openssl(dir, step).unwrap();
    }
}

/// The chain for a key, with a statement of this kind.
fn chain(dir: &Path, key: &[u8], kind: &str) -> Vec<Vec<u8>> {
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        BASE64.encode(key)
    );
    fs::write(dir.join("key.pem"), pem).unwrap();
    let certify = format!(
        "x509 -req -in key.csr -force_pubkey key.pem -CA mid.pem -CAkey mid.key -set_serial 1 -days 30 -extfile a.cnf -extensions {kind} -outform DER -out key.der"
    );
    openssl(dir, &certify).unwrap();
    ["key.der", "mid.der", "root.der"]
        .map(|name| fs::read(dir.join(name)).unwrap())
        .to_vec()
}

fn now() -> UtcMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UtcMillis(i64::try_from(since.as_millis()).unwrap())
}

fn skipped() -> bool {
    if !has_openssl() {
        fushan_platform::scratch::skipped("openssl is not on this machine");
    }
    !has_openssl()
}

#[test]
fn a_chain_vouches_for_its_own_key_under_a_configured_root_and_tells_how_it_is_kept() {
    if skipped() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    maker(at);
    let field = Field::start().unwrap();
    let phone = Speaker::enrol(&field, &format!("s_{GRID}"), 1).unwrap();
    let key = phone.key().unwrap();
    let roots = fs::read(at.join("root.pem")).unwrap();
    let judged = |kind: &str| verify(&chain(at, &key, kind), &key, &roots, now());
    assert_eq!(judged("tee"), Ok(Level::TrustedEnvironment));
    assert_eq!(judged("box"), Ok(Level::StrongBox));
    assert_eq!(judged("soft"), Err(AttestationError::Software));
    assert_eq!(judged("none"), Err(AttestationError::Malformed));
    let good = chain(at, &key, "tee");
    let other = Speaker::enrol(&field, &format!("s_{GRID}"), 2).unwrap().key().unwrap();
    assert_eq!(verify(&good, &other, &roots, now()), Err(AttestationError::OtherKey));
    assert_eq!(
        verify(&good[..1], &key, &roots, now()),
        Err(AttestationError::Untrusted)
    );
    assert_eq!(verify(&[], &key, &roots, now()), Err(AttestationError::Malformed));
    let later = now().plus(40 * 86_400_000);
    assert_eq!(verify(&good, &key, &roots, later), Err(AttestationError::Untrusted));
    let elsewhere = tempfile::tempdir().unwrap();
    maker(elsewhere.path());
    let strangers = fs::read(elsewhere.path().join("root.pem")).unwrap();
    assert_eq!(verify(&good, &key, &strangers, now()), Err(AttestationError::Untrusted));
    // no changed byte of the key's own certificate passes
    for place in 0..good[0].len() {
        let mut changed = good.clone();
        changed[0][place] ^= 0x04;
        assert!(verify(&changed, &key, &roots, now()).is_err(), "byte {place}");
    }
}

/// A chain's beginning with these certificates.
fn start(phone: &mut Speaker, certificates: &[Vec<u8>]) -> SignedEntry {
    let plain = phone.start(StartReason::First).unwrap();
    let Entry::Start(mut start) = canonical::read(&plain.manifest).unwrap() else {
        unreachable!()
    };
    start.attestation = certificates.iter().map(|der| BASE64.encode(der)).collect();
    phone.sign(&Entry::Start(start)).unwrap()
}

#[test]
fn a_platform_with_roots_says_which_keys_nobody_vouches_for_and_one_without_says_nothing() {
    if skipped() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    maker(at);
    let judging = Field::start_with(|config| config.witness.attestation_roots = Some(at.join("root.pem"))).unwrap();
    let keeping = Field::start().unwrap();
    let mut number = 0;
    let mut told = |field: &Field, kind: Option<&str>| {
        number += 1;
        let mut phone = Speaker::enrol(field, &format!("s_{GRID}"), number).unwrap();
        let certificates = kind
            .map(|kind| chain(at, &phone.key().unwrap(), kind))
            .unwrap_or_default();
        let entry = start(&mut phone, &certificates);
        phone.send(field, &[entry]).unwrap().remove(0).findings
    };
    let none: [&str; 0] = [];
    assert_eq!(told(&judging, Some("box")), none);
    assert_eq!(told(&judging, Some("soft")), ["attestation_software"]);
    assert_eq!(told(&judging, None), ["attestation_missing"]);
    assert_eq!(told(&keeping, Some("soft")), none);
    assert_eq!(told(&keeping, None), none);
}
