//! Adds people to a room, changes what they may do there, removes them.

use chatter_protocol::limits::REASON_CHARS;
use chatter_protocol::{Deed, Fact, RoomId, RoomRole, RoomState, UserId};
use chatter_store::{AppendError, Guards};

use super::RoomError;
use super::access::{self, Act};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

const ONLY_OWNERS: &str = "only an owner of the room gives roles";

/// Makes `user` a member with `role`, or changes the role they have.
pub async fn put_member(
    app: &App,
    who: &Principal,
    room: RoomId,
    user: UserId,
    role: RoomRole,
) -> Result<(), RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::seen(app, who, room).await?;
    if state.role.is_none() {
        return Err(RoomError::NotAMember);
    }
    access::not_direct(&state)?;
    // Asked first: who belongs here is not for everyone to find out, by asking
    // for what is so already either. Who gives roles adds people, too.
    access::check(app, who, &state, Act::Invite)?;
    match app.store.membership(room, user).await? {
        Some(member) if member.role == role => Ok(()),
        Some(member) => set_role(app, who, &state, user, member.role, role).await,
        None => {
            // A guest of a room can be added by whoever adds people; more than
            // a member is for those to make who give roles.
            let act = if RoomRole::Member.includes(role) {
                Act::Invite
            } else {
                Act::SetRole
            };
            if !access::may(app, who, &state, act) {
                return Err(RoomError::not_allowed(ONLY_OWNERS));
            }
            add(app, who, room, user, role, act).await
        }
    }
}

async fn add(
    app: &App,
    who: &Principal,
    room: RoomId,
    user: UserId,
    role: RoomRole,
    act: Act,
) -> Result<(), RoomError> {
    let found = app.store.user(user).await?;
    let fit = found.is_some_and(|user| !user.deactivated && user.handle.is_some());
    if !fit {
        return Err(RoomError::NoSuchUser);
    }
    access::has_place_for_a_room(app, user).await?;
    let guards = act.guards_of_writing();
    let fact = Fact::Joined { user, role };
    match app
        .store
        .append(app.draft(room, who.user, fact, guards))
        .await
    {
        Ok(_) | Err(AppendError::AlreadyMember) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn set_role(
    app: &App,
    who: &Principal,
    state: &RoomState,
    user: UserId,
    from: RoomRole,
    to: RoomRole,
) -> Result<(), RoomError> {
    if !access::may(app, who, state, Act::SetRole) {
        return Err(RoomError::not_allowed(ONLY_OWNERS));
    }
    let guards = Guards {
        keeps_an_owner: from == RoomRole::Owner,
        ..Act::SetRole.guards()
    };
    let room = state.room.id;
    let fact = Fact::RoleChanged { user, role: to };
    let deed = Deed::MemberRoleChanged {
        user,
        room,
        old: from,
        new: to,
    };
    let append = app.draft(room, who.user, fact, guards);
    let note = audit::of(app, who, deed);
    app.store.append_noted(vec![append], vec![note]).await?;
    Ok(())
}

/// Ends someone else's membership: their open sockets hear nothing that is
/// done after this is answered.
pub async fn remove_member(
    app: &App,
    who: &Principal,
    room: RoomId,
    user: UserId,
    reason: Option<&str>,
) -> Result<(), RoomError> {
    if user == who.user {
        return super::leave(app, who, room).await;
    }
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let reason = reason.map(|reason| text::line("reason", reason, REASON_CHARS, true));
    let reason = reason.transpose()?;
    let state = access::allowed(app, who, room, Act::Remove).await?;
    access::not_direct(&state)?;
    let member = app.store.membership(room, user).await?;
    let theirs = member.ok_or(RoomError::NoSuchUser)?.role;
    if theirs == RoomRole::Owner && state.role != Some(RoomRole::Owner) {
        return Err(RoomError::not_allowed("only an owner removes an owner"));
    }
    let guards = Guards {
        keeps_an_owner: theirs == RoomRole::Owner,
        ..Act::Remove.guards()
    };
    let append = app.draft(room, who.user, Fact::Left { user }, guards);
    let note = audit::of(app, who, Deed::MemberRemoved { user, room }).because(reason);
    match app.store.append_noted(vec![append], vec![note]).await {
        Ok(_) => Ok(()),
        Err(AppendError::NotAMember) => Err(RoomError::NoSuchUser),
        Err(error) => Err(error.into()),
    }
}
