//! The bodies of the REST interface that are not nouns of their own.

use serde::{Deserialize, Serialize};

use crate::event::{Event, Key, Millis};
use crate::files::DraftFile;
use crate::ids::{InviteId, Seq, SessionId, UserId};
use crate::people::{PresenceMode, ServerRole, Status, User};
use crate::post::{Draft, ForwardOf, Poll};
use crate::rooms::{RoomKind, RoomRole};
use crate::rules::Rules;
use crate::settings::SignUp;

/// What anyone may know of this server before signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    pub name: String,
    pub version: String,
    /// Whether guests may come in with just a name.
    pub guests: bool,
    /// Who may make an account.
    #[serde(default)]
    pub sign_up: SignUp,
    /// Whether someone still has to make this server theirs.
    pub needs_setup: bool,
    /// Whether setting up asks for the code that the server printed.
    pub needs_claim_code: bool,
}

/// `POST /api/v1/setup`: the first person makes the server theirs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// What the server printed; not needed from the same machine.
    #[serde(default)]
    pub claim_code: Option<String>,
    pub server_name: String,
    pub name: String,
    pub handle: String,
    pub password: String,
    #[serde(default)]
    pub guests: bool,
}

/// `POST /api/v1/register`: an account, by invite or where anyone may.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The secret at the end of the invite link; not needed where sign-up is
    /// open.
    #[serde(default)]
    pub invite: Option<String>,
    pub name: String,
    pub handle: String,
    pub password: String,
    /// For programs: answer with a token and set no cookie.
    #[serde(default)]
    pub token: bool,
}

/// `POST /api/v1/sessions`: sign in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub handle: String,
    pub password: String,
    /// From the app, or a recovery code, where there is a second factor.
    #[serde(default)]
    pub code: Option<String>,
    /// For programs: answer with a token and set no cookie.
    #[serde(default)]
    pub token: bool,
}

/// `POST /api/v1/guests`: come in with just a name, where guests are allowed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EnterAsGuest {
    pub name: String,
    /// The secret at the end of a guest link, which leads into one room. Needs
    /// no leave for guests in general.
    #[serde(default)]
    pub link: Option<String>,
    /// For programs: answer with a token and set no cookie.
    #[serde(default)]
    pub token: bool,
}

/// Someone is signed in now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SignedIn {
    pub me: User,
    pub session: SessionId,
    /// Shown once. Send it as `Authorization: Bearer …` or in `hello`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// `POST /api/v1/password`: ends all other sessions and their sockets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    pub current: String,
    pub new: String,
}

/// `PATCH /api/v1/me`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeProfile {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub initials: Option<String>,
    #[serde(default)]
    pub about: Option<String>,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub pronouns: Option<String>,
    /// An IANA name such as `Europe/Berlin`; empty to say none.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Without text and emoji it is taken back.
    #[serde(default)]
    pub status: Option<Status>,
}

/// `PATCH /api/v1/me/preferences`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePreferences {
    #[serde(default)]
    pub presence: Option<PresenceMode>,
    /// When `presence` ends; together with it only.
    #[serde(default)]
    pub presence_until: Option<Millis>,
    #[serde(default)]
    pub share_receipts: Option<bool>,
    #[serde(default)]
    pub share_typing: Option<bool>,
}

/// `PATCH /api/v1/users/{user}`: for admins and owners.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeUser {
    /// `guest` cannot be given here, `owner` only by an owner.
    #[serde(default)]
    pub role: Option<ServerRole>,
    /// Ends all their sessions and sockets; they cannot sign in again until
    /// this is false.
    #[serde(default)]
    pub deactivated: Option<bool>,
}

/// `POST /api/v1/invites`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateInvite {
    /// Seconds from now; a week when absent.
    #[serde(default)]
    pub expires_in: Option<i64>,
    /// How many people may use it; 25 when absent.
    #[serde(default)]
    pub max_uses: Option<i64>,
    /// What they become: `member` when absent, or `admin` if an owner says so.
    #[serde(default)]
    pub role: Option<ServerRole>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Invite {
    pub id: InviteId,
    /// Only in the answer that made it: only its hash is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    pub role: ServerRole,
    pub created_by: UserId,
    pub created_at: Millis,
    pub expires_at: Millis,
    pub max_uses: i64,
    pub uses: i64,
}

