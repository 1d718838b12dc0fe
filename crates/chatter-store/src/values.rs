//! How our nouns look in a column. They become numbers and plain words, so
//! that both databases can be read by people.

use chatter_protocol::Millis;
use chatter_protocol::files::FileId;
use chatter_protocol::ids::EmojiId;
use chatter_protocol::mine::Involvement;
use chatter_protocol::moderation::{FilterAction, FilterKind, ReportOutcome};
use chatter_protocol::personal::WhyUnsent;
use chatter_protocol::{
    AnnouncementId, AuditId, BanId, Draft, EventId, Fact, FilterId, GroupId, HoldId, InviteId, Key,
    LinkId, PresenceMode, Preview, ReminderId, ReportId, RoomId, RoomKind, RoomRole, Rules,
    SavedId, ScheduledId, SectionId, Seq, ServerRole, SessionId, UserId,
};

use crate::blobs::BlobHash;
use crate::sql::{Column, Kind, Param, Value};

macro_rules! numbers {
    ($($type:ident),*) => {$(
        impl Param for $type {
            const KIND: Kind = Kind::Int;
            fn value(&self) -> Value<'_> {
                Value::Int(self.0)
            }
        }

        impl Column for $type {
            const KIND: Kind = Kind::Int;
            type Raw = i64;
            fn from_raw(raw: i64) -> Result<Self, String> {
                Ok(Self(raw))
            }
        }

        impl Param for [$type] {
            const KIND: Kind = Kind::Ints;
            fn value(&self) -> Value<'_> {
                Value::Ints(self.iter().map(|n| n.0).collect())
            }
        }
    )*};
}

numbers!(
    AnnouncementId,
    AuditId,
    BanId,
    EventId,
    FilterId,
    GroupId,
    HoldId,
    InviteId,
    LinkId,
    Millis,
    ReminderId,
    ReportId,
    RoomId,
    SavedId,
    ScheduledId,
    SectionId,
    Seq,
    SessionId,
    UserId
);
numbers!(EmojiId);

impl Param for i64 {
    const KIND: Kind = Kind::Int;
    fn value(&self) -> Value<'_> {
        Value::Int(*self)
    }
}

impl Column for i64 {
    const KIND: Kind = Kind::Int;
    type Raw = Self;
    fn from_raw(raw: Self) -> Result<Self, String> {
        Ok(raw)
    }
}

impl Param for [i64] {
    const KIND: Kind = Kind::Ints;
    fn value(&self) -> Value<'_> {
        Value::Ints(self.to_vec())
    }
}

impl Param for [Option<&str>] {
    const KIND: Kind = Kind::Texts;
    fn value(&self) -> Value<'_> {
        Value::Texts(self)
    }
}

impl Param for str {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Column for String {
    const KIND: Kind = Kind::Text;
    type Raw = Self;
    fn from_raw(raw: Self) -> Result<Self, String> {
        Ok(raw)
    }
}

impl Param for [u8; 32] {
    const KIND: Kind = Kind::Bytes;
    fn value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl Param for [u8] {
    const KIND: Kind = Kind::Bytes;
    fn value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl Column for Vec<u8> {
    const KIND: Kind = Kind::Bytes;
    type Raw = Self;
    fn from_raw(raw: Self) -> Result<Self, String> {
        Ok(raw)
    }
}

impl Param for Key {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl Column for Key {
    const KIND: Kind = Kind::Text;
    type Raw = String;
    fn from_raw(raw: String) -> Result<Self, String> {
        Self::new(raw).map_err(|e| e.to_string())
    }
}

impl Param for FileId {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl Column for FileId {
    const KIND: Kind = Kind::Text;
    type Raw = String;
    fn from_raw(raw: String) -> Result<Self, String> {
        raw.parse()
            .map_err(|_| format!("'{raw}' where a file should be"))
    }
}

impl Param for BlobHash {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Owned(self.to_string())
    }
}

impl Column for BlobHash {
    const KIND: Kind = Kind::Text;
    type Raw = String;
    fn from_raw(raw: String) -> Result<Self, String> {
        raw.parse()
            .map_err(|_| format!("'{raw}' where a hash should be"))
    }
}

impl Param for Fact {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Owned(json(self))
    }
}

impl Column for Fact {
    const KIND: Kind = Kind::Text;
    type Raw = String;
    fn from_raw(raw: String) -> Result<Self, String> {
        serde_json::from_str(&raw).map_err(|e| format!("a fact in the log: {e}"))
    }
}

impl Param for Rules {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Owned(serde_json::to_string(self).expect("rules are words and a number"))
    }
}

impl Column for Rules {
    const KIND: Kind = Kind::Text;
    type Raw = String;
    fn from_raw(raw: String) -> Result<Self, String> {
        serde_json::from_str(&raw).map_err(|e| format!("the rules of a room: {e}"))
    }
}

impl Param for Preview {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Owned(serde_json::to_string(self).expect("a preview is made of texts"))
    }
}

impl Column for Preview {
    const KIND: Kind = Kind::Text;
    type Raw = String;
    fn from_raw(raw: String) -> Result<Self, String> {
        serde_json::from_str(&raw).map_err(|e| format!("a preview: {e}"))
    }
}

impl Param for Draft {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Owned(serde_json::to_string(self).expect("a draft has no maps and no errors"))
    }
}

impl Column for Draft {
    const KIND: Kind = Kind::Text;
    type Raw = String;
    fn from_raw(raw: String) -> Result<Self, String> {
        serde_json::from_str(&raw).map_err(|e| format!("a draft to be sent later: {e}"))
    }
}

/// A fact as it is kept in the log.
pub(crate) fn json(fact: &Fact) -> String {
    serde_json::to_string(fact).expect("a fact has no maps and no errors")
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* }) => {
        impl Param for $type {
            const KIND: Kind = Kind::Text;
            fn value(&self) -> Value<'_> {
                Value::Text(match self { $(Self::$variant => $word),* })
            }
        }

        impl Column for $type {
            const KIND: Kind = Kind::Text;
            type Raw = String;
            fn from_raw(raw: String) -> Result<Self, String> {
                match raw.as_str() {
                    $($word => Ok(Self::$variant),)*
                    other => Err(format!("'{other}' where a {} should be", stringify!($type))),
                }
            }
        }
    };
}

words!(RoomKind { Open = "open", Closed = "closed", Direct = "direct" });
words!(Involvement { Nothing = "nothing", Mentions = "mentions", Everything = "everything" });
words!(RoomRole { Owner = "owner", Moderator = "moderator", Member = "member", Guest = "guest" });
words!(PresenceMode { Automatic = "automatic", Away = "away", Dnd = "dnd", Invisible = "invisible" });
words!(ServerRole { Owner = "owner", Admin = "admin", Member = "member", Guest = "guest" });
words!(ReportOutcome {
    Dismissed = "dismissed", Deleted = "deleted", Warned = "warned", Removed = "removed",
    Banned = "banned"
});
words!(FilterKind {
    Word = "word", DeniedDomain = "denied_domain", AllowedDomain = "allowed_domain"
});
words!(FilterAction { Refuse = "refuse", Report = "report" });
words!(WhyUnsent {
    NotSignedIn = "not_signed_in", NotAMember = "not_a_member", NotAllowed = "not_allowed",
    Archived = "archived", Missing = "missing", Invalid = "invalid"
});
