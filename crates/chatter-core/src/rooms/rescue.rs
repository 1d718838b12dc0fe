//! What admins of the server may do about rooms that they do not belong to:
//! put one away or bring it back, and take over an open one that nobody owns.
//!
//! Nothing said there becomes theirs to read by it.

use chatter_protocol::{Deed, Fact, RoomId, RoomKind, RoomRole, RoomState};
use chatter_store::Guards;

use super::RoomError;
use super::access::{self, Act};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Archives or restores a room, as its owner or as an admin of the server.
pub async fn put_archived(
    app: &App,
    who: &Principal,
    room: RoomId,
    archived: bool,
) -> Result<(), RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let (found, guards) = if who.is_admin() {
        let found = app.store.room(room).await?;
        let found = found.filter(|room| room.kind != RoomKind::Direct);
        (found.ok_or(RoomError::NoSuchRoom)?, Guards::default())
    } else {
        let state = access::allowed(app, who, room, Act::Archive).await?;
        access::not_direct(&state)?;
        (state.room, Act::Archive.guards())
    };
    if found.archived == archived {
        return Ok(());
    }
    let (fact, deed) = if archived {
        (Fact::Archived, Deed::RoomArchived { room })
    } else {
        (Fact::Restored, Deed::RoomRestored { room })
    };
    let set = vec![app.draft(room, who.user, fact, guards)];
    let note = audit::of(app, who, deed);
    app.store.append_noted(set, vec![note]).await?;
    Ok(())
}

/// Makes an admin of the server the owner of an open room that has none.
pub async fn take_over(app: &App, who: &Principal, room: RoomId) -> Result<RoomState, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::seen(app, who, room).await?;
    if !who.is_admin() {
        return Err(RoomError::not_allowed(
            "only owners and admins of the server take rooms over",
        ));
    }
    let (user, role) = (who.user, RoomRole::Owner);
    let fact = if state.role.is_some() {
        Fact::RoleChanged { user, role }
    } else {
        access::has_place_for_a_room(app, user).await?;
        Fact::Joined { user, role }
    };
    let guards = Guards {
        room_is_open: true,
        has_no_owner: true,
        ..Guards::default()
    };
    let set = vec![app.draft(room, user, fact, guards)];
    let note = audit::of(app, who, Deed::RoomTakenOver { room });
    app.store.append_noted(set, vec![note]).await?;
    access::seen(app, who, room).await
}
