//! Me.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatter_core::accounts::{password, preferences, profile};
use chatter_protocol::rest::{ChangePassword, ChangePreferences, ChangeProfile};
use chatter_protocol::{Preferences, User};

use super::extract::{Body, Caller, Signed, bearer};
use crate::caller::cookie;
use crate::caller::peer::Peer;
use crate::openapi::{Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// Me
#[utoipa::path(get, path = "/me", tag = "people", operation_id = "me",
    responses((status = 200, body = User), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    caller: Caller,
    peer: Peer,
    headers: HeaderMap,
    Signed(who): Signed,
) -> Result<Response, Refused> {
    let me = profile::me(&server.app, &who).await?;
    let mut response = Json(me).into_response();
    // The session's end was put off; the browser's copy should know.
    if bearer(&headers).is_none()
        && let Some(token) = cookie::token_for(&server.config, &headers, peer)
    {
        let kept = cookie::keep(&token, caller.tls);
        response.headers_mut().insert(header::SET_COOKIE, kept);
    }
    Ok(response)
}

/// Change my name, face or about
#[utoipa::path(patch, path = "/me", tag = "people", operation_id = "change_profile",
    request_body = ChangeProfile, responses((status = 200, body = User), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<ChangeProfile>,
) -> Result<Json<User>, Refused> {
    Ok(Json(profile::change(&server.app, &who, asked).await?))
}

/// What I chose for myself
#[utoipa::path(get, path = "/me/preferences", tag = "people", operation_id = "preferences",
    responses((status = 200, body = Preferences), Reading))]
pub async fn get_preferences(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Preferences>, Refused> {
    Ok(Json(preferences::mine(&server.app, &who).await?))
}

/// Choose how I am seen, and what of my doings
///
/// All my devices hear it.
#[utoipa::path(patch, path = "/me/preferences", tag = "people", operation_id = "change_preferences",
    request_body = ChangePreferences, responses((status = 200, body = Preferences), Writing))]
pub async fn patch_preferences(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<ChangePreferences>,
) -> Result<Json<Preferences>, Refused> {
    Ok(Json(preferences::change(&server.app, &who, asked).await?))
}

/// Change my password
///
/// Ends all other sessions and their sockets before it is answered.
#[utoipa::path(post, path = "/password", tag = "sessions", operation_id = "change_password",
    request_body = ChangePassword, responses((status = 204), Writing))]
pub async fn post_password(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<ChangePassword>,
) -> Result<StatusCode, Refused> {
    password::change(&server.app, &who, asked).await?;
    Ok(StatusCode::NO_CONTENT)
}
