//! What an archive says of itself; the rest of it is in the words of the wire.
//! See `docs/export-format.md`.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::files::FileId;
use crate::ids::{RoomId, UserId};

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

/// `end.json`, the last file: without it the archive broke off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub people: usize,
    pub rooms: usize,
    pub events: usize,
    pub files: usize,
    /// Files whose bytes could not be read.
    pub missing_files: usize,
}
