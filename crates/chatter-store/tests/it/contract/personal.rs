//! What people keep for themselves.

use chatter_protocol::personal::{KeptDraft, WhyUnsent};
use chatter_protocol::{
    Draft, Fact, Key, Millis, ReminderId, RoomId, RoomKind, RoomRole, SavedId, ScheduledId, Seq,
    ServerRole, UserId,
};
use chatter_store::{KeepError, NewReminder, NewScheduled};

use super::on_every_engine;
use crate::support::{ALICE, Chat, joined, together};

on_every_engine! {
    what_is_saved_comes_newest_first_and_as_it_is_now
    what_may_no_longer_be_read_is_not_among_the_saved_and_makes_room
    a_draft_is_replaced_by_whoever_knows_the_newest
    drafts_of_a_room_go_with_whoever_leaves_it
    of_many_who_send_a_message_one_has_it
    a_scheduled_message_is_changed_until_it_is_being_sent
    a_scheduled_message_is_known_by_its_key
    a_reminder_shows_no_text_of_a_room_that_was_left
    reminders_come_due_once_in_a_row_of_looks
    keywords_count_their_changes_and_are_those_of_the_active
}

async fn someone(chat: &Chat, handle: &str) -> UserId {
    let person = chat.person(handle, ServerRole::Member);
    chat.store.create_user(person).await.unwrap().id
}

/// A closed room of alice, with `user` in it.
async fn den_with(chat: &Chat, user: UserId) -> RoomId {
    let den = chat.room("den", RoomKind::Closed).await;
    chat.does(den, ALICE, joined(user, RoomRole::Member))
        .await
        .unwrap();
    den
}

async fn save(
    chat: &Chat,
    user: UserId,
    room: RoomId,
    seq: Seq,
    most: i64,
) -> Result<bool, KeepError> {
    let id = SavedId(chat.id());
    chat.store
        .save_message(user, id, (room, seq), Millis(id.0), most)
        .await
}

async fn saved_texts(
    chat: &Chat,
    user: UserId,
    before: Option<SavedId>,
    limit: usize,
) -> Vec<String> {
    let found = chat
        .store
        .saved_messages(user, before, limit)
        .await
        .unwrap();
    let texts = found.into_iter().map(|saved| match saved.message.fact {
        Fact::Posted(_) if saved.message.deleted_by.is_some() => "(gone)".to_owned(),
        Fact::Posted(post) => post.text,
        other => panic!("{other:?}"),
    });
    texts.collect()
}

async fn what_is_saved_comes_newest_first_and_as_it_is_now(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let den = den_with(&chat, bob).await;
    let lobby = chat.room("lobby", RoomKind::Open).await;
    let one = chat.post(den, ALICE, "one").await;
    let two = chat.post(lobby, ALICE, "two").await;
    let three = chat.post(den, ALICE, "three").await;
    for (room, seq) in [(den, three), (lobby, two), (den, one)] {
        assert!(save(&chat, bob, room, seq, 3).await.unwrap());
    }
    assert!(!save(&chat, bob, den, one, 3).await.unwrap(), "once");
    assert!(matches!(
        save(&chat, bob, lobby, Seq(1), 3).await,
        Err(KeepError::TooMany)
    ));
    assert_eq!(
        saved_texts(&chat, bob, None, 9).await,
        ["one", "two", "three"]
    );
    let first = chat.store.saved_messages(bob, None, 1).await.unwrap();
    assert_eq!(saved_texts(&chat, bob, Some(first[0].id), 1).await, ["two"]);

    chat.does(den, ALICE, Fact::Deleted { target: three })
        .await
        .unwrap();
    chat.does(
        den,
        ALICE,
        Fact::Edited {
            target: one,
            text: "first".into(),
            refs: Vec::new(),
        },
    )
    .await
    .unwrap();
    assert_eq!(
        saved_texts(&chat, bob, None, 9).await,
        ["first", "two", "(gone)"]
    );
    assert!(saved_texts(&chat, ALICE, None, 9).await.is_empty());
    assert!(chat.store.unsave_message(bob, den, one).await.unwrap());
    assert!(!chat.store.unsave_message(bob, den, one).await.unwrap());
    assert_eq!(saved_texts(&chat, bob, None, 9).await, ["two", "(gone)"]);
}

