//! What was done in someone's name to other people, rooms or the server.
//!
//! [`Deed`] is the list of everything that is noted: one line each. It never
//! holds the text of a message, a password, a token or the secret of a link.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::Millis;
use crate::ids::{
    AnnouncementId, AuditId, BanId, FilterId, GroupId, HoldId, InviteId, LinkId, ReportId, RoomId,
    Seq, SessionId, UserId,
};
use crate::moderation::{FilterAction, FilterKind, ReportOutcome};
use crate::people::ServerRole;
use crate::rooms::RoomRole;
use crate::rules::Rules;

macro_rules! deeds {
    ($($(#[$doc:meta])* $name:literal $variant:ident {
        $subject:ident: $type:ty $(, $field:ident: $field_type:ty)* $(,)?
    };)*) => {
        /// An administrative or moderating act. The first field is its
        /// subject; a field called `room` says where it was done.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Deed {
            $($(#[$doc])* $variant { $subject: $type $(, $field: $field_type)* }),*
        }

        impl Deed {
            /// The name of each kind.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name of the kind, as on the wire and in the database.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $name),* }
            }

            /// What sort of thing it was done to: the name of the first field.
            pub fn subject_kind(&self) -> &'static str {
                match self { $(Self::$variant { .. } => stringify!($subject)),* }
            }
        }
    };
}

deeds! {
    /// Someone made the server theirs.
    "server_set_up" ServerSetUp { user: UserId };
    "setting_changed" SettingChanged { setting: String, old: String, new: String };
    "invite_made" InviteMade { invite: InviteId, role: ServerRole, max_uses: i64, expires_at: Millis };
    "invite_revoked" InviteRevoked { invite: InviteId };
    "user_role_changed" UserRoleChanged { user: UserId, old: ServerRole, new: ServerRole };
    "user_deactivated" UserDeactivated { user: UserId };
    "user_reactivated" UserReactivated { user: UserId };
    "user_suspended" UserSuspended { user: UserId, until: Millis };
    "user_unsuspended" UserUnsuspended { user: UserId };
    "user_erased" UserErased { user: UserId, messages: String };
    "reset_link_made" ResetLinkMade { user: UserId, expires_at: Millis };
    "second_factor_removed" SecondFactorRemoved { user: UserId };
    "bot_made" BotMade { user: UserId, owner: UserId };
    "bot_token_made" BotTokenMade { user: UserId, session: SessionId };
    "bot_token_revoked" BotTokenRevoked { user: UserId, session: SessionId };
    "room_renamed" RoomRenamed { room: RoomId };
    "room_archived" RoomArchived { room: RoomId };
    "room_exported" RoomExported { room: RoomId };
    "server_exported" ServerExported { user: UserId };
    /// From an archive, as a new room.
    "room_imported" RoomImported { room: RoomId, events: i64 };
    /// An archive came in, in the name of `user`.
    "archive_imported" ArchiveImported { user: UserId, server: String, people: i64, matched: i64, rooms: i64 };
    "room_restored" RoomRestored { room: RoomId };
    "room_opened" RoomOpened { room: RoomId };
    "room_closed" RoomClosed { room: RoomId };
    /// By an admin of the server: nobody owned it.
    "room_taken_over" RoomTakenOver { room: RoomId };
    /// Whether newcomers are brought there.
    "room_newcomers_changed" RoomNewcomersChanged { room: RoomId, newcomers: bool };
    "guest_link_made" GuestLinkMade { link: LinkId, room: RoomId, max_uses: i64, expires_at: Millis };
    "guest_link_revoked" GuestLinkRevoked { link: LinkId, room: RoomId };
    "room_rules_changed" RoomRulesChanged { room: RoomId, old: Rules, new: Rules };
    "member_role_changed" MemberRoleChanged { user: UserId, room: RoomId, old: RoomRole, new: RoomRole };
    /// By someone else: leaving is nobody's business.
    "member_removed" MemberRemoved { user: UserId, room: RoomId };
    /// A group that someone else made.
    "group_changed" GroupChanged { group: GroupId, handle: String };
    "group_removed" GroupRemoved { group: GroupId, handle: String };
    "group_member_added" GroupMemberAdded { user: UserId, group: GroupId };
    "group_member_removed" GroupMemberRemoved { user: UserId, group: GroupId };
    /// Someone else's.
    "message_deleted" MessageDeleted { message: Seq, room: RoomId, author: UserId };
    /// From someone else's message.
    "preview_removed" PreviewRemoved { message: Seq, room: RoomId, author: UserId };
    "report_resolved" ReportResolved { report: ReportId, room: RoomId, message: Seq, outcome: ReportOutcome };
    /// Without an end: until it is lifted.
    "room_banned" RoomBanned { user: UserId, room: RoomId, ends_at: Option<Millis> };
    "room_unbanned" RoomUnbanned { user: UserId, room: RoomId };
    "network_banned" NetworkBanned { network: String, ends_at: Option<Millis> };
    "network_unbanned" NetworkUnbanned { ban: BanId };
    /// In every room, where none is named.
    "filter_set" FilterSet { filter: FilterId, room: Option<RoomId>, kind: FilterKind, action: FilterAction };
    "filter_removed" FilterRemoved { filter: FilterId, room: Option<RoomId> };
    "announcement_made" AnnouncementMade { announcement: AnnouncementId };
    "announcement_changed" AnnouncementChanged { announcement: AnnouncementId };
    "announcement_removed" AnnouncementRemoved { announcement: AnnouncementId };
    "retention_changed" RetentionChanged { room: RoomId, message_days: Option<i64> };
    /// Messages past their time, by schedule.
    "messages_expired" MessagesExpired { room: RoomId, messages: i64, before: Millis };
    "files_expired" FilesExpired { setting: String, files: i64, bytes: i64, before: Millis };
    "hold_placed" HoldPlaced { hold: HoldId, room: Option<RoomId>, user: Option<UserId> };
    "hold_released" HoldReleased { hold: HoldId, room: Option<RoomId>, user: Option<UserId> };
}

