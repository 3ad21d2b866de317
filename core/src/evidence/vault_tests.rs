use super::*;
use crate::evidence::folder::FolderMedia;
use crate::evidence::seal::{SEGMENT, Sealer};
use crate::evidence::testing::{Seeded, vault};
use crate::model::env::Entropy as _;
use std::fs;

/// Seals bytes under their digest, as an intake does.
fn put(media: &FolderMedia, random: &Seeded, bytes: &[u8]) -> (BlobHash, SecretKey) {
    let mut key = SecretKey::default();
    random.fill(&mut *key);
    let hash = BlobHash(Sha256::digest(bytes).into());
    seal_as(media, random, bytes, &hash, &key);
    (hash, key)
}

fn seal_as(media: &FolderMedia, random: &Seeded, bytes: &[u8], name: &BlobHash, key: &SecretKey) {
    let mut sealer = Sealer::start(media.create().unwrap(), key, random).unwrap();
    bytes.chunks(SEGMENT).for_each(|part| sealer.push(part).unwrap());
    sealer.publish(&name.hex()).unwrap();
}

fn read(media: &FolderMedia, hash: &BlobHash, key: &SecretKey) -> Result<Vec<u8>, EvidenceError> {
    let mut out = Vec::new();
    open(media, hash, key)?.read_to_end(&mut out)?;
    Ok(out)
}

#[test]
fn the_bytes_come_out_as_they_went_in_at_every_seam_of_a_segment() {
    let (_keep, media) = vault();
    let random = Seeded::new(1);
    for size in [1, 100, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 17] {
        let bytes = random.bytes(size);
        let (hash, key) = put(&media, &random, &bytes);
        assert_eq!(read(&media, &hash, &key).unwrap(), bytes, "{size}");
        assert_eq!(verify(&media, &hash, &key).unwrap(), size as u64);
    }
}

#[test]
fn every_flipped_byte_is_noticed() {
    let (keep, media) = vault();
    let random = Seeded::new(2);
    let (hash, key) = put(&media, &random, &random.bytes(200));
    let path = keep.path().join(hash.hex());
    let sealed = fs::read(&path).unwrap();
    for at in 0..sealed.len() {
        let mut hurt = sealed.clone();
        hurt[at] ^= 1;
        fs::write(&path, hurt).unwrap();
        assert_eq!(read(&media, &hash, &key), Err(EvidenceError::MediaChanged), "byte {at}");
    }
}

#[test]
fn a_file_cut_or_lengthened_anywhere_is_noticed() {
    let (keep, media) = vault();
    let random = Seeded::new(3);
    let (hash, key) = put(&media, &random, &random.bytes(2 * SEGMENT + 50));
    let path = keep.path().join(hash.hex());
    let sealed = fs::read(&path).unwrap();
    let seams = [0, 15, 16, 17, HEADER + SEALED, HEADER + 2 * SEALED, sealed.len() - 1];
    for cut in seams {
        fs::write(&path, &sealed[..cut]).unwrap();
        assert_eq!(
            read(&media, &hash, &key),
            Err(EvidenceError::MediaChanged),
            "cut at {cut}"
        );
    }
    for more in [1, 16, SEALED] {
        fs::write(&path, [sealed.clone(), vec![0; more]].concat()).unwrap();
        assert_eq!(
            read(&media, &hash, &key),
            Err(EvidenceError::MediaChanged),
            "{more} more"
        );
    }
}

#[test]
fn swapped_files_and_swapped_segments_are_noticed() {
    let (keep, media) = vault();
    let random = Seeded::new(4);
    let (hash, key) = put(&media, &random, &random.bytes(3 * SEGMENT));
    let (other, other_key) = put(&media, &random, &random.bytes(3 * SEGMENT));
    let path = keep.path().join(hash.hex());
    let sealed = fs::read(&path).unwrap();

    let mut turned = sealed.clone();
    turned[HEADER..HEADER + 2 * SEALED].rotate_left(SEALED);
    fs::write(&path, turned).unwrap();
    assert_eq!(read(&media, &hash, &key), Err(EvidenceError::MediaChanged));

    fs::copy(keep.path().join(other.hex()), &path).unwrap();
    assert_eq!(read(&media, &hash, &key), Err(EvidenceError::MediaChanged));
    assert_eq!(
        read(&media, &hash, &other_key),
        Err(EvidenceError::MediaChanged),
        "sealed well, but another picture"
    );
}

#[test]
fn a_missing_file_and_a_wrong_key_have_names() {
    let (keep, media) = vault();
    let random = Seeded::new(5);
    let (hash, key) = put(&media, &random, b"bytes");
    assert_eq!(
        read(&media, &hash, &SecretKey::default()),
        Err(EvidenceError::MediaChanged)
    );
    fs::remove_file(keep.path().join(hash.hex())).unwrap();
    assert_eq!(read(&media, &hash, &key), Err(EvidenceError::MissingMedia));
}

#[test]
fn nothing_of_the_picture_is_readable_in_the_file() {
    let (keep, media) = vault();
    let random = Seeded::new(6);
    let canary = b"canary of plain text 370611".repeat(20);
    let (hash, _) = put(&media, &random, &canary);
    let sealed = fs::read(keep.path().join(hash.hex())).unwrap();
    assert!(!sealed.windows(8).any(|w| canary.windows(8).any(|c| c == w)));
}

#[test]
fn the_bytes_before_a_damaged_segment_come_out_and_then_the_error() {
    let (keep, media) = vault();
    let random = Seeded::new(7);
    let (hash, key) = put(&media, &random, &random.bytes(2 * SEGMENT));
    let path = keep.path().join(hash.hex());
    let mut sealed = fs::read(&path).unwrap();
    *sealed.last_mut().unwrap() ^= 1;
    fs::write(&path, sealed).unwrap();
    let mut reader = open(&media, &hash, &key).unwrap();
    let mut out = Vec::new();
    let error = reader.read_to_end(&mut out).unwrap_err();
    assert_eq!(EvidenceError::from(error), EvidenceError::MediaChanged);
    assert_eq!(out.len(), SEGMENT);
}
