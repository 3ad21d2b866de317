//! Photos: streamed into the vault without a whole picture in memory, and back out in pieces.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fushan_grid_core::app::AppError;
use fushan_grid_core::app::evidence::CaptureContext;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::RecordId;

use super::Core;
use crate::engine::Engine;
use crate::error::GridError;
use crate::host::HostError;
use crate::records::{PhotoContext, TakenPhoto, id, record_id};
use crate::work::off_thread;

/// Gives the bytes of a photo piece by piece: an input stream of the app.
#[uniffi::export(foreign)]
pub trait ByteSource: Send + Sync {
    /// The next bytes, at most `most` of them; none at the end.
    fn read(&self, most: u32) -> Result<Vec<u8>, HostError>;
}

/// Bytes asked for at once.
const PIECE: u32 = 64 * 1024;

/// The app's stream as the engine reads it.
struct Stream {
    source: Arc<dyn ByteSource>,
    piece: io::Cursor<Vec<u8>>,
    broken: Arc<AtomicBool>,
}

/// Takes a photo in from a stream; when the stream broke, that is the reason, whatever the intake says about the rest.
fn streamed<T>(source: Arc<dyn ByteSource>, take: impl FnOnce(Stream) -> Result<T, AppError>) -> Result<T, GridError> {
    let broken = Arc::new(AtomicBool::new(false));
    let stream = Stream {
        source,
        piece: io::Cursor::default(),
        broken: Arc::clone(&broken),
    };
    let taken = take(stream);
    match taken {
        Err(_) if broken.load(Ordering::SeqCst) => Err(GridError::of("host_failed")),
        other => Ok(other?),
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.piece.read(out)?;
        if read > 0 || out.is_empty() {
            return Ok(read);
        }
        let next = self.source.read(PIECE).map_err(|error| {
            self.broken.store(true, Ordering::SeqCst);
            io::Error::other(error)
        })?;
        self.piece = io::Cursor::new(next);
        self.piece.read(out)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Engine {
    /// Takes a photo in from a file, checks it, signs its manifest, attaches it to a record. The file is copied, never changed.
    pub async fn photo_add_file(
        &self,
        record: String,
        path: String,
        context: PhotoContext,
    ) -> Result<TakenPhoto, GridError> {
        let (core, record, context) = self.intake(&record, context)?;
        off_thread(move || Ok(core.evidence_take_file(record, &PathBuf::from(path), &context)?.into())).await
    }

    /// Takes a photo in from a stream of the app's; see `photo_add_file`.
    pub async fn photo_add_stream(
        &self,
        record: String,
        source: Arc<dyn ByteSource>,
        context: PhotoContext,
    ) -> Result<TakenPhoto, GridError> {
        let (core, record, context) = self.intake(&record, context)?;
        off_thread(move || Ok(streamed(source, |stream| core.evidence_take(record, stream, &context))?.into())).await
    }

    /// Takes a photo in from a file and places it at an item of a checklist, both or neither.
    pub async fn inspect_photo_file(
        &self,
        sheet: String,
        item: String,
        path: String,
        context: PhotoContext,
    ) -> Result<TakenPhoto, GridError> {
        let (core, sheet, context) = self.intake(&sheet, at_item(context, &item))?;
        off_thread(move || {
            Ok(core
                .inspect_take_file(sheet, &item, &PathBuf::from(path), &context)?
                .into())
        })
        .await
    }

    /// Takes a photo in from a stream of the app's and places it at an item; see `inspect_photo_file`.
    pub async fn inspect_photo_stream(
        &self,
        sheet: String,
        item: String,
        source: Arc<dyn ByteSource>,
        context: PhotoContext,
    ) -> Result<TakenPhoto, GridError> {
        let (core, sheet, context) = self.intake(&sheet, at_item(context, &item))?;
        off_thread(move || Ok(streamed(source, |stream| core.inspect_take(sheet, &item, stream, &context))?.into()))
            .await
    }

    /// Tells before the camera opens whether a photo of about this size can be kept safely; fails with `no_space`.
    pub fn photo_room(&self, bytes: u64) -> Result<(), GridError> {
        Ok(self.core()?.evidence_room(bytes)?)
    }

    /// The thumbnail of a photo as JPEG; nothing when there is none on this phone. It does not count as looking at the photo.
    pub fn photo_thumbnail(&self, sha256: String) -> Result<Option<Vec<u8>>, GridError> {
        Ok(self.core()?.evidence_thumbnail(id::<BlobHash>(&sha256)?)?)
    }

    /// Opens a photo for reading, byte for byte. The custody log notes who looked.
    pub fn photo_open(&self, sha256: String) -> Result<Arc<PhotoReader>, GridError> {
        let reader = self.core()?.evidence_open(id::<BlobHash>(&sha256)?)?;
        Ok(Arc::new(PhotoReader(Mutex::new(Box::new(reader)))))
    }
}

impl Engine {
    fn intake(&self, record: &str, context: PhotoContext) -> Result<(Arc<Core>, RecordId, CaptureContext), GridError> {
        let core = self.core()?;
        Ok((core, record_id(record)?, context.read(|| self.senses.fix())?))
    }
}

/// A photo of an item says so in its manifest.
fn at_item(mut context: PhotoContext, item: &str) -> PhotoContext {
    context.item.get_or_insert_with(|| item.to_owned());
    context
}

/// A photo being read. Any change of its bytes in the vault is an error and never another picture.
#[derive(uniffi::Object)]
pub struct PhotoReader(Mutex<Box<dyn Read + Send>>);

#[uniffi::export]
impl PhotoReader {
    /// The next bytes, at most `most` of them and never more than a megabyte; none at the end.
    pub fn read(&self, most: u32) -> Result<Vec<u8>, GridError> {
        const MOST: u64 = 1024 * 1024;
        let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut piece = Vec::new();
        let taken = (&mut **reader).take(u64::from(most).min(MOST)).read_to_end(&mut piece);
        taken
            .map_err(|error| GridError::from(AppError::from(fushan_grid_core::evidence::EvidenceError::from(error))))?;
        Ok(piece)
    }
}
