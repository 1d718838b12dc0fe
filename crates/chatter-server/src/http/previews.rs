//! What the links of messages lead to.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::rooms;
use chatter_protocol::{Event, RoomId, Seq};

use super::extract::{Place, Signed};
use crate::openapi::Doing;
use crate::refusals::Refused;
use crate::server::Server;

/// Show a message without its preview
///
/// For its author and moderators.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}/preview", tag = "messages", operation_id = "remove_preview",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)),
    responses((status = 200, body = Event), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
) -> Result<Json<Arc<Event>>, Refused> {
    Ok(Json(
        rooms::remove_preview(&server.app, &who, room, seq).await?,
    ))
}
