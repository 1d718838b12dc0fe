//! What anyone may know of this server.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_protocol::rest::ServerInfo;

use super::extract::Caller;
use crate::openapi::Asking;
use crate::server::Server;

/// This server, before signing in
#[utoipa::path(get, path = "/server", tag = "server", operation_id = "server", security(()),
    responses((status = 200, body = ServerInfo), Asking))]
pub async fn get(State(server): State<Arc<Server>>, caller: Caller) -> Json<ServerInfo> {
    let mut info = server.info();
    info.needs_claim_code &= !caller.local;
    Json(info)
}
