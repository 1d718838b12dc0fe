//! Who is asking.

use std::net::IpAddr;

use chatter_protocol::{RoomId, ServerRole, SessionId, UserId};

/// Someone whose session was checked. Only [`crate::accounts`] makes one, from
/// a token, so a rule that takes a `Principal` cannot be reached by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    pub user: UserId,
    pub session: SessionId,
    pub role: ServerRole,
    /// Where they ask from, when the door knows. For the audit log, and to count
    /// what the guests of one address say.
    pub from: Option<IpAddr>,
    /// A program with an account of its own.
    pub bot: bool,
    /// The one room that is there for a guest who came by a link.
    pub only: Option<RoomId>,
}

impl Principal {
    /// The same, asking from `address`.
    #[must_use]
    pub fn at(self, address: IpAddr) -> Self {
        let from = Some(address);
        Self { from, ..self }
    }

    pub fn is_guest(&self) -> bool {
        self.role == ServerRole::Guest
    }

    /// A guest with nothing but a name, which anyone could come by.
    pub fn is_guest_by_name(&self) -> bool {
        self.is_guest() && self.only.is_none()
    }

    /// Owners and admins of the server.
    pub fn is_admin(&self) -> bool {
        matches!(self.role, ServerRole::Owner | ServerRole::Admin)
    }
}
