//! Says something.

use std::sync::Arc;

use chatter_protocol::{Event, Fact, Key, RoomId, RoomKind, ServerRole};
use chatter_store::{Append, AppendError, Appended, Guards};

use super::{RoomError, access};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// Says `text` in `room`: durable first, then heard. The only way in, for
/// sockets, REST, the simple door and jobs alike.
///
/// Nothing is awaited before the append is queued, so posts that arrive in
/// order on one socket are stored in that order.
pub async fn post(
    app: &App,
    who: &Principal,
    room: RoomId,
    key: Key,
    text: String,
) -> Result<Arc<Event>, RoomError> {
    text::message_text(&text)?;
    app.rates.check(Rate::Post, Who::User(who.user))?;
    let append = Append {
        key: Some(key),
        ..app.draft(room, who.user, Fact::Posted { text }, guards(who))
    };
    match app.store.append(append).await {
        Ok(Appended { event, .. }) => Ok(event),
        Err(error) => Err(explain(app, who, room, error).await),
    }
}

/// Checked inside the transaction: a member at the moment of the append.
/// Guests belong to no room; they speak in open ones, where guests are allowed.
fn guards(who: &Principal) -> Guards {
    let guest = who.role == ServerRole::Guest;
    Guards {
        author_is_member: !guest,
        room_is_open: guest,
        not_archived: true,
        ..Guards::default()
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
