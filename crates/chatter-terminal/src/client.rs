//! The REST door, from the outside: one method per thing a program asks for.
//!
//! A [`Client`] is cheap to clone; [`Client::with_token`] is the same door for
//! someone else. Whatever has no method of its own goes through [`Client::ask`].

use chatter_protocol::frame::Hello;
use chatter_protocol::limits::PAGE_MAX;
use chatter_protocol::rest::{
    ChangePassword, ChangeUser, CreateInvite, CreateRoom, EnterAsGuest, Events, Invite,
    PostMessage, Presence, PutMember, Register, ServerInfo, Setup, SignIn, SignedIn,
};
use chatter_protocol::{
    Event, Key, PROTOCOL_VERSION, Page, Refusal, RoomId, RoomKind, RoomRole, RoomState, Seq, User,
    UserId,
};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::connection::{Connection, ConnectionError};

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server understood and said no.
    #[error("refused with {status}: {} ({:?})", refusal.message, refusal.code)]
    Refused { status: u16, refusal: Refusal },
    /// Neither an answer nor a refusal: another program, a proxy, or a fault.
    #[error("unexpected answer {status}: {body}")]
    Unexpected { status: u16, body: String },
    #[error("could not reach the server")]
    Transport(#[from] reqwest::Error),
}

impl ClientError {
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    /// `base` is the server's address, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: base.trim_end_matches('/').to_owned(),
            token: None,
        }
    }

    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A socket for whoever this client is, with nothing seen yet.
    pub async fn connect(
        &self,
    ) -> Result<(chatter_protocol::frame::Welcome, Connection), ConnectionError> {
        Connection::open(&self.base, self.hello()).await
    }

    /// What to say first on a socket of one's own.
    pub fn hello(&self) -> Hello {
        Hello {
            protocol: PROTOCOL_VERSION,
            token: self.token.clone(),
            ..Hello::default()
        }
    }

    pub async fn server(&self) -> Result<ServerInfo, ClientError> {
        self.get("server").await
    }

    pub async fn setup(&self, setup: &Setup) -> Result<SignedIn, ClientError> {
        self.ask(Method::POST, "setup", Some(setup)).await
    }

    pub async fn sign_in(&self, handle: &str, password: &str) -> Result<SignedIn, ClientError> {
        let body = SignIn {
            code: None,
            handle: handle.to_owned(),
            password: password.to_owned(),
            token: true,
        };
        self.ask(Method::POST, "sessions", Some(&body)).await
    }

    pub async fn register(
        &self,
        invite: &str,
        handle: &str,
        password: &str,
    ) -> Result<SignedIn, ClientError> {
        let body = Register {
            invite: Some(invite.to_owned()),
            name: handle.to_owned(),
            handle: handle.to_owned(),
            password: password.to_owned(),
            token: true,
        };
        self.ask(Method::POST, "register", Some(&body)).await
    }

    pub async fn enter_as_guest(&self, name: &str) -> Result<SignedIn, ClientError> {
        let body = EnterAsGuest {
            name: name.to_owned(),
            link: None,
            token: true,
        };
        self.ask(Method::POST, "guests", Some(&body)).await
    }

    pub async fn create_invite(&self, max_uses: i64) -> Result<Invite, ClientError> {
        let body = CreateInvite {
            expires_in: None,
            max_uses: Some(max_uses),
            role: None,
        };
        self.ask(Method::POST, "invites", Some(&body)).await
    }

    pub async fn me(&self) -> Result<User, ClientError> {
        self.get("me").await
    }

    pub async fn rooms(&self) -> Result<Vec<RoomState>, ClientError> {
        self.get("rooms").await
    }

    pub async fn create_room(&self, name: &str, kind: RoomKind) -> Result<RoomState, ClientError> {
        let body = CreateRoom {
            name: name.to_owned(),
            kind,
            topic: String::new(),
        };
        self.ask(Method::POST, "rooms", Some(&body)).await
    }

    pub async fn join(&self, room: RoomId) -> Result<(), ClientError> {
        self.tell(Method::POST, &format!("rooms/{room}/join"), None::<&()>)
            .await
    }

    pub async fn leave(&self, room: RoomId) -> Result<(), ClientError> {
        self.tell(Method::POST, &format!("rooms/{room}/leave"), None::<&()>)
            .await
    }

    /// Adds someone, or changes their role.
    pub async fn put_member(
        &self,
        room: RoomId,
        user: UserId,
        role: RoomRole,
    ) -> Result<(), ClientError> {
        let path = format!("rooms/{room}/members/{user}");
        self.tell(Method::PUT, &path, Some(&PutMember { role }))
            .await
    }

    pub async fn remove_member(&self, room: RoomId, user: UserId) -> Result<(), ClientError> {
        let path = format!("rooms/{room}/members/{user}");
        self.tell(Method::DELETE, &path, None::<&()>).await
    }

    pub async fn post(&self, room: RoomId, key: Key, text: &str) -> Result<(), ClientError> {
        let body = PostMessage::said(key, text);
        let path = format!("rooms/{room}/messages");
        self.tell(Method::POST, &path, Some(&body)).await
    }

    pub async fn presence(&self, room: RoomId) -> Result<Presence, ClientError> {
        self.get(&format!("rooms/{room}/presence")).await
    }

    /// Ends this session and its sockets.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        self.tell(Method::DELETE, "sessions/current", None::<&()>)
            .await
    }

    /// Ends all other sessions and their sockets.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), ClientError> {
        let body = ChangePassword {
            current: current.to_owned(),
            new: new.to_owned(),
        };
        self.tell(Method::POST, "password", Some(&body)).await
    }

    /// For admins: locks someone out, or lets them in again.
    pub async fn deactivate(&self, user: UserId, deactivated: bool) -> Result<(), ClientError> {
        let body = ChangeUser {
            role: None,
            deactivated: Some(deactivated),
        };
        self.tell(Method::PATCH, &format!("users/{user}"), Some(&body))
            .await
    }

    /// The newest messages of a room.
    pub async fn messages(&self, room: RoomId) -> Result<Page, ClientError> {
        self.get(&format!("rooms/{room}/messages")).await
    }

    /// A piece of a room's log as it is, oldest first.
    pub async fn events(
        &self,
        room: RoomId,
        after: Seq,
        limit: usize,
    ) -> Result<Events, ClientError> {
        self.get(&format!("rooms/{room}/events?after={after}&limit={limit}"))
            .await
    }

    /// A room's log from its beginning to its head.
    pub async fn whole_log(&self, room: RoomId) -> Result<Vec<Event>, ClientError> {
        let mut log = Vec::new();
        loop {
            let after = log.last().map_or(Seq::ZERO, |event: &Event| event.seq);
            let piece = self.events(room, after, PAGE_MAX).await?;
            // Not the head: a log with a hole at its end must not loop for ever.
            if piece.events.is_empty() {
                return Ok(log);
            }
            log.extend(piece.events);
        }
    }

    pub async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, ClientError> {
        self.ask(Method::GET, path, None::<&()>).await
    }

    /// Asks and reads the answer. `path` is below `/api/v1/`.
    pub async fn ask<B: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<A, ClientError> {
        let (status, text) = self.exchange(method, path, body).await?;
        serde_json::from_str(&text).map_err(|_| ClientError::Unexpected { status, body: text })
    }

    /// Asks where only success matters.
    pub async fn tell<B: Serialize + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<(), ClientError> {
        self.exchange(method, path, body).await.map(drop)
    }

    async fn exchange<B: Serialize + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<(u16, String), ClientError> {
        let url = format!("{}/api/v1/{path}", self.base);
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let (good, status) = (response.status().is_success(), response.status().as_u16());
        let body = response.text().await?;
        if good {
            return Ok((status, body));
        }
        Err(match serde_json::from_str(&body) {
            Ok(refusal) => ClientError::Refused { status, refusal },
            Err(_) => ClientError::Unexpected { status, body },
        })
    }
}
