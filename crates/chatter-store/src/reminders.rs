//! Reminders of messages. One is due when its time has come, and nothing has to
//! be written for that: every server can tell by itself whom to remind.

use chatter_protocol::personal::Reminder;
use chatter_protocol::{Millis, ReminderId, RoomId, Seq, UserId};

use crate::Store;
use crate::error::{KeepError, StoreError};
use crate::rooms::as_limit;
use crate::saved::by_place;
use crate::sql::{queries, row};

#[derive(Debug, Clone)]
pub struct NewReminder {
    pub id: ReminderId,
    pub user: UserId,
    pub room: RoomId,
    pub seq: Seq,
    pub at: Millis,
    pub note: String,
}

row! {
    struct ReminderRow {
        id: ReminderId,
        user_id: UserId,
        room_id: RoomId,
        seq: Seq,
        at: Millis,
        note: String,
    }
}

row! {
    struct Counted { count: i64 }
}

row! {
    struct Readable { room_id: RoomId }
}

queries! {
    fn insert_reminder(
        id: ReminderId, user: UserId, room: RoomId, seq: Seq, at: Millis, note: &str,
    ) -> u64 = "
        insert into reminders (id, user_id, room_id, seq, at, note)
        values ($1, $2, $3, $4, $5, $6)";

    fn count_reminders(user: UserId) -> Option<Counted> = "
        select count(*) as count
          from reminders
         where user_id = $1";

    fn reminder_rows(user: UserId) -> Vec<ReminderRow> = "
        select id, user_id, room_id, seq, at, note
          from reminders
         where user_id = $1
         order by at, id";

    fn due_between(after: Millis, until: Millis, limit: i64) -> Vec<ReminderRow> = "
        select id, user_id, room_id, seq, at, note
          from reminders
         where at > $1
           and at <= $2
         order by at, id
         limit $3";

    fn delete_reminder(id: ReminderId, user: UserId) -> u64 = "
        delete from reminders
         where id = $1
           and user_id = $2";

    /// Rooms of one's reminders that an account may read.
    fn readable_rooms(user: UserId) -> Vec<Readable> = "
        select distinct t.room_id
          from reminders t
          join rooms r on r.id = t.room_id
         where t.user_id = $1
           and (r.kind = 'open'
                or exists (select m.user_id
                             from memberships m
                            where m.room_id = t.room_id
                              and m.user_id = t.user_id))";
}

impl Store {
    pub async fn remind(&self, new: NewReminder, most: i64) -> Result<(), KeepError> {
        self.write(move |tx| {
            if count_reminders(tx, new.user)?.is_some_and(|row| row.count >= most) {
                return Err(KeepError::TooMany);
            }
            insert_reminder(tx, new.id, new.user, new.room, new.seq, new.at, &new.note)?;
            Ok(())
        })
        .await
    }

    /// By their time, with the messages that `user` may still read.
    pub async fn reminders(&self, user: UserId, now: Millis) -> Result<Vec<Reminder>, StoreError> {
        self.snapshot(move |tx| {
            let rows = reminder_rows(tx, user)?;
            let readable = readable_rooms(tx, user)?;
            let readable: Vec<RoomId> = readable.into_iter().map(|row| row.room_id).collect();
            let places = rows.iter().map(|row| (row.room_id, row.seq));
            let places = places.filter(|(room, _)| readable.contains(room));
            let messages = by_place(tx, user, places)?;
            let reminders = rows.into_iter().map(|row| {
                let message = messages.get(&(row.room_id, row.seq)).cloned();
                Reminder {
                    message: message.map(Box::new),
                    ..row.at_moment(now)
                }
            });
            Ok(reminders.collect())
        })
        .await
    }

    /// Those whose time came after `after` and no later than `until`, without
    /// their messages.
    pub async fn reminders_due(
        &self,
        after: Millis,
        until: Millis,
        limit: usize,
    ) -> Result<Vec<(UserId, Reminder)>, StoreError> {
        self.read(move |tx| {
            let rows = due_between(tx, after, until, as_limit(limit))?;
            let due = rows
                .into_iter()
                .map(|row| (row.user_id, row.at_moment(until)));
            Ok(due.collect())
        })
        .await
    }

    /// Whether there was one.
    pub async fn forget_reminder(&self, id: ReminderId, user: UserId) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(delete_reminder(tx, id, user)? > 0))
            .await
    }
}

impl ReminderRow {
    fn at_moment(self, now: Millis) -> Reminder {
        Reminder {
            id: self.id,
            room: self.room_id,
            seq: self.seq,
            at: self.at,
            note: self.note,
            due: self.at <= now,
            message: None,
        }
    }
}
