//! Messages that someone keeps at hand.

use std::collections::HashMap;

use chatter_protocol::personal::Saved;
use chatter_protocol::{Message, Millis, RoomId, SavedId, Seq, UserId};

use crate::error::{Failure, KeepError, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{Store, messages};

row! {
    struct SavedRow { id: SavedId, room_id: RoomId, seq: Seq, at: Millis }
}

row! {
    struct Counted { count: i64 }
}

queries! {
    fn saved_row(user: UserId, room: RoomId, seq: Seq) -> Option<SavedRow> = "
        select id, room_id, seq, at
          from saved
         where user_id = $1
           and room_id = $2
           and seq = $3";

    fn insert_saved(id: SavedId, user: UserId, room: RoomId, seq: Seq, at: Millis) -> u64 = "
        insert into saved (id, user_id, room_id, seq, at)
        values ($1, $2, $3, $4, $5)
            on conflict (user_id, room_id, seq) do nothing";

    fn delete_saved(user: UserId, room: RoomId, seq: Seq) -> u64 = "
        delete from saved
         where user_id = $1
           and room_id = $2
           and seq = $3";

    fn count_saved(user: UserId) -> Option<Counted> = "
        select count(*) as count
          from saved
         where user_id = $1";

    /// Newest first, of rooms that an account may read.
    fn saved_before(user: UserId, before: SavedId, limit: i64) -> Vec<SavedRow> = "
        select s.id, s.room_id, s.seq, s.at
          from saved s
          join rooms r on r.id = s.room_id
          join messages l on l.room_id = s.room_id and l.seq = s.seq
         where s.user_id = $1
           and s.id < $2
           and (r.kind = 'open'
                or exists (select m.user_id
                             from memberships m
                            where m.room_id = s.room_id
                              and m.user_id = s.user_id))
         order by s.id desc
         limit $3";

    /// Of rooms that an account may not read any more.
    fn delete_unreadable(user: UserId) -> u64 = "
        delete from saved
         where user_id = $1
           and not exists (select r.id
                             from rooms r
                            where r.id = saved.room_id
                              and r.kind = 'open')
           and not exists (select m.user_id
                             from memberships m
                            where m.room_id = saved.room_id
                              and m.user_id = $1)";
}

impl Store {
    /// Keeps the message at `seq` for `user`: false when it was kept already.
    /// What they may not read any more makes room before anything is refused.
    pub async fn save_message(
        &self,
        user: UserId,
        id: SavedId,
        (room, seq): (RoomId, Seq),
        at: Millis,
        most: i64,
    ) -> Result<bool, KeepError> {
        self.write(move |tx| {
            if saved_row(tx, user, room, seq)?.is_some() {
                return Ok(false);
            }
            if count(tx, user)? >= most {
                delete_unreadable(tx, user)?;
                if count(tx, user)? >= most {
                    return Err(KeepError::TooMany);
                }
            }
            Ok(insert_saved(tx, id, user, room, seq, at)? > 0)
        })
        .await
    }

    /// Whether it was kept.
    pub async fn unsave_message(
        &self,
        user: UserId,
        room: RoomId,
        seq: Seq,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(delete_saved(tx, user, room, seq)? > 0))
            .await
    }

    /// Newest first, each as it is now.
    pub async fn saved_messages(
        &self,
        user: UserId,
        before: Option<SavedId>,
        limit: usize,
    ) -> Result<Vec<Saved>, StoreError> {
        let before = before.unwrap_or(SavedId(i64::MAX));
        self.snapshot(move |tx| {
            let rows = saved_before(tx, user, before, as_limit(limit))?;
            let places = rows.iter().map(|row| (row.room_id, row.seq));
            let mut messages = by_place(tx, user, places)?;
            let saved = rows.into_iter().filter_map(|row| {
                let message = messages.remove(&(row.room_id, row.seq))?;
                Some(Saved {
                    id: row.id,
                    at: row.at,
                    message,
                })
            });
            Ok(saved.collect())
        })
        .await
    }
}

fn count(tx: &mut Tx<'_>, user: UserId) -> Result<i64, Failure> {
    Ok(count_saved(tx, user)?.map_or(0, |row| row.count))
}

/// Messages of several rooms, a question or two for each room.
pub(crate) fn by_place(
    tx: &mut Tx<'_>,
    viewer: UserId,
    places: impl Iterator<Item = (RoomId, Seq)>,
) -> Result<HashMap<(RoomId, Seq), Message>, Failure> {
    let mut rooms: HashMap<RoomId, Vec<Seq>> = HashMap::new();
    for (room, seq) in places {
        rooms.entry(room).or_default().push(seq);
    }
    let mut found = HashMap::new();
    for (room, mut seqs) in rooms {
        seqs.sort_unstable();
        seqs.dedup();
        for message in messages::named(tx, room, viewer, &seqs)? {
            found.insert((room, message.seq), message);
        }
    }
    Ok(found)
}
