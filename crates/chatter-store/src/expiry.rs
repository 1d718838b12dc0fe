//! Messages past their time leave the timeline; their places in the log stay.
//!
//! Begin at [`Store::expire`]: it looks at a piece of a room, decides what goes,
//! and appends that, all in one transaction. What still has to count (how many
//! were above a receipt) is kept in `expired_lines`, so nothing ever drifts.

use std::collections::HashMap;
use std::sync::Arc;

use chatter_protocol::event::{Event, Fact};
use chatter_protocol::post::Post;
use chatter_protocol::{EventId, Millis, RepliesLeft, RoomId, Seq, SeqRange, UserId};

use crate::error::{Failure, StoreError};
use crate::event_log::{self, Append, AppendError, Guards};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{Store, retention, threads};

/// A piece of a room to look at.
#[derive(Debug, Clone)]
pub struct Expire {
    pub room: RoomId,
    /// What is older goes.
    pub before: Millis,
    /// From after this place on.
    pub after: Seq,
    /// Lines to look at.
    pub limit: usize,
    /// In whose name, and when.
    pub author: UserId,
    pub at: Millis,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Messages whose text left the log.
    pub messages: i64,
    /// Where to go on; `None`: nothing further is old enough.
    pub next: Option<Seq>,
}

row! {
    struct OldRow {
        seq: Seq,
        kind: String,
        author_id: UserId,
        at: Millis,
        deleted_at: Option<Millis>,
        thread: Option<Seq>,
        in_room: i64,
        nth: i64,
        thread_nth: Option<i64>,
    }
}

row! {
    struct AtRow { at: Millis }
}

row! {
    struct NthRow { nth: i64 }
}

row! {
    struct ThreadNthRow { thread_nth: Option<i64> }
}

row! {
    struct CountRow { count: i64 }
}

queries! {
    fn lines_from(room: RoomId, after: Seq, limit: i64) -> Vec<OldRow> = "
        select seq, kind, author_id, at, deleted_at, thread, in_room, nth, thread_nth
          from messages
         where room_id = $1
           and seq > $2
         order by seq
         limit $3";

    fn lines_between(room: RoomId, from: Seq, to: Seq) -> Vec<OldRow> = "
        select seq, kind, author_id, at, deleted_at, thread, in_room, nth, thread_nth
          from messages
         where room_id = $1
           and seq >= $2
           and seq <= $3
         order by seq";

    fn first_line(room: RoomId) -> Option<AtRow> = "
        select at
          from messages
         where room_id = $1
         order by seq
         limit 1";

    fn keep_place(
        room: RoomId, seq: Seq, nth: i64, in_room: i64, thread: Option<Seq>, thread_nth: Option<i64>,
    ) -> u64 = "
        insert into expired_lines (room_id, seq, nth, in_room, thread, thread_nth)
        values ($1, $2, $3, $4, $5, $6)";

    fn drop_line(room: RoomId, seq: Seq) -> u64 = "
        delete from messages
         where room_id = $1
           and seq = $2";

    fn expired_nth(room: RoomId, seq: Seq) -> Option<NthRow> = "
        select nth
          from expired_lines
         where room_id = $1
           and seq <= $2
         order by seq desc
         limit 1";

    fn expired_after(room: RoomId, seq: Seq) -> Option<CountRow> = "
        select count(*) as count
          from expired_lines
         where room_id = $1
           and seq > $2
           and in_room = 1";

    fn expired_thread_nth(room: RoomId, root: Seq, seq: Seq) -> Option<ThreadNthRow> = "
        select thread_nth
          from expired_lines
         where room_id = $1
           and thread = $2
           and seq <= $3
         order by seq desc
         limit 1";

    fn expired_in_thread_after(room: RoomId, root: Seq, seq: Seq) -> Option<CountRow> = "
        select count(*) as count
          from expired_lines
         where room_id = $1
           and thread = $2
           and seq > $3";
}

impl Store {
    /// When the oldest line of a room was written.
    pub async fn oldest_line(&self, room: RoomId) -> Result<Option<Millis>, StoreError> {
        self.read(move |tx| Ok(first_line(tx, room)?.map(|row| row.at)))
            .await
    }

    /// Lets what is past its time go from a piece of a room. `id` names each
    /// event that is appended.
    pub async fn expire(
        &self,
        expire: Expire,
        id: impl FnMut() -> EventId + Send + 'static,
    ) -> Result<Expired, AppendError> {
        self.write_in_order(vec![expire.room], move |tx| {
            match expire_piece(tx, &expire, id) {
                Ok((expired, events)) => (Ok(expired), events),
                Err(error) => (Err(error), Vec::new()),
            }
        })
        .await
    }
}

type Events = Vec<Arc<Event>>;

