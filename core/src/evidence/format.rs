//! The accepted formats, told by the first bytes and never by a file's name.

/// A format that may enter the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// JPEG, decoded here.
    Jpeg,
    /// PNG, decoded here.
    Png,
    /// HEIC or HEIF, kept byte for byte and not decoded here.
    Heic,
}

/// Brands of the HEIF family that phones write.
const HEIC_BRANDS: [&[u8; 4]; 8] = [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"];

impl PictureFormat {
    /// Tells the format by the first bytes (12 are enough).
    #[must_use]
    pub fn sniff(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if head.get(4..8) == Some(b"ftyp".as_slice()) && is_heic_brand(head.get(8..12)) {
            Some(Self::Heic)
        } else {
            None
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Heic => "image/heic",
        }
    }
}

fn is_heic_brand(brand: Option<&[u8]>) -> bool {
    HEIC_BRANDS.iter().any(|b| Some(b.as_slice()) == brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_the_format() {
        assert_eq!(
            PictureFormat::sniff(b"\xFF\xD8\xFF\xE0\0\x10JFIF"),
            Some(PictureFormat::Jpeg)
        );
        assert_eq!(
            PictureFormat::sniff(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            Some(PictureFormat::Png)
        );
        assert_eq!(
            PictureFormat::sniff(b"\0\0\0\x18ftypheic\0\0"),
            Some(PictureFormat::Heic)
        );
    }

    #[test]
    fn other_content_is_no_picture() {
        for other in [
            b"".as_slice(),
            b"GIF89a",
            b"%PDF-1.7",
            b"\0\0\0\x18ftypisom\0\0",
            b"\0\0\0\x18ftypavif",
            b"\xFF\xD8",
            b"<svg/>",
        ] {
            assert_eq!(PictureFormat::sniff(other), None);
        }
    }
}
