//! One socket, from `hello` to its end.
//!
//! It holds a cursor per room and nothing else that grows: when the bell rings
//! it reads on from there. A command that waits for the database does not hold
//! up what the socket hears.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Message;
use bytes::Bytes;
use chatter_core::accounts::sessions;
use chatter_core::hub::tail::encode_frame;
use chatter_core::hub::{Inbox, News, Personal, Reader};
use chatter_core::rooms::{RoomError, Turn};
use chatter_core::{App, Principal, rooms};
use chatter_protocol::frame::{CloseReason, Hello, Refused, Welcome};
use chatter_protocol::limits::{FOLLOWS_MAX, FRAME_BYTES};
use chatter_protocol::{
    ClientFrame, Code, PROTOCOL_VERSION, Refusal, Room, RoomId, RoomState, Seq, ServerFrame,
};
use chatter_store::{Arrival, StoreError};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, warn};

use super::commands;
use super::socket::{Ended, Socket};
use crate::server::Server;

/// Who says nothing for this long after connecting is not a client.
const HELLO_PATIENCE: Duration = Duration::from_secs(10);

/// How often a silent socket is asked whether it is there.
const BEAT: Duration = Duration::from_secs(25);

/// A socket from which nothing came for two beats is gone.
const SILENCE: Duration = Duration::from_secs(55);

/// How often an open socket's session is asked for again: one that is used is
/// not forgotten, and one that ended by its time ends here too.
const ASK_AGAIN: Duration = Duration::from_mins(5);

/// Commands of one socket under way at once; beyond that it is not read.
const UNDER_WAY: usize = 64;

/// Frames that are no frames, before the socket is closed.
const BAD_FRAMES: u32 = 32;

/// What is known of a socket before it says anything.
pub struct Knock {
    /// The session's token, if a browser brought one.
    pub cookie: Option<String>,
    pub address: IpAddr,
}

pub async fn run(server: Arc<Server>, mut socket: Socket, knock: Knock) {
    // Boxed, here and below, what a socket does once or rarely: its task should
    // be no larger than what it needs while nothing happens.
    let ended = match Box::pin(begin(&server, &mut socket, knock)).await {
        Ok(mut connection) => connection.live(&mut socket).await,
        Err(ended) => ended,
    };
    debug!(?ended, "a socket closed");
    Box::pin(socket.close(ended)).await;
}

/// Who is there? Refusals are the same for no session and for an ended one.
async fn greet(
    server: &Server,
    socket: &mut Socket,
    knock: Knock,
) -> Result<(Principal, Hello), Ended> {
    let Ok(message) = timeout(HELLO_PATIENCE, socket.recv()).await else {
        return Err(Ended::ByUs(CloseReason::NoHello));
    };
    let Message::Text(text) = message? else {
        return Err(Ended::ByUs(CloseReason::NoHello));
    };
    let Ok(ClientFrame::Hello(hello)) = serde_json::from_str(&text) else {
        return Err(Ended::ByUs(CloseReason::NoHello));
    };
    if hello.protocol != PROTOCOL_VERSION {
        return Err(Ended::ByUs(CloseReason::TooOld));
    }
    // A token said aloud wins over a cookie that came along.
    let token = hello.token.clone().or(knock.cookie);
    let who = authenticate(&server.app, token.as_deref()).await?;
    Ok((who.at(knock.address), hello))
}

async fn authenticate(app: &Arc<App>, token: Option<&str>) -> Result<Principal, Ended> {
    let signed_out = Ended::ByUs(CloseReason::SignedOut);
    let Some(token) = token else {
        return Err(signed_out);
    };
    let found = sessions::authenticate(app, token).await;
    found.map_err(|error| try_again(&error))?.ok_or(signed_out)
}

fn try_again(error: &StoreError) -> Ended {
    warn!("a socket could not be served: {error}");
    Ended::ByUs(CloseReason::TryAgain)
}

/// From the hello to the welcome.
async fn begin(server: &Server, socket: &mut Socket, knock: Knock) -> Result<Connection, Ended> {
    let (who, hello) = greet(server, socket, knock).await?;
    let app = &server.app;
    if app.hub.connections_of(who.user) >= server.config.max_connections_per_user {
        return Err(Ended::ByUs(CloseReason::TooMany));
    }
    let inbox = app.hub.open(who.user, who.session);
    let mut connection = Connection {
        app: Arc::clone(app),
        who,
        inbox,
        readers: BTreeMap::new(),
        under_way: FuturesOrdered::new(),
        turn: Turn::default(),
        heard_at: Instant::now(),
        asked_at: Instant::now(),
        bad_frames: 0,
    };
    connection.open(server, socket, hello).await?;
    Ok(connection)
}