async fn what_may_no_longer_be_read_is_not_among_the_saved_and_makes_room(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let den = den_with(&chat, bob).await;
    let lobby = chat.room("lobby", RoomKind::Open).await;
    let secret = chat.post(den, ALICE, "secret").await;
    let open = chat.post(lobby, ALICE, "open").await;
    save(&chat, bob, den, secret, 2).await.unwrap();
    save(&chat, bob, lobby, open, 2).await.unwrap();
    chat.does(den, ALICE, Fact::Left { user: bob })
        .await
        .unwrap();
    assert_eq!(saved_texts(&chat, bob, None, 9).await, ["open"]);
    // The same page whatever is hidden before it.
    assert_eq!(saved_texts(&chat, bob, None, 1).await, ["open"]);
    let more = chat.post(lobby, ALICE, "more").await;
    assert!(save(&chat, bob, lobby, more, 2).await.unwrap());
    assert_eq!(saved_texts(&chat, bob, None, 9).await, ["more", "open"]);
}

fn begun(room: RoomId, thread: Option<i64>, text: &str, rev: i64) -> KeptDraft {
    KeptDraft {
        room,
        thread: thread.map(Seq),
        text: text.to_owned(),
        reply: None,
        at: Millis(rev),
        rev,
    }
}

async fn a_draft_is_replaced_by_whoever_knows_the_newest(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let den = den_with(&chat, bob).await;
    let put = async |draft: KeptDraft, known: i64| chat.store.put_draft(bob, draft, known, 2).await;
    let stale = |answer: Result<KeptDraft, KeepError>| match answer {
        Err(KeepError::Stale(newer)) => (newer.text, newer.rev),
        other => panic!("{other:?}"),
    };
    put(begun(den, None, "a", 10), 0).await.unwrap();
    put(begun(den, Some(4), "in a thread", 11), 0)
        .await
        .unwrap();
    assert!(matches!(
        put(begun(den, Some(5), "too many", 12), 0).await,
        Err(KeepError::TooMany)
    ));
    put(begun(den, None, "ab", 13), 10).await.unwrap();
    for known in [0, 10, 99] {
        let newer = stale(put(begun(den, None, "x", 20), known).await);
        assert_eq!(newer, ("ab".to_owned(), 13), "known {known}");
    }
    assert_eq!(stale(put(begun(den, None, "", 20), 10).await).1, 13);
    let all = chat.store.drafts(bob).await.unwrap();
    assert_eq!(
        all,
        [
            begun(den, None, "ab", 13),
            begun(den, Some(4), "in a thread", 11)
        ]
    );
    assert!(chat.store.drafts(ALICE).await.unwrap().is_empty());

    put(begun(den, None, "", 21), 13).await.unwrap();
    put(begun(den, None, "", 22), 13).await.unwrap();
    let newer = stale(put(begun(den, None, "abc", 23), 13).await);
    assert_eq!(newer, (String::new(), 0), "what was taken back stays so");

    // Of many devices that begin at once, one has it and the others hear so.
    let tasks = (0..8).map(|n| {
        let store = chat.store.clone();
        let draft = begun(den, None, &format!("device {n}"), 30 + n);
        async move { store.put_draft(bob, draft, 0, 9).await }
    });
    let answers = together(tasks).await;
    assert_eq!(answers.iter().filter(|it| it.is_ok()).count(), 1);
}

async fn drafts_of_a_room_go_with_whoever_leaves_it(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let den = den_with(&chat, bob).await;
    let other = den_with(&chat, bob).await;
    for room in [den, other] {
        let draft = begun(room, None, "a", 10);
        chat.store.put_draft(bob, draft, 0, 9).await.unwrap();
    }
    chat.does(den, bob, Fact::Left { user: bob }).await.unwrap();
    chat.does(den, ALICE, joined(bob, RoomRole::Member))
        .await
        .unwrap();
    let all = chat.store.drafts(bob).await.unwrap();
    assert_eq!(all, [begun(other, None, "a", 10)]);
}

