//! Accepts connections and speaks HTTP/1.1 on them.
//!
//! A loop of our own, because the ready-made one sets no time limit on the
//! head of a request: a few hundred idle half-requests would hold the server.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use chatter_protocol::Code;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::caller::peer::Peer;
use crate::gateway::socket::WRITE_PATIENCE;
use crate::patient::Patient;
use crate::refusals::Refused;
use crate::server::Server;

/// How long a request's head may take, and how long a kept-alive connection
/// may be idle.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);

/// How long a whole request may take. Sockets live longer: for them it ends
/// with the handshake.
const REQUEST_PATIENCE: Duration = Duration::from_secs(30);

/// How long one may take that carries a piece of a file: what a slow line needs
/// for the largest. Each few bytes of it have a patience of their own.
const UPLOAD_PATIENCE: Duration = Duration::from_mins(10);

/// The head of a request, in bytes.
const HEAD_BYTES: usize = 16 * 1024;

/// How long to wait before accepting again when the system has no descriptors
/// or memory left; there is no event for "there are some again".
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts until `stop`.
pub async fn run(
    listener: TcpListener,
    doors: Router,
    server: &Arc<Server>,
    stop: &CancellationToken,
) {
    let room = Arc::new(Semaphore::new(server.config.max_connections));
    let addresses = Addresses::new(server.config.max_connections_per_address);
    loop {
        // Taken before accepting: when full, the next ones wait in the kernel.
        let permit = Arc::clone(&room).acquire_owned();
        let Some(Ok(permit)) = stop.run_until_cancelled(permit).await else {
            return;
        };
        let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else {
            return;
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!("could not accept a connection: {error}");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = addresses.enter(network(peer.ip())) else {
            debug!("too many connections from one address");
            continue;
        };
        let visit = Visit {
            _permit: permit,
            _place: place,
        };
        let talk = talk(stream, Peer(peer), doors.clone(), stop.clone(), visit);
        server.app.tasks.spawn(talk);
    }
}

/// What a connection occupies; an upgraded socket keeps it until it ends.
struct Visit {
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

async fn talk(stream: TcpStream, peer: Peer, doors: Router, stop: CancellationToken, visit: Visit) {
    // Small frames must not wait for more to say.
    stream.set_nodelay(true).ok();
    let visit = Arc::new(visit);
    let service =
        service_fn(move |request| answer(doors.clone(), request, peer, Arc::clone(&visit)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Patient::new(stream, WRITE_PATIENCE)), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!("a connection ended badly: {error}");
    }
}

async fn answer(
    doors: Router,
    request: Request<Incoming>,
    peer: Peer,
    visit: Arc<Visit>,
) -> Result<Response, std::convert::Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(peer);
    // An upgraded socket holds on to its place until it ends.
    request.extensions_mut().insert(Occupied { _visit: visit });
    let patience = patience_for(&request);
    if let Ok(response) = timeout(patience, doors.oneshot(request)).await {
        return response;
    }
    let late = Refused::new(Code::TryAgain, "That took too long. Please try again.");
    Ok(late.into_response())
}

fn patience_for<B>(request: &Request<B>) -> Duration {
    let path = request.uri().path();
    let carries_a_file = path == "/api/v1/files" || path.starts_with("/api/v1/uploads/");
    if carries_a_file {
        UPLOAD_PATIENCE
    } else {
        REQUEST_PATIENCE
    }
}

/// Keeps a connection counted after HTTP has handed its socket over.
#[derive(Clone)]
pub struct Occupied {
    _visit: Arc<Visit>,
}

/// Whoever has one IPv6 address has 2^64 of them; what is counted is the network.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

/// How many connections each address has.
#[derive(Clone)]
struct Addresses {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
    max: usize,
}

struct Place {
    addresses: Addresses,
    address: IpAddr,
}

impl Addresses {
    fn new(max: usize) -> Self {
        Self {
            counts: Arc::default(),
            max,
        }
    }

    fn enter(&self, address: IpAddr) -> Option<Place> {
        let mut counts = self.counts.lock();
        let count = counts.entry(address).or_default();
        if *count >= self.max {
            return None;
        }
        *count += 1;
        Some(Place {
            addresses: self.clone(),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.addresses.counts.lock();
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}