/// However it ends, a panic included, the hub forgets it.
impl Drop for Connection {
    fn drop(&mut self) {
        for reader in self.readers.values() {
            self.app.hub.unfollow(&reader.follow);
        }
        self.app.hub.close(&self.inbox);
    }
}

pub(super) struct Connection {
    pub app: Arc<App>,
    pub who: Principal,
    inbox: Arc<Inbox>,
    readers: BTreeMap<RoomId, Reader>,
    /// Commands being carried out, answered in the order they came.
    under_way: FuturesOrdered<BoxFuture<'static, Option<Bytes>>>,
    /// Posts reach the log in the order they came, too.
    pub(super) turn: Turn,
    heard_at: Instant,
    /// When the session was last asked for.
    asked_at: Instant,
    bad_frames: u32,
}

impl Connection {
    /// Follows my rooms from where I left off, and says `welcome`.
    async fn open(
        &mut self,
        server: &Server,
        socket: &mut Socket,
        hello: Hello,
    ) -> Result<(), Ended> {
        let app = Arc::clone(&self.app);
        // The hub knows this connection now. A session that ended, or a server
        // that began to stop, between asking and then, is caught here; any
        // later end reaches the inbox.
        if app.stop.is_cancelled() {
            return Err(Ended::ByUs(CloseReason::Restart));
        }
        let arrival = app
            .store
            .arrival(self.who.user, self.who.session, app.now());
        let arrival = arrival.await.map_err(|error| try_again(&error))?;
        let Some(Arrival {
            me,
            preferences,
            rooms: mine,
        }) = arrival
        else {
            return Err(Ended::ByUs(CloseReason::SignedOut));
        };
        // Before any room is followed: who is invisible is not seen arriving.
        app.hub.arrived(&self.inbox, preferences);
        let same_log = hello.log_id.as_deref() == Some(app.store.log_id());
        let mut resets = Vec::new();
        for state in mine.iter().take(FOLLOWS_MAX) {
            let asked = hello.cursors.get(&state.room.id).copied();
            let head = state.room.head;
            let known = asked.filter(|cursor| same_log && *cursor <= head);
            if asked.is_some() && known.is_none() {
                resets.push(ServerFrame::Reset {
                    room: state.room.id,
                    head,
                });
            }
            self.follow(state, known.unwrap_or(head));
        }
        self.learn_heads().await?;
        let lost = hello
            .cursors
            .keys()
            .filter(|room| !self.readers.contains_key(room));
        let gone: Vec<_> = lost.map(|&room| ServerFrame::Gone { room }).collect();
        let welcome = ServerFrame::Welcome(Welcome {
            protocol: PROTOCOL_VERSION,
            log_id: app.store.log_id().to_owned(),
            server: server.info(),
            me,
            preferences,
            at: app.now(),
            rooms: mine,
        });
        socket.feed_frame(&welcome).await?;
        for frame in resets.iter().chain(&gone) {
            socket.feed_frame(frame).await?;
        }
        socket.flush().await
    }

    /// Rooms that nobody followed here until now: where does their log end?
    async fn learn_heads(&mut self) -> Result<(), Ended> {
        let unknown: Vec<RoomId> = self
            .readers
            .iter()
            .filter(|(_, reader)| reader.follow.room.head().is_none())
            .map(|(room, _)| *room)
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let heads = self.app.store.heads(&unknown).await;
        for (room, head) in heads.map_err(|error| try_again(&error))? {
            self.app.hub.nudge(room, head);
        }
        Ok(())
    }

    /// Hears `state`'s room from after `cursor`.
    fn follow(&mut self, state: &RoomState, cursor: Seq) {
        let room = state.room.id;
        let visiting = self.who.is_guest();
        let present = state.role.is_some() || visiting;
        let follow = self.app.hub.follow(&self.inbox, room, present);
        let (head, member) = (state.room.head, state.role.is_some());
        let reader = Reader::new(follow, self.who.user, cursor, head, member);
        self.readers.insert(room, reader);
    }

