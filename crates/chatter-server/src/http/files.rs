//! Stored files, faces and emoji.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body as Raw, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chatter_core::files::{avatar, emoji, read};
use chatter_protocol::files::{Emoji, FileId};
use chatter_protocol::ids::EmojiId;
use chatter_protocol::limits::PICTURE_BYTES;
use chatter_protocol::{Code, User, UserId};
use serde::Deserialize;

use super::bytes::{self, Keep, Part};
use super::extract::{Asked, Place, Signed};
use super::uploads::named;
use crate::openapi::{Binary, Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// To be saved, whatever it is.
    #[serde(default)]
    download: bool,
}

/// The bytes of a file
///
/// For whoever may read a message that carries it, asked at each fetch. One
/// `Range` is understood. What browsers cannot show safely is handed out to be
/// saved.
#[utoipa::path(get, path = "/files/{file}", tag = "files", operation_id = "file",
    params(("file" = FileId, Path), How),
    responses((status = 200, content_type = "*/*"), (status = 206, content_type = "*/*"),
        (status = 304), (status = 416), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<String>,
    Asked(how): Asked<How>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let file = read::find(&server.app, &who, named(&id)?).await?;
    let size = u64::try_from(file.size).unwrap_or_default();
    let tag = bytes::tag(&file.hash);
    let part = bytes::wanted(&headers, size, &tag);
    let body = match &part {
        Part::Unchanged | Part::Nowhere => Raw::empty(),
        Part::Of(range) => {
            let pieces = read::bytes(&server.app, &file, range.clone()).await?;
            Raw::from_stream(pieces)
        }
    };
    let mut response = bytes::answer(part, size, &tag, body);
    bytes::describe(&mut response, &file.media_type, &file.name, how.download);
    Ok(response)
}

/// A smaller picture of a file
#[utoipa::path(get, path = "/files/{file}/thumbnail", tag = "files", operation_id = "thumbnail",
    params(("file" = FileId, Path)),
    responses((status = 200, content_type = "image/*"), (status = 304), Reading))]
pub async fn thumbnail(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let file = read::find(&server.app, &who, named(&id)?).await?;
    let small = read::thumbnail(&server.app, &file).await?;
    Ok(bytes::small(&headers, small, Keep::Ask))
}

/// Show a picture of me
///
/// PNG, JPEG, GIF or WebP; its middle becomes a square.
#[utoipa::path(put, path = "/me/avatar", tag = "people", operation_id = "set_avatar",
    request_body(content = inline(Binary), content_type = "image/*"),
    responses((status = 200, body = User), Writing))]
pub async fn put_avatar(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    body: Raw,
) -> Result<Json<User>, Refused> {
    let picture = picture(body).await?;
    Ok(Json(avatar::set(&server.app, &who, picture).await?))
}

/// Show no picture of me
#[utoipa::path(delete, path = "/me/avatar", tag = "people", operation_id = "clear_avatar",
    responses((status = 200, body = User), Doing))]
pub async fn delete_avatar(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<User>, Refused> {
    Ok(Json(avatar::clear(&server.app, &who).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Version {
    /// The `avatar` of the person: with it, the answer may be kept for good.
    v: Option<String>,
}

/// Someone's picture
#[utoipa::path(get, path = "/users/{user}/avatar", tag = "people", operation_id = "avatar",
    params(("user" = UserId, Path), Version),
    responses((status = 200, content_type = "image/*"), (status = 304), Reading))]
pub async fn avatar(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
    Asked(version): Asked<Version>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let small = avatar::get(&server.app, &who, user).await?;
    let keep = match version.v {
        Some(version) if version == small.hash.short() => Keep::ForGood,
        _ => Keep::Ask,
    };
    Ok(bytes::small(&headers, small, keep))
}

/// Emoji of this server's own
#[utoipa::path(get, path = "/emoji", tag = "files", operation_id = "emoji",
    responses((status = 200, body = Vec<Emoji>), Reading))]
pub async fn list_emoji(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Emoji>>, Refused> {
    Ok(Json(emoji::list(&server.app, &who).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Called {
    /// Two to 32 of a to z, digits, `_`, `+` and `-`.
    name: String,
}

/// Add an emoji
///
/// PNG, JPEG, GIF or WebP; made to fit into 128 by 128 pixels.
#[utoipa::path(post, path = "/emoji", tag = "files", operation_id = "add_emoji", params(Called),
    request_body(content = inline(Binary), content_type = "image/*"),
    responses((status = 201, body = Emoji), Writing))]
pub async fn post_emoji(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(called): Asked<Called>,
    body: Raw,
) -> Result<(StatusCode, Json<Emoji>), Refused> {
    let picture = picture(body).await?;
    let added = emoji::add(&server.app, &who, &called.name, picture).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// The picture of an emoji
#[utoipa::path(get, path = "/emoji/{emoji}", tag = "files", operation_id = "emoji_image",
    params(("emoji" = EmojiId, Path)),
    responses((status = 200, content_type = "image/*"), (status = 304), Reading))]
pub async fn emoji_image(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<EmojiId>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let small = emoji::image(&server.app, &who, id).await?;
    Ok(bytes::small(&headers, small, Keep::ForGood))
}

/// Remove an emoji; for whoever added it, and for admins
#[utoipa::path(delete, path = "/emoji/{emoji}", tag = "files", operation_id = "remove_emoji",
    params(("emoji" = EmojiId, Path)), responses((status = 204), Doing))]
pub async fn delete_emoji(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<EmojiId>,
) -> Result<StatusCode, Refused> {
    emoji::remove(&server.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn picture(body: Raw) -> Result<bytes::Bytes, Refused> {
    to_bytes(body, PICTURE_BYTES).await.map_err(|_| {
        let message = format!("The picture is longer than {PICTURE_BYTES} bytes, or broke off.");
        Refused::new(Code::TooLong, message)
    })
}
