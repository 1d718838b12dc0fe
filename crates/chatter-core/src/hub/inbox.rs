//! The bell of one connection, and what it is rung for.
//!
//! An inbox holds only *that* there is news, never the news itself: the set of
//! rooms to read, and the newest value of each personal note. So it is bounded
//! by the rooms and people one knows, not by traffic, and cannot overflow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use chatter_protocol::frame::CloseReason;
use chatter_protocol::{RoomId, Seq, SessionId, UserId};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// What happened since the connection last looked.
#[derive(Default)]
pub struct News {
    /// Rooms with something to read, each once.
    pub rooms: Vec<RoomId>,
    /// Rooms that became mine.
    pub rooms_gained: BTreeSet<RoomId>,
    /// My own receipts, moved on any of my devices: seq and unread.
    pub read: BTreeMap<RoomId, (Seq, i64)>,
    /// People who changed, with the frame that says so.
    pub users: BTreeMap<UserId, Bytes>,
    /// The server ends this connection.
    pub ended: Option<CloseReason>,
}

pub struct Inbox {
    pub id: u64,
    pub user: UserId,
    pub session: SessionId,
    news: Mutex<News>,
    bell: Notify,
    /// Whether the connection was ended; read before every frame that goes out.
    over: AtomicBool,
}

impl Inbox {
    pub fn new(id: u64, user: UserId, session: SessionId) -> Self {
        Self {
            id,
            user,
            session,
            news: Mutex::default(),
            bell: Notify::new(),
            over: AtomicBool::new(false),
        }
    }

    /// Waits until there is news. Returns at once if there was some already.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Takes the news.
    pub fn take(&self) -> News {
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

    pub(super) fn note(&self, note: impl FnOnce(&mut News)) {
        note(&mut self.news.lock());
        self.bell.notify_one();
    }

    /// Lists a room. The caller rings no room twice before it was read, see
    /// [`super::Follow::ring`].
    pub(super) fn ring(self: &Arc<Self>, room: RoomId) {
        let mut news = self.news.lock();
        news.rooms.push(room);
        drop(news);
        self.bell.notify_one();
    }
}
