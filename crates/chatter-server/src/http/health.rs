//! For whoever looks after the server: is it alive, and can it work?

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::server::Server;

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

pub async fn live() -> Response {
    say(StatusCode::OK, "alive")
}

/// 503 while the database cannot be asked, or while stopping: balancers send
/// nobody here then.
pub async fn ready(State(server): State<Arc<Server>>) -> Response {
    if server.app.stop.is_cancelled() {
        return say(StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match timeout(PATIENCE, server.app.store.ping()).await {
        Ok(Ok(())) => say(StatusCode::OK, "ready"),
        Ok(Err(_)) | Err(_) => say(StatusCode::SERVICE_UNAVAILABLE, "no database"),
    }
}

fn say(status: StatusCode, word: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], word).into_response()
}
