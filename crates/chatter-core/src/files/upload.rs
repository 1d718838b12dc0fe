//! Bytes on their way in: begun, added to, looked at, given up.
//!
//! How far an upload is, the staged bytes themselves say, so no crash can make
//! that wrong. Whoever adds holds a lock on them; of two at once, one wins and
//! the other hears where to go on from.

use std::fs::{self, OpenOptions, TryLockError};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chatter_protocol::Millis;
use chatter_protocol::files::{FileId, NewUpload, StoredFile, Upload};
use chatter_protocol::limits::{CHUNK_BYTES, UPLOADS_PENDING};
use chatter_store::{BlobError, FileRow, NewFile, Pending, Quota};
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::finish::{finish, forget_staged};
use super::{FileError, name};
use crate::accounts::to_the_end;
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::rooms::access::{self, Act};

/// How long an upload may take, and a file wait for its message.
pub(super) const KEPT: Duration = Duration::from_hours(24);

/// How long to wait for the next few bytes.
const BYTE_PATIENCE: Duration = Duration::from_secs(20);

/// Makes place for a file of mine.
pub async fn begin(app: &App, who: &Principal, asked: NewUpload) -> Result<Upload, FileError> {
    if who.is_guest() {
        return Err(FileError::NotAllowed("guests cannot send files"));
    }
    app.rates.check(Rate::Upload, Who::User(who.user))?;
    if asked.size < 1 {
        return Err(FileError::Invalid {
            field: "size",
            why: "the file is empty".into(),
        });
    }
    let (size, most) = (asked.size, app.files.file);
    if size > most {
        return Err(FileError::TooLong(format!(
            "the file is {size} bytes, the limit is {most}"
        )));
    }
    if let Some(room) = asked.room {
        // Who may only reply has files to reply with.
        let state = access::seen(app, who, room).await?;
        if !access::may(app, who, &state, Act::Reply) {
            access::check(app, who, &state, Act::Post)?;
        }
    }
    let pending = Pending {
        id: app.ids.file(),
        user_id: who.user,
        name: name::cleaned(&asked.name),
        size,
        created_at: app.now(),
    };
    let quota = Quota {
        person: app.files.person,
        server: app.files.server,
        pending: UPLOADS_PENDING,
    };
    app.store.begin_upload(pending.clone(), quota).await?;
    Ok(shown(pending, 0))
}

/// How far an upload of mine is.
pub async fn look(app: &App, who: &Principal, id: FileId) -> Result<Upload, FileError> {
    match mine(app, who, id).await? {
        Mine::Pending(pending) => {
            let arrived = arrived(app, &pending.id).await?;
            Ok(shown(pending, arrived))
        }
        Mine::Finished(upload) => Ok(upload),
    }
}

/// Adds bytes from `offset` on. With the last of them, the upload becomes a
/// file before this is answered.
pub async fn receive<E>(
    app: &Arc<App>,
    who: &Principal,
    id: FileId,
    offset: i64,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Upload, FileError> {
    app.rates.check(Rate::Chunk, Who::User(who.user))?;
    let pending = match mine(app, who, id.clone()).await? {
        Mine::Pending(pending) => pending,
        // The answer to the last bytes was lost.
        Mine::Finished(upload) if offset == upload.size => return Ok(upload),
        Mine::Finished(upload) => return Err(FileError::WrongOffset { at: upload.size }),
    };
    let path = staged(app, &id).await?;
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(BlobError::from)?;
    let at = length(&file)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(FileError::WrongOffset { at }),
        Err(TryLockError::Error(error)) => return Err(BlobError::from(error).into()),
    }
    // Someone may have added to it, or finished it, before the lock was ours.
    let at = length(&file)?;
    if app.store.upload(id.clone()).await?.is_none() {
        if at == 0 {
            forget_staged(&path).await;
        }
        return Box::pin(look(app, who, id)).await;
    }
    if at != offset {
        return Err(FileError::WrongOffset { at });
    }
    let mut file = tokio::fs::File::from_std(file);
    let most = (pending.size - at).min(CHUNK_BYTES);
    let added = write(&mut file, most, body).await;
    file.flush().await.map_err(BlobError::from)?;
    file.sync_data().await.map_err(BlobError::from)?;
    let at = at + added?;
    if at < pending.size {
        return Ok(shown(pending, at));
    }
    let upload = shown(pending.clone(), at);
    let file = to_the_end(app, async move |app| {
        let finished = finish(&app, pending, path).await;
        // The lock went along until here.
        drop(file);
        finished
    })
    .await?;
    Ok(Upload {
        size: file.size,
        offset: file.size,
        file: Some(stored(file)),
        ..upload
    })
}

