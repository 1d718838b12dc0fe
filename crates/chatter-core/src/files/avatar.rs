//! Faces: a square picture of oneself, re-encoded, without a story.

use bytes::Bytes;
use chatter_protocol::limits::AVATAR_PIXELS;
use chatter_protocol::{User, UserId};

use super::read::{Small, small};
use super::{FileError, finish};
use crate::accounts::users::known_to;
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Takes the middle of `picture` for my face, and tells everyone who sees me.
pub async fn set(app: &App, who: &Principal, picture: Bytes) -> Result<User, FileError> {
    if who.is_guest() {
        return Err(FileError::NotAllowed("guests have no picture"));
    }
    app.rates.check(Rate::Upload, Who::User(who.user))?;
    let square = app.pictures.square(picture, AVATAR_PIXELS).await;
    let square = square.ok_or_else(not_a_picture)?;
    let hash = finish::keep_bytes(app, square).await?;
    change(app, who, Some(hash)).await
}

pub async fn clear(app: &App, who: &Principal) -> Result<User, FileError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    change(app, who, None).await
}

async fn change(
    app: &App,
    who: &Principal,
    hash: Option<chatter_store::BlobHash>,
) -> Result<User, FileError> {
    let user = app.store.set_avatar(who.user, hash, app.now()).await?;
    let user = user.ok_or(FileError::NoSuchUser)?;
    app.hub.user_changed(&user);
    Ok(user)
}

/// Someone's face, for anyone who may know that they are there: faces stand
/// beside messages.
pub async fn get(app: &App, who: &Principal, user: UserId) -> Result<Small, FileError> {
    if known_to(app, who, &[user]).await?.is_empty() {
        return Err(FileError::NoSuchFile);
    }
    let hash = app.store.avatar(user).await?;
    small(app, hash.ok_or(FileError::NoSuchFile)?).await
}

pub(super) fn not_a_picture() -> FileError {
    FileError::Invalid {
        field: "picture",
        why: "this is not a picture that can be shown: use PNG, JPEG, GIF or WebP".into(),
    }
}
