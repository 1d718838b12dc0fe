//! Messages that are to be sent later.
//!
//! Whoever sends one takes it for a while first, so that of several servers one
//! does. What a crash left half done is taken again after that while; the
//! message's own key makes it the same one then.

use chatter_protocol::personal::{Scheduled, WhyUnsent};
use chatter_protocol::{Draft, Key, Millis, RoomId, ScheduledId, UserId};

use crate::Store;
use crate::error::{Failure, KeepError, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};

#[derive(Debug, Clone)]
pub struct NewScheduled {
    pub id: ScheduledId,
    pub user: UserId,
    pub room: RoomId,
    pub key: Key,
    pub draft: Draft,
    pub at: Millis,
}

/// One whose time has come, taken for sending.
#[derive(Debug, Clone)]
pub struct DueMessage {
    pub user: UserId,
    pub message: Scheduled,
}

row! {
    struct ScheduledRow {
        id: ScheduledId,
        user_id: UserId,
        room_id: RoomId,
        draft: Draft,
        at: Millis,
        failed: Option<WhyUnsent>,
    }
}

row! {
    struct Due { id: ScheduledId }
}

row! {
    struct Counted { count: i64 }
}

queries! {
    fn insert_scheduled(
        id: ScheduledId, user: UserId, room: RoomId, key: &Key, draft: &Draft, at: Millis,
    ) -> u64 = "
        insert into scheduled (id, user_id, room_id, key, draft, at)
        values ($1, $2, $3, $4, $5, $6)
            on conflict (user_id, room_id, key) do nothing";

    fn scheduled_with_key(user: UserId, room: RoomId, key: &Key) -> Option<ScheduledRow> = "
        select id, user_id, room_id, draft, at, failed
          from scheduled
         where user_id = $1
           and room_id = $2
           and key = $3";

    fn scheduled_row(id: ScheduledId, user: UserId) -> Option<ScheduledRow> = "
        select id, user_id, room_id, draft, at, failed
          from scheduled
         where id = $1
           and user_id = $2";

    fn scheduled_rows(user: UserId) -> Vec<ScheduledRow> = "
        select id, user_id, room_id, draft, at, failed
          from scheduled
         where user_id = $1
         order by at, id";

    fn count_scheduled(user: UserId) -> Option<Counted> = "
        select count(*) as count
          from scheduled
         where user_id = $1";

    fn update_scheduled(
        id: ScheduledId, user: UserId, draft: &Draft, at: Millis, now: Millis,
    ) -> Option<ScheduledRow> = "
        update scheduled
           set draft = $3,
               at = $4,
               failed = null,
               lease_until = 0
         where id = $1
           and user_id = $2
           and lease_until <= $5
        returning id, user_id, room_id, draft, at, failed";

    fn delete_scheduled(id: ScheduledId, user: UserId, now: Millis) -> u64 = "
        delete from scheduled
         where id = $1
           and user_id = $2
           and lease_until <= $3";

    fn due_scheduled(now: Millis, limit: i64) -> Vec<Due> = "
        select id
          from scheduled
         where at <= $1
           and failed is null
           and lease_until <= $1
         order by at
         limit $2";

    /// Asks and takes in one statement: of many at once, one has it.
    fn lease(id: ScheduledId, now: Millis, until: Millis) -> Option<ScheduledRow> = "
        update scheduled
           set lease_until = $3
         where id = $1
           and at <= $2
           and failed is null
           and lease_until <= $2
        returning id, user_id, room_id, draft, at, failed";

    fn set_lease(id: ScheduledId, until: Millis) -> u64 = "
        update scheduled
           set lease_until = $2
         where id = $1";

    fn set_failed(id: ScheduledId, why: WhyUnsent) -> Option<ScheduledRow> = "
        update scheduled
           set failed = $2,
               lease_until = 0
         where id = $1
        returning id, user_id, room_id, draft, at, failed";

    fn delete_sent(id: ScheduledId) -> u64 = "
        delete from scheduled
         where id = $1";
}

