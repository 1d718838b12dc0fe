//! Files on their way in.

use std::sync::Arc;

use axum::Json;
use axum::body::Body as Raw;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatter_core::files::{FileError, upload};
use chatter_protocol::files::{FileId, NewUpload, StoredFile, Upload};
use chatter_protocol::limits::CHUNK_BYTES;
use chatter_protocol::{Code, RoomId};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Binary, Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// Where the bytes of a request begin, and where those of the next one should.
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// Begin to send a file
///
/// Its bytes follow in chunks, by `PATCH`.
#[utoipa::path(post, path = "/uploads", tag = "files", operation_id = "begin_upload",
    request_body = NewUpload, responses((status = 201, body = Upload), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<NewUpload>,
) -> Result<Response, Refused> {
    let upload = upload::begin(&server.app, &who, asked).await?;
    let place = format!("/api/v1/uploads/{}", upload.id);
    let mut response = answer(StatusCode::CREATED, &upload);
    if let Ok(place) = HeaderValue::try_from(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// How far an upload of mine is
///
/// The header `Upload-Offset` says it too, also to `HEAD`.
#[utoipa::path(get, path = "/uploads/{upload}", tag = "files", operation_id = "upload",
    params(("upload" = FileId, Path)), responses((status = 200, body = Upload), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<String>,
) -> Result<Response, Refused> {
    let upload = upload::look(&server.app, &who, named(&id)?).await?;
    Ok(answer(StatusCode::OK, &upload))
}

/// Send the next bytes of a file
///
/// From the header `Upload-Offset` on, at most `chunk` of them. What arrived
/// before a connection broke is kept. With the last bytes it becomes a file.
#[utoipa::path(patch, path = "/uploads/{upload}", tag = "files", operation_id = "continue_upload",
    params(("upload" = FileId, Path), ("Upload-Offset" = i64, Header)),
    request_body(content = inline(Binary), content_type = "application/octet-stream"),
    responses((status = 200, body = Upload), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<String>,
    headers: HeaderMap,
    body: Raw,
) -> Result<Response, Response> {
    let id = named(&id).map_err(IntoResponse::into_response)?;
    let Some(offset) = number(&headers, &UPLOAD_OFFSET) else {
        let message = "Say in Upload-Offset where these bytes begin.";
        return Err(Refused::new(Code::BadFrame, message).into_response());
    };
    let bytes = body.into_data_stream();
    let received = upload::receive(&server.app, &who, id, offset, bytes).await;
    received
        .map(|upload| answer(StatusCode::OK, &upload))
        .map_err(refused)
}

/// Give up an upload, or a file of mine that no message carries
#[utoipa::path(delete, path = "/uploads/{upload}", tag = "files", operation_id = "cancel_upload",
    params(("upload" = FileId, Path)), responses((status = 204), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(id): Place<String>,
) -> Result<StatusCode, Refused> {
    upload::cancel(&server.app, &who, named(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Named {
    /// What to call it.
    name: String,
    /// Where it is meant to be posted, to be refused early.
    room: Option<RoomId>,
}

/// Send a small file at once
///
/// Its bytes are the body, as long as `Content-Length` says, and no more than
/// one chunk.
#[utoipa::path(post, path = "/files", tag = "files", operation_id = "send_file", params(Named),
    request_body(content = inline(Binary), content_type = "application/octet-stream"),
    responses((status = 201, body = StoredFile), Writing))]
pub async fn post_file(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(asked): Asked<Named>,
    headers: HeaderMap,
    body: Raw,
) -> Result<Response, Refused> {
    let Some(size) = number(&headers, &header::CONTENT_LENGTH) else {
        let message = "Say in Content-Length how long the file is.";
        return Err(Refused::new(Code::BadFrame, message));
    };
    if size > CHUNK_BYTES {
        let message = format!("Files of more than {CHUNK_BYTES} bytes are sent in chunks.");
        return Err(Refused::new(Code::TooLong, message));
    }
    let new = NewUpload {
        name: asked.name,
        size,
        room: asked.room,
    };
    let begun = upload::begin(&server.app, &who, new).await?;
    let id = begun.id.clone();
    let bytes = body.into_data_stream();
    let received = upload::receive(&server.app, &who, begun.id, 0, bytes).await;
    match received {
        Ok(Upload {
            file: Some(file), ..
        }) => Ok((StatusCode::CREATED, Json(file)).into_response()),
        other => {
            // Nobody was told of it, so nobody goes on with it.
            upload::cancel(&server.app, &who, id).await.ok();
            Err(other.map_or_else(Refused::from, |_| FileError::BrokeOff.into()))
        }
    }
}

/// Whatever is no id names nothing.
pub(super) fn named(id: &str) -> Result<FileId, Refused> {
    Ok(id.parse().map_err(|_| FileError::NoSuchFile)?)
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    let said = headers.get(name)?.to_str().ok()?;
    said.parse().ok().filter(|number| *number >= 0)
}

fn answer(status: StatusCode, upload: &Upload) -> Response {
    let mut response = (status, Json(upload)).into_response();
    let offset = HeaderValue::from(upload.offset);
    response.headers_mut().insert(UPLOAD_OFFSET, offset);
    response
}

/// Whoever is at the wrong place hears which is the right one.
fn refused(error: FileError) -> Response {
    let at = match error {
        FileError::WrongOffset { at } => Some(at),
        _ => None,
    };
    let mut response = Refused::from(error).into_response();
    if let Some(at) = at {
        let offset = HeaderValue::from(at);
        response.headers_mut().insert(UPLOAD_OFFSET, offset);
    }
    response
}
