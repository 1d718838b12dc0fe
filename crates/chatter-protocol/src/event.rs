//! Every kind of event a room's log can hold.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::files::FileId;
use crate::ids::{EventId, RoomId, Seq, UserId};
use crate::post::{Post, Reference};
use crate::preview::Preview;
use crate::retention::{RepliesLeft, SeqRange};
use crate::rooms::{RoomKind, RoomRole};
use crate::rules::Rules;

/// Milliseconds since 1970-01-01T00:00:00Z. For showing only: no order,
/// cursor or page depends on it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = i64, example = 1_773_306_720_000_i64))]
#[serde(transparent)]
pub struct Millis(pub i64);

/// The sender's own name for an action, so that a retry is the same action.
/// 1 to 64 letters, digits, `-`, `_`, `.` or `:`; a UUID fits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^[A-Za-z0-9_.:-]{1,64}$", example = "0197b2a4-5d1e-7c3f"))]
#[serde(transparent)]
pub struct Key(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 1 to 64 letters, digits, '-', '_', '.' or ':'")]
pub struct NotAKey;

impl Key {
    pub const MAX_BYTES: usize = 64;

    pub fn new(text: impl Into<String>) -> Result<Self, NotAKey> {
        let text = text.into();
        let fits = (1..=Self::MAX_BYTES).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
        if fits { Ok(Self(text)) } else { Err(NotAKey) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// One immutable fact in a room's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Event {
    pub room: RoomId,
    pub seq: Seq,
    pub id: EventId,
    pub at: Millis,
    /// Who did it.
    pub author: UserId,
    /// The author's name for it, when one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened. `kind` names it; clients ignore kinds they do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The room exists. Always its first event.
    Created {
        name: String,
        access: RoomKind,
    },
    /// Someone said something. Its seq names the message from here on.
    Posted(Post),
    /// The text of the message at `target` was replaced.
    Edited {
        target: Seq,
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        refs: Vec<Reference>,
    },
    /// The message at `target` is now a tombstone: place, author and time stay.
    /// Its text leaves the log too.
    Deleted {
        target: Seq,
    },
    /// `user` is now a member. Added by someone else when `author` differs.
    Joined {
        user: UserId,
        role: RoomRole,
    },
    /// `user` is no longer a member. Removed when `author` differs.
    Left {
        user: UserId,
    },
    /// `user` has another role now.
    RoleChanged {
        user: UserId,
        role: RoomRole,
    },
    Renamed {
        name: String,
    },
    TopicChanged {
        topic: String,
    },
    Archived,
    Restored,
    /// The author put `emoji` under the message at `target`.
    Reacted {
        target: Seq,
        emoji: String,
    },
    /// The author took it back.
    Unreacted {
        target: Seq,
        emoji: String,
    },
    /// The message at `target` is pinned to the room.
    Pinned {
        target: Seq,
    },
    Unpinned {
        target: Seq,
    },
    /// The author chose an option of the poll at `target`, by its place.
    Voted {
        target: Seq,
        option: u8,
    },
    /// The author no longer chooses it.
    Unvoted {
        target: Seq,
        option: u8,
    },
    /// The poll at `target` takes no more votes.
    PollClosed {
        target: Seq,
    },
    /// Who may find and enter the room. One that is closed is gone for whoever
    /// does not belong to it.
    AccessChanged {
        access: RoomKind,
    },
    /// The conversation is a closed room with a name now.
    Converted {
        name: String,
    },
    /// Who may do what, and how often: the whole set, in place of the old one.
    RulesChanged {
        rules: Rules,
    },
    /// What the first link of the message at `target` leads to.
    Previewed {
        target: Seq,
        preview: Preview,
    },
    /// It is not to be shown.
    PreviewRemoved {
        target: Seq,
    },
    /// Every line in `ranges` was past its time and is gone; its place in the
    /// log stays, without what was said there.
    Expired {
        ranges: Vec<SeqRange>,
        /// Threads that lost replies, and how many are left in each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        threads: Vec<RepliesLeft>,
    },
}

impl Fact {
    /// The name of the kind, as on the wire and in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Posted(_) => "posted",
            Self::Edited { .. } => "edited",
            Self::Deleted { .. } => "deleted",
            Self::Joined { .. } => "joined",
            Self::Left { .. } => "left",
            Self::RoleChanged { .. } => "role_changed",
            Self::Renamed { .. } => "renamed",
            Self::TopicChanged { .. } => "topic_changed",
            Self::Archived => "archived",
            Self::Restored => "restored",
            Self::Reacted { .. } => "reacted",
            Self::Unreacted { .. } => "unreacted",
            Self::Pinned { .. } => "pinned",
            Self::Unpinned { .. } => "unpinned",
            Self::Voted { .. } => "voted",
            Self::Unvoted { .. } => "unvoted",
            Self::PollClosed { .. } => "poll_closed",
            Self::AccessChanged { .. } => "access_changed",
            Self::Converted { .. } => "converted",
            Self::RulesChanged { .. } => "rules_changed",
            Self::Previewed { .. } => "previewed",
            Self::PreviewRemoved { .. } => "preview_removed",
            Self::Expired { .. } => "expired",
        }
    }

    /// Whether it takes a line of its own in the timeline. The others change a
    /// line that is already there.
    pub fn is_line(&self) -> bool {
        !matches!(
            self,
            Self::Edited { .. }
                | Self::Deleted { .. }
                | Self::Reacted { .. }
                | Self::Unreacted { .. }
                | Self::Unpinned { .. }
                | Self::Voted { .. }
                | Self::Unvoted { .. }
                | Self::PollClosed { .. }
                | Self::Previewed { .. }
                | Self::PreviewRemoved { .. }
                | Self::Expired { .. }
        )
    }

    /// What stays of it in the log once its message is deleted: where it
    /// stands, and nothing of what was said.
    #[must_use]
    pub fn blanked(&self) -> Self {
        match self {
            Self::Posted(post) => Self::Posted(post.blanked()),
            Self::Edited { target, .. } => Self::Edited {
                target: *target,
                text: String::new(),
                refs: Vec::new(),
            },
            Self::Previewed { target, .. } => Self::Previewed {
                target: *target,
                preview: Preview::default(),
            },
            other => other.clone(),
        }
    }

    /// The message it is about, when that is another event's.
    pub fn target(&self) -> Option<Seq> {
        match self {
            Self::Edited { target, .. }
            | Self::Deleted { target }
            | Self::Reacted { target, .. }
            | Self::Unreacted { target, .. }
            | Self::Pinned { target }
            | Self::Unpinned { target }
            | Self::Voted { target, .. }
            | Self::Unvoted { target, .. }
            | Self::PollClosed { target }
            | Self::Previewed { target, .. }
            | Self::PreviewRemoved { target } => Some(*target),
            _ => None,
        }
    }

    /// Everyone it names, beside its author.
    pub fn people(&self) -> Vec<UserId> {
        match self {
            Self::Posted(post) => {
                let passed_on = post.forward.as_ref();
                let others = passed_on.iter().flat_map(|it| &it.refs);
                let meant = post.refs.iter().chain(others).filter_map(Reference::user);
                let first = passed_on.map(|it| it.author);
                meant.chain(first).collect()
            }
            Self::Edited { refs, .. } => refs.iter().filter_map(Reference::user).collect(),
            Self::Joined { user, .. } | Self::Left { user } | Self::RoleChanged { user, .. } => {
                vec![*user]
            }
            _ => Vec::new(),
        }
    }

    /// The files it brings, its own and those it passes on.
    pub fn files(&self) -> Vec<&FileId> {
        let Self::Posted(post) = self else {
            return Vec::new();
        };
        let passed_on = post.forward.iter().flat_map(|it| &it.attachments);
        let all = post.attachments.iter().chain(passed_on);
        all.map(|attachment| &attachment.file).collect()
    }

    /// A message that is text and nothing else.
    pub fn said(text: impl Into<String>) -> Self {
        Self::Posted(Post {
            text: text.into(),
            ..Post::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_on_the_wire_is_the_kind_by_name() {
        let user = UserId(7);
        let role = RoomRole::Member;
        for fact in [
            Fact::Created {
                name: "den".into(),
                access: RoomKind::Closed,
            },
            Fact::said("hi"),
            Fact::Edited {
                target: Seq(1),
                text: "ho".into(),
                refs: Vec::new(),
            },
            Fact::Deleted { target: Seq(1) },
            Fact::Joined { user, role },
            Fact::Left { user },
            Fact::RoleChanged { user, role },
            Fact::Renamed {
                name: "lair".into(),
            },
            Fact::TopicChanged { topic: "t".into() },
            Fact::Archived,
            Fact::Restored,
            Fact::Reacted {
                target: Seq(1),
                emoji: "👍".into(),
            },
            Fact::Unreacted {
                target: Seq(1),
                emoji: "👍".into(),
            },
            Fact::Pinned { target: Seq(1) },
            Fact::Unpinned { target: Seq(1) },
            Fact::Voted {
                target: Seq(1),
                option: 0,
            },
            Fact::Unvoted {
                target: Seq(1),
                option: 0,
            },
            Fact::PollClosed { target: Seq(1) },
            Fact::AccessChanged {
                access: RoomKind::Open,
            },
            Fact::Converted { name: "den".into() },
            Fact::RulesChanged {
                rules: Rules {
                    post: Some(RoomRole::Moderator),
                    slow: 30,
                    ..Rules::default()
                },
            },
            Fact::Previewed {
                target: Seq(1),
                preview: Preview {
                    link: "https://example.org".into(),
                    url: "https://example.org/".into(),
                    title: "Example".into(),
                    ..Preview::default()
                },
            },
            Fact::PreviewRemoved { target: Seq(1) },
            Fact::Expired {
                ranges: vec![SeqRange {
                    from: Seq(1),
                    to: Seq(9),
                }],
                threads: vec![RepliesLeft {
                    root: Seq(10),
                    count: 2,
                }],
            },
        ] {
            let json = serde_json::to_value(&fact).unwrap();
            assert_eq!(json["kind"], fact.kind());
            assert_eq!(serde_json::from_value::<Fact>(json).unwrap(), fact);
        }
    }

    #[test]
    fn a_key_is_short_and_plain() {
        assert!(Key::new("0197b2a4-5d1e-7c3f.a:B_9").is_ok());
        for wrong in ["", " ", "a b", "ä", "a\0", &"x".repeat(65)] {
            assert_eq!(Key::new(wrong), Err(NotAKey), "{wrong:?}");
        }
    }
}
