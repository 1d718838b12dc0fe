//! What people chose for themselves, and nobody else sees.

use chatter_protocol::event::Millis;
use chatter_protocol::{Preferences, PresenceMode, RoomId, UserId};

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};

/// What is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct PreferencesChange {
    /// With the time it ends at.
    pub presence: Option<(PresenceMode, Option<Millis>)>,
    pub share_receipts: Option<bool>,
    pub share_typing: Option<bool>,
}

row! {
    struct PreferencesRow {
        presence: PresenceMode,
        presence_until: Option<Millis>,
        share_receipts: i64,
        share_typing: i64,
        preferences_rev: i64,
    }
}

row! {
    struct Who { id: UserId }
}

queries! {
    fn preferences_row(user: UserId) -> Option<PreferencesRow> = "
        select presence, presence_until, share_receipts, share_typing, preferences_rev
          from users
         where id = $1";

    fn withheld_in(room: RoomId, now: Millis) -> Vec<Who> = "
        select u.id
          from memberships m
          join users u on u.id = m.user_id
         where m.room_id = $1
           and (u.share_receipts = 0
                or (u.presence = 'invisible'
                    and (u.presence_until is null or u.presence_until > $2)))";

    /// Counts the change first, which also keeps others out until it is done.
    fn count_change(user: UserId) -> u64 = "
        update users
           set preferences_rev = preferences_rev + 1
         where id = $1";

    fn update_presence(user: UserId, presence: PresenceMode, until: Option<Millis>) -> u64 = "
        update users
           set presence = $2,
               presence_until = $3
         where id = $1";

    fn update_share_receipts(user: UserId, share: i64) -> u64 = "
        update users
           set share_receipts = $2
         where id = $1";

    fn update_share_typing(user: UserId, share: i64) -> u64 = "
        update users
           set share_typing = $2
         where id = $1";

    fn a_presence_is_over(now: Millis) -> bool = "
        select id as found
          from users
         where presence_until <= $1
         limit 1";

    fn end_presences(now: Millis) -> Vec<Who> = "
        update users
           set presence = 'automatic',
               presence_until = null,
               preferences_rev = preferences_rev + 1
         where presence_until <= $1
        returning id";
}

impl Store {
    /// `None`: there is no such user.
    pub async fn preferences(&self, user: UserId) -> Result<Option<Preferences>, StoreError> {
        self.read(move |tx| find(tx, user)).await
    }

    /// Members of `room` whose receipts are not for others to see.
    pub async fn receipts_withheld(
        &self,
        room: RoomId,
        now: Millis,
    ) -> Result<Vec<UserId>, StoreError> {
        self.read(move |tx| {
            let rows = withheld_in(tx, room, now)?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        })
        .await
    }

    pub async fn change_preferences(
        &self,
        user: UserId,
        change: PreferencesChange,
    ) -> Result<Option<Preferences>, StoreError> {
        self.write(move |tx| {
            count_change(tx, user)?;
            if let Some((presence, until)) = change.presence {
                update_presence(tx, user, presence, until)?;
            }
            if let Some(share) = change.share_receipts {
                update_share_receipts(tx, user, i64::from(share))?;
            }
            if let Some(share) = change.share_typing {
                update_share_typing(tx, user, i64::from(share))?;
            }
            Ok(find(tx, user)?)
        })
        .await
    }

    /// Makes every mode automatic whose time is over; whose they were.
    pub async fn end_presences(
        &self,
        now: Millis,
    ) -> Result<Vec<(UserId, Preferences)>, StoreError> {
        // Nearly always there is none: no write for that.
        if !self.read(move |tx| a_presence_is_over(tx, now)).await? {
            return Ok(Vec::new());
        }
        self.write(move |tx| {
            let mut changed = Vec::new();
            for over in end_presences(tx, now)? {
                changed.extend(find(tx, over.id)?.map(|now| (over.id, now)));
            }
            Ok(changed)
        })
        .await
    }
}

pub(crate) fn find(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Preferences>, Failure> {
    let row = preferences_row(tx, user)?;
    Ok(row.map(|row| Preferences {
        presence: row.presence,
        presence_until: row.presence_until,
        share_receipts: row.share_receipts != 0,
        share_typing: row.share_typing != 0,
        rev: row.preferences_rev,
    }))
}