fn later(chat: &Chat, user: UserId, room: RoomId, key: &str, at: i64) -> NewScheduled {
    NewScheduled {
        id: ScheduledId(chat.id()),
        user,
        room,
        key: Key::new(key).unwrap(),
        draft: Draft::said("later"),
        at: Millis(at),
    }
}

async fn of_many_who_send_a_message_one_has_it(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let new = later(&chat, bob, RoomId(5), "k", 100);
    let id = chat.store.schedule(new, 9).await.unwrap().id;
    let due = async |now: i64| chat.store.due_messages(Millis(now), 9).await.unwrap();
    let lease = async |now: i64| {
        let until = Millis(now + 60);
        chat.store
            .lease_message(id, Millis(now), until)
            .await
            .unwrap()
    };
    assert!(due(99).await.is_empty());
    assert!(lease(99).await.is_none());
    assert_eq!(due(100).await, [id]);
    let tasks = (0..8).map(|_| {
        let store = chat.store.clone();
        async move {
            store
                .lease_message(id, Millis(100), Millis(160))
                .await
                .unwrap()
        }
    });
    let taken: Vec<_> = together(tasks).await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    assert_eq!(
        (taken[0].user, &taken[0].message.draft.text),
        (bob, &"later".to_owned())
    );
    assert!(due(159).await.is_empty());
    // Whoever took it is gone.
    assert!(lease(160).await.is_some());
    chat.store.put_message_off(id, Millis(300)).await.unwrap();
    assert!(due(299).await.is_empty());
    assert!(lease(300).await.is_some());
    chat.store.message_sent(id).await.unwrap();
    assert!(due(1_000).await.is_empty());
    assert!(chat.store.scheduled_of(bob).await.unwrap().is_empty());
}

