//! Messages to be sent later.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::personal::scheduled;
use chatter_protocol::personal::{ChangeScheduled, ScheduleMessage, Scheduled};
use chatter_protocol::{RoomId, ScheduledId};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// What I have to be sent later
///
/// Also what could not be sent when it was time, with the reason, until it is changed or deleted.
#[utoipa::path(get, path = "/scheduled", tag = "personal", operation_id = "scheduled",
    responses((status = 200, body = Vec<Scheduled>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Scheduled>>, Refused> {
    Ok(Json(scheduled::list(&server.app, &who).await?))
}

/// Send a message later
#[utoipa::path(post, path = "/rooms/{room}/scheduled", tag = "personal", operation_id = "schedule",
    params(("room" = RoomId, Path)), request_body = ScheduleMessage,
    responses((status = 201, body = Scheduled), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<ScheduleMessage>,
) -> Result<(StatusCode, Json<Scheduled>), Refused> {
    let scheduled = scheduled::schedule(&server.app, &who, room, asked).await?;
    Ok((StatusCode::CREATED, Json(scheduled)))
}

/// Change what is sent, or when
#[utoipa::path(patch, path = "/scheduled/{scheduled}", tag = "personal", operation_id = "change_scheduled",
    params(("scheduled" = ScheduledId, Path)), request_body = ChangeScheduled,
    responses((status = 200, body = Scheduled), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<ScheduledId>,
    Body(asked): Body<ChangeScheduled>,
) -> Result<Json<Scheduled>, Refused> {
    Ok(Json(scheduled::change(&server.app, &who, id, asked).await?))
}

/// Do not send it
#[utoipa::path(delete, path = "/scheduled/{scheduled}", tag = "personal", operation_id = "unschedule",
    params(("scheduled" = ScheduledId, Path)),
    responses((status = 204, description = "It will not be sent"), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<ScheduledId>,
) -> Result<StatusCode, Refused> {
    scheduled::cancel(&server.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