    async fn live(&mut self, socket: &mut Socket) -> Ended {
        let inbox = Arc::clone(&self.inbox);
        // One timer for the life of the socket: the loop turns once per event.
        let beat = sleep(BEAT);
        tokio::pin!(beat);
        loop {
            let step = tokio::select! {
                () = inbox.rung() => self.catch_up(socket).await,
                Some(answer) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.answer(socket, answer).await
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

    /// Sends everything new of every rung room, then flushes once.
    async fn catch_up(&mut self, socket: &mut Socket) -> Result<(), Ended> {
        let began = Instant::now();
        let News { rooms, personal } = self.inbox.take();
        if let Some(reason) = personal.as_ref().and_then(|personal| personal.ended) {
            return Err(Ended::ByUs(reason));
        }
        for room in rooms {
            self.read_room(socket, room).await?;
        }
        self.still_on()?;
        if let Some(personal) = personal {
            Box::pin(self.tell(socket, *personal)).await?;
        }
        socket.flush().await?;
        if began.elapsed() > BEAT {
            // A peer that took all that is alive; its pongs wait unread.
            self.heard_at = Instant::now();
        }
        Ok(())
    }

    async fn tell(&mut self, socket: &mut Socket, personal: Personal) -> Result<(), Ended> {
        for room in personal.rooms_gained {
            self.gain(socket, room).await?;
        }
        for (room, standing) in personal.read {
            let frame = ServerFrame::Read {
                room,
                seq: standing.read,
                unread: standing.unread,
                mentions: standing.mentions,
            };
            socket.feed_frame(&frame).await?;
        }
        if let Some(preferences) = personal.preferences {
            let frame = ServerFrame::Preferences(preferences);
            socket.feed_frame(&frame).await?;
        }
        for frame in personal.notes.into_values() {
            socket.feed(frame).await?;
        }
        Ok(())
    }

    async fn read_room(&mut self, socket: &mut Socket, room: RoomId) -> Result<(), Ended> {
        loop {
            let Some(reader) = self.readers.get_mut(&room) else {
                return Ok(());
            };
            let batch = reader.next(&self.app.store).await;
            let batch = batch.map_err(|error| try_again(&error))?;
            if batch.too_far {
                return Box::pin(self.begin_anew(socket, room)).await;
            }
            for entry in &batch.entries {
                self.still_on()?;
                socket.feed(entry.frame.clone()).await?;
            }
            for frame in batch.frames {
                self.still_on()?;
                socket.feed(frame).await?;
            }
            if batch.out {
                self.unfollow(room);
                socket.feed_frame(&ServerFrame::Gone { room }).await?;
            }
            if !batch.more {
                return Ok(());
            }
        }
    }

    /// Too far behind to replay: if the room is still mine as it was, the client
    /// loads a page and hears what comes after its head; if not, it is gone.
    async fn begin_anew(&mut self, socket: &mut Socket, room: RoomId) -> Result<(), Ended> {
        let was_member = self.readers.get(&room).is_some_and(Reader::is_member);
        let state = match rooms::state(&self.app, &self.who, room).await {
            Ok(state) => Some(state),
            Err(RoomError::Store(error)) => return Err(try_again(&error)),
            Err(_) => None,
        };
        let state = state.filter(|state| state.role.is_some() || !was_member);
        let Some(RoomState {
            room: Room { head, .. },
            ..
        }) = state
        else {
            self.unfollow(room);
            return socket.feed_frame(&ServerFrame::Gone { room }).await;
        };
        if let Some(reader) = self.readers.get_mut(&room) {
            reader.skip_to(head);
            reader.follow.ring();
        }
        socket.feed_frame(&ServerFrame::Reset { room, head }).await
    }

    /// Signed out means out, in the middle of a batch too.
    fn still_on(&self) -> Result<(), Ended> {
        if self.inbox.is_over() {
            let reason = self
                .inbox
                .take()
                .personal
                .and_then(|personal| personal.ended);
            return Err(Ended::ByUs(reason.unwrap_or(CloseReason::SignedOut)));
        }
        Ok(())
    }

    /// A room became mine: I joined, made it or was added.
    async fn gain(&mut self, socket: &mut Socket, room: RoomId) -> Result<(), Ended> {
        let found = self.app.store.room_state(room, self.who.user).await;
        let found = found.map_err(|error| try_again(&error))?;
        let Some(state) = found.filter(|state| state.role.is_some()) else {
            return Ok(());
        };
        // A room read as a visitor goes on from where the visitor was.
        let visited = self.readers.get(&room).map(Reader::cursor);
        self.follow(&state, visited.unwrap_or(state.room.head));
        self.learn_heads().await?;
        socket.feed_frame(&ServerFrame::Room(state)).await
    }

    pub(super) fn unfollow(&mut self, room: RoomId) {
        if let Some(reader) = self.readers.remove(&room) {
            self.app.hub.unfollow(&reader.follow);
        }
    }

    /// `follow`, as asked for: from a cursor, or from some events before the head.
    pub(super) async fn follow_asked(
        &mut self,
        room: RoomId,
        cursor: Option<Seq>,
        recent: Option<i64>,
    ) -> Result<RoomState, Refusal> {
        if self.readers.len() >= FOLLOWS_MAX && !self.readers.contains_key(&room) {
            return Err(Refusal::new(
                Code::TooMany,
                format!("one connection follows at most {FOLLOWS_MAX} rooms"),
            ));
        }
        let state = rooms::state(&self.app, &self.who, room).await;
        let state = state.map_err(|error| Refusal::from(crate::refusals::Of(&error)))?;
        let head = state.room.head;
        let start = match (cursor, recent) {
            (Some(cursor), _) if cursor <= head => cursor.max(Seq::ZERO),
            (None, Some(recent)) => {
                head.back(recent.clamp(0, chatter_protocol::limits::RECENT_MAX))
            }
            _ => head,
        };
        self.follow(&state, start);
        if let Err(Ended::ByUs(_)) = self.learn_heads().await {
            return Err(Refusal::new(
                Code::TryAgain,
                "the database cannot be reached now",
            ));
        }
        Ok(state)
    }

    /// Whether anybody looks at this device.
    pub(super) fn rests(&self, idle: bool) {
        self.app.hub.rests(&self.inbox, idle);
    }

    async fn heard(
        &mut self,
        socket: &mut Socket,
        message: Result<Message, Ended>,
    ) -> Result<(), Ended> {
        self.heard_at = Instant::now();
        self.still_on()?;
        let refusal = match message? {
            Message::Text(text) if text.len() <= FRAME_BYTES => {
                return match commands::handle(self, &text).await {
                    Ok(answer) => self.answer(socket, answer).await,
                    Err(refused) => self.bad(socket, refused).await,
                };
            }
            Message::Text(text) => Refusal::new(
                Code::TooLong,
                format!(
                    "a frame is at most {FRAME_BYTES} bytes, this one has {}",
                    text.len()
                ),
            ),
            Message::Binary(_) => Refusal::new(Code::BadFrame, "frames are JSON text, not binary"),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(Ended::ByPeer),
        };
        let refused = Refused {
            reference: None,
            refusal,
        };
        self.bad(socket, refused).await
    }

    /// Answers what was no frame, and after too many of them hangs up.
    async fn bad(&mut self, socket: &mut Socket, refused: Refused) -> Result<(), Ended> {
        self.bad_frames += 1;
        if self.bad_frames > BAD_FRAMES {
            return Err(Ended::ByUs(CloseReason::BadFrames));
        }
        let frame = encode_frame(&ServerFrame::Refused(refused));
        self.answer(socket, Some(frame)).await
    }

    /// Carries `command` out beside what the socket hears.
    pub(super) fn begin(&mut self, command: BoxFuture<'static, Option<Bytes>>) {
        self.under_way.push_back(command);
    }

    async fn answer(&mut self, socket: &mut Socket, answer: Option<Bytes>) -> Result<(), Ended> {
        let Some(frame) = answer else { return Ok(()) };
        self.still_on()?;
        socket.feed(frame).await?;
        socket.flush().await
    }

    async fn beat(&mut self, socket: &mut Socket) -> Result<(), Ended> {
        if self.heard_at.elapsed() > SILENCE {
            return Err(Ended::ByUs(CloseReason::Silent));
        }
        if self.asked_at.elapsed() > ASK_AGAIN {
            self.asked_at = Instant::now();
            // A database that does not answer ends nobody; it is asked again.
            let stands = Box::pin(sessions::still_stands(&self.app, &self.who)).await;
            if matches!(stands, Ok(false)) {
                return Err(Ended::ByUs(CloseReason::SignedOut));
            }
        }
        socket.ping().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size of what `talk` returns.
    fn size<A, B, C, F: Future>(_talk: impl Fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_connection_that_does_nothing_holds_little() {
        let bytes = size(run);
        assert!(bytes <= 1_600, "{bytes} bytes for each connection's task");
    }
}
