//! Who is here, and who types.

use chatter_protocol::rest::Presence;
use chatter_protocol::{RoomId, RoomKind};

use super::{RoomError, access};
use crate::accounts::preferences;
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Tells the room that `who` is typing.
pub async fn typing(app: &App, who: &Principal, room: RoomId) -> Result<(), RoomError> {
    app.rates.check(Rate::Typing, Who::User(who.user))?;
    let state = access::seen(app, who, room).await?;
    let visits = who.is_guest() && state.room.kind == RoomKind::Open;
    if state.role.is_none() && !visits {
        return Err(RoomError::NotAMember);
    }
    if state.room.archived {
        return Err(RoomError::Archived);
    }
    // Who does not want to be seen is answered like everyone.
    if preferences::shows_typing(app, who.user).await? {
        app.hub.typing(room, who.user);
    }
    Ok(())
}

pub async fn presence(app: &App, who: &Principal, room: RoomId) -> Result<Presence, RoomError> {
    access::seen(app, who, room).await?;
    Ok(app.hub.presence(room))
}
