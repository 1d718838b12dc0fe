//! Links that set a new password, once. Only hashes of their secrets are kept.

use chatter_protocol::event::Millis;
use chatter_protocol::{SessionId, UserId};

use crate::error::StoreError;
use crate::sql::{queries, row};
use crate::{Note, Store, audit, sessions, users};

#[derive(Debug, Clone)]
pub struct NewReset {
    pub token_hash: [u8; 32],
    pub user: UserId,
    pub created_by: UserId,
    pub expires_at: Millis,
}

row! {
    struct Whose { user_id: UserId }
}

queries! {
    fn insert_reset(
        token_hash: &[u8; 32], user: UserId, created_by: UserId, expires_at: Millis,
    ) -> u64 = "
        insert into resets (token_hash, user_id, created_by, expires_at)
        values ($1, $2, $3, $4)";

    fn whose(token_hash: &[u8; 32], now: Millis) -> Option<Whose> = "
        select r.user_id
          from resets r
          join users u on u.id = r.user_id
         where r.token_hash = $1
           and r.expires_at > $2
           and u.erased_at is null";

    /// Of many who come with the same link, one is first.
    fn take(token_hash: &[u8; 32]) -> u64 = "
        delete from resets
         where token_hash = $1";

    fn delete_resets(user: UserId) -> u64 = "
        delete from resets
         where user_id = $1";

    fn delete_expired(now: Millis) -> u64 = "
        delete from resets
         where expires_at <= $1";
}

impl Store {
    /// The newest link is the only one.
    pub async fn create_reset(&self, reset: NewReset, note: Note) -> Result<(), StoreError> {
        self.write(move |tx| {
            delete_resets(tx, reset.user)?;
            insert_reset(
                tx,
                &reset.token_hash,
                reset.user,
                reset.created_by,
                reset.expires_at,
            )?;
            Ok(audit::insert(tx, &note)?)
        })
        .await
    }

    /// Whose password it would set.
    pub async fn reset(
        &self,
        token_hash: [u8; 32],
        now: Millis,
    ) -> Result<Option<UserId>, StoreError> {
        self.read(move |tx| Ok(whose(tx, &token_hash, now)?.map(|row| row.user_id)))
            .await
    }

    /// Sets the password and ends all sessions; `None`: the link has ended.
    pub async fn use_reset(
        &self,
        token_hash: [u8; 32],
        now: Millis,
        password_hash: String,
    ) -> Result<Option<(UserId, Vec<SessionId>)>, StoreError> {
        self.write(move |tx| {
            let Some(row) = whose(tx, &token_hash, now)? else {
                return Ok(None);
            };
            if take(tx, &token_hash)? == 0 {
                return Ok(None);
            }
            delete_resets(tx, row.user_id)?;
            users::set_password_hash(tx, row.user_id, &password_hash)?;
            Ok(Some((
                row.user_id,
                sessions::end_all(tx, row.user_id, None)?,
            )))
        })
        .await
    }

    pub async fn drop_expired_resets(&self, now: Millis) -> Result<u64, StoreError> {
        self.write(move |tx| Ok(delete_expired(tx, now)?)).await
    }
}
