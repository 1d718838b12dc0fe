//! The bell of one connection, and what it is rung for.
//!
//! An inbox holds only *that* there is news, never the news itself: the set of
//! rooms to read, and the newest value of each personal note. So it is bounded
//! by the rooms and people one knows, not by traffic, and cannot overflow.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use bytes::Bytes;
use chatter_protocol::frame::CloseReason;
use chatter_protocol::rest::Standing;
use chatter_protocol::{Preferences, RoomId, SessionId, UserId};
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use super::person::Person;

/// What happened since the connection last looked.
#[derive(Default)]
pub struct News {
    /// Rooms with something to read, each once.
    pub rooms: Vec<RoomId>,
    /// All that is rare, out of the way of the rest.
    pub personal: Option<Box<Personal>>,
}

/// What concerns one person, not a room.
#[derive(Default)]
pub struct Personal {
    /// Rooms that became mine.
    pub rooms_gained: BTreeSet<RoomId>,
    /// My own receipts, moved on any of my devices, and what waits there.
    pub read: BTreeMap<RoomId, Standing>,
    /// Frames for this person alone, by what they are about: the newest of
    /// each stands.
    pub notes: BTreeMap<String, Bytes>,
    /// What I chose for myself, the newest.
    pub preferences: Option<Preferences>,
    /// The server ends this connection.
    pub ended: Option<CloseReason>,
}

pub struct Inbox {
    pub id: u64,
    pub user: UserId,
    pub session: SessionId,
    pub(super) person: Arc<Person>,
    /// Nobody looks at this device.
    idle: AtomicBool,
    news: Mutex<News>,
    /// There is news nobody has taken yet: whoever adds to it need not wake.
    rung: AtomicBool,
    bell: AtomicWaker,
    /// Whether the connection was ended; read before every frame that goes out.
    over: AtomicBool,
}

impl Inbox {
    pub fn new(id: u64, user: UserId, session: SessionId, person: Arc<Person>) -> Self {
        Self {
            id,
            user,
            session,
            person,
            idle: AtomicBool::new(false),
            news: Mutex::default(),
            rung: AtomicBool::new(false),
            bell: AtomicWaker::new(),
            over: AtomicBool::new(false),
        }
    }

    /// Waits until there is news. Returns at once if there was some already.
    /// For one listener: the connection.
    pub async fn rung(&self) {
        poll_fn(|context| {
            // Listed before it is looked at: a bell in between wakes us.
            self.bell.register(context.waker());
            if self.rung.load(Ordering::Acquire) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Takes the news.
    pub fn take(&self) -> News {
        // Cleared before taking, so that what is added after is rung for again.
        self.rung.store(false, Ordering::Release);
        std::mem::take(&mut *self.news.lock())
    }

    /// Whether the server has ended this connection: not one more frame then.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Ends the connection; the first reason stands.
    pub fn end(&self, reason: CloseReason) {
        self.note(|news| {
            news.ended.get_or_insert(reason);
        });
        self.over.store(true, Ordering::Release);
    }

    /// Whether that is news.
    pub(super) fn rests(&self, idle: bool) -> bool {
        self.idle.swap(idle, Ordering::AcqRel) != idle
    }

    pub(super) fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Acquire)
    }

    pub(super) fn note(&self, note: impl FnOnce(&mut Personal)) {
        note(self.news.lock().personal.get_or_insert_default());
        self.wake();
    }

    /// Lists a room. The caller rings no room twice before it was read, see
    /// [`super::Follow::ring`].
    pub(super) fn ring(&self, room: RoomId) {
        self.news.lock().rooms.push(room);
        self.wake();
    }

    fn wake(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.bell.wake();
        }
    }
}