impl Store {
    /// Keeps a message to be sent later. The same key again is the same one.
    pub async fn schedule(&self, new: NewScheduled, most: i64) -> Result<Scheduled, KeepError> {
        self.write(move |tx| {
            if let Some(first) = first_with_key(tx, &new)? {
                return Ok(first);
            }
            if count_scheduled(tx, new.user)?.is_some_and(|row| row.count >= most) {
                return Err(KeepError::TooMany);
            }
            insert_scheduled(tx, new.id, new.user, new.room, &new.key, &new.draft, new.at)?;
            first_with_key(tx, &new)?.ok_or(KeepError::NotKept)
        })
        .await
    }

    /// By the time they are to be sent; what could not be sent, too.
    pub async fn scheduled_of(&self, user: UserId) -> Result<Vec<Scheduled>, StoreError> {
        self.read(move |tx| {
            let rows = scheduled_rows(tx, user)?;
            Ok(rows.into_iter().map(Scheduled::from).collect())
        })
        .await
    }

    pub async fn scheduled(
        &self,
        id: ScheduledId,
        user: UserId,
    ) -> Result<Option<Scheduled>, StoreError> {
        self.read(move |tx| Ok(scheduled_row(tx, id, user)?.map(Scheduled::from)))
            .await
    }

    /// Replaces what is sent and when, unless it is being sent.
    pub async fn change_scheduled(
        &self,
        id: ScheduledId,
        user: UserId,
        draft: Draft,
        at: Millis,
        now: Millis,
    ) -> Result<Scheduled, KeepError> {
        self.write(
            move |tx| match update_scheduled(tx, id, user, &draft, at, now)? {
                Some(row) => Ok(row.into()),
                None => Err(why_not(tx, id, user)?),
            },
        )
        .await
    }

    /// Takes it back, unless it is being sent.
    pub async fn unschedule(
        &self,
        id: ScheduledId,
        user: UserId,
        now: Millis,
    ) -> Result<(), KeepError> {
        self.write(move |tx| match delete_scheduled(tx, id, user, now)? {
            0 => Err(why_not(tx, id, user)?),
            _ => Ok(()),
        })
        .await
    }

    /// Some whose time has come and that nobody sends at the moment.
    pub async fn due_messages(
        &self,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<ScheduledId>, StoreError> {
        self.read(move |tx| {
            let rows = due_scheduled(tx, now, as_limit(limit))?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        })
        .await
    }

    /// Takes one for sending until `until`; `None` when someone else has it.
    pub async fn lease_message(
        &self,
        id: ScheduledId,
        now: Millis,
        until: Millis,
    ) -> Result<Option<DueMessage>, StoreError> {
        self.write(move |tx| {
            Ok(lease(tx, id, now, until)?.map(|row| DueMessage {
                user: row.user_id,
                message: row.into(),
            }))
        })
        .await
    }

    /// Not now: it is taken again after `until`.
    pub async fn put_message_off(&self, id: ScheduledId, until: Millis) -> Result<(), StoreError> {
        self.write(move |tx| {
            set_lease(tx, id, until)?;
            Ok(())
        })
        .await
    }

    /// It was sent, and is a message like any other now.
    pub async fn message_sent(&self, id: ScheduledId) -> Result<(), StoreError> {
        self.write(move |tx| {
            delete_sent(tx, id)?;
            Ok(())
        })
        .await
    }

    /// It could not be sent, and is kept for its author to see.
    pub async fn message_unsent(
        &self,
        id: ScheduledId,
        why: WhyUnsent,
    ) -> Result<Option<Scheduled>, StoreError> {
        self.write(move |tx| Ok(set_failed(tx, id, why)?.map(Scheduled::from)))
            .await
    }
}

fn first_with_key(tx: &mut Tx<'_>, new: &NewScheduled) -> Result<Option<Scheduled>, KeepError> {
    match scheduled_with_key(tx, new.user, new.room, &new.key)? {
        Some(row) if row.draft == new.draft && row.at == new.at => Ok(Some(row.into())),
        Some(_) => Err(KeepError::KeyReused),
        None => Ok(None),
    }
}

fn why_not(tx: &mut Tx<'_>, id: ScheduledId, user: UserId) -> Result<KeepError, Failure> {
    Ok(match scheduled_row(tx, id, user)? {
        Some(_) => KeepError::TooLate,
        None => KeepError::NotKept,
    })
}

impl From<ScheduledRow> for Scheduled {
    fn from(row: ScheduledRow) -> Self {
        Self {
            id: row.id,
            room: row.room_id,
            draft: row.draft,
            at: row.at,
            failed: row.failed,
        }
    }
}
