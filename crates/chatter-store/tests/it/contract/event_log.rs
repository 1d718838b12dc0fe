//! The log: numbers, keys, guards, and who hears.

use chatter_protocol::event::{Event, Fact, Key};
use chatter_protocol::{RoomId, RoomKind, RoomRole, Seq};
use chatter_store::{AppendError, Guards, Needed, StoreError};

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat, edited, joined, renamed, said, together};

on_every_engine! {
    seqs_are_dense_and_heard_in_order_under_concurrent_appends
    a_retry_with_the_same_key_is_the_same_event
    many_retries_at_once_are_one_event
    a_key_used_for_something_else_is_refused
    a_retry_is_answered_even_when_it_would_be_refused_today
    a_retry_of_a_deleted_post_is_still_the_same_post
    keys_belong_to_their_author_and_room
    one_bad_append_never_fails_its_neighbours
    guards_hold_inside_the_transaction
    a_set_is_appended_as_a_whole_or_not_at_all
    heads_and_read_after_tell_what_is_there
    an_open_name_is_taken_once_a_closed_one_any_number_of_times
    the_same_people_have_one_direct_room
    text_with_a_nul_character_fails_alone
    a_closed_store_says_so
    it_answers_a_ping_and_names_its_log
}

fn is_dense(log: &[Event]) -> bool {
    log.iter()
        .zip(1..)
        .all(|(event, seq)| event.seq == Seq(seq))
}

async fn seqs_are_dense_and_heard_in_order_under_concurrent_appends(chat: Chat) {
    let (den, lobby) = (chat.den().await, chat.room("lobby", RoomKind::Open).await);
    together((0..64).map(|n| {
        let chat = chat.clone();
        async move {
            for m in 0..10 {
                let room = if (n + m) % 3 == 0 { lobby } else { den };
                let text = format!("{n} {m}");
                let seq = chat.post(room, ALICE, &text).await;
                let stored = chat.store.message(room, seq, ALICE).await.unwrap().unwrap();
                assert_eq!(stored.fact, said(&text), "what is answered can be read");
            }
        }
    }))
    .await;
    let (in_den, in_lobby) = (chat.log(den).await, chat.log(lobby).await);
    assert!(is_dense(&in_den) && is_dense(&in_lobby));
    assert_eq!(in_den.len() + in_lobby.len(), 640 + 3 + 2);
    let heard = chat.heard.lock().clone();
    for (room, log) in [(den, in_den), (lobby, in_lobby)] {
        let of_room = heard.iter().filter(|event| event.room == room);
        assert_eq!(
            of_room.map(|event| (**event).clone()).collect::<Vec<_>>(),
            log
        );
    }
}

async fn a_retry_with_the_same_key_is_the_same_event(chat: Chat) {
    let den = chat.den().await;
    let first = chat.post_with_key(den, ALICE, "k", "one").await.unwrap();
    assert!(first.fresh);
    let again = chat.post_with_key(den, ALICE, "k", "one").await.unwrap();
    assert!(!again.fresh);
    assert_eq!(again.event, first.event);

    let mut edit = chat.append(den, ALICE, edited(first.event.seq, "two"));
    edit.key = Some(Key::new("e").unwrap());
    let first = chat.store.append(edit.clone()).await.unwrap();
    let again = chat.store.append(edit).await.unwrap();
    assert!(first.fresh && !again.fresh);
    assert_eq!(again.event, first.event);
    assert_eq!(chat.head(den).await, Seq(5));
    assert_eq!(chat.heard.lock().len(), 5, "a retry is not heard again");
}

