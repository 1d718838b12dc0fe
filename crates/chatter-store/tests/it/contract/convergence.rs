//! Applying all events gives what loading afresh gives, for every kind.

use std::collections::BTreeMap;

use chatter_protocol::event::{Event, Fact};
use chatter_protocol::{Message, RoomId, RoomRole, Seq, UserId};
use chatter_store::At;

use super::on_every_engine;
use crate::support::{ALICE, Chat, Dice, edited, joined, renamed, said};

on_every_engine! {
    folding_the_log_gives_the_page_the_room_and_the_unread_counts
}

/// A reader of the log, as plain as can be.
#[derive(Default)]
struct Reference {
    messages: BTreeMap<Seq, Message>,
    members: BTreeMap<UserId, (RoomRole, Seq)>,
    /// Never back, never past the head.
    read: BTreeMap<UserId, Seq>,
    name: String,
    topic: String,
    archived: bool,
    head: Seq,
}

impl Reference {
    fn apply(&mut self, event: &Event) {
        assert_eq!(event.seq, self.head.next());
        self.head = event.seq;
        match event.fact.clone() {
            Fact::Created { name, .. } | Fact::Renamed { name } => self.name = name,
            Fact::TopicChanged { topic } => self.topic = topic,
            Fact::Archived => self.archived = true,
            Fact::Restored => self.archived = false,
            Fact::Joined { user, role } => {
                self.members.insert(user, (role, event.seq));
                self.read.insert(user, event.seq);
            }
            Fact::Left { user } => {
                self.members.remove(&user);
                self.read.remove(&user);
            }
            Fact::RoleChanged { user, role } => self.members.get_mut(&user).unwrap().0 = role,
            Fact::Posted { .. } => {
                if let Some(read) = self.read.get_mut(&event.author) {
                    *read = event.seq;
                }
            }
            Fact::Edited { target, text } => {
                let message = self.messages.get_mut(&target).unwrap();
                message.fact = Fact::Posted { text };
                message.edited = Some(event.seq);
                message.edited_at = Some(event.at);
            }
            Fact::Deleted { target } => {
                let message = self.messages.get_mut(&target).unwrap();
                message.fact = said("");
                message.deleted_by = Some(event.author);
            }
        }
        if event.fact.is_line() {
            self.messages.insert(event.seq, line(event));
        }
    }

    fn unread(&self, user: UserId) -> i64 {
        let Some(read) = self.read.get(&user) else {
            return 0;
        };
        let unread = self.messages.values().filter(|message| {
            message.seq > *read
                && message.deleted_by.is_none()
                && matches!(message.fact, Fact::Posted { .. })
        });
        i64::try_from(unread.count()).unwrap()
    }

    fn living(&self) -> Vec<Seq> {
        let living = self.messages.values().filter(|message| {
            message.deleted_by.is_none() && matches!(message.fact, Fact::Posted { .. })
        });
        living.map(|message| message.seq).collect()
    }
}

fn line(event: &Event) -> Message {
    Message {
        room: event.room,
        seq: event.seq,
        id: event.id,
        at: event.at,
        author: event.author,
        key: event.key.clone(),
        edited: None,
        edited_at: None,
        deleted_by: None,
        fact: event.fact.clone(),
    }
}

async fn folding_the_log_gives_the_page_the_room_and_the_unread_counts(chat: Chat) {
    for seed in 1..=4 {
        println!("seed {seed}");
        let den = chat.den().await;
        let mut dice = Dice(seed);
        let mut reference = Reference::default();
        for event in chat.log(den).await {
            reference.apply(&event);
        }
        for step in 0..150 {
            let at = format!("seed {seed}, step {step}");
            if dice.roll(4) == 0 {
                read_somewhere(&chat, den, &mut reference, &mut dice, &at).await;
            } else {
                let author = UserId(1 + i64::try_from(dice.roll(5)).unwrap());
                let fact = any_fact(&reference, &mut dice);
                let event = chat.does(den, author, fact).await.unwrap().event;
                reference.apply(&event);
            }
            for user in (1..=5).map(UserId) {
                assert_eq!(
                    chat.unread(den, user).await,
                    reference.unread(user),
                    "{at}, {user}"
                );
            }
        }
        loads_afresh_alike(&chat, den, &reference, seed).await;
    }
}

/// Something that is possible now.
fn any_fact(reference: &Reference, dice: &mut Dice) -> Fact {
    let living = reference.living();
    let user = UserId(1 + i64::try_from(dice.roll(5)).unwrap());
    let role = [
        RoomRole::Owner,
        RoomRole::Moderator,
        RoomRole::Member,
        RoomRole::Guest,
    ];
    let role = role[dice.roll(4)];
    let is_member = reference.members.contains_key(&user);
    match dice.roll(14) {
        0 | 1 if !living.is_empty() => edited(living[dice.roll(living.len())], "edited"),
        2..=4 if !living.is_empty() => Fact::Deleted {
            target: living[dice.roll(living.len())],
        },
        5 | 6 if !is_member => joined(user, role),
        5 if user != ALICE => Fact::Left { user },
        6 => Fact::RoleChanged { user, role },
        7 => match dice.roll(4) {
            0 => renamed("new name"),
            1 => Fact::TopicChanged {
                topic: "new topic".into(),
            },
            2 => Fact::Archived,
            _ => Fact::Restored,
        },
        _ => said("text"),
    }
}

async fn read_somewhere(
    chat: &Chat,
    den: RoomId,
    reference: &mut Reference,
    dice: &mut Dice,
    at: &str,
) {
    let user = UserId(1 + i64::try_from(dice.roll(5)).unwrap());
    let head = usize::try_from(reference.head.0).unwrap();
    let asked = Seq(i64::try_from(dice.roll(head + 3)).unwrap());
    let moved = chat.store.mark_read(den, user, asked).await.unwrap();
    let Some(read) = reference.read.get_mut(&user) else {
        assert_eq!(moved, None, "{at}");
        return;
    };
    let new = asked.min(reference.head).max(*read);
    let is_newer = new != *read;
    *read = new;
    let moved = moved.unwrap();
    assert_eq!((moved.read, moved.moved), (new, is_newer), "{at}");
    assert_eq!(moved.unread, reference.unread(user), "{at}");
}

async fn loads_afresh_alike(chat: &Chat, den: RoomId, reference: &Reference, seed: u64) {
    let mut folded = Reference::default();
    for event in chat.log(den).await {
        folded.apply(&event);
    }
    let page = chat.store.page(den, At::Newest, 1000).await.unwrap();
    assert_eq!(page.head, reference.head);
    for expected in [&folded, reference] {
        let expected: Vec<_> = expected.messages.values().cloned().collect();
        assert_eq!(page.messages, expected, "seed {seed}");
    }
    let room = chat.store.room(den).await.unwrap().unwrap();
    assert_eq!(
        (room.name, room.topic, room.archived, room.head),
        (folded.name, folded.topic, folded.archived, folded.head),
    );
    assert_eq!(
        room.member_count,
        i64::try_from(folded.members.len()).unwrap()
    );
    for (user, (role, joined_seq)) in folded.members {
        let found = chat.store.membership(den, user).await.unwrap().unwrap();
        assert_eq!(
            (found.role, found.joined_seq),
            (role, joined_seq),
            "seed {seed}"
        );
    }
    let receipts = chat.store.receipts(den).await.unwrap();
    let receipts: BTreeMap<_, _> = receipts.into_iter().map(|r| (r.user, r.seq)).collect();
    assert_eq!(receipts, reference.read, "seed {seed}");
}
