//! People who are to be forgotten. The account is emptied at once; what fills
//! rooms is worked off little by little, and goes on after a restart.

use chatter_protocol::event::Millis;
use chatter_protocol::{RoomId, Seq, SessionId, User, UserId};

use crate::error::{Failure, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit, second_factor, sessions, users};

/// An erasure that is not done yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    pub user: UserId,
    /// Whether their messages are to be deleted.
    pub deletes: bool,
}

row! {
    struct ErasureRow { user_id: UserId, deletes: i64 }
}

row! {
    struct Spot { room_id: RoomId, seq: Seq }
}

row! {
    struct BotId { id: UserId }
}

queries! {
    fn empty_account(user: UserId, now: Millis) -> u64 = "
        update users
           set initials = '',
               about = '',
               title = '',
               pronouns = '',
               time_zone = '',
               status_text = '',
               status_emoji = '',
               status_until = null,
               presence = 'automatic',
               presence_until = null,
               suspended_until = null,
               password_hash = null,
               role = case when role = 'guest' then role else 'member' end,
               deactivated_at = coalesce(deactivated_at, $2),
               erased_at = $2
         where id = $1
           and erased_at is null";

    fn rename(user: UserId, name: &str, name_key: &str) -> u64 = "
        update users
           set name = $2,
               name_key = $3
         where id = $1";

    fn delete_resets(user: UserId) -> u64 = "
        delete from resets
         where user_id = $1";

    fn delete_identities(user: UserId) -> u64 = "
        delete from identities
         where user_id = $1";

    fn deactivate_bots(owner: UserId, now: Millis) -> Vec<BotId> = "
        update users
           set deactivated_at = $2
         where bot_owner = $1
           and deactivated_at is null
        returning id";

    fn insert_erasure(user: UserId, deletes: i64) -> u64 = "
        insert into erasures (user_id, deletes)
        values ($1, $2)
            on conflict (user_id) do nothing";

    fn erasure_rows() -> Vec<ErasureRow> = "
        select user_id, deletes
          from erasures
         order by user_id
         limit 10";

    fn erasure_spot(user: UserId) -> Option<Spot> = "
        select room_id, seq
          from erasures
         where user_id = $1";

    fn their_messages(
        user: UserId, room: RoomId, seq: Seq, limit: i64,
    ) -> Vec<Spot> = "
        select room_id, seq
          from messages
         where author_id = $1
           and kind = 'posted'
           and deleted_at is null
           and (room_id > $2 or (room_id = $2 and seq > $3))
         order by room_id, seq
         limit $4";

    fn move_on(user: UserId, room: RoomId, seq: Seq) -> u64 = "
        update erasures
           set room_id = $2,
               seq = $3
         where user_id = $1";

    fn delete_erasure(user: UserId) -> u64 = "
        delete from erasures
         where user_id = $1";
}

/// What an erased account looks like, and whose sessions ended with it.
pub struct Erased {
    pub user: User,
    pub sessions: Vec<SessionId>,
}

impl Store {
    /// Empties an account for good; `None`: there is none, or it was erased
    /// before. Its handle stays taken. With a name, it is called that.
    pub async fn erase_user(
        &self,
        user: UserId,
        name: Option<(String, String)>,
        deletes: bool,
        now: Millis,
        note: Note,
    ) -> Result<Option<Erased>, StoreError> {
        self.write(move |tx| {
            if empty_account(tx, user, now)? == 0 {
                return Ok(None);
            }
            if let Some((name, key)) = name {
                rename(tx, user, &name, &key)?;
            }
            let mut sessions = sessions::end_all(tx, user, None)?;
            second_factor::remove(tx, user)?;
            delete_resets(tx, user)?;
            delete_identities(tx, user)?;
            for bot in deactivate_bots(tx, user, now)? {
                sessions.extend(sessions::end_all(tx, bot.id, None)?);
            }
            insert_erasure(tx, user, i64::from(deletes))?;
            audit::insert(tx, &note)?;
            let user = users::find(tx, user)?;
            Ok(user.map(|user| Erased { user, sessions }))
        })
        .await
    }

    /// Some that are not done yet.
    pub async fn erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let rows = self.read(erasure_rows).await?;
        Ok(rows
            .into_iter()
            .map(|row| Erasure {
                user: row.user_id,
                deletes: row.deletes != 0,
            })
            .collect())
    }

    /// The next messages that an erasure has to delete.
    pub async fn to_be_erased(
        &self,
        user: UserId,
        limit: usize,
    ) -> Result<Vec<(RoomId, Seq)>, StoreError> {
        self.snapshot(move |tx| {
            let Some(from) = erasure_spot(tx, user)? else {
                return Ok(Vec::new());
            };
            let found = their_messages(tx, user, from.room_id, from.seq, as_limit(limit))?;
            Ok(found
                .into_iter()
                .map(|spot| (spot.room_id, spot.seq))
                .collect())
        })
        .await
    }

    /// Everything up to here is deleted.
    pub async fn erased_up_to(
        &self,
        user: UserId,
        room: RoomId,
        seq: Seq,
    ) -> Result<(), StoreError> {
        self.write(move |tx| move_up(tx, user, room, seq)).await
    }

    pub async fn erasure_is_done(&self, user: UserId) -> Result<(), StoreError> {
        self.write(move |tx| {
            delete_erasure(tx, user)?;
            Ok(())
        })
        .await
    }
}

fn move_up(tx: &mut Tx<'_>, user: UserId, room: RoomId, seq: Seq) -> Result<(), StoreError> {
    let moved: Result<u64, Failure> = move_on(tx, user, room, seq);
    moved?;
    Ok(())
}
