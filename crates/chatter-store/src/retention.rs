//! How long rooms keep their messages, and what is kept all the same.

use chatter_protocol::retention::{Hold, RetentionPreview, RoomPreview};
use chatter_protocol::{HoldId, Millis, RoomId, UserId};

use crate::error::{Failure, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit};

/// A room that no hold covers, and its own rule if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomRule {
    pub room: RoomId,
    pub message_days: Option<i64>,
}

row! {
    struct RuleRow { message_days: i64 }
}

row! {
    struct RoomRuleRow { id: RoomId, message_days: Option<i64> }
}

row! {
    struct HoldRow {
        id: HoldId,
        room_id: Option<RoomId>,
        user_id: Option<UserId>,
        reason: String,
        created_by: UserId,
        created_at: Millis,
    }
}

row! {
    struct HeldRow { user_id: Option<UserId> }
}

row! {
    struct PreviewRow { room_id: RoomId, messages: i64, oldest_at: Millis }
}

row! {
    struct TotalRow { messages: i64, oldest_at: Option<Millis> }
}

queries! {
    fn rule_of(room: RoomId) -> Option<RuleRow> = "
        select message_days
          from room_retention
         where room_id = $1";

    fn put_rule(room: RoomId, message_days: i64) -> u64 = "
        insert into room_retention (room_id, message_days)
        values ($1, $2)
            on conflict (room_id) do update set message_days = excluded.message_days";

    fn drop_rule(room: RoomId) -> u64 = "
        delete from room_retention
         where room_id = $1";

    fn rules_after(after: RoomId, limit: i64) -> Vec<RoomRuleRow> = "
        select r.id, t.message_days
          from rooms r
          left join room_retention t on t.room_id = r.id
         where r.id > $1
           and not exists (select h.id from holds h where h.room_id = r.id)
         order by r.id
         limit $2";

    fn old_by_room(days: i64, now: Millis, limit: i64) -> Vec<PreviewRow> = "
        select m.room_id, count(*) as messages, min(m.at) as oldest_at
          from messages m
          left join room_retention t on t.room_id = m.room_id
         where m.kind = 'posted'
           and m.deleted_at is null
           and coalesce(t.message_days, $1) > 0
           and m.at < $2 - coalesce(t.message_days, $1) * 86400000
           and not exists (select h.id from holds h where h.room_id = m.room_id)
           and not exists (select h.id from holds h where h.user_id = m.author_id)
         group by m.room_id
         order by 2 desc, 1
         limit $3";

    fn old_in_all(days: i64, now: Millis) -> Option<TotalRow> = "
        select count(*) as messages, min(m.at) as oldest_at
          from messages m
          left join room_retention t on t.room_id = m.room_id
         where m.kind = 'posted'
           and m.deleted_at is null
           and coalesce(t.message_days, $1) > 0
           and m.at < $2 - coalesce(t.message_days, $1) * 86400000
           and not exists (select h.id from holds h where h.room_id = m.room_id)
           and not exists (select h.id from holds h where h.user_id = m.author_id)";

    fn insert_hold(
        id: HoldId, room: Option<RoomId>, user: Option<UserId>, reason: &str, by: UserId, at: Millis,
    ) -> u64 = "
        insert into holds (id, room_id, user_id, reason, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6)
            on conflict do nothing";

    fn drop_hold(id: HoldId) -> Option<HoldRow> = "
        delete from holds
         where id = $1
        returning id, room_id, user_id, reason, created_by, created_at";

    fn hold_rows() -> Vec<HoldRow> = "
        select id, room_id, user_id, reason, created_by, created_at
          from holds
         order by id";

    fn held_people() -> Vec<HeldRow> = "
        select user_id
          from holds
         where user_id is not null";

    fn is_room_held(room: RoomId) -> bool = "
        select id as found
          from holds
         where room_id = $1";

    fn is_user_held(user: UserId) -> bool = "
        select id as found
          from holds
         where user_id = $1";
}

