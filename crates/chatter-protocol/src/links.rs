//! Links that let guests into one room.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::ids::{LinkId, RoomId, UserId};

/// `POST /api/v1/rooms/{room}/guest-links`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateGuestLink {
    /// Seconds from now; a week when absent. Its guests leave with it.
    #[serde(default)]
    pub expires_in: Option<i64>,
    /// How many guests it lets in; 10 when absent.
    #[serde(default)]
    pub max_uses: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GuestLink {
    pub id: LinkId,
    /// Only in the answer that made it: only its hash is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    pub room: RoomId,
    pub created_by: UserId,
    pub created_at: Millis,
    pub expires_at: Millis,
    pub max_uses: i64,
    pub uses: i64,
}

/// `GET /api/v1/guest-links/{secret}`: what a guest sees first, and no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GuestLinkPreview {
    pub server_name: String,
    pub room_name: String,
}
