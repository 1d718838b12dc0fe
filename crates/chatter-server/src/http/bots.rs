//! Programs with accounts of their own, and their tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::accounts::bots;
use chatter_protocol::trust::{Bot, BotToken, CreateBot, CreateBotToken};
use chatter_protocol::{SessionId, UserId};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// From after this bot, 200 at a time.
    after: Option<UserId>,
}

/// My bots; for admins and owners everyone's
#[utoipa::path(get, path = "/bots", tag = "people", operation_id = "bots", params(From),
    responses((status = 200, body = Vec<Bot>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(from): Asked<From>,
) -> Result<Json<Vec<Bot>>, Refused> {
    Ok(Json(bots::list(&server.app, &who, from.after).await?))
}

/// Make a bot that I answer for
#[utoipa::path(post, path = "/bots", tag = "people", operation_id = "create_bot",
    request_body = CreateBot, responses((status = 201, body = Bot), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<CreateBot>,
) -> Result<(StatusCode, Json<Bot>), Refused> {
    let bot = bots::create(&server.app, &who, asked).await?;
    Ok((StatusCode::CREATED, Json(bot)))
}

/// End a bot: its tokens and its sockets. Its messages stay
#[utoipa::path(delete, path = "/bots/{bot}", tag = "people", operation_id = "end_bot",
    params(("bot" = UserId, Path)), responses((status = 204), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(bot): Place<UserId>,
) -> Result<StatusCode, Refused> {
    bots::end(&server.app, &who, bot).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The tokens of a bot, without their secrets
#[utoipa::path(get, path = "/bots/{bot}/tokens", tag = "people", operation_id = "bot_tokens",
    params(("bot" = UserId, Path)), responses((status = 200, body = Vec<BotToken>), Reading))]
pub async fn tokens(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(bot): Place<UserId>,
) -> Result<Json<Vec<BotToken>>, Refused> {
    Ok(Json(bots::tokens(&server.app, &who, bot).await?))
}

/// Make a token for a bot
///
/// It is in this answer and nowhere else.
#[utoipa::path(post, path = "/bots/{bot}/tokens", tag = "people", operation_id = "create_bot_token",
    params(("bot" = UserId, Path)), request_body = CreateBotToken,
    responses((status = 201, body = BotToken), Writing))]
pub async fn post_token(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(bot): Place<UserId>,
    Body(asked): Body<CreateBotToken>,
) -> Result<(StatusCode, Json<BotToken>), Refused> {
    let token = bots::create_token(&server.app, &who, bot, asked).await?;
    Ok((StatusCode::CREATED, Json(token)))
}

/// Revoke a token; its sockets are closed before this is answered
#[utoipa::path(delete, path = "/bots/{bot}/tokens/{token}", tag = "people",
    operation_id = "revoke_bot_token",
    params(("bot" = UserId, Path), ("token" = SessionId, Path)), responses((status = 204), Doing))]
pub async fn delete_token(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((bot, token)): Place<(UserId, SessionId)>,
) -> Result<StatusCode, Refused> {
    bots::revoke_token(&server.app, &who, bot, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
