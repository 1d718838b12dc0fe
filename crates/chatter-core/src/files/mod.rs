//! Files: uploads, what is kept of them, who may read it, faces and emoji.
//!
//! Begin at [`upload`]: bytes arrive in chunks, [`finish`] looks at what they
//! really are, takes out of pictures what they tell about their maker, and
//! keeps them; [`attach`] puts them into a message, and [`read`] asks at each
//! fetch whether the asker may read such a message at this moment.
//!
//! No byte of a file is believed: not its name, not its ending, not what the
//! uploader calls it. What is not known to be harmless is only ever handed
//! out to be saved, never to be shown.

pub mod attach;
pub mod avatar;
pub mod emoji;
mod finish;
mod media;
mod name;
mod picture;
pub mod read;
mod strip;
pub(crate) mod sweep;
pub mod upload;

pub use attach::{attach, still_there};
pub(crate) use emoji::checked as emoji_name;
pub(crate) use finish::bring_in;
pub(crate) use finish::keep_bytes;
pub use media::is_shown;
pub(crate) use name::cleaned as cleaned_name;
pub use picture::Pictures;

use chatter_store::{AddEmojiError, BeginError, BlobError, StoreError};

use crate::rates::TooFast;
use crate::rooms::RoomError;
use crate::text::TextError;

/// How large files may be. Bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    /// One file.
    pub file: i64,
    /// All files of one person.
    pub person: i64,
    /// Everyone's together.
    pub server: i64,
}

const MIB: i64 = 1024 * 1024;

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            file: 100 * MIB,
            person: 5_000 * MIB,
            server: 100_000 * MIB,
        }
    }
}

/// Why a rule about files refused.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Also when it is there, but not for the asker.
    #[error("there is no such file, or it is not for you to see")]
    NoSuchFile,
    #[error("there is no such emoji")]
    NoSuchEmoji,
    #[error("there is no such person")]
    NoSuchUser,
    #[error("{0}")]
    NotAllowed(&'static str),
    /// `field` has a value it cannot have.
    #[error("{why}")]
    Invalid { field: &'static str, why: String },
    #[error("{0}")]
    TooLong(String),
    #[error("the upload has arrived up to byte {at}; please go on from there")]
    WrongOffset { at: i64 },
    #[error("{0}")]
    QuotaFull(&'static str),
    #[error("{0}")]
    TooMany(String),
    #[error("an emoji has this name already")]
    NameTaken,
    #[error("the bytes broke off; what had arrived is kept")]
    BrokeOff,
    #[error("the same bytes are being removed this moment")]
    Busy,
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    TooFast(#[from] TooFast),
    #[error(transparent)]
    Room(#[from] RoomError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("could not reach the database")]
    Store(#[from] StoreError),
}

impl From<BeginError> for FileError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::TooMany => Self::TooMany(
                "you have too many uploads under way; finish or cancel some first".into(),
            ),
            BeginError::PersonFull => Self::QuotaFull("there is no space left for your files"),
            BeginError::ServerFull => Self::QuotaFull("there is no space left for files"),
            BeginError::Store(error) => Self::Store(error),
        }
    }
}

impl From<AddEmojiError> for FileError {
    fn from(error: AddEmojiError) -> Self {
        match error {
            AddEmojiError::NameTaken => Self::NameTaken,
            AddEmojiError::TooMany => {
                Self::TooMany("there are as many emoji as there may be".into())
            }
            AddEmojiError::Store(error) => Self::Store(error),
        }
    }
}

#[cfg(test)]
mod tests;
