//! Named groups of people: one word to mention them all.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::ids::{GroupId, UserId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Group {
    pub id: GroupId,
    /// What mentions it; no user has the same one.
    pub handle: String,
    pub name: String,
    pub created_by: UserId,
    pub created_at: Millis,
    pub member_count: i64,
}

/// `POST /api/v1/groups`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    pub handle: String,
    pub name: String,
}

/// `PATCH /api/v1/groups/{group}`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeGroup {
    #[serde(default)]
    pub handle: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
}
