//! `chatter serve`.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use anyhow::{Context, bail};
use chatter_server::config::{Config, Sources};
use chatter_server::{Server, telemetry};
use clap::ArgMatches;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub async fn serve(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let config = Config::load(Sources::of_process(matches))?;
    telemetry::start(&config.log, config.log_format).context("logging could not be started")?;
    // Before the database is touched: a second server started by mistake ends
    // here.
    let listener = listen(SocketAddr::new(config.address, config.port)).await?;
    let bound = listener
        .local_addr()
        .context("the listener has no address")?;

    let stop = CancellationToken::new();
    let server = chatter_server::open(config).await?;
    server
        .app
        .tasks
        .spawn(until_told(stop.clone(), server.app.stop.clone()));
    greet(&server, bound).context("standard output cannot be written to")?;
    chatter_server::run(listener, server, stop).await?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
            "{address} is in use by another program; stop it or choose another port with --port"
        ),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            bail!("{address} may not be listened on; ports below 1024 need permission")
        }
        Err(error) => bail!("{address} cannot be listened on: {error}"),
    }
}

/// What whoever started it wants to know.
fn greet(server: &Server, bound: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let base = match &server.config.public_url {
        Some(url) => url.to_string(),
        None => format!("http://{}", by_name(bound)),
    };
    writeln!(out, "Chatter is ready at {base}")?;
    if let Some(claim) = &server.claim {
        let code = claim.shown();
        writeln!(
            out,
            "Nobody owns it yet. To make it yours: {base}/setup?code={code}"
        )?;
    }
    out.flush()
}

/// An address a browser on this machine can open.
fn by_name(bound: SocketAddr) -> String {
    match bound.ip() {
        IpAddr::V4(address) if address.is_unspecified() || address.is_loopback() => {
            format!("localhost:{}", bound.port())
        }
        IpAddr::V6(address) if address.is_unspecified() => format!("localhost:{}", bound.port()),
        _ => bound.to_string(),
    }
}

/// Stops at the first signal, unless the server stops before.
async fn until_told(stop: CancellationToken, stopped: CancellationToken) {
    tokio::select! {
        () = signal() => stop.cancel(),
        () = stopped.cancelled() => {}
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
