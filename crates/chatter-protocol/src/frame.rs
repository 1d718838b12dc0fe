//! What a socket may carry, in both directions: JSON text frames, tagged by
//! `type`. `docs/protocol.md` shows each one by example.
//!
//! A conversation: the client says `hello`, the server `welcome`; from then on
//! the client sends commands, each with a `ref` and answered once by `ok` or
//! `refused`, and the server sends events and signals as they happen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::announcements::Banner;
use crate::event::{Event, Key, Millis};
use crate::ids::AnnouncementId;
use crate::ids::{EventId, RoomId, Seq, UserId};
use crate::mine::{Mine, Section};
use crate::people::{Preferences, User};
use crate::personal::{KeptDraft, KeptList, PutDraft, Reminder, Scheduled};
use crate::post::Draft;
use crate::refusal::Refusal;
use crate::rest::ServerInfo;
use crate::rooms::{RoomKind, RoomState, Thread};

/// A client's own number for a command; the answer carries it back.
pub type Ref = u64;

/// What a client may say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame, within ten seconds.
    Hello(Hello),
    /// Anything after that.
    #[serde(untagged)]
    Command(CommandFrame),
}

/// Who is there, and what they have seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Hello {
    pub protocol: u32,
    /// For programs. A browser's cookie has spoken already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The log id that the cursors belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_id: Option<String>,
    /// The last seq seen, by room. Rooms not named start at their head.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cursors: BTreeMap<RoomId, Seq>,
}

/// A command with the client's number for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CommandFrame {
    /// Without one, the command is carried out and not answered.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u64>))]
    pub reference: Option<Ref>,
    #[serde(flatten)]
    pub command: Command,
}

/// What a client may ask for. Each has a counterpart in REST.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Says something in `room`. Answered with its seq once it is on disk.
    Post {
        room: RoomId,
        key: Key,
        #[serde(flatten)]
        draft: Draft,
    },
    Edit {
        room: RoomId,
        seq: Seq,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
    },
    Delete {
        room: RoomId,
        seq: Seq,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
        /// Why someone else's is taken away: for the audit log.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Hear `room` from after `cursor`, or from `recent` events before its
    /// head; with neither, from its head. Member rooms are followed already.
    Follow {
        room: RoomId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<Seq>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recent: Option<i64>,
    },
    Unfollow {
        room: RoomId,
    },
    /// I am typing here. Renew every 3 s; it ends by itself after 7 s, or when I post.
    Typing {
        room: RoomId,
    },
    /// I have read up to `seq`. Never goes back. Of a room, or of one thread.
    Read {
        room: RoomId,
        seq: Seq,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<Seq>,
    },
    /// This device has what was said up to `seq`.
    Got {
        room: RoomId,
        seq: Seq,
    },
    /// Puts `emoji` under a message. Once is as good as twice.
    React {
        room: RoomId,
        seq: Seq,
        emoji: String,
    },
    Unreact {
        room: RoomId,
        seq: Seq,
        emoji: String,
    },
    Pin {
        room: RoomId,
        seq: Seq,
    },
    Unpin {
        room: RoomId,
        seq: Seq,
    },
    /// Chooses an option of a poll, by its place; where one may choose one, the
    /// earlier choice is taken back.
    Vote {
        room: RoomId,
        seq: Seq,
        option: u8,
    },
    Unvote {
        room: RoomId,
        seq: Seq,
        option: u8,
    },
    ClosePoll {
        room: RoomId,
        seq: Seq,
    },
    /// To hear of a thread, or not.
    FollowThread {
        room: RoomId,
        thread: Seq,
        follows: bool,
    },
    /// What I have begun to write here, for my other devices.
    Draft {
        room: RoomId,
        #[serde(flatten)]
        draft: PutDraft,
    },
    Join {
        room: RoomId,
    },
    Leave {
        room: RoomId,
    },
    CreateRoom {
        name: String,
        kind: RoomKind,
        #[serde(default)]
        topic: String,
    },
    /// Nobody looks at this device any more, or someone does again. Whoever has
    /// only idle devices is away.
    Idle {
        idle: bool,
    },
    /// Are you there? Answered by `ok`.
    Ping,
}

/// What a server may say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    Welcome(Welcome),
    /// The command with this number was carried out.
    Ok(Done),
    /// It was not, and nothing changed.
    Refused(Refused),
    /// Something happened in a room that is followed here.
    Event(Event),
    /// You are too far behind here, or on another log: load a page of this
    /// room; what you hear next is after `head`.
    Reset {
        room: RoomId,
        head: Seq,
    },
    /// This room is yours now: you joined, made it or were added. Its events follow.
    Room(RoomState),
    /// You hear nothing more of this room: you left, were removed, or it is no
    /// longer for you to see.
    Gone {
        room: RoomId,
    },
    /// How far I have read here, on all my devices, and what waits for me.
    Read {
        room: RoomId,
        seq: Seq,
        unread: i64,
        /// Those of them that concern me.
        #[serde(default, skip_serializing_if = "crate::rooms::is_zero")]
        mentions: i64,
    },
    /// Where I stand in a thread, on all my devices.
    Thread(Thread),
    /// Who is typing here now, all of them; replaces what was said before.
    Typing {
        room: RoomId,
        users: Vec<UserId>,
    },
    /// Who is here now; replaces what was said before. Only their number when
    /// they are more than [`crate::limits::PRESENCE_NAMED`].
    Presence {
        room: RoomId,
        count: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        users: Option<Vec<UserId>>,
        /// Those of `users` who are away.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        away: Vec<UserId>,
        /// Those of `users` who do not want to be disturbed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dnd: Vec<UserId>,
    },
    /// How far some members have read; of those not named, nothing new is said.
    /// For members, and only in rooms of up to
    /// [`crate::limits::RECEIPTS_SHOWN`] of them.
    Receipts {
        room: RoomId,
        read: BTreeMap<UserId, Seq>,
        /// How far their devices have got what was said, where that is more.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        got: BTreeMap<UserId, Seq>,
    },
    /// My own settings of a room, changed on one of my devices.
    Mine {
        room: RoomId,
        #[serde(flatten)]
        mine: Mine,
    },
    /// My sections, all of them, changed on one of my devices.
    Sections {
        sections: Vec<Section>,
    },
    /// Someone you know changed their name, face or about.
    User(User),
    /// I chose something for myself, on any of my devices.
    Preferences(Preferences),
    /// A banner went up, for me among others.
    Banner(Banner),
    /// I dismissed it, on any of my devices.
    BannerGone {
        announcement: AnnouncementId,
    },
    /// What I have begun to write somewhere, as it is now; without text and
    /// `reply` it is gone.
    Draft(KeptDraft),
    /// A message of mine that was to be sent later could not be.
    Scheduled(Scheduled),
    /// It is time.
    Reminder(Reminder),
    /// I changed one of the lists that I keep for myself, on any of my devices.
    Kept {
        list: KeptList,
    },
}

