//! What one connection has heard: a cursor per room, nothing more.

use chatter_protocol::{RoomId, Seq, UserId};

#[derive(Debug, Default)]
pub(super) struct Listener {
    pub user: Option<UserId>,
    pub open: bool,
    pub follows: Vec<Follow>,
}

#[derive(Debug)]
pub(super) struct Follow {
    pub room: RoomId,
    pub cursor: Seq,
    /// False between a reconnect and the server saying that the room is followed.
    pub live: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hearing {
    Next,
    Again,
    Skipped { from: Seq },
    NotFollowed,
}

impl Listener {
    pub fn open(&mut self, user: UserId) {
        self.user = Some(user);
        self.open = true;
        self.silence();
    }

    pub fn close(&mut self) {
        self.open = false;
        self.silence();
    }

    fn silence(&mut self) {
        for follow in &mut self.follows {
            follow.live = false;
        }
    }

    /// Whether the new cursor skips what was not heard yet; then where from.
    pub fn follow(&mut self, room: RoomId, cursor: Seq) -> Option<Seq> {
        let Some(follow) = self.find(room) else {
            let live = true;
            self.follows.push(Follow { room, cursor, live });
            return None;
        };
        let skipped = (cursor > follow.cursor).then_some(follow.cursor);
        follow.cursor = cursor;
        follow.live = true;
        skipped
    }

    pub fn reset(&mut self, room: RoomId, head: Seq) {
        if let Some(follow) = self.find(room) {
            follow.cursor = head;
        }
    }

    pub fn unfollow(&mut self, room: RoomId) {
        self.follows.retain(|follow| follow.room != room);
    }

    pub fn hear(&mut self, room: RoomId, seq: Seq) -> Hearing {
        let Some(follow) = self.find(room).filter(|follow| follow.live) else {
            return Hearing::NotFollowed;
        };
        let from = follow.cursor;
        if seq <= from {
            return Hearing::Again;
        }
        // Past the hole: one hole is one violation.
        follow.cursor = seq;
        if seq == from.next() {
            Hearing::Next
        } else {
            Hearing::Skipped { from }
        }
    }

    fn find(&mut self, room: RoomId) -> Option<&mut Follow> {
        self.follows.iter_mut().find(|follow| follow.room == room)
    }
}
