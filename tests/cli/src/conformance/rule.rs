//! A rule, and what judging it came to.

use serde_json::Value;

use super::bench::{Bench, Reply};

/// One rule of the contract.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its id, such as `push.gap`.
    pub id: &'static str,
    /// What it says.
    pub says: &'static str,
    /// How it is judged.
    pub check: fn(&Bench) -> Judged,
}

/// How judging a rule ended, when it did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// The platform broke it.
    Broken(String),
    /// It could not be judged here.
    Skipped(String),
}

/// Whether a rule holds.
pub type Judged = Result<(), Miss>;

/// The rule is broken.
pub fn broken<T>(how: impl Into<String>) -> Result<T, Miss> {
    Err(Miss::Broken(how.into()))
}

/// Holds two values against each other.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Judged {
    if found == wanted {
        Ok(())
    } else {
        broken(format!("{what}: found {found:?}, wanted {wanted:?}"))
    }
}

/// The condition must hold.
pub fn holds(what: &str, condition: bool) -> Judged {
    if condition { Ok(()) } else { broken(what) }
}

/// The reply is an error of our shape, with this status and code.
pub fn refused(reply: &Reply, status: u16, code: &str) -> Judged {
    same("status", reply.status, status)?;
    same("code", reply.code(), code)
}

/// A part of a document by its path.
pub fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}
