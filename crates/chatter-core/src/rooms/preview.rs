//! Shows with a message what its link leads to, or no longer.

use std::sync::Arc;

use chatter_protocol::{Deed, Event, Fact, Preview, RoomId, Seq};
use chatter_store::{AppendError, Guards};
use tracing::debug;

use super::access::{self, Act};
use super::lobby::SYSTEM;
use super::{RoomError, look};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Shows it, unless the message was deleted, edited or archived since someone
/// went to look. Nobody waits for it, so nobody is told.
pub async fn show_preview(app: &App, room: RoomId, seq: Seq, preview: Preview) {
    let guards = Guards {
        not_archived: true,
        ..Guards::default()
    };
    let fact = Fact::Previewed {
        target: seq,
        preview,
    };
    let append = app.draft(room, SYSTEM, fact, guards);
    if let Err(AppendError::Store(error)) = app.store.append(append).await {
        debug!("a preview could not be stored: {error}");
    }
}

/// Has a message shown without its preview: its author's to say, and
/// moderators'.
pub async fn remove_preview(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
) -> Result<Arc<Event>, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::allowed(app, who, room, Act::Delete).await?;
    let message = look::posted(app, who, room, seq, false).await?;
    let mine = message.author == who.user;
    let act = if mine { Act::Delete } else { Act::DeleteAny };
    if !access::may(app, who, &state, act) {
        return Err(RoomError::not_allowed(
            "only its author or a moderator may remove a preview",
        ));
    }
    let guards = act.guards_of_writing();
    let fact = Fact::PreviewRemoved { target: seq };
    let append = app.draft(room, who.user, fact, guards);
    let deed = Deed::PreviewRemoved {
        message: seq,
        room,
        author: message.author,
    };
    let notes = (!mine)
        .then(|| audit::of(app, who, deed))
        .into_iter()
        .collect();
    match app.store.append_noted(vec![append], notes).await {
        Ok(mut done) => Ok(done.remove(0).event),
        Err(AppendError::NoChange) => Err(RoomError::NoSuchPreview),
        Err(error) => Err(error.into()),
    }
}
