//! All ids there are, a piece at a time, for whoever must read everything.

use chatter_protocol::{RoomId, UserId};

use crate::Store;
use crate::error::StoreError;
use crate::rooms::as_limit;
use crate::sql::{queries, row};

row! {
    struct UserOnly { id: UserId }
}

row! {
    struct RoomOnly { id: RoomId }
}

queries! {
    fn user_ids_after(after: UserId, limit: i64) -> Vec<UserOnly> = "
        select id
          from users
         where id > $1
         order by id
         limit $2";

    fn room_ids_after(after: RoomId, limit: i64) -> Vec<RoomOnly> = "
        select id
          from rooms
         where id > $1
         order by id
         limit $2";
}

impl Store {
    /// People, guests and programs, by id.
    pub async fn user_ids(&self, after: UserId, limit: usize) -> Result<Vec<UserId>, StoreError> {
        self.read(move |tx| {
            let rows = user_ids_after(tx, after, as_limit(limit))?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        })
        .await
    }

    /// Rooms of every kind, by id.
    pub async fn room_ids(&self, after: RoomId, limit: usize) -> Result<Vec<RoomId>, StoreError> {
        self.read(move |tx| {
            let rows = room_ids_after(tx, after, as_limit(limit))?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        })
        .await
    }
}
