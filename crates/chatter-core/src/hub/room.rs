//! One room as this node sees it: its tail, who follows, who is here.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chatter_protocol::limits::PRESENCE_NAMED;
use chatter_protocol::rest::Presence;
use chatter_protocol::{Event, RoomId, Seq, UserId};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::inbox::Inbox;
use super::person::{Person, Seen};
use super::signals::{Heard, Signals};
use super::tail::{Entry, Tail, TailRead};

/// That one connection hears one room.
pub struct Follow {
    pub room: Arc<RoomHere>,
    inbox: Arc<Inbox>,
    /// Already in the inbox and not read yet.
    rung: AtomicBool,
    present: bool,
}

impl Follow {
    pub fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.inbox.ring(self.room.id);
        }
    }

    /// Whether whoever follows shares how far they read, and so hears it of
    /// others.
    pub fn shares_receipts(&self) -> bool {
        self.inbox.person.chosen().share_receipts
    }

    /// Said before reading, so that what comes while reading rings again.
    pub fn hush(&self) {
        self.rung.store(false, Ordering::Release);
    }
}

pub struct RoomHere {
    pub id: RoomId,
    tail: Mutex<Tail>,
    followers: Mutex<Followers>,
    /// To be rung, and not rung yet.
    asked: AtomicBool,
    pub(super) signals: Signals,
}

struct Followers {
    by_connection: HashMap<u64, Arc<Follow>>,
    /// How many connections each person here has, and how they are to be seen.
    people: HashMap<UserId, (usize, Arc<Person>)>,
    /// Since when nobody follows.
    empty_since: Option<Instant>,
}

impl RoomHere {
    pub fn new(id: RoomId) -> Self {
        Self {
            id,
            tail: Mutex::default(),
            followers: Mutex::new(Followers {
                by_connection: HashMap::new(),
                people: HashMap::new(),
                empty_since: Some(Instant::now()),
            }),
            asked: AtomicBool::new(false),
            signals: Signals::default(),
        }
    }

    /// Takes an event into the tail; whether it is news. The caller rings, with
    /// no lock held: a woken reader must not wait for the ringing of the others.
    pub fn take_in(&self, event: &Arc<Event>) -> bool {
        self.tail.lock().push(event)
    }

    pub fn nudge(&self, head: Seq) -> bool {
        self.tail.lock().nudge(head)
    }

    pub fn head(&self) -> Option<Seq> {
        self.tail.lock().head()
    }

    pub fn tail_after(&self, cursor: Seq, limit: usize) -> TailRead {
        self.tail.lock().after(cursor, limit)
    }

    pub fn refill(&self, older: &[Arc<Entry>]) {
        self.tail.lock().refill(older);
    }

    /// Whether nobody has asked yet.
    pub fn ask_to_ring(&self) -> bool {
        !self.asked.swap(true, Ordering::AcqRel)
    }

    pub fn ring_all(&self) {
        // Said before ringing, so that what comes meanwhile is rung for again.
        self.asked.store(false, Ordering::Release);
        for follow in self.followers.lock().by_connection.values() {
            follow.ring();
        }
    }

    /// The follow, and whether someone arrived who was not here before.
    pub fn follow(self: &Arc<Self>, inbox: &Arc<Inbox>, present: bool) -> (Arc<Follow>, bool) {
        let follow = Arc::new(Follow {
            room: Arc::clone(self),
            inbox: Arc::clone(inbox),
            rung: AtomicBool::new(false),
            present,
        });
        let mut followers = self.followers.lock();
        followers.empty_since = None;
        let before = followers
            .by_connection
            .insert(inbox.id, Arc::clone(&follow));
        if before.is_some_and(|before| before.present) {
            followers.left(inbox.user);
        }
        let arrived = present && followers.arrived(inbox);
        (follow, arrived)
    }

    /// Whether someone left with it.
    pub fn unfollow(&self, follow: &Arc<Follow>) -> bool {
        let mut followers = self.followers.lock();
        let current = followers.by_connection.get(&follow.inbox.id);
        if !current.is_some_and(|current| Arc::ptr_eq(current, follow)) {
            return false;
        }
        followers.by_connection.remove(&follow.inbox.id);
        if followers.by_connection.is_empty() {
            followers.empty_since = Some(Instant::now());
        }
        let user = follow.inbox.user;
        let gone = follow.present && followers.left(user);
        drop(followers);
        if gone {
            self.signals.stop_typing(user);
        }
        gone
    }

    pub fn has_followers(&self) -> bool {
        !self.followers.lock().by_connection.is_empty()
    }

    pub fn has_person(&self, user: UserId) -> bool {
        self.followers.lock().people.contains_key(&user)
    }

    pub fn for_each_inbox(&self, mut visit: impl FnMut(&Arc<Inbox>)) {
        for follow in self.followers.lock().by_connection.values() {
            visit(&follow.inbox);
        }
    }

    pub fn is_abandoned(&self, ttl: Duration) -> bool {
        let empty_since = self.followers.lock().empty_since;
        empty_since.is_some_and(|since| since.elapsed() >= ttl)
    }

    /// Who is here and lets it be seen.
    pub fn people_here(&self) -> Vec<UserId> {
        let followers = self.followers.lock();
        let seen = followers.people.iter();
        seen.filter(|(_, (_, person))| person.seen() != Seen::Not)
            .map(|(user, _)| *user)
            .collect()
    }

    pub fn presence(&self) -> Presence {
        let followers = self.followers.lock();
        let mut count = 0;
        let mut named = Vec::new();
        for (user, (_, person)) in &followers.people {
            let seen = person.seen();
            if seen == Seen::Not {
                continue;
            }
            count += 1;
            if count <= PRESENCE_NAMED {
                named.push((*user, seen));
            }
        }
        drop(followers);
        if count > PRESENCE_NAMED {
            return Presence {
                count,
                ..Presence::default()
            };
        }
        named.sort_unstable_by_key(|(user, _)| *user);
        let those = |wanted| {
            let found = named.iter().filter(move |(_, seen)| *seen == wanted);
            found.map(|(user, _)| *user).collect()
        };
        Presence {
            count,
            away: those(Seen::Away),
            dnd: those(Seen::Dnd),
            users: Some(named.iter().map(|(user, _)| *user).collect()),
        }
    }

    /// Signals newer than `heard`, which is moved on.
    pub fn signals_after(&self, heard: &mut Heard, receipts: bool) -> Vec<bytes::Bytes> {
        self.signals.after(heard, receipts)
    }

    /// Makes the frames of what changed; whether it must be called again even
    /// if nothing more changes.
    pub fn tick(&self) -> bool {
        let (changed, again) = self.signals.tick(self.id, || self.presence());
        if changed {
            self.ring_all();
        }
        again
    }
}

impl Followers {
    fn arrived(&mut self, inbox: &Inbox) -> bool {
        let here = self.people.entry(inbox.user);
        let (connections, _) = here.or_insert_with(|| (0, Arc::clone(&inbox.person)));
        *connections += 1;
        *connections == 1
    }

    fn left(&mut self, user: UserId) -> bool {
        let Some((connections, _)) = self.people.get_mut(&user) else {
            return false;
        };
        *connections -= 1;
        if *connections > 0 {
            return false;
        }
        self.people.remove(&user);
        true
    }
}
