//! Coming in with just a name.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chatter_core::accounts;
use chatter_protocol::rest::{EnterAsGuest, SignedIn};

use super::extract::{Body, Caller};
use crate::openapi::Entering;
use crate::refusals::Refused;
use crate::server::Server;

/// Come in as a guest, where guests are allowed or by a guest link
///
/// Sets the session cookie, or answers with a token if `token` is true.
#[utoipa::path(post, path = "/guests", tag = "sessions", operation_id = "enter_as_guest", security(()),
    request_body = EnterAsGuest, responses((status = 201, body = SignedIn), Entering))]
pub async fn post(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Body(asked): Body<EnterAsGuest>,
) -> Result<Response, Refused> {
    let (app, agent, from) = (&server.app, &caller.agent, caller.address);
    let (me, token) = match &asked.link {
        Some(link) => accounts::guest_links::enter(app, link, &asked.name, agent, from).await?,
        None => accounts::guests::enter(app, &asked.name, agent, from).await?,
    };
    Ok(caller.welcome(me, token, asked.token))
}
