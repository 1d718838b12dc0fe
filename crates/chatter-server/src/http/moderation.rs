//! Reports, bans and filters.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::{moderation, rooms};
use chatter_protocol::limits::{PAGE_DEFAULT, PAGE_MAX};
use chatter_protocol::moderation::{
    Ban, BanNetwork, Filter, MakeFilter, MakeReport, NetworkBan, Report, ReportState, Resolve,
    RoomBan,
};
use chatter_protocol::{BanId, FilterId, ReportId, RoomId, Seq, UserId};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// Report a message
///
/// For moderators of its room and admins. Once per person and message: again changes nothing.
#[utoipa::path(post, path = "/rooms/{room}/messages/{seq}/reports", tag = "moderation", operation_id = "report",
    params(("room" = RoomId, Path), ("seq" = Seq, Path)), request_body = MakeReport,
    responses((status = 204), Writing))]
pub async fn report(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, seq)): Place<(RoomId, Seq)>,
    Body(asked): Body<MakeReport>,
) -> Result<StatusCode, Refused> {
    rooms::report(&server.app, &who, room, seq, &asked.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Open ones when absent.
    #[serde(default)]
    #[param(inline)]
    state: ReportState,
    /// Of this room alone.
    room: Option<RoomId>,
    /// Older than this one.
    before: Option<ReportId>,
    /// At most so many; 50 when absent, 200 at most.
    limit: Option<usize>,
}

/// What was reported, newest first
///
/// Admins see all of it, moderators that of their rooms; of direct rooms, and about themselves, only admins.
#[utoipa::path(get, path = "/reports", tag = "moderation", operation_id = "reports", params(Which),
    responses((status = 200, body = Vec<Report>), Reading))]
pub async fn reports(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(which): Asked<Which>,
) -> Result<Json<Vec<Report>>, Refused> {
    let limit = which.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let (state, room, before) = (which.state, which.room, which.before);
    let found = rooms::reports(&server.app, &who, state, room, before, limit).await?;
    Ok(Json(found))
}

/// Close a report, and all others of the same message
///
/// It says what was done and does not do it.
#[utoipa::path(post, path = "/reports/{report}/resolution", tag = "moderation", operation_id = "resolve_report",
    params(("report" = ReportId, Path)), request_body = Resolve,
    responses((status = 200, body = Report), Writing))]
pub async fn resolve(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(report): Place<ReportId>,
    Body(asked): Body<Resolve>,
) -> Result<Json<Report>, Refused> {
    Ok(Json(
        rooms::resolve(&server.app, &who, report, asked).await?,
    ))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// From after this user.
    after: Option<UserId>,
    /// At most so many; 200 when absent.
    limit: Option<usize>,
}

/// Who is banned from a room
#[utoipa::path(get, path = "/rooms/{room}/bans", tag = "moderation", operation_id = "room_bans",
    params(("room" = RoomId, Path), From), responses((status = 200, body = Vec<RoomBan>), Reading))]
pub async fn room_bans(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Asked(from): Asked<From>,
) -> Result<Json<Vec<RoomBan>>, Refused> {
    let limit = from.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    Ok(Json(
        rooms::bans(&server.app, &who, room, from.after, limit).await?,
    ))
}

/// Ban someone from a room, or change their ban
///
/// Ends their membership and their sockets, and keeps them from coming back until it ends.
#[utoipa::path(put, path = "/rooms/{room}/bans/{user}", tag = "moderation", operation_id = "ban",
    params(("room" = RoomId, Path), ("user" = UserId, Path)), request_body = Ban,
    responses((status = 200, body = RoomBan), Writing))]
pub async fn ban(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, user)): Place<(RoomId, UserId)>,
    Body(asked): Body<Ban>,
) -> Result<Json<RoomBan>, Refused> {
    Ok(Json(
        rooms::ban(&server.app, &who, room, user, asked).await?,
    ))
}

/// Lift a ban
#[utoipa::path(delete, path = "/rooms/{room}/bans/{user}", tag = "moderation", operation_id = "unban",
    params(("room" = RoomId, Path), ("user" = UserId, Path)), responses((status = 204), Doing))]
