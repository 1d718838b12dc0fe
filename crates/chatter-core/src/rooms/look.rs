//! Reads rooms: every read checks first whether it may.

use chatter_protocol::limits::{PAGE_MAX, RECEIPTS_SHOWN};
use chatter_protocol::rest::Events;
use chatter_protocol::rooms::{Member, Receipt, Version};
use chatter_protocol::{Fact, Message, Millis, Page, RoomId, RoomState, Seq, UserId};
use chatter_store::At;

use super::{RoomError, access};
use crate::accounts::preferences;
use crate::app::App;
use crate::principal::Principal;

/// All rooms I belong to.
pub async fn mine(app: &App, who: &Principal) -> Result<Vec<RoomState>, RoomError> {
    Ok(app.store.rooms_of(who.user).await?)
}

pub async fn state(app: &App, who: &Principal, room: RoomId) -> Result<RoomState, RoomError> {
    access::seen(app, who, room).await
}

pub async fn page(
    app: &App,
    who: &Principal,
    room: RoomId,
    at: At,
    limit: usize,
) -> Result<Page, RoomError> {
    access::seen(app, who, room).await?;
    let limit = limit.clamp(1, PAGE_MAX);
    Ok(app.store.page(room, who.user, at, limit).await?)
}

pub async fn message(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
) -> Result<Message, RoomError> {
    access::seen(app, who, room).await?;
    let message = app.store.message(room, seq, who.user).await?;
    message.ok_or(RoomError::NoSuchMessage)
}

/// What a message said, first and after each edit. Of a tombstone: nothing.
pub async fn versions(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
) -> Result<Vec<Version>, RoomError> {
    access::seen(app, who, room).await?;
    posted(app, who, room, seq, false).await?;
    Ok(app.store.versions(room, seq, PAGE_MAX).await?)
}

/// The first line of a room at or after a moment; the head when there is none.
pub async fn first_since(
    app: &App,
    who: &Principal,
    room: RoomId,
    at: Millis,
) -> Result<Seq, RoomError> {
    let state = access::seen(app, who, room).await?;
    let found = app.store.first_since(room, at).await?;
    Ok(found.unwrap_or(state.room.head))
}

/// The message at `seq`, if something was posted there. What became a tombstone
/// is found only by a `retry`: whether it is one, the store knows by its key.
pub(super) async fn posted(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    retry: bool,
) -> Result<Message, RoomError> {
    match app.store.message(room, seq, who.user).await? {
        Some(message) if message.deleted_by.is_some() && !retry => Err(RoomError::AlreadyDeleted),
        Some(message) if matches!(message.fact, Fact::Posted(_)) => Ok(message),
        _ => Err(RoomError::NoSuchMessage),
    }
}

/// The room's log as it is, after `after`.
pub async fn events(
    app: &App,
    who: &Principal,
    room: RoomId,
    after: Seq,
    limit: usize,
) -> Result<Events, RoomError> {
    let state = access::seen(app, who, room).await?;
    let limit = limit.clamp(1, PAGE_MAX);
    let events = app.store.read_after(room, after, limit).await?;
    let last = events.last().map_or(Seq::ZERO, |event| event.seq);
    Ok(Events {
        log_id: app.store.log_id().to_owned(),
        head: state.room.head.max(last),
        events,
    })
}

pub async fn members(
    app: &App,
    who: &Principal,
    room: RoomId,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<Member>, RoomError> {
    access::seen(app, who, room).await?;
    if who.is_guest() && who.only != Some(room) {
        // They see whoever speaks; who else belongs here is not theirs to list.
        return Err(RoomError::not_allowed("guests cannot list members"));
    }
    let limit = limit.clamp(1, PAGE_MAX);
    Ok(app.store.members(room, after, limit).await?)
}

/// Who has read how far; for members who share it of themselves, and nobody in
/// rooms too large to show it.
pub async fn receipts(app: &App, who: &Principal, room: RoomId) -> Result<Vec<Receipt>, RoomError> {
    let state = access::seen(app, who, room).await?;
    if state.role.is_none() {
        return Err(RoomError::NotAMember);
    }
    if state.room.member_count > RECEIPTS_SHOWN {
        return Ok(Vec::new());
    }
    if !preferences::of(app, who.user).await?.share_receipts {
        return Ok(Vec::new());
    }
    let withheld = app.store.receipts_withheld(room, app.now()).await?;
    let mut receipts = app.store.receipts(room).await?;
    receipts.retain(|receipt| receipt.user == who.user || !withheld.contains(&receipt.user));
    Ok(receipts)
}
