//! What a room's own rules may say about who may do what in it.

use serde::{Deserialize, Serialize};

use crate::rooms::RoomRole;

/// What a room may decide for itself; each has a usual answer, which is used
/// where [`Rules`] say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    Post,
    /// In a thread. Where nothing is said of it, whoever may post may reply.
    Reply,
    /// In a thread, and shown in the room: both of the above.
    ReplyInRoom,
    React,
    Pin,
    /// To call everyone in the room.
    MentionEveryone,
    /// To add people.
    Invite,
    /// To make links for guests.
    Link,
}

/// The least role for what the room decides for itself; what is absent is as
/// usual. The whole set is sent and stored at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rules {
    /// Usually `guest`. A room where only moderators post is read-only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<RoomRole>,
    /// In threads; usually as `post`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<RoomRole>,
    /// Usually `guest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub react: Option<RoomRole>,
    /// Usually `member`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<RoomRole>,
    /// Usually `member`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mention_everyone: Option<RoomRole>,
    /// To add people; usually `member`, never `guest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<RoomRole>,
    /// To make links for guests; usually `moderator`, never `guest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<RoomRole>,
    /// Seconds between two posts of one person; moderators and owners need not
    /// wait. 0: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slow: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde asks for has this shape"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Rules {
    /// Whether everything is as usual.
    pub fn are_usual(&self) -> bool {
        *self == Self::default()
    }

    /// What this room says of it, if anything.
    pub fn says(&self, permission: Permission) -> Option<RoomRole> {
        match permission {
            Permission::Post => self.post,
            Permission::Reply => self.reply.or(self.post),
            Permission::ReplyInRoom => match (self.post, self.reply.or(self.post)) {
                (Some(post), Some(reply)) => Some(post.higher(reply)),
                (one, other) => one.or(other),
            },
            Permission::React => self.react,
            Permission::Pin => self.pin,
            Permission::MentionEveryone => self.mention_everyone,
            Permission::Invite => self.invite,
            Permission::Link => self.link,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_as_free_as_a_post_until_the_room_says_otherwise() {
        let said = |post, reply| {
            let rules = Rules {
                post,
                reply,
                ..Rules::default()
            };
            [Permission::Reply, Permission::ReplyInRoom].map(|asked| rules.says(asked))
        };
        let (owner, moderator) = (Some(RoomRole::Owner), Some(RoomRole::Moderator));
        let guest = Some(RoomRole::Guest);
        assert_eq!(said(None, None), [None, None]);
        assert_eq!(said(moderator, None), [moderator, moderator]);
        assert_eq!(said(moderator, guest), [guest, moderator]);
        assert_eq!(said(None, owner), [owner, owner]);
    }

    #[test]
    fn usual_rules_take_no_room_on_the_wire() {
        assert_eq!(serde_json::to_string(&Rules::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<Rules>("{}").unwrap().are_usual());
    }
}
