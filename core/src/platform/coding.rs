//! Compression on the wire, towards a platform that has said that it takes it.

use std::collections::BTreeMap;
use std::io::Read;

use super::transport::TransportError;

/// Level 3 is where zstd is still cheap on a phone.
const LEVEL: i32 = 3;
/// Below this a message does not get smaller.
const WORTH: usize = 512;

/// The coding asked for and sent.
pub(super) const ZSTD: &str = "zstd";

/// The packed body, when that is worth it.
pub(super) fn packed(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() < WORTH {
        return None;
    }
    zstd::bulk::compress(body, LEVEL)
        .ok()
        .filter(|small| small.len() < body.len())
}

/// The plain body of a reply, at most so many bytes of it.
pub(super) fn unpacked(
    headers: &BTreeMap<String, String>,
    body: Vec<u8>,
    most: usize,
) -> Result<Vec<u8>, TransportError> {
    match headers.get("content-encoding").map(String::as_str) {
        None | Some("identity") => Ok(body),
        Some(ZSTD) => {
            let mut plain = Vec::new();
            let decoder = zstd::stream::read::Decoder::new(&*body).map_err(|_| TransportError::Cut)?;
            let mut bounded = decoder.take(most as u64 + 1);
            bounded.read_to_end(&mut plain).map_err(|_| TransportError::Cut)?;
            if plain.len() > most {
                return Err(TransportError::TooLarge);
            }
            Ok(plain)
        }
        // nobody asked for another one: whoever answered is not the platform
        Some(_) => Err(TransportError::Cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(name: &str) -> BTreeMap<String, String> {
        [("content-encoding".to_owned(), name.to_owned())].into()
    }

    #[test]
    fn a_reply_is_unpacked_up_to_its_bound_and_no_further() {
        let plain = vec![b'a'; 100_000];
        let small = packed(&plain).unwrap();
        assert!(small.len() < 1_000);
        assert_eq!(unpacked(&coded(ZSTD), small.clone(), 100_000).unwrap(), plain);
        assert_eq!(
            unpacked(&coded(ZSTD), small.clone(), 99_999),
            Err(TransportError::TooLarge)
        );
        let cut = small.get(..small.len() - 3).unwrap().to_vec();
        assert_eq!(unpacked(&coded(ZSTD), cut, 100_000), Err(TransportError::Cut));
        assert_eq!(unpacked(&coded("br"), small, 100_000), Err(TransportError::Cut));
    }

    #[test]
    fn a_short_body_and_one_that_does_not_shrink_stay_plain() {
        assert_eq!(packed(b"short"), None);
        let noise: Vec<u8> = (0..2_000_u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        assert!(packed(&noise).is_none_or(|small| small.len() < noise.len()));
    }
}
