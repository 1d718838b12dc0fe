//! Links that bring people in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::accounts::invites;
use chatter_protocol::InviteId;
use chatter_protocol::rest::{CreateInvite, Invite, InvitePreview};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Asking, Doing, Gone, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// Invites that still bring someone in; for admins and owners
#[utoipa::path(get, path = "/invites", tag = "people", operation_id = "invites",
    responses((status = 200, body = Vec<Invite>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Invite>>, Refused> {
    Ok(Json(invites::list(&server.app, &who).await?))
}

/// Invite people; for admins and owners
///
/// The secret at the end of the link is in this answer and nowhere else.
#[utoipa::path(post, path = "/invites", tag = "people", operation_id = "create_invite",
    request_body = CreateInvite, responses((status = 201, body = Invite), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<CreateInvite>,
) -> Result<(StatusCode, Json<Invite>), Refused> {
    let invite = invites::create(&server.app, &who, asked).await?;
    Ok((StatusCode::CREATED, Json(invite)))
}

/// Revoke an invite
#[utoipa::path(delete, path = "/invites/{invite}", tag = "people", operation_id = "revoke_invite",
    params(("invite" = InviteId, Path)), responses((status = 204), Doing, Gone))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(invite): Place<InviteId>,
) -> Result<StatusCode, Refused> {
    invites::revoke(&server.app, &who, invite).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an invite is for, before signing in
#[utoipa::path(get, path = "/invites/by-secret/{secret}", tag = "people", operation_id = "invite_preview",
    security(()), params(("secret" = String, Path)),
    responses((status = 200, body = InvitePreview), Asking, Gone))]
pub async fn preview(
    State(server): State<Arc<Server>>,
    Place(secret): Place<String>,
) -> Result<Json<InvitePreview>, Refused> {
    Ok(Json(invites::preview(&server.app, &secret).await?))
}
