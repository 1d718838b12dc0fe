//! Words and sites that are not wanted.

use chatter_protocol::moderation::{Filter, FilterAction, FilterKind};
use chatter_protocol::{FilterId, Millis, RoomId, UserId};

use crate::error::StoreError;
use crate::rooms::as_limit;
use crate::sql::{queries, row};
use crate::{Note, Store, audit};

/// Stands for every room.
const EVERYWHERE: RoomId = RoomId(0);

row! {
    struct FilterRow {
        id: FilterId,
        room_id: RoomId,
        kind: FilterKind,
        pattern: String,
        action: FilterAction,
        by_id: UserId,
        at: Millis,
    }
}

row! {
    struct Count { count: i64 }
}

queries! {
    fn put_filter(
        id: FilterId, room: RoomId, kind: FilterKind, pattern: &str, action: FilterAction,
        by: UserId, at: Millis,
    ) -> Option<FilterRow> = "
        insert into filters (id, room_id, kind, pattern, action, by_id, at)
        values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (room_id, kind, pattern) do update
           set action = excluded.action,
               by_id = excluded.by_id,
               at = excluded.at
        returning id, room_id, kind, pattern, action, by_id, at";

    fn filters_in(room: RoomId, limit: i64) -> Vec<FilterRow> = "
        select id, room_id, kind, pattern, action, by_id, at
          from filters
         where room_id = $1
         order by id
         limit $2";

    fn count_filters_in(room: RoomId) -> Option<Count> = "
        select count(id) as count
          from filters
         where room_id = $1";

    fn drop_filter(room: RoomId, id: FilterId) -> u64 = "
        delete from filters
         where room_id = $1
           and id = $2";
}

impl Store {
    /// Adds a filter, or changes what happens by one that is there. `None`:
    /// there are `most` already.
    pub async fn put_filter(
        &self,
        filter: Filter,
        most: usize,
        note: Note,
    ) -> Result<Option<Filter>, StoreError> {
        self.write(move |tx| {
            let room = filter.room.unwrap_or(EVERYWHERE);
            let Filter {
                id,
                kind,
                pattern,
                action,
                by,
                at,
                ..
            } = &filter;
            let count = count_filters_in(tx, room)?.map_or(0, |row| row.count);
            if count >= as_limit(most) {
                return Ok(None);
            }
            audit::insert(tx, &note)?;
            Ok(put_filter(tx, *id, room, *kind, pattern, *action, *by, *at)?.map(Filter::from))
        })
        .await
    }

    /// Those of a room, or those of every room.
    pub async fn filters(
        &self,
        room: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Filter>, StoreError> {
        self.read(move |tx| {
            let rows = filters_in(tx, room.unwrap_or(EVERYWHERE), as_limit(limit))?;
            Ok(rows.into_iter().map(Filter::from).collect())
        })
        .await
    }

    /// False: there is no such filter there.
    pub async fn drop_filter(
        &self,
        room: Option<RoomId>,
        id: FilterId,
        note: Note,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let dropped = drop_filter(tx, room.unwrap_or(EVERYWHERE), id)? > 0;
            if dropped {
                audit::insert(tx, &note)?;
            }
            Ok(dropped)
        })
        .await
    }
}

impl From<FilterRow> for Filter {
    fn from(row: FilterRow) -> Self {
        Self {
            id: row.id,
            room: Some(row.room_id).filter(|room| *room != EVERYWHERE),
            kind: row.kind,
            pattern: row.pattern,
            action: row.action,
            by: row.by_id,
            at: row.at,
        }
    }
}
