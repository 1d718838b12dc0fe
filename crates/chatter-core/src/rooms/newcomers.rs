//! Says which open rooms newcomers are brought to, the lobby apart.

use chatter_protocol::limits::NEWCOMER_ROOMS;
use chatter_protocol::{Deed, RoomId, RoomKind, RoomState};

use super::{RoomError, access};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// For admins of the server. Whoever is here already stays where they are.
pub async fn set_newcomers(
    app: &App,
    who: &Principal,
    room: RoomId,
    newcomers: bool,
) -> Result<RoomState, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::seen(app, who, room).await?;
    if !who.is_admin() {
        return Err(RoomError::not_allowed(
            "only owners and admins of the server choose where newcomers go",
        ));
    }
    if state.room.kind != RoomKind::Open {
        return Err(RoomError::WrongKind);
    }
    if state.room.newcomers == newcomers {
        return Ok(state);
    }
    let chosen = app.store.newcomer_rooms(NEWCOMER_ROOMS).await?;
    if newcomers && chosen.len() >= NEWCOMER_ROOMS {
        return Err(RoomError::TooMany(format!(
            "newcomers are brought to {NEWCOMER_ROOMS} rooms at most"
        )));
    }
    let deed = Deed::RoomNewcomersChanged { room, newcomers };
    let note = audit::of(app, who, deed);
    if !app.store.set_newcomers(room, newcomers, note).await? {
        return Err(RoomError::WrongKind);
    }
    access::seen(app, who, room).await
}
