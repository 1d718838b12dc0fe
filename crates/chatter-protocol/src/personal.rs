//! What a person keeps for themselves. Nobody else sees any of it.

use serde::{Deserialize, Serialize};

use crate::event::{Key, Millis};
use crate::ids::{ReminderId, RoomId, SavedId, ScheduledId, Seq};
use crate::post::Draft;
use crate::refusal::Refusal;
use crate::rooms::Message;

/// A message kept at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Saved {
    /// Grows: a next page is what comes before the last one's last.
    pub id: SavedId,
    /// When it was saved.
    pub at: Millis,
    /// As it is now.
    pub message: Message,
}

/// What was begun to be written in a room, or in a thread of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct KeptDraft {
    pub room: RoomId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Seq>,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Seq>,
    pub at: Millis,
    /// Grows with each change; 0 when there is none.
    pub rev: i64,
}

impl KeptDraft {
    /// Nothing is begun.
    pub fn is_gone(&self) -> bool {
        self.text.is_empty() && self.reply.is_none()
    }
}

/// `PUT /api/v1/rooms/{room}/draft`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PutDraft {
    /// Empty, and without `reply`, to take it back.
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Seq>,
    /// The `rev` of what this replaces; 0 when there was none.
    #[serde(default)]
    pub rev: i64,
}

/// The refusal of a draft that another device has changed meanwhile.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StaleDraft {
    #[serde(flatten)]
    pub refusal: Refusal,
    /// What is there instead.
    pub newer: KeptDraft,
}

/// `POST /api/v1/rooms/{room}/scheduled`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ScheduleMessage {
    /// The same again is the same message.
    pub key: Key,
    pub draft: Draft,
    /// When it is sent; at most a year from now.
    pub at: Millis,
}

/// `PATCH /api/v1/scheduled/{scheduled}`: what is absent stays. One that could
/// not be sent is tried again.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeScheduled {
    #[serde(default)]
    pub draft: Option<Draft>,
    #[serde(default)]
    pub at: Option<Millis>,
}

/// A message that is to be sent later. Once it is sent it is a message like any
/// other, with the key `scheduled:` and this id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Scheduled {
    pub id: ScheduledId,
    pub room: RoomId,
    pub draft: Draft,
    pub at: Millis,
    /// Why it could not be sent when it was time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<WhyUnsent>,
}

/// Why a message was not sent when it was time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhyUnsent {
    /// The account could not be used then.
    NotSignedIn,
    /// The room was no longer one's own.
    NotAMember,
    /// The room did not let one post.
    NotAllowed,
    Archived,
    /// What it answers, passes on or carries was no longer there.
    Missing,
    /// Something else about it was refused.
    Invalid,
}

/// `POST /api/v1/reminders`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Remind {
    pub room: RoomId,
    pub seq: Seq,
    /// At most a year from now.
    pub at: Millis,
    #[serde(default)]
    pub note: String,
}

/// To be reminded of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reminder {
    pub id: ReminderId,
    pub room: RoomId,
    pub seq: Seq,
    pub at: Millis,
    /// One's own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Its time has come. It stays until it is deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub due: bool,
    /// As it is now, while I may read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Message>>,
}

/// `PUT /api/v1/me/keywords`: the whole list, in place of the old one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Keywords {
    /// A message that has one of them concerns me like a mention.
    pub words: Vec<String>,
}

/// The lists that I keep for myself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeptList {
    Saved,
    Scheduled,
    Reminders,
    Keywords,
}

impl KeptList {
    pub fn name(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Scheduled => "scheduled",
            Self::Reminders => "reminders",
            Self::Keywords => "keywords",
        }
    }
}
