//! Who someone is: owners, members, guests; their sessions, invites, passwords.
//!
//! Begin at [`sessions::authenticate`]: it is the only maker of a
//! [`Principal`](crate::Principal), which every other rule asks for.

pub mod bots;
pub mod embed;
pub mod erase;
pub mod guest_links;
pub mod guests;
pub mod invites;
pub mod password;
pub mod passwords;
pub mod preferences;
pub mod profile;
pub mod register;
pub mod reset;
pub mod second_factor;
pub mod sessions;
pub mod setup;
pub mod suspension;
mod token;
pub mod tokens;
pub mod users;

#[cfg(test)]
pub(crate) mod tests;

use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;

use chatter_protocol::User;
use chatter_store::{ChangeUserError, RegisterError, StoreError};
use tokio::task::JoinError;
use tracing::Instrument;

use crate::app::App;
use crate::rates::TooFast;
use crate::text::TextError;

pub use setup::ClaimCode;
pub use token::NewToken;

/// Why someone may not come in, or may not change who may.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error(transparent)]
    Text(#[from] TextError),
    /// `field` has a value it cannot have.
    #[error("{why}")]
    Invalid { field: &'static str, why: String },
    #[error("wrong handle or password")]
    WrongPassword,
    #[error("the password is not right")]
    NotMyPassword,
    #[error("a code from your app is needed too")]
    CodeNeeded,
    #[error("this is not the code, or it was used before")]
    WrongCode,
    #[error("this account is suspended for now; ask whoever runs the server")]
    Suspended,
    #[error("this link has ended; ask for a new one")]
    ResetEnded,
    #[error("this token has ended; sign in again")]
    TokenEnded,
    #[error("the server would be left without an owner")]
    LastOwner,
    #[error("the current password is not right")]
    WrongCurrentPassword,
    #[error("this handle is taken")]
    HandleTaken,
    #[error("someone with this name is here already; please choose another")]
    NameTaken,
    #[error("this invite has ended; ask for a new one")]
    InviteEnded,
    #[error("nobody can make an account here at the moment")]
    SignUpClosed,
    #[error("this server already has an owner")]
    AlreadySetUp,
    #[error("this server has no owner yet; open it in a browser to set it up")]
    NotSetUp,
    #[error("the claim code is not right; the server printed it when it started")]
    WrongClaimCode,
    #[error("guests are not allowed here")]
    NoGuests,
    #[error("{0}")]
    NotAllowed(&'static str),
    #[error("nobody may come in from this address")]
    Banned,
    #[error("there is no such ban, or no longer")]
    NoSuchBan,
    #[error("there is no such user")]
    NoSuchUser,
    #[error("there is no such session")]
    NoSuchSession,
    #[error("{0}")]
    TooMany(String),
    #[error(transparent)]
    TooFast(#[from] TooFast),
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
    #[error("could not reach the database")]
    Store(#[from] StoreError),
}

impl From<ChangeUserError> for AccountError {
    fn from(error: ChangeUserError) -> Self {
        match error {
            ChangeUserError::LastOwner => Self::LastOwner,
            ChangeUserError::Store(error) => Self::Store(error),
        }
    }
}

impl From<RegisterError> for AccountError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::HandleTaken => Self::HandleTaken,
            RegisterError::InviteEnded => Self::InviteEnded,
            RegisterError::AlreadySetUp => Self::AlreadySetUp,
            RegisterError::NameTaken => Self::NameTaken,
            RegisterError::Store(error) => Self::Store(error),
        }
    }
}

/// Brings someone new into the lobby. They have their account already, so a
/// failure here is no reason to send them away: they can join it themselves.
async fn welcome(app: &App, user: &User) {
    if let Err(error) = crate::rooms::lobby::welcome(app, user).await {
        tracing::warn!(user.id = %user.id, %error, "user {} is not in the lobby", user.id);
    }
}

/// Does `work` to its end, even if whoever asked hangs up meanwhile and nobody
/// waits any more: what the store has done, the hub must hear, or sockets
/// outlive their sessions.
pub(crate) async fn to_the_end<W>(app: &Arc<App>, work: impl FnOnce(Arc<App>) -> W) -> W::Output
where
    W: Future<Output: Send> + Send + 'static,
{
    let work = work(Arc::clone(app)).in_current_span();
    match app
        .tasks
        .spawn(work)
        .await
        .map_err(JoinError::try_into_panic)
    {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The whole runtime is going away, and we with it.
        Err(Err(_)) => pending().await,
    }
}
