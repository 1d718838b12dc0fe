//! Numbers that cannot be mixed up.
//!
//! Ids are 64-bit and time-ordered: integers in the database, strings in JSON,
//! because JavaScript's numbers end at 2^53. A [`Seq`] is a plain number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The text was not a positive 64-bit integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^[0-9]{1,19}$", example = "178231099645001728"))]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                match text.parse::<i64>() {
                    Ok(n) if n > 0 => Ok(Self(n)),
                    _ => Err(NotAnId),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A person, guest or bot with an account.
    UserId
);
id!(
    /// A conversation with a membership and a log.
    RoomId
);
id!(
    /// One event, unique in the whole server.
    EventId
);
id!(
    /// A signed-in browser or program.
    SessionId
);
id!(
    /// An invitation. Its link carries a random secret, never this number.
    InviteId
);
id!(
    /// One line of the audit log.
    AuditId
);
id!(
    /// A part of someone's own list of rooms.
    SectionId
);
id!(
    /// A link for guests. Its address carries a random secret, never this number.
    LinkId
);
id!(
    /// A legal hold: what it is about is not deleted by schedule.
    HoldId
);
id!(
    /// Something the server tells people, once or by a schedule.
    AnnouncementId
);
id!(
    /// A named group of people.
    GroupId
);
id!(
    /// Someone's word that a message is not all right.
    ReportId
);
id!(
    /// A ban of a network from the server.
    BanId
);
id!(
    /// A word or a site that is not wanted.
    FilterId
);
id!(
    /// A custom emoji.
    EmojiId
);
id!(
    /// A message's place among those that someone saved.
    SavedId
);
id!(
    /// A message that is to be sent later.
    ScheduledId
);
id!(ReminderId);

/// An event's place in its room's log. The first event is 1 and there are no
/// holes; 0 is the cursor of someone who has seen nothing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = i64, example = 42, minimum = 0))]
#[serde(transparent)]
pub struct Seq(pub i64);

impl Seq {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// `n` places earlier, never before the start of the log.
    #[must_use]
    pub fn back(self, n: i64) -> Self {
        Self(self.0.saturating_sub(n).max(0))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_string_in_json_and_refuses_anything_else() {
        let id = UserId(i64::MAX);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{}\"", i64::MAX));
        assert_eq!(serde_json::from_str::<UserId>(&json).unwrap(), id);
        for wrong in [
            "7",
            "\"\"",
            "\"-1\"",
            "\"0\"",
            "\"1e3\"",
            "\"9223372036854775808\"",
            "null",
        ] {
            assert!(serde_json::from_str::<UserId>(wrong).is_err(), "{wrong}");
        }
    }
}
