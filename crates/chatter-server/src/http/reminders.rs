//! Reminders of messages.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::personal::reminders;
use chatter_protocol::ReminderId;
use chatter_protocol::personal::{Remind, Reminder};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// My reminders, by their time
///
/// Those that are `due` stay until they are deleted.
#[utoipa::path(get, path = "/reminders", tag = "personal", operation_id = "reminders",
    responses((status = 200, body = Vec<Reminder>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Reminder>>, Refused> {
    Ok(Json(reminders::list(&server.app, &who).await?))
}

/// Be reminded of a message
#[utoipa::path(post, path = "/reminders", tag = "personal", operation_id = "remind", request_body = Remind,
    responses((status = 201, body = Reminder), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<Remind>,
) -> Result<(StatusCode, Json<Reminder>), Refused> {
    let reminder = reminders::remind(&server.app, &who, asked).await?;
    Ok((StatusCode::CREATED, Json(reminder)))
}

/// Be done with a reminder
#[utoipa::path(delete, path = "/reminders/{reminder}", tag = "personal", operation_id = "forget_reminder",
    params(("reminder" = ReminderId, Path)),
    responses((status = 204, description = "It is gone"), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<ReminderId>,
) -> Result<StatusCode, Refused> {
    reminders::forget(&server.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