fn expire_piece(
    tx: &mut Tx<'_>,
    expire: &Expire,
    mut id: impl FnMut() -> EventId,
) -> Result<(Expired, Events), AppendError> {
    event_log::hold_room(tx, expire.room)?;
    // A hold placed a moment ago counts.
    if retention::is_covered(tx, expire.room)? {
        return Ok((Expired::default(), Vec::new()));
    }
    let spared = retention::spared(tx)?;
    let rows = lines_from(tx, expire.room, expire.after, as_limit(expire.limit))?;
    let is_old = |row: &OldRow| row.at < expire.before;
    let mut next = rows.last().map(|row| row.seq);
    if rows.len() < expire.limit || !rows.iter().any(is_old) {
        next = None;
    }
    let going = choose(tx, expire, &spared, &rows)?;
    let mut facts: Vec<Fact> = going
        .buried
        .iter()
        .map(|&target| Fact::Deleted { target })
        .collect();
    if !going.ranges.is_empty() {
        facts.push(Fact::Expired {
            ranges: going.ranges,
            threads: going.threads,
        });
    }
    let mut events = Vec::new();
    for fact in facts {
        let append = Append {
            room: expire.room,
            id: id(),
            at: expire.at,
            author: expire.author,
            key: None,
            fact,
            guards: Guards::default(),
            direct_key: None,
            meant: Vec::new(),
        };
        events.push(event_log::append(tx, append)?.event);
    }
    let messages = going.messages;
    Ok((Expired { messages, next }, events))
}

#[derive(Default)]
struct Going {
    /// First messages of threads that go on: they become tombstones.
    buried: Vec<Seq>,
    /// Everything else.
    ranges: Vec<SeqRange>,
    threads: Vec<RepliesLeft>,
    messages: i64,
}

fn choose(
    tx: &mut Tx<'_>,
    expire: &Expire,
    spared: &[UserId],
    rows: &[OldRow],
) -> Result<Going, Failure> {
    let mut going = Going::default();
    let mut lost: HashMap<Seq, i64> = HashMap::new();
    let mut open = false;
    for row in rows {
        let is_going = row.at < expire.before && !spared.contains(&row.author_id);
        let is_living = row.kind == "posted" && row.deleted_at.is_none();
        if is_going && is_living {
            going.messages += 1;
        }
        let goes_on = is_going && threads::living(tx, expire.room, row.seq)? > 0;
        if goes_on && is_living {
            going.buried.push(row.seq);
        }
        if !is_going || goes_on {
            open = false;
            continue;
        }
        match going.ranges.last_mut() {
            Some(range) if open => range.to = row.seq,
            _ => going.ranges.push(SeqRange {
                from: row.seq,
                to: row.seq,
            }),
        }
        open = true;
        if let Some(root) = row.thread.filter(|_| is_living) {
            *lost.entry(root).or_default() += 1;
        }
    }
    for (root, lost) in lost {
        let count = threads::living(tx, expire.room, root)? - lost;
        going.threads.push(RepliesLeft { root, count });
    }
    going.threads.sort_unstable_by_key(|left| left.root);
    Ok(going)
}

/// The fold of an `expired` event.
pub(crate) fn apply(tx: &mut Tx<'_>, event: &Event, ranges: &[SeqRange]) -> Result<(), Failure> {
    for range in ranges {
        for row in lines_between(tx, event.room, range.from, range.to)? {
            let_go(tx, event, &row)?;
        }
    }
    Ok(())
}

fn let_go(tx: &mut Tx<'_>, event: &Event, row: &OldRow) -> Result<(), Failure> {
    let (room, seq) = (event.room, row.seq);
    drop_line(tx, room, seq)?;
    if row.kind != "posted" {
        return Ok(());
    }
    keep_place(
        tx,
        room,
        seq,
        row.nth,
        row.in_room,
        row.thread,
        row.thread_nth,
    )?;
    threads::end(tx, room, seq)?;
    if row.deleted_at.is_some() {
        return Ok(());
    }
    let blank = Post {
        thread: row.thread,
        also_in_room: row.thread.is_some() && row.in_room != 0,
        ..Post::default()
    };
    crate::fold::forget(tx, event, seq, blank)
}

/// The running number of the newest line up to `seq` that is past its time.
pub(crate) fn nth_at(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<i64, Failure> {
    Ok(expired_nth(tx, room, seq)?.map_or(0, |row| row.nth))
}

/// Messages of the room's timeline after `seq` that are past their time.
pub(crate) fn gone_after(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<i64, Failure> {
    Ok(expired_after(tx, room, seq)?.map_or(0, |row| row.count))
}

/// The same two in a thread.
pub(crate) fn thread_nth_at(
    tx: &mut Tx<'_>,
    room: RoomId,
    root: Seq,
    seq: Seq,
) -> Result<i64, Failure> {
    let found = expired_thread_nth(tx, room, root, seq)?;
    Ok(found.and_then(|row| row.thread_nth).unwrap_or(0))
}

pub(crate) fn gone_in_thread_after(
    tx: &mut Tx<'_>,
    room: RoomId,
    root: Seq,
    seq: Seq,
) -> Result<i64, Failure> {
    Ok(expired_in_thread_after(tx, room, root, seq)?.map_or(0, |row| row.count))
}