/// `GET /api/v1/invites/by-secret/{secret}`: what an invited person sees first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InvitePreview {
    pub server_name: String,
    pub invited_by: String,
    pub expires_at: Millis,
}

/// `POST /api/v1/rooms`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRoom {
    pub name: String,
    /// `open` or `closed`; direct rooms have a door of their own.
    pub kind: RoomKind,
    #[serde(default)]
    pub topic: String,
}

/// `POST /api/v1/directs`: the direct room with these people, made if need be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenDirect {
    /// The others, 1 to 8 of them.
    pub users: Vec<UserId>,
}

/// `PATCH /api/v1/rooms/{room}`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeRoom {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub topic: Option<String>,
    #[serde(default)]
    pub archived: Option<bool>,
    /// The whole set, in place of the old one.
    #[serde(default)]
    pub rules: Option<Rules>,
    /// `open` or `closed`. An opened room shows everyone all that was ever said
    /// in it, so it wants `confirm`.
    #[serde(default)]
    pub kind: Option<RoomKind>,
    #[serde(default)]
    pub confirm: bool,
}

/// `POST /api/v1/rooms/{room}/convert`: a conversation of three or more becomes
/// a closed room of theirs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConvertRoom {
    pub name: String,
}

/// `POST /api/v1/rooms/{room}/transfer`: to a member, who is its owner then.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TransferRoom {
    pub to: UserId,
}

/// `PUT /api/v1/rooms/{room}/archived`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutArchived {
    pub archived: bool,
}

/// `PUT /api/v1/rooms/{room}/newcomers`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutNewcomers {
    pub newcomers: bool,
}

/// How open rooms are sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomSort {
    /// The oldest first.
    #[default]
    Age,
    Name,
    /// The largest first.
    Members,
    /// The liveliest first.
    Activity,
}

/// `PUT /api/v1/rooms/{room}/members/{user}`: adds them, or changes their role.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutMember {
    pub role: RoomRole,
}

/// `POST /api/v1/rooms/{room}/messages`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PostMessage {
    pub key: Key,
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

/// Field by field, so that a misspelt one is refused and not left out: serde
/// cannot do that for fields that are flattened.
impl From<PostMessage> for (Key, Draft) {
    fn from(asked: PostMessage) -> Self {
        let draft = Draft {
            text: asked.text,
            reply: asked.reply,
            thread: asked.thread,
            also_in_room: asked.also_in_room,
            files: asked.files,
            forward: asked.forward,
            poll: asked.poll,
        };
        (asked.key, draft)
    }
}

impl PostMessage {
    /// Text and nothing else.
    pub fn said(key: Key, text: impl Into<String>) -> Self {
        Self {
            key,
            text: text.into(),
            reply: None,
            thread: None,
            also_in_room: false,
            files: Vec::new(),
            forward: None,
            poll: None,
        }
    }
}

/// `PATCH /api/v1/rooms/{room}/messages/{seq}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    #[serde(default)]
    pub key: Option<Key>,
    pub text: String,
}

/// `PUT /api/v1/rooms/{room}/receipt`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutReceipt {
    pub seq: Seq,
}

/// `PUT /api/v1/rooms/{room}/threads/{thread}`: what is absent stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutThread {
    #[serde(default)]
    pub follows: Option<bool>,
    #[serde(default)]
    pub read: Option<Seq>,
}

/// What someone put under a message, all of them in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct People {
    /// By id, so that a next page begins after the last one's last.
    pub users: Vec<UserId>,
}

/// Where I stand after a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Standing {
    pub read: Seq,
    pub unread: i64,
    #[serde(default, skip_serializing_if = "crate::rooms::is_zero")]
    pub mentions: i64,
}

/// A piece of a room's log as it is, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Events {
    pub log_id: String,
    pub head: Seq,
    pub events: Vec<Event>,
}

/// Who is here now; only their number when they are many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Presence {
    pub count: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<UserId>>,
    /// Those of `users` who are away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub away: Vec<UserId>,
    /// Those of `users` who do not want to be disturbed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dnd: Vec<UserId>,
}
