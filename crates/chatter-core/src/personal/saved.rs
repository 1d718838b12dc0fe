//! Messages kept at hand.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chatter_protocol::limits::{PAGE_MAX, SAVED};
use chatter_protocol::personal::{KeptList, Saved};
use chatter_protocol::{Fact, RoomId, SavedId, Seq};

use super::PersonalError;
use crate::app::App;
use crate::principal::Principal;
use crate::rooms::{self, RoomError};

/// Keeps the message at `seq` of `room`. Once is as good as twice.
pub async fn save(app: &App, who: &Principal, room: RoomId, seq: Seq) -> Result<(), PersonalError> {
    super::may_change(app, who)?;
    let message = rooms::message(app, who, room, seq).await?;
    if !matches!(message.fact, Fact::Posted(_)) {
        return Err(RoomError::NoSuchMessage.into());
    }
    if message.deleted_by.is_some() {
        return Err(RoomError::AlreadyDeleted.into());
    }
    let id = app.ids.saved();
    let fresh = app
        .store
        .save_message(who.user, id, (room, seq), app.now(), SAVED)
        .await?;
    if fresh {
        super::changed(app, who.user, KeptList::Saved);
    }
    Ok(())
}

/// Whatever was not kept is not kept after this either; so nothing is learnt
/// of a room from the answer.
pub async fn unsave(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
) -> Result<(), PersonalError> {
    super::may_change(app, who)?;
    if app.store.unsave_message(who.user, room, seq).await? {
        super::changed(app, who.user, KeptList::Saved);
    }
    Ok(())
}

/// What I may still read of it, the newest first.
pub async fn list(
    app: &App,
    who: &Principal,
    before: Option<SavedId>,
    limit: usize,
) -> Result<Vec<Saved>, PersonalError> {
    super::has_account(who)?;
    let limit = limit.clamp(1, PAGE_MAX);
    let mut found = app.store.saved_messages(who.user, before, limit).await?;
    // The store has looked at memberships; whether one sees a room is for the
    // rules to say, here as everywhere.
    let mut seen = HashMap::new();
    for saved in &found {
        if let Entry::Vacant(room) = seen.entry(saved.message.room) {
            let is_seen = is_seen(app, who, *room.key()).await?;
            room.insert(is_seen);
        }
    }
    found.retain(|saved| seen.get(&saved.message.room) == Some(&true));
    Ok(found)
}

/// Whether `who` may read `room` now.
pub(super) async fn is_seen(
    app: &App,
    who: &Principal,
    room: RoomId,
) -> Result<bool, PersonalError> {
    match rooms::state(app, who, room).await {
        Ok(_) => Ok(true),
        Err(RoomError::NoSuchRoom) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
