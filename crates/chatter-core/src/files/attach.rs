//! Puts files into a message.

use std::collections::HashSet;

use chatter_protocol::files::{Attachment, DraftFile};
use chatter_protocol::limits::ALT_CHARS;
use chatter_protocol::{Key, RoomId};
use chatter_store::StoreError;

use super::upload::described;
use crate::app::App;
use crate::principal::Principal;
use crate::rooms::RoomError;
use crate::text;

/// Those of `attachments` whose files are not past their time.
pub async fn still_there(
    app: &App,
    mut attachments: Vec<Attachment>,
) -> Result<Vec<Attachment>, StoreError> {
    let mut there = HashSet::new();
    for attachment in &attachments {
        if app.store.file(attachment.file.clone()).await?.is_some() {
            there.insert(attachment.file.clone());
        }
    }
    attachments.retain(|attachment| there.contains(&attachment.file));
    Ok(attachments)
}

/// What a message of mine under `key` in `room` is to carry: files of mine
/// that are all there and in no other message. The append that follows makes
/// it so, or fails if one has gone meanwhile. Without files, nothing is asked.
pub async fn attach(
    app: &App,
    who: &Principal,
    room: RoomId,
    key: &Key,
    files: &[DraftFile],
) -> Result<Vec<Attachment>, RoomError> {
    let mut seen = HashSet::new();
    let mut attachments = Vec::with_capacity(files.len());
    for asked in files {
        let alt = text::line("alt", &asked.alt, ALT_CHARS, true)?;
        if !seen.insert(&asked.file) {
            return Err(RoomError::not_allowed("a file is in a message once"));
        }
        let found = app.store.file(asked.file.clone()).await?;
        let file = found.filter(|file| file.user_id == who.user);
        let file = file.ok_or(RoomError::NoSuchFile)?;
        if file.loose_since.is_none() {
            // A retry finds its files in the message it made the first time.
            let links = app.store.links_of_file(asked.file.clone()).await?;
            let same = |link: &chatter_store::Link| {
                link.room_id == room && link.author_id == who.user && link.key.as_ref() == Some(key)
            };
            if !links.iter().any(same) {
                return Err(RoomError::not_allowed("this file is in another message"));
            }
        }
        let described = described(&file);
        attachments.push(Attachment {
            file: described.id,
            name: described.name,
            size: described.size,
            media_type: described.media_type,
            width: described.width,
            height: described.height,
            thumbnail: described.thumbnail,
            alt,
        });
    }
    Ok(attachments)
}
