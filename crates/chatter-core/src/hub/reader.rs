//! What a connection does when its bell rings: read on from its cursor.
//!
//! A slow reader, a lost hint, a reconnect, a restart and another node are all
//! the same case here. From the tail if it reaches back far enough, else from
//! the log; and if that is too far, the caller begins anew from the head.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use chatter_protocol::limits::RESUME_EVENTS;
use chatter_protocol::{Event, Fact, RoomId, RoomKind, Seq, UserId};
use chatter_store::{Store, StoreError};

use super::room::Follow;
use super::signals::Heard;
use super::tail::{Entry, TailRead};

/// Events taken at once: bounds what one room may hold up the others of a
/// connection, and what a read of the log may cost.
const BATCH: usize = 256;

/// What one reader may hold of the log while a slow peer takes it, in bytes of
/// frames. Entries from the tail are shared and cost nothing.
const BATCH_BYTES: usize = 256 * 1024;

/// Where a reader finds what the tail no longer has.
pub trait LogReader: Sync {
    fn read_after(
        &self,
        room: RoomId,
        cursor: Seq,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Event>, StoreError>> + Send;

    fn head(&self, room: RoomId) -> impl Future<Output = Result<Seq, StoreError>> + Send;
}

impl LogReader for Store {
    async fn read_after(
        &self,
        room: RoomId,
        cursor: Seq,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        Self::read_after(self, room, cursor, limit).await
    }

    async fn head(&self, room: RoomId) -> Result<Seq, StoreError> {
        let heads = self.heads(&[room]).await?;
        Ok(heads.first().map_or(Seq::ZERO, |(_, head)| *head))
    }
}

/// One connection's place in one room.
pub struct Reader {
    pub follow: Arc<Follow>,
    me: UserId,
    cursor: Seq,
    /// The room's head when it was last asked whether I am a member. What the
    /// log says of me up to here belongs to earlier stays.
    asked_at: Seq,
    member: bool,
    heard: Heard,
}

/// What there is to send now.
#[derive(Default)]
pub struct Batch {
    /// Events, oldest first.
    pub entries: Vec<Arc<Entry>>,
    /// Signals, to be sent after the events.
    pub frames: Vec<Bytes>,
    /// I am out: nothing of this room comes after this batch.
    pub out: bool,
    /// Too much was missed to replay it. The reader stays where it is until
    /// [`Reader::skip_to`]: in the part that would be skipped I may have been
    /// removed, so ask for the room anew first.
    pub too_far: bool,
    /// There may be more; call again.
    pub more: bool,
}

impl Reader {
    /// `me` was a member, or not, when the room's head was `asked_at`.
    pub fn new(follow: Arc<Follow>, me: UserId, cursor: Seq, asked_at: Seq, member: bool) -> Self {
        Self {
            follow,
            me,
            cursor: cursor.max(Seq::ZERO),
            asked_at,
            member,
            heard: Heard::default(),
        }
    }

    pub fn cursor(&self) -> Seq {
        self.cursor
    }

    pub fn is_member(&self) -> bool {
        self.member
    }

    /// Goes on from `head`, where I was found to be still welcome.
    pub fn skip_to(&mut self, head: Seq) {
        self.cursor = self.cursor.max(head);
        self.asked_at = self.asked_at.max(head);
    }

    /// Everything new, up to a batch.
    pub async fn next(&mut self, log: &impl LogReader) -> Result<Batch, StoreError> {
        self.follow.hush();
        let room = &self.follow.room;
        // Signals are taken before events: whoever reads of their own removal
        // below has then not seen a signal that came after it.
        let mut heard = self.heard;
        let signals = room.signals_after(&mut heard, self.member && self.follow.shares_receipts());
        let (entries, more) = match room.tail_after(self.cursor, BATCH) {
            TailRead::Nothing => (Vec::new(), false),
            TailRead::Entries(entries) => {
                let full = entries.len() == BATCH;
                (entries, full)
            }
            // Boxed: rare, and large for something each connection's task holds.
            TailRead::Behind => match Box::pin(self.read_log(log)).await? {
                Some(read) => read,
                None => {
                    return Ok(Batch {
                        too_far: true,
                        ..Batch::default()
                    });
                }
            },
        };
        let mut batch = Batch {
            more,
            ..Batch::default()
        };
        for entry in entries {
            self.cursor = entry.event.seq;
            batch.out = self.is_my_leave(&entry.event);
            batch.entries.push(entry);
            if batch.out {
                batch.more = false;
                return Ok(batch);
            }
        }
        // Only at the end of the log: further on I may read that I am out.
        if !batch.more {
            self.heard = heard;
            batch.frames = signals;
        }
        Ok(batch)
    }

    /// A batch from the log, and whether there is more; `None` if that would be
    /// too much to replay.
    async fn read_log(&self, log: &impl LogReader) -> Result<Option<FromLog>, StoreError> {
        let room = &self.follow.room;
        let head = match room.head() {
            Some(head) => head,
            None => log.head(room.id).await?,
        };
        if room.nudge(head) {
            room.ring_all();
        }
        if head.0 - self.cursor.0 > RESUME_EVENTS {
            return Ok(None);
        }
        let events = log.read_after(room.id, self.cursor, BATCH).await?;
        let mut more = events.len() == BATCH;
        let mut bytes = 0;
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            let entry = Arc::new(Entry::new(Arc::new(event)));
            bytes += entry.frame.len();
            entries.push(entry);
            if bytes > BATCH_BYTES {
                more = true;
                break;
            }
        }
        room.refill(&entries);
        Ok(Some((entries, more)))
    }

    /// Membership is asked at the moment of delivery, and the log itself is
    /// the answer: whoever reads it in order meets their own leave before
    /// anything that came after.
    fn is_my_leave(&mut self, event: &Event) -> bool {
        if event.seq <= self.asked_at {
            return false;
        }
        match event.fact {
            Fact::Joined { user, .. } if user == self.me => self.member = true,
            Fact::Left { user } if user == self.me => return self.member,
            // Closed: that is the last that visitors hear of it.
            Fact::AccessChanged {
                access: RoomKind::Closed,
            } => return !self.member,
            _ => {}
        }
        false
    }
}

type FromLog = (Vec<Arc<Entry>>, bool);
