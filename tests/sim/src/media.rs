//! A phone's photo folder: the real one, with a seam before every verb.

use std::io::{Read, Result, Write};
use std::sync::Arc;

use fushan_grid_core::evidence::FolderMedia;
use fushan_grid_core::model::env::{MediaStore, MediaWriter};

use crate::seams::Seams;

/// The real folder behind a seam.
pub struct PhoneMedia {
    folder: FolderMedia,
    seams: Arc<Seams>,
}

impl PhoneMedia {
    /// Over a folder.
    pub fn new(folder: FolderMedia, seams: Arc<Seams>) -> Self {
        Self { folder, seams }
    }
}

struct Writing {
    inner: Box<dyn MediaWriter>,
    seams: Arc<Seams>,
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.inner.write(bytes)
    }
    fn flush(&mut self) -> Result<()> {
        self.inner.flush()
    }
}

impl MediaWriter for Writing {
    fn publish(self: Box<Self>, name: &str) -> Result<()> {
        self.seams.pass("media");
        let seams = Arc::clone(&self.seams);
        self.inner.publish(name)?;
        seams.pass("media");
        Ok(())
    }
}

impl MediaStore for PhoneMedia {
    fn create(&self) -> Result<Box<dyn MediaWriter>> {
        self.seams.pass("media");
        let inner = self.folder.create()?;
        let seams = Arc::clone(&self.seams);
        Ok(Box::new(Writing { inner, seams }))
    }
    fn open(&self, name: &str) -> Result<Box<dyn Read + Send>> {
        self.seams.pass("media");
        self.folder.open(name)
    }
    fn size(&self, name: &str) -> Result<Option<u64>> {
        self.folder.size(name)
    }
    fn remove(&self, name: &str) -> Result<()> {
        self.seams.pass("media");
        self.folder.remove(name)?;
        self.seams.pass("media");
        Ok(())
    }
    fn list(&self) -> Result<Vec<String>> {
        self.folder.list()
    }
    fn free_space(&self) -> Option<u64> {
        None
    }
}