/// Writes what comes, at most `most`. What was written stays, whatever happens.
async fn write<E>(
    file: &mut tokio::fs::File,
    most: i64,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<i64, FileError> {
    let mut body = pin!(body);
    let mut added = 0;
    loop {
        let piece = match timeout(BYTE_PATIENCE, body.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(None) => return Ok(added),
            Ok(Some(Err(_))) | Err(_) => return Err(FileError::BrokeOff),
        };
        added += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        if added > most {
            return Err(FileError::TooLong(format!(
                "no more than {most} bytes may follow at once"
            )));
        }
        file.write_all(&piece).await.map_err(BlobError::from)?;
    }
}

/// Gives up an upload of mine, or a file of mine that no message carries.
pub async fn cancel(app: &App, who: &Principal, id: FileId) -> Result<(), FileError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let dropped = match mine(app, who, id.clone()).await? {
        Mine::Pending(_) => {
            let dropped = app.store.drop_upload(id.clone()).await?;
            forget_staged(&staged(app, &id).await?).await;
            dropped
        }
        Mine::Finished(_) => app.store.drop_loose_file(id, app.now()).await?,
    };
    if dropped {
        Ok(())
    } else {
        Err(FileError::NoSuchFile)
    }
}

enum Mine {
    Pending(Pending),
    Finished(Upload),
}

/// Someone else's is as if it were not there. So is a file that a message
/// carries: then it is the message's.
async fn mine(app: &App, who: &Principal, id: FileId) -> Result<Mine, FileError> {
    if let Some(pending) = app.store.upload(id.clone()).await?
        && pending.user_id == who.user
    {
        return Ok(Mine::Pending(pending));
    }
    match app.store.file(id).await? {
        Some(row) if row.user_id == who.user && row.loose_since.is_some() => {
            Ok(Mine::Finished(Upload {
                id: row.id.clone(),
                name: row.name.clone(),
                size: row.size,
                offset: row.size,
                chunk: CHUNK_BYTES,
                expires_at: expiry(row.created_at),
                file: Some(described(&row)),
            }))
        }
        _ => Err(FileError::NoSuchFile),
    }
}

pub(super) async fn staged(app: &App, id: &FileId) -> Result<PathBuf, FileError> {
    // Hexadecimal digits and nothing else: no path can be hidden in an id.
    Ok(app.blobs.staging().await?.join(id.as_str()))
}

async fn arrived(app: &App, id: &FileId) -> Result<i64, FileError> {
    let path = staged(app, id).await?;
    match fs::metadata(path) {
        Ok(found) => Ok(i64::try_from(found.len()).unwrap_or(i64::MAX)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(BlobError::from(error).into()),
    }
}

fn length(file: &fs::File) -> Result<i64, FileError> {
    let found = file.metadata().map_err(BlobError::from)?;
    Ok(i64::try_from(found.len()).unwrap_or(i64::MAX))
}

fn expiry(begun: Millis) -> Millis {
    let kept = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
    Millis(begun.0.saturating_add(kept))
}

fn shown(pending: Pending, offset: i64) -> Upload {
    Upload {
        id: pending.id,
        name: pending.name,
        size: pending.size,
        offset,
        chunk: CHUNK_BYTES,
        expires_at: expiry(pending.created_at),
        file: None,
    }
}

fn stored(file: NewFile) -> StoredFile {
    let (width, height) = file.pixels.unzip();
    StoredFile {
        id: file.id,
        name: file.name,
        size: file.size,
        media_type: file.media_type,
        width,
        height,
        thumbnail: file.thumbnail.is_some(),
        created_at: file.created_at,
    }
}

pub(super) fn described(row: &FileRow) -> StoredFile {
    let pixels = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
    StoredFile {
        id: row.id.clone(),
        name: row.name.clone(),
        size: row.size,
        media_type: row.media_type.clone(),
        width: pixels(row.width),
        height: pixels(row.height),
        thumbnail: row.thumbnail.is_some(),
        created_at: row.created_at,
    }
}
