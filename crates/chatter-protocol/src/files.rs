//! Files: what is uploaded, what messages carry, and emoji of one's own.
//!
//! The bytes themselves never travel in frames: they have addresses of their
//! own, below `/api/v1/files`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::ids::{EmojiId, NotAnId, RoomId, UserId};

/// A file, or the upload it will come from: 128 random bits in hexadecimal.
/// Knowing it is not enough to read it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^[0-9a-f]{32}$", example = "7f1c9a02d4b85e63a0c7f21b9d3e4856"))]
#[serde(transparent)]
pub struct FileId(String);

impl FileId {
    pub fn new(random: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(random)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FileId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let plain = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 32 && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId)
        }
    }
}

impl<'de> Deserialize<'de> for FileId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attachment {
    pub file: FileId,
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// Found in the bytes, not believed from the name.
    pub media_type: String,
    /// Pixels, of pictures, as they are to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Whether there is a smaller picture of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thumbnail: bool,
    /// What it shows, for those who do not see it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alt: String,
}

/// A file to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DraftFile {
    pub file: FileId,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alt: String,
}

/// `POST /api/v1/uploads`: what is going to come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// Without its folders; an ending says nothing about the bytes.
    pub name: String,
    /// Bytes, at least one.
    pub size: i64,
    /// Where it is meant to be posted, to be refused early.
    #[serde(default)]
    pub room: Option<RoomId>,
}

/// A file on its way in. Bytes are taken from `offset` on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Upload {
    /// The file will be called the same.
    pub id: FileId,
    pub name: String,
    pub size: i64,
    /// How many bytes have arrived.
    pub offset: i64,
    /// The most bytes to send at once.
    pub chunk: i64,
    /// What has not arrived by then is thrown away.
    pub expires_at: Millis,
    /// Once all have arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<StoredFile>,
}

/// A file that is all there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StoredFile {
    pub id: FileId,
    pub name: String,
    pub size: i64,
    pub media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thumbnail: bool,
    pub created_at: Millis,
}

/// A small picture that stands for `:name:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Emoji {
    pub id: EmojiId,
    /// Unique; a to z, digits, `_`, `+` and `-`.
    pub name: String,
    pub created_by: UserId,
    pub created_at: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_file_is_hexadecimal_and_nothing_else() {
        let id = FileId::new([0xA7; 16]);
        assert_eq!(id.to_string(), "a7".repeat(16));
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<FileId>(&json).unwrap(), id);
        for wrong in [
            "",
            "7",
            &"A7".repeat(16),
            &"a7".repeat(17),
            "../../../../../../../../etc/pass",
        ] {
            assert_eq!(wrong.parse::<FileId>(), Err(NotAnId), "{wrong}");
        }
    }
}
