//! The media store over a folder: temporary file, fsync, rename, fsync of the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::env::{MediaStore, MediaWriter};

/// Files being written start with this; they are no evidence before they have their name.
const TEMPORARY: &str = ".tmp-";

/// A folder of published files and, for moments, of temporary ones. One engine at a time uses a folder.
#[derive(Debug, Clone)]
pub struct FolderMedia {
    folder: Arc<PathBuf>,
    next: Arc<AtomicU64>,
}

impl FolderMedia {
    /// Opens the folder, making it when it is not there, and sweeps away what an interrupted intake left.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for name in names(folder)?.iter().filter(|n| n.starts_with(TEMPORARY)) {
            fs::remove_file(folder.join(name))?;
        }
        Ok(Self {
            folder: Arc::new(folder.to_owned()),
            next: Arc::new(AtomicU64::new(0)),
        })
    }

    /// The path of a published file. A name with anything but letters, digits, `-` and `_` is none of ours.
    fn path(&self, name: &str) -> io::Result<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(plain) {
            return Err(ErrorKind::InvalidInput.into());
        }
        Ok(self.folder.join(name))
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

impl MediaStore for FolderMedia {
    fn create(&self) -> io::Result<Box<dyn MediaWriter>> {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let path = self.folder.join(format!("{TEMPORARY}{}-{number}", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    return Ok(Box::new(FolderWriter {
                        store: self.clone(),
                        path,
                        file: BufWriter::with_capacity(128 * 1024, file),
                    }));
                }
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(self.path(name)?)?))
    }

    fn size(&self, name: &str) -> io::Result<Option<u64>> {
        match fs::metadata(self.path(name)?) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)?) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
            _ => sync_folder(&self.folder),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = names(&self.folder)?;
        names.retain(|n| !n.starts_with(TEMPORARY));
        Ok(names)
    }

    fn free_space(&self) -> Option<u64> {
        free_space(&self.folder)
    }
}

/// A temporary file; dropped without publishing, it goes away.
struct FolderWriter {
    store: FolderMedia,
    path: PathBuf,
    file: BufWriter<File>,
}

impl Write for FolderWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.file.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl MediaWriter for FolderWriter {
    fn publish(mut self: Box<Self>, name: &str) -> io::Result<()> {
        let target = self.store.path(name)?;
        if target.try_exists()? {
            return Ok(());
        }
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.path, &target)?;
        sync_folder(&self.store.folder)
    }
}

impl Drop for FolderWriter {
    fn drop(&mut self) {
        // after a rename there is nothing left under this name, and that is fine
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes a rename or a removal durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Bytes that an ordinary program may still write.
#[cfg(unix)]
fn free_space(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    stat.f_bavail.checked_mul(stat.f_frsize)
}

#[cfg(not(unix))]
fn free_space(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