/// A deed as it is kept: its subject, where it was done, and the rest by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeedParts {
    pub subject: String,
    pub room: Option<String>,
    pub detail: BTreeMap<String, String>,
}

impl Deed {
    pub fn parts(&self) -> DeedParts {
        let fields = serde_json::to_value(self).expect("a deed has names, numbers and texts");
        let Value::Object(fields) = fields else {
            unreachable!("every deed has fields");
        };
        let mut detail: BTreeMap<String, String> = fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, plain(value)))
            .collect();
        let subject = detail.remove(self.subject_kind()).unwrap_or_default();
        let room = match self.subject_kind() {
            "room" => Some(subject.clone()),
            _ => detail.remove("room"),
        };
        DeedParts {
            subject,
            room,
            detail,
        }
    }
}

/// A text as it is, anything else as JSON writes it.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: Millis,
    /// Who did it; Chatter itself when it happened by a schedule.
    pub actor: UserId,
    /// What was done, such as `invite_made`. Clients show kinds they do not
    /// know by their name.
    pub deed: String,
    /// What sort of thing it was done to: `user`, `room`, `invite`, `setting`…
    pub subject_kind: String,
    pub subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The network they asked from: never the whole address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// What else is known of it, by name.
    pub detail: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_falls_into_a_subject_a_place_and_the_rest() {
        let deed = Deed::MessageDeleted {
            message: Seq(7),
            room: RoomId(2),
            author: UserId(3),
        };
        assert_eq!(
            (deed.name(), deed.subject_kind()),
            ("message_deleted", "message")
        );
        let parts = deed.parts();
        assert_eq!(
            (parts.subject.as_str(), parts.room.as_deref()),
            ("7", Some("2"))
        );
        let rest = BTreeMap::from([("author".to_owned(), "3".to_owned())]);
        assert_eq!(parts.detail, rest);

        let parts = Deed::RoomArchived { room: RoomId(2) }.parts();
        assert_eq!(
            (parts.subject.as_str(), parts.room.as_deref()),
            ("2", Some("2"))
        );
    }

    #[test]
    fn no_two_deeds_share_a_name() {
        let mut names = Deed::NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Deed::NAMES.len());
    }
}
