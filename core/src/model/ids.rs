//! Newtype ids. Records made on a phone carry a `UUIDv7`, so that their order on disk follows their making.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

use super::fault::{Coded, Fault};
use super::time::UtcMillis;

/// A text that is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct IdError {
    /// The kind of id that was expected.
    pub what: &'static str,
}

impl Coded for IdError {
    fn fault(&self) -> Fault {
        Fault::of("invalid_id").with("what", self.what)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes a version 7 id from the time and ten random bytes.
            #[must_use]
            pub fn v7(now: UtcMillis, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now.0).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Makes an id that follows from a time and a digest of what it stands for, so that whoever makes it twice makes the same.
            #[must_use]
            pub fn of_digest(now: UtcMillis, digest: &[u8]) -> Self {
                let mut tail = [0; 10];
                tail.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
                Self::v7(now, tail)
            }

            /// The sixteen bytes, as stored.
            #[must_use]
            pub fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads the sixteen stored bytes.
            ///
            /// # Errors
            /// When there are not sixteen of them.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, IdError> {
                Uuid::from_slice(bytes).map(Self).map_err(|_| IdError { what: stringify!($name) })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                Uuid::try_parse(s).map(Self).map_err(|_| IdError { what: stringify!($name) })
            }
        }
    };
}

uuid_id!(
    /// One record: a person, a building, an incident, a conflict …
    RecordId
);
uuid_id!(
    /// One operation on one record; the key of idempotency.
    OpId
);
uuid_id!(
    /// A group of operations that take effect together or not at all.
    GroupId
);
uuid_id!(
    /// One enrolled phone.
    DeviceId
);
uuid_id!(
    /// One life of a phone's database; a restored or cloned database must take a new one.
    Incarnation
);

/// A pseudonymous staff id given by the platform, such as `s_0012`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct StaffId(pub String);

impl fmt::Display for StaffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_v7_id_sorts_after_an_earlier_one() {
        let early = RecordId::v7(UtcMillis(1_000), [255; 10]);
        let late = RecordId::v7(UtcMillis(1_001), [0; 10]);
        assert!(early < late);
        assert_eq!(early.0.get_version_num(), 7);
    }

    #[test]
    fn what_is_the_same_gets_the_same_id_and_nothing_else_does() {
        let id = |at: i64, digest: [u8; 32]| OpId::of_digest(UtcMillis(at), &digest);
        assert_eq!(id(1, [7; 32]), id(1, [7; 32]));
        assert_ne!(id(1, [7; 32]), id(2, [7; 32]));
        assert_ne!(id(1, [7; 32]), id(1, [8; 32]));
        assert_eq!(id(1, [7; 32]).0.get_version_num(), 7);
    }

    #[test]
    fn an_id_survives_its_text_and_its_bytes() {
        let id = OpId::v7(UtcMillis(1_700_000_000_000), [7; 10]);
        assert_eq!(id.to_string().parse::<OpId>().unwrap(), id);
        assert_eq!(OpId::from_slice(id.bytes()).unwrap(), id);
        assert!("../../etc".parse::<OpId>().is_err());
    }
}
