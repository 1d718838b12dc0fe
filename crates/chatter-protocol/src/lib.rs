//! What is said on the wire between a Chatter server and its clients.
//!
//! Shapes only: no rules, no sockets, no clock. The server, the load tool and
//! the terminal client share these types, and `web/src/protocol.ts` is made
//! from them, so the two ends cannot drift apart.
//!
//! Begin at [`frame`]: everything a socket may carry. [`event`] is what a
//! room's log holds; [`rest`] the bodies of the REST interface.

pub mod announcements;
pub mod audit;
pub mod event;
pub mod export;
pub mod files;
pub mod frame;
pub mod groups;
pub mod ids;
pub mod jobs;
pub mod limits;
pub mod links;
pub mod markdown;
pub mod mine;
pub mod moderation;
pub mod outbound;
pub mod people;
pub mod personal;
pub mod post;
pub mod preview;
pub mod refusal;
pub mod rest;
pub mod retention;
pub mod rooms;
pub mod rules;
pub mod search;
pub mod settings;
pub mod trust;

pub use audit::{AuditEntry, Deed};
pub use event::{Event, Fact, Key, Millis};
pub use files::{Attachment, DraftFile, Emoji, FileId, StoredFile};
pub use frame::{ClientFrame, Command, ServerFrame};
pub use ids::{
    AnnouncementId, AuditId, BanId, EmojiId, EventId, FilterId, GroupId, HoldId, InviteId, LinkId,
    ReminderId, ReportId, RoomId, SavedId, ScheduledId, SectionId, Seq, SessionId, UserId,
};
pub use people::{Preferences, PresenceMode, ServerRole, Status, User};
pub use post::{Draft, Post};
pub use preview::Preview;
pub use refusal::{Code, Refusal};
pub use retention::{RepliesLeft, SeqRange};
pub use rooms::{Message, Page, Room, RoomKind, RoomRole, RoomState};
pub use rules::{Permission, Rules};

/// The version of the socket protocol, said in `hello` and `welcome`. Unknown
/// fields and kinds are ignored by clients, so it changes only when an old
/// client could no longer talk to a new server.
pub const PROTOCOL_VERSION: u32 = 1;
