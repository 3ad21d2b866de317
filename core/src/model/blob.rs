//! Names of photos and other files: the SHA-256 of the bytes as captured.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use super::ids::IdError;

/// The SHA-256 of a file's bytes, the only name it has. Written `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlobHash(pub [u8; 32]);

impl BlobHash {
    /// The 64 lower-case hexadecimal digits, safe as a file name.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut s, b| {
            // writing to a String cannot fail
            let _ = write!(s, "{b:02x}");
            s
        })
    }

    /// Reads exactly 64 hexadecimal digits.
    ///
    /// # Errors
    /// For anything else.
    pub fn from_hex(hex: &str) -> Result<Self, IdError> {
        const BAD: IdError = IdError { what: "blob hash" };
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(BAD);
        }
        let mut out = [0; 32];
        for (i, byte) in out.iter_mut().enumerate() {
            let pair = hex.get(2 * i..2 * i + 2).ok_or(BAD)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| BAD)?;
        }
        Ok(Self(out))
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BlobHash {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        Self::from_hex(s.strip_prefix("sha256:").unwrap_or(s))
    }
}

impl TryFrom<String> for BlobHash {
    type Error = IdError;
    fn try_from(s: String) -> Result<Self, IdError> {
        s.parse()
    }
}

impl From<BlobHash> for String {
    fn from(h: BlobHash) -> Self {
        h.to_string()
    }
}

/// How a record cites a file: digest, size and media type, and what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct BlobRef {
    /// Digest of the original bytes.
    pub sha256: BlobHash,
    /// Size in bytes.
    pub bytes: u64,
    /// Media type, such as `image/jpeg`.
    pub media_type: String,
    /// What it shows: `near`, `far`, `reference`, `before`, `after`, `signature`, `document` (a data pack's list).
    pub role: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_with_or_without_its_prefix_and_nothing_else() {
        let h = BlobHash([0xAB; 32]);
        assert_eq!(h.to_string().parse::<BlobHash>().unwrap(), h);
        assert_eq!(h.hex().parse::<BlobHash>().unwrap(), h);
        for bad in [
            "",
            "sha256:",
            "sha256:zz",
            "../../../../etc/passwd",
            &"g".repeat(64),
            &"é".repeat(32),
        ] {
            assert!(bad.parse::<BlobHash>().is_err(), "{bad}");
        }
    }
}
