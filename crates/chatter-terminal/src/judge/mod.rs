//! Says from a history alone whether the server kept its promises.
//!
//! Feed it lines with [`Judge::observe`], then ask for the [`Verdict`]. It needs
//! no search: seqs name the order, so everything is a comparison and one sort.
//! A delivery leaves only a moved cursor behind, so memory grows with the
//! events of a run and not with their readers; the load tool therefore runs it
//! live, on the same lines it would write.
//!
//! Begin at [`Judge::observe`]; what can only be known at the end is in
//! [`reckoning`].

mod listener;
mod reckoning;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::Context;
use chatter_protocol::{EventId, Key, RoomId, Seq, UserId};

use crate::history::{self, Change, Conn, Line, Record, Sight, TextHash};
use listener::{Hearing, Listener};
pub use verdict::{Rule, Verdict, Violation};

#[derive(Debug, Default)]
pub struct Judge {
    listeners: Vec<Listener>,
    rooms: HashMap<RoomId, RoomBook>,
    sends: HashMap<Key, Send>,
    memberships: HashMap<(UserId, RoomId), Membership>,
    /// Whether any membership is watched: saves a look-up per delivery.
    watching: bool,
    verdict: Verdict,
}

/// One room: what was heard of it and what its log says.
#[derive(Debug, Default)]
struct RoomBook {
    heard: HashMap<Seq, Heard>,
    log: BTreeMap<Seq, Entry>,
    /// When the log was read.
    read_at: u64,
}

/// An event as the first connection heard it; all others must agree.
#[derive(Debug)]
struct Heard {
    at: u64,
    sight: Sight,
}

/// An event as the log has it.
#[derive(Debug)]
struct Entry {
    author: UserId,
    sight: Sight,
}

#[derive(Debug)]
struct Send {
    user: UserId,
    room: RoomId,
    hash: TextHash,
    first_invoked: u64,
    attempts: u32,
    acked: Option<Ack>,
    refused: bool,
    unknown: bool,
}

#[derive(Debug, Clone, Copy)]
struct Ack {
    at: u64,
    seq: Seq,
    id: EventId,
}

/// Comings and goings of one user in one room; and, for those who go, what
/// they heard there.
#[derive(Debug, Default)]
struct Membership {
    watched: bool,
    changes: Vec<(Change, u64, u64)>,
    heard: Vec<(Conn, Seq, u64)>,
}

impl Judge {
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges a history file. Reads it twice: removals first, so that the
    /// order of lines from different connections does not matter.
    pub fn judge_file(path: &Path) -> anyhow::Result<Verdict> {
        let open = || {
            let file = File::open(path)
                .with_context(|| format!("could not open the history {}", path.display()))?;
            anyhow::Ok(history::read(BufReader::new(file)))
        };
        let mut judge = Self::new();
        for line in open()? {
            judge.foresee(&line?);
        }
        for line in open()? {
            judge.observe(&line?);
        }
        Ok(judge.finish())
    }

    fn foresee(&mut self, line: &Line) {
        if let Record::Member {
            room,
            user,
            change: Change::Left,
            ..
        } = line.what
        {
            self.watch(user, room);
        }
    }

    /// From here on remember what `user` hears in `room`: they will be removed.
    pub fn watch(&mut self, user: UserId, room: RoomId) {
        self.watching = true;
        self.memberships.entry((user, room)).or_default().watched = true;
    }

    pub fn observe(&mut self, line: &Line) {
        let t = line.t;
        match &line.what {
            Record::Open { conn, user } => self.listener(*conn).open(*user),
            Record::Close { conn, .. } => self.listener(*conn).close(),
            Record::Follow { conn, room, cursor } => self.follow(*conn, *room, *cursor),
            Record::Reset { conn, room, head } => {
                self.verdict.resets += 1;
                self.listener(*conn).reset(*room, *head);
            }
            Record::Gone { conn, room } => self.listener(*conn).unfollow(*room),
            Record::Invoke {
                user,
                room,
                key,
                hash,
                ..
            } => self.invoke(t, *user, *room, key, *hash),
            Record::Ok { key, seq, id, .. } => self.ack(t, key, *seq, *id),
            Record::Refused { key, .. } => self.send(key, |send| send.refused = true),
            Record::Unknown { key, .. } => self.send(key, |send| send.unknown = true),
            Record::Event { conn, sight } => {
                self.witness(t, sight);
                self.hear(t, *conn, sight.room, sight.seq);
            }
            Record::Member {
                invoked,
                room,
                user,
                change,
            } => {
                let membership = self.memberships.entry((*user, *room)).or_default();
                membership.changes.push((*change, *invoked, t));
            }
            Record::Log { author, sight } => self.enter(t, *author, sight),
        }
    }

