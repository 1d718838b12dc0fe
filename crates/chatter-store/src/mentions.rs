//! Who is meant by which message, so that what concerns someone can be counted
//! apart from what is merely unread.

use std::collections::HashMap;

use chatter_protocol::{RoomId, Seq, UserId};

use crate::error::Failure;
use crate::sql::{Tx, queries, row};

/// In place of a person: everyone in the room.
pub const EVERYONE: UserId = UserId(0);

row! {
    struct CountRow { count: i64 }
}

row! {
    struct RoomCountRow { room_id: RoomId, count: i64 }
}

queries! {
    fn insert_mention(
        room: RoomId, user: UserId, seq: Seq, thread: Option<Seq>, in_room: i64, author: UserId,
    ) -> u64 = "
        insert into mentions (room_id, user_id, seq, thread, in_room, author_id)
        values ($1, $2, $3, $4, $5, $6)
            on conflict (room_id, user_id, seq) do nothing";

    fn forget_mentions(room: RoomId, seq: Seq) -> u64 = "
        delete from mentions
         where room_id = $1
           and seq = $2";

    fn mentions_after(room: RoomId, user: UserId, seq: Seq) -> Option<CountRow> = "
        select count(distinct seq) as count
          from mentions
         where room_id = $1
           and user_id in ($2, 0)
           and seq > $3
           and author_id <> $2
           and in_room = 1";

    fn mentions_in_thread(room: RoomId, thread: Seq, user: UserId, seq: Seq) -> Option<CountRow> = "
        select count(distinct seq) as count
          from mentions
         where room_id = $1
           and thread = $2
           and user_id in ($3, 0)
           and seq > $4
           and author_id <> $3";

    fn mentions_waiting(user: UserId) -> Vec<RoomCountRow> = "
        select m.room_id, count(distinct n.seq) as count
          from memberships m
          join mentions n on n.room_id = m.room_id
                         and n.user_id in (m.user_id, 0)
                         and n.seq > m.read_seq
         where m.user_id = $1
           and n.author_id <> $1
           and n.in_room = 1
         group by m.room_id";
}

/// A message that means someone.
pub(crate) struct Meaning {
    pub room: RoomId,
    pub seq: Seq,
    pub author: UserId,
    pub thread: Option<Seq>,
    pub in_room: bool,
}

/// The message means these people, and nobody else any more.
pub(crate) fn replace(tx: &mut Tx<'_>, message: &Meaning, meant: &[UserId]) -> Result<(), Failure> {
    forget_mentions(tx, message.room, message.seq)?;
    add(tx, message, meant)
}

pub(crate) fn add(tx: &mut Tx<'_>, message: &Meaning, meant: &[UserId]) -> Result<(), Failure> {
    let Meaning {
        room,
        seq,
        author,
        thread,
        in_room,
    } = *message;
    for user in meant {
        insert_mention(tx, room, *user, seq, thread, i64::from(in_room), author)?;
    }
    Ok(())
}

pub(crate) fn forget(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<(), Failure> {
    forget_mentions(tx, room, seq)?;
    Ok(())
}

/// Messages of the room's timeline after `read` that mean `user`.
pub(crate) fn waiting(
    tx: &mut Tx<'_>,
    room: RoomId,
    user: UserId,
    read: Seq,
) -> Result<i64, Failure> {
    Ok(mentions_after(tx, room, user, read)?.map_or(0, |row| row.count))
}

/// The same of one thread.
pub(crate) fn waiting_in(
    tx: &mut Tx<'_>,
    room: RoomId,
    thread: Seq,
    user: UserId,
    read: Seq,
) -> Result<i64, Failure> {
    Ok(mentions_in_thread(tx, room, thread, user, read)?.map_or(0, |row| row.count))
}

/// The same for all rooms of someone, where there are any.
pub(crate) fn waiting_everywhere(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<HashMap<RoomId, i64>, Failure> {
    let rows = mentions_waiting(tx, user)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.room_id, row.count))
        .collect())
}
