//! Who did what to whom: every administrative and moderating act leaves a line.
//!
//! A rule makes its line with [`of`] and hands it to the store along with the
//! deed, so that there is never one without the other; where the deed is not
//! in the database, [`note`] adds it alone. No line holds a message's text, a
//! password, a token or an address in full.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chatter_protocol::limits::AUDIT_MAX;
use chatter_protocol::{AuditEntry, AuditId, Deed, UserId};
use chatter_store::{AuditQuery, Note, StoreError};

use crate::accounts::AccountError;
use crate::app::App;
use crate::principal::Principal;
use crate::rooms::lobby::SYSTEM;

/// Who did it, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Actor {
    pub user: UserId,
    pub from: Option<IpAddr>,
}

impl Actor {
    /// Chatter itself, by a schedule.
    pub const SYSTEM: Self = Self {
        user: SYSTEM,
        from: None,
    };
}

impl From<&Principal> for Actor {
    fn from(who: &Principal) -> Self {
        Self {
            user: who.user,
            from: who.from,
        }
    }
}

/// The line for `deed`, to be stored with it.
pub fn of(app: &App, actor: impl Into<Actor>, deed: Deed) -> Note {
    let actor = actor.into();
    Note {
        id: app.ids.audit(),
        at: app.now(),
        actor: actor.user,
        deed,
        reason: None,
        network: actor.from.map(network),
    }
}

/// Adds the line for `deed` by itself.
pub async fn note(app: &App, actor: impl Into<Actor>, deed: Deed) -> Result<(), StoreError> {
    app.store.note(of(app, actor, deed)).await
}

/// Enough of an address to tell where from, too little to tell who.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

/// Which end of the log to read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Newest first, from before this line or from the newest.
    Before(Option<AuditId>),
    /// Oldest first, from after this line.
    After(AuditId),
}

/// A piece of the audit log, for owners and admins.
pub async fn list(
    app: &App,
    who: &Principal,
    query: AuditQuery,
    place: Place,
    limit: usize,
) -> Result<Vec<AuditEntry>, AccountError> {
    if !who.is_admin() {
        return Err(AccountError::NotAllowed(
            "only owners and admins may read the audit log",
        ));
    }
    if let Some(deed) = &query.deed
        && !Deed::NAMES.contains(&deed.as_str())
    {
        return Err(AccountError::Invalid {
            field: "deed",
            why: "there is no such kind of deed".to_owned(),
        });
    }
    let limit = limit.clamp(1, AUDIT_MAX);
    let found = match place {
        Place::Before(before) => app.store.audit_before(query, before, limit).await,
        Place::After(after) => app.store.audit_after(query, after, limit).await,
    };
    Ok(found?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_its_network() {
        for (address, kept) in [
            ("203.0.113.77", "203.0.113.0/24"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            assert_eq!(network(address.parse().unwrap()), kept);
        }
    }
}
