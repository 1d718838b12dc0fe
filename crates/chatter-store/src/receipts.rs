//! How far each member has read. Only ever forward, never past the head.

use chatter_protocol::rooms::Receipt;
use chatter_protocol::{RoomId, Seq, UserId};

use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};
use crate::{Store, expiry, mentions};

/// Where a receipt is after it was asked to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    pub read: Seq,
    pub unread: i64,
    /// Those of them that concern the reader.
    pub mentions: i64,
    /// False: it was there already.
    pub moved: bool,
}

row! {
    struct Place { read_seq: Seq, read_nth: i64, gone: i64, head: Seq, message_count: i64 }
}

row! {
    struct Nth { nth: i64 }
}

row! {
    struct Gone { gone: i64 }
}

row! {
    struct ReceiptRow { user_id: UserId, read_seq: Seq, got_seq: Seq }
}

queries! {
    /// A deletion counts in memberships too: while we hold ours, it waits.
    fn lock_membership(room: RoomId, user: UserId) -> bool = {
        postgres: "
        select user_id as found
          from memberships
         where room_id = $1
           and user_id = $2
           for update"
    };

    fn place(room: RoomId, user: UserId) -> Option<Place> = "
        select m.read_seq, m.read_nth, m.gone, r.head, r.message_count
          from memberships m
          join rooms r on r.id = m.room_id
         where m.room_id = $1
           and m.user_id = $2";

    fn nth_at(room: RoomId, seq: Seq) -> Option<Nth> = "
        select nth
          from messages
         where room_id = $1
           and seq <= $2
         order by seq desc
         limit 1";

    fn gone_after(room: RoomId, seq: Seq) -> Option<Gone> = "
        select count(*) as gone
          from messages
         where room_id = $1
           and seq > $2
           and in_room = 1
           and deleted_at is not null";

    fn move_receipt(room: RoomId, user: UserId, seq: Seq, nth: i64, gone: i64) -> u64 = "
        update memberships
           set read_seq = $3,
               read_nth = $4,
               gone = $5
         where room_id = $1
           and user_id = $2";

    /// Forward only, and never past the head.
    fn move_got(room: RoomId, user: UserId, seq: Seq) -> u64 = "
        update memberships
           set got_seq = $3
         where room_id = $1
           and user_id = $2
           and got_seq < $3
           and $3 <= (select head from rooms where id = $1)";

    fn receipt_rows(room: RoomId) -> Vec<ReceiptRow> = "
        select user_id, read_seq, got_seq
          from memberships
         where room_id = $1
         order by user_id";
}

impl Store {
    /// Moves a receipt forward to `seq`, or to the head if that is earlier.
    /// `None`: not a member.
    pub async fn mark_read(
        &self,
        room: RoomId,
        user: UserId,
        seq: Seq,
    ) -> Result<Option<Moved>, StoreError> {
        // Clients repeat themselves; that must not cost a disk flush.
        let place = self
            .snapshot(move |tx| {
                let Some(place) = place(tx, room, user)? else {
                    return Ok(None);
                };
                let mentions = mentions::waiting(tx, room, user, place.read_seq)?;
                Ok(Some((place, mentions)))
            })
            .await?;
        match place {
            None => Ok(None),
            Some((place, mentions)) if seq.min(place.head) <= place.read_seq => {
                Ok(Some(place.stays(mentions)))
            }
            Some(_) => self.write(move |tx| move_to(tx, room, user, seq)).await,
        }
    }

    /// The member's devices have got what was said up to `seq`. Whether that is
    /// news.
    pub async fn mark_got(&self, room: RoomId, user: UserId, seq: Seq) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(move_got(tx, room, user, seq)? > 0))
            .await
    }

    pub async fn receipts(&self, room: RoomId) -> Result<Vec<Receipt>, StoreError> {
        self.read(move |tx| {
            let receipt = |row: ReceiptRow| Receipt {
                user: row.user_id,
                seq: row.read_seq,
                got: row.got_seq.max(row.read_seq),
            };
            Ok(receipt_rows(tx, room)?.into_iter().map(receipt).collect())
        })
        .await
    }
}

fn move_to(
    tx: &mut Tx<'_>,
    room: RoomId,
    user: UserId,
    seq: Seq,
) -> Result<Option<Moved>, StoreError> {
    if tx.needs_locks() {
        lock_membership(tx, room, user)?;
    }
    let Some(place) = place(tx, room, user)? else {
        return Ok(None);
    };
    let seq = seq.min(place.head);
    if seq <= place.read_seq {
        let mentions = mentions::waiting(tx, room, user, place.read_seq)?;
        return Ok(Some(place.stays(mentions)));
    }
    let nth = nth_at(tx, room, seq)?.map_or(0, |row| row.nth);
    let nth = nth.max(expiry::nth_at(tx, room, seq)?);
    let gone = gone_after(tx, room, seq)?.map_or(0, |row| row.gone);
    let gone = gone + expiry::gone_after(tx, room, seq)?;
    if move_receipt(tx, room, user, seq, nth, gone)? == 0 {
        return Err(Failure::broken("a membership that is and is not there").into());
    }
    Ok(Some(Moved {
        read: seq,
        unread: place.message_count - nth - gone,
        mentions: mentions::waiting(tx, room, user, seq)?,
        moved: true,
    }))
}

impl Place {
    fn stays(&self, mentions: i64) -> Moved {
        Moved {
            read: self.read_seq,
            unread: self.message_count - self.read_nth - self.gone,
            mentions,
            moved: false,
        }
    }
}