async fn a_scheduled_message_is_changed_until_it_is_being_sent(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let new = later(&chat, bob, RoomId(5), "k", 100);
    let id = chat.store.schedule(new, 9).await.unwrap().id;
    let change = async |user: UserId, now: i64| {
        let draft = Draft::said("other");
        chat.store
            .change_scheduled(id, user, draft, Millis(200), Millis(now))
            .await
    };
    assert!(matches!(change(ALICE, 0).await, Err(KeepError::NotKept)));
    let theirs = chat.store.unschedule(id, ALICE, Millis(0)).await;
    assert!(matches!(theirs, Err(KeepError::NotKept)));
    assert_eq!(change(bob, 0).await.unwrap().draft.text, "other");
    let taken = chat
        .store
        .lease_message(id, Millis(200), Millis(260))
        .await
        .unwrap();
    assert!(taken.is_some());
    assert!(matches!(change(bob, 201).await, Err(KeepError::TooLate)));
    let gone = chat.store.unschedule(id, bob, Millis(201)).await;
    assert!(matches!(gone, Err(KeepError::TooLate)));

    let failed = chat
        .store
        .message_unsent(id, WhyUnsent::Archived)
        .await
        .unwrap();
    assert_eq!(failed.unwrap().failed, Some(WhyUnsent::Archived));
    assert!(
        chat.store
            .due_messages(Millis(999), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(change(bob, 202).await.unwrap().failed, None);
    assert_eq!(chat.store.due_messages(Millis(999), 9).await.unwrap(), [id]);
    chat.store.unschedule(id, bob, Millis(202)).await.unwrap();
    let again = chat.store.unschedule(id, bob, Millis(202)).await;
    assert!(matches!(again, Err(KeepError::NotKept)));
}

async fn a_scheduled_message_is_known_by_its_key(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let first = later(&chat, bob, RoomId(5), "k", 100);
    let again = NewScheduled {
        id: ScheduledId(chat.id()),
        ..first.clone()
    };
    let other = NewScheduled {
        at: Millis(101),
        ..again.clone()
    };
    let made = chat.store.schedule(first, 1).await.unwrap();
    assert_eq!(chat.store.schedule(again, 1).await.unwrap(), made);
    assert!(matches!(
        chat.store.schedule(other, 1).await,
        Err(KeepError::KeyReused)
    ));
    let more = later(&chat, bob, RoomId(5), "k2", 100);
    assert!(matches!(
        chat.store.schedule(more, 1).await,
        Err(KeepError::TooMany)
    ));
}

async fn remind(chat: &Chat, user: UserId, room: RoomId, seq: Seq, at: i64) -> ReminderId {
    let id = ReminderId(chat.id());
    let new = NewReminder {
        id,
        user,
        room,
        seq,
        at: Millis(at),
        note: "call".to_owned(),
    };
    chat.store.remind(new, 2).await.unwrap();
    id
}

async fn a_reminder_shows_no_text_of_a_room_that_was_left(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let den = den_with(&chat, bob).await;
    let seq = chat.post(den, ALICE, "secret").await;
    let id = remind(&chat, bob, den, seq, 100).await;
    let mine = async || chat.store.reminders(bob, Millis(100)).await.unwrap();
    assert!(mine().await[0].message.is_some());
    assert!(mine().await[0].due);
    assert!(!chat.store.reminders(bob, Millis(99)).await.unwrap()[0].due);
    chat.does(den, ALICE, Fact::Left { user: bob })
        .await
        .unwrap();
    let left = mine().await;
    assert_eq!(
        (left[0].message.clone(), left[0].note.as_str()),
        (None, "call")
    );
    assert!(!chat.store.forget_reminder(id, ALICE).await.unwrap());
    assert!(chat.store.forget_reminder(id, bob).await.unwrap());
    assert!(mine().await.is_empty());
}

async fn reminders_come_due_once_in_a_row_of_looks(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let (one, two) = (
        remind(&chat, bob, RoomId(5), Seq(1), 100).await,
        remind(&chat, bob, RoomId(5), Seq(1), 101).await,
    );
    let third = NewReminder {
        id: ReminderId(chat.id()),
        user: bob,
        room: RoomId(5),
        seq: Seq(1),
        at: Millis(200),
        note: String::new(),
    };
    assert!(matches!(
        chat.store.remind(third, 2).await,
        Err(KeepError::TooMany)
    ));
    let due = async |after: i64, until: i64| {
        let due = chat
            .store
            .reminders_due(Millis(after), Millis(until), 9)
            .await
            .unwrap();
        due.into_iter().map(|(_, it)| it.id).collect::<Vec<_>>()
    };
    assert_eq!(due(0, 99).await, []);
    assert_eq!(due(99, 100).await, [one]);
    assert_eq!(due(100, 300).await, [two]);
    assert_eq!(due(300, 400).await, []);
}

async fn keywords_count_their_changes_and_are_those_of_the_active(chat: Chat) {
    let (bob, carol) = (someone(&chat, "bob").await, someone(&chat, "carol").await);
    let changes = async || chat.store.keyword_changes().await.unwrap();
    assert_eq!(changes().await, 0);
    let words = ["pie".to_owned(), "東京".to_owned()];
    chat.store.put_keywords(bob, &words).await.unwrap();
    chat.store.put_keywords(carol, &words[..1]).await.unwrap();
    chat.store.put_keywords(carol, &[]).await.unwrap();
    assert_eq!(changes().await, 3);
    assert_eq!(chat.store.keywords(bob).await.unwrap(), words);
    assert!(chat.store.keywords(carol).await.unwrap().is_empty());
    let all = chat.store.all_keywords().await.unwrap();
    assert_eq!(all, [(bob, words.to_vec())]);

    let den = den_with(&chat, bob).await;
    let here = chat.store.members_among(den, vec![bob, carol]).await;
    assert_eq!(here.unwrap(), [bob]);
    chat.store
        .change_user(bob, None, Some(true), Millis(9), Vec::new())
        .await
        .unwrap();
    assert!(chat.store.all_keywords().await.unwrap().is_empty());
}
