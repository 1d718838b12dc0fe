//! What an archive says of itself; the rest of it is in the words of the wire.
//! See `docs/export-format.md`.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::files::FileId;
use crate::ids::{EmojiId, RoomId, UserId};
use crate::rooms::RoomKind;

/// `manifest.json`, the first file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `chatter-export`.
    pub format: String,
    pub version: u32,
    pub made_at: Millis,
    /// Of the logs that it was made from.
    pub log_id: String,
    pub server: String,
    pub scope: Scope,
}

/// What is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Scope {
    Everything,
    Room {
        room: RoomId,
    },
    /// Only what this person did.
    Person {
        user: UserId,
    },
}

/// `rooms/…/files/….json`: a file that a message carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    pub file: FileId,
    pub name: String,
    pub size: i64,
    pub media_type: String,
    /// Its bytes are at `files/` and this.
    pub hash: String,
}

/// A line of `emoji.jsonl`: an emoji of the server's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedEmoji {
    pub id: EmojiId,
    pub name: String,
    pub created_by: UserId,
    pub created_at: Millis,
    /// Its bytes are at `files/` and this.
    pub hash: String,
}

/// A line of `faces/….jsonl`: what someone looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFace {
    pub user: UserId,
    /// Its bytes are at `files/` and this.
    pub hash: String,
}

/// `end.json`, the last file: without it the archive broke off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub people: usize,
    pub rooms: usize,
    pub events: usize,
    pub files: usize,
    /// Files that messages carry and that could not be read.
    pub missing_files: usize,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Imported {
    /// Only looked at: nothing was changed.
    pub dry_run: bool,
    /// When the archive was made, and the name of the server it is from.
    pub made_at: Millis,
    pub server: String,
    /// People who are new here.
    pub people_added: usize,
    /// People who are here already, by their handles: what they said there is
    /// theirs here. The first of them, when there are many.
    pub people_matched: Vec<String>,
    /// The first of them, when there are many.
    pub rooms: Vec<ImportedRoom>,
    pub rooms_total: usize,
    pub events: usize,
    /// Emoji of the server's own; only with everything.
    pub emoji: usize,
    pub files: usize,
    /// Files that messages carried and that had gone before: the messages still
    /// say what they were called.
    pub missing_files: usize,
}

/// A room of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ImportedRoom {
    /// Its id there.
    pub was: RoomId,
    /// Its id here; absent when it was only looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// Empty for a direct room.
    pub name: String,
    pub kind: RoomKind,
    pub events: usize,
}

/// Who the people of an archive are here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportPeople {
    /// Nobody who is here: each comes along.
    #[default]
    New,
    /// Whoever has the same handle here.
    ByHandle,
}
