//! What the server tells people, once or by a schedule.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::order::announcements;
use chatter_protocol::AnnouncementId;
use chatter_protocol::announcements::{Announcement, AnnouncementDraft, Banner};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// The banners that are up for me
#[utoipa::path(get, path = "/announcements", tag = "server", operation_id = "banners",
    responses((status = 200, body = Vec<Banner>), Reading))]
pub async fn banners(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Banner>>, Refused> {
    Ok(Json(announcements::banners(&server.app, &who).await?))
}

/// Dismiss a banner, on all my devices
#[utoipa::path(post, path = "/announcements/{announcement}/dismiss", tag = "server",
    operation_id = "dismiss_banner", params(("announcement" = AnnouncementId, Path)),
    responses((status = 204), Doing))]
pub async fn dismiss(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(announcement): Place<AnnouncementId>,
) -> Result<StatusCode, Refused> {
    announcements::dismiss(&server.app, &who, announcement).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is announced; for admins and owners
#[utoipa::path(get, path = "/admin/announcements", tag = "admin", operation_id = "announcements",
    responses((status = 200, body = Vec<Announcement>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Announcement>>, Refused> {
    Ok(Json(announcements::list(&server.app, &who).await?))
}

/// Announce something; for admins and owners
#[utoipa::path(post, path = "/admin/announcements", tag = "admin", operation_id = "announce",
    request_body = AnnouncementDraft, responses((status = 201, body = Announcement), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(draft): Body<AnnouncementDraft>,
) -> Result<(StatusCode, Json<Announcement>), Refused> {
    let made = announcements::make(&server.app, &who, draft).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Replace all of an announcement; for admins and owners
#[utoipa::path(put, path = "/admin/announcements/{announcement}", tag = "admin",
    operation_id = "replace_announcement", params(("announcement" = AnnouncementId, Path)),
    request_body = AnnouncementDraft, responses((status = 200, body = Announcement), Writing))]
pub async fn put(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(announcement): Place<AnnouncementId>,
    Body(draft): Body<AnnouncementDraft>,
) -> Result<Json<Announcement>, Refused> {
    Ok(Json(
        announcements::replace(&server.app, &who, announcement, draft).await?,
    ))
}

/// Announce it no more; for admins and owners
#[utoipa::path(delete, path = "/admin/announcements/{announcement}", tag = "admin",
    operation_id = "remove_announcement", params(("announcement" = AnnouncementId, Path)),
    responses((status = 204), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(announcement): Place<AnnouncementId>,
) -> Result<StatusCode, Refused> {
    announcements::remove(&server.app, &who, announcement).await?;
    Ok(StatusCode::NO_CONTENT)
}
