//! What admins and owners do about someone's account.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::accounts::{erase, reset, second_factor, suspension, users};
use chatter_protocol::trust::{Account, Erase, ResetLink, Suspend};
use chatter_protocol::{User, UserId};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// What only admins and owners know of an account
#[utoipa::path(get, path = "/users/{user}/account", tag = "people", operation_id = "account",
    params(("user" = UserId, Path)), responses((status = 200, body = Account), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
) -> Result<Json<Account>, Refused> {
    Ok(Json(users::account(&server.app, &who, user).await?))
}

/// Keep someone out until a time; for admins and owners
///
/// Their sockets, and those of their bots, are closed before this is answered.
/// It ends by itself.
#[utoipa::path(put, path = "/users/{user}/suspension", tag = "people", operation_id = "suspend_user",
    params(("user" = UserId, Path)), request_body = Suspend,
    responses((status = 200, body = User), Writing))]
pub async fn suspend(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
    Body(asked): Body<Suspend>,
) -> Result<Json<User>, Refused> {
    Ok(Json(
        suspension::suspend(&server.app, &who, user, asked).await?,
    ))
}

/// Let them in again before that
#[utoipa::path(delete, path = "/users/{user}/suspension", tag = "people", operation_id = "lift_suspension",
    params(("user" = UserId, Path)), responses((status = 200, body = User), Doing))]
pub async fn lift(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
) -> Result<Json<User>, Refused> {
    Ok(Json(suspension::lift(&server.app, &who, user).await?))
}

/// Make a link that sets a new password, once; for admins and owners
///
/// The secret is in this answer and nowhere else. Earlier links end.
#[utoipa::path(post, path = "/users/{user}/reset", tag = "people", operation_id = "create_reset",
    params(("user" = UserId, Path)), responses((status = 201, body = ResetLink), Doing))]
pub async fn create_reset(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
) -> Result<(StatusCode, Json<ResetLink>), Refused> {
    let link = reset::create(&server.app, &who, user).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// Forget someone for good; for admins and owners
///
/// Their sessions, tokens, password and profile go at once, their messages as
/// asked for. Their handle stays taken.
#[utoipa::path(post, path = "/users/{user}/erase", tag = "people", operation_id = "erase_user",
    params(("user" = UserId, Path)), request_body = Erase,
    responses((status = 200, body = User), Writing))]
pub async fn erase(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
    Body(asked): Body<Erase>,
) -> Result<Json<User>, Refused> {
    Ok(Json(erase::erase(&server.app, &who, user, asked).await?))
}

/// Remove someone's second factor; for admins and owners
///
/// For whoever lost both phone and recovery codes.
#[utoipa::path(delete, path = "/users/{user}/second-factor", tag = "people",
    operation_id = "remove_second_factor",
    params(("user" = UserId, Path)), responses((status = 204), Doing))]
pub async fn remove_second_factor(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
) -> Result<StatusCode, Refused> {
    second_factor::remove_for(&server.app, &who, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
