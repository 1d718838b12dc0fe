//! Rooms.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::rooms;
use chatter_protocol::limits::PAGE_MAX;
use chatter_protocol::rest::{ChangeRoom, CreateRoom, OpenDirect, RoomSort};
use chatter_protocol::{RoomId, RoomState};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// The rooms I belong to
#[utoipa::path(get, path = "/rooms", tag = "rooms", operation_id = "rooms",
    responses((status = 200, body = Vec<RoomState>), Reading))]
pub async fn mine(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<RoomState>>, Refused> {
    Ok(Json(rooms::mine(&server.app, &who).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// Only rooms with this in their name.
    named: Option<String>,
    #[param(inline)]
    sort: Option<RoomSort>,
    /// From after this room.
    after: Option<RoomId>,
    /// At most so many; 200 when absent.
    limit: Option<usize>,
}

/// The open rooms, page by page
#[utoipa::path(get, path = "/rooms/open", tag = "rooms", operation_id = "open_rooms", params(From),
    responses((status = 200, body = Vec<RoomState>), Reading))]
pub async fn open(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(from): Asked<From>,
) -> Result<Json<Vec<RoomState>>, Refused> {
    let limit = from.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    let (named, sort) = (from.named.as_deref(), from.sort.unwrap_or_default());
    let found = rooms::open(&server.app, &who, named, sort, from.after, limit).await?;
    Ok(Json(found))
}

/// The room that a link names
///
/// By any slug it ever had, or by its id.
#[utoipa::path(get, path = "/rooms/by-slug/{slug}", tag = "rooms", operation_id = "room_by_slug",
    params(("slug" = String, Path)), responses((status = 200, body = RoomState), Reading))]
pub async fn by_slug(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(slug): Place<String>,
) -> Result<Json<RoomState>, Refused> {
    Ok(Json(rooms::by_slug(&server.app, &who, &slug).await?))
}

/// Make a room
#[utoipa::path(post, path = "/rooms", tag = "rooms", operation_id = "create_room",
    request_body = CreateRoom, responses((status = 201, body = RoomState), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<CreateRoom>,
) -> Result<(StatusCode, Json<RoomState>), Refused> {
    let room = rooms::create(&server.app, &who, &asked.name, asked.kind, &asked.topic).await?;
    Ok((StatusCode::CREATED, Json(room)))
}

/// The direct room with these people, made if need be
#[utoipa::path(post, path = "/directs", tag = "rooms", operation_id = "open_direct",
    request_body = OpenDirect, responses((status = 201, body = RoomState), Writing))]
pub async fn direct(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<OpenDirect>,
) -> Result<(StatusCode, Json<RoomState>), Refused> {
    let room = rooms::direct(&server.app, &who, &asked.users).await?;
    Ok((StatusCode::CREATED, Json(room)))
}

/// A room, and where I stand in it
#[utoipa::path(get, path = "/rooms/{room}", tag = "rooms", operation_id = "room",
    params(("room" = RoomId, Path)), responses((status = 200, body = RoomState), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<RoomState>, Refused> {
    Ok(Json(rooms::state(&server.app, &who, room).await?))
}

/// Rename, archive, restore, open or close a room, or change its topic or rules
#[utoipa::path(patch, path = "/rooms/{room}", tag = "rooms", operation_id = "change_room",
    params(("room" = RoomId, Path)), request_body = ChangeRoom,
    responses((status = 200, body = RoomState), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<ChangeRoom>,
) -> Result<Json<RoomState>, Refused> {
    Ok(Json(rooms::change(&server.app, &who, room, asked).await?))
}

/// Join an open room
#[utoipa::path(post, path = "/rooms/{room}/join", tag = "rooms", operation_id = "join",
    params(("room" = RoomId, Path)), responses((status = 200, body = RoomState), Doing))]
pub async fn join(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<RoomState>, Refused> {
    Ok(Json(rooms::join(&server.app, &who, room).await?))
}

/// Leave a room
#[utoipa::path(post, path = "/rooms/{room}/leave", tag = "rooms", operation_id = "leave",
    params(("room" = RoomId, Path)), responses((status = 204), Doing))]
pub async fn leave(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<StatusCode, Refused> {
    rooms::leave(&server.app, &who, room).await?;
    Ok(StatusCode::NO_CONTENT)
}
