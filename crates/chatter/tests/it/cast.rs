//! A server in this process on real sockets, and the people of every story:
//! alice owns it, bob is a member, carol is outside. The lobby is open, the den
//! is closed and has alice and bob in it.

use std::time::Duration;

use chatter_protocol::frame::{Hello, Welcome};
use chatter_protocol::rest::Setup;
use chatter_protocol::{
    Event, Fact, Key, PROTOCOL_VERSION, RoomId, RoomKind, RoomRole, Seq, ServerFrame, User,
};
use chatter_server::config::{Config, Sources};
use chatter_terminal::client::Client;
use chatter_terminal::connection::Connection;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes; reached only by what never comes.
pub const NEVER: Duration = Duration::from_secs(20);

pub struct Chat {
    pub base: String,
    pub den: RoomId,
    pub lobby: RoomId,
    pub alice: Person,
    pub bob: Person,
    pub carol: Person,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
}

#[derive(Clone)]
pub struct Person {
    pub client: Client,
    pub user: User,
}

/// Limits out of the way; tests of limits put theirs back.
const LIFTED: [&str; 18] = [
    "--limit-posts-per-minute",
    "0",
    "--limit-typing-per-minute",
    "0",
    "--limit-sign-ins-per-minute",
    "0",
    "--limit-sign-ups-per-hour",
    "0",
    "--limit-guests-per-minute",
    "0",
    "--limit-guest-posts-per-minute",
    "0",
    "--limit-writes-per-minute",
    "0",
    "--limit-commands-per-minute",
    "0",
    "--limit-sockets-per-minute",
    "0",
];

impl Chat {
    /// The cast in their rooms, on a store that forgets.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(flags: &[&str]) -> Self {
        let (base, stop, running) = serve(flags).await;
        let door = Client::new(&base);
        let alice = set_up(&door).await;
        let invite = alice.client.create_invite(10).await.expect("an invite");
        let secret = invite.secret.expect("shown once");
        let bob = register(&door, &secret, "bob").await;
        let carol = register(&door, &secret, "carol").await;
        let den = alice.client.create_room("den", RoomKind::Closed).await;
        let den = den.expect("a room").room.id;
        let added = alice.client.put_member(den, bob.user.id, RoomRole::Member);
        added.await.expect("bob is in the den");
        let rooms = alice.client.rooms().await.expect("rooms");
        let lobby = rooms.iter().find(|state| state.room.name == "lobby");
        let lobby = lobby.expect("the lobby is there from the start").room.id;
        Self {
            base,
            den,
            lobby,
            alice,
            bob,
            carol,
            stop,
            running: Some(running),
        }
    }

    /// Stops the server and waits until it has.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(running) = self.running.take() {
            running.await.expect("it ends well");
        }
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A server with nobody in it.
pub async fn serve(flags: &[&str]) -> (String, CancellationToken, JoinHandle<()>) {
    let mut args = vec!["--database-url", "memory:"];
    // The later of two wins, so a test's own limits come last.
    args.extend(LIFTED);
    args.extend(flags);
    let pairs = args.chunks_exact(2);
    let flags = pairs.map(|pair| {
        (
            pair[0].trim_start_matches('-').to_owned(),
            pair[1].to_owned(),
        )
    });
    let sources = Sources {
        flags: flags.collect(),
        ..Sources::default()
    };
    let config = Config::load(sources).expect("settings");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("bound"));
    let stop = CancellationToken::new();
    let server = chatter_server::open(config).await.expect("a server");
    let run = chatter_server::run(listener, server, stop.clone());
    #[expect(clippy::disallowed_methods, reason = "the test waits for it itself")]
    let running = tokio::spawn(async move { run.await.expect("served") });
    (base, stop, running)
}

pub const PASSWORD: &str = "a long enough pass phrase";

pub async fn set_up(door: &Client) -> Person {
    let setup = Setup {
        claim_code: None,
        server_name: "Test".to_owned(),
        name: "Alice".to_owned(),
        handle: "alice".to_owned(),
        password: PASSWORD.to_owned(),
        guests: false,
    };
    door.setup(&setup).await.expect("nobody was first");
    sign_in(door, "alice").await
}

async fn register(door: &Client, secret: &str, handle: &str) -> Person {
    let signed_in = door
        .register(secret, handle, PASSWORD)
        .await
        .expect("an account");
    Person {
        client: door.with_token(signed_in.token.expect("a token was asked for")),
        user: signed_in.me,
    }
}

pub async fn sign_in(door: &Client, handle: &str) -> Person {
    let signed_in = door
        .sign_in(handle, PASSWORD)
        .await
        .expect("the right password");
    Person {
        client: door.with_token(signed_in.token.expect("a token was asked for")),
        user: signed_in.me,
    }
}

impl Person {
    /// A socket, with nothing seen yet.
    pub async fn connect(&self) -> Socket {
        let (welcome, connection) = self.client.connect().await.expect("welcome");
        Socket {
            welcome,
            connection,
        }
    }

    /// A socket that goes on after `seq` in `room`.
    pub async fn resume(&self, log_id: &str, room: RoomId, seq: Seq) -> Socket {
        let hello = Hello {
            protocol: PROTOCOL_VERSION,
            token: self.client.token().map(str::to_owned),
            log_id: Some(log_id.to_owned()),
            cursors: [(room, seq)].into(),
        };
        let opened = Connection::open(self.client.base(), hello).await;
        let (welcome, connection) = opened.expect("welcome");
        Socket {
            welcome,
            connection,
        }
    }
}

pub struct Socket {
    pub welcome: Welcome,
    pub connection: Connection,
}

impl Socket {
    pub async fn posts(&mut self, room: RoomId, text: &str) -> Seq {
        let done = self.connection.post(room, key(), text).await;
        done.expect("posted").seq.expect("a post has a seq")
    }

    /// The next frame that `wanted` wants; others pass by.
    pub async fn next<T>(&mut self, wanted: impl Fn(&ServerFrame) -> Option<T>) -> T {
        let found = async {
            loop {
                let frame = self.connection.next().await.expect("a frame");
                let frame = frame.expect("the socket is open");
                if let Some(found) = wanted(&frame) {
                    return found;
                }
            }
        };
        timeout(NEVER, found).await.expect("it comes")
    }

    pub async fn next_event(&mut self) -> Event {
        self.next(|frame| match frame {
            ServerFrame::Event(event) => Some(event.clone()),
            _ => None,
        })
        .await
    }

    /// Hears exactly these posts next, in this order.
    pub async fn hears(&mut self, texts: &[&str]) {
        for wanted in texts {
            let text = self.next_text().await;
            assert_eq!(text, *wanted);
        }
    }

    pub async fn next_text(&mut self) -> String {
        self.next(|frame| match frame {
            ServerFrame::Event(Event {
                fact: Fact::Posted(chatter_protocol::Post { text, .. }),
                ..
            }) => Some(text.clone()),
            _ => None,
        })
        .await
    }

    /// Everything heard until the answer to a ping: what was to come has come.
    /// The server reads and writes one socket in turn, so nothing that was
    /// published before is still on its way after a post of one's own is heard.
    pub async fn until_closed(&mut self) -> (Vec<ServerFrame>, Option<u16>) {
        let mut frames = Vec::new();
        let all = async {
            while let Ok(Some(frame)) = self.connection.next().await {
                frames.push(frame);
            }
        };
        timeout(NEVER, all).await.expect("it is closed");
        (frames, self.connection.close_code())
    }
}

/// A key nobody used.
pub fn key() -> Key {
    Key::new(format!("{:032x}", rand::random::<u128>())).expect("hexadecimal")
}