pub async fn unban(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, user)): Place<(RoomId, UserId)>,
) -> Result<StatusCode, Refused> {
    rooms::unban(&server.app, &who, room, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The networks nobody may come in from; for admins
#[utoipa::path(get, path = "/admin/bans", tag = "admin", operation_id = "network_bans",
    responses((status = 200, body = Vec<NetworkBan>), Reading))]
pub async fn network_bans(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<NetworkBan>>, Refused> {
    Ok(Json(moderation::networks::list(&server.app, &who).await?))
}

/// Ban an address or a network; for admins
///
/// Nobody makes an account, comes in as a guest or signs in from there. The same network again changes its ban.
#[utoipa::path(post, path = "/admin/bans", tag = "admin", operation_id = "ban_network",
    request_body = BanNetwork, responses((status = 201, body = NetworkBan), Writing))]
pub async fn ban_network(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<BanNetwork>,
) -> Result<(StatusCode, Json<NetworkBan>), Refused> {
    let ban = moderation::networks::ban(&server.app, &who, asked).await?;
    Ok((StatusCode::CREATED, Json(ban)))
}

/// Lift the ban of a network; for admins
#[utoipa::path(delete, path = "/admin/bans/{ban}", tag = "admin", operation_id = "unban_network",
    params(("ban" = BanId, Path)), responses((status = 204), Doing))]
pub async fn unban_network(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(ban): Place<BanId>,
) -> Result<StatusCode, Refused> {
    moderation::networks::unban(&server.app, &who, ban).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The filters of a room; for its moderators
#[utoipa::path(get, path = "/rooms/{room}/filters", tag = "moderation", operation_id = "room_filters",
    params(("room" = RoomId, Path)), responses((status = 200, body = Vec<Filter>), Reading))]
pub async fn room_filters(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
) -> Result<Json<Vec<Filter>>, Refused> {
    Ok(Json(
        moderation::filters::list(&server.app, &who, Some(room)).await?,
    ))
}

/// Filter a word or a site in a room; for its moderators
#[utoipa::path(post, path = "/rooms/{room}/filters", tag = "moderation", operation_id = "set_room_filter",
    params(("room" = RoomId, Path)), request_body = MakeFilter,
    responses((status = 201, body = Filter), Writing))]
pub async fn set_room_filter(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(room): Place<RoomId>,
    Body(asked): Body<MakeFilter>,
) -> Result<(StatusCode, Json<Filter>), Refused> {
    let filter = moderation::filters::set(&server.app, &who, Some(room), asked).await?;
    Ok((StatusCode::CREATED, Json(filter)))
}

/// Remove a filter of a room; for its moderators
#[utoipa::path(delete, path = "/rooms/{room}/filters/{filter}", tag = "moderation", operation_id = "remove_room_filter",
    params(("room" = RoomId, Path), ("filter" = FilterId, Path)), responses((status = 204), Doing))]
pub async fn remove_room_filter(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((room, filter)): Place<(RoomId, FilterId)>,
) -> Result<StatusCode, Refused> {
    moderation::filters::remove(&server.app, &who, Some(room), filter).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The filters that hold in every room; for admins
#[utoipa::path(get, path = "/admin/filters", tag = "admin", operation_id = "filters",
    responses((status = 200, body = Vec<Filter>), Reading))]
pub async fn filters(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Filter>>, Refused> {
    Ok(Json(
        moderation::filters::list(&server.app, &who, None).await?,
    ))
}

/// Filter a word or a site in every room; for admins
#[utoipa::path(post, path = "/admin/filters", tag = "admin", operation_id = "set_filter",
    request_body = MakeFilter, responses((status = 201, body = Filter), Writing))]
pub async fn set_filter(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<MakeFilter>,
) -> Result<(StatusCode, Json<Filter>), Refused> {
    let filter = moderation::filters::set(&server.app, &who, None, asked).await?;
    Ok((StatusCode::CREATED, Json(filter)))
}

/// Remove a filter that holds in every room; for admins
#[utoipa::path(delete, path = "/admin/filters/{filter}", tag = "admin", operation_id = "remove_filter",
    params(("filter" = FilterId, Path)), responses((status = 204), Doing))]
pub async fn remove_filter(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(filter): Place<FilterId>,
) -> Result<StatusCode, Refused> {
    moderation::filters::remove(&server.app, &who, None, filter).await?;
    Ok(StatusCode::NO_CONTENT)
}
