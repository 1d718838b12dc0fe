//! What waits for someone is counted right, whatever happens in whatever order:
//! compared with a reference that looks at everything, every time.

use std::collections::{BTreeMap, BTreeSet};

use chatter_protocol::event::Fact;
use chatter_protocol::post::Post;
use chatter_protocol::{RoomId, RoomRole, Seq, UserId};
use chatter_store::EVERYONE;

use super::on_every_engine;
use crate::support::{ALICE, Chat, Dice, edited, joined};

on_every_engine! {
    nothing_that_waits_for_anyone_is_ever_miscounted
}

const PEOPLE: [UserId; 3] = [ALICE, UserId(2), UserId(3)];

struct Said {
    author: UserId,
    thread: Option<Seq>,
    in_room: bool,
    gone: bool,
    meant: BTreeSet<UserId>,
}

/// Everything that was said and how far everyone read, and no count at all.
#[derive(Default)]
struct Reference {
    said: BTreeMap<Seq, Said>,
    read: BTreeMap<UserId, Seq>,
    /// Who follows a thread, and how far they have read it.
    followed: BTreeMap<(Seq, UserId), (bool, Seq)>,
}

impl Reference {
    fn unread(&self, user: UserId) -> i64 {
        let read = self.read[&user];
        let waits = self.said.iter();
        let waits = waits.filter(|(seq, said)| **seq > read && said.in_room && !said.gone);
        i64::try_from(waits.count()).unwrap()
    }

    fn mentions(&self, user: UserId) -> i64 {
        let read = self.read[&user];
        let waits = self.said.iter().filter(|(seq, said)| {
            let means = said.meant.contains(&user) || said.meant.contains(&EVERYONE);
            **seq > read && said.in_room && !said.gone && means && said.author != user
        });
        i64::try_from(waits.count()).unwrap()
    }

    fn unread_in(&self, root: Seq, read: Seq) -> i64 {
        let waits = self.said.iter();
        let waits =
            waits.filter(|(seq, said)| **seq > read && said.thread == Some(root) && !said.gone);
        i64::try_from(waits.count()).unwrap()
    }

    fn mentions_in(&self, root: Seq, user: UserId, read: Seq) -> i64 {
        let waits = self.said.iter().filter(|(seq, said)| {
            let means = said.meant.contains(&user) || said.meant.contains(&EVERYONE);
            **seq > read && said.thread == Some(root) && !said.gone && means && said.author != user
        });
        i64::try_from(waits.count()).unwrap()
    }

    fn posted(&mut self, seq: Seq, said: Said) {
        if said.in_room {
            self.read.insert(said.author, seq);
        }
        if let Some(root) = said.thread {
            self.followed.insert((root, said.author), (true, seq));
            let begun_by = self.said[&root].author;
            for user in said.meant.iter().copied().chain([begun_by]) {
                if user != said.author && user != EVERYONE {
                    self.followed
                        .entry((root, user))
                        .or_insert((true, seq.back(1)));
                }
            }
        }
        self.said.insert(seq, said);
    }

    fn living(&self, pick: impl Fn(&Said) -> bool) -> Vec<Seq> {
        let living = self
            .said
            .iter()
            .filter(|(_, said)| !said.gone && pick(said));
        living.map(|(seq, _)| *seq).collect()
    }

    fn threads(&self) -> Vec<Seq> {
        let roots: BTreeSet<Seq> = self.said.values().filter_map(|said| said.thread).collect();
        roots.into_iter().collect()
    }
}

async fn nothing_that_waits_for_anyone_is_ever_miscounted(chat: Chat) {
    for seed in 1..=3 {
        let den = chat.den().await;
        let carol = joined(PEOPLE[2], RoomRole::Member);
        chat.does(den, ALICE, carol).await.unwrap();
        let mut dice = Dice(seed);
        let mut reference = Reference::default();
        let joined_at = [2, 3, 4].map(Seq);
        reference.read.extend(PEOPLE.into_iter().zip(joined_at));
        for step in 0..200 {
            something_happens(&chat, den, &mut reference, &mut dice).await;
            let at = format!("seed {seed}, step {step}");
            all_is_counted(&chat, den, &reference, &at).await;
        }
    }
}

