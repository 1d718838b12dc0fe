//! What handlers ask for: who is there, and what they said. Each answers in
//! our shape when it is not as it should be.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatter_core::Principal;
use chatter_core::accounts::{NewToken, sessions};
use chatter_protocol::limits::BODY_BYTES;
use chatter_protocol::rest::SignedIn;
use chatter_protocol::{Code, User};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;

use crate::caller::cookie;
use crate::caller::peer::{Peer, client_address, is_local, is_tls};
use crate::refusals::Refused;
use crate::server::Server;

/// Whoever asks, signed in or not.
pub struct Caller {
    pub address: IpAddr,
    /// From this very machine.
    pub local: bool,
    pub tls: bool,
    /// As it calls itself.
    pub agent: String,
}

impl FromRequestParts<Arc<Server>> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        server: &Arc<Server>,
    ) -> Result<Self, Self::Rejection> {
        let peer = Peer::from_request_parts(parts, server).await?;
        let headers = &parts.headers;
        let agent = headers.get(header::USER_AGENT).map(HeaderValue::as_bytes);
        Ok(Self {
            address: client_address(&server.config, headers, peer),
            local: is_local(&server.config, parts, peer),
            tls: is_tls(&server.config, headers, peer),
            agent: String::from_utf8_lossy(agent.unwrap_or_default()).into_owned(),
        })
    }
}

impl Caller {
    /// The answer to whoever just came in: browsers get a cookie, programs
    /// that ask for it get the token, and nobody gets both.
    pub fn welcome(&self, me: User, new: NewToken, token_wanted: bool) -> Response {
        let cookie = (!token_wanted).then(|| cookie::keep(&new.token, self.tls));
        let body = SignedIn {
            me,
            session: new.session,
            token: token_wanted.then_some(new.token),
        };
        let mut response = (StatusCode::CREATED, axum::Json(body)).into_response();
        if let Some(cookie) = cookie {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Someone who is signed in, by a bearer token or by the cookie.
pub struct Signed(pub Principal);

impl FromRequestParts<Arc<Server>> for Signed {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Refused> {
        let nobody = || Refused::new(Code::NotSignedIn, "Please sign in.");
        let peer = Peer::from_request_parts(parts, server)
            .await
            .unwrap_or_else(|never| match never {});
        let headers = &parts.headers;
        // A token said aloud wins over a cookie that came along.
        let token = bearer(headers).or_else(|| cookie::token_for(&server.config, headers, peer));
        let token = token.ok_or_else(nobody)?;
        let who = sessions::authenticate(&server.app, &token).await?;
        let address = client_address(&server.config, headers, peer);
        who.map(|who| Self(who.at(address))).ok_or_else(nobody)
    }
}

/// A token said aloud. Other credentials are none of ours: a proxy may have
/// asked for them, and browsers then send them along.
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(header::AUTHORIZATION)?;
    let (scheme, token) = said.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Server>> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Arc<Server>) -> Result<Self, Refused> {
        if !is_json(request.headers()) {
            let message = "The body must be JSON, and say so: Content-Type: application/json.";
            return Err(Refused::new(Code::NotJson, message));
        }
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|bytes| bytes > BODY_BYTES as u64) {
            return Err(too_long());
        }
        let bytes = to_bytes(request.into_body(), BODY_BYTES)
            .await
            .map_err(|error| {
                let cause = error.source();
                if cause.is_some_and(<dyn Error>::is::<LengthLimitError>) {
                    too_long()
                } else {
                    Refused::new(Code::BadFrame, "The body broke off.")
                }
            })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Refused::new(Code::BadFrame, format!("The body cannot be read: {error}."))
        })
    }
}

fn too_long() -> Refused {
    Refused::new(
        Code::TooLong,
        format!("The body is longer than {BODY_BYTES} bytes."),
    )
}

fn is_json(headers: &HeaderMap) -> bool {
    let said = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = said
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// What the address itself names. Whatever is no id names nothing.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Refused))]
pub struct Place<T>(pub T);

impl From<axum::extract::rejection::PathRejection> for Refused {
    fn from(_: axum::extract::rejection::PathRejection) -> Self {
        Self::new(Code::NoSuchPage, "There is nothing at this address.")
    }
}

/// What follows the `?`.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Refused))]
pub struct Asked<T>(pub T);

impl From<QueryRejection> for Refused {
    fn from(error: QueryRejection) -> Self {
        let text = error.body_text();
        Self::new(
            Code::BadFrame,
            format!("The question cannot be read: {text}."),
        )
    }
}
