//! Keeps someone out of a room, for a time or until it is lifted.
//!
//! The store looks at bans in the transaction of every joining, whoever lets
//! them in; what may be read without belonging there, `access` keeps from them.

use chatter_protocol::frame::CloseReason;
use chatter_protocol::limits::{PAGE_MAX, REASON_CHARS};
use chatter_protocol::moderation::{Ban, RoomBan};
use chatter_protocol::{Deed, Fact, RoomId, RoomRole, UserId};
use chatter_store::{AppendError, Guards};

use super::RoomError;
use super::access::{self, Act};
use super::lobby::SYSTEM;
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text::{self, TextError};

/// Ends their membership and keeps them from coming back. Their sockets end,
/// and come back without the room.
pub async fn ban(
    app: &App,
    who: &Principal,
    room: RoomId,
    user: UserId,
    asked: Ban,
) -> Result<RoomBan, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let reason = text::line("reason", &asked.reason, REASON_CHARS, false)?;
    if asked.ends_at.is_some_and(|end| end <= app.now()) {
        return Err(TextError::wrong("ends_at", "the ban would be over already").into());
    }
    let state = access::allowed(app, who, room, Act::Remove).await?;
    access::not_direct(&state)?;
    if user == who.user {
        return Err(RoomError::not_allowed("nobody bans themselves"));
    }
    if user == SYSTEM || app.store.user(user).await?.is_none() {
        return Err(RoomError::NoSuchUser);
    }
    let member = app.store.membership(room, user).await?;
    let theirs = member.map(|member| member.role);
    if theirs == Some(RoomRole::Owner) && state.role != Some(RoomRole::Owner) {
        return Err(RoomError::not_allowed("only an owner bans an owner"));
    }
    let ban = RoomBan {
        user,
        reason: reason.clone(),
        by: who.user,
        at: app.now(),
        ends_at: asked.ends_at,
    };
    let leave = theirs.map(|theirs| {
        let guards = Guards {
            keeps_an_owner: theirs == RoomRole::Owner,
            ..Act::Remove.guards()
        };
        app.draft(room, who.user, Fact::Left { user }, guards)
    });
    let ends_at = asked.ends_at;
    let deed = Deed::RoomBanned {
        user,
        room,
        ends_at,
    };
    let note = audit::of(app, who, deed).because(Some(reason));
    let done = app
        .store
        .ban_from_room(room, ban.clone(), leave, note.clone());
    match done.await {
        Ok(()) => {}
        // They left a moment ago.
        Err(AppendError::NotAMember) => {
            let done = app.store.ban_from_room(room, ban.clone(), None, note);
            done.await?;
        }
        Err(error) => return Err(error.into()),
    }
    // Whoever looked on without belonging there has no membership to end.
    app.hub.close_user(user, CloseReason::Restart);
    Ok(ban)
}

pub async fn unban(
    app: &App,
    who: &Principal,
    room: RoomId,
    user: UserId,
) -> Result<(), RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    access::allowed(app, who, room, Act::Remove).await?;
    let note = audit::of(app, who, Deed::RoomUnbanned { user, room });
    let lifted = app.store.unban_from_room(room, user, app.now(), note);
    if !lifted.await? {
        return Err(RoomError::NoSuchBan);
    }
    Ok(())
}

/// Who is banned now, by id, from after `after`.
pub async fn bans(
    app: &App,
    who: &Principal,
    room: RoomId,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<RoomBan>, RoomError> {
    access::allowed(app, who, room, Act::Remove).await?;
    let limit = limit.clamp(1, PAGE_MAX);
    Ok(app.store.room_bans(room, after, app.now(), limit).await?)
}
