//! Who is here, and who is typing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::rooms;
use chatter_protocol::RoomId;
use chatter_protocol::rest::Presence;

use super::extract::{Place, Signed};
use crate::openapi::{Doing, Reading};
use crate::refusals::Refused;
use crate::server::Server;

/// Who is in a room now
#[utoipa::path(get, path = "/rooms/{room}/presence", tag = "rooms", operation_id = "presence",
    params(("room" = RoomId, Path)), responses((status = 200, body = Presence), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<Presence>, Refused> {
    Ok(Json(rooms::presence(&server.app, &who, room).await?))
}

/// I am typing here
///
/// Renew every 3 s; it ends by itself after 7 s, or when I post.
#[utoipa::path(post, path = "/rooms/{room}/typing", tag = "messages", operation_id = "typing",
    params(("room" = RoomId, Path)), responses((status = 204), Doing))]
pub async fn typing(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<StatusCode, Refused> {
    rooms::typing(&server.app, &who, room).await?;
    Ok(StatusCode::NO_CONTENT)
}
