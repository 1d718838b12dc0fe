//! What the owner chooses for the whole server.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::order::settings;
use chatter_protocol::settings::ServerSetting;

use super::extract::{Body, Signed};
use crate::openapi::{Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// The server's settings; for admins and owners
#[utoipa::path(get, path = "/admin/settings", tag = "admin", operation_id = "settings",
    responses((status = 200, body = Vec<ServerSetting>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<ServerSetting>>, Refused> {
    Ok(Json(settings::list(&server.app, &who)?))
}

/// Change settings by name, all or none; for the owner
///
/// Every value is text; null takes the choice back.
#[utoipa::path(patch, path = "/admin/settings", tag = "admin", operation_id = "change_settings",
    request_body = BTreeMap<String, Option<String>>,
    responses((status = 200, body = Vec<ServerSetting>), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<BTreeMap<String, Option<String>>>,
) -> Result<Json<Vec<ServerSetting>>, Refused> {
    Ok(Json(settings::change(&server.app, &who, asked).await?))
}
