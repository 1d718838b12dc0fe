//! What the server tells people, once or by a schedule.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::ids::{AnnouncementId, RoomId, UserId};
use crate::people::ServerRole;

/// How it reaches people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementKind {
    /// Above everything, until each dismisses it.
    Banner,
    /// A message in rooms, by Chatter itself.
    Message,
}

/// Whom it reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Audience {
    Everyone,
    /// Whoever belongs to one of these rooms.
    Rooms {
        rooms: Vec<RoomId>,
    },
    /// Whoever has one of these roles on the server.
    Roles {
        roles: Vec<ServerRole>,
    },
}

/// When it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Schedule {
    Once {
        at: Millis,
    },
    /// Every so often, beginning with `from`.
    Every {
        seconds: i64,
        from: Millis,
    },
    /// Five fields: minute, hour, day of the month, month, day of the week.
    Cron {
        cron: String,
    },
}

/// `POST /api/v1/admin/announcements`, and `PUT` of one: all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AnnouncementDraft {
    pub text: String,
    pub kind: AnnouncementKind,
    /// Of a message: rooms.
    pub audience: Audience,
    pub schedule: Schedule,
    /// Whose time of day `cron` means, such as `Europe/Berlin`; UTC when absent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// How long a banner is shown, in seconds; a day when absent.
    #[serde(default)]
    pub lasts: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Announcement {
    pub id: AnnouncementId,
    pub text: String,
    pub kind: AnnouncementKind,
    pub audience: Audience,
    pub schedule: Schedule,
    pub time_zone: String,
    pub lasts: i64,
    pub created_by: UserId,
    pub created_at: Millis,
    /// Absent: it will not happen again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Millis>,
}

/// A banner as it is shown now. Said by `GET /api/v1/announcements`, and to
/// open sockets when it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Banner {
    pub announcement: AnnouncementId,
    pub text: String,
    /// When it was due: the next time it happens, it is another banner.
    pub due: Millis,
    pub until: Millis,
}
