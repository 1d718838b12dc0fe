//! What happens by itself, and what it did last time.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::jobs::chores;
use chatter_protocol::jobs::Job;

use super::extract::Signed;
use crate::openapi::Reading;
use crate::refusals::Refused;
use crate::server::Server;

/// Jobs with their last and next runs; for admins and owners
#[utoipa::path(get, path = "/admin/jobs", tag = "admin", operation_id = "jobs",
    responses((status = 200, body = Vec<Job>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Job>>, Refused> {
    Ok(Json(chores::list(&server.app, &who).await?))
}
