//! Functions of the form, the device and its tables, and of digests.

use base64::Engine as _;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::Digest as _;

use super::functions::whole;
use super::{EvalError, Here, Scope, geo};
use crate::forms::compile::tables::csv_rows;
use crate::forms::value::Value;

type Answered = Result<Value, EvalError>;

impl Scope<'_> {
    pub(super) fn form_function(&self, name: &str, args: &[Value], here: Here) -> Option<Answered> {
        let shown = |value: &Value| value.text(self.clock);
        Some(match (name, args) {
            ("depend", [first, ..]) => Ok(first.clone()),
            ("uuid", []) => Ok(Value::Text(self.uuid())),
            ("uuid", [length]) => Ok(Value::Text(self.token(whole(length.number(self.clock))))),
            ("version", []) => Ok(Value::Text(self.form.version.clone().unwrap_or_default())),
            ("property", [name]) => Ok(Value::Text(
                self.properties.get(&shown(name)).cloned().unwrap_or_default(),
            )),
            ("jr:itext", [_]) if self.form.languages.is_empty() => Err(EvalError::BadArgument("jr:itext")),
            ("jr:itext", [id]) => Ok(Value::Text(self.itext(&shown(id), here))),
            ("jr:choice-name", [value, question]) => {
                self.choice_name(&shown(value), &shown(question), here).map(Value::Text)
            }
            ("pulldata", [file, column, key, value]) => Ok(Value::Text(self.pull(
                &shown(file),
                &shown(column),
                &shown(key),
                &shown(value),
            ))),
            ("pulldata", _) => Ok(Value::Text(String::new())),
            ("geofence", [point, shape]) => Ok(Value::Boolean(geo::inside(&shown(point), &shown(shape)))),
            ("intersects", [line]) => Ok(Value::Boolean(geo::crosses_itself(&shown(line)))),
            ("digest", [data, algorithm]) => digest(&shown(data), &shown(algorithm), "base64"),
            ("digest", [data, algorithm, encoding]) => digest(&shown(data), &shown(algorithm), &shown(encoding)),
            ("base64-decode", [data]) => {
                let bytes = from_base64(&shown(data)).unwrap_or_default();
                Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
            }
            ("extract-signed", [signed, key]) => Ok(Value::Text(extract_signed(&shown(signed), &shown(key)))),
            _ => return None,
        })
    }

    /// A random UUID as text.
    pub(in crate::forms) fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.chance.borrow_mut().fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    fn token(&self, length: i64) -> String {
        const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut bytes = vec![0; usize::try_from(length.clamp(0, 1024)).unwrap_or(0)];
        self.chance.borrow_mut().fill(&mut bytes);
        bytes
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(*byte) % 36))
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// The first row of a table whose key column holds a value.
    fn pull(&self, file: &str, column: &str, key: &str, value: &str) -> String {
        let name = if file.ends_with(".csv") {
            file.to_owned()
        } else {
            format!("{file}.csv")
        };
        let Some(bytes) = self.form.resources.get(&name) else {
            return String::new();
        };
        let rows = csv_rows(&String::from_utf8_lossy(bytes));
        let Some((head, rows)) = rows.split_first() else {
            return String::new();
        };
        let place = |name: &str| head.iter().position(|heading| heading == name);
        let (Some(key), Some(column)) = (place(key), place(column)) else {
            return String::new();
        };
        let row = rows
            .iter()
            .find(|row| row.len() > column && row.get(key).is_some_and(|cell| cell == value));
        row.and_then(|row| row.get(column)).cloned().unwrap_or_default()
    }
}

/// Other characters do not count.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digit = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let digits: String = text.chars().filter(digit).collect();
    base64::engine::general_purpose::STANDARD.decode(digits).ok()
}

/// The message behind an Ed25519 signature of 64 bytes, both in one base64 text; nothing when the key has not signed it.
fn extract_signed(signed: &str, key: &str) -> String {
    let message = || -> Option<String> {
        let (key, signed) = (from_base64(key)?, from_base64(signed)?);
        let key = VerifyingKey::from_bytes(&<[u8; 32]>::try_from(key).ok()?).ok()?;
        let (signature, message) = signed.split_first_chunk::<64>()?;
        key.verify_strict(message, &Signature::from_bytes(signature)).ok()?;
        String::from_utf8(message.to_vec()).ok()
    };
    message().unwrap_or_default()
}

fn digest(data: &str, algorithm: &str, encoding: &str) -> Answered {
    let bytes = match algorithm.to_ascii_uppercase().as_str() {
        "MD5" => md5::Md5::digest(data).to_vec(),
        "SHA-1" => sha1::Sha1::digest(data).to_vec(),
        "SHA-256" => sha2::Sha256::digest(data).to_vec(),
        "SHA-384" => sha2::Sha384::digest(data).to_vec(),
        "SHA-512" => sha2::Sha512::digest(data).to_vec(),
        _ => return Err(EvalError::BadArgument("digest")),
    };
    match encoding.to_ascii_lowercase().as_str() {
        "hex" => Ok(Value::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect())),
        "base64" => Ok(Value::Text(base64::engine::general_purpose::STANDARD.encode(bytes))),
        _ => Err(EvalError::BadArgument("digest")),
    }
}
