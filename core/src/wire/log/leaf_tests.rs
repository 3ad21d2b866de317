use super::*;
use crate::model::time::UtcMillis;
use crate::wire::evidence::Stamp;
use crate::wire::log::LogSigner;
use crate::wire::log::merkle::node_hash;

const ENTRY: Named256 = Named256([5; 32]);

fn signer() -> LogSigner {
    LogSigner::new("fushan.example/log", &[7; 32]).unwrap()
}

fn leaf(entry: Named256, findings: &[&str]) -> String {
    let leaf = EntryLeaf {
        v: Leaf::VERSION,
        at: UtcMillis(1_790_000_000_000).to_string(),
        entry,
        signature: Named256([6; 32]),
        key: Named256([7; 32]),
        device: DeviceId::from_slice(&[8; 16]).unwrap(),
        findings: findings.iter().map(ToString::to_string).collect(),
    };
    Leaf::Entry(leaf).text().unwrap()
}

/// A receipt as leaf 1 of 2.
fn receipt(entry: Named256, text: &str) -> Receipt {
    let before = leaf_hash(b"before");
    let root = node_hash(before, leaf_hash(text.as_bytes()));
    Receipt {
        entry,
        received_at: UtcMillis(1_790_000_000_000),
        place: Place {
            leaf: text.to_owned(),
            index: 1,
            checkpoint: signer().sign(2, root),
            inclusion: vec![before],
        },
        stored: None,
        stamp: Stamp::default(),
    }
}

#[test]
fn a_receipt_tells_what_was_found_and_holds_for_its_entry_only() {
    let given = receipt(ENTRY, &leaf(ENTRY, &["chain_gap"]));
    let told = verify_receipt(&given, ENTRY, &signer().key()).unwrap();
    assert_eq!(told.findings, ["chain_gap"]);
    let other = verify_receipt(&given, Named256([9; 32]), &signer().key());
    assert_eq!(other, Err(LogError::NotIncluded));
}

#[test]
fn nothing_in_a_receipt_can_be_changed() {
    let given = receipt(ENTRY, &leaf(ENTRY, &["chain_gap"]));
    let verify = |changed: &Receipt| verify_receipt(changed, ENTRY, &signer().key());
    let mut without_finding = given.clone();
    without_finding.place.leaf = leaf(ENTRY, &[]);
    assert_eq!(verify(&without_finding), Err(LogError::NotIncluded));
    let mut earlier = given.clone();
    earlier.received_at = UtcMillis(1_780_000_000_000);
    assert_eq!(verify(&earlier), Err(LogError::NotIncluded));
    let mut elsewhere = given.clone();
    elsewhere.place.index = 0;
    assert_eq!(verify(&elsewhere), Err(LogError::NotIncluded));
    let stranger = LogSigner::new("fushan.example/log", &[8; 32]).unwrap();
    assert_eq!(
        verify_receipt(&given, ENTRY, &stranger.key()),
        Err(LogError::BadSignature)
    );
}

#[test]
fn a_leaf_has_one_spelling() {
    let text = leaf(ENTRY, &[]);
    assert!(Leaf::read(&text).is_ok());
    for other in [
        text.replace(':', ": "),
        text.replace("\"v\":1", "\"v\":1.0"),
        "{}".into(),
        String::new(),
    ] {
        assert_eq!(Leaf::read(&other), Err(LogError::Malformed), "{other}");
    }
}

#[test]
fn a_receipt_that_comes_again_tells_the_same_story_or_is_proof_against_the_platform() {
    let key = signer().key();
    let before = receipt(ENTRY, &leaf(ENTRY, &["chain_gap"]));
    let mut fuller = before.clone();
    fuller.stored = Some(before.place.clone());
    assert_eq!(verify_renewed(&before, &fuller, &key), Ok(()));
    let without_finding = receipt(ENTRY, &leaf(ENTRY, &[]));
    assert!(verify_receipt(&without_finding, ENTRY, &key).is_ok());
    assert_eq!(
        verify_renewed(&before, &without_finding, &key),
        Err(LogError::Rewritten)
    );
    assert_eq!(verify_renewed(&fuller, &before, &key), Err(LogError::Rewritten));
    let mut forged = fuller.clone();
    forged.stored = Some(Place {
        index: 0,
        ..before.place.clone()
    });
    assert_eq!(verify_renewed(&before, &forged, &key), Err(LogError::NotIncluded));
}
