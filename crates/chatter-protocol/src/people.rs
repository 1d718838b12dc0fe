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
    pub role: ServerRole,
    pub deactivated: bool,
    pub created_at: Millis,
}

/// A signed-in browser or program of mine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Session {
    pub id: SessionId,
    /// What signed in, as it called itself (`User-Agent`, shortened).
    pub agent: String,
    pub created_at: Millis,
    /// To within a few minutes.
    pub seen_at: Millis,
    pub expires_at: Millis,
    /// Whether it is the one asking.
    pub current: bool,
}