async fn many_retries_at_once_are_one_event(chat: Chat) {
    let den = chat.den().await;
    let answers = together((0..64).map(|n| {
        let chat = chat.clone();
        async move {
            let key = format!("k{}", n % 4);
            chat.post_with_key(den, ALICE, &key, &key).await.unwrap()
        }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.fresh).count(), 4);
    assert_eq!(chat.head(den).await, Seq(3 + 4));
    assert!(
        answers
            .iter()
            .all(|a| a.event.fact == said(a.event.key.as_ref().unwrap().as_str()))
    );
}

async fn a_key_used_for_something_else_is_refused(chat: Chat) {
    let den = chat.den().await;
    chat.post_with_key(den, ALICE, "k", "one").await.unwrap();
    let other = chat.post_with_key(den, ALICE, "k", "two").await;
    assert!(matches!(other, Err(AppendError::KeyReused)));
    let mut edit = chat.append(den, ALICE, edited(Seq(4), "one"));
    edit.key = Some(Key::new("k").unwrap());
    assert!(matches!(
        chat.store.append(edit).await,
        Err(AppendError::KeyReused)
    ));
    let at_once = together((0..8).map(|n| {
        let chat = chat.clone();
        async move { chat.post_with_key(den, ALICE, "m", &n.to_string()).await }
    }))
    .await;
    assert_eq!(at_once.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(chat.head(den).await, Seq(5));
}

async fn a_retry_is_answered_even_when_it_would_be_refused_today(chat: Chat) {
    let den = chat.den().await;
    let mut post = chat.append(den, BOB, said("bye"));
    post.key = Some(Key::new("k").unwrap());
    post.guards.author = Some(Needed::MEMBERSHIP);
    let first = chat.store.append(post.clone()).await.unwrap();
    chat.does(den, BOB, Fact::Left { user: BOB }).await.unwrap();
    let again = chat.store.append(post).await.unwrap();
    assert_eq!((again.fresh, again.event), (false, first.event));
}

async fn a_retry_of_a_deleted_post_is_still_the_same_post(chat: Chat) {
    let den = chat.den().await;
    let seq = chat
        .post_with_key(den, ALICE, "k", "one")
        .await
        .unwrap()
        .event
        .seq;
    chat.does(den, ALICE, Fact::Deleted { target: seq })
        .await
        .unwrap();
    let again = chat.post_with_key(den, ALICE, "k", "one").await.unwrap();
    assert_eq!((again.fresh, again.event.seq), (false, seq));
    assert_eq!(again.event.fact, said(""), "the text is gone for good");
}

async fn keys_belong_to_their_author_and_room(chat: Chat) {
    let (den, lobby) = (chat.den().await, chat.room("lobby", RoomKind::Open).await);
    for (room, author) in [(den, ALICE), (den, BOB), (lobby, ALICE)] {
        assert!(
            chat.post_with_key(room, author, "k", "one")
                .await
                .unwrap()
                .fresh
        );
    }
}

async fn one_bad_append_never_fails_its_neighbours(chat: Chat) {
    let den = chat.den().await;
    let answers = together((0..60).map(|n| {
        let chat = chat.clone();
        async move {
            match n % 6 {
                0 => chat.does(RoomId(404), ALICE, said("nowhere")).await,
                1 => chat.does(den, ALICE, edited(Seq(9999), "nothing")).await,
                2 => chat.does(den, ALICE, joined(BOB, RoomRole::Member)).await,
                3 => {
                    let mut post = chat.append(den, CAROL, said("let me in"));
                    post.guards.author = Some(Needed::MEMBERSHIP);
                    chat.store.append(post).await
                }
                _ => chat.does(den, BOB, said("good")).await,
            }
        }
    }))
    .await;
    for (n, answer) in answers.iter().enumerate() {
        match n % 6 {
            0 => assert!(matches!(answer, Err(AppendError::NoSuchRoom))),
            1 => assert!(matches!(answer, Err(AppendError::NoSuchMessage))),
            2 => assert!(matches!(answer, Err(AppendError::AlreadyMember))),
            3 => assert!(matches!(answer, Err(AppendError::NotAMember))),
            _ => assert!(answer.is_ok(), "{answer:?}"),
        }
    }
    assert_eq!(chat.head(den).await, Seq(3 + 20));
    assert!(is_dense(&chat.log(den).await));
}

async fn guards_hold_inside_the_transaction(chat: Chat) {
    let (den, lobby) = (chat.den().await, chat.room("lobby", RoomKind::Open).await);
    let guarded = async |room, author, fact: Fact, guards| {
        let mut append = chat.append(room, author, fact);
        append.guards = guards;
        chat.store.append(append).await
    };
    let none = Guards::default();
    let member = Guards {
        author: Some(Needed::MEMBERSHIP),
        ..none
    };
    let open = Guards {
        room_is_open: true,
        ..none
    };
    let not_archived = Guards {
        not_archived: true,
        ..none
    };
    let owned = Guards {
        keeps_an_owner: true,
        ..none
    };
    for fact in [said("x"), joined(CAROL, RoomRole::Member)] {
        let refused = guarded(den, CAROL, fact.clone(), member).await;
        assert!(matches!(refused, Err(AppendError::NotAMember)));
        let refused = guarded(den, CAROL, fact, open).await;
        assert!(matches!(refused, Err(AppendError::NotOpen)));
    }
    guarded(lobby, CAROL, joined(CAROL, RoomRole::Member), open)
        .await
        .unwrap();
    guarded(lobby, CAROL, said("hi"), member).await.unwrap();

    chat.does(lobby, ALICE, Fact::Archived).await.unwrap();
    let refused = guarded(lobby, CAROL, said("hi"), not_archived).await;
    assert!(matches!(refused, Err(AppendError::Archived)));
    chat.does(lobby, ALICE, Fact::Restored).await.unwrap();
    guarded(lobby, CAROL, said("hi"), not_archived)
        .await
        .unwrap();

    let demoted = Fact::RoleChanged {
        user: ALICE,
        role: RoomRole::Member,
    };
    for fact in [Fact::Left { user: ALICE }, demoted] {
        let refused = guarded(den, ALICE, fact, owned).await;
        assert!(matches!(refused, Err(AppendError::LastOwner)));
    }
    guarded(den, BOB, Fact::Left { user: BOB }, owned)
        .await
        .unwrap();
    chat.does(den, ALICE, joined(CAROL, RoomRole::Owner))
        .await
        .unwrap();
    // Both at once: one stays.
    let leaving = together([ALICE, CAROL].map(|user| {
        let mut append = chat.append(den, user, Fact::Left { user });
        append.guards = owned;
        let chat = chat.clone();
        async move { chat.store.append(append).await }
    }))
    .await;
    assert_eq!(leaving.iter().filter(|left| left.is_ok()).count(), 1);
}

async fn a_set_is_appended_as_a_whole_or_not_at_all(chat: Chat) {
    let den = chat.den().await;
    let set = vec![
        chat.append(den, ALICE, said("one")),
        chat.append(den, ALICE, joined(BOB, RoomRole::Member)),
    ];
    let refused = chat.store.append_all(set).await;
    assert!(matches!(refused, Err(AppendError::AlreadyMember)));
    assert_eq!(chat.head(den).await, Seq(3));
    assert_eq!(chat.heard.lock().len(), 3);
    let set = vec![
        chat.append(den, ALICE, said("one")),
        chat.append(den, BOB, said("two")),
    ];
    let appended = chat.store.append_all(set).await.unwrap();
    assert_eq!(
        appended.iter().map(|a| a.event.seq).collect::<Vec<_>>(),
        [Seq(4), Seq(5)]
    );
    assert_eq!(chat.heard.lock().len(), 5);
}

async fn heads_and_read_after_tell_what_is_there(chat: Chat) {
    let (den, lobby) = (chat.den().await, chat.room("lobby", RoomKind::Open).await);
    let mut heads = chat.store.heads(&[den, lobby, RoomId(404)]).await.unwrap();
    heads.sort_unstable();
    assert_eq!(heads, [(den, Seq(3)), (lobby, Seq(2))]);
    assert!(chat.store.heads(&[]).await.unwrap().is_empty());
    let two = chat.store.read_after(den, Seq(1), 1).await.unwrap();
    assert_eq!(
        two.iter().map(|event| event.seq).collect::<Vec<_>>(),
        [Seq(2)]
    );
    assert!(
        chat.store
            .read_after(den, Seq(3), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        chat.store
            .read_after(RoomId(404), Seq(0), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn an_open_name_is_taken_once_a_closed_one_any_number_of_times(chat: Chat) {
    let lobby = chat.room("Lobby", RoomKind::Open).await;
    let create = async |name: &str, access| {
        let room = RoomId(chat.id());
        let name = name.to_owned();
        chat.does(room, ALICE, Fact::Created { name, access })
            .await
            .map(|_| room)
    };
    let taken = create(" LOBBY ", RoomKind::Open).await;
    assert!(matches!(taken, Err(AppendError::NameTaken)));
    create("lobby", RoomKind::Closed).await.unwrap();
    create("lobby", RoomKind::Closed).await.unwrap();
    let hall = create("hall", RoomKind::Open).await.unwrap();
    let taken = chat.does(hall, ALICE, renamed("lobby")).await;
    assert!(matches!(taken, Err(AppendError::NameTaken)));
    chat.does(lobby, ALICE, renamed("LOBBY")).await.unwrap();
    let found = chat.store.open_room_named("lobby").await.unwrap().unwrap();
    assert_eq!((found.id, found.name.as_str()), (lobby, "LOBBY"));
    let at_once = together((0..8).map(|_| {
        let chat = chat.clone();
        async move {
            let name = "once".to_owned();
            let access = RoomKind::Open;
            chat.does(RoomId(chat.id()), ALICE, Fact::Created { name, access })
                .await
        }
    }))
    .await;
    assert_eq!(
        at_once.iter().filter(|made| made.is_ok()).count(),
        1,
        "{at_once:?}"
    );
}

async fn the_same_people_have_one_direct_room(chat: Chat) {
    let answers = together((0..8).map(|_| {
        let chat = chat.clone();
        async move {
            let room = RoomId(chat.id());
            let (name, access) = (String::new(), RoomKind::Direct);
            let mut made = chat.append(room, ALICE, Fact::Created { name, access });
            made.direct_key = Some("1-2".to_owned());
            let mut set = vec![made];
            set.extend([ALICE, BOB].map(|u| chat.append(room, ALICE, joined(u, RoomRole::Member))));
            chat.store.append_all(set).await.map(|_| room)
        }
    }))
    .await;
    let made: Vec<_> = answers.iter().flatten().collect();
    let [room] = made[..] else {
        panic!("{answers:?}")
    };
    for answer in &answers {
        if let Err(error) = answer {
            assert!(
                matches!(error, AppendError::DirectExists(r) if r == room),
                "{error:?}"
            );
        }
    }
    assert_eq!(chat.store.direct_room("1-2").await.unwrap(), Some(*room));
    assert_eq!(chat.store.direct_room("1-3").await.unwrap(), None);
    let found = chat.store.room(*room).await.unwrap().unwrap();
    assert_eq!(found.people, [ALICE, BOB]);
    assert_eq!(
        chat.store.rooms_of(BOB).await.unwrap()[0].room.people,
        [ALICE, BOB]
    );
}

async fn text_with_a_nul_character_fails_alone(chat: Chat) {
    let den = chat.den().await;
    let answers = together((0..32).map(|n| {
        let chat = chat.clone();
        let text = if n % 8 == 0 { "no\0pe" } else { "fine" };
        async move { chat.does(den, ALICE, said(text)).await }
    }))
    .await;
    for (n, answer) in answers.iter().enumerate() {
        let refused = matches!(answer, Err(AppendError::Store(StoreError::Nul)));
        assert_eq!(refused, n % 8 == 0, "{answer:?}");
    }
    assert!(is_dense(&chat.log(den).await));
    assert_eq!(chat.head(den).await, Seq(3 + 28));
}

async fn a_closed_store_says_so(chat: Chat) {
    let den = chat.den().await;
    let (last, ()) = tokio::join!(chat.does(den, ALICE, said("last")), chat.store.close());
    assert_eq!(
        last.unwrap().event.seq,
        Seq(4),
        "what was queued is finished"
    );
    let late = chat.does(den, ALICE, said("late")).await;
    assert!(
        matches!(late, Err(AppendError::Store(StoreError::Closed))),
        "{late:?}"
    );
    assert!(chat.store.ping().await.is_err());
    chat.store.close().await;
}

async fn it_answers_a_ping_and_names_its_log(chat: Chat) {
    chat.store.ping().await.unwrap();
    assert_eq!(chat.store.log_id().len(), 32);
}
