//! Keeping order on the server: what its owner and admins decide for everyone.
//!
//! One noun per file. Who may not do it hears so; every change leaves a line
//! in the [audit log](crate::audit).

pub mod settings;

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
