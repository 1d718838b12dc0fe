//! How long things are kept, and what must be kept all the same.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::ids::{HoldId, RoomId, Seq, UserId};

/// How long a room keeps its messages. 0 is for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Retention {
    pub message_days: i64,
    /// Whether this room has a rule of its own; else it is the server's.
    pub own: bool,
}

/// `PUT /api/v1/admin/rooms/{room}/retention`: a rule for one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetRetention {
    /// 0 keeps them for ever; absent or null leaves it to the server.
    #[serde(default)]
    pub message_days: Option<i64>,
}

/// What the next run would delete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RetentionPreview {
    pub messages: i64,
    /// When the oldest of them was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_at: Option<Millis>,
    /// Room by room, the most first; at most 200.
    pub rooms: Vec<RoomPreview>,
    /// Files past a time of their own, which leave their messages behind.
    pub files: i64,
    /// How large they are together.
    pub file_bytes: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoomPreview {
    pub room: RoomId,
    pub messages: i64,
    pub oldest_at: Millis,
}

/// Nothing of this room, or of this person, is deleted by a schedule while the
/// hold stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Hold {
    pub id: HoldId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    pub reason: String,
    pub created_by: UserId,
    pub created_at: Millis,
}

/// `POST /api/v1/admin/holds`: of a room or of a person, one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateHold {
    #[serde(default)]
    pub room: Option<RoomId>,
    #[serde(default)]
    pub user: Option<UserId>,
    pub reason: String,
}

/// From one place in a log to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SeqRange {
    pub from: Seq,
    pub to: Seq,
}

impl SeqRange {
    pub fn contains(&self, seq: Seq) -> bool {
        (self.from..=self.to).contains(&seq)
    }
}

/// How many replies a thread has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RepliesLeft {
    pub root: Seq,
    pub count: i64,
}
