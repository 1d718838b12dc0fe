//! Named groups of people, to mention them all with one word.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatter_core::groups;
use chatter_protocol::groups::{ChangeGroup, CreateGroup, Group};
use chatter_protocol::rest::People;
use chatter_protocol::{GroupId, UserId};

use super::extract::{Body, Place, Signed};
use crate::openapi::{Doing, Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

/// All groups, by handle
#[utoipa::path(get, path = "/groups", tag = "people", operation_id = "groups",
    responses((status = 200, body = Vec<Group>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
) -> Result<Json<Vec<Group>>, Refused> {
    Ok(Json(groups::list(&server.app, &who).await?))
}

/// Make a group, with me in it
#[utoipa::path(post, path = "/groups", tag = "people", operation_id = "create_group", request_body = CreateGroup,
    responses((status = 201, body = Group), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Body(asked): Body<CreateGroup>,
) -> Result<(StatusCode, Json<Group>), Refused> {
    let group = groups::create(&server.app, &who, asked).await?;
    Ok((StatusCode::CREATED, Json(group)))
}

/// Change a group of mine
#[utoipa::path(patch, path = "/groups/{group}", tag = "people", operation_id = "change_group",
    params(("group" = GroupId, Path)), request_body = ChangeGroup,
    responses((status = 200, body = Group), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(group): Place<GroupId>,
    Body(asked): Body<ChangeGroup>,
) -> Result<Json<Group>, Refused> {
    Ok(Json(groups::change(&server.app, &who, group, asked).await?))
}

/// Remove a group of mine
#[utoipa::path(delete, path = "/groups/{group}", tag = "people", operation_id = "remove_group",
    params(("group" = GroupId, Path)),
    responses((status = 204, description = "It is gone"), Doing))]
pub async fn delete(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(group): Place<GroupId>,
) -> Result<StatusCode, Refused> {
    groups::remove(&server.app, &who, group).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is in a group
#[utoipa::path(get, path = "/groups/{group}/members", tag = "people", operation_id = "group_members",
    params(("group" = GroupId, Path)),
    responses((status = 200, body = People), Reading))]
pub async fn members(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(group): Place<GroupId>,
) -> Result<Json<People>, Refused> {
    let users = groups::members(&server.app, &who, group).await?;
    Ok(Json(People { users }))
}

/// Put someone into a group of mine
#[utoipa::path(put, path = "/groups/{group}/members/{user}", tag = "people", operation_id = "put_group_member",
    params(("group" = GroupId, Path), ("user" = UserId, Path)),
    responses((status = 204, description = "They are in it"), Doing))]
pub async fn put_member(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((group, user)): Place<(GroupId, UserId)>,
) -> Result<StatusCode, Refused> {
    groups::put_member(&server.app, &who, group, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take someone out of a group of mine, or myself out of any
#[utoipa::path(delete, path = "/groups/{group}/members/{user}", tag = "people", operation_id = "remove_group_member",
    params(("group" = GroupId, Path), ("user" = UserId, Path)),
    responses((status = 204, description = "They are not in it"), Doing))]
pub async fn delete_member(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place((group, user)): Place<(GroupId, UserId)>,
) -> Result<StatusCode, Refused> {
    groups::remove_member(&server.app, &who, group, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