async fn all_is_counted(chat: &Chat, den: RoomId, reference: &Reference, at: &str) {
    for user in PEOPLE {
        let state = chat.store.room_state(den, user).await.unwrap().unwrap();
        assert_eq!(state.unread, reference.unread(user), "{at}, {user}");
        assert_eq!(state.mentions, reference.mentions(user), "{at}, {user}");
        let all = chat.store.rooms_of(user).await.unwrap();
        let same = all.into_iter().find(|it| it.room.id == den).unwrap();
        assert_eq!(
            (same.unread, same.mentions),
            (state.unread, state.mentions),
            "{at}"
        );
    }
    for ((root, user), (follows, read)) in &reference.followed {
        let place = chat
            .store
            .thread_place(den, *root, *user)
            .await
            .unwrap()
            .unwrap();
        let unread = reference.unread_in(*root, *read);
        let mentions = reference.mentions_in(*root, *user, *read);
        assert_eq!(
            (place.follows, place.unread, place.mentions),
            (*follows, unread, mentions),
            "{at}, {root}, {user}"
        );
    }
    let waiting = chat
        .store
        .threads_followed(ALICE, true, None, 1000)
        .await
        .unwrap();
    let waiting: BTreeSet<Seq> = waiting
        .into_iter()
        .filter(|place| place.room == den)
        .map(|place| place.thread)
        .collect();
    let followed = reference
        .followed
        .iter()
        .filter(|((root, user), (follows, read))| {
            *user == ALICE && *follows && reference.unread_in(*root, *read) > 0
        });
    let wanted: BTreeSet<Seq> = followed.map(|((root, _), _)| *root).collect();
    assert_eq!(waiting, wanted, "{at}");
}

async fn something_happens(chat: &Chat, den: RoomId, reference: &mut Reference, dice: &mut Dice) {
    let user = PEOPLE[dice.roll(3)];
    let head = chat.head(den).await;
    // Any device of theirs, however far behind or ahead it thinks it is.
    let anywhere = Seq(i64::try_from(dice.roll(usize::try_from(head.0).unwrap() + 3)).unwrap());
    let roots = reference.living(|said| said.thread.is_none());
    let living = reference.living(|_| true);
    let threads = reference.threads();
    match dice.roll(12) {
        0 | 1 => {
            chat.store
                .mark_read(den, user, anywhere)
                .await
                .unwrap()
                .unwrap();
            let read = reference.read.get_mut(&user).unwrap();
            *read = (*read).max(anywhere.min(head));
        }
        2 | 3 if !threads.is_empty() => {
            let root = threads[dice.roll(threads.len())];
            let last = reference
                .said
                .iter()
                .rev()
                .find(|(_, said)| said.thread == Some(root));
            let last = *last.unwrap().0;
            chat.store
                .mark_thread_read(den, root, user, anywhere)
                .await
                .unwrap();
            if let Some((_, read)) = reference.followed.get_mut(&(root, user)) {
                *read = (*read).max(anywhere.min(last));
            }
        }
        4 if !threads.is_empty() => {
            let root = threads[dice.roll(threads.len())];
            let follows = dice.roll(2) == 0;
            let last = reference
                .said
                .iter()
                .rev()
                .find(|(_, said)| said.thread == Some(root));
            let last = *last.unwrap().0;
            chat.store
                .follow_thread(den, root, user, follows)
                .await
                .unwrap()
                .unwrap();
            let place = reference
                .followed
                .entry((root, user))
                .or_insert((follows, last));
            place.0 = follows;
        }
        5 if !living.is_empty() => {
            let target = living[dice.roll(living.len())];
            chat.does(den, ALICE, Fact::Deleted { target })
                .await
                .unwrap();
            reference.said.get_mut(&target).unwrap().gone = true;
        }
        6 if !living.is_empty() => {
            let target = living[dice.roll(living.len())];
            let meant = someone(dice);
            let mut edit = chat.append(den, ALICE, edited(target, "edited"));
            edit.meant = meant.iter().copied().collect();
            chat.store.append(edit).await.unwrap();
            reference.said.get_mut(&target).unwrap().meant = meant;
        }
        7..=9 if !roots.is_empty() => {
            let root = roots[dice.roll(roots.len())];
            let also = dice.roll(3) == 0;
            says(chat, den, reference, dice, user, Some(root), also).await;
        }
        _ => says(chat, den, reference, dice, user, None, false).await,
    }
}

async fn says(
    chat: &Chat,
    den: RoomId,
    reference: &mut Reference,
    dice: &mut Dice,
    author: UserId,
    thread: Option<Seq>,
    also_in_room: bool,
) {
    let meant = someone(dice);
    let post = Post {
        text: "said".into(),
        thread,
        also_in_room,
        ..Post::default()
    };
    let in_room = post.is_in_room();
    let mut append = chat.append(den, author, Fact::Posted(post));
    append.meant = meant.iter().copied().collect();
    let seq = chat.store.append(append).await.unwrap().event.seq;
    let gone = false;
    reference.posted(
        seq,
        Said {
            author,
            thread,
            in_room,
            gone,
            meant,
        },
    );
}

/// Mostly nobody.
fn someone(dice: &mut Dice) -> BTreeSet<UserId> {
    match dice.roll(6) {
        0 => BTreeSet::from([PEOPLE[dice.roll(3)]]),
        1 => BTreeSet::from([PEOPLE[dice.roll(3)], PEOPLE[dice.roll(3)]]),
        2 => BTreeSet::from([EVERYONE]),
        _ => BTreeSet::new(),
    }
}
