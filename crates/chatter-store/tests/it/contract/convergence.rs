//! Applying all events gives what loading afresh gives, for every kind.

use std::collections::BTreeMap;

use chatter_protocol::event::{Event, Fact};
use chatter_protocol::post::{Poll, Post};
use chatter_protocol::rooms::{Reaction, Vote};
use chatter_protocol::{
    EventId, Message, Millis, Preview, RepliesLeft, RoomId, RoomKind, RoomRole, Rules, Seq,
    SeqRange, UserId,
};
use chatter_store::{At, Expire};

use super::on_every_engine;
use crate::support::{ALICE, Chat, Dice, edited, joined, renamed, said};

on_every_engine! {
    folding_the_log_gives_the_page_the_room_and_the_unread_counts
}

/// A reader of the log, as plain as can be: alice, where it matters who looks.
#[derive(Default)]
struct Reference {
    /// Lines and replies in threads.
    messages: BTreeMap<Seq, Message>,
    /// Who put which mark under which message.
    marks: Vec<(Seq, String, UserId)>,
    /// Which marks there are, by when the first of each came.
    kinds: Vec<(Seq, String)>,
    members: BTreeMap<UserId, (RoomRole, Seq)>,
    /// Never back, never past the head.
    read: BTreeMap<UserId, Seq>,
    name: String,
    topic: String,
    rules: Rules,
    open: bool,
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
            Fact::RulesChanged { rules } => self.rules = rules,
            Fact::AccessChanged { access } => self.open = access == RoomKind::Open,
            Fact::Converted { .. } => unreachable!("the den is no conversation"),
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
            Fact::Posted(post) => self.posted(event, &post),
            Fact::Edited { target, text, refs } => {
                let message = self.messages.get_mut(&target).unwrap();
                let Fact::Posted(post) = &mut message.fact else {
                    panic!("{message:?}");
                };
                (post.text, post.refs) = (text, refs);
                if message
                    .preview
                    .as_ref()
                    .is_some_and(|it| !post.text.contains(&it.link))
                {
                    message.preview = None;
                }
                message.edited = Some(event.seq);
                message.edited_at = Some(event.at);
            }
            Fact::Deleted { target } => self.deleted(target, event),
            Fact::Reacted { target, emoji } => {
                self.mark(target, emoji, event.author);
            }
            Fact::Unreacted { target, emoji } => self.unmark(target, &emoji, event.author),
            Fact::Voted { target, option } => {
                self.mark(target, option.to_string(), event.author);
            }
            Fact::Unvoted { target, option } => {
                self.unmark(target, &option.to_string(), event.author);
            }
            Fact::Pinned { target } => {
                self.messages.get_mut(&target).unwrap().pinned_by = Some(event.author);
            }
            Fact::Unpinned { target } => {
                self.messages.get_mut(&target).unwrap().pinned_by = None;
            }
            Fact::Previewed { target, preview } => {
                self.messages.get_mut(&target).unwrap().preview = Some(preview);
            }
            Fact::PreviewRemoved { target } => {
                self.messages.get_mut(&target).unwrap().preview = None;
            }
            Fact::PollClosed { target } => {
                let message = self.messages.get_mut(&target).unwrap();
                let Fact::Posted(post) = &mut message.fact else {
                    panic!("{message:?}");
                };
                // What was deleted later says nothing any more.
                if let Some(poll) = &mut post.poll {
                    poll.closed = true;
                }
            }
            Fact::Expired { ranges, threads } => self.expired(event, &ranges, &threads),
        }
        if let Some(target) = event.fact.target() {
            self.messages.get_mut(&target).unwrap().rev = Some(event.seq);
        }
        if event.fact.is_line() {
            self.messages.insert(event.seq, line(event));
        }
    }

    fn posted(&mut self, event: &Event, post: &Post) {
        if post.is_in_room()
            && let Some(read) = self.read.get_mut(&event.author)
        {
            *read = event.seq;
        }
        let Some(root) = post.thread else { return };
        let root = self.messages.get_mut(&root).unwrap();
        root.rev = Some(event.seq);
        let replies = root.replies.get_or_insert_default();
        replies.count += 1;
        (replies.last, replies.last_at) = (event.seq, event.at);
        if replies.people.len() < 3 && !replies.people.contains(&event.author) {
            replies.people.push(event.author);
        }
    }

    fn deleted(&mut self, target: Seq, event: &Event) {
        self.marks.retain(|(marked, ..)| *marked != target);
        self.kinds.retain(|(marked, _)| *marked != target);
        let message = self.messages.get_mut(&target).unwrap();
        let Fact::Posted(post) = &message.fact else {
            panic!("{message:?}");
        };
        let thread = post.thread;
        message.fact = Fact::Posted(post.blanked());
        message.deleted_by = Some(event.author);
        message.pinned_by = None;
        message.preview = None;
        if let Some(root) = thread {
            let root = self.messages.get_mut(&root).unwrap();
            root.rev = Some(event.seq);
            root.replies.as_mut().unwrap().count -= 1;
        }
    }

    fn expired(&mut self, event: &Event, ranges: &[SeqRange], threads: &[RepliesLeft]) {
        let gone = |seq: Seq| ranges.iter().any(|range| range.contains(seq));
        let going = self.messages.extract_if(.., |seq, _| gone(*seq));
        for (_, message) in going.collect::<Vec<_>>() {
            if let Fact::Posted(post) = &message.fact
                && message.deleted_by.is_none()
                && let Some(root) = post.thread
            {
                let root = self.messages.get_mut(&root).expect("a thread that goes on");
                root.rev = Some(event.seq);
                root.replies.as_mut().unwrap().count -= 1;
            }
        }
        self.marks.retain(|(target, ..)| !gone(*target));
        self.kinds.retain(|(target, _)| !gone(*target));
        for left in threads {
            let root = &self.messages[&left.root];
            assert_eq!(root.replies.as_ref().unwrap().count, left.count);
        }
    }

    fn mark(&mut self, target: Seq, mark: String, user: UserId) {
        let kind = (target, mark.clone());
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
        self.marks.push((target, mark, user));
    }

    fn unmark(&mut self, target: Seq, mark: &str, user: UserId) {
        self.marks
            .retain(|it| *it != (target, mark.to_owned(), user));
        let marks = &self.marks;
        self.kinds.retain(|(at, kind)| {
            marks
                .iter()
                .any(|(target, mark, _)| (target, mark) == (at, kind))
        });
    }

    fn has_marked(&self, target: Seq, mark: &str, user: UserId) -> bool {
        self.marks.contains(&(target, mark.to_owned(), user))
    }

    /// The message with what is under it, as alice sees it.
    fn seen(&self, message: &Message) -> Message {
        let mut seen = message.clone();
        for (target, mark) in &self.kinds {
            if *target != message.seq {
                continue;
            }
            let who = self.marks.iter();
            let who = who.filter(|(at, what, _)| at == target && what == mark);
            let who: Vec<_> = who.map(|(.., user)| *user).collect();
            let (count, mine) = (i64::try_from(who.len()).unwrap(), who.contains(&ALICE));
            if let Ok(option) = mark.parse() {
                seen.votes.push(Vote {
                    option,
                    count,
                    mine,
                });
            } else {
                let emoji = mark.clone();
                seen.reactions.push(Reaction { emoji, count, mine });
            }
        }
        seen.votes.sort_by_key(|vote| vote.option);
        seen
    }

    /// What a page shows of the room, or of the thread that begins at `root`.
    fn timeline(&self, root: Option<Seq>) -> Vec<Message> {
        let shown = self
            .messages
            .values()
            .filter(|message| match (&message.fact, root) {
                (Fact::Posted(post), None) => post.is_in_room(),
                (_, None) => true,
                (Fact::Posted(post), root) => post.thread == root,
                (_, Some(_)) => false,
            });
        shown.map(|message| self.seen(message)).collect()
    }

    fn unread(&self, user: UserId) -> i64 {
        let Some(read) = self.read.get(&user) else {
            return 0;
        };
        let unread = self.messages.values().filter(|message| {
            message.seq > *read
                && message.deleted_by.is_none()
                && matches!(&message.fact, Fact::Posted(post) if post.is_in_room())
        });
        i64::try_from(unread.count()).unwrap()
    }

    fn living(&self) -> Vec<Seq> {
        let living = self.messages.values().filter(|message| {
            message.deleted_by.is_none() && matches!(message.fact, Fact::Posted(_))
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
        rev: None,
        reactions: Vec::new(),
        pinned_by: None,
        replies: None,
        votes: Vec::new(),
        preview: None,
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
            } else if dice.roll(12) == 0 {
                expire_something(&chat, den, &mut reference, &mut dice).await;
            } else {
                let author = UserId(1 + i64::try_from(dice.roll(5)).unwrap());
                let fact = any_fact(&reference, author, &mut dice);
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
        if reference.open {
            // The next one may want the name.
            let access = RoomKind::Closed;
            let closed = chat.does(den, ALICE, Fact::AccessChanged { access }).await;
            closed.unwrap();
        }
    }
}

/// Something that is possible now.
fn any_fact(reference: &Reference, author: UserId, dice: &mut Dice) -> Fact {
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
    match dice.roll(24) {
        14..=17 if !living.is_empty() => {
            let target = living[dice.roll(living.len())];
            mark(reference, target, author, dice)
        }
        18..=22 if !living.is_empty() => {
            let target = living[dice.roll(living.len())];
            let root = match &reference.messages[&target].fact {
                Fact::Posted(post) => post.thread.unwrap_or(target),
                _ => target,
            };
            Fact::Posted(Post {
                text: "a reply".into(),
                thread: Some(root),
                reply: (dice.roll(2) == 0).then_some(target),
                also_in_room: dice.roll(4) == 0,
                ..Post::default()
            })
        }
        23 => poll(),
        0 | 1 if !living.is_empty() => {
            let text = ["edited", "see https://example.org"][dice.roll(2)];
            edited(living[dice.roll(living.len())], text)
        }
        8..=11 if !living.is_empty() => preview(reference, living[dice.roll(living.len())]),
        2..=4 if !living.is_empty() => Fact::Deleted {
            target: living[dice.roll(living.len())],
        },
        5 | 6 if !is_member => joined(user, role),
        5 if user != ALICE => Fact::Left { user },
        6 => Fact::RoleChanged { user, role },
        7 => match dice.roll(6) {
            5 => Fact::AccessChanged {
                access: if reference.open {
                    RoomKind::Closed
                } else {
                    RoomKind::Open
                },
            },
            4 => Fact::RulesChanged {
                rules: Rules {
                    post: (dice.roll(2) == 0).then_some(role),
                    slow: u32::try_from(dice.roll(3)).unwrap(),
                    ..Rules::default()
                },
            },
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

/// Something put under a message or taken away, whichever is possible.
fn mark(reference: &Reference, target: Seq, author: UserId, dice: &mut Dice) -> Fact {
    let message = &reference.messages[&target];
    let open = match &message.fact {
        Fact::Posted(post) => post.poll.as_ref().is_some_and(|poll| !poll.closed),
        _ => false,
    };
    if open && dice.roll(8) == 0 {
        return Fact::PollClosed { target };
    }
    if open {
        let option = u8::try_from(dice.roll(3)).unwrap();
        return if reference.has_marked(target, &option.to_string(), author) {
            Fact::Unvoted { target, option }
        } else {
            Fact::Voted { target, option }
        };
    }
    if dice.roll(4) == 0 {
        return match message.pinned_by {
            Some(_) => Fact::Unpinned { target },
            None => Fact::Pinned { target },
        };
    }
    let emoji = ["👍", "🎉", ":party:"][dice.roll(3)].to_owned();
    if reference.has_marked(target, &emoji, author) {
        Fact::Unreacted { target, emoji }
    } else {
        Fact::Reacted { target, emoji }
    }
}

/// What its link leads to, or no longer, whichever is possible.
fn preview(reference: &Reference, target: Seq) -> Fact {
    let message = &reference.messages[&target];
    let link = "https://example.org";
    match &message.fact {
        _ if message.preview.is_some() => Fact::PreviewRemoved { target },
        Fact::Posted(post) if post.text.contains(link) => Fact::Previewed {
            target,
            preview: Preview {
                link: link.into(),
                title: "Example".into(),
                ..Preview::default()
            },
        },
        _ => said("see https://example.org"),
    }
}

fn poll() -> Fact {
    Fact::Posted(Post {
        text: "lunch?".into(),
        poll: Some(Box::new(Poll {
            options: ["soup", "salad", "both"].map(str::to_owned).into(),
            multiple: true,
            ..Poll::default()
        })),
        ..Post::default()
    })
}

/// Lets some of what is there go, as a server does by schedule.
async fn expire_something(chat: &Chat, den: RoomId, reference: &mut Reference, dice: &mut Dice) {
    let Some(newest) = reference.messages.values().map(|it| it.at.0).max() else {
        return;
    };
    let back = i64::try_from(dice.roll(400)).unwrap();
    let mut expire = Expire {
        room: den,
        before: Millis(newest - back),
        after: Seq::ZERO,
        limit: 1 + dice.roll(20),
        author: ALICE,
        at: Millis(newest + 1),
    };
    loop {
        let ids = chat.clone();
        let id = move || EventId(ids.id());
        let expired = chat.store.expire(expire.clone(), id).await.unwrap();
        for event in chat
            .store
            .read_after(den, reference.head, 1000)
            .await
            .unwrap()
        {
            reference.apply(&event);
        }
        match expired.next {
            Some(next) => expire.after = next,
            None => break,
        }
    }
    for message in reference.messages.values() {
        let is_old = message.at < expire.before;
        let goes_on = message.replies.as_ref().is_some_and(|it| it.count > 0);
        // The replies may have gone after it was looked at: the next run's.
        let goes_on = goes_on || message.replies.is_some();
        assert!(
            !is_old || goes_on && message.deleted_by.is_some(),
            "{message:?}"
        );
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
    let page = chat.store.page(den, ALICE, At::Newest, 1000).await.unwrap();
    assert_eq!(page.head, reference.head);
    for expected in [&folded, reference] {
        assert_eq!(page.messages, expected.timeline(None), "seed {seed}");
    }
    for root in reference
        .messages
        .values()
        .filter(|it| it.replies.is_some())
    {
        let (room, seq) = (den, root.seq);
        let page = chat
            .store
            .thread_page(room, seq, ALICE, At::Newest, 1000)
            .await
            .unwrap();
        assert_eq!(
            page.messages,
            reference.timeline(Some(seq)),
            "seed {seed}, thread {seq}"
        );
    }
    let room = chat.store.room(den).await.unwrap().unwrap();
    assert_eq!(
        (
            room.kind == RoomKind::Open,
            room.name,
            room.topic,
            room.rules,
            room.archived,
            room.head
        ),
        (
            folded.open,
            folded.name,
            folded.topic,
            folded.rules,
            folded.archived,
            folded.head
        ),
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
