//! Who follows which room on this node.
//!
//! The hub holds no truth: it rings a bell, and the connection reads the log.
//! Hence it may lose, repeat or reorder events, and nobody notices more than a
//! little time. It never touches the database and never waits.
//!
//! Begin at [`Hub::deliver`]; then [`reader`], which is what a connection does
//! when its bell rings.
//!
//! Three mistakes would break it, and `tests/it/schedules.rs` looks for them:
//! a tail that keeps holes (a reader would skip what is missing), a `follow`
//! that does not ring (what came in between would wait for the next event),
//! and a `nudge` that does not discard a tail shorter than the head (readers
//! would be sent to a tail that has nothing new, again and again).

pub mod inbox;
mod person;
pub mod reader;
mod room;
mod signals;
pub mod tail;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use chatter_protocol::announcements::Banner;
use chatter_protocol::frame::CloseReason;
use chatter_protocol::rest::{Presence, Standing};
use chatter_protocol::{
    AnnouncementId, Event, Fact, Preferences, RoomId, Seq, ServerFrame, SessionId, User, UserId,
};
use dashmap::DashMap;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use inbox::{Inbox, News, Personal};
use person::{Person, Seen};
pub use reader::{Batch, LogReader, Reader};
pub use room::Follow;
use room::RoomHere;
pub use signals::{Heard, SIGNAL_TICK};
pub use tail::{Entry, encode};

/// A room nobody follows gives its memory back after this long. Long enough
/// for a phone to change networks, short enough that idle rooms cost nothing.
pub const ROOM_TTL: std::time::Duration = std::time::Duration::from_mins(1);

/// Rooms, followers and connections of one node.
pub struct Hub {
    rooms: DashMap<RoomId, Arc<RoomHere>>,
    /// Each user here and their open connections.
    people: DashMap<UserId, Here>,
    /// Rooms whose signals changed since the last tick.
    restless: Mutex<Vec<Arc<RoomHere>>>,
    next_connection: AtomicU64,
    /// Rooms to be rung by [`Hub::ring`]. Absent, ringing is done in place.
    to_ring: OnceLock<mpsc::UnboundedSender<Arc<RoomHere>>>,
}

#[derive(Default)]
struct Here {
    person: Arc<Person>,
    open: Vec<Arc<Inbox>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    pub fn new() -> Self {
        Self {
            rooms: DashMap::new(),
            people: DashMap::new(),
            restless: Mutex::default(),
            next_connection: AtomicU64::new(1),
            to_ring: OnceLock::new(),
        }
    }

    // ── events ──────────────────────────────────────────────────────────

    /// Tells everyone: delivers here and, in a cluster, hints to other nodes.
    pub fn publish(&self, events: &[Arc<Event>]) {
        for event in events {
            self.deliver(event);
        }
    }

    /// Puts one event into its room's tail and rings whoever follows.
    pub fn deliver(&self, event: &Arc<Event>) {
        if let Some(room) = self.room(event.room) {
            if room.take_in(event) {
                self.ring_soon(&room);
            }
            self.after(&room, event);
        }
        if let Fact::Joined { user, .. } = event.fact {
            self.gained(user, event.room);
        }
    }

    /// `room` is one of `user`'s now: their sockets follow it from here on.
    pub fn gained(&self, user: UserId, room: RoomId) {
        self.tell(user, |news| {
            news.rooms_gained.insert(room);
        });
    }

    /// Who speaks is no longer typing; who left has no place among the signals.
    fn after(&self, room: &Arc<RoomHere>, event: &Event) {
        let stirred = match event.fact {
            Fact::Posted(_) => room.signals.stop_typing(event.author),
            Fact::Left { user } => room.signals.forget(user),
            _ => false,
        };
        if stirred {
            self.stir(room);
        }
    }

    /// Tells a room where its log ends, to mend a lost hint.
    pub fn nudge(&self, room: RoomId, head: Seq) {
        if let Some(room) = self.room(room)
            && room.nudge(head)
        {
            room.ring_all();
        }
    }

    /// Rings rooms for as long as `stop` is not cancelled: run it once, as a
    /// task. A thousand connections are woken far more cheaply from one of the
    /// runtime's own threads than from the store's; and while its turn has not
    /// come, further events of a room need no second round.
    pub async fn ring(&self, stop: &CancellationToken) {
        let (to_ring, mut rooms) = mpsc::unbounded_channel();
        if self.to_ring.set(to_ring).is_err() {
            return;
        }
        while let Some(Some(room)) = stop.run_until_cancelled(rooms.recv()).await {
            room.ring_all();
        }
        // Nothing may be left unrung: what drains must hear the end of it.
        rooms.close();
        while let Some(room) = rooms.recv().await {
            room.ring_all();
        }
    }

