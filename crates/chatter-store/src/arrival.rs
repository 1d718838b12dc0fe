//! What a connection needs to know when it opens, in one read.

use chatter_protocol::{Millis, Preferences, RoomState, SessionId, User, UserId};

use crate::Store;
use crate::error::StoreError;
use crate::{preferences, rooms, sessions, users};

/// Someone who is signed in, and where they belong.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub me: User,
    pub preferences: Preferences,
    pub rooms: Vec<RoomState>,
}

impl Store {
    /// `None`: the session has ended.
    pub async fn arrival(
        &self,
        user: UserId,
        session: SessionId,
        now: Millis,
    ) -> Result<Option<Arrival>, StoreError> {
        self.snapshot(move |tx| {
            if !sessions::session_is_live(tx, user, session, now)? {
                return Ok(None);
            }
            let Some(me) = users::find(tx, user)? else {
                return Ok(None);
            };
            let preferences = preferences::find(tx, user)?.unwrap_or_default();
            let rooms = rooms::states_of(tx, user)?;
            Ok(Some(Arrival {
                me: me.at(now),
                preferences: preferences.at(now),
                rooms,
            }))
        })
        .await
    }
}
