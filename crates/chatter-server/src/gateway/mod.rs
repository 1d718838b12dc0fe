//! The WebSocket door: `GET /api/v1/ws`.
//!
//! Who is there is asked in `hello`. Begin at [`connection::run`].

mod commands;
pub mod connection;
pub mod door;
pub mod socket;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::refusals::Refused;
use crate::server::Server;
use door::Door;

pub fn routes() -> Router<Arc<Server>> {
    Router::new().route("/api/v1/ws", get(upgrade))
}

async fn upgrade(State(server): State<Arc<Server>>, door: Door) -> Response {
    let cookie = door.cookie(&server);
    let address = match door.knock(&server, cookie.is_some()) {
        Ok(address) => address,
        Err(refusal) => return Refused(refusal).into_response(),
    };
    let app = Arc::clone(&server.app);
    let knock = connection::Knock { cookie, address };
    door.open(&app, |socket| connection::run(server, socket, knock))
}
