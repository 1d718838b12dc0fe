//! Finding what was said.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::search::{self, Question};
use chatter_protocol::search::SearchResults;
use serde::Deserialize;

use super::extract::{Asked, Signed};
use crate::openapi::Searching;
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Typed {
    /// Words that must all be there, `"a phrase"`, `-without`, and filters:
    /// `from:@handle` or `from:me`, `in:#room`, `has:link|file|image|code|reaction|poll`,
    /// `is:pinned|thread|edited|mention|saved`, `before:`, `after:` and `on:` a day.
    q: String,
    /// `newest` first when absent, or `best`.
    #[param(inline)]
    order: Option<Ordering>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// At most so many; 20 when absent, 50 at most.
    limit: Option<usize>,
    /// The time zone whose days are meant, such as `Europe/Prague`; UTC when absent.
    zone: Option<String>,
    /// Also the message above each and the one below.
    neighbours: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Ordering {
    Newest,
    Best,
}

/// Search all messages I may read
///
/// Finds any piece of two characters or more, in any script; case and accents
/// do not count. The newest first, or the best of the newest 500.
#[utoipa::path(get, path = "/search", tag = "messages", operation_id = "search",
    params(Typed), responses((status = 200, body = SearchResults), Searching))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(asked): Asked<Typed>,
) -> Result<Json<SearchResults>, Refused> {
    let question = Question {
        text: asked.q,
        best: asked.order == Some(Ordering::Best),
        cursor: asked.cursor,
        limit: asked.limit,
        zone: asked.zone,
        neighbours: asked.neighbours.unwrap_or(false),
    };
    Ok(Json(search::search(&server.app, &who, question).await?))
}
