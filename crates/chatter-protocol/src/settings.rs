//! What the owner chooses for the whole server.

use serde::{Deserialize, Serialize};

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignUp {
    /// Whoever has an invite.
    #[default]
    Invite,
    /// Anyone who can reach the server.
    Open,
    /// Nobody, not even with an invite.
    Closed,
}

/// What a setting's value looks like. On the wire and in the database every
/// value is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    Text,
    /// `on` or `off`.
    Switch,
    /// A whole number from `min` to `max`.
    Number,
    /// One of `choices`.
    Choice,
}

/// `GET /api/v1/admin/settings`: one setting, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServerSetting {
    pub name: String,
    pub value: String,
    /// What it is while nobody chose.
    pub default: String,
    /// Given when the server was started: that wins, and cannot be changed
    /// here.
    pub fixed: bool,
    pub kind: SettingKind,
    /// The most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What a number counts, such as `days`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// One sentence: what it is for.
    pub help: String,
}
