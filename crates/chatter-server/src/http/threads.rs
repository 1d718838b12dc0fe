//! Threads: what is said about one message.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::rooms;
use chatter_protocol::limits::{PAGE_DEFAULT, PAGE_MAX};
use chatter_protocol::rest::PutThread;
use chatter_protocol::rooms::Thread;
use chatter_protocol::{Millis, Page, RoomId, Seq};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use super::messages::Where;
use crate::openapi::{Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// A page of a thread, oldest first
///
/// Its first message is not on it; its seq names the thread.
#[utoipa::path(get, path = "/rooms/{room}/threads/{thread}/messages", tag = "messages", operation_id = "thread_page",
    params(("room" = RoomId, Path), ("thread" = Seq, Path), Where),
    responses((status = 200, body = Page), Reading))]
pub async fn page(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, thread)): Place<(RoomId, Seq)>,
    Asked(asked): Asked<Where>,
) -> Result<Json<Page>, Refused> {
    let (at, limit) = (asked.at(&server, &who, room).await?, asked.limit());
    Ok(Json(
        rooms::thread_page(&server.app, &who, room, thread, at, limit).await?,
    ))
}

/// Where I stand in a thread
#[utoipa::path(get, path = "/rooms/{room}/threads/{thread}", tag = "messages", operation_id = "thread",
    params(("room" = RoomId, Path), ("thread" = Seq, Path)),
    responses((status = 200, body = Thread), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, thread)): Place<(RoomId, Seq)>,
) -> Result<Json<Thread>, Refused> {
    Ok(Json(rooms::thread(&server.app, &who, room, thread).await?))
}

/// Follow a thread or not, and mark it as read
#[utoipa::path(put, path = "/rooms/{room}/threads/{thread}", tag = "messages", operation_id = "put_thread",
    params(("room" = RoomId, Path), ("thread" = Seq, Path)), request_body = PutThread,
    responses((status = 200, body = Thread), Writing))]
pub async fn put(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, thread)): Place<(RoomId, Seq)>,
    Body(asked): Body<PutThread>,
) -> Result<Json<Thread>, Refused> {
    if let Some(follows) = asked.follows {
        rooms::follow_thread(&server.app, &who, room, thread, follows).await?;
    }
    if let Some(seq) = asked.read {
        rooms::read_thread(&server.app, &who, room, thread, seq).await?;
    }
    Ok(Json(rooms::thread(&server.app, &who, room, thread).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those with something unread.
    #[serde(default)]
    unread: bool,
    /// Last written in before this moment.
    before: Option<Millis>,
    /// At most so many; 50 when absent, 200 at most.
    limit: Option<usize>,
}

/// The threads I follow, the last written in first
#[utoipa::path(get, path = "/threads", tag = "messages", operation_id = "threads", params(Which),
    responses((status = 200, body = Vec<Thread>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(asked): Asked<Which>,
) -> Result<Json<Vec<Thread>>, Refused> {
    let limit = asked.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let found = rooms::threads(&server.app, &who, asked.unread, asked.before, limit).await?;
    Ok(Json(found))
}
