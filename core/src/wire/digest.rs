//! The digest of a scope: how many records it holds, and the sum of their hashes. Both sides come to the same without talking
//! about single records; a difference is found by 256 buckets and repaired by fetching what differs. It guards against mistakes,
//! not against an attacker: that is the transport's matter.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::model::area::GridCode;
use crate::model::ids::{IdError, RecordId};
use crate::model::record::{Body, Record, Scope};

/// Buckets a scope is divided into.
pub const BUCKETS: usize = 256;

/// Sum of record hashes modulo 2^128, written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sum(pub u128);

impl Sum {
    /// Adds a record's hash.
    pub fn add(&mut self, hash: u128) {
        self.0 = self.0.wrapping_add(hash);
    }

    /// Takes a record's hash away.
    pub fn take(&mut self, hash: u128) {
        self.0 = self.0.wrapping_sub(hash);
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Sum {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        const BAD: IdError = IdError { what: "digest" };
        let plain = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let value = plain.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        value.map(Self).ok_or(BAD)
    }
}

impl TryFrom<String> for Sum {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Sum> for String {
    fn from(sum: Sum) -> Self {
        sum.to_string()
    }
}

/// A record's own part, as it is hashed.
#[derive(Debug, Clone, Copy)]
pub struct Hashed<'a> {
    /// Id.
    pub id: &'a [u8; 16],
    /// Revision.
    pub rev: i64,
    /// Kind.
    pub kind: &'a str,
    /// Grid, empty when it has none.
    pub grid: &'a str,
    /// State, empty when it has none.
    pub state: &'a str,
    /// Body as [`canonical`] text.
    pub body: &'a str,
}

impl Hashed<'_> {
    /// First 16 bytes of the SHA-256 of id, revision (8 bytes, the greatest first), and kind, grid, state and body, each text
    /// ended by a zero byte.
    #[must_use]
    pub fn hash(&self) -> u128 {
        let mut hasher = Sha256::new();
        hasher.update(self.id);
        hasher.update(self.rev.to_be_bytes());
        for text in [self.kind, self.grid, self.state, self.body] {
            hasher.update(text);
            hasher.update([0]);
        }
        let mut first = [0; 16];
        first
            .iter_mut()
            .zip(hasher.finalize())
            .for_each(|(to, from)| *to = from);
        u128::from_be_bytes(first)
    }
}

/// Hash of a record.
#[must_use]
pub fn hash_of(record: &Record) -> u128 {
    Hashed {
        id: record.id.bytes(),
        rev: record.rev,
        kind: &record.kind.0,
        grid: record.grid.as_ref().map_or("", GridCode::as_str),
        state: &record.state,
        body: &canonical(&record.body),
    }
    .hash()
}

/// The bucket of a record: first byte of the SHA-256 of its id.
#[must_use]
pub fn bucket_of(id: &[u8; 16]) -> u8 {
    Sha256::digest(id).first().copied().unwrap_or_default()
}

/// A body as text: keys of every object in the order of their bytes, no spaces, escapes only where JSON wants them.
#[must_use]
pub fn canonical(body: &Body) -> String {
    let sorted = body.keys().is_sorted() && !body.values().any(holds_objects);
    let text = if sorted {
        serde_json::to_string(body)
    } else {
        serde_json::to_string(&in_order(body))
    };
    // a map of strings to values always has a text
    text.unwrap_or_default()
}

fn holds_objects(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

fn in_order(body: &Body) -> Body {
    let mut fields: Vec<_> = body.iter().collect();
    fields.sort_by_key(|(name, _)| name.as_str());
    fields
        .into_iter()
        .map(|(name, value)| (name.clone(), value_in_order(value)))
        .collect()
}

fn value_in_order(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(in_order(fields)),
        Value::Array(items) => Value::Array(items.iter().map(value_in_order).collect()),
        other => other.clone(),
    }
}

/// Answer to `GET /v1/digest/{scope}`: where the scope stands, and the sum of each bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DigestReply {
    /// The scope.
    pub scope: Scope,
    /// Epoch.
    pub epoch: i64,
    /// The head.
    pub seq: i64,
    /// Records in it.
    pub count: i64,
    /// Sum of all.
    pub digest: Sum,
    /// Sums of the 256 buckets.
    pub buckets: Vec<Sum>,
}

/// `POST /v1/fetch`: records by id, or everything in some buckets of a scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FetchRequest {
    /// The scope they are in.
    pub scope: Scope,
    /// Ids, at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<RecordId>,
    /// Buckets; the reply tells the scope's head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::record::Kind;
    use crate::model::time::UtcMillis;

    fn record(body: Value) -> Record {
        Record {
            id: RecordId::v7(UtcMillis(1), [7; 10]),
            kind: Kind::of("person"),
            grid: None,
            rev: 3,
            state: String::new(),
            body: body.as_object().unwrap().clone(),
            deleted: false,
        }
    }

    #[test]
    fn the_order_of_keys_does_not_matter_and_anything_else_does() {
        let one = record(json!({"b": {"y": 1, "x": [{"q": 1, "p": 2}]}, "a": "测"}));
        let other = record(json!({"a": "测", "b": {"x": [{"p": 2, "q": 1}], "y": 1}}));
        assert_eq!(canonical(&one.body), r#"{"a":"测","b":{"x":[{"p":2,"q":1}],"y":1}}"#);
        assert_eq!(hash_of(&one), hash_of(&other));
        let newer = Record { rev: 4, ..one.clone() };
        let elsewhere = Record {
            state: "CLOSED".into(),
            ..one.clone()
        };
        let changed = record(json!({"a": "试"}));
        for different in [newer, elsewhere, changed] {
            assert_ne!(hash_of(&one), hash_of(&different));
        }
    }

    #[test]
    fn a_sum_has_no_order_and_can_be_taken_back() {
        let hashes = [u128::MAX, 5, 1 << 100];
        let sum = |order: [usize; 3]| {
            let mut sum = Sum::default();
            order.iter().for_each(|i| sum.add(hashes[*i]));
            sum
        };
        assert_eq!(sum([0, 1, 2]), sum([2, 0, 1]));
        let mut less = sum([0, 1, 2]);
        less.take(5);
        let mut without = Sum(u128::MAX);
        without.add(1 << 100);
        assert_eq!(less, without);
        assert_eq!(less.to_string().parse::<Sum>().unwrap(), less);
        assert!("12".parse::<Sum>().is_err() && "g".repeat(32).parse::<Sum>().is_err());
    }
}
