//! The time-stamping authority of tests, and `openssl` for what they make by hand.

pub use fushan_platform::timestamp::local::{Authority, has_openssl, openssl};
