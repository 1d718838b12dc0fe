//! What I have begun to write, for my other devices.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chatter_core::personal::{PersonalError, drafts};
use chatter_protocol::personal::{KeptDraft, PutDraft, StaleDraft};
use chatter_protocol::{Refusal, RoomId, Seq};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::{Of, Refused};
use crate::server::Server;

/// What I have begun in my rooms
#[utoipa::path(get, path = "/drafts", tag = "personal", operation_id = "drafts",
    responses((status = 200, body = Vec<KeptDraft>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<KeptDraft>>, Refused> {
    Ok(Json(drafts::list(&server.app, &who).await?))
}

/// Keep what I have begun in a room or a thread of it
///
/// Where another device has changed it meanwhile, the refusal (`stale`) has the newer one, and nothing is changed.
#[utoipa::path(put, path = "/rooms/{room}/draft", tag = "personal", operation_id = "put_draft",
    params(("room" = RoomId, Path)), request_body = PutDraft,
    responses((status = 200, body = KeptDraft), Writing, (status = 409, description = "Another device has changed it meanwhile", body = StaleDraft)))]
pub async fn put(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<PutDraft>,
) -> Response {
    match drafts::put(&server.app, &who, room, asked).await {
        Ok(kept) => Json(kept).into_response(),
        Err(error) => refused(error),
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this thread, not of the room itself.
    thread: Option<Seq>,
    /// The `rev` of what is taken back.
    rev: i64,
}

/// Take back what I have begun
#[utoipa::path(delete, path = "/rooms/{room}/draft", tag = "personal", operation_id = "delete_draft",
    params(("room" = RoomId, Path), Which),
    responses((status = 204, description = "It is gone"), Doing, (status = 409, description = "Another device has changed it meanwhile", body = StaleDraft)))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Asked(asked): Asked<Which>,
) -> Response {
    let nothing = PutDraft {
        text: String::new(),
        thread: asked.thread,
        reply: None,
        rev: asked.rev,
    };
    match drafts::put(&server.app, &who, room, nothing).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(error),
    }
}

fn refused(error: PersonalError) -> Response {
    let refusal = Refusal::from(Of(&error));
    match error {
        PersonalError::Stale(newer) => {
            let newer = *newer;
            let body = StaleDraft { refusal, newer };
            (StatusCode::CONFLICT, Json(body)).into_response()
        }
        _ => Refused(refusal).into_response(),
    }
}
