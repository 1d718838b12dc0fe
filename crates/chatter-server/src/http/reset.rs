//! A new password by a link.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::accounts::reset;
use chatter_protocol::trust::ResetPassword;

use super::extract::{Body, Caller};
use crate::openapi::Entering;
use crate::refusals::Refused;
use crate::server::Server;

/// Set a new password by a link
///
/// Once. Ends all sessions and their sockets; a second factor stays.
#[utoipa::path(post, path = "/reset", tag = "sessions", operation_id = "reset_password", security(()),
    request_body = ResetPassword, responses((status = 204), Entering))]
pub async fn post(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Body(asked): Body<ResetPassword>,
) -> Result<StatusCode, Refused> {
    reset::apply(&server.app, asked, caller.address).await?;
    Ok(StatusCode::NO_CONTENT)
}
