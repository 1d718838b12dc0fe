//! Rooms, who belongs to them, and the messages people see in them.

use serde::{Deserialize, Serialize};

use crate::event::{Key, Millis};
use crate::ids::{EventId, RoomId, Seq, UserId};
use crate::mine::Mine;
use crate::rules::Rules;

/// Who may find and enter a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everyone with an account sees it, reads it and may join.
    Open,
    /// Only members know that it exists.
    Closed,
    /// A conversation between two to nine people; its members never change.
    Direct,
}

/// What a member may do in a room; each includes the ones after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomRole {
    Owner,
    Moderator,
    Member,
    Guest,
}

impl RoomRole {
    /// From the one that may do the least to the one that may do everything.
    pub const LADDER: [Self; 4] = [Self::Guest, Self::Member, Self::Moderator, Self::Owner];

    /// Whether it may do all that `other` may.
    pub fn includes(self, other: Self) -> bool {
        self.rung() >= other.rung()
    }

    #[must_use]
    pub fn higher(self, other: Self) -> Self {
        if self.includes(other) { self } else { other }
    }

    fn rung(self) -> u8 {
        match self {
            Self::Guest => 0,
            Self::Member => 1,
            Self::Moderator => 2,
            Self::Owner => 3,
        }
    }
}

/// A room as everyone who may see it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Room {
    pub id: RoomId,
    /// Empty for a direct room: clients show the other people's names.
    pub name: String,
    pub topic: String,
    /// Its name in links; direct rooms have none. It changes with the name, and
    /// the old ones go on answering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    pub kind: RoomKind,
    /// What its rules say beyond the usual.
    #[serde(default, skip_serializing_if = "Rules::are_usual")]
    pub rules: Rules,
    pub archived: bool,
    /// Newcomers are brought here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newcomers: bool,
    pub created_at: Millis,
    pub created_by: UserId,
    /// The newest event.
    pub head: Seq,
    /// When that was.
    pub active_at: Millis,
    pub member_count: i64,
    /// The members of a direct room, oneself included; empty for other kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<UserId>,
}

/// A room together with where I stand in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoomState {
    #[serde(flatten)]
    pub room: Room,
    /// Absent when I may read the room but do not belong to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoomRole>,
    /// My receipt: how far I have read.
    pub read: Seq,
    /// Messages after my receipt, tombstones not counted, and of threads only
    /// what is in the room as well.
    pub unread: i64,
    /// My own settings of it.
    #[serde(flatten)]
    pub mine: Mine,
    /// Those of them that concern me by name, group, `@here` or `@room`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mentions: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
pub(crate) fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// A member of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Member {
    pub user: UserId,
    pub role: RoomRole,
    pub joined_at: Millis,
}

/// A thread as someone stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Thread {
    pub room: RoomId,
    /// The seq of the message it began with.
    pub thread: Seq,
    /// Whether I hear of it.
    pub follows: bool,
    /// How far I have read it.
    pub read: Seq,
    /// Replies after that, tombstones not counted.
    pub unread: i64,
    /// Those of them that concern me.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mentions: i64,
    /// The newest reply.
    pub last: Seq,
    pub last_at: Millis,
}

/// How far a member has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Receipt {
    pub user: UserId,
    pub seq: Seq,
    /// How far their devices have got what was said.
    #[serde(default)]
    pub got: Seq,
}

/// One line of a room's timeline: what became of the event at `seq` and of
/// every later event about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Message {
    pub room: RoomId,
    pub seq: Seq,
    pub id: EventId,
    pub at: Millis,
    pub author: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// The seq of the newest edit; later edits have higher ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Millis>,
    /// Who removed it. A tombstone's text is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_by: Option<UserId>,
    /// The newest event that changed anything here; of two copies, the one
    /// with the higher `rev` is the newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<Seq>,
    /// In the order of their first use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Who pinned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_by: Option<UserId>,
    /// The thread that begins here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replies: Option<Replies>,
    /// How often each option of its poll was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Vote>,
    /// What its first link leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<crate::preview::Preview>,
    /// `posted` with the present text, or the fact of a system line.
    #[serde(flatten)]
    pub fact: crate::event::Fact,
}

impl Message {
    /// The message it answers.
    pub fn reply(&self) -> Option<Seq> {
        match &self.fact {
            crate::event::Fact::Posted(post) => post.reply,
            _ => None,
        }
    }

    /// What it says; empty for a tombstone and for a system line.
    pub fn text(&self) -> &str {
        match &self.fact {
            crate::event::Fact::Posted(post) => &post.text,
            _ => "",
        }
    }
}

/// One emoji under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reaction {
    pub emoji: String,
    pub count: i64,
    /// Whether I am among them.
    pub mine: bool,
}

/// One option of a poll that somebody chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Vote {
    pub option: u8,
    pub count: i64,
    /// Whether I chose it.
    pub mine: bool,
}

/// What is known of a thread without opening it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Replies {
    /// Tombstones not counted.
    pub count: i64,
    /// The newest one that was ever written.
    pub last: Seq,
    pub last_at: Millis,
    /// The first who answered, three at most.
    pub people: Vec<UserId>,
}

/// A bounded piece of a room's timeline, oldest first.
///
/// It is complete for `from..=to`: whatever has its seq in there and is not in
/// `messages` is an event about another message, already applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Page {
    pub room: RoomId,
    /// 1 when the page reaches the beginning of the room.
    pub from: Seq,
    /// The room's head when the page reaches the newest message; follow from here.
    pub to: Seq,
    /// The room's head when the page was read. Every edit and deletion up to
    /// it is applied, so a client that follows from it misses none.
    pub head: Seq,
    pub messages: Vec<Message>,
    /// What some of them answer, when it is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quoted: Vec<Message>,
}

/// What a message said from one edit to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Version {
    /// The event that made it say this.
    pub seq: Seq,
    pub at: Millis,
    pub text: String,
}
