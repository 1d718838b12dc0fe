//! The doors of Chatter, and [`serve`], which opens them.
//!
//! | door | where | for |
//! |---|---|---|
//! | [`gateway`] | `/api/v1/ws` | clients: commands in, events and signals out |
//! | [`http`] | `/api/v1/…`, `/health/…` | REST, described at `/api/openapi.json` |
//! | [`simple_door`] | `/chat`, `/ws`, `/history`, `/client.html` | a first script, `websocat` |
//! | [`web`] | everything else | the browser client |
//!
//! Doors hold no rules: each request becomes one call into `chatter-core`, and
//! [`refusals`] is the only place where an error becomes a code and a status.
//! `gateway` and `http` know nothing of each other; what both ask of a request
//! is in [`caller`].

pub mod accept;
pub mod caller;
pub mod config;
mod csv;
pub mod gateway;
pub mod http;
pub mod openapi;
pub mod outbound;
mod patient;
pub mod refusals;
pub mod server;
pub mod simple_door;
pub mod telemetry;
pub mod web;

use std::sync::Arc;

use anyhow::Context;
use chatter_core::App;
use chatter_protocol::frame::CloseReason;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use config::Config;
pub use server::Server;

/// Serves on `listener` until `stop`, then drains: no new connections, open
/// sockets closed with 1012, what is queued written, the store closed.
///
/// # Errors
/// The store cannot be opened; the sentence says why.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let server = open(config).await?;
    run(listener, server, stop).await
}

/// Opens the store and everything behind the doors.
pub async fn open(config: Config) -> anyhow::Result<Arc<Server>> {
    let app = App::open(config.app_options()).await?;
    Ok(Server::new(app, config))
}

/// Opens the doors of `server` on `listener` until `stop`.
pub async fn run(
    listener: TcpListener,
    server: Arc<Server>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    info!(%address, "serving on {address}");
    let doors = http::router(Arc::clone(&server))
        .merge(gateway::routes().with_state(Arc::clone(&server)))
        .merge(simple_door::routes().with_state(Arc::clone(&server)));
    accept::run(listener, doors, &server, &stop).await;

    info!("stopping: no new connections, telling everyone to come back soon");
    let app = &server.app;
    app.stop.cancel();
    app.hub.close_all(CloseReason::Restart);
    if !app.close(server.config.drain()).await {
        warn!("stopped before all connections had ended");
    }
    info!("stopped");
    Ok(())
}
