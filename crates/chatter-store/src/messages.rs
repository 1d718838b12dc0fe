//! The timeline: what became of each event that has a line of its own.

use chatter_protocol::event::{Fact, Key, Millis};
use chatter_protocol::{EventId, Message, Page, RoomId, Seq, UserId};

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};

/// Which piece of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Newest,
    /// What is older than this.
    Before(Seq),
    /// What is newer than this.
    After(Seq),
    /// This and its neighbours on both sides.
    Around(Seq),
}

row! {
    struct LineRow {
        room_id: RoomId,
        seq: Seq,
        id: EventId,
        at: Millis,
        author_id: UserId,
        key: Option<Key>,
        text: String,
        detail: Option<Fact>,
        edited_seq: Option<Seq>,
        edited_at: Option<Millis>,
        deleted_by: Option<UserId>,
    }
}

row! {
    struct HeadRow { head: Seq }
}

queries! {
    /// Newest first.
    fn lines_before(room: RoomId, seq: Seq, limit: i64) -> Vec<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by
          from messages
         where room_id = $1
           and seq < $2
         order by seq desc
         limit $3";

    fn lines_after(room: RoomId, seq: Seq, limit: i64) -> Vec<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by
          from messages
         where room_id = $1
           and seq > $2
         order by seq
         limit $3";

    fn line_at(room: RoomId, seq: Seq) -> Option<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by
          from messages
         where room_id = $1
           and seq = $2";

    fn head_of(room: RoomId) -> Option<HeadRow> = "
        select head
          from rooms
         where id = $1";
}

impl Store {
    /// A page of the timeline, complete from its `from` to its `to`. Of a room
    /// that does not exist: an empty one, up to 0.
    pub async fn page(&self, room: RoomId, at: At, limit: usize) -> Result<Page, StoreError> {
        self.snapshot(move |tx| page(tx, room, at, limit.clamp(1, MOST)))
            .await
    }

    /// The line at `seq`, if that event has one.
    pub async fn message(&self, room: RoomId, seq: Seq) -> Result<Option<Message>, StoreError> {
        self.read(move |tx| Ok(line_at(tx, room, seq)?.map(Message::from)))
            .await
    }
}

/// Guards the arithmetic; the rules ask for far less.
const MOST: usize = 100_000;

fn page(tx: &mut Tx<'_>, room: RoomId, at: At, limit: usize) -> Result<Page, Failure> {
    let head = head_of(tx, room)?.map_or(Seq::ZERO, |row| row.head);
    // One more than wanted on each side tells whether that side ends here.
    let probe = i64::try_from(limit).unwrap_or(i64::MAX) + 1;
    // The first seq of the newer half.
    let split = match at {
        At::Newest => head.next(),
        At::Before(seq) | At::Around(seq) => seq.clamp(Seq(1), head.next()),
        At::After(seq) => seq.clamp(Seq::ZERO, head).next(),
    };
    let mut older = match at {
        At::After(_) => Vec::new(),
        _ => lines_before(tx, room, split, probe)?,
    };
    let mut newer = match at {
        At::Newest | At::Before(_) => Vec::new(),
        At::After(_) | At::Around(_) => lines_after(tx, room, split.back(1), probe)?,
    };
    // Around: half and half, unless one side has less to give.
    let wanted_older = match at {
        At::Around(_) => (limit / 2).max(limit.saturating_sub(newer.len())),
        _ => limit,
    };
    let more_older = older.len() > wanted_older;
    older.truncate(wanted_older);
    let wanted_newer = limit - older.len();
    let more_newer = newer.len() > wanted_newer;
    newer.truncate(wanted_newer);

    let messages: Vec<_> = older
        .into_iter()
        .rev()
        .chain(newer)
        .map(Message::from)
        .collect();
    let from = match (at, messages.first()) {
        (At::After(_), _) => split,
        (_, Some(first)) if more_older => first.seq,
        _ => Seq(1),
    };
    let to = match (at, messages.last()) {
        (At::Before(_), _) => Seq(split.0 - 1),
        (_, Some(last)) if more_newer => last.seq,
        _ => head,
    };
    Ok(Page {
        room,
        from,
        to,
        head,
        messages,
    })
}

impl From<LineRow> for Message {
    fn from(row: LineRow) -> Self {
        Self {
            room: row.room_id,
            seq: row.seq,
            id: row.id,
            at: row.at,
            author: row.author_id,
            key: row.key,
            edited: row.edited_seq,
            edited_at: row.edited_at,
            deleted_by: row.deleted_by,
            fact: row.detail.unwrap_or(Fact::Posted { text: row.text }),
        }
    }
}
