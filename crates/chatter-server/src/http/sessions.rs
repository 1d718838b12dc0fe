//! Signing in and out, and where I am signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use chatter_core::accounts::sessions;
use chatter_protocol::SessionId;
use chatter_protocol::people::Session;
use chatter_protocol::rest::{SignIn, SignedIn};

use super::extract::{Body, Caller, Place, Signed};
use crate::caller::cookie;
use crate::openapi::{Doing, Entering, Reading};
use crate::refusals::Refused;
use crate::server::Server;

/// Sign in
///
/// Sets the session cookie, or answers with a token if `token` is true. A
/// wrong handle and a wrong password are the same answer.
#[utoipa::path(post, path = "/sessions", tag = "sessions", operation_id = "sign_in", security(()),
    request_body = SignIn, responses((status = 201, body = SignedIn), Entering))]
pub async fn post(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Body(asked): Body<SignIn>,
) -> Result<Response, Refused> {
    let token_wanted = asked.token;
    let (me, token) = sessions::sign_in(&server.app, asked, &caller.agent, caller.address).await?;
    Ok(caller.welcome(me, token, token_wanted))
}

/// Where I am signed in
#[utoipa::path(get, path = "/sessions", tag = "sessions", operation_id = "sessions",
    responses((status = 200, body = Vec<Session>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Session>>, Refused> {
    Ok(Json(sessions::sessions(&server.app, &who).await?))
}

/// Sign out here
#[utoipa::path(delete, path = "/sessions/current", tag = "sessions", operation_id = "sign_out",
    responses((status = 204), Doing))]
pub async fn delete_current(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Signed(who): Signed,
) -> Result<impl IntoResponse, Refused> {
    sessions::sign_out(&server.app, &who).await?;
    let forget = AppendHeaders([(header::SET_COOKIE, cookie::forget(caller.tls))]);
    Ok((StatusCode::NO_CONTENT, forget))
}

/// Sign out everywhere else
#[utoipa::path(delete, path = "/sessions", tag = "sessions", operation_id = "end_other_sessions",
    responses((status = 204), Doing))]
pub async fn delete_others(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<StatusCode, Refused> {
    sessions::end_others(&server.app, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out somewhere else
///
/// Its sockets are closed before this is answered.
#[utoipa::path(delete, path = "/sessions/{session}", tag = "sessions", operation_id = "end_session",
    params(("session" = SessionId, Path)), responses((status = 204), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(session): Place<SessionId>,
) -> Result<StatusCode, Refused> {
    sessions::end(&server.app, &who, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
