//! What becomes of a room: handed over, taken over, put away, made of a
//! conversation.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::rooms;
use chatter_protocol::rest::{ConvertRoom, PutArchived, PutNewcomers, TransferRoom};
use chatter_protocol::{RoomId, RoomState};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Doing, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// Make a closed room of a conversation of three or more
#[utoipa::path(post, path = "/rooms/{room}/convert", tag = "rooms", operation_id = "convert_room",
    params(("room" = RoomId, Path)), request_body = ConvertRoom,
    responses((status = 200, body = RoomState), Writing))]
pub async fn convert(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<ConvertRoom>,
) -> Result<Json<RoomState>, Refused> {
    let state = rooms::convert(&server.app, &who, room, &asked.name).await?;
    Ok(Json(state))
}

/// Hand a room over to a member
#[utoipa::path(post, path = "/rooms/{room}/transfer", tag = "rooms", operation_id = "transfer_room",
    params(("room" = RoomId, Path)), request_body = TransferRoom,
    responses((status = 200, body = RoomState), Writing))]
pub async fn transfer(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<TransferRoom>,
) -> Result<Json<RoomState>, Refused> {
    let state = rooms::transfer(&server.app, &who, room, asked.to).await?;
    Ok(Json(state))
}

/// Own an open room that nobody owns; for admins and owners of the server
#[utoipa::path(post, path = "/rooms/{room}/take-over", tag = "rooms", operation_id = "take_over_room",
    params(("room" = RoomId, Path)), responses((status = 200, body = RoomState), Doing))]
pub async fn take_over(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<RoomState>, Refused> {
    Ok(Json(rooms::take_over(&server.app, &who, room).await?))
}

/// Archive or restore a room; for its owners, and for admins and owners of the server
#[utoipa::path(put, path = "/rooms/{room}/archived", tag = "rooms", operation_id = "put_archived",
    params(("room" = RoomId, Path)), request_body = PutArchived,
    responses((status = 204), Writing))]
pub async fn put_archived(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<PutArchived>,
) -> Result<StatusCode, Refused> {
    rooms::put_archived(&server.app, &who, room, asked.archived).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether newcomers are brought to an open room; for admins and owners of the server
#[utoipa::path(put, path = "/rooms/{room}/newcomers", tag = "rooms", operation_id = "put_newcomers",
    params(("room" = RoomId, Path)), request_body = PutNewcomers,
    responses((status = 200, body = RoomState), Writing))]
pub async fn put_newcomers(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<PutNewcomers>,
) -> Result<Json<RoomState>, Refused> {
    let state = rooms::set_newcomers(&server.app, &who, room, asked.newcomers).await?;
    Ok(Json(state))
}
