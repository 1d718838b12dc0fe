//! What a connection does when its bell rings: read on from its cursor.
//!
//! A slow reader, a lost hint, a reconnect, a restart and another node are all
//! the same case here. From the tail if it reaches back far enough, else from
//! the log; and if that is too far, `reset`.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use chatter_protocol::limits::RESUME_EVENTS;
use chatter_protocol::{Event, Fact, RoomId, Seq, ServerFrame, UserId};
use chatter_store::{Store, StoreError};

use super::room::Follow;
use super::signals::Heard;
use super::tail::{Entry, TailRead, encode_frame};

/// Events taken at once: bounds what one room may hold up the others of a
/// connection, and what a read of the log may cost.
const BATCH: usize = 256;

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
    /// Since when I am a member, if I am one. A `left` of mine before that
    /// belongs to an earlier stay.
    joined: Option<Seq>,
    heard: Heard,
}

/// What there is to send now.
#[derive(Default)]
pub struct Batch {
    /// Events, oldest first.
    pub entries: Vec<Arc<Entry>>,
    /// Signals, to be sent after the events; and `reset`, which comes alone.
    pub frames: Vec<Bytes>,
    /// I am out: nothing of this room comes after this batch.
    pub out: bool,
    /// There may be more; call again.
    pub more: bool,
}

impl Reader {
    pub fn new(follow: Arc<Follow>, me: UserId, cursor: Seq, joined: Option<Seq>) -> Self {
        Self {
            follow,
            me,
            cursor,
            joined,
            heard: Heard::default(),
        }
    }

    pub fn cursor(&self) -> Seq {
        self.cursor
    }

    pub fn is_member(&self) -> bool {
        self.joined.is_some()
    }

    /// Everything new, up to a batch.
    pub async fn next(&mut self, log: &impl LogReader) -> Result<Batch, StoreError> {
        self.follow.hush();
        let room = &self.follow.room;
        // Signals are taken before events: whoever reads of their own removal
        // below has then not seen a signal that came after it.
        let mut heard = self.heard;
        let signals = room.signals_after(&mut heard);
        let entries = match room.tail_after(self.cursor, BATCH) {
            TailRead::Nothing => Vec::new(),
            TailRead::Entries(entries) => entries,
            // Boxed: rare, and large for something each connection's task holds.
            TailRead::Behind => match Box::pin(self.read_log(log)).await? {
                Behind::Entries(entries) => entries,
                Behind::TooFar(head) => {
                    self.cursor = head;
                    return Ok(Batch {
                        frames: vec![encode_frame(&ServerFrame::Reset {
                            room: room.id,
                            head,
                        })],
                        more: true,
                        ..Batch::default()
                    });
                }
            },
        };
        let mut batch = Batch {
            more: entries.len() == BATCH,
            ..Batch::default()
        };
        for entry in entries {
            self.cursor = entry.event.seq;
            self.note_join(&entry.event);
            batch.out = self.is_my_leave(&entry.event);
            batch.entries.push(entry);
            if batch.out {
                batch.more = false;
                return Ok(batch);
            }
        }
        self.heard = heard;
        batch.frames = signals;
        Ok(batch)
    }

    async fn read_log(&self, log: &impl LogReader) -> Result<Behind, StoreError> {
        let room = &self.follow.room;
        let head = match room.head() {
            Some(head) => head,
            None => log.head(room.id).await?,
        };
        if room.nudge(head) {
            room.ring_all();
        }
        if head.0 - self.cursor.0 > RESUME_EVENTS {
            return Ok(Behind::TooFar(head));
        }
        let events = log.read_after(room.id, self.cursor, BATCH).await?;
        let entries: Vec<_> = events
            .into_iter()
            .map(|event| Arc::new(Entry::new(Arc::new(event))))
            .collect();
        room.refill(&entries);
        Ok(Behind::Entries(entries))
    }

    fn note_join(&mut self, event: &Event) {
        if matches!(event.fact, Fact::Joined { user, .. } if user == self.me) {
            self.joined = self.joined.max(Some(event.seq));
        }
    }

    /// Membership is asked at the moment of delivery, and the log itself is
    /// the answer: whoever reads it in order meets their own leave before
    /// anything that came after.
    fn is_my_leave(&self, event: &Event) -> bool {
        matches!(event.fact, Fact::Left { user } if user == self.me)
            && self.joined.is_some_and(|joined| event.seq > joined)
    }
}

enum Behind {
    Entries(Vec<Arc<Entry>>),
    TooFar(Seq),
}
