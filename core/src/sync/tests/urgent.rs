//! Urgent work goes before whatever is under way.

use super::*;

#[test]
fn urgent_work_goes_between_two_chunks_and_the_photo_goes_on_where_it_stood() {
    let (mut state, _) = start(false);
    for event in to_upload()
        .into_iter()
        .chain([photo(1 << 20), Event::Probed(BlobState::Missing), Event::UploadOpened])
    {
        on(&mut state, event, Meter::default());
    }
    let urgent = Meter {
        op_waits: Some(0),
        ..Meter::default()
    };
    let chunk = |offset| Event::ChunkTaken { offset, took_ms: 5_000 };
    assert_eq!(on(&mut state, chunk(12_288), urgent), [read_batch(200)]);
    assert_eq!(on(&mut state, Event::BatchRead(1), urgent), [Command::SendBatch]);
    assert_eq!(
        on(&mut state, Event::BatchAnswered { progress: true }, Meter::default()),
        [read_batch(200)]
    );
    let resumed = on(&mut state, Event::BatchRead(0), Meter::default());
    assert_eq!(
        resumed,
        [Command::SendChunk {
            offset: 12_288,
            len: 12_288
        }]
    );
    // what cannot be settled does not interrupt for ever
    on(&mut state, chunk(24_576), urgent);
    on(&mut state, Event::BatchRead(1), urgent);
    on(&mut state, Event::BatchAnswered { progress: false }, urgent);
    assert!(matches!(
        on(&mut state, chunk(36_864), urgent).as_slice(),
        [Command::SendChunk { .. }]
    ));
    let thumbnail = Meter {
        blob_waits: Some(0),
        ..Meter::default()
    };
    assert_eq!(on(&mut state, chunk(49_152), thumbnail), [Command::FindBlob]);
}

#[test]
fn urgent_work_goes_before_the_next_photo_and_between_two_messages_of_entries() {
    let urgent = Meter {
        op_waits: Some(0),
        ..Meter::default()
    };
    let quiet = Meter::default();
    let (mut state, _) = start(false);
    for event in to_upload().into_iter().take(5) {
        on(&mut state, event, quiet);
    }
    assert_eq!(
        on(&mut state, Event::EntriesSent { more: true }, urgent),
        [read_batch(200)]
    );
    on(&mut state, Event::BatchRead(1), urgent);
    on(&mut state, Event::BatchAnswered { progress: true }, quiet);
    assert_eq!(on(&mut state, Event::BatchRead(0), quiet), [Command::SendEntries]);
    assert_eq!(
        on(&mut state, Event::EntriesSent { more: false }, quiet),
        [Command::FindBlob]
    );
    // short photos have no chunks between which to look
    assert_eq!(on(&mut state, photo(9_000), urgent), [read_batch(200)]);
    on(&mut state, Event::BatchRead(1), urgent);
    on(&mut state, Event::BatchAnswered { progress: true }, quiet);
    assert_eq!(on(&mut state, Event::BatchRead(0), quiet), [Command::FindBlob]);
    assert_eq!(on(&mut state, photo(9_000), quiet), [Command::Probe]);
    on(&mut state, Event::Probed(BlobState::Stored), quiet);
    // what waits but cannot be sent holds up no photo
    assert_eq!(on(&mut state, photo(9_000), urgent), [read_batch(200)]);
    assert_eq!(on(&mut state, Event::BatchRead(0), urgent), [Command::FindBlob]);
    assert_eq!(on(&mut state, photo(9_000), urgent), [Command::Probe]);
}
