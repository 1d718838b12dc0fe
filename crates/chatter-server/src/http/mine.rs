//! My own settings of rooms, and my list of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::rooms;
use chatter_protocol::RoomId;
use chatter_protocol::mine::{ChangeMine, Mine, PutSections, Section};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// Star, mute or sort a room of mine, or say what of it I want to hear
#[utoipa::path(patch, path = "/rooms/{room}/mine", tag = "rooms", operation_id = "change_mine",
    params(("room" = RoomId, Path)), request_body = ChangeMine,
    responses((status = 200, body = Mine), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<ChangeMine>,
) -> Result<Json<Mine>, Refused> {
    let mine = rooms::change_mine(&server.app, &who, room, asked).await?;
    Ok(Json(mine))
}

/// The sections of my list of rooms
#[utoipa::path(get, path = "/me/sections", tag = "rooms", operation_id = "sections",
    responses((status = 200, body = Vec<Section>), Reading))]
pub async fn sections(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Section>>, Refused> {
    Ok(Json(rooms::sections(&server.app, &who).await?))
}

/// All sections of my list, in place of the old ones
#[utoipa::path(put, path = "/me/sections", tag = "rooms", operation_id = "put_sections",
    request_body = PutSections, responses((status = 200, body = Vec<Section>), Writing))]
pub async fn put_sections(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<PutSections>,
) -> Result<Json<Vec<Section>>, Refused> {
    let sections = rooms::put_sections(&server.app, &who, asked.sections).await?;
    Ok(Json(sections))
}
