//! A deterministic simulation (docs/simulation.md): phones with the real engine over real files, the real platform, a network and
//! clocks that misbehave, kills, restores and moves, all from one seed. Afterwards everything must come to rest, and the
//! protocol's invariants must hold.
// a world that cannot be built ends the run: there is nobody to report to
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
// its inner modules are for itself: `pub` there means each other
#![allow(unreachable_pub)]

mod acts;
mod books;
mod check;
mod events;
mod integrity;
pub mod invariants;
mod last;
mod ledger;
mod media;
mod mix;
mod net;
mod oracle;
mod phone;
mod photos;
mod priority;
mod random;
mod repeat;
mod replay;
pub mod run;
mod seams;
mod server;
mod settle;
mod time;
mod trace;
mod upgrade;
mod watch;
pub mod world;
