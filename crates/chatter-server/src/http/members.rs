//! Who belongs to a room.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::rooms;
use chatter_protocol::limits::PAGE_MAX;
use chatter_protocol::rest::PutMember;
use chatter_protocol::rooms::Member;
use chatter_protocol::{RoomId, UserId};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// From after this user.
    after: Option<UserId>,
    /// At most so many; 200 when absent.
    limit: Option<usize>,
}

/// The members of a room, page by page
#[utoipa::path(get, path = "/rooms/{room}/members", tag = "rooms", operation_id = "members",
    params(("room" = RoomId, Path), From), responses((status = 200, body = Vec<Member>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Asked(from): Asked<From>,
) -> Result<Json<Vec<Member>>, Refused> {
    let limit = from.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    Ok(Json(
        rooms::members(&server.app, &who, room, from.after, limit).await?,
    ))
}

/// Add someone to a room, or change their role in it
#[utoipa::path(put, path = "/rooms/{room}/members/{user}", tag = "rooms", operation_id = "put_member",
    params(("room" = RoomId, Path), ("user" = UserId, Path)), request_body = PutMember,
    responses((status = 204), Writing))]
pub async fn put(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, user)): Place<(RoomId, UserId)>,
    Body(asked): Body<PutMember>,
) -> Result<StatusCode, Refused> {
    rooms::put_member(&server.app, &who, room, user, asked.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Why {
    /// For the audit log.
    reason: Option<String>,
}

/// Remove someone from a room
///
/// When this is answered, their sockets hear nothing more of it.
#[utoipa::path(delete, path = "/rooms/{room}/members/{user}", tag = "rooms", operation_id = "remove_member",
    params(("room" = RoomId, Path), ("user" = UserId, Path), Why), responses((status = 204), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, user)): Place<(RoomId, UserId)>,
    Asked(why): Asked<Why>,
) -> Result<StatusCode, Refused> {
    rooms::remove_member(&server.app, &who, room, user, why.reason.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
