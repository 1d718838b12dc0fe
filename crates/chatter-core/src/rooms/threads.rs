//! Threads: what is said about one message, who hears of it, and how far they
//! have read.

use chatter_protocol::limits::PAGE_MAX;
use chatter_protocol::rooms::Thread;
use chatter_protocol::{Event, Fact, Millis, Page, RoomId, Seq, ServerFrame, UserId};
use chatter_store::{At, StoreError};

use super::{RoomError, access, look};
use crate::app::App;
use crate::hub::tail::encode_frame;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// A page of the thread that begins at `root`, without its first message.
pub async fn thread_page(
    app: &App,
    who: &Principal,
    room: RoomId,
    root: Seq,
    at: At,
    limit: usize,
) -> Result<Page, RoomError> {
    access::seen(app, who, room).await?;
    look::posted(app, who, room, root, true).await?;
    let limit = limit.clamp(1, PAGE_MAX);
    Ok(app
        .store
        .thread_page(room, root, who.user, at, limit)
        .await?)
}

/// Where I stand in a thread.
pub async fn thread(
    app: &App,
    who: &Principal,
    room: RoomId,
    root: Seq,
) -> Result<Thread, RoomError> {
    let message = begun(app, who, room, root).await?;
    match app.store.thread_place(room, root, who.user).await? {
        Some(place) => Ok(place),
        None => Ok(message),
    }
}

/// The thread as nobody in particular stands in it; there must be one.
async fn begun(app: &App, who: &Principal, room: RoomId, root: Seq) -> Result<Thread, RoomError> {
    access::seen(app, who, room).await?;
    let message = look::posted(app, who, room, root, true).await?;
    let replies = message.replies.ok_or(RoomError::NoSuchMessage)?;
    Ok(Thread {
        room,
        thread: root,
        follows: false,
        read: Seq::ZERO,
        unread: 0,
        mentions: 0,
        last: replies.last,
        last_at: replies.last_at,
    })
}

/// The threads I follow, by when they were last written in, the newest first.
pub async fn threads(
    app: &App,
    who: &Principal,
    unread_only: bool,
    before: Option<Millis>,
    limit: usize,
) -> Result<Vec<Thread>, RoomError> {
    let limit = limit.clamp(1, PAGE_MAX);
    let found = app
        .store
        .threads_followed(who.user, unread_only, before, limit);
    Ok(found.await?)
}

/// To hear of a thread, or not. Members only: whoever leaves the room hears
/// nothing of its threads.
pub async fn follow_thread(
    app: &App,
    who: &Principal,
    room: RoomId,
    root: Seq,
    follows: bool,
) -> Result<Thread, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    belongs(app, who, room, root).await?;
    let place = app.store.follow_thread(room, root, who.user, follows);
    told(app, who.user, place.await?)
}

/// Moves one's receipt in a thread to `seq`; never back. Whoever does not
/// follow it has none.
pub async fn read_thread(
    app: &App,
    who: &Principal,
    room: RoomId,
    root: Seq,
    seq: Seq,
) -> Result<Thread, RoomError> {
    belongs(app, who, room, root).await?;
    match app
        .store
        .mark_thread_read(room, root, who.user, seq)
        .await?
    {
        Some(place) => told(app, who.user, Some(place)),
        None => thread(app, who, room, root).await,
    }
}

async fn belongs(app: &App, who: &Principal, room: RoomId, root: Seq) -> Result<(), RoomError> {
    begun(app, who, room, root).await?;
    if app.store.membership(room, who.user).await?.is_none() {
        return Err(RoomError::NotAMember);
    }
    Ok(())
}

fn told(app: &App, user: UserId, place: Option<Thread>) -> Result<Thread, RoomError> {
    let place = place.ok_or(RoomError::NoSuchMessage)?;
    tell(app, user, &place);
    Ok(place)
}

fn tell(app: &App, user: UserId, place: &Thread) {
    let about = format!("thread {} {}", place.room, place.thread);
    app.hub.note(
        user,
        &about,
        &encode_frame(&ServerFrame::Thread(place.clone())),
    );
}

/// After a reply: whoever follows the thread and is connected here hears where
/// they stand now.
pub(super) async fn tell_followers(app: &App, event: &Event) -> Result<(), StoreError> {
    let Fact::Posted(post) = &event.fact else {
        return Ok(());
    };
    let Some(root) = post.thread else {
        return Ok(());
    };
    for user in app.store.thread_followers(event.room, root).await? {
        if app.hub.connections_of(user) == 0 {
            continue;
        }
        if let Some(place) = app.store.thread_place(event.room, root, user).await? {
            tell(app, user, &place);
        }
    }
    Ok(())
}
