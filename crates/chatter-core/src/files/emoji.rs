//! Emoji of the server's own: added by members, removed by whoever added them
//! or by admins.

use bytes::Bytes;
use chatter_protocol::files::Emoji;
use chatter_protocol::ids::EmojiId;
use chatter_protocol::limits::{EMOJI_MAX, EMOJI_NAME_CHARS, EMOJI_PIXELS};
use chatter_store::NewEmoji;

use super::avatar::not_a_picture;
use super::read::{Small, small};
use super::{FileError, finish};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// All of them, by name.
pub async fn list(app: &App, _who: &Principal) -> Result<Vec<Emoji>, FileError> {
    Ok(app.store.emoji().await?)
}

pub async fn add(
    app: &App,
    who: &Principal,
    name: &str,
    picture: Bytes,
) -> Result<Emoji, FileError> {
    if who.is_guest() {
        return Err(FileError::NotAllowed("guests cannot add emoji"));
    }
    app.rates.check(Rate::Upload, Who::User(who.user))?;
    let name = checked(name)?;
    let picture = app.pictures.fitted(picture, EMOJI_PIXELS).await;
    let hash = finish::keep_bytes(app, picture.ok_or_else(not_a_picture)?).await?;
    let new = NewEmoji {
        id: app.ids.emoji(),
        name: name.clone(),
        hash,
        created_by: who.user,
        created_at: app.now(),
    };
    app.store.add_emoji(new.clone(), EMOJI_MAX).await?;
    Ok(Emoji {
        id: new.id,
        name,
        created_by: new.created_by,
        created_at: new.created_at,
    })
}

/// What stands between the colons.
pub(crate) fn checked(name: &str) -> Result<String, FileError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_+-".contains(&b);
    if EMOJI_NAME_CHARS.contains(&name.len()) && name.bytes().all(plain) {
        return Ok(name.to_owned());
    }
    let (min, max) = (EMOJI_NAME_CHARS.start(), EMOJI_NAME_CHARS.end());
    Err(FileError::Invalid {
        field: "name",
        why: format!("the name of an emoji is {min} to {max} of a to z, 0 to 9, '_', '+' and '-'"),
    })
}

pub async fn remove(app: &App, who: &Principal, id: EmojiId) -> Result<(), FileError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let found = app.store.emoji_image(id).await?;
    let found = found.ok_or(FileError::NoSuchEmoji)?;
    if found.created_by != who.user && !who.is_admin() {
        return Err(FileError::NotAllowed(
            "only whoever added an emoji or an admin may remove it",
        ));
    }
    if !app.store.drop_emoji(id, app.now()).await? {
        return Err(FileError::NoSuchEmoji);
    }
    Ok(())
}

pub async fn image(app: &App, _who: &Principal, id: EmojiId) -> Result<Small, FileError> {
    let found = app.store.emoji_image(id).await?;
    small(app, found.ok_or(FileError::NoSuchEmoji)?.hash).await
}
