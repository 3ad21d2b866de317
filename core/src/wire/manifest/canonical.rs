//! Canonical JSON by RFC 8785, and a reader that takes nothing that could be read in two ways.

use serde::Serialize;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::fmt;

use super::{ENTRY_BYTES, Entry, Named256, VERSION};
use crate::model::fault::{Coded, Fault};

/// Most levels of an entry.
const DEPTH: usize = 16;
/// Whole numbers up to here have one value in every language (2^53 - 1).
const EXACT: i64 = 9_007_199_254_740_991;

/// Why a text is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CanonicalError {
    /// Longer than [`ENTRY_BYTES`].
    #[error("the entry is too long")]
    TooLong,
    /// No JSON, or nested too deeply.
    #[error("the entry is no JSON")]
    NotJson,
    /// The same name twice in one object.
    #[error("a name is there twice")]
    DuplicateKey,
    /// A number with a fraction or an exponent, or beyond 2^53.
    #[error("a number is not whole")]
    NotWhole,
    /// A control or direction character in a text.
    #[error("a text has a control or direction character")]
    NotPlain,
    /// Valid JSON, but not in canonical form.
    #[error("the entry is not canonical")]
    NotCanonical,
    /// A version that is not known here.
    #[error("unknown version of the form")]
    UnknownVersion,
    /// A field is missing or has another shape.
    #[error("a field is missing or has another shape")]
    Shape,
}

impl Coded for CanonicalError {
    fn fault(&self) -> Fault {
        Fault::of(match self {
            Self::TooLong => "entry_too_long",
            Self::NotJson => "entry_not_json",
            Self::DuplicateKey => "entry_duplicate_key",
            Self::NotWhole => "entry_number_not_whole",
            Self::NotPlain => "entry_text_not_plain",
            Self::NotCanonical => "entry_not_canonical",
            Self::UnknownVersion => "entry_unknown_version",
            Self::Shape => "entry_shape",
        })
    }
}

/// The canonical text of a value.
///
/// # Errors
/// [`CanonicalError::NotJson`] for what JSON cannot say.
pub fn text(value: &impl Serialize) -> Result<String, CanonicalError> {
    serde_json_canonicalizer::to_string(value).map_err(|_| CanonicalError::NotJson)
}

/// Digest of an entry's text: what is signed, and what the next entry names.
#[must_use]
pub fn digest(text: &str) -> Named256 {
    Named256(Sha256::digest(text.as_bytes()).into())
}

/// Reads an entry from its canonical text. Fields that a newer app has added are passed over; the text keeps them.
///
/// # Errors
/// [`CanonicalError`].
pub fn read(entry: &str) -> Result<Entry, CanonicalError> {
    let value = strict(entry)?;
    if text(&value)? != entry {
        return Err(CanonicalError::NotCanonical);
    }
    if value.get("v").and_then(Value::as_u64) != Some(VERSION.into()) {
        return Err(CanonicalError::UnknownVersion);
    }
    serde_json::from_value(value).map_err(|_| CanonicalError::Shape)
}

/// Reads JSON that has one meaning only: no name twice, whole numbers, plain texts, bounded size and depth.
///
/// # Errors
/// [`CanonicalError`].
pub fn strict(text: &str) -> Result<Value, CanonicalError> {
    if text.len() > ENTRY_BYTES {
        return Err(CanonicalError::TooLong);
    }
    let found = Cell::new(CanonicalError::NotJson);
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = Strict {
        found: &found,
        depth: DEPTH,
    };
    let value = seed.deserialize(&mut reader).map_err(|_| found.get())?;
    reader.end().map_err(|_| CanonicalError::NotJson)?;
    Ok(value)
}

/// Whether a text has no character that hides or turns others.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    })
}

/// A text made plain and short enough for an entry: what the phone's system says about itself is not trusted to be.
#[must_use]
pub fn plain(text: &str, most_chars: usize) -> String {
    let mut buffer = [0; 4];
    text.chars()
        .filter(|c| is_plain(c.encode_utf8(&mut buffer)))
        .take(most_chars)
        .collect()
}

/// A seed that notes why it refused.
#[derive(Clone, Copy)]
struct Strict<'a> {
    found: &'a Cell<CanonicalError>,
    depth: usize,
}

impl Strict<'_> {
    fn refuse<E: de::Error>(self, why: CanonicalError) -> E {
        self.found.set(why);
        E::custom(why)
    }

    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.refuse(CanonicalError::NotJson)),
        }
    }

    fn plain<E: de::Error>(self, text: &str) -> Result<String, E> {
        if is_plain(text) {
            Ok(text.to_owned())
        } else {
            Err(self.refuse(CanonicalError::NotPlain))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain JSON")
    }

    fn visit_bool<E: de::Error>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Value, E> {
        if (-EXACT..=EXACT).contains(&v) {
            Ok(v.into())
        } else {
            Err(self.refuse(CanonicalError::NotWhole))
        }
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Value, E> {
        match i64::try_from(v) {
            Ok(v) => self.visit_i64(v),
            Err(_) => Err(self.refuse(CanonicalError::NotWhole)),
        }
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Err(self.refuse(CanonicalError::NotWhole))
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Value, E> {
        self.plain(v).map(Value::String)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = fields.next_key_seed(Name)? {
            let name = self.plain(&name)?;
            if map.contains_key(&name) {
                return Err(self.refuse(CanonicalError::DuplicateKey));
            }
            map.insert(name, fields.next_value_seed(inner)?);
        }
        Ok(Value::Object(map))
    }
}

/// A field's name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        String::deserialize(from)
    }
}
