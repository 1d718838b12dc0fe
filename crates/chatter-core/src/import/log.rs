//! What the log of one room comes to, heard event by event: whether each can
//! follow those before it, and the room and its members at the end.

use std::collections::HashMap;

use chatter_protocol::limits::DIRECT_PEOPLE;
use chatter_protocol::{Event, Fact, Millis, RoomId, RoomKind, Rules, Seq, UserId};
use chatter_store::ImportedMember;

use super::facts;

/// A room as far as its log was heard.
#[derive(Debug, Default)]
pub struct Heard {
    pub head: Seq,
    pub kind: Option<RoomKind>,
    pub name: String,
    pub topic: String,
    pub rules: Rules,
    pub archived_at: Option<Millis>,
    pub created_at: Millis,
    pub created_by: Option<UserId>,
    pub active_at: Millis,
    pub members: HashMap<UserId, ImportedMember>,
    posts: Bits,
}

impl Heard {
    /// Takes the next event in, or says why it cannot be the next one.
    pub fn hear(&mut self, event: &Event, room: RoomId, latest: Millis) -> Result<(), String> {
        let wrong = |why: &str| Err(format!("event {}: {why}", event.seq));
        if event.room != room {
            return wrong("it is of another room");
        }
        if event.seq != self.head.next() {
            return Err(format!(
                "after event {} comes {}: the log has a hole",
                self.head, event.seq
            ));
        }
        if event.at < Millis(0) || event.at > latest {
            return wrong("its time is not in the past");
        }
        if matches!(event.fact, Fact::Created { .. }) != (event.seq == Seq(1)) {
            return wrong("a log begins with the making of its room, once");
        }
        facts::check(&event.fact, event.seq).or_else(|why| wrong(&why))?;
        let about = event.fact.target();
        if about.is_some_and(|target| target >= event.seq || !self.posts.has(target)) {
            return wrong("it is about a message that is not there");
        }
        self.apply(event).or_else(wrong)?;
        self.head = event.seq;
        if !matches!(event.fact, Fact::Expired { .. }) {
            // That something went is no news of the room.
            self.active_at = event.at;
        }
        Ok(())
    }

    fn apply(&mut self, event: &Event) -> Result<(), &'static str> {
        match &event.fact {
            Fact::Created { name, access } => {
                self.name.clone_from(name);
                self.kind = Some(*access);
                self.created_at = event.at;
                self.created_by = Some(event.author);
            }
            Fact::Posted(post) => {
                let places = [post.reply, post.thread];
                if !places.iter().flatten().all(|place| self.posts.has(*place)) {
                    return Err("it answers a message that is not there");
                }
                self.posts.put(event.seq);
            }
            Fact::Joined { user, role } => {
                let member = ImportedMember {
                    user: *user,
                    role: *role,
                    joined_seq: event.seq,
                    joined_at: event.at,
                };
                if self.members.insert(*user, member).is_some() {
                    return Err("someone joins who belongs to the room");
                }
            }
            Fact::Left { user } => {
                let left = self.members.remove(user);
                left.ok_or("someone leaves who does not belong to the room")?;
            }
            Fact::RoleChanged { user, role } => {
                let member = self.members.get_mut(user);
                member
                    .ok_or("someone has a role who does not belong to the room")?
                    .role = *role;
            }
            Fact::Renamed { name } => self.name.clone_from(name),
            Fact::TopicChanged { topic } => self.topic.clone_from(topic),
            Fact::Archived => self.archived_at = Some(event.at),
            Fact::Restored => self.archived_at = None,
            Fact::AccessChanged { access } => {
                if self.is_direct() || *access == RoomKind::Direct {
                    return Err("a direct room is neither opened nor closed");
                }
                self.kind = Some(*access);
            }
            Fact::Converted { name } => {
                if !self.is_direct() {
                    return Err("only a direct room becomes another");
                }
                self.kind = Some(RoomKind::Closed);
                self.name.clone_from(name);
            }
            Fact::RulesChanged { rules } => self.rules = *rules,
            _ => {}
        }
        Ok(())
    }

    pub fn is_direct(&self) -> bool {
        self.kind == Some(RoomKind::Direct)
    }

    /// After the last event: what it came to is a room.
    pub fn is_whole(&self) -> Result<RoomKind, String> {
        let Some(kind) = self.kind else {
            return Err("its log is empty".to_owned());
        };
        if self.is_direct() && !DIRECT_PEOPLE.contains(&self.members.len()) {
            return Err("a direct room has two to nine people".to_owned());
        }
        if !self.is_direct() && self.name.is_empty() {
            return Err("it has no name".to_owned());
        }
        Ok(kind)
    }
}

/// Which seqs are messages: a bit for each event.
#[derive(Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn put(&mut self, seq: Seq) {
        let (word, bit) = Self::place(seq);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    fn has(&self, seq: Seq) -> bool {
        let (word, bit) = Self::place(seq);
        seq > Seq::ZERO && self.0.get(word).is_some_and(|found| found >> bit & 1 == 1)
    }

    fn place(seq: Seq) -> (usize, u32) {
        let seq = u64::try_from(seq.0).unwrap_or(0);
        let word = usize::try_from(seq / 64).unwrap_or(usize::MAX);
        (word, u32::try_from(seq % 64).unwrap_or(0))
    }
}
