//! What a message is made of: the text as typed, and what travels with it as
//! data, so that no client has to guess what a word meant.
//!
//! A [`Draft`] is what its author sends; the rules turn it into a [`Post`].

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::files::{Attachment, DraftFile};
use crate::ids::{EmojiId, GroupId, RoomId, Seq, UserId};

/// What was said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Post {
    /// As it was typed: the Markdown subset of `docs/markdown.md`.
    pub text: String,
    /// The message of this room that it answers; clients show a line of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Seq>,
    /// The first message of the thread that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Seq>,
    /// Of a thread, and shown in the room all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_in_room: bool,
    /// What words of the text mean.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<Reference>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What someone said elsewhere, passed on with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Box<Forward>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Box<Poll>>,
}

impl Post {
    /// Whether it is text and nothing else.
    pub fn is_plain(&self) -> bool {
        let Self {
            text: _,
            reply: None,
            thread: None,
            also_in_room: false,
            refs,
            attachments,
            forward: None,
            poll: None,
        } = self
        else {
            return false;
        };
        refs.is_empty() && attachments.is_empty()
    }

    /// Whether the room's own timeline shows it.
    pub fn is_in_room(&self) -> bool {
        self.thread.is_none() || self.also_in_room
    }

    /// Whether both came from the same draft. What the server found out when
    /// it was sent does not count.
    pub fn is_same_draft(&self, other: &Self) -> bool {
        let options = |post: &Self| post.poll.as_ref().map(|poll| poll.options.clone());
        let passed_on = |post: &Self| post.forward.as_ref().map(|it| (it.author, it.at));
        let files =
            |post: &Self| -> Vec<_> { post.attachments.iter().map(|it| it.file.clone()).collect() };
        self.text == other.text
            && (self.reply, self.thread, self.also_in_room)
                == (other.reply, other.thread, other.also_in_room)
            && options(self) == options(other)
            && passed_on(self) == passed_on(other)
            && files(self) == files(other)
    }

    /// What stays of it once it is deleted: where it stood.
    #[must_use]
    pub fn blanked(&self) -> Self {
        Self {
            reply: self.reply,
            thread: self.thread,
            also_in_room: self.also_in_room,
            ..Self::default()
        }
    }
}

/// What a word of a text means. The server looks it up when the message is
/// sent, so that a later namesake changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reference {
    /// The word as it stands in the text: `@bob`, `#kitchen`, `:party:`, or
    /// the language after a code fence.
    pub text: String,
    #[serde(flatten)]
    pub means: Meaning,
}

impl Reference {
    /// The person it means, if it means one.
    pub fn user(&self) -> Option<UserId> {
        match self.means {
            Meaning::User { id } => Some(id),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Meaning {
    User {
        id: UserId,
    },
    /// A named group of people.
    Group {
        id: GroupId,
    },
    /// Everyone who is in the room now.
    Here,
    /// Everyone who belongs to the room.
    Everyone,
    Room {
        id: RoomId,
    },
    Emoji {
        id: EmojiId,
    },
    /// A language of code, by its usual name.
    Language {
        name: String,
    },
}

/// A message passed on. A copy: what becomes of the first one changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Forward {
    pub author: UserId,
    pub at: Millis,
    /// Where it was said, when that is an open room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<Reference>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A question with answers to choose from; the message's text asks it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Poll {
    pub options: Vec<String>,
    /// Whether one may choose several.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multiple: bool,
    /// Takes no votes from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Millis>,
    /// Closed by its author or a moderator.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// What is being said, before it has a seq.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Draft {
    /// May be empty when something else is sent.
    #[serde(default)]
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Seq>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_in_room: bool,
    /// Uploaded before, in the order they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<DraftFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<ForwardOf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
}

impl Draft {
    /// Text and nothing else.
    pub fn said(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// The message to pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ForwardOf {
    pub room: RoomId,
    pub seq: Seq,
}
