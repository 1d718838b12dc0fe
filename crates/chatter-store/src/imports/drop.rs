//! Takes back what an import wrote and did not show.
//!
//! All of it hangs from ids that nothing else has, so nothing else is touched.

use chatter_protocol::event::Millis;
use chatter_protocol::{RoomId, Seq, UserId};

use super::forget_room;
use crate::blobs::BlobHash;
use crate::error::{Failure, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{Store, files};

/// Events of a room that are taken back in one write.
const DROPPED_AT_ONCE: i64 = 2_000;

/// People in one write.
const PEOPLE_AT_ONCE: usize = 200;

row! {
    struct RoomRow { room_id: RoomId, head: Seq }
}

row! {
    struct PersonRow { user_id: UserId }
}

row! {
    struct ShownRow { shown: i64 }
}

row! {
    struct BytesRow { hash: BlobHash, thumbnail: Option<BlobHash> }
}

queries! {
    fn shown_by(id: i64) -> Option<ShownRow> = "
        select shown
          from imports
         where id = $1";

    fn rooms_of_import(import: i64) -> Vec<RoomRow> = "
        select room_id, head
          from import_rooms
         where import_id = $1
         order by room_id";

    fn people_of_import(import: i64, after: UserId, limit: i64) -> Vec<PersonRow> = "
        select user_id
          from import_people
         where import_id = $1
           and user_id > $2
         order by user_id
         limit $3";

    fn forget_person(user: UserId) -> u64 = "
        delete from import_people
         where user_id = $1";

    fn belongs_anywhere(user: UserId) -> bool = "
        select room_id as found
          from memberships
         where user_id = $1
         limit 1";

    fn delete_person(user: UserId) -> u64 = "
        delete from users
         where id = $1";

    fn delete_files_of(user: UserId) -> Vec<BytesRow> = "
        delete from files
         where user_id = $1
        returning hash, thumbnail";

    fn loosen_files(room: RoomId, from: Seq, to: Seq, at: Millis) -> u64 = "
        update files
           set loose_since = $4
         where id in (select file_id from file_links
                       where room_id = $1 and seq >= $2 and seq <= $3)
           and not exists (select 1 from file_links other
                            where other.file_id = files.id and other.room_id <> $1)";

    fn drop_links(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from file_links
         where room_id = $1
           and seq >= $2
           and seq <= $3";

    fn drop_expired(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from expired_lines
         where room_id = $1
           and seq >= $2
           and seq <= $3";

    fn drop_events(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from events
         where room_id = $1
           and seq >= $2
           and seq <= $3";

    fn drop_messages(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from messages
         where room_id = $1
           and seq >= $2
           and seq <= $3";

    fn drop_threads(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from threads
         where room_id = $1
           and root >= $2
           and root <= $3";

    fn drop_marks(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from marks
         where room_id = $1
           and target >= $2
           and target <= $3";

    fn drop_tallies(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from tallies
         where room_id = $1
           and target >= $2
           and target <= $3";

    fn drop_mentions(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from mentions
         where room_id = $1
           and seq >= $2
           and seq <= $3";

    fn drop_previews(room: RoomId, from: Seq, to: Seq) -> u64 = "
        delete from previews
         where room_id = $1
           and seq >= $2
           and seq <= $3";
}

impl Store {
    /// Takes back what was not shown. People stay if a room was: it may be
    /// theirs.
    pub async fn drop_import(&self, import: i64, now: Millis) -> Result<(), StoreError> {
        let rooms = self.read(move |tx| rooms_of_import(tx, import)).await?;
        for row in rooms {
            self.drop_imported_room(row, now).await?;
        }
        let shown = self.read(move |tx| shown_by(tx, import)).await?;
        let mut after = UserId(0);
        while shown.as_ref().is_some_and(|row| row.shown == 0) {
            let people = self
                .read(move |tx| people_of_import(tx, import, after, as_limit(PEOPLE_AT_ONCE)))
                .await?;
            let Some(last) = people.last() else { break };
            after = last.user_id;
            self.write(move |tx| {
                for row in people {
                    drop_person(tx, row.user_id, now)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        }
        self.end_import(import, Vec::new()).await
    }

    async fn drop_imported_room(&self, row: RoomRow, now: Millis) -> Result<(), StoreError> {
        let RoomRow { room_id, head } = row;
        let mut from = Seq(1);
        while from <= head {
            let to = Seq(from.0 + DROPPED_AT_ONCE - 1);
            self.write(move |tx| Ok::<_, StoreError>(drop_piece(tx, room_id, from, to, now)?))
                .await?;
            from = to.next();
        }
        self.write(move |tx| {
            forget_room(tx, room_id)?;
            Ok(())
        })
        .await
    }
}

fn drop_piece(
    tx: &mut Tx<'_>,
    room: RoomId,
    from: Seq,
    to: Seq,
    now: Millis,
) -> Result<(), Failure> {
    loosen_files(tx, room, from, to, now)?;
    for drop in [
        drop_links,
        drop_expired,
        drop_events,
        drop_messages,
        drop_threads,
        drop_marks,
        drop_tallies,
        drop_mentions,
        drop_previews,
    ] {
        drop(tx, room, from, to)?;
    }
    Ok(())
}

/// Someone who found a place here meanwhile stays.
fn drop_person(tx: &mut Tx<'_>, user: UserId, now: Millis) -> Result<(), Failure> {
    forget_person(tx, user)?;
    if belongs_anywhere(tx, user)? {
        return Ok(());
    }
    for row in delete_files_of(tx, user)? {
        for hash in [Some(row.hash), row.thumbnail].into_iter().flatten() {
            files::suspect_blob(tx, hash, now)?;
        }
    }
    delete_person(tx, user)?;
    Ok(())
}
