//! My second factor.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::accounts::second_factor;
use chatter_protocol::trust::{
    BeginSecondFactor, ConfirmSecondFactor, ProveMyself, RecoveryCodes, SecondFactor,
    SecondFactorSecret,
};

use super::extract::{Body, Signed};
use crate::openapi::{Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// Whether signing in asks me for a code
#[utoipa::path(get, path = "/me/second-factor", tag = "sessions", operation_id = "second_factor",
    responses((status = 200, body = SecondFactor), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<SecondFactor>, Refused> {
    Ok(Json(second_factor::mine(&server.app, &who).await?))
}

/// Begin with a second factor
///
/// The secret is shown once. It counts once a code from it was confirmed.
#[utoipa::path(post, path = "/me/second-factor", tag = "sessions", operation_id = "begin_second_factor",
    request_body = BeginSecondFactor, responses((status = 201, body = SecondFactorSecret), Writing))]
pub async fn begin(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<BeginSecondFactor>,
) -> Result<(StatusCode, Json<SecondFactorSecret>), Refused> {
    let secret = second_factor::begin(&server.app, &who, asked).await?;
    Ok((StatusCode::CREATED, Json(secret)))
}

/// Show that my app has the secret
///
/// Answers with recovery codes, shown once.
#[utoipa::path(post, path = "/me/second-factor/confirm", tag = "sessions",
    operation_id = "confirm_second_factor",
    request_body = ConfirmSecondFactor, responses((status = 200, body = RecoveryCodes), Writing))]
pub async fn confirm(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<ConfirmSecondFactor>,
) -> Result<Json<RecoveryCodes>, Refused> {
    Ok(Json(
        second_factor::confirm(&server.app, &who, asked).await?,
    ))
}

/// Have new recovery codes
#[utoipa::path(post, path = "/me/second-factor/recovery-codes", tag = "sessions",
    operation_id = "renew_recovery_codes",
    request_body = ProveMyself, responses((status = 200, body = RecoveryCodes), Writing))]
pub async fn renew(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<ProveMyself>,
) -> Result<Json<RecoveryCodes>, Refused> {
    Ok(Json(
        second_factor::renew_recovery_codes(&server.app, &who, asked).await?,
    ))
}

/// Do without a second factor again
#[utoipa::path(post, path = "/me/second-factor/end", tag = "sessions", operation_id = "end_second_factor",
    request_body = ProveMyself, responses((status = 204), Writing))]
pub async fn end(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<ProveMyself>,
) -> Result<StatusCode, Refused> {
    second_factor::end(&server.app, &who, asked).await?;
    Ok(StatusCode::NO_CONTENT)
}
