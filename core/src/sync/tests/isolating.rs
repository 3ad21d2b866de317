//! One operation that a platform cannot digest among many that it can.

use super::*;

#[test]
fn an_operation_the_platform_cannot_digest_is_found_and_set_aside() {
    let failed = || {
        Event::Failed(Failure::Retryable {
            code: "server_error".into(),
            after_ms: None,
            network: false,
        })
    };
    let (mut state, _) = start(true);
    assert_eq!(on(&mut state, Event::Greeted, Meter::default()), [read_batch(200)]);
    on(&mut state, Event::BatchRead(4), Meter::default());
    assert_eq!(on(&mut state, failed(), Meter::default()), [read_batch(2)]);
    on(&mut state, Event::BatchRead(2), Meter::default());
    assert_eq!(on(&mut state, failed(), Meter::default()), [read_batch(1)]);
    on(&mut state, Event::BatchRead(1), Meter::default());
    assert_eq!(
        on(&mut state, failed(), Meter::default()),
        [Command::Park, read_batch(1)]
    );
    on(&mut state, Event::BatchRead(1), Meter::default());
    assert_eq!(
        on(&mut state, Event::BatchAnswered { progress: true }, Meter::default()),
        [read_batch(2)]
    );
    // a group stays whole however small the batch: it is the smallest there is
    let (mut grouped, _) = start(true);
    on(&mut grouped, Event::Greeted, Meter::default());
    on(&mut grouped, Event::BatchRead(2), Meter::default());
    assert_eq!(on(&mut grouped, failed(), Meter::default()), [read_batch(1)]);
    on(&mut grouped, Event::BatchRead(2), Meter::default());
    assert_eq!(
        on(&mut grouped, failed(), Meter::default()),
        [Command::Park, read_batch(1)],
        "or it would be tried for ever"
    );
    // a platform that fails at everything is not searched on
    let (mut sick, _) = start(true);
    on(&mut sick, Event::Greeted, Meter::default());
    on(&mut sick, Event::BatchRead(1), Meter::default());
    assert_eq!(
        on(&mut sick, failed(), Meter::default()),
        [Command::Park, read_batch(1)]
    );
    on(&mut sick, Event::BatchRead(1), Meter::default());
    assert_eq!(on(&mut sick, failed(), Meter::default()), [Command::Purge]);
}
