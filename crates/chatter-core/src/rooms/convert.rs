//! Makes a room of a conversation.

use chatter_protocol::limits::ROOM_NAME_CHARS;
use chatter_protocol::{Fact, RoomId, RoomKind, RoomRole, RoomState};

use super::RoomError;
use super::access::{self, Act};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// The direct room of three or more becomes a closed one: its people are its
/// members, and whoever did it is its owner. A conversation of two stays one.
pub async fn convert(
    app: &App,
    who: &Principal,
    room: RoomId,
    name: &str,
) -> Result<RoomState, RoomError> {
    let name = text::line("name", name, ROOM_NAME_CHARS, false)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::allowed(app, who, room, Act::Convert).await?;
    if state.room.kind != RoomKind::Direct || state.room.member_count < 3 {
        return Err(RoomError::WrongKind);
    }
    let guards = Act::Convert.guards();
    let owner = Fact::RoleChanged {
        user: who.user,
        role: RoomRole::Owner,
    };
    let facts = [Fact::Converted { name }, owner];
    let set = facts.map(|fact| app.draft(room, who.user, fact, guards));
    app.store.append_all(set.into()).await?;
    access::seen(app, who, room).await
}
