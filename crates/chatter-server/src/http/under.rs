//! What people put under a message: reactions, votes and pins.
//!
//! Each is so or not so, hence PUT and DELETE: to ask twice is as good as once.
//! The answer is the message as it is then.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::rooms::{self, Changed, RoomError};
use chatter_protocol::limits::{PAGE_DEFAULT, PAGE_MAX};
use chatter_protocol::rest::People;
use chatter_protocol::{Message, RoomId, Seq, UserId};
use serde::Deserialize;

use super::extract::{Asked, Place, Signed};
use crate::openapi::{Deleted, Doing, Reading};
use crate::refusals::Refused;
use crate::server::Server;

async fn now(
    server: &Server,
    who: &chatter_core::Principal,
    (room, seq): (RoomId, Seq),
    changed: Result<Changed, RoomError>,
) -> Result<Json<Message>, Refused> {
    changed?;
    Ok(Json(rooms::message(&server.app, who, room, seq).await?))
}

/// React to a message
#[utoipa::path(put, path = "/rooms/{room}/messages/{seq}/reactions/{emoji}", tag = "messages", operation_id = "react",
    params(("room" = RoomId, Path), ("seq" = Seq, Path), ("emoji" = String, Path, description = "An emoji, or `:name:` of a custom one")),
    responses((status = 200, body = Message), Doing))]
pub async fn react(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq, emoji)): Place<(RoomId, Seq, String)>,
) -> Result<Json<Message>, Refused> {
    let changed = rooms::react(&server.app, &who, room, seq, emoji).await;
    now(&server, &who, (room, seq), changed).await
}

/// Take a reaction back
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}/reactions/{emoji}", tag = "messages", operation_id = "unreact",
    params(("room" = RoomId, Path), ("seq" = Seq, Path), ("emoji" = String, Path)),
    responses((status = 200, body = Message), Doing))]
pub async fn unreact(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq, emoji)): Place<(RoomId, Seq, String)>,
) -> Result<Json<Message>, Refused> {
    let changed = rooms::unreact(&server.app, &who, room, seq, emoji).await;
    now(&server, &who, (room, seq), changed).await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// People after this id.
    after: Option<UserId>,
    /// At most so many; 50 when absent, 200 at most.
    limit: Option<usize>,
}

impl After {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)
    }
}

/// Who reacted so
#[utoipa::path(get, path = "/rooms/{room}/messages/{seq}/reactions/{emoji}", tag = "messages", operation_id = "reacted",
    params(("room" = RoomId, Path), ("seq" = Seq, Path), ("emoji" = String, Path), After),
    responses((status = 200, body = People), Reading, Deleted))]
pub async fn reacted(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq, emoji)): Place<(RoomId, Seq, String)>,
    Asked(asked): Asked<After>,
) -> Result<Json<People>, Refused> {
    let limit = asked.limit();
    let users = rooms::reacted(&server.app, &who, room, seq, &emoji, asked.after, limit).await?;
    Ok(Json(People { users }))
}

/// Choose an option of a poll
///
/// By its place, the first is 0. Where one may choose one, the earlier choice
/// is taken back.
#[utoipa::path(put, path = "/rooms/{room}/messages/{seq}/votes/{option}", tag = "messages", operation_id = "vote",
    params(("room" = RoomId, Path), ("seq" = Seq, Path), ("option" = u8, Path)),
    responses((status = 200, body = Message), Doing))]
pub async fn vote(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq, option)): Place<(RoomId, Seq, u8)>,
) -> Result<Json<Message>, Refused> {
    let changed = rooms::vote(&server.app, &who, room, seq, option).await;
    now(&server, &who, (room, seq), changed).await
}

/// Choose it no longer
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}/votes/{option}", tag = "messages", operation_id = "unvote",
    params(("room" = RoomId, Path), ("seq" = Seq, Path), ("option" = u8, Path)),
    responses((status = 200, body = Message), Doing))]
pub async fn unvote(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq, option)): Place<(RoomId, Seq, u8)>,
) -> Result<Json<Message>, Refused> {
    let changed = rooms::unvote(&server.app, &who, room, seq, option).await;
    now(&server, &who, (room, seq), changed).await
}

/// Who chose an option
#[utoipa::path(get, path = "/rooms/{room}/messages/{seq}/votes/{option}", tag = "messages", operation_id = "voted",
    params(("room" = RoomId, Path), ("seq" = Seq, Path), ("option" = u8, Path), After),
    responses((status = 200, body = People), Reading, Deleted))]
pub async fn voted(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq, option)): Place<(RoomId, Seq, u8)>,
    Asked(asked): Asked<After>,
) -> Result<Json<People>, Refused> {
    let limit = asked.limit();
    let users = rooms::voted(&server.app, &who, room, seq, option, asked.after, limit).await?;
    Ok(Json(People { users }))
}

/// Let a poll take no more votes
#[utoipa::path(post, path = "/rooms/{room}/messages/{seq}/close", tag = "messages", operation_id = "close_poll",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)),
    responses((status = 200, body = Message), Doing))]
pub async fn close_poll(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
) -> Result<Json<Message>, Refused> {
    let changed = rooms::close_poll(&server.app, &who, room, seq).await;
    now(&server, &who, (room, seq), changed).await
}

/// What is pinned to a room, the newest pin first
#[utoipa::path(get, path = "/rooms/{room}/pins", tag = "messages", operation_id = "pins",
    params(("room" = RoomId, Path)), responses((status = 200, body = Vec<Message>), Reading))]
pub async fn pins(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<Vec<Message>>, Refused> {
    Ok(Json(rooms::pins(&server.app, &who, room).await?))
}

/// Pin a message to its room
#[utoipa::path(put, path = "/rooms/{room}/pins/{seq}", tag = "messages", operation_id = "pin",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)),
    responses((status = 200, body = Message), Doing))]
pub async fn pin(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
) -> Result<Json<Message>, Refused> {
    let changed = rooms::pin(&server.app, &who, room, seq).await;
    now(&server, &who, (room, seq), changed).await
}

/// Pin it no longer
#[utoipa::path(delete, path = "/rooms/{room}/pins/{seq}", tag = "messages", operation_id = "unpin",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)),
    responses((status = 200, body = Message), Doing))]
pub async fn unpin(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
) -> Result<Json<Message>, Refused> {
    let changed = rooms::unpin(&server.app, &who, room, seq).await;
    now(&server, &who, (room, seq), changed).await
}
