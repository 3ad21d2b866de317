use super::*;
use crate::evidence::folder::FolderMedia;
use crate::evidence::testing::{Seeded, claiming, heic, jpeg, nothing_known, picture, png, vault};
use crate::model::env::MediaWriter;
use std::io::{self, Write};
use std::path::PathBuf;

fn take(media: &FolderMedia, bytes: &[u8]) -> Result<Intake, EvidenceError> {
    intake(media, &Seeded::new(11), bytes, &Limits::default(), &nothing_known)
}

fn bytes_of(media: &FolderMedia, taken: &Intake) -> Vec<u8> {
    let mut out = Vec::new();
    vault::open(media, &taken.hash, &taken.key)
        .unwrap()
        .read_to_end(&mut out)
        .unwrap();
    out
}

fn files_in(folder: &tempfile::TempDir) -> usize {
    fs::read_dir(folder.path()).unwrap().count()
}

#[test]
fn a_picture_is_named_by_its_digest_and_comes_out_exactly() {
    let (_keep, media) = vault();
    let picture = picture(900, 700);
    let mut polyglot = jpeg(&picture);
    polyglot.extend(b"PK\x03\x04 and other things behind the end");
    for (bytes, media_type, size) in [
        (jpeg(&picture), "image/jpeg", Some((900, 700))),
        (polyglot, "image/jpeg", Some((900, 700))),
        (png(&picture), "image/png", Some((900, 700))),
        (heic(&[3; 100_000]), "image/heic", None),
    ] {
        let taken = take(&media, &bytes).unwrap();
        assert_eq!(taken.hash.0, <[u8; 32]>::from(Sha256::digest(&bytes)));
        assert_eq!(taken.sm3.0, <[u8; 32]>::from(Sm3::digest(&bytes)));
        assert_eq!((taken.bytes, taken.media_type), (bytes.len() as u64, media_type));
        assert_eq!(taken.image.map(|i| (i.width, i.height)), size);
        assert_eq!(bytes_of(&media, &taken), bytes);
    }
}

#[test]
fn what_is_no_whole_picture_is_refused_with_a_reason_and_leaves_nothing() {
    let (keep, media) = vault();
    let whole = jpeg(&picture(64, 48));
    for (bytes, code) in [
        (b"".as_slice(), EvidenceError::Empty),
        (b"a text with the name photo.jpg", EvidenceError::NotAnImage),
        (b"GIF89a\x01\0\x01\0", EvidenceError::NotAnImage),
        (b"\xFF\xD8\xFF and then a text", EvidenceError::NotAnImage),
        (&whole[..whole.len() - 2], EvidenceError::Truncated),
        (&whole[..whole.len() / 2], EvidenceError::Truncated),
    ] {
        assert_eq!(take(&media, bytes).unwrap_err(), code);
    }
    assert_eq!(files_in(&keep), 0);
}

/// Counts what is read from it.
struct Counted<'a>(&'a [u8], std::cell::Cell<usize>);

impl Read for &Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = &self.0[self.1.get()..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.1.set(self.1.get() + count);
        Ok(count)
    }
}

#[test]
fn a_header_that_claims_sixty_thousand_pixels_is_refused_after_the_first_segment() {
    let (keep, media) = vault();
    let mut bytes = claiming(&jpeg(&picture(64, 48)), 60_000, 60_000);
    bytes.extend(vec![0; 5_000_000]);
    let source = Counted(&bytes, std::cell::Cell::new(0));
    let error = intake(&media, &Seeded::new(12), &source, &Limits::default(), &nothing_known).unwrap_err();
    assert_eq!(
        error,
        EvidenceError::ImageTooLarge {
            width: 60_000,
            height: 60_000
        }
    );
    assert!(source.1.get() <= SEGMENT);
    assert_eq!(files_in(&keep), 0);
}

#[test]
fn the_largest_sensors_of_phones_are_taken() {
    let (_keep, media) = vault();
    let taken = take(&media, &claiming(&jpeg(&picture(64, 48)), 16_320, 12_240)).unwrap();
    assert_eq!(
        taken.image,
        Some(ImageFacts {
            width: 16_320,
            height: 12_240
        })
    );
}

#[test]
fn more_bytes_than_allowed_are_refused_while_streaming_and_by_announcement() {
    let (keep, media) = vault();
    let limits = Limits {
        max_bytes: 1_000,
        expected_bytes: None,
    };
    let error = intake(
        &media,
        &Seeded::new(13),
        &jpeg(&picture(300, 300))[..],
        &limits,
        &nothing_known,
    );
    assert_eq!(error.unwrap_err(), EvidenceError::TooManyBytes { limit: 1_000 });
    let announced = Limits {
        max_bytes: 1_000,
        expected_bytes: Some(1_001),
    };
    let error = intake(&media, &Seeded::new(13), io::empty(), &announced, &nothing_known);
    assert_eq!(error.unwrap_err(), EvidenceError::TooManyBytes { limit: 1_000 });
    assert_eq!(files_in(&keep), 0);
}

