//! Reads files, and asks each time whether it may.

use std::ops::Range;

use bytes::Bytes;
use chatter_protocol::files::FileId;
use chatter_store::blobs::BlobStream;
use chatter_store::{BlobHash, FileRow};

use super::FileError;
use crate::app::App;
use crate::principal::Principal;
use crate::rooms::RoomError;
use crate::rooms::access::{self, Act};

/// No picture that was made here is larger.
const MOST_SMALL: usize = 16 * 1024 * 1024;

/// A file, for whoever may read a message that carries it at this moment; one
/// that no message carries, for whoever uploaded it. For anyone else it is as
/// if it were not there.
pub async fn find(app: &App, who: &Principal, id: FileId) -> Result<FileRow, FileError> {
    let file = app.store.file(id.clone()).await?;
    let file = file.ok_or(FileError::NoSuchFile)?;
    if file.loose_since.is_some() {
        return if file.user_id == who.user {
            Ok(file)
        } else {
            Err(FileError::NoSuchFile)
        };
    }
    for room in app.store.rooms_with_file(id).await? {
        match access::allowed(app, who, room, Act::Read).await {
            Ok(_) => return Ok(file),
            Err(RoomError::Store(error)) => return Err(error.into()),
            Err(_) => {}
        }
    }
    Err(FileError::NoSuchFile)
}

/// Some bytes of a file that [`find`] gave.
pub async fn bytes(app: &App, file: &FileRow, range: Range<u64>) -> Result<BlobStream, FileError> {
    Ok(app.blobs.read(file.hash, range).await?)
}

/// The small picture of a file that [`find`] gave.
pub async fn thumbnail(app: &App, file: &FileRow) -> Result<Small, FileError> {
    let hash = file.thumbnail.ok_or(FileError::NoSuchFile)?;
    small(app, hash).await
}

/// A picture that was made here: a thumbnail, a face, an emoji.
pub struct Small {
    pub hash: BlobHash,
    pub bytes: Bytes,
    pub media_type: &'static str,
}

pub(super) async fn small(app: &App, hash: BlobHash) -> Result<Small, FileError> {
    let bytes = app.blobs.read_all(hash, MOST_SMALL).await?;
    let media_type = super::media::sniff(&bytes, true);
    Ok(Small {
        hash,
        bytes,
        media_type,
    })
}
