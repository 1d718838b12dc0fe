//! Messages that I keep at hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::personal::saved;
use chatter_protocol::limits::PAGE_DEFAULT;
use chatter_protocol::personal::Saved;
use chatter_protocol::{RoomId, SavedId, Seq};
use serde::Deserialize;

use super::extract::{Asked, Place, Signed};
use crate::openapi::{Doing, Reading};
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Saved before this one.
    before: Option<SavedId>,
    /// At most so many; 50 when absent, 200 at most.
    limit: Option<usize>,
}

/// What I saved, the newest first
///
/// Each message as it is now, a deleted one as a tombstone. What I may not read any more is not there.
#[utoipa::path(get, path = "/saved", tag = "personal", operation_id = "saved", params(Which),
    responses((status = 200, body = Vec<Saved>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(asked): Asked<Which>,
) -> Result<Json<Vec<Saved>>, Refused> {
    let limit = asked.limit.unwrap_or(PAGE_DEFAULT);
    Ok(Json(
        saved::list(&server.app, &who, asked.before, limit).await?,
    ))
}

/// Save a message
#[utoipa::path(put, path = "/saved/{room}/{seq}", tag = "personal", operation_id = "save",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)),
    responses((status = 204, description = "It is saved"), Doing))]
pub async fn put(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
) -> Result<StatusCode, Refused> {
    saved::save(&server.app, &who, room, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Save a message no longer
#[utoipa::path(delete, path = "/saved/{room}/{seq}", tag = "personal", operation_id = "unsave",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)),
    responses((status = 204, description = "It is not saved"), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
) -> Result<StatusCode, Refused> {
    saved::unsave(&server.app, &who, room, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