    /// The event is in the tail already, so order does not depend on when.
    fn ring_soon(&self, room: &Arc<RoomHere>) {
        if !room.ask_to_ring() {
            return;
        }
        let sent = self
            .to_ring
            .get()
            .map(|to_ring| to_ring.send(Arc::clone(room)));
        if !matches!(sent, Some(Ok(()))) {
            room.ring_all();
        }
    }

    fn room(&self, room: RoomId) -> Option<Arc<RoomHere>> {
        // The map's lock ends here; ringing happens outside of it.
        self.rooms.get(&room).map(|found| Arc::clone(&found))
    }

    /// The rooms followed here.
    pub fn followed(&self) -> Vec<RoomId> {
        let followed = self.rooms.iter().filter(|room| room.has_followers());
        followed.map(|room| *room.key()).collect()
    }

    // ── connections ─────────────────────────────────────────────────────

    /// A new connection of `user`. From here on it hears of rooms gained, and
    /// of its session's end; so call it before reading what the user may see.
    pub fn open(&self, user: UserId, session: SessionId) -> Arc<Inbox> {
        let id = self.next_connection.fetch_add(1, Ordering::Relaxed);
        let mut here = self.people.entry(user).or_default();
        let person = Arc::clone(&here.person);
        let inbox = Arc::new(Inbox::new(id, user, session, Arc::clone(&person)));
        here.open.push(Arc::clone(&inbox));
        drop(here);
        if person.opened() {
            self.stir_around(user);
        }
        inbox
    }

    /// The connection is gone. Its follows must have ended before.
    pub fn close(&self, inbox: &Arc<Inbox>) {
        if let Some(mut here) = self.people.get_mut(&inbox.user) {
            here.open.retain(|other| other.id != inbox.id);
        }
        self.people
            .remove_if(&inbox.user, |_, here| here.open.is_empty());
        if inbox.person.closed(inbox.is_idle()) {
            self.stir_around(inbox.user);
        }
    }

    pub fn connections_of(&self, user: UserId) -> usize {
        self.people.get(&user).map_or(0, |here| here.open.len())
    }

    pub fn connections(&self) -> usize {
        self.people.iter().map(|here| here.open.len()).sum()
    }

    /// Ends the sockets of one session.
    pub fn close_session(&self, session: SessionId, reason: CloseReason) {
        for here in &self.people {
            for inbox in here.open.iter().filter(|inbox| inbox.session == session) {
                inbox.end(reason);
            }
        }
    }

    /// Ends all sockets of a user.
    pub fn close_user(&self, user: UserId, reason: CloseReason) {
        if let Some(here) = self.people.get(&user) {
            here.open.iter().for_each(|inbox| inbox.end(reason));
        }
    }

    /// Ends every socket here.
    pub fn close_all(&self, reason: CloseReason) {
        for here in &self.people {
            here.open.iter().for_each(|inbox| inbox.end(reason));
        }
    }

    fn tell(&self, user: UserId, note: impl Fn(&mut Personal)) {
        if let Some(here) = self.people.get(&user) {
            here.open.iter().for_each(|inbox| inbox.note(&note));
        }
    }

    // ── following ───────────────────────────────────────────────────────

    /// Has `inbox` hear `room` from now on, and rings it once: whatever came
    /// before it was listed is found by reading.
    ///
    /// `present` counts the user among those who are here.
    pub fn follow(&self, inbox: &Arc<Inbox>, room: RoomId, present: bool) -> Arc<Follow> {
        // The entry's lock is held while the follower is listed, so that the
        // room cannot be given back between finding it and following it.
        let here = self
            .rooms
            .entry(room)
            .or_insert_with(|| Arc::new(RoomHere::new(room)));
        let (follow, arrived) = here.follow(inbox, present);
        let here = Arc::clone(&here);
        follow.ring();
        if arrived {
            self.stir(&here);
        }
        follow
    }

    pub fn unfollow(&self, follow: &Arc<Follow>) {
        if follow.room.unfollow(follow) {
            self.stir(&follow.room);
        }
    }

    /// Gives back rooms that nobody has followed for [`ROOM_TTL`].
    pub fn give_back(&self) {
        self.rooms.retain(|_, room| !room.is_abandoned(ROOM_TTL));
    }

    // ── signals ─────────────────────────────────────────────────────────

    pub fn typing(&self, room: RoomId, user: UserId) {
        if let Some(room) = self.room(room)
            && room.signals.typing(user)
        {
            self.stir(&room);
        }
    }

    /// `user` has read `room` so far: their own sockets hear it with what is
    /// waiting and, where it is `shown`, the others as a receipt.
    pub fn read(&self, room: RoomId, user: UserId, standing: &Standing, shown: bool) {
        self.standing(room, user, standing);
        let seq = standing.read;
        if let Some(room) = self.room(room)
            && shown
            && room.signals.receipt(user, seq)
        {
            self.stir(&room);
        }
    }

