//! What was done on this server, by whom.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chatter_core::audit::{self, Place};
use chatter_core::{App, Principal};
use chatter_protocol::limits::AUDIT_MAX;
use chatter_protocol::{AuditEntry, AuditId, Code, Millis, RoomId, UserId};
use chatter_store::AuditQuery;
use futures_util::{Stream, stream};
use serde::Deserialize;

use super::extract::{Asked, Signed};
use crate::csv;
use crate::openapi::Reading;
use crate::refusals::Refused;
use crate::server::Server;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// From before this line, newest first; from the newest when neither this
    /// nor `after` is there.
    before: Option<AuditId>,
    /// From after this line, oldest first.
    after: Option<AuditId>,
    /// At most so many; 200 when absent.
    limit: Option<usize>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Not older than this, in milliseconds.
    since: Option<Millis>,
    /// Older than this, in milliseconds.
    until: Option<Millis>,
    /// Done by this person.
    actor: Option<UserId>,
    /// This kind of deed, such as `invite_made`.
    deed: Option<String>,
    /// Done to this sort of thing: `user`, `room`, `invite`, `setting`…
    subject_kind: Option<String>,
    /// Done to the one with this id or name.
    subject: Option<String>,
    /// Done in this room.
    room: Option<RoomId>,
}

impl From<Filter> for AuditQuery {
    fn from(filter: Filter) -> Self {
        Self {
            since: filter.since,
            until: filter.until,
            actor: filter.actor,
            deed: filter.deed,
            subject_kind: filter.subject_kind,
            subject: filter.subject,
            room: filter.room,
        }
    }
}

/// The audit log; for admins and owners
#[utoipa::path(get, path = "/admin/audit", tag = "admin", operation_id = "audit",
    params(Filter, Which), responses((status = 200, body = Vec<AuditEntry>), Reading))]
pub async fn list(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(which): Asked<Which>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Vec<AuditEntry>>, Refused> {
    let place = match (which.before, which.after) {
        (Some(_), Some(_)) => {
            let why = "Ask for what is before a line or after it, not both.";
            return Err(Refused(
                chatter_protocol::Refusal::new(Code::Invalid, why).about("after"),
            ));
        }
        (before, None) => Place::Before(before),
        (None, Some(after)) => Place::After(after),
    };
    let limit = which.limit.unwrap_or(AUDIT_MAX);
    let found = audit::list(&server.app, &who, filter.into(), place, limit).await?;
    Ok(Json(found))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Export {
    /// `jsonl` (a line of JSON for each) or `csv`.
    #[param(inline)]
    format: Format,
}

#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    Jsonl,
    Csv,
}

/// All of the audit log as a file, oldest first; for admins and owners
#[utoipa::path(get, path = "/admin/audit/export", tag = "admin", operation_id = "export_audit",
    params(Filter, Export),
    responses((status = 200, content((String = "application/jsonl"), (String = "text/csv"))), Reading))]
pub async fn export(
    State(server): State<Arc<Server>>,
    Signed(who): Signed,
    Asked(form): Asked<Export>,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Refused> {
    let query = AuditQuery::from(filter);
    // The first piece is read before the answer begins, so that a refusal is
    // still one.
    let first = piece(&server.app, &who, &query, AuditId(0)).await?;
    let (kind, name, head) = match form.format {
        Format::Jsonl => ("application/jsonl; charset=utf-8", "audit.jsonl", None),
        Format::Csv => (
            "text/csv; charset=utf-8",
            "audit.csv",
            Some(csv::line(COLUMNS)),
        ),
    };
    let head = stream::iter(head.map(|head| Ok(Bytes::from(head))));
    let lines = pieces(server, who, query, form.format, first);
    let body = Body::from_stream(stream::StreamExt::chain(head, lines));
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, body).into_response())
}

async fn piece(
    app: &App,
    who: &Principal,
    query: &AuditQuery,
    after: AuditId,
) -> Result<Vec<AuditEntry>, Refused> {
    let place = Place::After(after);
    Ok(audit::list(app, who, query.clone(), place, AUDIT_MAX).await?)
}

/// The rest, a piece at a time. A failure in between breaks the answer off,
/// which whoever downloads it sees: a short file would look whole.
fn pieces(
    server: Arc<Server>,
    who: Principal,
    query: AuditQuery,
    format: Format,
    first: Vec<AuditEntry>,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::unfold(Some(first), move |found| {
        let (server, query) = (Arc::clone(&server), query.clone());
        async move {
            let found = found?;
            let last = found.last()?.id;
            let text = Bytes::from(
                found
                    .iter()
                    .map(|line| write(line, format))
                    .collect::<String>(),
            );
            if found.len() < AUDIT_MAX {
                return Some((Ok(text), None));
            }
            match piece(&server.app, &who, &query, last).await {
                Ok(next) => Some((Ok(text), Some(next))),
                Err(Refused(refusal)) => Some((Err(std::io::Error::other(refusal.message)), None)),
            }
        }
    })
}

const COLUMNS: [&str; 10] = [
    "id",
    "at",
    "actor",
    "deed",
    "subject_kind",
    "subject",
    "room",
    "reason",
    "network",
    "detail",
];

fn write(line: &AuditEntry, format: Format) -> String {
    let detail = || serde_json::to_string(&line.detail).unwrap_or_default();
    match format {
        Format::Jsonl => serde_json::to_string(line).unwrap_or_default() + "\n",
        Format::Csv => csv::line([
            line.id.to_string().as_str(),
            &csv::time(line.at),
            &line.actor.to_string(),
            &line.deed,
            &line.subject_kind,
            &line.subject,
            &line.room.map(|room| room.to_string()).unwrap_or_default(),
            line.reason.as_deref().unwrap_or_default(),
            line.network.as_deref().unwrap_or_default(),
            &detail(),
        ]),
    }
}
