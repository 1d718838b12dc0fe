//! Everything, a room, or what is mine, as an archive.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chatter_core::export::{self, Pieces};
use chatter_protocol::RoomId;
use futures_util::stream;
use serde::Deserialize;

use super::extract::{Asked, Signed};
use crate::openapi::{Binary, Doing};
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only this room; everything when absent.
    room: Option<RoomId>,
}

/// Everything on this server, or one room; for the owner
///
/// A tar archive, sent as it is made; its format is in `docs/export-format.md`.
/// It is whole when its last file is `end.json`.
#[utoipa::path(get, path = "/admin/export", tag = "admin", operation_id = "export",
    params(Which), responses((status = 200, body = inline(Binary), content_type = "application/x-tar"), Doing))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(asked): Asked<Which>,
) -> Result<Response, Refused> {
    Ok(match asked.room {
        Some(room) => {
            let pieces = export::room(&server.app, &who, room).await?;
            answer(pieces, &format!("room-{room}.tar"))
        }
        None => answer(export::everything(&server.app, &who).await?, "chatter.tar"),
    })
}

/// What is mine: who I am, and all that I said or did in rooms
#[utoipa::path(get, path = "/me/export", tag = "people", operation_id = "export_mine",
    responses((status = 200, body = inline(Binary), content_type = "application/x-tar"), Doing))]
pub async fn mine(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Response, Refused> {
    Ok(answer(export::person(&server.app, &who)?, "mine.tar"))
}

/// A failure breaks the answer off, which whoever downloads it sees.
fn answer(pieces: Pieces, name: &str) -> Response {
    let body = stream::unfold(pieces, async |mut pieces| {
        let piece: Result<Bytes, io::Error> = match pieces.recv().await? {
            Ok(bytes) => Ok(bytes),
            Err(error) => {
                tracing::warn!("an export broke off: {error}");
                Err(io::Error::other(error.to_string()))
            }
        };
        Some((piece, pieces))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, Body::from_stream(body)).into_response()
}
