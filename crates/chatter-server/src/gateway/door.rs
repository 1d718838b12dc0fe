//! The handshake that every socket passes, whatever it will speak.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, FromRequestParts};
use axum::http::HeaderMap;
use axum::response::Response;
use chatter_core::App;
use chatter_core::rates::{Rate, Who};
use chatter_protocol::Refusal;

use super::socket::{self, Socket};
use crate::accept::Occupied;
use crate::caller::peer::{Peer, client_address};
use crate::caller::{cookie, origin};
use crate::refusals::Of;
use crate::server::Server;

/// A request to become a WebSocket.
#[derive(FromRequestParts)]
pub struct Door {
    headers: HeaderMap,
    #[from_request(via(Extension))]
    peer: Peer,
    #[from_request(via(Extension))]
    occupied: Occupied,
    handshake: WebSocketUpgrade,
}

impl Door {
    /// The session's token, if a browser brought one.
    pub fn cookie(&self, server: &Server) -> Option<String> {
        cookie::token_for(&server.config, &self.headers, self.peer)
    }

    /// May this request become a socket at all? The address it comes from, if so.
    ///
    /// Browsers do not ask other sites before they open a WebSocket, so the
    /// origin is checked here as for every change over REST; `cookie` says
    /// whether one came along.
    pub fn knock(&self, server: &Server, cookie: bool) -> Result<IpAddr, Refusal> {
        origin::check_handshake(&server.config, &self.headers, cookie)?;
        let address = client_address(&server.config, &self.headers, self.peer);
        let rate = server.app.rates.check(Rate::Socket, Who::Address(address));
        rate.map_err(|error| Refusal::from(Of(&error)))?;
        Ok(address)
    }

    /// Becomes a socket. Until it ends it keeps its place among the
    /// connections, and stopping waits for it.
    pub fn open<F, Fut>(self, app: &Arc<App>, talk: F) -> Response
    where
        F: FnOnce(Socket) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let (open, occupied) = (app.tasks.token(), self.occupied);
        socket::tuned(self.handshake).on_upgrade(move |socket| {
            let talk = talk(Socket::new(socket));
            async move {
                talk.await;
                drop((open, occupied));
            }
        })
    }
}
