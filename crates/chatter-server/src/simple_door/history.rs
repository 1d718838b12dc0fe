//! `GET /history?r=<room>`: what was said, oldest first.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use chatter_core::App;
use chatter_core::rooms::lobby::SYSTEM;
use chatter_protocol::{Fact, Message, Refusal, Room, UserId};
use chatter_store::{At, StoreError};
use serde::Deserialize;

use super::line::{Line, timestamp};
use crate::refusals::{Of, Refused};
use crate::server::Server;

/// How much of the past the simple door tells.
pub const HISTORY: usize = 100;

#[derive(Deserialize)]
pub struct HistoryQuery {
    #[serde(default)]
    r: String,
}

/// A room that does not exist has an empty history: there is nothing to learn
/// about closed rooms here, for they are looked up among the open ones only.
pub async fn history(
    State(server): State<Arc<Server>>,
    Query(query): Query<HistoryQuery>,
) -> Response {
    if !server.app.guests_allowed() {
        return Refused(super::no_guests()).into_response();
    }
    match read(&server.app, &query.r).await {
        Ok(lines) => Json(lines).into_response(),
        Err(error) => Refused(Refusal::from(Of(&error))).into_response(),
    }
}

async fn read(app: &App, name: &str) -> Result<Vec<serde_json::Value>, StoreError> {
    let Some(room) = app.store.open_room_named(name).await? else {
        return Ok(Vec::new());
    };
    let told = recent(app, &room).await?;
    let lines = told.iter().map(|(name, message)| {
        let line = Line {
            sender: name,
            room: &room.name,
            content: message.text(),
            timestamp: timestamp(message.at),
        };
        serde_json::to_value(line).unwrap_or_default()
    });
    Ok(lines.collect())
}

/// The newest messages that still stand, oldest first, with their authors' names.
pub async fn recent(app: &App, room: &Room) -> Result<Vec<(String, Message)>, StoreError> {
    let page = app.store.page(room.id, SYSTEM, At::Newest, HISTORY).await?;
    let stand =
        |message: &Message| message.deleted_by.is_none() && matches!(message.fact, Fact::Posted(_));
    let messages: Vec<_> = page.messages.into_iter().filter(stand).collect();
    let names = names(app, messages.iter().map(|message| message.author)).await?;
    let named = messages.into_iter().map(|message| {
        let name = names.get(&message.author).cloned().unwrap_or_default();
        (name, message)
    });
    Ok(named.collect())
}

pub async fn names(
    app: &App,
    users: impl Iterator<Item = UserId>,
) -> Result<HashMap<UserId, String>, StoreError> {
    let mut ids: Vec<UserId> = users.collect();
    ids.sort_unstable();
    ids.dedup();
    let found = app.store.users(&ids).await?;
    Ok(found.into_iter().map(|user| (user.id, user.name)).collect())
}
