//! Who is asking: digest (RFC 7616 with MD5, what OpenRosa asks for) or basic authentication.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

/// Name and password of a data collector.
#[derive(Clone)]
pub struct Credentials {
    /// Name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

/// The `Authorization` header that answers a challenge (`WWW-Authenticate`) for one request; nothing for a challenge of
/// another kind. `nonce` is this client's own, fresh each time.
#[must_use]
pub fn authorization(challenge: &str, who: &Credentials, method: &str, uri: &str, nonce: &str) -> Option<String> {
    let (scheme, rest) = challenge.trim().split_once(' ').unwrap_or((challenge.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = format!("{}:{}", who.user, who.password);
        return Some(format!("Basic {}", STANDARD.encode(pair)));
    }
    scheme
        .eq_ignore_ascii_case("digest")
        .then(|| digest(rest, who, method, uri, nonce))
        .flatten()
}

fn digest(challenge: &str, who: &Credentials, method: &str, uri: &str, own: &str) -> Option<String> {
    let find = |name: &str| {
        parameters(challenge)
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let (realm, nonce) = (find("realm")?, find("nonce")?);
    if find("algorithm").is_some_and(|algorithm| !algorithm.eq_ignore_ascii_case("md5")) {
        return None;
    }
    let first = md5_hex(format!("{}:{realm}:{}", who.user, who.password).as_bytes());
    let second = md5_hex(format!("{method}:{uri}").as_bytes());
    let whole = find("qop").is_some_and(|qop| qop.split(',').any(|kind| kind.trim() == "auth"));
    let response = match whole {
        true => md5_hex(format!("{first}:{nonce}:00000001:{own}:auth:{second}").as_bytes()),
        false => md5_hex(format!("{first}:{nonce}:{second}").as_bytes()),
    };
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut header = format!(
        "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{uri}\", response=\"{response}\"",
        quoted(&who.user),
        quoted(&realm),
        quoted(&nonce)
    );
    if whole {
        header.push_str(&format!(", qop=auth, nc=00000001, cnonce=\"{own}\""));
    }
    if let Some(opaque) = find("opaque") {
        header.push_str(&format!(", opaque=\"{}\"", quoted(&opaque)));
    }
    Some(header)
}

/// `key="value", key=value`, quotes taken off.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((key, after)) = rest.split_once('=') {
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted_text(quoted),
            None => after
                .split_once(',')
                .map_or((after.trim().to_owned(), ""), |(v, rest)| (v.trim().to_owned(), rest)),
        };
        found.push((key.trim().to_ascii_lowercase(), value));
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    found
}

/// A text up to its closing quote, and what comes after.
fn quoted_text(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, text.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, next)| next)),
            c => value.push(c),
        }
    }
    (value, "")
}

pub(super) fn md5_hex(content: &[u8]) -> String {
    Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
