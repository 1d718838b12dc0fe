//! Keeping the peace: reports of messages, bans, and filters.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::ids::{BanId, FilterId, ReportId, RoomId, Seq, UserId};

/// `POST /api/v1/rooms/{room}/messages/{seq}/reports`: something should be
/// done about this message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MakeReport {
    /// What is wrong with it.
    pub reason: String,
}

/// A report as moderators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Report {
    pub id: ReportId,
    pub room: RoomId,
    pub seq: Seq,
    /// Who wrote the message.
    pub author: UserId,
    /// Who reported it; Chatter itself when a filter did.
    pub reporter: UserId,
    pub reason: String,
    pub at: Millis,
    /// What the message says now; absent once it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What was done about it; absent while nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
}

/// How a report was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Resolution {
    pub outcome: ReportOutcome,
    pub by: UserId,
    pub at: Millis,
    /// For the other moderators.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What became of a report. It says what was done and does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReportOutcome {
    Dismissed,
    Deleted,
    Warned,
    Removed,
    Banned,
}

/// `POST /api/v1/reports/{report}/resolution`: closes it, with all other
/// reports of the same message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Resolve {
    pub outcome: ReportOutcome,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    #[default]
    Open,
    Resolved,
}

/// Someone who may not be in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoomBan {
    pub user: UserId,
    pub reason: String,
    pub by: UserId,
    pub at: Millis,
    /// Absent: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Millis>,
}

/// `PUT /api/v1/rooms/{room}/bans/{user}`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Ban {
    /// For the room's log, the banned person and the other moderators.
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Millis>,
}

/// Addresses nobody may come in from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NetworkBan {
    pub id: BanId,
    /// Such as `192.0.2.7/32` or `2001:db8::/48`.
    pub network: String,
    pub reason: String,
    pub by: UserId,
    pub at: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Millis>,
}

/// `POST /api/v1/admin/bans`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BanNetwork {
    /// An address or a network.
    pub network: String,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Millis>,
}

/// Words or sites that are not wanted, in one room or everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Filter {
    pub id: FilterId,
    /// Absent: in every room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    pub kind: FilterKind,
    /// A word, with `*` before or after it for what else may stand there; or
    /// a domain, which means its subdomains too.
    pub pattern: String,
    pub action: FilterAction,
    pub by: UserId,
    pub at: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FilterKind {
    Word,
    /// Links to this domain.
    DeniedDomain,
    /// Links to any domain that is not allowed by one of these.
    AllowedDomain,
}

/// What happens to a message that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FilterAction {
    /// It is not said.
    Refuse,
    /// It is said, and the moderators hear of it.
    Report,
}

/// `POST /api/v1/rooms/{room}/filters` and `POST /api/v1/admin/filters`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MakeFilter {
    pub kind: FilterKind,
    pub pattern: String,
    pub action: FilterAction,
}
