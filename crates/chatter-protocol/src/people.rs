//! People, as others see them.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::ids::{SessionId, UserId};

/// What someone may do on the whole server; each includes the ones after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServerRole {
    Owner,
    Admin,
    Member,
    /// A name and nothing more: open rooms only, where guests are allowed.
    Guest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    /// Unique among accounts, without the `@`. Guests have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// What is shown. Not unique.
    pub name: String,
    /// One or two letters for the face; empty to take them from the name.
    pub initials: String,
    pub about: String,
    /// What they do here.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pronouns: String,
    /// By its IANA name, such as `Europe/Berlin`; empty when not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
    /// What they say of now; gone once its time is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    pub role: ServerRole,
    /// A program with an account, answered for by a person.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bot: bool,
    pub deactivated: bool,
    /// The account was erased: nobody signs in with it again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub erased: bool,
    pub created_at: Millis,
    /// Names the picture at `/users/{id}/avatar`; another picture, another
    /// name. Absent: no picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A word about now: on holiday, in a meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Status {
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub emoji: String,
    /// When it ends by itself. Clients stop showing it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

impl User {
    /// As seen at `now`: a status past its time is none.
    #[must_use]
    pub fn at(mut self, now: Millis) -> Self {
        let over = |status: &Status| status.until.is_some_and(|until| until <= now);
        if self.status.as_ref().is_some_and(over) {
            self.status = None;
        }
        self
    }
}

/// How someone wants to be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PresenceMode {
    /// Here while a device of theirs is in use, away when all of them are idle.
    #[default]
    Automatic,
    /// Here, and away.
    Away,
    /// Here, and not to be disturbed.
    Dnd,
    /// Not here, as far as anyone else can tell.
    Invisible,
}

/// What I chose for myself. Nobody else sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Preferences {
    pub presence: PresenceMode,
    /// When `presence` goes back to automatic by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_until: Option<Millis>,
    /// Whether others see how far I have read. Who does not share sees nobody
    /// else's either.
    pub share_receipts: bool,
    /// Whether others see me typing.
    pub share_typing: bool,
    /// Counts changes: of two, the one with the higher number is newer.
    pub rev: i64,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            presence: PresenceMode::Automatic,
            presence_until: None,
            share_receipts: true,
            share_typing: true,
            rev: 0,
        }
    }
}

impl Preferences {
    /// As they are at `now`: a mode past its time is automatic.
    #[must_use]
    pub fn at(mut self, now: Millis) -> Self {
        if self.presence_until.is_some_and(|until| until <= now) {
            self.presence = PresenceMode::Automatic;
            self.presence_until = None;
        }
        self
    }
}

/// A signed-in browser or program of mine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Session {
    pub id: SessionId,
    /// What signed in, as it called itself (`User-Agent`, shortened).
    pub agent: String,
    /// The network it signed in from: an address without its last part. Empty
    /// when that was not noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub network: String,
    pub created_at: Millis,
    /// To within a few minutes.
    pub seen_at: Millis,
    pub expires_at: Millis,
    /// Whether it is the one asking.
    pub current: bool,
}
