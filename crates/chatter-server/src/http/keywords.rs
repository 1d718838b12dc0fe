//! Words that I want to hear of.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::personal::keywords;
use chatter_protocol::personal::Keywords;

use super::extract::{Body, Signed};
use crate::openapi::{Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// My keywords
///
/// Nobody else can see them, nor which messages concern me by one.
#[utoipa::path(get, path = "/me/keywords", tag = "personal", operation_id = "keywords",
    responses((status = 200, body = Keywords), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Keywords>, Refused> {
    Ok(Json(keywords::mine(&server.app, &who).await?))
}

/// Replace my keywords
#[utoipa::path(put, path = "/me/keywords", tag = "personal", operation_id = "put_keywords", request_body = Keywords,
    responses((status = 200, body = Keywords), Writing))]
pub async fn put(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<Keywords>,
) -> Result<Json<Keywords>, Refused> {
    Ok(Json(keywords::put(&server.app, &who, asked).await?))
}
