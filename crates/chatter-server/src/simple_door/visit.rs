//! One visitor at the simple door: text in, lines out.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::ws::Message;
use bytes::Bytes;
use chatter_core::hub::{Entry, Inbox, Reader};
use chatter_core::rooms::{self, Turn};
use chatter_core::{App, Principal, accounts};
use chatter_protocol::frame::CloseReason;
use chatter_protocol::limits::FRAME_BYTES;
use chatter_protocol::{Draft, Fact, Key, Refusal, Room, ServerFrame, UserId};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use tokio::time::{Duration, Instant, sleep};
use tracing::warn;

use super::history;
use super::line::{Line, SYSTEM, Style, timestamp};
use crate::gateway::socket::{Ended, Socket};
use crate::refusals::Of;
use crate::server::Server;

const BEAT: Duration = Duration::from_secs(25);
const SILENCE: Duration = Duration::from_secs(55);

/// Posts of one visitor under way at once; beyond that the socket is not read.
const UNDER_WAY: usize = 64;

pub async fn run(
    server: Arc<Server>,
    mut socket: Socket,
    who: Principal,
    room: Room,
    style: Style,
) {
    let app = Arc::clone(&server.app);
    if app.hub.connections_of(who.user) >= server.config.max_connections_per_user {
        accounts::sessions::end_own(&app, &who).await.ok();
        return socket.close(Ended::ByUs(CloseReason::TooMany)).await;
    }
    let inbox = app.hub.open(who.user, who.session);
    let follow = app.hub.follow(&inbox, room.id, true);
    let reader = Reader::new(follow, who.user, room.head, room.head, false);
    let mut visit = Visit {
        app: Arc::clone(&app),
        who,
        inbox,
        reader,
        room,
        style,
        names: HashMap::new(),
        here: BTreeSet::new(),
        heard_at: Instant::now(),
        under_way: FuturesOrdered::new(),
        turn: Turn::default(),
    };
    let ended = visit.live(&mut socket).await;
    drop(visit);
    accounts::sessions::end_own(&app, &who).await.ok();
    socket.close(ended).await;
}

/// However it ends, a panic included, the hub forgets it.
impl Drop for Visit {
    fn drop(&mut self) {
        self.app.hub.unfollow(&self.reader.follow);
        self.app.hub.close(&self.inbox);
    }
}

struct Visit {
    app: Arc<App>,
    who: Principal,
    inbox: Arc<Inbox>,
    reader: Reader,
    room: Room,
    style: Style,
    names: HashMap<UserId, String>,
    /// Who was here when the room was last told.
    here: BTreeSet<UserId>,
    heard_at: Instant,
    /// Posts being stored, in the order they were said; each ends in the
    /// sentence why not, if it was refused.
    under_way: FuturesOrdered<BoxFuture<'static, Option<String>>>,
    /// They reach the log in that order, too.
    turn: Turn,
}

