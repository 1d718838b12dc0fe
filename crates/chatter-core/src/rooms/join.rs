//! Enters an open room.

use chatter_protocol::{Fact, RoomId, RoomKind, RoomRole, RoomState};
use chatter_store::{AppendError, Guards};

use super::{RoomError, access};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Makes `who` a member. Joining a room one belongs to changes nothing.
pub async fn join(app: &App, who: &Principal, room: RoomId) -> Result<RoomState, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::seen(app, who, room).await?;
    if state.role.is_some() {
        // An earlier join may have been stored without our learning of it.
        app.hub.gained(who.user, room);
        return Ok(state);
    }
    if who.is_guest() {
        return Err(RoomError::not_allowed(
            "guests visit rooms, they do not join",
        ));
    }
    access::has_place_for_a_room(app, who.user).await?;
    // Whoever is seen without a role is seen because the room is open; that it
    // still is, the guard checks.
    debug_assert_eq!(state.room.kind, RoomKind::Open);
    let fact = Fact::Joined {
        user: who.user,
        role: RoomRole::Member,
    };
    let guards = Guards {
        room_is_open: true,
        not_archived: true,
        ..Guards::default()
    };
    match app
        .store
        .append(app.draft(room, who.user, fact, guards))
        .await
    {
        Ok(_) | Err(AppendError::AlreadyMember) => access::seen(app, who, room).await,
        Err(error) => Err(error.into()),
    }
}