impl Store {
    /// The room's own rule.
    pub async fn room_retention(&self, room: RoomId) -> Result<Option<i64>, StoreError> {
        self.read(move |tx| Ok(rule_of(tx, room)?.map(|row| row.message_days)))
            .await
    }

    /// Gives the room a rule of its own, or none.
    pub async fn set_room_retention(
        &self,
        room: RoomId,
        message_days: Option<i64>,
        note: Note,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            match message_days {
                Some(days) => put_rule(tx, room, days)?,
                None => drop_rule(tx, room)?,
            };
            Ok(audit::insert(tx, &note)?)
        })
        .await
    }

    /// Rooms that no hold covers, by id.
    pub async fn room_rules(
        &self,
        after: RoomId,
        limit: usize,
    ) -> Result<Vec<RoomRule>, StoreError> {
        self.read(move |tx| {
            let rows = rules_after(tx, after, as_limit(limit))?;
            let rule = |row: RoomRuleRow| RoomRule {
                room: row.id,
                message_days: row.message_days,
            };
            Ok(rows.into_iter().map(rule).collect())
        })
        .await
    }

    /// What would go now if the server's rule were `days`. Counts by looking
    /// at every message: for people who ask, not for jobs.
    pub async fn retention_preview(
        &self,
        days: i64,
        now: Millis,
        rooms: usize,
    ) -> Result<RetentionPreview, StoreError> {
        self.snapshot(move |tx| {
            let total = old_in_all(tx, days, now)?;
            let rows = old_by_room(tx, days, now, as_limit(rooms))?;
            let room = |row: PreviewRow| RoomPreview {
                room: row.room_id,
                messages: row.messages,
                oldest_at: row.oldest_at,
            };
            Ok(RetentionPreview {
                messages: total.as_ref().map_or(0, |total| total.messages),
                oldest_at: total.and_then(|total| total.oldest_at),
                rooms: rows.into_iter().map(room).collect(),
                ..RetentionPreview::default()
            })
        })
        .await
    }

    /// False: there is one of the same room or person already.
    pub async fn place_hold(&self, hold: Hold, note: Note) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let placed = insert_hold(
                tx,
                hold.id,
                hold.room,
                hold.user,
                &hold.reason,
                hold.created_by,
                hold.created_at,
            )? > 0;
            if placed {
                audit::insert(tx, &note)?;
            }
            Ok(placed)
        })
        .await
    }

    /// What was held until now; `note` tells of it.
    pub async fn release_hold(
        &self,
        id: HoldId,
        note: impl FnOnce(&Hold) -> Note + Send + 'static,
    ) -> Result<Option<Hold>, StoreError> {
        self.write(move |tx| {
            let released = drop_hold(tx, id)?.map(Hold::from);
            if let Some(hold) = &released {
                audit::insert(tx, &note(hold))?;
            }
            Ok(released)
        })
        .await
    }

    pub async fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        self.read(|tx| Ok(hold_rows(tx)?.into_iter().map(Hold::from).collect()))
            .await
    }

    /// Whether nothing of this person may be deleted by a schedule or erased.
    pub async fn is_held(&self, user: UserId) -> Result<bool, StoreError> {
        self.read(move |tx| is_user_held(tx, user)).await
    }
}

pub(crate) fn is_covered(tx: &mut Tx<'_>, room: RoomId) -> Result<bool, Failure> {
    is_room_held(tx, room)
}

/// Whose messages stay.
pub(crate) fn spared(tx: &mut Tx<'_>) -> Result<Vec<UserId>, Failure> {
    let rows = held_people(tx)?;
    Ok(rows.into_iter().filter_map(|row| row.user_id).collect())
}

impl From<HoldRow> for Hold {
    fn from(row: HoldRow) -> Self {
        Self {
            id: row.id,
            room: row.room_id,
            user: row.user_id,
            reason: row.reason,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}
