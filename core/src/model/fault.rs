//! The common shape of every error: a stable code and arguments without personal data.
//!
//! Each module has its own error enum. All of them implement [`Coded`]; the texts for people, in both languages,
//! are looked up by code in one catalogue (`core::app::messages`).

use std::collections::BTreeMap;

/// What an error tells the outside: a stable code and harmless arguments for its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The stable code, in `snake_case`.
    pub code: &'static str,
    /// Arguments of the text. Never a name, a number of a person, a coordinate or a token.
    pub args: BTreeMap<&'static str, String>,
}

impl Fault {
    /// A fault without arguments.
    #[must_use]
    pub fn of(code: &'static str) -> Self {
        Self {
            code,
            args: BTreeMap::new(),
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.args.insert(key, value.to_string());
        self
    }
}

/// An error with a stable code.
pub trait Coded {
    /// The code and the arguments of its text.
    fn fault(&self) -> Fault;
}
