//! How long messages are kept, and what must be kept all the same.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::order::{holds, retention};
use chatter_protocol::retention::{CreateHold, Hold, Retention, RetentionPreview, SetRetention};
use chatter_protocol::{HoldId, RoomId};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// How long a room keeps its messages
#[utoipa::path(get, path = "/rooms/{room}/retention", tag = "rooms", operation_id = "retention",
    params(("room" = RoomId, Path)), responses((status = 200, body = Retention), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<Retention>, Refused> {
    Ok(Json(retention::of_room(&server.app, &who, room).await?))
}

/// Give a room a rule of its own; for admins and owners
#[utoipa::path(put, path = "/admin/rooms/{room}/retention", tag = "admin", operation_id = "set_retention",
    params(("room" = RoomId, Path)), request_body = SetRetention,
    responses((status = 200, body = Retention), Writing))]
pub async fn put(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<SetRetention>,
) -> Result<Json<Retention>, Refused> {
    Ok(Json(retention::set(&server.app, &who, room, asked).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Supposed {
    /// As if the server kept messages for so many days; the present rule when
    /// absent.
    message_days: Option<i64>,
    /// As if the server kept files for so many days.
    file_days: Option<i64>,
}

/// What the next run would delete; for admins and owners
#[utoipa::path(get, path = "/admin/retention/preview", tag = "admin", operation_id = "retention_preview",
    params(Supposed),
    responses((status = 200, body = RetentionPreview), Reading,
              (status = 429, description = "Too often; see retry_after", body = chatter_protocol::Refusal)))]
pub async fn preview(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(supposed): Asked<Supposed>,
) -> Result<Json<RetentionPreview>, Refused> {
    let (messages, files) = (supposed.message_days, supposed.file_days);
    Ok(Json(
        retention::preview(&server.app, &who, messages, files).await?,
    ))
}

/// Legal holds; for admins and owners
#[utoipa::path(get, path = "/admin/holds", tag = "admin", operation_id = "holds",
    responses((status = 200, body = Vec<Hold>), Reading))]
pub async fn list_holds(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Hold>>, Refused> {
    Ok(Json(holds::list(&server.app, &who).await?))
}

/// Keep all of a room or of a person, whatever the rules say; for admins and owners
#[utoipa::path(post, path = "/admin/holds", tag = "admin", operation_id = "place_hold",
    request_body = CreateHold, responses((status = 201, body = Hold), Writing))]
pub async fn place_hold(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<CreateHold>,
) -> Result<(StatusCode, Json<Hold>), Refused> {
    let hold = holds::place(&server.app, &who, asked).await?;
    Ok((StatusCode::CREATED, Json(hold)))
}

/// Release a legal hold; for admins and owners
#[utoipa::path(delete, path = "/admin/holds/{hold}", tag = "admin", operation_id = "release_hold",
    params(("hold" = HoldId, Path)), responses((status = 204), Doing))]
pub async fn release_hold(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(hold): Place<HoldId>,
) -> Result<StatusCode, Refused> {
    holds::release(&server.app, &who, hold).await?;
    Ok(StatusCode::NO_CONTENT)
}
