//! Everything a run saw, one line each: what the judge needs and nothing else.
//!
//! Texts are kept as hashes, so a history of a private server tells no secrets.
//! `docs/history-format.md` shows every line by example.

use std::fmt;
use std::io::BufRead;

use anyhow::Context;
use chatter_protocol::{Code, EventId, Fact, Key, RoomId, Seq, UserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One thing that happened, on the run's one monotonic clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Nanoseconds since the run began.
    pub t: u64,
    #[serde(flatten)]
    pub what: Record,
}

/// A connection's number in the run. It keeps it over reconnects.
pub type Conn = u32;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Record {
    /// A socket of `user` is open: `welcome` was heard.
    Open { conn: Conn, user: UserId },
    /// It is closed, with the server's code if there was one.
    Close {
        conn: Conn,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
    },
    /// From here on `conn` hears `room`, from after `cursor`.
    Follow {
        conn: Conn,
        room: RoomId,
        cursor: Seq,
    },
    /// The server skips ahead: what comes next is after `head`.
    Reset { conn: Conn, room: RoomId, head: Seq },
    /// The server says this room is no longer heard.
    Gone { conn: Conn, room: RoomId },
    /// A post is about to be sent. Again with the same key: a retry.
    Invoke {
        conn: Conn,
        user: UserId,
        room: RoomId,
        key: Key,
        hash: TextHash,
    },
    /// It was acknowledged.
    Ok {
        conn: Conn,
        room: RoomId,
        key: Key,
        seq: Seq,
        id: EventId,
    },
    /// It was refused.
    Refused {
        conn: Conn,
        room: RoomId,
        key: Key,
        code: Code,
    },
    /// No answer will be waited for any longer: it may stand once or not at all.
    Unknown { conn: Conn, room: RoomId, key: Key },
    /// An event was heard.
    Event {
        conn: Conn,
        #[serde(flatten)]
        sight: Sight,
    },
    /// Someone's membership changed: asked for at `invoked`, answered at `t`.
    Member {
        invoked: u64,
        room: RoomId,
        user: UserId,
        change: Change,
    },
    /// A line of the room's log, as read at the end.
    Log {
        author: UserId,
        #[serde(flatten)]
        sight: Sight,
    },
}

/// An event, as far as the judge looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    pub room: RoomId,
    pub seq: Seq,
    pub id: EventId,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// Of a posted text; other kinds have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<TextHash>,
}

impl Sight {
    pub fn of(event: &chatter_protocol::Event) -> Self {
        Self {
            room: event.room,
            seq: event.seq,
            id: event.id,
            kind: event.fact.kind().to_owned(),
            key: event.key.clone(),
            hash: match &event.fact {
                Fact::Posted(post) => Some(TextHash::of(&post.text)),
                _ => None,
            },
        }
    }

    pub fn is_post(&self) -> bool {
        self.kind == "posted"
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Joined,
    Left,
}

/// FNV-1a, 64 bits, of a text's UTF-8; sixteen hexadecimal digits in JSON.
/// Against mix-ups, not against forgers: three lines in any language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextHash(pub u64);

impl TextHash {
    pub fn of(text: &str) -> Self {
        Self(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }
}

impl fmt::Display for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for TextHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TextHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)?;
        Ok(Self(number))
    }
}

/// Reads a history line by line. A last line cut short by a crash of the tool
/// is an error like any other: such a history proves nothing.
pub fn read(source: impl BufRead) -> impl Iterator<Item = anyhow::Result<Line>> {
    source.lines().enumerate().map(|(number, line)| {
        let line = line?;
        serde_json::from_str(&line).with_context(|| format!("line {}: {line}", number + 1))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/history-format.md");

    #[test]
    fn every_line_in_the_document_parses_and_is_written_the_same() {
        let mut kinds = BTreeSet::new();
        let examples = DOCUMENT.lines().filter(|line| line.starts_with("{\"t\""));
        for example in examples {
            let line: Line = serde_json::from_str(example).expect(example);
            let json = serde_json::to_value(&line).unwrap();
            assert_eq!(
                json,
                serde_json::from_str::<serde_json::Value>(example).unwrap()
            );
            kinds.insert(json["what"].as_str().unwrap().to_owned());
        }
        let all = [
            "close", "event", "follow", "gone", "invoke", "log", "member", "ok", "open", "refused",
            "reset", "unknown",
        ];
        assert_eq!(kinds, all.map(str::to_owned).into());
    }

    #[test]
    fn the_hash_is_the_well_known_one() {
        assert_eq!(TextHash::of("").to_string(), "cbf29ce484222325");
        assert_eq!(TextHash::of("foobar").to_string(), "85944171f73967e8");
    }
}
