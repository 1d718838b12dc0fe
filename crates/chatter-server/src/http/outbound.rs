//! Whom this server calls.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::outbound;
use chatter_protocol::outbound::OutboundLedger;

use super::extract::Signed;
use crate::openapi::Reading;
use crate::refusals::Refused;
use crate::server::Server;

/// Whom this server reached out to, newest first
///
/// For admins. What the asked node did since it started; hosts, never pages.
#[utoipa::path(get, path = "/admin/outbound", tag = "server", operation_id = "outbound",
    responses((status = 200, body = OutboundLedger), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<OutboundLedger>, Refused> {
    Ok(Json(outbound::connections(&server.app, &who)?))
}
