//! The log of a room as it is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::rooms;
use chatter_protocol::limits::PAGE_MAX;
use chatter_protocol::rest::Events;
use chatter_protocol::{RoomId, Seq};
use serde::Deserialize;

use super::extract::{Asked, Place, Signed};
use crate::openapi::Reading;
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// From after this seq; from the beginning when absent.
    after: Option<Seq>,
    /// At most so many; 200 when absent.
    limit: Option<usize>,
}

/// What happened in a room after a cursor, oldest first
#[utoipa::path(get, path = "/rooms/{room}/events", tag = "messages", operation_id = "events",
    params(("room" = RoomId, Path), From), responses((status = 200, body = Events), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Asked(from): Asked<From>,
) -> Result<Json<Events>, Refused> {
    let after = from.after.unwrap_or(Seq::ZERO);
    let limit = from.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    Ok(Json(
        rooms::events(&server.app, &who, room, after, limit).await?,
    ))
}
