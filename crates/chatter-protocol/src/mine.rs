//! What each person makes of their rooms: nobody else sees it.

use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{RoomId, SectionId};

/// What of a room someone wants to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Involvement {
    Nothing,
    Mentions,
    Everything,
}

/// My own settings of a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Mine {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub starred: bool,
    /// Nothing of it makes a sound or a mark.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// Absent while I have not chosen: everything in a direct room, mentions
    /// elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involvement: Option<Involvement>,
    /// The section of my list that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<SectionId>,
}

/// `PATCH /api/v1/rooms/{room}/mine`: what is absent stays.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeMine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starred: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involvement: Option<Involvement>,
    /// `null` takes it out of its section; else it comes last in that one.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "said"
    )]
    #[cfg_attr(feature = "schema", schema(value_type = Option<SectionId>))]
    pub section: Option<Option<SectionId>>,
}

/// Tells `null` from not being there.
#[expect(
    clippy::option_option,
    reason = "absent, null and a section are three answers"
)]
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<SectionId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A named part of my list of rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Section {
    pub id: SectionId,
    pub name: String,
    /// In the order I gave them.
    pub rooms: Vec<RoomId>,
}

/// One of [`PutSections`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DraftSection {
    /// Absent for a new one.
    #[serde(default)]
    pub id: Option<SectionId>,
    pub name: String,
    #[serde(default)]
    pub rooms: Vec<RoomId>,
}

/// `PUT /api/v1/me/sections`: all of them, in their order. A room is in one
/// section at most; those I do not belong to are left out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutSections {
    pub sections: Vec<DraftSection>,
}