    /// Tells `user`'s own sockets where they stand in `room`.
    pub fn standing(&self, room: RoomId, user: UserId, standing: &Standing) {
        self.tell(user, |news| {
            let known = news.read.entry(room).or_insert_with(|| standing.clone());
            // Two devices may be told in the other order than they read.
            if standing.read >= known.read {
                *known = standing.clone();
            }
        });
    }

    /// A device of `user` got what was said up to `seq`.
    pub fn got(&self, room: RoomId, user: UserId, seq: Seq) {
        if let Some(room) = self.room(room)
            && room.signals.got(user, seq)
        {
            self.stir(&room);
        }
    }

    /// Tells all sockets of one person. `about` names what the frame is about:
    /// of several that nobody has taken yet, the newest stands.
    pub fn note(&self, user: UserId, about: &str, frame: &Bytes) {
        self.tell(user, |news| {
            news.notes.insert(about.to_owned(), frame.clone());
        });
    }

    /// Who is connected here.
    pub fn here(&self) -> Vec<UserId> {
        self.people.iter().map(|here| *here.key()).collect()
    }

    /// Tells these people of a banner.
    pub fn banner(&self, users: &[UserId], banner: &Banner) {
        let about = format!("banner {}", banner.announcement);
        let frame = tail::encode_frame(&ServerFrame::Banner(banner.clone()));
        for user in users {
            self.note(*user, &about, &frame);
        }
    }

    /// Tells someone's other devices that they dismissed a banner.
    pub fn banner_gone(&self, user: UserId, announcement: AnnouncementId) {
        let about = format!("banner {announcement}");
        let frame = tail::encode_frame(&ServerFrame::BannerGone { announcement });
        self.note(user, &about, &frame);
    }

    /// Tells the user's own sockets and everyone who follows a room they are in.
    pub fn user_changed(&self, user: &User) {
        let about = format!("user {}", user.id);
        let frame = tail::encode_frame(&ServerFrame::User(user.clone()));
        for room in &self.rooms {
            if room.has_person(user.id) {
                room.for_each_inbox(|inbox| {
                    inbox.note(|news| {
                        news.notes.insert(about.clone(), frame.clone());
                    });
                });
            }
        }
        self.note(user.id, &about, &frame);
    }

    /// What `user` chose, if they are here.
    pub fn chosen(&self, user: UserId) -> Option<Preferences> {
        let chosen = self.people.get(&user)?.person.chosen();
        // Connected, and nobody has said yet what the database knows.
        (chosen.rev >= 0).then_some(chosen)
    }

    /// A connection of theirs has read what they chose.
    pub fn arrived(&self, inbox: &Inbox, chosen: Preferences) {
        if inbox.person.learn(chosen) {
            self.stir_around(inbox.user);
        }
    }

    /// `user` chose something else: their own sockets hear it, and everyone
    /// sees them so from the next tick on.
    pub fn preferences_changed(&self, user: UserId, chosen: Preferences) {
        let Some(person) = self.people.get(&user).map(|here| Arc::clone(&here.person)) else {
            return;
        };
        if !person.learn(chosen) {
            return;
        }
        self.tell(user, |news| news.preferences = Some(chosen));
        if person.seen() == Seen::Not || !chosen.share_typing {
            for room in &self.rooms {
                room.signals.stop_typing(user);
            }
        }
        self.stir_around(user);
    }

    /// Nobody looks at this device any more, or someone does again.
    pub fn rests(&self, inbox: &Inbox, idle: bool) {
        if inbox.rests(idle) && inbox.person.rests(idle) {
            self.stir_around(inbox.user);
        }
    }

    /// Has every room that `user` is in look anew at who is there.
    fn stir_around(&self, user: UserId) {
        for room in &self.rooms {
            if room.has_person(user) {
                self.stir(&room);
            }
        }
    }

    /// Who is in `room` now and lets it be seen.
    pub fn people_here(&self, room: RoomId) -> Vec<UserId> {
        self.room(room)
            .map_or_else(Vec::new, |room| room.people_here())
    }

    pub fn presence(&self, room: RoomId) -> Presence {
        self.room(room).map_or(
            Presence {
                users: Some(Vec::new()),
                ..Presence::default()
            },
            |room| room.presence(),
        )
    }

    fn stir(&self, room: &Arc<RoomHere>) {
        if room.signals.stir() {
            self.restless.lock().push(Arc::clone(room));
        }
    }

    /// Turns what changed since the last tick into at most one frame per kind
    /// and room. Called every [`SIGNAL_TICK`].
    pub fn tick(&self) {
        let restless = std::mem::take(&mut *self.restless.lock());
        for room in restless {
            if room.tick() {
                self.stir(&room);
            }
        }
    }
}
