//! Bytes in a folder: written beside their place, synced, then renamed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::task::spawn_blocking;

use super::{BlobError, BlobHash, BlobStream, place_of};

/// What one read takes off the disk.
const PIECE: u64 = 128 * 1024;

#[derive(Clone)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, hash: BlobHash) -> PathBuf {
        let (folder, name) = place_of(hash);
        self.folder.join(folder).join(name)
    }

    pub async fn keep(&self, hash: BlobHash, staged: PathBuf) -> Result<(), BlobError> {
        let path = self.path(hash);
        blocking(move || {
            File::open(&staged)?.sync_all()?;
            into_place(&staged, &path)
        })
        .await
    }

    pub async fn keep_bytes(&self, hash: BlobHash, bytes: Bytes) -> Result<(), BlobError> {
        let path = self.path(hash);
        blocking(move || {
            let folder = made_for(&path)?;
            let mut written = tempfile::NamedTempFile::new_in(folder)?;
            written.write_all(&bytes)?;
            written.as_file().sync_all()?;
            written.persist(&path).map_err(|refused| refused.error)?;
            sync_folder(folder)
        })
        .await
    }

    pub async fn read(&self, hash: BlobHash, range: Range<u64>) -> Result<BlobStream, BlobError> {
        let mut file = tokio::fs::File::open(self.path(hash)).await?;
        if range.start > 0 {
            file.seek(io::SeekFrom::Start(range.start)).await?;
        }
        let left = range.end.saturating_sub(range.start);
        let pieces = stream::try_unfold((file, left), |(mut file, left)| async move {
            let wanted = left.min(PIECE);
            let mut piece = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
            let read = (&mut file).take(wanted).read_to_end(&mut piece).await?;
            let piece = (read > 0).then(|| Bytes::from(piece));
            Ok(piece.map(|piece| (piece, (file, left - read as u64))))
        });
        Ok(pieces.boxed())
    }

    pub async fn remove(&self, hash: BlobHash) -> Result<(), BlobError> {
        Ok(tokio::fs::remove_file(self.path(hash)).await?)
    }
}

/// Renames, and makes the name as durable as the bytes.
fn into_place(written: &Path, path: &Path) -> io::Result<()> {
    let folder = made_for(path)?;
    fs::rename(written, path)?;
    sync_folder(folder)
}

/// The folder of `path`, made if need be.
fn made_for(path: &Path) -> io::Result<&Path> {
    let folder = parent(path)?;
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        sync_folder(parent(folder)?)?;
    }
    Ok(folder)
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent()
        .ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// Elsewhere than on Unix, folders cannot be synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), BlobError> {
    let done = spawn_blocking(work).await;
    Ok(done.map_err(|error| BlobError::Unavailable(error.to_string()))??)
}
