use super::*;
use crate::model::env::KeyKind;
use crate::wire::manifest::canonical::{CanonicalError, text};
use crate::wire::manifest::{
    Actor, Custody, Entry, HexSha256, HexSm3, Link, Media, Rotation, SignedEntry, Source, Start, StartReason, VERSION,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use p256::pkcs8::EncodePublicKey;

fn key(n: u8) -> SigningKey {
    SigningKey::from_slice(&[n; 32]).unwrap()
}

fn spki(key: &SigningKey) -> Vec<u8> {
    key.verifying_key().to_public_key_der().unwrap().into_vec()
}

fn actor(key: &SigningKey) -> Actor {
    Actor {
        staff: "s_1".into(),
        grid: "370611001901001".into(),
        device_key: key_digest(&spki(key)),
        attest: "c".into(),
    }
}

fn sign(entry: &Entry, key: &SigningKey) -> SignedEntry {
    let manifest = text(entry).unwrap();
    let digest = crate::wire::manifest::canonical::digest(&manifest);
    let signature: Signature = key.sign_prehash(&digest.0).unwrap();
    SignedEntry {
        manifest,
        signature: BASE64.encode(DerSignature::from(signature).as_bytes()),
        public_key: BASE64.encode(spki(key)),
    }
}

fn link(head: Option<&Head>) -> Link {
    Link {
        of: "c".into(),
        seq: head.map_or(1, |h| h.seq + 1),
        prev: head.map(|h| h.digest),
    }
}

fn start(key: &SigningKey) -> SignedEntry {
    let entry = Entry::Start(Start {
        v: VERSION,
        id: "c".into(),
        reason: StartReason::First,
        actor: actor(key),
        at: "2026-08-01T02:22:03.120Z".into(),
        key_kind: KeyKind::Software,
        attestation: Vec::new(),
        chain: link(None),
    });
    sign(&entry, key)
}

fn custody(head: &Head, id: &str, key: &SigningKey) -> SignedEntry {
    let entry = Entry::Custody(Custody {
        v: VERSION,
        id: id.into(),
        actor: actor(key),
        events: Vec::new(),
        chain: link(Some(head)),
    });
    sign(&entry, key)
}

fn rotation(head: &Head, old: &SigningKey, new: &SigningKey) -> SignedEntry {
    let entry = Entry::Rotation(Rotation {
        v: VERSION,
        id: "r".into(),
        actor: actor(old),
        at: "2026-08-01T02:22:03.120Z".into(),
        new_key: BASE64.encode(spki(new)),
        key_kind: KeyKind::Software,
        attestation: Vec::new(),
        reason: None,
        chain: link(Some(head)),
    });
    sign(&entry, old)
}

/// Follows a chain from its start; every signature is checked too.
fn walk(entries: &[SignedEntry]) -> Result<Head, ProofError> {
    let mut head = None;
    for entry in entries {
        verify(entry)?;
        head = Some(follow(head.as_ref(), &open(entry)?)?);
    }
    Ok(head.unwrap())
}

fn chain() -> Vec<SignedEntry> {
    let (old, new) = (key(1), key(2));
    let mut entries = vec![start(&old)];
    let push = |entries: &mut Vec<SignedEntry>, make: &dyn Fn(&Head) -> SignedEntry| {
        let head = walk(entries).unwrap();
        entries.push(make(&head));
    };
    push(&mut entries, &|h| custody(h, "e2", &old));
    push(&mut entries, &|h| custody(h, "e3", &old));
    push(&mut entries, &|h| rotation(h, &old, &new));
    push(&mut entries, &|h| custody(h, "e5", &new));
    entries
}

#[test]
fn a_chain_with_a_change_of_key_holds() {
    let head = walk(&chain()).unwrap();
    assert_eq!((head.seq, head.key), (5, key_digest(&spki(&key(2)))));
}

#[test]
fn every_flipped_byte_of_text_key_or_signature_has_a_named_failure() {
    let good = start(&key(1));
    for at in 0..good.manifest.len() {
        let mut bytes = good.manifest.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(manifest) = String::from_utf8(bytes) else {
            continue;
        };
        let bad = SignedEntry {
            manifest,
            ..good.clone()
        };
        assert_eq!(verify(&bad), Err(ProofError::SignatureWrong), "byte {at}");
    }
    let flipped = |field: &str, at: usize| {
        let mut bytes = BASE64.decode(field).unwrap();
        bytes[at] ^= 1;
        BASE64.encode(bytes)
    };
    for at in 0..BASE64.decode(&good.signature).unwrap().len() {
        let bad = SignedEntry {
            signature: flipped(&good.signature, at),
            ..good.clone()
        };
        let why = verify(&bad).unwrap_err();
        assert!(
            matches!(why, ProofError::SignatureWrong | ProofError::SignatureMalformed),
            "{why}"
        );
    }
    for at in 0..BASE64.decode(&good.public_key).unwrap().len() {
        let bad = SignedEntry {
            public_key: flipped(&good.public_key, at),
            ..good.clone()
        };
        assert!(verify(&bad).is_err(), "byte {at}");
        assert_eq!(open(&bad), Err(ProofError::KeyMismatch));
    }
}

#[test]
fn each_tampering_with_a_chain_has_its_own_name() {
    let chain = chain();
    let without = |n: usize| {
        let mut left = chain.clone();
        left.remove(n);
        left
    };
    assert_eq!(walk(&without(0)), Err(ProofError::ChainStart));
    assert_eq!(walk(&without(1)), Err(ProofError::ChainGap { after: 1, found: 3 }));
    let mut swapped = chain.clone();
    swapped.swap(1, 2);
    assert_eq!(walk(&swapped), Err(ProofError::ChainGap { after: 1, found: 3 }));
    let mut again = chain.clone();
    again.push(chain[2].clone());
    assert_eq!(walk(&again), Err(ProofError::ChainOrder { found: 3 }));
    // another entry in the place of the second: the third names the one that is gone
    let mut replaced = chain.clone();
    replaced[1] = custody(&walk(&chain[..1]).unwrap(), "other", &key(1));
    assert_eq!(walk(&replaced), Err(ProofError::ChainPrev));
    // the old key after the change, and a third party's key
    for wrong in [key(1), key(9)] {
        let head = walk(&chain[..4]).unwrap();
        let mut resigned = chain[..4].to_vec();
        resigned.push(custody(&head, "e5", &wrong));
        assert_eq!(walk(&resigned), Err(ProofError::KeyNotOfChain));
    }
    // a rotation that the old key has not signed
    let mut stolen = chain[..3].to_vec();
    let head = walk(&stolen).unwrap();
    stolen.push(rotation(&head, &key(9), &key(9)));
    assert_eq!(walk(&stolen), Err(ProofError::KeyNotOfChain));
    let mut restarted = chain.clone();
    restarted.push(start(&key(2)));
    assert_eq!(walk(&restarted), Err(ProofError::ChainOrder { found: 1 }));
}

#[test]
fn a_signature_that_is_absent_or_none_is_told_apart_from_a_wrong_one() {
    let good = start(&key(1));
    let with = |signature: &str| SignedEntry {
        signature: signature.into(),
        ..good.clone()
    };
    assert_eq!(verify(&with("")), Err(ProofError::SignatureAbsent));
    assert_eq!(verify(&with("%%%")), Err(ProofError::SignatureMalformed));
    assert_eq!(verify(&with("AAAA")), Err(ProofError::SignatureMalformed));
    let other = sign(&Entry::Start(Start { ..start_of(&good) }), &key(2));
    assert_eq!(verify(&with(&other.signature)), Err(ProofError::SignatureWrong));
    let keyless = SignedEntry {
        public_key: BASE64.encode(b"no key"),
        ..good.clone()
    };
    assert_eq!(verify(&keyless), Err(ProofError::KeyMalformed));
    let unread = SignedEntry {
        manifest: "{}".into(),
        ..good
    };
    assert_eq!(open(&unread), Err(ProofError::Text(CanonicalError::UnknownVersion)));
}

fn start_of(signed: &SignedEntry) -> Start {
    match open(signed).unwrap().entry {
        Entry::Start(start) => start,
        other => panic!("{other:?}"),
    }
}

#[test]
fn bytes_are_held_to_size_and_both_digests() {
    let media = Media {
        sha256: HexSha256([1; 32]),
        sm3: HexSm3([2; 32]),
        bytes: 3,
        mime: "image/jpeg".into(),
        w: None,
        h: None,
        source: Source::AppCamera,
    };
    let check = |bytes, sha, sm| check_media(&media, bytes, &HexSha256([sha; 32]), &HexSm3([sm; 32]));
    assert_eq!(check(3, 1, 2), Ok(()));
    assert_eq!(check(4, 1, 2), Err(ProofError::SizeWrong));
    assert_eq!(check(3, 9, 2), Err(ProofError::Sha256Wrong));
    assert_eq!(check(3, 1, 9), Err(ProofError::Sm3Wrong));
}

/// What a county clerk does: the same files, with `openssl` alone.
#[test]
fn openssl_agrees_on_the_signature_and_on_sm3() {
    use std::process::Command;
    if Command::new("openssl").arg("version").output().is_err() {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"SKIPPED: no openssl command at hand\n");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let signed = start(&key(1));
    std::fs::write(path("manifest.json"), &signed.manifest).unwrap();
    std::fs::write(path("manifest.sig"), BASE64.decode(&signed.signature).unwrap()).unwrap();
    std::fs::write(path("key.der"), BASE64.decode(&signed.public_key).unwrap()).unwrap();
    let verdict = || {
        let args = [
            "dgst",
            "-sha256",
            "-keyform",
            "DER",
            "-verify",
            "key.der",
            "-signature",
            "manifest.sig",
            "manifest.json",
        ];
        Command::new("openssl")
            .args(args)
            .current_dir(dir.path())
            .output()
            .unwrap()
    };
    let good = verdict();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    std::fs::write(path("manifest.json"), signed.manifest.replace("s_1", "s_2")).unwrap();
    assert!(!verdict().status.success());

    std::fs::write(path("abc"), "abc").unwrap();
    let printed = Command::new("openssl")
        .args(["dgst", "-sm3", "abc"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let ours = HexSm3(<sm3::Sm3 as sm3::Digest>::digest(b"abc").into());
    assert!(String::from_utf8_lossy(&printed.stdout).contains(&ours.to_string()));
    // GB/T 32905, appendix A.1
    assert_eq!(
        ours.to_string(),
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    );
}
