//! Stored bytes, by the hash of what they are.
//!
//! The same bytes are kept once, however many files they are. They lie in a
//! folder, or in a store that speaks S3; what refers to them is in the tables
//! (`files.rs`), and only whoever has asked there may touch them here. Bytes
//! appear whole or not at all, and are on disk when that was answered.
//!
//! Begin at [`Blobs::keep`]. What is still arriving is staged in a folder of
//! this machine, whatever the bytes are kept in later.

mod disk;
mod hash;
mod s3;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

pub use hash::BlobHash;
pub use s3::S3Options;

use crate::error::OpenError;
use disk::Disk;
use s3::S3;

/// Where bytes are kept.
#[derive(Debug, Clone, Default)]
pub struct BlobOptions {
    /// The data folder; without one, bytes are forgotten at the end.
    pub folder: Option<PathBuf>,
    /// Kept there instead of in the folder.
    pub s3: Option<S3Options>,
}

#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("there are no such bytes")]
    Missing,
    #[error("there is no space left for files")]
    Full,
    #[error("stored bytes cannot be reached: {0}")]
    Unavailable(String),
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Bytes on their way out, a piece at a time.
pub type BlobStream = BoxStream<'static, io::Result<Bytes>>;

pub struct Blobs {
    place: Place,
    staging: PathBuf,
    /// Removed with everything in it when the last of us is gone.
    _temporary: Option<tempfile::TempDir>,
}

enum Place {
    Disk(Disk),
    S3(S3),
}

impl Blobs {
    /// Nothing is made or asked yet: a server without files needs no folder
    /// for them.
    pub fn open(options: BlobOptions) -> Result<Self, OpenError> {
        let failed = |error: io::Error| OpenError::Failed(error.to_string());
        let (folder, temporary) = if let Some(folder) = options.folder {
            (folder, None)
        } else {
            let made = tempfile::Builder::new().prefix("chatter-").tempdir();
            let made = made.map_err(failed)?;
            (made.path().to_owned(), Some(made))
        };
        let place = match options.s3 {
            Some(s3) => Place::S3(S3::open(&s3)?),
            None => Place::Disk(Disk::new(folder.join("blobs"))),
        };
        Ok(Self {
            place,
            staging: folder.join("uploads"),
            _temporary: temporary,
        })
    }

    /// In a store of objects that forgets, for the tests of that way.
    #[cfg(test)]
    pub(crate) fn in_objects(
        folder: &Path,
        store: std::sync::Arc<dyn object_store::ObjectStore>,
    ) -> Self {
        Self {
            place: Place::S3(S3::over(store)),
            staging: folder.join("uploads"),
            _temporary: None,
        }
    }

    /// Where what arrives is put together, whether or not it is there yet.
    pub fn staging_folder(&self) -> &Path {
        &self.staging
    }

    /// The same, made if need be.
    pub async fn staging(&self) -> Result<&Path, BlobError> {
        tokio::fs::create_dir_all(&self.staging).await?;
        Ok(&self.staging)
    }

    /// Takes over a staged file whose hash is `hash`.
    pub async fn keep(&self, hash: BlobHash, staged: &Path) -> Result<(), BlobError> {
        match &self.place {
            Place::Disk(disk) => disk.keep(hash, staged.to_owned()).await,
            Place::S3(s3) => {
                s3.keep(hash, staged).await?;
                Ok(tokio::fs::remove_file(staged).await?)
            }
        }
    }

    /// Keeps a few bytes, such as a thumbnail.
    pub async fn keep_bytes(&self, hash: BlobHash, bytes: Bytes) -> Result<(), BlobError> {
        match &self.place {
            Place::Disk(disk) => disk.keep_bytes(hash, bytes).await,
            Place::S3(s3) => s3.keep_bytes(hash, bytes).await,
        }
    }

    /// Some of the bytes, which are known to be so many.
    pub async fn read(&self, hash: BlobHash, range: Range<u64>) -> Result<BlobStream, BlobError> {
        match &self.place {
            Place::Disk(disk) => disk.read(hash, range).await,
            Place::S3(s3) => s3.read(hash, range).await,
        }
    }

    /// All of a few bytes, at most `most`.
    pub async fn read_all(&self, hash: BlobHash, most: usize) -> Result<Bytes, BlobError> {
        let mut pieces = match &self.place {
            Place::Disk(disk) => disk.read(hash, 0..most as u64).await?,
            Place::S3(s3) => s3.read_from_start(hash).await?,
        };
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().await {
            all.extend_from_slice(&piece?);
            if all.len() > most {
                return Err(BlobError::Unavailable("more bytes than there were".into()));
            }
        }
        Ok(all.into())
    }

    /// What is gone already is no error.
    pub async fn remove(&self, hash: BlobHash) -> Result<(), BlobError> {
        let removed = match &self.place {
            Place::Disk(disk) => disk.remove(hash).await,
            Place::S3(s3) => s3.remove(hash).await,
        };
        match removed {
            Err(BlobError::Missing) => Ok(()),
            other => other,
        }
    }
}

/// `blobs/ab/cdef…`, so that no folder holds them all.
fn place_of(hash: BlobHash) -> (String, String) {
    let mut name = hash.to_string();
    let rest = name.split_off(2);
    (name, rest)
}

#[cfg(test)]
mod tests;
