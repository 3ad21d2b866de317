//! Personal data that must not reach a log by accident.

use std::fmt;

/// Wraps a value whose `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Sensitive<T>(pub T);

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensitive_value_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", Sensitive("370611")), "<redacted>");
    }
}
