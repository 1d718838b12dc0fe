//! Keeping order on the server: what its owner and admins decide for everyone.
//!
//! One noun per file. Who may not do it hears so; every change leaves a line
//! in the [audit log](crate::audit).

pub mod announcements;
pub mod holds;
pub mod retention;
pub mod schedule;
pub mod settings;

#[cfg(test)]
mod tests;

use chatter_store::StoreError;

use crate::principal::Principal;
use crate::rates::TooFast;
use crate::text::TextError;

/// Why a rule about the server refused.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    #[error("{0}")]
    NotAllowed(&'static str),
    /// `field` has a value it cannot have.
    #[error("{why}")]
    Invalid { field: String, why: String },
    /// `field` was given when the server was started.
    #[error("this was given when the server was started, which wins: change it there")]
    Fixed { field: String },
    #[error("there is no such room, or it is not for you to see")]
    NoSuchRoom,
    #[error("there is no such person")]
    NoSuchUser,
    #[error("there is no such hold")]
    NoSuchHold,
    #[error("there is no such announcement")]
    NoSuchAnnouncement,
    #[error("there is a hold of this already")]
    HeldAlready,
    #[error("what this person said must be kept: there is a hold")]
    Held,
    #[error("{0}")]
    TooMany(String),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    TooFast(#[from] TooFast),
    #[error("could not reach the database")]
    Store(#[from] StoreError),
}

impl OrderError {
    pub(crate) fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            why: why.into(),
        }
    }
}

/// Refuses everyone but owners and admins.
pub(crate) fn for_admins(who: &Principal) -> Result<(), OrderError> {
    if who.is_admin() {
        return Ok(());
    }
    Err(OrderError::NotAllowed("this is for owners and admins"))
}

/// Refuses everyone but the owner.
pub(crate) fn for_the_owner(who: &Principal) -> Result<(), OrderError> {
    if who.role == chatter_protocol::ServerRole::Owner {
        return Ok(());
    }
    Err(OrderError::NotAllowed("this is for the owner"))
}
