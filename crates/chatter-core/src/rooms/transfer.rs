//! Hands a room over.

use chatter_protocol::{Deed, Fact, RoomId, RoomRole, RoomState, UserId};
use chatter_store::Guards;

use super::RoomError;
use super::access::{self, Act};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Makes `to` an owner and oneself a moderator, both or neither.
pub async fn transfer(
    app: &App,
    who: &Principal,
    room: RoomId,
    to: UserId,
) -> Result<RoomState, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::allowed(app, who, room, Act::Transfer).await?;
    access::not_direct(&state)?;
    if to == who.user {
        return Err(RoomError::invalid("to", "you own this room already"));
    }
    let member = app.store.membership(room, to).await?;
    let was = member.ok_or(RoomError::NoSuchUser)?.role;
    let found = app.store.user(to).await?;
    if !found.is_some_and(|user| !user.deactivated && user.handle.is_some()) {
        return Err(RoomError::NoSuchUser);
    }
    let last = Guards {
        keeps_an_owner: true,
        ..Act::Transfer.guards()
    };
    let changes = [
        (to, was, RoomRole::Owner, Act::Transfer.guards()),
        (who.user, RoomRole::Owner, RoomRole::Moderator, last),
    ];
    let changes = changes.into_iter().filter(|(_, old, new, _)| old != new);
    let (set, notes) = changes
        .map(|(user, old, new, guards)| {
            let fact = Fact::RoleChanged { user, role: new };
            let deed = Deed::MemberRoleChanged {
                user,
                room,
                old,
                new,
            };
            (
                app.draft(room, who.user, fact, guards),
                audit::of(app, who, deed),
            )
        })
        .unzip();
    app.store.append_noted(set, notes).await?;
    access::seen(app, who, room).await
}
