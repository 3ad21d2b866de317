use super::*;
use crate::evidence::testing::vault;

fn put(media: &FolderMedia, name: &str, bytes: &[u8]) {
    let mut writer = media.create().unwrap();
    writer.write_all(bytes).unwrap();
    writer.publish(name).unwrap();
}

#[test]
fn a_writer_dropped_unpublished_leaves_nothing() {
    let (keep, media) = vault();
    let mut writer = media.create().unwrap();
    writer.write_all(b"half").unwrap();
    assert_eq!(
        media.list().unwrap(),
        Vec::<String>::new(),
        "a temporary file has no name yet"
    );
    drop(writer);
    assert_eq!(fs::read_dir(keep.path()).unwrap().count(), 0);
}

#[test]
fn a_published_file_is_there_whole_and_nothing_else_is() {
    let (keep, media) = vault();
    put(&media, "b2", &[7; 300_000]);
    put(&media, "a1", b"one");
    assert_eq!(media.list().unwrap(), ["a1", "b2"]);
    assert_eq!(media.size("b2").unwrap(), Some(300_000));
    assert_eq!(media.size("c3").unwrap(), None);
    assert_eq!(fs::read_dir(keep.path()).unwrap().count(), 2);
}

#[test]
fn a_name_that_is_taken_keeps_its_file() {
    let (keep, media) = vault();
    put(&media, "a1", b"first");
    put(&media, "a1", b"second");
    assert_eq!(fs::read(keep.path().join("a1")).unwrap(), b"first");
    assert_eq!(fs::read_dir(keep.path()).unwrap().count(), 1);
}

#[test]
fn opening_sweeps_what_a_killed_intake_left_and_keeps_the_pictures() {
    let (keep, media) = vault();
    put(&media, "a1", b"one");
    let mut writer = media.create().unwrap();
    writer.write_all(b"half").unwrap();
    std::mem::forget(writer);
    let again = FolderMedia::open(keep.path()).unwrap();
    assert_eq!(fs::read_dir(keep.path()).unwrap().count(), 1);
    assert_eq!(again.list().unwrap(), ["a1"]);
}

#[test]
fn removing_twice_is_no_error() {
    let (_keep, media) = vault();
    put(&media, "a1", b"one");
    media.remove("a1").unwrap();
    media.remove("a1").unwrap();
    assert_eq!(media.open("a1").err().unwrap().kind(), ErrorKind::NotFound);
}

#[test]
fn a_name_cannot_leave_the_folder() {
    let (_keep, media) = vault();
    for bad in ["", "..", "../x", "/etc/passwd", "a/b", ".tmp-1-0", "a\0b"] {
        assert_eq!(media.size(bad).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad:?}");
        assert!(media.create().unwrap().publish(bad).is_err(), "{bad:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_system_tells_its_free_space() {
    let (_keep, media) = vault();
    assert!(media.free_space().is_some_and(|free| free > 0));
}
