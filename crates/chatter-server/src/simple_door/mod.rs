//! The simple door: chat with nothing but a WebSocket, for a first script, an
//! old client or `websocat`. Open only where guests are allowed, into open
//! rooms only, through the same rules, limits and log as every other door.
//!
//! | address | what |
//! |---|---|
//! | `/chat?r=<room>&u=<name>` | text in; `{"sender","room","content","timestamp"}` out |
//! | `/ws?username=<name>` | text in; recent lines, then `name: text` out |
//! | `/history?r=<room>` | the newest messages as a JSON array, oldest first |
//! | `/client.html` | a page that uses just these |

mod history;
mod line;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chatter_core::rooms::RoomError;
use chatter_core::{Principal, accounts, rooms};
use chatter_protocol::{Code, Refusal, Room};
use serde::Deserialize;

use crate::gateway::door::Door;
use crate::refusals::{Of, Refused};
use crate::server::Server;
use line::Style;

/// Headers of the page: it may load its one script and talk to this server.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/chat", get(chat))
        .route("/ws", get(plain))
        .route("/history", get(history::history))
        .route("/client.html", get(page))
        .route("/client.js", get(script))
        .route("/client.css", get(style))
}

#[derive(Deserialize)]
struct ChatQuery {
    #[serde(default)]
    r: String,
    #[serde(default)]
    u: String,
}

#[derive(Deserialize)]
struct PlainQuery {
    #[serde(default)]
    username: String,
}

async fn chat(
    State(server): State<Arc<Server>>,
    door: Door,
    Query(query): Query<ChatQuery>,
) -> Response {
    enter(server, door, Style::Json, Some(&query.r), &query.u).await
}

async fn plain(
    State(server): State<Arc<Server>>,
    door: Door,
    Query(query): Query<PlainQuery>,
) -> Response {
    enter(server, door, Style::Plain, None, &query.username).await
}

async fn enter(
    server: Arc<Server>,
    door: Door,
    style: Style,
    room: Option<&str>,
    name: &str,
) -> Response {
    // Guests bring no cookie, but a page of another site must not chat in
    // someone's name either.
    let address = match door.knock(&server, false) {
        Ok(address) => address,
        Err(refusal) => return Refused(refusal).into_response(),
    };
    let entered = admit(&server, address, room, name).await;
    let (who, room) = match entered {
        Ok(entered) => entered,
        Err(refusal) => return Refused(refusal).into_response(),
    };
    let app = Arc::clone(&server.app);
    door.open(&app, move |socket| {
        visit::run(server, socket, who, room, style)
    })
}

/// A guest by this name, in the open room by that name, or in the lobby.
async fn admit(
    server: &Server,
    address: std::net::IpAddr,
    room: Option<&str>,
    name: &str,
) -> Result<(Principal, Room), Refusal> {
    let app = &server.app;
    if room == Some("") || name.is_empty() {
        return Err(Refusal::new(Code::Invalid, "a room and a name are needed"));
    }
    let who = accounts::guests::enter_for_door(app, name, address).await;
    let who = who.map_err(|error| Refusal::from(Of(&error)))?;
    let found = match room {
        Some(room) => rooms::named_at_the_door(app, &who, room).await,
        None => rooms::lobby::find(app)
            .await
            .map_err(RoomError::from)
            .and_then(|lobby| lobby.ok_or(RoomError::NoSuchRoom)),
    };
    match found {
        Ok(room) => Ok((who, room)),
        Err(error) => {
            accounts::sessions::end_own(app, &who).await.ok();
            Err(Refusal::from(Of(&error)))
        }
    }
}

async fn page(State(server): State<Arc<Server>>) -> Response {
    asset(
        &server,
        "text/html; charset=utf-8",
        include_str!("../../assets/client.html"),
    )
}

async fn script(State(server): State<Arc<Server>>) -> Response {
    asset(
        &server,
        "text/javascript; charset=utf-8",
        include_str!("../../assets/client.js"),
    )
}

async fn style(State(server): State<Arc<Server>>) -> Response {
    asset(
        &server,
        "text/css; charset=utf-8",
        include_str!("../../assets/client.css"),
    )
}

fn asset(server: &Server, kind: &'static str, body: &'static str) -> Response {
    if !server.app.guests_allowed() {
        return Refused(no_guests()).into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, body).into_response()
}

fn no_guests() -> Refusal {
    Refusal::new(
        Code::NoGuests,
        "guests are not allowed on this server, so this door is closed",
    )
}
