//! A server in this process on a port of its own, and people who talk to it.

use std::net::SocketAddr;

use chatter_protocol::rest::{Invite, SignedIn};
use chatter_protocol::{Code, Refusal, Room, RoomId, RoomState, User};
use chatter_server::config::{Config, Sources};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub const PASSWORD: &str = "correct horse battery";

/// A running server. It stops when dropped.
pub struct TestServer {
    pub address: SocketAddr,
    pub claim: Option<String>,
    pub http: Client,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl TestServer {
    /// On a store that forgets, with limits out of the way; nobody owns it.
    pub async fn fresh() -> Self {
        Self::fresh_on("memory:", &[]).await
    }

    /// The same on another store.
    pub async fn fresh_on(database: &str, flags: &[&str]) -> Self {
        let lifted = [
            "posts-per-minute",
            "typing-per-minute",
            "sign-ins-per-minute",
            "sign-ups-per-hour",
            "guests-per-minute",
            "guest-posts-per-minute",
            "writes-per-minute",
            "claims-per-minute",
            "commands-per-minute",
            "sockets-per-minute",
            "searches-per-minute",
            "uploads-per-minute",
            "chunks-per-minute",
        ];
        let lifted: Vec<String> = lifted
            .iter()
            .map(|name| format!("--limit-{name}=0"))
            .collect();
        let mut flags = flags.to_vec();
        flags.extend(lifted.iter().map(String::as_str));
        Self::on(database, &flags).await
    }

    /// With exactly these flags beside the store.
    pub async fn with(flags: &[&str]) -> Self {
        Self::on("memory:", flags).await
    }

    async fn on(database: &str, flags: &[&str]) -> Self {
        let database = format!("--database-url={database}");
        let flags = [&[database.as_str()], flags].concat();
        let config = Config::load(Sources::args(&flags)).expect("settings");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let server = chatter_server::open(config).await.expect("a server");
        let claim = server
            .claim
            .as_ref()
            .map(chatter_core::accounts::ClaimCode::shown);
        let stop = CancellationToken::new();
        let run = chatter_server::run(listener, server, stop.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "the test's own task, not the server's"
        )]
        let running = tokio::spawn(async move { run.await.expect("served to the end") });
        Self {
            address,
            claim,
            http: Client::builder().no_proxy().build().expect("a client"),
            stop,
            running,
        }
    }

    /// Stops it, and waits until all is written.
    pub async fn stops(&mut self) {
        self.stop.cancel();
        (&mut self.running).await.expect("stopped in order");
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request by nobody in particular. `path` is below `/api/v1`.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(&format!("/api/v1{path}")))
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.ask(Method::POST, path).json(body)
    }

    /// Makes alice the owner.
    pub async fn set_up(&self) -> Person<'_> {
        let setup = json!({
            "server_name": "Den", "name": "Alice", "handle": "alice",
            "password": PASSWORD, "guests": true, "claim_code": self.claim,
        });
        self.post("/setup", &setup)
            .send()
            .await
            .created::<SignedIn>()
            .await;
        self.signs_in("alice", PASSWORD).await
    }

    pub async fn signs_in(&self, handle: &str, password: &str) -> Person<'_> {
        let body = json!({ "handle": handle, "password": password, "token": true });
        let signed = self
            .post("/sessions", &body)
            .send()
            .await
            .created::<SignedIn>()
            .await;
        self.person(signed)
    }

    pub fn person(&self, signed: SignedIn) -> Person<'_> {
        Person {
            server: self,
            token: signed.token.expect("a token was asked for"),
            session: signed.session.to_string(),
            me: signed.me,
        }
    }

    /// Alice, bob and carol; the lobby; the den with alice and bob.
    pub async fn cast(&self) -> Cast<'_> {
        let alice = self.set_up().await;
        let invite = alice
            .post("/invites", &json!({}))
            .send()
            .await
            .created::<Invite>()
            .await;
        let secret = invite.secret.expect("a new invite has its secret");
        let bob = self.registers(&secret, "bob").await;
        let carol = self.registers(&secret, "carol").await;
        let rooms = alice
            .get("/rooms")
            .send()
            .await
            .told::<Vec<RoomState>>()
            .await;
        let lobby = rooms[0].room.id;
        let den = json!({ "name": "den", "kind": "closed" });
        let den = alice
            .post("/rooms", &den)
            .send()
            .await
            .created::<Room>()
            .await
            .id;
        let place = format!("/rooms/{den}/members/{}", bob.me.id);
        alice
            .ask(Method::PUT, &place)
            .json(&json!({ "role": "member" }))
            .send()
            .await
            .done();
        Cast {
            alice,
            bob,
            carol,
            lobby,
            den,
        }
    }

    pub async fn registers(&self, invite: &str, handle: &str) -> Person<'_> {
        let body = json!({
            "invite": invite, "name": handle, "handle": handle,
            "password": PASSWORD, "token": true,
        });
        let signed = self
            .post("/register", &body)
            .send()
            .await
            .created::<SignedIn>()
            .await;
        self.person(signed)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub struct Cast<'a> {
    pub alice: Person<'a>,
    pub bob: Person<'a>,
    pub carol: Person<'a>,
    pub lobby: RoomId,
    pub den: RoomId,
}

/// Someone who is signed in, with a token.
pub struct Person<'a> {
    pub server: &'a TestServer,
    pub token: String,
    pub session: String,
    pub me: User,
}

impl Person<'_> {
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.server.ask(method, path).bearer_auth(&self.token)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.ask(Method::POST, path).json(body)
    }

    pub async fn says(&self, room: RoomId, key: &str, text: &str) -> Value {
        let body = json!({ "key": key, "text": text });
        self.post(&format!("/rooms/{room}/messages"), &body)
            .send()
            .await
            .created()
            .await
    }
}

/// What came back, said in words.
pub trait Answer {
    async fn told<T: DeserializeOwned>(self) -> T;
    async fn created<T: DeserializeOwned>(self) -> T;
    /// 204.
    fn done(self);
    async fn refused(self, code: Code) -> Refusal;
}

impl Answer for reqwest::Result<reqwest::Response> {
    async fn told<T: DeserializeOwned>(self) -> T {
        read(self, StatusCode::OK).await
    }

    async fn created<T: DeserializeOwned>(self) -> T {
        read(self, StatusCode::CREATED).await
    }

    #[track_caller]
    fn done(self) {
        assert_eq!(self.expect("an answer").status(), StatusCode::NO_CONTENT);
    }

    async fn refused(self, code: Code) -> Refusal {
        let response = self.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        let refusal: Refusal =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}"));
        assert_eq!(
            (status.as_u16(), refusal.code),
            (code.status(), code),
            "{text}"
        );
        refusal
    }
}

async fn read<T: DeserializeOwned>(
    answer: reqwest::Result<reqwest::Response>,
    wanted: StatusCode,
) -> T {
    let response = answer.expect("an answer");
    let status = response.status();
    let text = response.text().await.expect("a body");
    assert_eq!(status, wanted, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
