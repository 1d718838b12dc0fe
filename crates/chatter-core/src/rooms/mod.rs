//! What people do in rooms: one verb per file, may they, then do it.
//!
//! Begin at [`post`]. A room that one may not see answers exactly as one that
//! does not exist: [`RoomError::NoSuchRoom`].

pub(crate) mod access;
mod ban;
mod browse;
mod change;
mod compose;
mod concern;
mod convert;
mod create;
mod delete;
mod direct;
mod edit;
pub(crate) mod forget;
mod join;
mod languages;
mod leave;
pub mod lobby;
mod look;
mod members;
mod mine;
mod newcomers;
mod post;
mod presence;
mod preview;
mod read;
mod refs;
mod report;
mod rescue;
mod threads;
mod transfer;
mod under;

pub use access::may_moderate;
pub(crate) use access::may_read;
pub use access::{Act, Place};
pub use ban::{ban, bans, unban};
pub use browse::{by_slug, open};
pub use change::change;
pub use convert::convert;
pub use create::{create, named_at_the_door};
pub use delete::delete;
pub use direct::direct;
pub(crate) use direct::key as direct_key;
pub use edit::edit;
pub use join::join;
pub use leave::leave;
pub use look::{events, first_since, members, message, mine, page, receipts, state, versions};
pub use members::{put_member, remove_member};
pub use mine::{change_mine, put_sections, sections};
pub use newcomers::set_newcomers;
pub(crate) use post::post_by_itself;
pub use post::{Turn, may_post, post, post_in_turn};
pub use presence::{presence, typing};
pub use preview::{remove_preview, show_preview};
pub use read::{got, read};
pub use report::{report, reports, resolve};
pub use rescue::{put_archived, take_over};
pub use threads::{follow_thread, read_thread, thread, thread_page, threads};
pub use transfer::transfer;
pub(crate) use under::reaction;
pub use under::{
    Changed, close_poll, pin, pins, react, reacted, unpin, unreact, unvote, vote, voted,
};

use chatter_store::{AppendError, StoreError};

use crate::rates::TooFast;
use crate::text::TextError;

/// Why a rule about rooms refused.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    #[error("there is no such room, or it is not for you to see")]
    NoSuchRoom,
    #[error("you do not belong to this room")]
    NotAMember,
    #[error("{0}")]
    NotAllowed(String),
    #[error("{why}")]
    Invalid { field: &'static str, why: String },
    #[error("this room is archived: it can be read, not written")]
    Archived,
    #[error("there is no such message")]
    NoSuchMessage,
    #[error("this message was deleted already")]
    AlreadyDeleted,
    #[error("this key was used before for something else in this room")]
    KeyReused,
    #[error("the room would be left without an owner")]
    LastOwner,
    #[error("the people of a direct room never change")]
    DirectRoom,
    #[error("there is no such file, or it is not yours")]
    NoSuchFile,
    #[error("there is no such person")]
    NoSuchUser,
    #[error("this cannot be done with a room of this kind")]
    WrongKind,
    #[error("this room has an owner")]
    HasAnOwner,
    #[error("this room has no such guest link, or it has ended")]
    NoSuchLink,
    #[error("there is no such section in your list")]
    NoSuchSection,
    #[error("an open room has this name already")]
    NameTaken,
    #[error("this poll takes no more votes")]
    PollClosed,
    #[error("you chose another option of this poll already")]
    AlreadyVoted,
    #[error("this message shows no preview")]
    NoSuchPreview,
    #[error("there is no such ban, or no longer")]
    NoSuchBan,
    #[error("there is no such report, or it is not for you to see")]
    NoSuchReport,
    #[error("there is no such filter here")]
    NoSuchFilter,
    #[error("this holds a word or a link that is not wanted here")]
    Filtered,
    #[error("{0}")]
    TooMany(String),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    TooFast(#[from] TooFast),
    #[error("could not reach the database")]
    Store(#[from] StoreError),
}

impl RoomError {
    pub(crate) fn not_allowed(why: &str) -> Self {
        Self::NotAllowed(why.to_owned())
    }

    pub(crate) fn role_does_not_allow() -> Self {
        Self::not_allowed("your role in this room does not allow that")
    }

    pub(crate) fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        let why = why.into();
        Self::Invalid { field, why }
    }
}

impl From<AppendError> for RoomError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::NoSuchRoom | AppendError::NotOpen => Self::NoSuchRoom,
            // Joining twice is answered before it gets here.
            AppendError::NotAMember | AppendError::AlreadyMember => Self::NotAMember,
            AppendError::NotAllowed => Self::role_does_not_allow(),
            AppendError::TooSoon(wait) => Self::TooFast(TooFast::after_millis(wait)),
            AppendError::Archived => Self::Archived,
            // What changes nothing is asked for by rules that know what it means.
            AppendError::NoSuchMessage | AppendError::NoChange => Self::NoSuchMessage,
            AppendError::NoSuchFile => Self::NoSuchFile,
            AppendError::AlreadyDeleted => Self::AlreadyDeleted,
            AppendError::KeyReused => Self::KeyReused,
            AppendError::LastOwner => Self::LastOwner,
            AppendError::WrongKind => Self::WrongKind,
            AppendError::HasGuests => {
                Self::not_allowed("a guest came in at that moment; try again")
            }
            AppendError::HasAnOwner => Self::HasAnOwner,
            AppendError::NameTaken => Self::NameTaken,
            AppendError::TooMany(what) => Self::TooMany(format!("there are too many {what}")),
            AppendError::PollClosed => Self::PollClosed,
            AppendError::AlreadyVoted => Self::AlreadyVoted,
            AppendError::Banned => Self::not_allowed("this person is banned from this room"),
            // The caller looks it up instead.
            AppendError::DirectExists(_) => Self::DirectRoom,
            AppendError::Store(error) => Self::Store(error),
        }
    }
}