impl Visit {
    async fn live(&mut self, socket: &mut Socket) -> Ended {
        if self.app.stop.is_cancelled() {
            return Ended::ByUs(CloseReason::Restart);
        }
        if self.style == Style::Plain
            && let Err(ended) = self.tell_history(socket).await
        {
            return ended;
        }
        let inbox = Arc::clone(&self.inbox);
        let beat = sleep(BEAT);
        tokio::pin!(beat);
        loop {
            let step = tokio::select! {
                () = inbox.rung() => self.catch_up(socket).await,
                Some(refused) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.refused(socket, refused).await
                }
                message = socket.recv(), if self.under_way.len() < UNDER_WAY => {
                    self.heard(socket, message).await
                }
                () = beat.as_mut() => {
                    beat.as_mut().reset(Instant::now() + BEAT);
                    self.beat(socket).await
                }
            };
            if let Err(ended) = step {
                return ended;
            }
        }
    }

    async fn beat(&mut self, socket: &mut Socket) -> Result<(), Ended> {
        if self.heard_at.elapsed() > SILENCE {
            return Err(Ended::ByUs(CloseReason::Silent));
        }
        // A visitor's session is short, so that a name is soon free again.
        let stands = Box::pin(accounts::sessions::still_stands(&self.app, &self.who)).await;
        if matches!(stands, Ok(false)) {
            return Err(Ended::ByUs(CloseReason::SignedOut));
        }
        socket.ping().await
    }

    async fn tell_history(&mut self, socket: &mut Socket) -> Result<(), Ended> {
        let told = history::recent(&self.app, &self.room).await;
        for (name, message) in told.map_err(|_| Ended::ByUs(CloseReason::TryAgain))? {
            // The reader goes on after the room's head as it was at the door;
            // what came since is its to tell.
            if message.seq > self.room.head {
                break;
            }
            let line = Line {
                sender: &name,
                room: &self.room.name,
                content: message.text(),
                timestamp: timestamp(message.at),
            };
            socket.feed(line.write(self.style)).await?;
        }
        socket.flush().await
    }

    async fn catch_up(&mut self, socket: &mut Socket) -> Result<(), Ended> {
        let personal = self.inbox.take().personal;
        if let Some(reason) = personal.and_then(|personal| personal.ended) {
            return Err(Ended::ByUs(reason));
        }
        loop {
            let batch = self.reader.next(&self.app.store).await;
            let batch = batch.map_err(|error| {
                warn!("a visitor could not be served: {error}");
                Ended::ByUs(CloseReason::TryAgain)
            })?;
            if batch.too_far {
                // There is no word for it here: the visitor hears on from now.
                let found = rooms::state(&self.app, &self.who, self.room.id).await;
                let state = found.map_err(|_| Ended::ByUs(CloseReason::TryAgain))?;
                self.reader.skip_to(state.room.head);
                continue;
            }
            for entry in &batch.entries {
                if let Some(line) = self.line(entry).await {
                    socket.feed(line).await?;
                }
            }
            for frame in &batch.frames {
                self.tell_presence(socket, frame).await?;
            }
            if batch.out {
                self.say(socket, "this room is closed now").await?;
                socket.flush().await?;
                return Err(Ended::ByUs(CloseReason::SignedOut));
            }
            if !batch.more {
                return socket.flush().await;
            }
        }
    }

    /// What the visitor sees of an event: posts; the rest has no place here.
    async fn line(&mut self, entry: &Entry) -> Option<Bytes> {
        let text = match &entry.event.fact {
            Fact::Posted(post) if post.is_in_room() => &post.text,
            _ => return None,
        };
        if self.style == Style::Json
            && let Some(line) = entry.plain.get()
        {
            return Some(line.clone());
        }
        let name = self.name(entry.event.author).await;
        let line = Line {
            sender: &name,
            room: &self.room.name,
            content: text,
            timestamp: timestamp(entry.event.at),
        };
        let bytes = line.write(self.style);
        if self.style == Style::Json {
            entry.plain.set(bytes.clone()).ok();
        }
        Some(bytes)
    }

    async fn name(&mut self, user: UserId) -> String {
        if let Some(name) = self.names.get(&user) {
            return name.clone();
        }
        let found = self.app.store.user(user).await.ok().flatten();
        let name = found.map_or_else(|| "someone".to_owned(), |user| user.name);
        self.names.insert(user, name.clone());
        name
    }

    /// Joins and leaves, from who is here now and who was.
    async fn tell_presence(&mut self, socket: &mut Socket, frame: &[u8]) -> Result<(), Ended> {
        let Ok(ServerFrame::Presence {
            users: Some(users), ..
        }) = serde_json::from_slice(frame)
        else {
            return Ok(());
        };
        let now: BTreeSet<UserId> = users.into_iter().collect();
        let came: Vec<UserId> = now.difference(&self.here).copied().collect();
        let left: Vec<UserId> = self.here.difference(&now).copied().collect();
        let first = self.here.is_empty();
        self.here = now;
        for user in came {
            // Arriving, one is told of one's own arrival, not of everyone's.
            if first && user != self.who.user {
                continue;
            }
            let line = format!("{} joined", self.name(user).await);
            self.say(socket, &line).await?;
        }
        for user in left {
            let line = format!("{} left", self.name(user).await);
            self.say(socket, &line).await?;
        }
        Ok(())
    }

    async fn say(&mut self, socket: &mut Socket, content: &str) -> Result<(), Ended> {
        let line = Line {
            sender: SYSTEM,
            room: &self.room.name,
            content,
            timestamp: timestamp(self.app.now()),
        };
        socket.feed(line.write(self.style)).await
    }

    async fn heard(
        &mut self,
        socket: &mut Socket,
        message: Result<Message, Ended>,
    ) -> Result<(), Ended> {
        self.heard_at = Instant::now();
        let refused = match message? {
            Message::Text(text) if text.len() <= FRAME_BYTES => {
                self.post(text.to_string());
                return Ok(());
            }
            Message::Text(_) => "that is too long for a message",
            Message::Binary(_) => "only text can be said here",
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(Ended::ByPeer),
        };
        self.refused(socket, Some(refused.to_owned())).await
    }

    async fn refused(&mut self, socket: &mut Socket, why: Option<String>) -> Result<(), Ended> {
        let Some(why) = why else { return Ok(()) };
        self.say(socket, &why).await?;
        socket.flush().await
    }

    /// Says it, beside what the visitor hears.
    fn post(&mut self, text: String) {
        // The door has no word for a retry, so each text is a post of its own.
        let Ok(key) = Key::new(self.app.ids.event().to_string()) else {
            return;
        };
        let (app, who, room) = (Arc::clone(&self.app), self.who, self.room.id);
        let turn = self.turn.clone();
        self.under_way.push_back(Box::pin(async move {
            let draft = Draft::said(text);
            let posted = rooms::post_in_turn(&app, &who, &turn, room, key, draft).await;
            posted.err().map(|error| Refusal::from(Of(&error)).message)
        }));
    }
}
