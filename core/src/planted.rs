//! Bugs of synchronisation that others have shipped, to be switched on in a test build: the tests must find each of them
//! (protocol design, section 12). Without the feature `planted` every switch is off and compiled away, and a build without
//! debug assertions refuses the feature.

#[cfg(all(feature = "planted", not(debug_assertions)))]
compile_error!("planted bugs never go into a release build");

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Bug {
    /// The place in a scope comes from a sequence that does not wait for commits.
    BareSequence = 1,
    /// The receipt is written in another transaction than the effect.
    ReceiptApart,
    /// The platform answers before it has committed.
    AckBeforeCommit,
    /// The values an edit started from are cleared when it is sent.
    BaseCleared,
    /// An operation leaves the overlay when it is answered, not when the mirror has reached the answer.
    OverlayDroppedAtAck,
    /// The counter of a scope is taken for good before the slow statements, so that a later place can be seen before an earlier one.
    CounterTakenEarly,
    /// Lines are shown before their scope is complete.
    PublishedIncomplete,
    /// Letting go of a scope removes what other scopes or waiting operations still need.
    PurgeUncounted,
    /// The platform forgets an ended record before phones have heard of it.
    TombstoneEarly,
    /// A 409 counts as a refusal for good.
    ConflictPermanent,
    /// A captive portal's page counts as the platform's refusal.
    PortalRefuses,
    /// The later clock wins, not the later write.
    DeviceClockWins,
    /// A synchronisation closes conflicts.
    ConflictClosedBySync,
    /// Fields that are not in the schema are dropped.
    UnknownFieldsDropped,
    /// A photo's file is removed when its upload begins.
    PhotoRemovedEarly,
    /// The count of failed runs is not kept.
    TimerForgotten,
}

/// All of them.
pub const BUGS: [Bug; 16] = [
    Bug::BareSequence,
    Bug::ReceiptApart,
    Bug::AckBeforeCommit,
    Bug::BaseCleared,
    Bug::OverlayDroppedAtAck,
    Bug::CounterTakenEarly,
    Bug::PublishedIncomplete,
    Bug::PurgeUncounted,
    Bug::TombstoneEarly,
    Bug::ConflictPermanent,
    Bug::PortalRefuses,
    Bug::DeviceClockWins,
    Bug::ConflictClosedBySync,
    Bug::UnknownFieldsDropped,
    Bug::PhotoRemovedEarly,
    Bug::TimerForgotten,
];

#[cfg(feature = "planted")]
static PLANTED: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

/// Switches one bug on for this process, or all off.
#[cfg(feature = "planted")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.store(bug.map_or(0, |b| b as u8), std::sync::atomic::Ordering::SeqCst);
}

/// Whether a bug is switched on.
#[cfg(feature = "planted")]
#[must_use]
pub fn planted(bug: Bug) -> bool {
    PLANTED.load(std::sync::atomic::Ordering::SeqCst) == bug as u8
}

/// Whether a bug is switched on: never, in this build.
#[cfg(not(feature = "planted"))]
#[must_use]
pub const fn planted(_: Bug) -> bool {
    false
}
