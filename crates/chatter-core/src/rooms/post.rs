//! Says something.

use std::sync::Arc;

use chatter_protocol::post::Post;
use chatter_protocol::{Draft, Event, Fact, Key, RoomId, RoomKind};
use chatter_store::{Append, AppendError, Appended, Guards};
use tokio::sync::Mutex;

use super::access::{self, Act};
use super::lobby::SYSTEM;
use super::{RoomError, compose, concern};
use crate::app::App;
use crate::files::attach;
use crate::moderation::{self, Saying};
use crate::personal::keywords;
use crate::previews;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Keeps what one socket posts in the order it came, though some of it has to
/// be looked up first.
#[derive(Default, Clone)]
pub struct Turn(Arc<Mutex<()>>);

/// Says something in `room`: durable first, then heard. The only way in, for
/// sockets, REST, the simple door and jobs alike.
pub async fn post(
    app: &App,
    who: &Principal,
    room: RoomId,
    key: Key,
    draft: Draft,
) -> Result<Arc<Event>, RoomError> {
    post_in_turn(app, who, &Turn::default(), room, key, draft).await
}

/// The same, after everything that had its `turn` before is on its way to the
/// log.
pub async fn post_in_turn(
    app: &App,
    who: &Principal,
    turn: &Turn,
    room: RoomId,
    key: Key,
    draft: Draft,
) -> Result<Arc<Event>, RoomError> {
    let mine = turn.0.lock().await;
    app.rates.check(Rate::Post, Who::User(who.user))?;
    if let (true, Some(address)) = (who.is_guest(), who.from) {
        // Names are soon made up; addresses are not.
        app.rates.check(Rate::GuestPost, Who::Address(address))?;
    }
    let files = draft.files.clone();
    let (mut post, mut meant) = compose::compose(app, who, room, draft).await?;
    keywords::concern(app, room, who.user, &post.text, &mut meant).await?;
    let guards = guards(who, act(&post));
    let people = meant.clone();
    let saying = Saying {
        text: &post.text,
        options: post.poll.as_ref().map_or(&[], |poll| &poll.options),
        is_new: true,
    };
    let reported = moderation::may_be_said(app, who, room, &saying).await?;
    post.attachments = attach(app, who, room, &key, &files).await?;
    let append = Append {
        key: Some(key),
        meant,
        ..app.draft(room, who.user, Fact::Posted(post), guards)
    };
    let stored = app.store.queue(append)?;
    drop(mine);
    match stored.await {
        Ok(Appended { event, fresh }) => {
            if fresh {
                concern::tell(app, &event, &people).await;
            }
            if fresh && reported {
                moderation::report(app, who, room, event.seq).await;
            }
            if fresh && let Fact::Posted(post) = &event.fact {
                previews::offer(app, (room, event.seq), &post.text, None);
            }
            Ok(event)
        }
        Err(error) => Err(explain(app, who, room, error).await),
    }
}

/// Chatter itself says `text`, as a schedule has it: in any room that is not
/// archived, and the same key says it once.
pub(crate) async fn post_by_itself(
    app: &App,
    room: RoomId,
    key: Key,
    text: String,
) -> Result<Arc<Event>, RoomError> {
    let guards = Guards {
        not_archived: true,
        ..Guards::default()
    };
    let append = Append {
        key: Some(key),
        ..app.draft(room, SYSTEM, Fact::said(text), guards)
    };
    Ok(app.store.append(append).await?.event)
}

/// Whether `who` could post `draft` in `room` now: for what is to be posted
/// later, when all of this is asked again.
pub async fn may_post(
    app: &App,
    who: &Principal,
    room: RoomId,
    draft: Draft,
) -> Result<(), RoomError> {
    let state = access::seen(app, who, room).await?;
    let (post, _) = compose::compose(app, who, room, draft).await?;
    access::check(app, who, &state, act(&post))?;
    if state.room.archived {
        return Err(RoomError::Archived);
    }
    Ok(())
}

fn act(post: &Post) -> Act {
    match (post.thread, post.also_in_room) {
        (None, _) => Act::Post,
        (Some(_), false) => Act::Reply,
        (Some(_), true) => Act::ReplyInRoom,
    }
}

/// Checked inside the transaction: who may post at the moment of the append.
/// Guests speak in open rooms whether or not they belong there, and nowhere
/// else: their membership is worth no more than their name.
fn guards(who: &Principal, act: Act) -> Guards {
    let guest = who.is_guest_by_name();
    Guards {
        visitors: guest,
        room_is_open: guest,
        ..act.guards_of_writing()
    }
}

/// Outsiders learn no more than that there is no such room for them.
async fn explain(app: &App, who: &Principal, room: RoomId, error: AppendError) -> RoomError {
    match error {
        AppendError::NotAMember => match access::seen(app, who, room).await {
            Ok(state) if state.room.kind == RoomKind::Open => RoomError::NotAMember,
            Ok(_) => RoomError::NoSuchRoom,
            Err(error) => error,
        },
        other => other.into(),
    }
}
