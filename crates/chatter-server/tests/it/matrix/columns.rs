//! Who asks, and what sort of room it is about.

use chatter_core::rooms::Place;
use chatter_protocol::{RoomKind, RoomRole};

/// Who asks. The signs of a line stand in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Not signed in.
    Nobody,
    /// Was a member until the account was deactivated.
    Deactivated,
    /// A guest with nothing but a name.
    Visitor,
    /// A guest whose link leads to this room.
    Guest,
    /// Has an account and does not belong.
    Outsider,
    /// Belonged, and owned the room, until someone removed them.
    Removed,
    Member,
    /// A program with a token, and a member.
    Bot,
    Moderator,
    Owner,
    /// An admin of the server who does not belong.
    Admin,
    /// The owner of the server, who does not belong.
    Head,
}

/// What sort of room it is about, and how those outside stand before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    Closed,
    Open,
    /// A conversation.
    Direct,
    /// It is open, but not to them.
    Banned,
}

impl World {
    pub fn kind(self) -> RoomKind {
        match self {
            Self::Closed => RoomKind::Closed,
            Self::Open | Self::Banned => RoomKind::Open,
            Self::Direct => RoomKind::Direct,
        }
    }

    /// The kind of room that it should look like from outside.
    pub fn seems(self) -> RoomKind {
        match self {
            Self::Banned => RoomKind::Closed,
            other => other.kind(),
        }
    }
}

/// Where they stand before the room.
pub enum Sort {
    Nobody,
    Placed(Place),
}

impl Column {
    pub const ALL: [Self; 12] = [
        Self::Nobody,
        Self::Deactivated,
        Self::Visitor,
        Self::Guest,
        Self::Outsider,
        Self::Removed,
        Self::Member,
        Self::Bot,
        Self::Moderator,
        Self::Owner,
        Self::Admin,
        Self::Head,
    ];

    pub fn sort(self) -> Sort {
        let place = match self {
            Self::Nobody | Self::Deactivated => return Sort::Nobody,
            Self::Visitor => Place::Visitor,
            Self::Guest => Place::Member(RoomRole::Guest),
            Self::Outsider | Self::Removed | Self::Admin | Self::Head => Place::Account,
            Self::Member | Self::Bot => Place::Member(RoomRole::Member),
            Self::Moderator => Place::Member(RoomRole::Moderator),
            Self::Owner => Place::Member(RoomRole::Owner),
        };
        Sort::Placed(place)
    }

    pub fn is_member(self) -> bool {
        matches!(self.sort(), Sort::Placed(Place::Member(_)))
    }

    /// Signed in, and not in the room.
    pub fn is_outside(self) -> bool {
        matches!(self.sort(), Sort::Placed(place) if !matches!(place, Place::Member(_)))
    }

    pub fn is_guest(self) -> bool {
        matches!(self, Self::Visitor | Self::Guest)
    }

    /// The name and handle of whoever has an account.
    pub fn handle(self) -> String {
        format!("the{self:?}").to_lowercase()
    }
}
