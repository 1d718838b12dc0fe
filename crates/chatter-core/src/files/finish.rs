//! Makes a file of what has arrived: what it is, what it looks like, and where
//! its bytes stay.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use chatter_store::{BlobHash, NewFile, Pending};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::FileError;
use super::media::{self, SNIFFED};
use super::picture::Picture;
use crate::app::App;

/// How often and how long to wait for the removal of the same bytes to end.
const CLAIMS: u32 = 20;
const CLAIM_PAUSE: Duration = Duration::from_millis(50);

/// The bytes of `pending`, all of them, lie in `staged`. Whoever calls this
/// holds its lock.
pub(super) async fn finish(
    app: &App,
    pending: Pending,
    staged: PathBuf,
) -> Result<NewFile, FileError> {
    let file = looked_at(app, pending, staged.clone()).await?;
    let finished = app.store.finish_upload(file.clone()).await?;
    forget_staged(&staged).await;
    if !finished {
        return Err(FileError::NoSuchFile);
    }
    Ok(file)
}

/// A file that came by no upload, but lies in `staged` all the same.
pub(crate) async fn bring_in(
    app: &App,
    pending: Pending,
    staged: PathBuf,
) -> Result<NewFile, FileError> {
    let looked = looked_at(app, pending, staged.clone()).await;
    let file = match looked {
        Ok(file) => app.store.add_file(file.clone()).await.map(|()| file),
        Err(error) => {
            forget_staged(&staged).await;
            return Err(error);
        }
    };
    forget_staged(&staged).await;
    Ok(file?)
}

/// What it is, and its bytes where they stay.
async fn looked_at(app: &App, pending: Pending, staged: PathBuf) -> Result<NewFile, FileError> {
    let media_type = sniffed(staged.clone()).await?;
    let picture = match media_type {
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" => {
            let looked = app.pictures.look(staged.clone(), media_type).await;
            // What only looks like a picture is never shown as one.
            looked.map_or(Looked::Plain(media::UNKNOWN), |p| {
                Looked::Picture(media_type, p)
            })
        }
        other => Looked::Plain(other),
    };
    let kept = match &picture {
        Looked::Picture(_, picture) => picture.stripped.clone(),
        Looked::Plain(_) => staged.clone(),
    };
    let (hash, size) = hashed(kept.clone()).await?;
    claim(app, hash, size).await?;
    app.blobs.keep(hash, &kept).await?;
    Ok(match picture {
        Looked::Picture(media_type, picture) => NewFile {
            media_type: media_type.to_owned(),
            pixels: Some(picture.pixels),
            thumbnail: Some(keep_bytes(app, picture.thumbnail).await?),
            ..plain(app, pending, hash, size)
        },
        Looked::Plain(media_type) => NewFile {
            media_type: media_type.to_owned(),
            ..plain(app, pending, hash, size)
        },
    })
}

enum Looked {
    Picture(&'static str, Picture),
    Plain(&'static str),
}

fn plain(app: &App, pending: Pending, hash: BlobHash, size: i64) -> NewFile {
    NewFile {
        id: pending.id,
        user: pending.user_id,
        name: pending.name,
        size,
        media_type: String::new(),
        pixels: None,
        hash,
        thumbnail: None,
        created_at: app.now(),
    }
}

async fn sniffed(staged: PathBuf) -> Result<&'static str, FileError> {
    blocking(move || {
        let mut head = Vec::new();
        let file = File::open(staged)?;
        let size = file.metadata()?.len();
        file.take(SNIFFED as u64).read_to_end(&mut head)?;
        Ok(media::sniff(&head, head.len() as u64 == size))
    })
    .await
}

async fn hashed(path: PathBuf) -> Result<(BlobHash, i64), FileError> {
    let (hash, size) = blocking(move || BlobHash::read(File::open(path)?)).await?;
    Ok((hash, i64::try_from(size).unwrap_or(i64::MAX)))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, FileError> {
    use chatter_store::BlobError;
    let done = spawn_blocking(work).await;
    let done = done.map_err(|error| BlobError::Unavailable(error.to_string()))?;
    Ok(done.map_err(BlobError::from)?)
}

/// Keeps a picture that was made here.
pub(crate) async fn keep_bytes(app: &App, bytes: Bytes) -> Result<BlobHash, FileError> {
    let hash = BlobHash::of(&bytes);
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    claim(app, hash, size).await?;
    app.blobs.keep_bytes(hash, bytes).await?;
    Ok(hash)
}

async fn claim(app: &App, hash: BlobHash, size: i64) -> Result<(), FileError> {
    for _ in 0..CLAIMS {
        if app.store.claim_blob(hash, size, app.now()).await? {
            return Ok(());
        }
        sleep(CLAIM_PAUSE).await;
    }
    Err(FileError::Busy)
}

/// What was staged has been taken over, or is not needed any more.
pub(super) async fn forget_staged(staged: &Path) {
    for path in [staged.to_owned(), staged.with_extension("stripped")] {
        if let Err(error) = tokio::fs::remove_file(&path).await
            && error.kind() != std::io::ErrorKind::NotFound
        {
            // The sweep finds it tomorrow.
            tracing::warn!("a staged file could not be removed: {error}");
        }
    }
}