#[test]
fn the_same_picture_again_keeps_its_file_and_its_key() {
    let (keep, media) = vault();
    let bytes = jpeg(&picture(300, 200));
    let first = take(&media, &bytes).unwrap();
    let known = |hash: &BlobHash| Ok((*hash == first.hash).then(|| first.key.clone()));
    let again = intake(&media, &Seeded::new(14), &bytes[..], &Limits::default(), &known).unwrap();
    assert!(!first.already_there && again.already_there);
    assert_eq!(*again.key, *first.key);
    assert_eq!(bytes_of(&media, &again), bytes);
    assert_eq!(files_in(&keep), 1);
}

#[test]
fn a_file_whose_row_is_gone_is_replaced_so_that_the_new_key_opens_it() {
    let (keep, media) = vault();
    let bytes = jpeg(&picture(300, 200));
    let lost = take(&media, &bytes).unwrap();
    let again = intake(&media, &Seeded::new(15), &bytes[..], &Limits::default(), &nothing_known).unwrap();
    assert!(!again.already_there);
    assert_ne!(*again.key, *lost.key);
    assert_eq!(bytes_of(&media, &again), bytes);
    assert_eq!(files_in(&keep), 1);
}

#[test]
fn a_damaged_file_is_healed_when_the_picture_comes_again() {
    let (keep, media) = vault();
    let bytes = jpeg(&picture(300, 200));
    let first = take(&media, &bytes).unwrap();
    fs::write(keep.path().join(first.hash.hex()), b"damage").unwrap();
    let known = |_: &BlobHash| Ok(Some(first.key.clone()));
    let again = intake(&media, &Seeded::new(16), &bytes[..], &Limits::default(), &known).unwrap();
    assert!(!again.already_there);
    assert_eq!(bytes_of(&media, &again), bytes);
}

#[test]
fn a_file_stays_when_its_key_is_only_out_of_reach() {
    let (keep, media) = vault();
    let bytes = jpeg(&picture(300, 200));
    let first = take(&media, &bytes).unwrap();
    let unavailable = |_: &BlobHash| Err(EvidenceError::KeysUnavailable);
    let again = intake(&media, &Seeded::new(23), &bytes[..], &Limits::default(), &unavailable);
    assert_eq!(again.unwrap_err(), EvidenceError::KeysUnavailable);
    assert_eq!(bytes_of(&media, &first), bytes);
    assert_eq!(files_in(&keep), 1);
}

#[test]
fn a_folder_a_device_and_nothing_are_no_pictures() {
    let (keep, media) = vault();
    let from = |path: &Path| intake_file(&media, &Seeded::new(17), path, &Limits::default(), &nothing_known);
    assert_eq!(from(keep.path()).unwrap_err(), EvidenceError::NotAFile);
    assert_eq!(
        from(&keep.path().join("none")).unwrap_err(),
        EvidenceError::Io(io::ErrorKind::NotFound)
    );
    if cfg!(unix) {
        assert_eq!(from(Path::new("/dev/zero")).unwrap_err(), EvidenceError::NotAFile);
    }
}

/// A media store with something amiss.
struct Amiss {
    inner: FolderMedia,
    free: Option<u64>,
    grows: Option<PathBuf>,
}

impl MediaStore for Amiss {
    fn create(&self) -> io::Result<Box<dyn MediaWriter>> {
        if let Some(path) = &self.grows {
            let mut file = fs::OpenOptions::new().append(true).open(path)?;
            file.write_all(b"more")?;
        }
        self.inner.create()
    }
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        self.inner.open(name)
    }
    fn size(&self, name: &str) -> io::Result<Option<u64>> {
        self.inner.size(name)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.inner.remove(name)
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.inner.list()
    }
    fn free_space(&self) -> Option<u64> {
        self.free
    }
}

#[test]
fn too_little_free_space_is_said_before_anything_is_written() {
    let (keep, inner) = vault();
    let media = Amiss {
        inner,
        free: Some(RESERVE + 99),
        grows: None,
    };
    let limits = Limits {
        expected_bytes: Some(100),
        ..Limits::default()
    };
    let error = intake(&media, &Seeded::new(18), io::empty(), &limits, &nothing_known).unwrap_err();
    assert_eq!(error, EvidenceError::NoSpace);
    assert_eq!(check_room(&media, 100), Err(EvidenceError::NoSpace));
    assert_eq!(check_room(&media, 99), Ok(()));
    assert_eq!(files_in(&keep), 0);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_refused() {
    let (keep, inner) = vault();
    let sources = tempfile::tempdir().unwrap();
    let path = sources.path().join("growing.jpg");
    let bytes = jpeg(&picture(100, 100));
    fs::write(&path, &bytes).unwrap();
    let media = Amiss {
        inner,
        free: None,
        grows: Some(path.clone()),
    };
    let error = intake_file(&media, &Seeded::new(19), &path, &Limits::default(), &nothing_known).unwrap_err();
    assert_eq!(error, EvidenceError::SourceChanged);
    assert_eq!(files_in(&keep), 0);
    let quiet = Amiss { grows: None, ..media };
    let taken = intake_file(&quiet, &Seeded::new(19), &path, &Limits::default(), &nothing_known).unwrap();
    assert_eq!(taken.bytes, bytes.len() as u64 + 4);
}
