//! Access and refresh tokens, for programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chatter_core::accounts::{embed, tokens};
use chatter_protocol::rest::SignedIn;
use chatter_protocol::trust::{EmbedSignIn, TokenGrant, Tokens};

use super::extract::{Body, Caller};
use crate::openapi::Entering;
use crate::refusals::Refused;
use crate::server::Server;

/// Sign a program in, or let it go on
///
/// The access token is a JWT of five minutes. The refresh token is good for one
/// use; one that is used twice ends the session and its sockets.
#[utoipa::path(post, path = "/token", tag = "sessions", operation_id = "token", security(()),
    request_body = TokenGrant, responses((status = 200, body = Tokens), Entering))]
pub async fn post(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Body(asked): Body<TokenGrant>,
) -> Result<Json<Tokens>, Refused> {
    let tokens = tokens::grant(&server.app, asked, &caller.agent, caller.address).await?;
    Ok(Json(tokens))
}

/// Sign in whom an embedding application vouches for
///
/// The application signs a JWT with `iss`, `aud`, `exp`, `nbf` or `iat`, `sub` and, to be
/// shown, `name`; the first time, its user is made. With `cookie`, sets the
/// session cookie; without, answers with tokens.
#[utoipa::path(post, path = "/token/embed", tag = "sessions", operation_id = "embed_sign_in", security(()),
    request_body = EmbedSignIn,
    responses((status = 200, body = Tokens), (status = 201, body = SignedIn), Entering))]
pub async fn embed(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Body(asked): Body<EmbedSignIn>,
) -> Result<Response, Refused> {
    let app = &server.app;
    let (me, new) = embed::enter(app, &asked.token, &caller.agent, caller.address).await?;
    if asked.cookie {
        return Ok(caller.welcome(me, new, false));
    }
    let tokens = tokens::pair(app, me, new.session).await?;
    Ok(Json(tokens).into_response())
}
