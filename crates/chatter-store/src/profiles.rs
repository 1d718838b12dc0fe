//! What people say of themselves.

use chatter_protocol::event::Millis;
use chatter_protocol::{Status, User, UserId};

use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};
use crate::{Store, users};

/// What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// With its key, see [`crate::name_key`].
    pub name: Option<(String, String)>,
    pub initials: Option<String>,
    pub about: Option<String>,
    pub title: Option<String>,
    pub pronouns: Option<String>,
    pub time_zone: Option<String>,
    /// An empty one takes it back.
    pub status: Option<Status>,
}

row! {
    struct Over { id: UserId }
}

queries! {
    fn update_name(user: UserId, name: &str, name_key: &str) -> u64 = "
        update users
           set name = $2,
               name_key = $3
         where id = $1";

    fn update_initials(user: UserId, initials: &str) -> u64 = "
        update users
           set initials = $2
         where id = $1";

    fn update_about(user: UserId, about: &str) -> u64 = "
        update users
           set about = $2
         where id = $1";

    fn update_title(user: UserId, title: &str) -> u64 = "
        update users
           set title = $2
         where id = $1";

    fn update_pronouns(user: UserId, pronouns: &str) -> u64 = "
        update users
           set pronouns = $2
         where id = $1";

    fn update_time_zone(user: UserId, time_zone: &str) -> u64 = "
        update users
           set time_zone = $2
         where id = $1";

    fn update_status(user: UserId, text: &str, emoji: &str, until: Option<Millis>) -> u64 = "
        update users
           set status_text = $2,
               status_emoji = $3,
               status_until = $4
         where id = $1";

    fn a_status_is_over(now: Millis) -> bool = "
        select id as found
          from users
         where status_until <= $1
         limit 1";

    fn end_statuses(now: Millis) -> Vec<Over> = "
        update users
           set status_text = '',
               status_emoji = '',
               status_until = null
         where status_until <= $1
        returning id";
}

pub(crate) fn rename(tx: &mut Tx<'_>, user: UserId, name: &str, key: &str) -> Result<(), Failure> {
    update_name(tx, user, name, key)?;
    Ok(())
}

impl Store {
    pub async fn change_profile(
        &self,
        user: UserId,
        change: ProfileChange,
    ) -> Result<Option<User>, StoreError> {
        self.write(move |tx| {
            if let Some((name, key)) = change.name {
                update_name(tx, user, &name, &key)?;
            }
            if let Some(initials) = change.initials {
                update_initials(tx, user, &initials)?;
            }
            if let Some(about) = change.about {
                update_about(tx, user, &about)?;
            }
            if let Some(title) = change.title {
                update_title(tx, user, &title)?;
            }
            if let Some(pronouns) = change.pronouns {
                update_pronouns(tx, user, &pronouns)?;
            }
            if let Some(zone) = change.time_zone {
                update_time_zone(tx, user, &zone)?;
            }
            if let Some(status) = change.status {
                update_status(tx, user, &status.text, &status.emoji, status.until)?;
            }
            Ok(users::find(tx, user)?)
        })
        .await
    }

    /// Takes back every status whose time is over; whose they were.
    pub async fn end_statuses(&self, now: Millis) -> Result<Vec<User>, StoreError> {
        // Nearly always there is none: no write for that.
        if !self.read(move |tx| a_status_is_over(tx, now)).await? {
            return Ok(Vec::new());
        }
        self.write(move |tx| {
            let mut changed = Vec::new();
            for over in end_statuses(tx, now)? {
                changed.extend(users::find(tx, over.id)?);
            }
            Ok(changed)
        })
        .await
    }
}