/// The answer to `hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Welcome {
    pub protocol: u32,
    /// Cursors are worth something only together with this. It changes when a
    /// backup is restored.
    pub log_id: String,
    pub server: ServerInfo,
    pub me: User,
    #[serde(default)]
    pub preferences: Preferences,
    /// The server's time now, so that clients can show theirs right.
    pub at: Millis,
    /// All rooms I belong to; each is followed from here on.
    pub rooms: Vec<RoomState>,
}

/// What a command came to. Which fields are there depends on the command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Done {
    #[serde(rename = "ref")]
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub reference: Ref,
    /// The event it became (`post`, `edit`, `delete`, and what changed something
    /// under a message: nothing when it was so already). A retried key gets the
    /// first one's. `join` and `leave` become events too, but do not name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
    /// The room as it is now (`create_room`, `follow`, `join`; not `leave`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomState>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Refused {
    /// Absent when the frame could not be read well enough to find one.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u64>))]
    pub reference: Option<Ref>,
    #[serde(flatten)]
    pub refusal: Refusal,
}

/// Why a server closed a socket (RFC 6455 §7.4; 4000 and above are ours).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// 1009: a frame beyond [`crate::limits::FRAME_BYTES_READ`].
    TooBig,
    /// 1012: restarting; come back soon.
    Restart,
    /// 4000: too many frames that were no frames.
    BadFrames,
    /// 4001: signed out, session expired or revoked, account deactivated. Do
    /// not come back with the same session.
    SignedOut,
    /// 4002: no `hello` in time.
    NoHello,
    /// 4003: silent for too long.
    Silent,
    /// 4004: would not take what it was sent for too long. Come back and resume.
    Slow,
    /// 4005: more sockets than one person or address may have.
    TooMany,
    /// 4006: this page is too old to talk to this server. Reload.
    TooOld,
    /// 4007: the database could not be asked. Come back soon.
    TryAgain,
}

impl CloseReason {
    pub const ALL: &'static [Self] = &[
        Self::TooBig,
        Self::Restart,
        Self::BadFrames,
        Self::SignedOut,
        Self::NoHello,
        Self::Silent,
        Self::Slow,
        Self::TooMany,
        Self::TooOld,
        Self::TryAgain,
    ];

    pub fn code(self) -> u16 {
        match self {
            Self::TooBig => 1009,
            Self::Restart => 1012,
            Self::BadFrames => 4000,
            Self::SignedOut => 4001,
            Self::NoHello => 4002,
            Self::Silent => 4003,
            Self::Slow => 4004,
            Self::TooMany => 4005,
            Self::TooOld => 4006,
            Self::TryAgain => 4007,
        }
    }

    /// The reason phrase in the close frame, and the label in logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooBig => "too_big",
            Self::Restart => "restart",
            Self::BadFrames => "bad_frames",
            Self::SignedOut => "signed_out",
            Self::NoHello => "no_hello",
            Self::Silent => "silent",
            Self::Slow => "slow",
            Self::TooMany => "too_many",
            Self::TooOld => "too_old",
            Self::TryAgain => "try_again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_keeps_its_ref() {
        let text = r#"{"type":"post","ref":3,"room":"5","key":"k","text":"hi"}"#;
        let frame: ClientFrame = serde_json::from_str(text).unwrap();
        let ClientFrame::Command(CommandFrame {
            reference: Some(3),
            command: Command::Post { room, .. },
        }) = &frame
        else {
            panic!("{frame:?}");
        };
        assert_eq!(*room, RoomId(5));
        let hello: ClientFrame =
            serde_json::from_str(r#"{"type":"hello","protocol":1,"cursors":{"5":7}}"#).unwrap();
        assert!(matches!(
            hello,
            ClientFrame::Hello(Hello { protocol: 1, .. })
        ));
    }

    #[test]
    fn an_event_frame_is_flat() {
        let frame = ServerFrame::Event(Event {
            room: RoomId(1),
            seq: Seq(3),
            id: EventId(9),
            at: Millis(4),
            author: UserId(7),
            key: None,
            fact: crate::event::Fact::said("hi"),
        });
        let json = serde_json::to_string(&frame).unwrap();
        assert_eq!(
            json,
            r#"{"type":"event","room":"1","seq":3,"id":"9","at":4,"author":"7","kind":"posted","text":"hi"}"#
        );
        assert_eq!(serde_json::from_str::<ServerFrame>(&json).unwrap(), frame);
    }
}
