//! Links that let guests into one room.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::accounts::guest_links;
use chatter_protocol::links::{CreateGuestLink, GuestLink, GuestLinkPreview};
use chatter_protocol::{LinkId, RoomId};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Asking, Doing, Gone, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// A room's guest links that have not ended, without their secrets
#[utoipa::path(get, path = "/rooms/{room}/guest-links", tag = "rooms", operation_id = "guest_links",
    params(("room" = RoomId, Path)), responses((status = 200, body = Vec<GuestLink>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<Vec<GuestLink>>, Refused> {
    Ok(Json(guest_links::list(&server.app, &who, room).await?))
}

/// Make a link that lets guests into a room
///
/// The secret at the end of the link is in this answer and nowhere else.
#[utoipa::path(post, path = "/rooms/{room}/guest-links", tag = "rooms", operation_id = "create_guest_link",
    params(("room" = RoomId, Path)), request_body = CreateGuestLink,
    responses((status = 201, body = GuestLink), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<CreateGuestLink>,
) -> Result<(StatusCode, Json<GuestLink>), Refused> {
    let link = guest_links::create(&server.app, &who, room, asked).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// Revoke a guest link
///
/// When this is answered, its guests' sockets are closed and the room is not theirs.
#[utoipa::path(delete, path = "/rooms/{room}/guest-links/{link}", tag = "rooms", operation_id = "revoke_guest_link",
    params(("room" = RoomId, Path), ("link" = LinkId, Path)), responses((status = 204), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, link)): Place<(RoomId, LinkId)>,
) -> Result<StatusCode, Refused> {
    guest_links::revoke(&server.app, &who, room, link).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a guest link is for, before coming in
#[utoipa::path(get, path = "/guest-links/{secret}", tag = "rooms", operation_id = "guest_link_preview",
    security(()), params(("secret" = String, Path)),
    responses((status = 200, body = GuestLinkPreview), Asking, Gone))]
pub async fn preview(
    State(server): State<Arc<Server>>,
    Place(secret): Place<String>,
) -> Result<Json<GuestLinkPreview>, Refused> {
    Ok(Json(guest_links::preview(&server.app, &secret).await?))
}
