//! What can go wrong with a picture.

use std::io::{self, ErrorKind};

use crate::model::fault::{Coded, Fault};

/// Why a picture was refused or could not be given back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// A folder, a pipe or a device instead of a file.
    #[error("not a regular file")]
    NotAFile,
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// More bytes than a picture may have.
    #[error("the file has more than {limit} bytes")]
    TooManyBytes {
        /// The most bytes.
        limit: u64,
    },
    /// Neither JPEG, PNG nor HEIC by its content, whatever its name says.
    #[error("the file is not a picture of an accepted format")]
    NotAnImage,
    /// The header claims more pixels than will be looked at.
    #[error("the picture claims {width} x {height} pixels")]
    ImageTooLarge {
        /// Claimed width in pixels.
        width: u32,
        /// Claimed height in pixels.
        height: u32,
    },
    /// The file ends before the picture does: the camera was stopped while writing.
    #[error("the picture is cut off")]
    Truncated,
    /// The file changed while it was read.
    #[error("the file changed while it was read")]
    SourceChanged,
    /// Too little free space to keep the picture safely.
    #[error("not enough free space")]
    NoSpace,
    /// The camera's own pipeline computed another digest than that of these bytes.
    #[error("the file is not what the camera gave")]
    NotFromCamera,
    /// An area to be blacked out that is empty or not inside the picture.
    #[error("an area lies outside the picture")]
    AreaOutside,
    /// The vault has no file of that digest.
    #[error("the picture is missing from the vault")]
    MissingMedia,
    /// The vault's file is not what was put in: changed, cut, swapped, or sealed with another key.
    #[error("the picture in the vault was changed")]
    MediaChanged,
    /// The keys that are stored could not be looked up; without them no file in the vault may be replaced.
    #[error("the stored keys cannot be read now")]
    KeysUnavailable,
    /// An accepted format that cannot be decoded here; kept as evidence all the same.
    #[error("no thumbnail can be made of this picture")]
    Undecodable,
    /// The file system failed.
    #[error("the file system failed: {0}")]
    Io(ErrorKind),
}

impl Coded for EvidenceError {
    fn fault(&self) -> Fault {
        match self {
            Self::NotAFile => Fault::of("not_a_file"),
            Self::Empty => Fault::of("empty_file"),
            Self::TooManyBytes { limit } => Fault::of("file_too_large").with("limit", limit),
            Self::NotAnImage => Fault::of("not_an_image"),
            Self::ImageTooLarge { width, height } => {
                Fault::of("image_too_large").with("width", width).with("height", height)
            }
            Self::Truncated => Fault::of("photo_truncated"),
            Self::SourceChanged => Fault::of("source_changed"),
            Self::NoSpace => Fault::of("no_space"),
            Self::NotFromCamera => Fault::of("not_camera_output"),
            Self::AreaOutside => Fault::of("area_outside"),
            Self::MissingMedia => Fault::of("missing_media"),
            Self::MediaChanged => Fault::of("media_changed"),
            Self::KeysUnavailable => Fault::of("keys_unavailable"),
            Self::Undecodable => Fault::of("picture_undecodable"),
            Self::Io(kind) => Fault::of("media_io").with("kind", kind),
        }
    }
}

impl From<io::Error> for EvidenceError {
    /// Finds our own error again inside one that went through [`std::io::Read`].
    fn from(error: io::Error) -> Self {
        let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        match (own, error.kind()) {
            (Some(own), _) => own.clone(),
            (None, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => Self::NoSpace,
            (None, kind) => Self::Io(kind),
        }
    }
}

impl From<EvidenceError> for io::Error {
    fn from(error: EvidenceError) -> Self {
        Self::new(ErrorKind::InvalidData, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_error_survives_the_way_through_a_reader() {
        let through = EvidenceError::from(io::Error::from(EvidenceError::MediaChanged));
        assert_eq!(through, EvidenceError::MediaChanged);
    }

    #[test]
    fn a_full_disk_has_its_own_name() {
        let full = EvidenceError::from(io::Error::from(ErrorKind::StorageFull));
        assert_eq!(full.fault().code, "no_space");
        let other = EvidenceError::from(io::Error::from(ErrorKind::PermissionDenied));
        assert_eq!(other.fault().code, "media_io");
    }
}
