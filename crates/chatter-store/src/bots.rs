//! Programs with accounts of their own, and who answers for them.

use chatter_protocol::{User, UserId};

use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};
use crate::users::{self, NewUser, RegisterError};
use crate::{Note, Store, audit};

row! {
    struct BotRow { id: UserId, bot_owner: Option<UserId> }
}

row! {
    struct Count { count: i64 }
}

queries! {
    fn make_bot(user: UserId, owner: UserId) -> u64 = "
        update users
           set bot_owner = $2
         where id = $1";

    fn living_bots(owner: UserId) -> Option<Count> = "
        select count(*) as count
          from users
         where bot_owner = $1
           and deactivated_at is null";

    fn bots_by_owner(owner: UserId) -> Vec<BotRow> = "
        select id, bot_owner
          from users
         where bot_owner = $1
         order by id";

    fn bot_row(bot: UserId) -> Option<BotRow> = "
        select id, bot_owner
          from users
         where id = $1
           and bot_owner is not null";

    fn all_bots(after: UserId, limit: i64) -> Vec<BotRow> = "
        select id, bot_owner
          from users
         where bot_owner is not null
           and id > $1
         order by id
         limit $2";
}

impl Store {
    /// A bot of `owner`; `None`: they have `most` already.
    pub async fn create_bot(
        &self,
        bot: NewUser,
        owner: UserId,
        most: usize,
        note: Note,
    ) -> Result<Option<User>, RegisterError> {
        self.write(move |tx| {
            users::lock(tx)?;
            let count = living_bots(tx, owner)?.map_or(0, |row| row.count);
            if usize::try_from(count).is_ok_and(|count| count >= most) {
                return Ok(None);
            }
            let id = bot.id;
            users::insert(tx, bot)?;
            make_bot(tx, id, owner)?;
            audit::insert(tx, &note)?;
            Ok(users::find(tx, id)?)
        })
        .await
    }

    /// Who answers for `bot`; `None`: it is none.
    pub async fn bot_owner(&self, bot: UserId) -> Result<Option<UserId>, StoreError> {
        self.read(move |tx| Ok(bot_row(tx, bot)?.and_then(|row| row.bot_owner)))
            .await
    }

    pub async fn bots_of(&self, owner: UserId) -> Result<Vec<(User, UserId)>, StoreError> {
        self.snapshot(move |tx| {
            let rows = bots_by_owner(tx, owner)?;
            with_owners(tx, rows)
        })
        .await
    }

    /// Everyone's.
    pub async fn bots(
        &self,
        after: UserId,
        limit: usize,
    ) -> Result<Vec<(User, UserId)>, StoreError> {
        self.snapshot(move |tx| {
            let rows = all_bots(tx, after, crate::rooms::as_limit(limit))?;
            with_owners(tx, rows)
        })
        .await
    }
}

fn with_owners(tx: &mut Tx<'_>, rows: Vec<BotRow>) -> Result<Vec<(User, UserId)>, Failure> {
    let mut bots = Vec::with_capacity(rows.len());
    for row in rows {
        if let (Some(user), Some(owner)) = (users::find(tx, row.id)?, row.bot_owner) {
            bots.push((user, owner));
        }
    }
    Ok(bots)
}
