//! The people of this server.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chatter_core::accounts::users;
use chatter_protocol::limits::USERS_ASKED;
use chatter_protocol::rest::ChangeUser;
use chatter_protocol::{Code, User, UserId};
use serde::Deserialize;

use super::extract::{Asked, Body, Place, Signed};
use crate::openapi::{Reading, Writing};
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// These people, by id, with commas between; at most 200. Unknown ids are
    /// left out of the answer.
    ids: Option<String>,
    /// Everyone, from after this id.
    after: Option<UserId>,
    /// At most so many; 200 when absent.
    limit: Option<usize>,
}

/// Some people, or everyone page by page
#[utoipa::path(get, path = "/users", tag = "people", operation_id = "users", params(Which),
    responses((status = 200, body = Vec<User>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(which): Asked<Which>,
) -> Result<Json<Vec<User>>, Refused> {
    let Some(ids) = which.ids else {
        let limit = which.limit.unwrap_or(USERS_ASKED);
        return Ok(Json(
            users::list(&server.app, &who, which.after, limit).await?,
        ));
    };
    let ids: Result<Vec<UserId>, _> = ids
        .split(',')
        .filter(|id| !id.is_empty())
        .map(str::parse)
        .collect();
    let ids = ids.map_err(|_| Refused::new(Code::BadFrame, "One of the ids is not an id."))?;
    Ok(Json(users::named(&server.app, &who, &ids).await?))
}

/// Someone
#[utoipa::path(get, path = "/users/{user}", tag = "people", operation_id = "user",
    params(("user" = UserId, Path)), responses((status = 200, body = User), Reading))]
pub async fn get(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
) -> Result<Json<User>, Refused> {
    Ok(Json(users::get(&server.app, &who, user).await?))
}

/// Change someone's role, or keep them out; for admins and owners
#[utoipa::path(patch, path = "/users/{user}", tag = "people", operation_id = "change_user",
    params(("user" = UserId, Path)), request_body = ChangeUser,
    responses((status = 200, body = User), Writing))]
pub async fn patch(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Place(user): Place<UserId>,
    Body(asked): Body<ChangeUser>,
) -> Result<Json<User>, Refused> {
    Ok(Json(users::change(&server.app, &who, user, asked).await?))
}
