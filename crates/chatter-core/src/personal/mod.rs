//! What people keep for themselves: messages at hand, drafts, messages to be
//! sent later, reminders, words to hear of. Nobody else sees any of it.
//!
//! One noun per file. Not for guests: a guest is a name and nothing more, and
//! whoever takes the name next would find what the last one kept.

pub mod drafts;
pub mod keywords;
pub mod reminders;
pub mod saved;
pub mod scheduled;

#[cfg(test)]
mod tests;

use chatter_protocol::personal::{KeptDraft, KeptList};
use chatter_protocol::{ServerFrame, UserId};
use chatter_store::{KeepError, StoreError};

use crate::app::App;
use crate::hub::tail::encode_frame;
use crate::principal::Principal;
use crate::rates::{Rate, TooFast, Who};
use crate::rooms::RoomError;
use crate::text::TextError;

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum PersonalError {
    #[error("guests keep nothing here; make an account for that")]
    Guests,
    #[error("there is no such thing among what you keep")]
    NotKept,
    #[error("another device has changed it meanwhile")]
    Stale(Box<KeptDraft>),
    #[error("it is being sent")]
    TooLate,
    #[error("you keep as many of these as there may be")]
    TooMany,
    #[error("this key was used before for something else")]
    KeyReused,
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    TooFast(#[from] TooFast),
    #[error(transparent)]
    Room(#[from] RoomError),
    #[error("could not reach the database")]
    Store(#[from] StoreError),
}

impl From<KeepError> for PersonalError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::TooMany => Self::TooMany,
            KeepError::KeyReused => Self::KeyReused,
            KeepError::Stale(newer) => Self::Stale(newer),
            KeepError::TooLate => Self::TooLate,
            KeepError::NotKept => Self::NotKept,
            KeepError::Store(error) => Self::Store(error),
        }
    }
}

/// Refuses guests.
fn has_account(who: &Principal) -> Result<(), PersonalError> {
    if who.is_guest() {
        return Err(PersonalError::Guests);
    }
    Ok(())
}

/// Refuses guests, and whoever changes things too often.
fn may_change(app: &App, who: &Principal) -> Result<(), PersonalError> {
    has_account(who)?;
    Ok(app.rates.check(Rate::Write, Who::User(who.user))?)
}

/// Tells all devices of `user` that one of their lists is another one now.
fn changed(app: &App, user: UserId, list: KeptList) {
    let about = format!("kept {}", list.name());
    app.hub
        .note(user, &about, &encode_frame(&ServerFrame::Kept { list }));
}
