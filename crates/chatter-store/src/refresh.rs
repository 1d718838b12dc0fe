//! Tokens that are good for one use each. A used one that comes again was
//! stolen, by whoever came first or second: its whole family ends.

use chatter_protocol::event::Millis;
use chatter_protocol::{SessionId, UserId};

use crate::Store;
use crate::error::StoreError;
use crate::sessions;
use crate::sql::{queries, row};

/// What became of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The new one stands in its place.
    As { user: UserId, session: SessionId },
    /// It was used before: the session is over now.
    Reused { session: SessionId },
    /// There is no such token, or its session has ended.
    Unknown,
}

row! {
    struct Holder { session_id: SessionId, user_id: UserId }
}

queries! {
    fn insert_refresh(token_hash: &[u8; 32], session: SessionId) -> u64 = "
        insert into refresh_tokens (token_hash, session_id)
        values ($1, $2)";

    fn holder(token_hash: &[u8; 32]) -> Option<Holder> = "
        select r.session_id, s.user_id
          from refresh_tokens r
          join sessions s on s.id = r.session_id
         where r.token_hash = $1";

    /// Of many at once, one is first.
    fn use_up(token_hash: &[u8; 32], now: Millis) -> u64 = "
        update refresh_tokens
           set used_at = $2
         where token_hash = $1
           and used_at is null";

    /// So old that whoever has one may as well be told that it is unknown.
    fn forget_used(session: SessionId, before: Millis) -> u64 = "
        delete from refresh_tokens
         where session_id = $1
           and used_at < $2";
}

/// For how long a used token gives its thief away.
const REMEMBERED_MS: i64 = 7 * 24 * 3_600_000;

impl Store {
    pub async fn add_refresh_token(
        &self,
        session: SessionId,
        token_hash: [u8; 32],
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            insert_refresh(tx, &token_hash, session)?;
            Ok(())
        })
        .await
    }

    /// Uses `old` up and puts `new` in its place.
    pub async fn refresh(
        &self,
        old: [u8; 32],
        new: [u8; 32],
        now: Millis,
        expires_at: Millis,
    ) -> Result<Refreshed, StoreError> {
        self.write(move |tx| {
            let Some(held) = holder(tx, &old)? else {
                return Ok(Refreshed::Unknown);
            };
            let (user, session) = (held.user_id, held.session_id);
            if use_up(tx, &old, now)? == 0 {
                sessions::end(tx, user, session)?;
                return Ok(Refreshed::Reused { session });
            }
            if !sessions::session_is_live(tx, user, session, now)? {
                return Ok(Refreshed::Unknown);
            }
            insert_refresh(tx, &new, session)?;
            forget_used(tx, session, Millis(now.0 - REMEMBERED_MS))?;
            sessions::touch(tx, session, now, expires_at)?;
            Ok(Refreshed::As { user, session })
        })
        .await
    }
}
