//! Codes that change every half minute, and those kept for a lost phone.

use chatter_protocol::UserId;
use chatter_protocol::event::Millis;

use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit};

/// What is known of someone's second factor.
#[derive(Debug, Clone)]
pub struct Totp {
    pub secret: String,
    /// Not before this counts it.
    pub confirmed_at: Option<Millis>,
}

row! {
    struct TotpRow { secret: String, confirmed_at: Option<Millis> }
}

row! {
    struct Tries { failures: i64, locked_until: Millis }
}

row! {
    struct Count { count: i64 }
}

queries! {
    fn totp_row(user: UserId) -> Option<TotpRow> = "
        select secret, confirmed_at
          from totp
         where user_id = $1";

    /// Replaces one that was never confirmed, and no other.
    fn put_totp(user: UserId, secret: &str) -> u64 = "
        insert into totp (user_id, secret)
        values ($1, $2)
            on conflict (user_id) do update
           set secret = excluded.secret,
               failures = 0,
               locked_until = 0
         where totp.confirmed_at is null";

    fn confirm(user: UserId, secret: &str, step: i64, now: Millis) -> u64 = "
        update totp
           set confirmed_at = $4,
               last_step = $3,
               failures = 0
         where user_id = $1
           and secret = $2
           and confirmed_at is null";

    /// Of many who come with the same code, one is first.
    fn take_step(user: UserId, step: i64) -> u64 = "
        update totp
           set last_step = $2,
               failures = 0,
               locked_until = 0
         where user_id = $1
           and last_step < $2
           and confirmed_at is not null";

    fn count_try(user: UserId, now: Millis) -> Option<Tries> = "
        update totp
           set failures = failures + 1
         where user_id = $1
           and locked_until <= $2
        returning failures, locked_until";

    fn tries(user: UserId) -> Option<Tries> = "
        select failures, locked_until
          from totp
         where user_id = $1";

    fn lock_until(user: UserId, until: Millis) -> u64 = "
        update totp
           set locked_until = $2
         where user_id = $1";

    fn forgive(user: UserId) -> u64 = "
        update totp
           set failures = 0,
               locked_until = 0
         where user_id = $1";

    fn delete_totp(user: UserId) -> u64 = "
        delete from totp
         where user_id = $1";

    fn insert_recovery_code(user: UserId, code_hash: &[u8; 32]) -> u64 = "
        insert into recovery_codes (user_id, code_hash)
        values ($1, $2)";

    fn take_recovery_code(user: UserId, code_hash: &[u8; 32]) -> u64 = "
        delete from recovery_codes
         where user_id = $1
           and code_hash = $2";

    fn delete_recovery_codes(user: UserId) -> u64 = "
        delete from recovery_codes
         where user_id = $1";

    fn recovery_codes_left(user: UserId) -> Option<Count> = "
        select count(*) as count
          from recovery_codes
         where user_id = $1";
}

/// How many times the first pause the longest is.
const LONGEST: i64 = 96;

impl Store {
    pub async fn totp(&self, user: UserId) -> Result<Option<Totp>, StoreError> {
        self.read(move |tx| {
            Ok(totp_row(tx, user)?.map(|row| Totp {
                secret: row.secret,
                confirmed_at: row.confirmed_at,
            }))
        })
        .await
    }

    /// False: there is a confirmed one.
    pub async fn enrol_totp(&self, user: UserId, secret: String) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(put_totp(tx, user, &secret)? > 0))
            .await
    }

    /// From here on it counts. False: it is not this secret any more, or it
    /// was confirmed before.
    pub async fn confirm_totp(
        &self,
        user: UserId,
        secret: String,
        step: i64,
        now: Millis,
        codes: Vec<[u8; 32]>,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            if confirm(tx, user, &secret, step, now)? == 0 {
                return Ok(false);
            }
            replace(tx, user, &codes)?;
            Ok(true)
        })
        .await
    }

    /// Counts one code before it is known to be wrong, so that a thousand at
    /// once are no more than one by one. After every `bears` of them in a row
    /// none is looked at for `pause`, then for twice as long, and so on; until
    /// when, if it is so now.
    pub async fn count_code(
        &self,
        user: UserId,
        now: Millis,
        bears: i64,
        pause: i64,
    ) -> Result<Option<Millis>, StoreError> {
        self.write(move |tx| match count_try(tx, user, now)? {
            Some(row) => {
                if row.failures % bears == 0 {
                    let rounds = (row.failures / bears).min(LONGEST);
                    lock_until(tx, user, Millis(now.0 + rounds * pause))?;
                }
                Ok(None)
            }
            None => Ok(tries(tx, user)?.map(|row| row.locked_until)),
        })
        .await
    }

    /// False: this step, or a later one, was used before.
    pub async fn use_totp_step(&self, user: UserId, step: i64) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(take_step(tx, user, step)? > 0))
            .await
    }

    /// False: there is none, or it was used.
    pub async fn use_recovery_code(
        &self,
        user: UserId,
        code_hash: [u8; 32],
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let used = take_recovery_code(tx, user, &code_hash)? > 0;
            if used {
                forgive(tx, user)?;
            }
            Ok(used)
        })
        .await
    }

    pub async fn replace_recovery_codes(
        &self,
        user: UserId,
        codes: Vec<[u8; 32]>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| Ok(replace(tx, user, &codes)?)).await
    }

    pub async fn recovery_codes(&self, user: UserId) -> Result<usize, StoreError> {
        let left = self.read(move |tx| recovery_codes_left(tx, user)).await?;
        Ok(left.map_or(0, |row| usize::try_from(row.count).unwrap_or(0)))
    }

    /// False: there was none.
    pub async fn remove_totp(&self, user: UserId, notes: Vec<Note>) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let removed = remove(tx, user)?;
            if removed {
                audit::insert_all(tx, &notes)?;
            }
            Ok(removed)
        })
        .await
    }
}

pub(crate) fn remove(tx: &mut Tx<'_>, user: UserId) -> Result<bool, Failure> {
    delete_recovery_codes(tx, user)?;
    Ok(delete_totp(tx, user)? > 0)
}

fn replace(tx: &mut Tx<'_>, user: UserId, codes: &[[u8; 32]]) -> Result<(), Failure> {
    delete_recovery_codes(tx, user)?;
    for code in codes {
        insert_recovery_code(tx, user, code)?;
    }
    Ok(())
}
