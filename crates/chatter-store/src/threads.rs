//! Threads: what is said about one message, and how far who follows has read.
//!
//! A thread has no log of its own: its messages are events of the room. Unread
//! is counted as in a room, never by scanning.

use std::collections::HashMap;

use chatter_protocol::event::Millis;
use chatter_protocol::rooms::{Replies, Thread};
use chatter_protocol::{RoomId, Seq, UserId};

use crate::error::{Failure, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{Store, expiry, mentions};

row! {
    pub(crate) struct ThreadRow {
        root: Seq,
        living: i64,
        written: i64,
        last_seq: Seq,
        last_at: Millis,
        person_1: Option<UserId>,
        person_2: Option<UserId>,
        person_3: Option<UserId>,
    }
}

row! {
    struct PlaceRow {
        room_id: RoomId,
        root: Seq,
        follows: i64,
        read_seq: Seq,
        read_nth: i64,
        gone: i64,
        written: i64,
        last_seq: Seq,
        last_at: Millis,
    }
}

row! {
    struct NthRow { thread_nth: Option<i64> }
}

row! {
    struct CountRow { count: i64 }
}

row! {
    struct FollowerRow { user_id: UserId }
}

queries! {
    fn thread_row(room: RoomId, root: Seq) -> Option<ThreadRow> = "
        select root, living, written, last_seq, last_at, person_1, person_2, person_3
          from threads
         where room_id = $1
           and root = $2";

    fn threads_of(room: RoomId, roots: &[Seq]) -> Vec<ThreadRow> = {
        sqlite: "
        select root, living, written, last_seq, last_at, person_1, person_2, person_3
          from threads
         where room_id = $1
           and root in (select value from json_each($2))",
        postgres: "
        select root, living, written, last_seq, last_at, person_1, person_2, person_3
          from threads
         where room_id = $1
           and root = any($2)"
    };

    fn insert_thread(room: RoomId, root: Seq, seq: Seq, at: Millis, person: UserId) -> u64 = "
        insert into threads (room_id, root, living, written, last_seq, last_at, person_1)
        values ($1, $2, 1, 1, $3, $4, $5)";

    fn grow_thread(
        room: RoomId, root: Seq, seq: Seq, at: Millis, second: Option<UserId>, third: Option<UserId>,
    ) -> u64 = "
        update threads
           set living = living + 1,
               written = written + 1,
               last_seq = $3,
               last_at = $4,
               person_2 = $5,
               person_3 = $6
         where room_id = $1
           and root = $2";

    fn shrink_thread(room: RoomId, root: Seq) -> u64 = "
        update threads
           set living = living - 1
         where room_id = $1
           and root = $2";

    fn one_less_in_thread(room: RoomId, root: Seq, seq: Seq) -> u64 = "
        update thread_reads
           set gone = gone + 1
         where room_id = $1
           and root = $2
           and read_seq < $3";

    /// Whoever chose not to follow stays so, unless they write.
    fn begin_to_follow(room: RoomId, root: Seq, user: UserId, seq: Seq, nth: i64) -> u64 = "
        insert into thread_reads (room_id, root, user_id, follows, read_seq, read_nth)
        values ($1, $2, $3, 1, $4, $5)
            on conflict (room_id, root, user_id) do nothing";

    fn write_and_follow(room: RoomId, root: Seq, user: UserId, seq: Seq, nth: i64) -> u64 = "
        insert into thread_reads (room_id, root, user_id, follows, read_seq, read_nth)
        values ($1, $2, $3, 1, $4, $5)
            on conflict (room_id, root, user_id) do update
           set follows = 1,
               read_seq = excluded.read_seq,
               read_nth = excluded.read_nth,
               gone = 0";

    fn choose_to_follow(
        room: RoomId, root: Seq, user: UserId, follows: i64, seq: Seq, nth: i64,
    ) -> u64 = "
        insert into thread_reads (room_id, root, user_id, follows, read_seq, read_nth)
        values ($1, $2, $3, $4, $5, $6)
            on conflict (room_id, root, user_id) do update set follows = excluded.follows";

    fn move_thread_read(
        room: RoomId, root: Seq, user: UserId, seq: Seq, nth: i64, gone: i64,
    ) -> u64 = "
        update thread_reads
           set read_seq = $4,
               read_nth = $5,
               gone = $6
         where room_id = $1
           and root = $2
           and user_id = $3";

    fn lock_thread_read(room: RoomId, root: Seq, user: UserId) -> bool = {
        postgres: "
        select user_id as found
          from thread_reads
         where room_id = $1
           and root = $2
           and user_id = $3
           for update"
    };

    fn forget_reader(room: RoomId, user: UserId) -> u64 = "
        delete from thread_reads
         where room_id = $1
           and user_id = $2";

    fn drop_readers(room: RoomId, root: Seq) -> u64 = "
        delete from thread_reads
         where room_id = $1
           and root = $2";

    fn drop_thread(room: RoomId, root: Seq) -> u64 = "
        delete from threads
         where room_id = $1
           and root = $2";

    fn place_row(room: RoomId, root: Seq, user: UserId) -> Option<PlaceRow> = "
        select r.room_id, r.root, r.follows, r.read_seq, r.read_nth, r.gone,
               t.written, t.last_seq, t.last_at
          from thread_reads r
          join threads t on t.room_id = r.room_id and t.root = r.root
         where r.room_id = $1
           and r.root = $2
           and r.user_id = $3";

    fn followed_rows(user: UserId, before: Millis, limit: i64) -> Vec<PlaceRow> = "
        select r.room_id, r.root, r.follows, r.read_seq, r.read_nth, r.gone,
               t.written, t.last_seq, t.last_at
          from thread_reads r
          join threads t on t.room_id = r.room_id and t.root = r.root
         where r.user_id = $1
           and r.follows = 1
           and t.last_at < $2
         order by t.last_at desc, r.room_id, r.root
         limit $3";

    fn unread_followed_rows(user: UserId, before: Millis, limit: i64) -> Vec<PlaceRow> = "
        select r.room_id, r.root, r.follows, r.read_seq, r.read_nth, r.gone,
               t.written, t.last_seq, t.last_at
          from thread_reads r
          join threads t on t.room_id = r.room_id and t.root = r.root
         where r.user_id = $1
           and r.follows = 1
           and t.written > r.read_nth + r.gone
           and t.last_at < $2
         order by t.last_at desc, r.room_id, r.root
         limit $3";

    fn followers_of(room: RoomId, root: Seq) -> Vec<FollowerRow> = "
        select user_id
          from thread_reads
         where room_id = $1
           and root = $2
           and follows = 1
         order by user_id";

    fn nth_in_thread(room: RoomId, root: Seq, seq: Seq) -> Option<NthRow> = "
        select thread_nth
          from messages
         where room_id = $1
           and thread = $2
           and seq <= $3
         order by seq desc
         limit 1";

    fn gone_in_thread(room: RoomId, root: Seq, seq: Seq) -> Option<CountRow> = "
        select count(*) as count
          from messages
         where room_id = $1
           and thread = $2
           and seq > $3
           and deleted_at is not null";
}

impl Store {
    /// Where someone stands in a thread; `None` when they never followed it,
    /// or nobody has answered yet.
    pub async fn thread_place(
        &self,
        room: RoomId,
        root: Seq,
        user: UserId,
    ) -> Result<Option<Thread>, StoreError> {
        self.snapshot(move |tx| find(tx, room, root, user)).await
    }

    /// The threads someone follows, by when they were last written in.
    pub async fn threads_followed(
        &self,
        user: UserId,
        unread_only: bool,
        before: Option<Millis>,
        limit: usize,
    ) -> Result<Vec<Thread>, StoreError> {
        let before = before.unwrap_or(Millis(i64::MAX));
        self.snapshot(move |tx| {
            let rows = if unread_only {
                unread_followed_rows(tx, user, before, as_limit(limit))?
            } else {
                followed_rows(tx, user, before, as_limit(limit))?
            };
            rows.iter().map(|row| place(tx, row, user)).collect()
        })
        .await
    }

    /// Who follows a thread.
    pub async fn thread_followers(
        &self,
        room: RoomId,
        root: Seq,
    ) -> Result<Vec<UserId>, StoreError> {
        self.read(move |tx| {
            let rows = followers_of(tx, room, root)?;
            Ok(rows.into_iter().map(|row| row.user_id).collect())
        })
        .await
    }

    /// Chooses to hear of a thread, or not to. Whoever begins to follow starts
    /// with nothing unread. `None`: nobody has answered yet.
    pub async fn follow_thread(
        &self,
        room: RoomId,
        root: Seq,
        user: UserId,
        follows: bool,
    ) -> Result<Option<Thread>, StoreError> {
        self.write(move |tx| {
            let Some(thread) = thread_row(tx, room, root)? else {
                return Ok::<_, StoreError>(None);
            };
            let (seq, nth) = (thread.last_seq, thread.written);
            choose_to_follow(tx, room, root, user, i64::from(follows), seq, nth)?;
            Ok(find(tx, room, root, user)?)
        })
        .await
    }

    /// Moves a receipt in a thread forward to `seq`. `None`: not followed.
    pub async fn mark_thread_read(
        &self,
        room: RoomId,
        root: Seq,
        user: UserId,
        seq: Seq,
    ) -> Result<Option<Thread>, StoreError> {
        let place = self.thread_place(room, root, user).await?;
        match place {
            Some(place) if seq.min(place.last) > place.read => {
                self.write(move |tx| read_to(tx, room, root, user, seq))
                    .await
            }
            place => Ok(place),
        }
    }
}

fn read_to(
    tx: &mut Tx<'_>,
    room: RoomId,
    root: Seq,
    user: UserId,
    seq: Seq,
) -> Result<Option<Thread>, StoreError> {
    if tx.needs_locks() {
        lock_thread_read(tx, room, root, user)?;
    }
    let Some(place) = place_row(tx, room, root, user)? else {
        return Ok(None);
    };
    let seq = seq.min(place.last_seq);
    if seq > place.read_seq {
        let nth = nth_in_thread(tx, room, root, seq)?.and_then(|row| row.thread_nth);
        let nth = nth.max(Some(expiry::thread_nth_at(tx, room, root, seq)?));
        let gone = gone_in_thread(tx, room, root, seq)?.map_or(0, |row| row.count);
        let gone = gone + expiry::gone_in_thread_after(tx, room, root, seq)?;
        move_thread_read(tx, room, root, user, seq, nth.unwrap_or(0), gone)?;
    }
    Ok(find(tx, room, root, user)?)
}

/// A reply was stored. Says its nth in the thread.
pub(crate) fn replied(
    tx: &mut Tx<'_>,
    room: RoomId,
    root: Seq,
    reply: Seq,
    at: Millis,
    author: UserId,
) -> Result<i64, Failure> {
    let Some(thread) = thread_row(tx, room, root)? else {
        insert_thread(tx, room, root, reply, at, author)?;
        return Ok(1);
    };
    let [_, mut second, mut third] = thread.people();
    if !thread.people().contains(&Some(author)) {
        if second.is_none() {
            second = Some(author);
        } else if third.is_none() {
            third = Some(author);
        }
    }
    grow_thread(tx, room, root, reply, at, second, third)?;
    Ok(thread.written + 1)
}

/// Whoever writes in a thread follows it and has read what is above.
pub(crate) fn wrote(
    tx: &mut Tx<'_>,
    room: RoomId,
    root: Seq,
    user: UserId,
    seq: Seq,
    nth: i64,
) -> Result<(), Failure> {
    write_and_follow(tx, room, root, user, seq, nth)?;
    Ok(())
}

/// Someone the thread concerns follows it from here on; the reply that `nth`
/// counts is their first unread one.
pub(crate) fn concern(
    tx: &mut Tx<'_>,
    room: RoomId,
    root: Seq,
    user: UserId,
    seq: Seq,
    nth: i64,
) -> Result<(), Failure> {
    begin_to_follow(tx, room, root, user, seq.back(1), nth - 1)?;
    Ok(())
}

/// A reply became a tombstone.
pub(crate) fn lost(tx: &mut Tx<'_>, room: RoomId, root: Seq, reply: Seq) -> Result<(), Failure> {
    shrink_thread(tx, room, root)?;
    one_less_in_thread(tx, room, root, reply)?;
    Ok(())
}

/// Someone left the room.
pub(crate) fn leave(tx: &mut Tx<'_>, room: RoomId, user: UserId) -> Result<(), Failure> {
    forget_reader(tx, room, user)?;
    Ok(())
}

/// Replies that still are there.
pub(crate) fn living(tx: &mut Tx<'_>, room: RoomId, root: Seq) -> Result<i64, Failure> {
    Ok(thread_row(tx, room, root)?.map_or(0, |row| row.living))
}

/// The message it began with is gone, and all its replies are.
pub(crate) fn end(tx: &mut Tx<'_>, room: RoomId, root: Seq) -> Result<(), Failure> {
    drop_readers(tx, room, root)?;
    drop_thread(tx, room, root)?;
    Ok(())
}

pub(crate) fn exists(tx: &mut Tx<'_>, room: RoomId, root: Seq) -> Result<bool, Failure> {
    Ok(thread_row(tx, room, root)?.is_some())
}

/// The threads that begin at these messages.
pub(crate) fn beginning_at(
    tx: &mut Tx<'_>,
    room: RoomId,
    roots: &[Seq],
) -> Result<HashMap<Seq, Replies>, Failure> {
    if roots.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = threads_of(tx, room, roots)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.root, Replies::from(row)))
        .collect())
}

impl ThreadRow {
    fn people(&self) -> [Option<UserId>; 3] {
        [self.person_1, self.person_2, self.person_3]
    }
}

impl From<ThreadRow> for Replies {
    fn from(row: ThreadRow) -> Self {
        Self {
            count: row.living,
            last: row.last_seq,
            last_at: row.last_at,
            people: row.people().into_iter().flatten().collect(),
        }
    }
}

/// Someone's place in a thread, with what waits for them there.
fn place(tx: &mut Tx<'_>, row: &PlaceRow, user: UserId) -> Result<Thread, Failure> {
    let unread = row.written - row.read_nth - row.gone;
    let mentions = if unread > 0 {
        mentions::waiting_in(tx, row.room_id, row.root, user, row.read_seq)?
    } else {
        0
    };
    Ok(Thread {
        room: row.room_id,
        thread: row.root,
        follows: row.follows != 0,
        read: row.read_seq,
        unread,
        mentions,
        last_at: row.last_at,
        last: row.last_seq,
    })
}

fn find(tx: &mut Tx<'_>, room: RoomId, root: Seq, user: UserId) -> Result<Option<Thread>, Failure> {
    let row = place_row(tx, room, root, user)?;
    row.map(|row| place(tx, &row, user)).transpose()
}
