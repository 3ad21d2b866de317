//! One photo on its way: offsets, digests, and what it may not hold up.

use super::*;

#[test]
fn an_upload_goes_on_where_the_platform_stands() {
    let partial = BlobState::Partial {
        upload: "/v1/uploads/1".into(),
        offset: 100,
    };
    assert_eq!(
        uploading(vec![photo(150), Event::Probed(partial)]),
        [Command::SendChunk { offset: 100, len: 50 }]
    );
    let off = Event::Failed(Failure::Sequence {
        code: String::new(),
        expected_n: None,
        offset: Some(40),
    });
    assert_eq!(
        uploading(vec![
            photo(150),
            Event::Probed(BlobState::Missing),
            Event::UploadOpened,
            off
        ]),
        [Command::SendChunk { offset: 40, len: 110 }]
    );
    let lost = Event::Failed(Failure::Sequence {
        code: String::new(),
        expected_n: None,
        offset: None,
    });
    assert_eq!(
        uploading(vec![
            photo(150),
            Event::Probed(BlobState::Missing),
            Event::UploadOpened,
            lost
        ]),
        [Command::AskOffset]
    );
}

#[test]
fn a_photo_is_noted_as_stored_only_when_every_byte_is_confirmed() {
    let begun = [photo(150), Event::Probed(BlobState::Missing), Event::UploadOpened];
    let with = |offset| {
        let taken = Event::ChunkTaken { offset, took_ms: 10 };
        uploading(begun.iter().cloned().chain([taken]).collect())
    };
    assert_eq!(with(149), [Command::SendChunk { offset: 149, len: 1 }]);
    assert_eq!(with(150), [Command::NoteStored, Command::FindBlob]);
    assert_eq!(
        with(151),
        [Command::NoteProblem("offset_mismatch".into()), Command::FindBlob]
    );
}

#[test]
fn bytes_that_are_all_there_are_not_stored_before_the_platform_has_compared_the_digest() {
    let asks = [Command::SendChunk { offset: 150, len: 0 }];
    let partial = BlobState::Partial {
        upload: "/v1/uploads/1".into(),
        offset: 150,
    };
    assert_eq!(uploading(vec![photo(150), Event::Probed(partial)]), asks);
    let begun = vec![photo(150), Event::Probed(BlobState::Missing), Event::UploadOpened];
    let told = begun.into_iter().chain([Event::OffsetTold(150)]).collect();
    assert_eq!(uploading(told), asks);
}

#[test]
fn a_wrong_digest_is_tried_once_more_and_then_shown() {
    let wrong = || {
        Event::Failed(Failure::Refused {
            code: "digest_mismatch".into(),
        })
    };
    let begun = vec![
        photo(150),
        Event::Probed(BlobState::Missing),
        Event::UploadOpened,
        wrong(),
    ];
    assert_eq!(uploading(begun.clone()), [Command::OpenUpload]);
    let again = begun.into_iter().chain([Event::UploadOpened, wrong()]).collect();
    assert_eq!(
        uploading(again),
        [Command::NoteProblem("digest_mismatch".into()), Command::FindBlob]
    );
}

#[test]
fn a_missing_photo_delays_no_other() {
    let missing = Event::Failed(Failure::Media {
        code: "missing_media".into(),
    });
    let events = vec![
        photo(150),
        Event::Probed(BlobState::Missing),
        Event::UploadOpened,
        missing,
    ];
    assert_eq!(
        uploading(events),
        [Command::NoteProblem("missing_media".into()), Command::FindBlob]
    );
}
