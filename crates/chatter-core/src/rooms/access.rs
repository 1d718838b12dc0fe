//! May they see it, may they change it: the only table of who may do what in a
//! room. The rules and the tests both read it.

use chatter_protocol::limits::FOLLOWS_MAX;
use chatter_protocol::{RoomId, RoomKind, RoomRole, RoomState, UserId};

use super::RoomError;
use crate::app::App;
use crate::principal::Principal;

/// What a role may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Post,
    /// Name and topic.
    Change,
    Archive,
    Add,
    Remove,
    SetRole,
    /// Someone else's message.
    DeleteAny,
}

impl Act {
    /// Who may do it, by role.
    #[expect(clippy::match_same_arms, reason = "a table is read line by line")]
    pub fn is_for(self, role: RoomRole) -> bool {
        use RoomRole::{Guest, Member, Moderator, Owner};
        match (self, role) {
            (_, Owner) => true,
            (Self::Archive | Self::SetRole, _) => false,
            (Self::Change | Self::Remove | Self::DeleteAny, Moderator) => true,
            (Self::Change | Self::Remove | Self::DeleteAny, Member | Guest) => false,
            (Self::Add, Moderator | Member) => true,
            (Self::Add, Guest) => false,
            (Self::Post, Moderator | Member | Guest) => true,
        }
    }
}

/// The room as `who` stands in it, or [`RoomError::NoSuchRoom`] if it is not
/// for them to see.
pub async fn seen(app: &App, who: &Principal, room: RoomId) -> Result<RoomState, RoomError> {
    let state = app.store.room_state(room, who.user).await?;
    match state {
        Some(state) if may_see(app, who, &state) => Ok(state),
        // The same answer for a room that does not exist: that a closed room
        // is there at all is not for outsiders to learn.
        _ => Err(RoomError::NoSuchRoom),
    }
}

fn may_see(app: &App, who: &Principal, state: &RoomState) -> bool {
    let open = state.room.kind == RoomKind::Open;
    state.role.is_some() || (open && (!who.is_guest() || app.guests_allowed()))
}

/// The room, if `who` may do `act` there.
pub async fn allowed(
    app: &App,
    who: &Principal,
    room: RoomId,
    act: Act,
) -> Result<RoomState, RoomError> {
    let state = seen(app, who, room).await?;
    let role = state.role.ok_or(RoomError::NotAMember)?;
    if !act.is_for(role) {
        return Err(RoomError::not_allowed(
            "your role in this room does not allow that",
        ));
    }
    Ok(state)
}

/// Nobody is put into more rooms than one socket can follow.
pub async fn has_place_for_a_room(app: &App, user: UserId) -> Result<(), RoomError> {
    let rooms = app.store.count_rooms_of(user).await?;
    if usize::try_from(rooms).is_ok_and(|rooms| rooms < FOLLOWS_MAX) {
        return Ok(());
    }
    Err(RoomError::TooMany(format!(
        "nobody belongs to more than {FOLLOWS_MAX} rooms"
    )))
}

/// Direct rooms keep the people they began with.
pub fn not_direct(state: &RoomState) -> Result<(), RoomError> {
    if state.room.kind == RoomKind::Direct {
        return Err(RoomError::DirectRoom);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTS: [Act; 7] = [
        Act::Post,
        Act::Change,
        Act::Archive,
        Act::Add,
        Act::Remove,
        Act::SetRole,
        Act::DeleteAny,
    ];

    #[test]
    fn each_role_may_do_all_that_the_next_one_may() {
        use RoomRole::{Guest, Member, Moderator, Owner};
        for act in ACTS {
            let ladder = [Owner, Moderator, Member, Guest].map(|role| act.is_for(role));
            assert!(
                ladder.is_sorted_by(|higher, lower| higher >= lower),
                "{act:?}: {ladder:?}"
            );
        }
        assert!(!Act::Add.is_for(Guest), "or the ladder would mean nothing");
    }
}