    /// The second half of an `event` line, for whoever knows that exactly this
    /// event was heard by someone before: only who heard it is new.
    pub fn hear(&mut self, t: u64, conn: Conn, room: RoomId, seq: Seq) {
        self.verdict.deliveries += 1;
        let hearing = self.listener(conn).hear(room, seq);
        match hearing {
            Hearing::Next => {}
            Hearing::Again => self.verdict.find(Rule::NoDuplicates, || {
                format!("connection {conn} heard seq {seq} of room {room} again, at {t} ns")
            }),
            Hearing::Skipped { from } => self.verdict.find(Rule::GaplessDelivery, || {
                format!("connection {conn} heard seq {seq} of room {room} right after {from}, at {t} ns")
            }),
            Hearing::NotFollowed => self.verdict.find(Rule::NoLeak, || {
                format!("connection {conn} heard seq {seq} of room {room}, which it does not follow, at {t} ns")
            }),
        }
        if self.watching
            && let Some(user) = self.listeners[conn as usize].user
            && let Some(membership) = self.memberships.get_mut(&(user, room))
            && membership.watched
        {
            membership.heard.push((conn, seq, t));
        }
    }

    /// When the post behind `key` was first sent.
    pub fn sent_at(&self, key: &Key) -> Option<u64> {
        self.sends.get(key).map(|send| send.first_invoked)
    }

    /// How many open connections have not heard all of `heads` yet.
    pub fn behind(&self, heads: &BTreeMap<RoomId, Seq>) -> usize {
        let is_behind = |listener: &&Listener| {
            let mut follows = listener.follows.iter();
            follows.any(|f| heads.get(&f.room).is_some_and(|head| f.cursor < *head))
        };
        self.listeners.iter().filter(is_behind).count()
    }

    fn listener(&mut self, conn: Conn) -> &mut Listener {
        let place = conn as usize;
        if place >= self.listeners.len() {
            self.listeners.resize_with(place + 1, Listener::default);
        }
        &mut self.listeners[place]
    }

    fn follow(&mut self, conn: Conn, room: RoomId, cursor: Seq) {
        let user = self.listener(conn).user;
        if let Some(from) = self.listener(conn).follow(room, cursor)
            // Whoever came back to the room, and not only to the server, starts anew.
            && !self.ever_left(user, room)
        {
            self.verdict.find(Rule::GaplessDelivery, || {
                format!("connection {conn} came back to room {room} at {cursor} but had heard only up to {from}")
            });
        }
    }

    fn invoke(&mut self, t: u64, user: UserId, room: RoomId, key: &Key, hash: TextHash) {
        let send = self.sends.entry(key.clone()).or_insert_with(|| Send {
            user,
            room,
            hash,
            first_invoked: t,
            attempts: 0,
            acked: None,
            refused: false,
            unknown: false,
        });
        send.attempts += 1;
    }

    fn ack(&mut self, t: u64, key: &Key, seq: Seq, id: EventId) {
        let Some(send) = self.sends.get_mut(key) else {
            return;
        };
        match send.acked {
            None => send.acked = Some(Ack { at: t, seq, id }),
            Some(first) if (first.seq, first.id) == (seq, id) => {}
            Some(first) => self.verdict.find(Rule::IdempotentRetry, || {
                let (was_seq, was_id) = (first.seq, first.id);
                format!("{key} was answered as {was_seq} (id {was_id}) and then as {seq} (id {id})")
            }),
        }
    }

    fn send(&mut self, key: &Key, mark: impl FnOnce(&mut Send)) {
        if let Some(send) = self.sends.get_mut(key) {
            mark(send);
        }
    }

    /// The first half of an `event` line: everyone hears the same thing.
    fn witness(&mut self, t: u64, sight: &Sight) {
        let book = self.rooms.entry(sight.room).or_default();
        let Some(known) = book.heard.get(&sight.seq) else {
            let sight = sight.clone();
            book.heard.insert(sight.seq, Heard { at: t, sight });
            return;
        };
        if known.sight.id != sight.id {
            self.verdict.find(Rule::SameOrder, || {
                format!(
                    "seq {} of room {} is event {} for one and {} for another",
                    sight.seq, sight.room, known.sight.id, sight.id
                )
            });
        } else if known.sight != *sight {
            self.verdict.find(Rule::Content, || {
                format!("{:?} for one is {sight:?} for another", known.sight)
            });
        }
    }

    fn enter(&mut self, t: u64, author: UserId, sight: &Sight) {
        let book = self.rooms.entry(sight.room).or_default();
        book.read_at = t;
        let sight = sight.clone();
        let (room, seq) = (sight.room, sight.seq);
        if book.log.insert(seq, Entry { author, sight }).is_some() {
            self.verdict.find(Rule::DenseSeq, || {
                format!("the log of room {room} has seq {seq} twice")
            });
        }
    }
}

type Ids = HashSet<EventId>;
