//! What another server exported, taken in.

use std::sync::Arc;

use axum::Json;
use axum::body::Body as Raw;
use axum::extract::State;
use chatter_core::import::{self, Asked as Wanted};
use chatter_protocol::export::{ImportPeople, Imported};
use serde::Deserialize;

use super::extract::{Asked, Signed};
use crate::openapi::{Binary, Writing};
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Who the people of the archive are here; `new` when absent.
    #[serde(default)]
    #[param(inline)]
    people: ImportPeople,
    /// What to call a room that comes alone; as it was called when absent.
    name: Option<String>,
}

/// Take in what another server exported; for the owner
///
/// The body is the archive as it was exported. It is looked over from end to
/// end first; then its rooms appear as new ones, or none of them. The answer
/// comes when all is done, and the work goes on if nobody waits for it.
#[utoipa::path(post, path = "/admin/import", tag = "admin", operation_id = "import", params(How),
    request_body(content = inline(Binary), content_type = "application/x-tar"),
    responses((status = 200, body = Imported), Writing))]
pub async fn post(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(how): Asked<How>,
    body: Raw,
) -> Result<Json<Imported>, Refused> {
    let wanted = Wanted {
        dry_run: how.dry_run,
        people: how.people,
        name: how.name,
    };
    let body = body.into_data_stream();
    Ok(Json(import::import(&server.app, &who, wanted, body).await?))
}
