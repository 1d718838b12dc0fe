//! What is said in a room.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::{Principal, rooms};
use chatter_protocol::limits::{PAGE_DEFAULT, PAGE_MAX};
use chatter_protocol::rest::{EditMessage, PostMessage};
use chatter_protocol::rooms::Version;
use chatter_protocol::{Code, Event, Key, Message, Millis, Page, RoomId, Seq};
use chatter_store::At;
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Deleted, Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Where {
    /// What is older than this seq.
    before: Option<Seq>,
    /// What is newer than this seq.
    after: Option<Seq>,
    /// This seq and its neighbours.
    around: Option<Seq>,
    /// The first message at or after this moment, and its neighbours.
    since: Option<Millis>,
    /// At most so many; 50 when absent, 200 at most.
    limit: Option<usize>,
}

impl Where {
    pub(super) async fn at(
        &self,
        server: &Server,
        who: &Principal,
        room: RoomId,
    ) -> Result<At, Refused> {
        match (self.before, self.after, self.around, self.since) {
            (None, None, None, None) => Ok(At::Newest),
            (Some(seq), None, None, None) => Ok(At::Before(seq)),
            (None, Some(seq), None, None) => Ok(At::After(seq)),
            (None, None, Some(seq), None) => Ok(At::Around(seq)),
            (None, None, None, Some(at)) => {
                let seq = rooms::first_since(&server.app, who, room, at).await?;
                Ok(At::Around(seq))
            }
            _ => {
                let message = "Ask for one of before, after, around and since.";
                Err(Refused::new(Code::BadFrame, message))
            }
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)
    }
}

/// A page of a room's messages, oldest first
///
/// The newest, or those before, after or around a seq.
#[utoipa::path(get, path = "/rooms/{room}/messages", tag = "messages", operation_id = "page",
    params(("room" = RoomId, Path), Where), responses((status = 200, body = Page), Reading))]
pub async fn page(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Asked(asked): Asked<Where>,
) -> Result<Json<Page>, Refused> {
    let (at, limit) = (asked.at(&server, &who, room).await?, asked.limit());
    Ok(Json(rooms::page(&server.app, &who, room, at, limit).await?))
}

/// Say something in a room
///
/// Answered once it is on disk. The same key again is the same message.
#[utoipa::path(post, path = "/rooms/{room}/messages", tag = "messages", operation_id = "post",
    params(("room" = RoomId, Path)), request_body = PostMessage,
    responses((status = 201, body = Event), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<PostMessage>,
) -> Result<(StatusCode, Json<Arc<Event>>), Refused> {
    let (key, draft) = asked.into();
    let event = rooms::post(&server.app, &who, room, key, draft).await?;
    Ok((StatusCode::CREATED, Json(event)))
}

/// One message
#[utoipa::path(get, path = "/rooms/{room}/messages/{seq}", tag = "messages", operation_id = "message",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)),
    responses((status = 200, body = Message), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
) -> Result<Json<Message>, Refused> {
    Ok(Json(rooms::message(&server.app, &who, room, seq).await?))
}

/// What a message said, first and after each edit
#[utoipa::path(get, path = "/rooms/{room}/messages/{seq}/versions", tag = "messages", operation_id = "versions",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)),
    responses((status = 200, body = Vec<Version>), Reading, Deleted))]
pub async fn versions(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
) -> Result<Json<Vec<Version>>, Refused> {
    Ok(Json(rooms::versions(&server.app, &who, room, seq).await?))
}

/// Replace the text of a message of mine
#[utoipa::path(patch, path = "/rooms/{room}/messages/{seq}", tag = "messages", operation_id = "edit",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)), request_body = EditMessage,
    responses((status = 200, body = Event), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
    Body(asked): Body<EditMessage>,
) -> Result<Json<Arc<Event>>, Refused> {
    Ok(Json(
        rooms::edit(&server.app, &who, room, seq, asked.text, asked.key).await?,
    ))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Deletion {
    /// My own name for it, so that a retry is the same deed.
    key: Option<Key>,
    /// Why someone else's is taken away: for the audit log.
    reason: Option<String>,
}

/// Turn a message into a tombstone
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}", tag = "messages", operation_id = "delete",
    params(("room" = RoomId, Path), ("seq" = Seq, Path), Deletion),
    responses((status = 200, body = Event), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
    Asked(asked): Asked<Deletion>,
) -> Result<Json<Arc<Event>>, Refused> {
    let (key, reason) = (asked.key, asked.reason);
    Ok(Json(
        rooms::delete(&server.app, &who, room, seq, key, reason.as_deref()).await?,
    ))
}
