//! The first person makes the server theirs.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chatter_core::accounts;
use chatter_protocol::rest::{Setup, SignedIn};

use super::extract::{Body, Caller};
use crate::openapi::Entering;
use crate::refusals::Refused;
use crate::server::Server;

/// Become the owner of a new server
///
/// Once. Needs the claim code that the server printed, unless asked on the
/// same machine. Sets the session cookie.
#[utoipa::path(post, path = "/setup", tag = "server", operation_id = "set_up", security(()),
    request_body = Setup, responses((status = 201, body = SignedIn), Entering))]
pub async fn post(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Body(setup): Body<Setup>,
) -> Result<Response, Refused> {
    let (me, token) = accounts::setup::set_up(
        &server.app,
        setup,
        &caller.agent,
        caller.address,
        caller.local,
        server.claim.as_ref(),
    )
    .await?;
    Ok(caller.welcome(me, token, false))
}
