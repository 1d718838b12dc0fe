//! How far people have read.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::rooms;
use chatter_protocol::RoomId;
use chatter_protocol::rest::{PutReceipt, Standing};
use chatter_protocol::rooms::Receipt;

use super::extract::{Body, Place, Signed};
use crate::openapi::{Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// How far the members of a small room have read
#[utoipa::path(get, path = "/rooms/{room}/receipts", tag = "messages", operation_id = "receipts",
    params(("room" = RoomId, Path)), responses((status = 200, body = Vec<Receipt>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<Vec<Receipt>>, Refused> {
    Ok(Json(rooms::receipts(&server.app, &who, room).await?))
}

/// I have read up to here
///
/// Never goes back.
#[utoipa::path(put, path = "/rooms/{room}/receipt", tag = "messages", operation_id = "read",
    params(("room" = RoomId, Path)), request_body = PutReceipt,
    responses((status = 200, body = Standing), Writing))]
pub async fn put(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<PutReceipt>,
) -> Result<Json<Standing>, Refused> {
    Ok(Json(rooms::read(&server.app, &who, room, asked.seq).await?))
}

/// This device has what was said up to here
///
/// What a socket says with `got`: others then see that it was delivered.
#[utoipa::path(put, path = "/rooms/{room}/got", tag = "messages", operation_id = "got",
    params(("room" = RoomId, Path)), request_body = PutReceipt,
    responses((status = 204), Writing))]
pub async fn got(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<PutReceipt>,
) -> Result<StatusCode, Refused> {
    rooms::got(&server.app, &who, room, asked.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
