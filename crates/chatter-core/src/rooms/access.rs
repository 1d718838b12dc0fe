//! May they see it, may they do that: the only table of who may do what in a
//! room. The rules and the tests both read it.
//!
//! What a rule finds here may be over by the time it writes; so it hands
//! [`Act::guards`] to the store, which looks again in the transaction.

use chatter_protocol::limits::FOLLOWS_MAX;
use chatter_protocol::{Permission, RoomId, RoomKind, RoomRole, RoomState, Rules, UserId};
use chatter_store::{Guards, Needed};

use super::RoomError;
use crate::app::App;
use crate::principal::Principal;

/// What may be asked of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// That it is there, and what it is called.
    See,
    /// What is said in it, and who says it.
    Read,
    Join,
    Post,
    /// In a thread.
    Reply,
    /// In a thread, and shown in the room.
    ReplyInRoom,
    React,
    Vote,
    /// One's own message.
    Edit,
    /// One's own message.
    Delete,
    /// Someone else's message.
    DeleteAny,
    Pin,
    MentionEveryone,
    /// People who have an account.
    Invite,
    /// A link for guests.
    Link,
    Remove,
    /// Name, topic and rules.
    Change,
    Archive,
    SetRole,
    /// To hand the room over.
    Transfer,
    /// To open or close it.
    ChangeAccess,
    /// To make a room of a conversation.
    Convert,
}

/// Where someone stands before a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    Member(RoomRole),
    /// No member, but with an account.
    Account,
    /// No member, and a guest who may look around.
    Visitor,
    /// A guest whose link leads to another room, or who is not wanted now.
    Stranger,
}

/// Of those who do not belong to an open room, who may do something there.
/// In other rooms none of them may do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside {
    Nobody,
    Accounts,
    Visitors,
    Both,
}

/// One line of the table.
struct Line {
    least: RoomRole,
    /// What a room's own rules may say instead.
    permission: Option<Permission>,
    outside: Outside,
}

impl Act {
    pub const ALL: [Self; 22] = [
        Self::See,
        Self::Read,
        Self::Join,
        Self::Post,
        Self::Reply,
        Self::ReplyInRoom,
        Self::React,
        Self::Vote,
        Self::Edit,
        Self::Delete,
        Self::DeleteAny,
        Self::Pin,
        Self::MentionEveryone,
        Self::Invite,
        Self::Link,
        Self::Remove,
        Self::Change,
        Self::Archive,
        Self::SetRole,
        Self::Transfer,
        Self::ChangeAccess,
        Self::Convert,
    ];

    /// The table.
    #[expect(clippy::match_same_arms, reason = "a table is read line by line")]
    fn line(self) -> Line {
        use Outside::{Accounts, Both, Nobody, Visitors};
        use RoomRole::{Guest, Member, Moderator, Owner};
        let (least, permission, outside) = match self {
            Self::See => (Guest, None, Both),
            Self::Read => (Guest, None, Both),
            Self::Join => (Guest, None, Accounts),
            Self::Post => (Guest, Some(Permission::Post), Visitors),
            Self::Reply => (Guest, Some(Permission::Reply), Visitors),
            Self::ReplyInRoom => (Guest, Some(Permission::ReplyInRoom), Visitors),
            Self::React => (Guest, Some(Permission::React), Nobody),
            Self::Vote => (Guest, Some(Permission::React), Nobody),
            // Where one may no longer speak, one's old words stay as they are.
            Self::Edit => (Guest, Some(Permission::Reply), Nobody),
            Self::Delete => (Guest, None, Nobody),
            Self::DeleteAny => (Moderator, None, Nobody),
            Self::Pin => (Member, Some(Permission::Pin), Nobody),
            Self::MentionEveryone => (Member, Some(Permission::MentionEveryone), Nobody),
            Self::Invite => (Member, Some(Permission::Invite), Nobody),
            Self::Link => (Moderator, Some(Permission::Link), Nobody),
            Self::Remove => (Moderator, None, Nobody),
            Self::Change => (Moderator, None, Nobody),
            Self::Archive => (Owner, None, Nobody),
            Self::SetRole => (Owner, None, Nobody),
            Self::Transfer => (Owner, None, Nobody),
            Self::ChangeAccess => (Owner, None, Nobody),
            Self::Convert => (Member, None, Nobody),
        };
        Line {
            least,
            permission,
            outside,
        }
    }

