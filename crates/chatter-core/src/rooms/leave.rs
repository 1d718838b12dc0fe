//! Leaves a room.

use chatter_protocol::{Fact, RoomId, RoomRole};
use chatter_store::Guards;

use super::{RoomError, access};
use crate::app::App;
use crate::principal::Principal;

/// Ends one's own membership. The last owner hands the room over first, unless
/// nobody else is there.
pub async fn leave(app: &App, who: &Principal, room: RoomId) -> Result<(), RoomError> {
    let state = access::seen(app, who, room).await?;
    if state.role.is_none() {
        return Err(RoomError::NotAMember);
    }
    access::not_direct(&state)?;
    let guards = Guards {
        keeps_an_owner: state.role == Some(RoomRole::Owner) && state.room.member_count > 1,
        ..Guards::default()
    };
    let fact = Fact::Left { user: who.user };
    app.store
        .append(app.draft(room, who.user, fact, guards))
        .await?;
    Ok(())
}
