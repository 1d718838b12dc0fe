//! Leaves a tombstone where a message was.

use std::sync::Arc;

use chatter_protocol::limits::REASON_CHARS;
use chatter_protocol::{Deed, Event, Fact, Key, RoomId, Seq};
use chatter_store::Append;

use super::RoomError;
use super::access::{self, Act};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// Authors delete their own messages, moderators anyone's, and say why. The text
/// leaves the log as well.
pub async fn delete(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    key: Option<Key>,
    reason: Option<&str>,
) -> Result<Arc<Event>, RoomError> {
    app.rates.check(Rate::Post, Who::User(who.user))?;
    let reason = reason.map(|reason| text::line("reason", reason, REASON_CHARS, true));
    let reason = reason.transpose()?;
    let state = access::allowed(app, who, room, Act::Delete).await?;
    let message = super::look::posted(app, who, room, seq, key.is_some()).await?;
    let act = if message.author == who.user {
        Act::Delete
    } else {
        Act::DeleteAny
    };
    if !access::may(app, who, &state, act) {
        return Err(RoomError::not_allowed(
            "only its author or a moderator may delete a message",
        ));
    }
    let append = Append {
        key,
        ..app.draft(
            room,
            who.user,
            Fact::Deleted { target: seq },
            act.guards_of_writing(),
        )
    };
    if act == Act::Delete {
        return Ok(app.store.append(append).await?.event);
    }
    let deed = Deed::MessageDeleted {
        message: seq,
        room,
        author: message.author,
    };
    let note = audit::of(app, who, deed).because(reason);
    let mut done = app.store.append_noted(vec![append], vec![note]).await?;
    Ok(done.remove(0).event)
}