    /// Whether a member with `role` may do it in a room with these rules.
    pub fn is_for(self, role: RoomRole, rules: &Rules) -> bool {
        role.includes(self.needed().in_a_room_with(rules))
    }

    /// Whether whoever stands there may do it in such a room.
    pub fn is_for_one_at(self, place: Place, kind: RoomKind, rules: &Rules) -> bool {
        let line = self.line();
        match (place, line.outside) {
            (Place::Member(role), _) => self.is_for(role, rules),
            (Place::Account, Outside::Accounts | Outside::Both) => kind == RoomKind::Open,
            (Place::Visitor, Outside::Visitors | Outside::Both) => {
                kind == RoomKind::Open && self.is_for(RoomRole::Guest, rules)
            }
            _ => false,
        }
    }

    /// What the author of it has to be, whatever the room says by then.
    pub fn needed(self) -> Needed {
        let line = self.line();
        Needed {
            permission: line.permission,
            least: line.least,
        }
    }

    /// What the store looks at once more.
    pub fn guards(self) -> Guards {
        Guards {
            author: Some(self.needed()),
            ..Guards::default()
        }
    }

    /// The same, in a room that can be written.
    pub fn guards_of_writing(self) -> Guards {
        Guards {
            not_archived: true,
            ..self.guards()
        }
    }
}

/// Whether `who` may see rooms they do not belong to at all.
pub fn looks_around(app: &App, who: &Principal) -> bool {
    place(app, who, None) != Place::Stranger
}

/// Where `who` stands before a room in which they have `role`.
pub fn place(app: &App, who: &Principal, role: Option<RoomRole>) -> Place {
    match role {
        Some(role) => Place::Member(role),
        None if !who.is_guest() => Place::Account,
        None if who.only.is_none() && app.guests_allowed() => Place::Visitor,
        None => Place::Stranger,
    }
}

/// The room as `who` stands in it, or [`RoomError::NoSuchRoom`] if it is not
/// for them to see.
pub async fn seen(app: &App, who: &Principal, room: RoomId) -> Result<RoomState, RoomError> {
    if who.only.is_some_and(|only| only != room) {
        return Err(RoomError::NoSuchRoom);
    }
    let state = app.store.room_state(room, who.user).await?;
    match state {
        Some(state) if may(app, who, &state, Act::See) && !is_banned(app, who, &state).await? => {
            Ok(state)
        }
        // The same answer for a room that does not exist: that a closed room
        // is there at all is not for outsiders to learn.
        _ => Err(RoomError::NoSuchRoom),
    }
}

/// Whether they are kept from reading without belonging there. Members are
/// not: a ban ends the membership.
async fn is_banned(app: &App, who: &Principal, state: &RoomState) -> Result<bool, RoomError> {
    if state.role.is_some() {
        return Ok(false);
    }
    let ban = app.store.room_ban(state.room.id, who.user, app.now());
    Ok(ban.await?.is_some())
}

/// Whether they may say what is not wanted in it.
pub async fn may_moderate(app: &App, who: &Principal, room: RoomId) -> Result<(), RoomError> {
    allowed(app, who, room, Act::Change).await.map(|_| ())
}

pub fn may(app: &App, who: &Principal, state: &RoomState, act: Act) -> bool {
    let place = place(app, who, state.role);
    act.is_for_one_at(place, state.room.kind, &state.room.rules)
}

/// Whether `who` may read a room of this kind, in which they have this role.
pub fn may_read(app: &App, who: &Principal, kind: RoomKind, role: Option<RoomRole>) -> bool {
    // A room's own rules say nothing of reading.
    Act::Read.is_for_one_at(place(app, who, role), kind, &Rules::default())
}

/// The room, if `who` may do `act` there.
pub async fn allowed(
    app: &App,
    who: &Principal,
    room: RoomId,
    act: Act,
) -> Result<RoomState, RoomError> {
    let state = seen(app, who, room).await?;
    check(app, who, &state, act)?;
    Ok(state)
}

/// The same, for a room that was just seen.
pub fn check(app: &App, who: &Principal, state: &RoomState, act: Act) -> Result<(), RoomError> {
    if may(app, who, state, act) {
        return Ok(());
    }
    match state.role {
        None => Err(RoomError::NotAMember),
        Some(_) => Err(RoomError::role_does_not_allow()),
    }
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
mod tests;
