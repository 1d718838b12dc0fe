//! Leaves a tombstone where a message was.

use std::sync::Arc;

use chatter_protocol::{Deed, Event, Fact, Key, RoomId, Seq};
use chatter_store::{Append, Guards};

use super::RoomError;
use super::access::{self, Act};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Authors delete their own messages, moderators anyone's. The text leaves the
/// log as well.
pub async fn delete(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    key: Option<Key>,
) -> Result<Arc<Event>, RoomError> {
    app.rates.check(Rate::Post, Who::User(who.user))?;
    let state = access::allowed(app, who, room, Act::Post).await?;
    let message = super::look::posted(app, who, room, seq, key.is_some()).await?;
    let mine = message.author == who.user;
    if !mine && !state.role.is_some_and(|role| Act::DeleteAny.is_for(role)) {
        return Err(RoomError::not_allowed(
            "only its author or a moderator may delete a message",
        ));
    }
    let guards = Guards {
        author_is_member: true,
        not_archived: true,
        ..Guards::default()
    };
    let append = Append {
        key,
        ..app.draft(room, who.user, Fact::Deleted { target: seq }, guards)
    };
    if mine {
        return Ok(app.store.append(append).await?.event);
    }
    let deed = Deed::MessageDeleted {
        message: seq,
        room,
        author: message.author,
    };
    let note = audit::of(app, who, deed);
    let mut done = app.store.append_noted(vec![append], vec![note]).await?;
    Ok(done.remove(0).event)
}
