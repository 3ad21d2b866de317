use super::*;
use crate::wire::log::merkle::leaf_hash;

fn signer() -> LogSigner {
    LogSigner::new("fushan.example/log", &[7; 32]).unwrap()
}

/// The example of the signed-note format's first implementation (Go, `sumdb/note`).
const EXAMPLE_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const EXAMPLE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn a_note_of_another_implementation_verifies_and_its_key_keeps_its_text() {
    let key = LogKey::try_from(EXAMPLE_KEY.to_owned()).unwrap();
    assert!(key.signed_text(EXAMPLE).unwrap().starts_with("If you think"));
    assert_eq!(String::from(key), EXAMPLE_KEY);
}

#[test]
fn a_checkpoint_is_read_back_as_it_was_signed() {
    let signed = signer().sign(3, leaf_hash(b"x"));
    let opened = signer().key().open(&signed).unwrap();
    assert_eq!((opened.size, opened.root), (3, leaf_hash(b"x")));
    let with_witness = format!("{signed}— witness.example AAAAAGFiYw==\n");
    assert_eq!(signer().key().open(&with_witness).unwrap(), opened);
}

#[test]
fn any_changed_byte_of_a_checkpoint_is_refused() {
    let signed = signer().sign(3, leaf_hash(b"x"));
    for at in 0..signed.len() {
        let mut bytes = signed.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        // the final newline is not signed
        if at + 1 < signed.len() {
            assert!(signer().key().open(&changed).is_err(), "byte {at}");
        }
    }
}

#[test]
fn malformed_checkpoints_are_refused_by_name() {
    let key = signer().key();
    for (text, error) in [
        (String::new(), LogError::Malformed),
        ("a\n\n".repeat(3000), LogError::Malformed),
        ("fushan.example/log\n1\nAAAA\n\n".into(), LogError::BadSignature),
    ] {
        assert_eq!(key.open(&text), Err(error));
    }
    let other = LogSigner::new("other.example/log", &[7; 32]).unwrap();
    assert_eq!(key.open(&other.sign(1, leaf_hash(b"x"))), Err(LogError::BadSignature));
    for bad in [
        "",
        "a+b",
        "name+00000000+AAAA",
        "a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert_eq!(LogKey::try_from(bad.to_owned()), Err(LogError::Malformed), "{bad}");
    }
    assert!(LogSigner::new("with space", &[7; 32]).is_err());
}

#[test]
fn sizes_have_one_spelling_only() {
    for size in ["01", "+1", "-1", "", "1e3", "18446744073709551616"] {
        let body = format!("fushan.example/log\n{size}\n{}\n", leaf_hash(b"x"));
        assert_eq!(Checkpoint::parse(&body), Err(LogError::Malformed), "{size}");
    }
}

#[test]
fn a_phone_follows_a_growing_log_and_refuses_an_old_or_rewritten_one() {
    let (one, two) = (leaf_hash(b"1"), leaf_hash(b"2"));
    let both = super::super::merkle::node_hash(one, two);
    let first = Seen::nothing(signer().key())
        .follow(&signer().sign(1, one), &[])
        .unwrap();
    let second = first.follow(&signer().sign(2, both), &[two]).unwrap();
    assert_eq!(second.size, 2);
    assert_eq!(second.follow(&signer().sign(1, one), &[]), Err(LogError::Shrunk));
    let rewritten = signer().sign(2, super::super::merkle::node_hash(two, one));
    assert_eq!(second.follow(&rewritten, &[]), Err(LogError::Rewritten));
    let thief = LogSigner::new("fushan.example/log", &[8; 32]).unwrap();
    assert_eq!(second.follow(&thief.sign(3, one), &[]), Err(LogError::BadSignature));
}
