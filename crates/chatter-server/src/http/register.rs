//! An account, by invite.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chatter_core::accounts;
use chatter_protocol::rest::{Register, SignedIn};

use super::extract::{Body, Caller};
use crate::openapi::Entering;
use crate::refusals::Refused;
use crate::server::Server;

/// Make an account with an invite
///
/// Sets the session cookie, or answers with a token if `token` is true.
#[utoipa::path(post, path = "/register", tag = "sessions", operation_id = "register", security(()),
    request_body = Register, responses((status = 201, body = SignedIn), Entering))]
pub async fn post(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Body(asked): Body<Register>,
) -> Result<Response, Refused> {
    let token_wanted = asked.token;
    let (me, token) =
        accounts::register::register(&server.app, asked, &caller.agent, caller.address).await?;
    Ok(caller.welcome(me, token, token_wanted))
}
