//! The checklist engine: forms as data (GF/1), their logic in the ODK XPath subset, and sessions that fill them in.
//!
//! Pure: no clock, disk or network. [`xforms::import`] reads a document into a [`Definition`], [`compile()`] makes a
//! [`Form`] of it, which never changes and is shared by all sessions.
// most files here are private to the engine, and `pub` in them means the other files of it
#![allow(unreachable_pub)]

#[cfg(feature = "authoring")]
pub mod authoring;
pub mod compile;
pub mod definition;
pub mod eval;
pub mod export;
mod form;
pub mod grid;
pub mod moment;
mod names;
mod number;
pub mod openrosa;
pub mod report;
pub mod score;
pub mod session;
pub mod shipped;
mod tree;
pub mod trouble;
mod value;
pub mod xforms;
mod xpath;

pub use compile::{Cycles, NoResources, Resources, compile, compile_named, with_files};
pub use definition::{Definition, digest_of};
pub use eval::{Chance, EvalError};
pub use form::{Form, PartId};
pub use grid::ItemRules;
pub use moment::FormClock;
pub use session::{Outcome, Session, Setting};
pub use trouble::{Refused, Spot, Trouble, Weight};
pub use value::{Answer, DataType};
