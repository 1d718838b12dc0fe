//! Faces and emoji that come with everything. They are made again from their
//! bytes, like those that are sent here, and come last: a picture that cannot
//! be read is no reason to take anything back.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use bytes::Bytes;
use chatter_protocol::export::Scope;
use chatter_protocol::limits::{AVATAR_PIXELS, EMOJI_MAX, EMOJI_PIXELS};
use chatter_protocol::{EmojiId, UserId};
use chatter_store::{AddEmojiError, BlobError, NewEmoji};
use tokio::task::spawn_blocking;
use tracing::warn;

use super::archive::Span;
use super::plan::Plan;
use super::{ImportError, Importing};
use crate::app::App;
use crate::files::{FileError, keep_bytes};

/// What emoji are called here; messages name them before they are there.
pub(super) fn ids(app: &App, plan: &Plan) -> HashMap<EmojiId, EmojiId> {
    // One room has no say in what everyone's words look like.
    let whole = plan.manifest.scope == Scope::Everything;
    let all = plan.emoji.iter().filter(|_| whole);
    all.map(|(emoji, _)| (emoji.id, app.ids.emoji())).collect()
}

pub(super) async fn bring(importing: &Importing) -> Result<(), ImportError> {
    let mut lost = 0;
    if !importing.is_whole_server() {
        return Ok(());
    }
    for n in 0..importing.plan.emoji.len() {
        importing.goes_on()?;
        lost += usize::from(!emoji(importing, n).await?);
    }
    for (user, span) in &importing.plan.faces {
        importing.goes_on()?;
        lost += usize::from(!face(importing, *user, *span).await?);
    }
    if lost > 0 {
        warn!(
            import.lost = lost,
            "import: {lost} pictures could not be read"
        );
    }
    Ok(())
}

/// False: it is no picture.
async fn emoji(importing: &Importing, n: usize) -> Result<bool, ImportError> {
    let app = &importing.app;
    let (said, span) = &importing.plan.emoji[n];
    let names = &importing.names;
    let here = names
        .emoji
        .get(&said.id)
        .zip(names.people.get(&said.created_by));
    let Some((id, created_by)) = here else {
        return Ok(false);
    };
    let bytes = piece(importing.path(), *span).await?;
    let Some(picture) = app.pictures.fitted(bytes, EMOJI_PIXELS).await else {
        return Ok(false);
    };
    let new = NewEmoji {
        id: *id,
        name: said.name.clone(),
        hash: keep_bytes(app, picture).await?,
        created_by: *created_by,
        created_at: said.created_at.min(app.now()),
    };
    match app.store.add_emoji(new, EMOJI_MAX).await {
        // Somebody was quicker: theirs stays.
        Ok(()) | Err(AddEmojiError::NameTaken) => Ok(true),
        Err(error) => Err(FileError::from(error).into()),
    }
}

/// Whoever was here before looks as before.
async fn face(importing: &Importing, was: UserId, span: Span) -> Result<bool, ImportError> {
    let app = &importing.app;
    let Some(user) = importing.names.person(was) else {
        return Ok(false);
    };
    let is_new = importing
        .introduced
        .binary_search_by_key(&user, |it| it.user);
    if is_new.is_err() {
        return Ok(true);
    }
    let bytes = piece(importing.path(), span).await?;
    let Some(square) = app.pictures.square(bytes, AVATAR_PIXELS).await else {
        return Ok(false);
    };
    let hash = keep_bytes(app, square).await?;
    app.store.set_avatar(user, Some(hash), app.now()).await?;
    Ok(true)
}

/// Small enough to be held: the archive was looked over.
async fn piece(archive: &Path, span: Span) -> Result<Bytes, ImportError> {
    let archive = archive.to_owned();
    let read = spawn_blocking(move || -> io::Result<Bytes> {
        let mut from = File::open(archive)?;
        from.seek(SeekFrom::Start(span.at))?;
        let mut bytes = Vec::new();
        from.take(span.size).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    });
    let read = read.await.map_err(io::Error::other);
    Ok(read.and_then(|read| read).map_err(BlobError::from)?)
}
