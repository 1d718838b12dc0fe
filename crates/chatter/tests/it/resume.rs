//! After any break a client gets exactly what it missed, or is told plainly.

use chatter_protocol::frame::{Command, Hello};
use chatter_protocol::limits::RESUME_EVENTS;
use chatter_protocol::{PROTOCOL_VERSION, RoomKind, Seq, ServerFrame};
use chatter_terminal::connection::Connection;

use crate::cast::{Chat, key};

#[tokio::test(flavor = "multi_thread")]
async fn a_reconnecting_member_misses_nothing_and_hears_nothing_twice() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let mut bob = chat.bob.connect().await;
    let log_id = bob.welcome.log_id.clone();
    let seen = alice.posts(chat.den, "one").await;
    bob.hears(&["one"]).await;

    drop(bob);
    alice.posts(chat.den, "two").await;
    alice.posts(chat.den, "three").await;
    let mut bob = chat.bob.resume(&log_id, chat.den, seen).await;
    bob.hears(&["two", "three"]).await;

    alice.posts(chat.den, "four").await;
    assert_eq!(bob.next_text().await, "four", "and nothing was heard twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_post_is_the_same_message() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let mut bob = chat.bob.connect().await;
    let key = key();
    let first = alice
        .connection
        .post(chat.den, key.clone(), "once")
        .await
        .unwrap();
    let again = alice
        .connection
        .post(chat.den, key.clone(), "once")
        .await
        .unwrap();
    assert_eq!((first.seq, first.id), (again.seq, again.id));
    let by_rest = chat.alice.client.post(chat.den, key, "once").await;
    by_rest.expect("through the other door it is the same message as well");
    alice.posts(chat.den, "next").await;
    bob.hears(&["once", "next"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_too_far_behind_is_told_to_reload_and_goes_on_from_there() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let log_id = alice.welcome.log_id.clone();
    for n in 0..=RESUME_EVENTS {
        let command = Command::Post {
            room: chat.den,
            key: key(),
            draft: chatter_protocol::Draft::said(n.to_string()),
        };
        alice.connection.command(command).await.unwrap();
    }
    while alice.next_text().await != RESUME_EVENTS.to_string() {}
    let mut bob = chat.bob.resume(&log_id, chat.den, Seq(1)).await;
    let head = bob
        .next(|frame| match frame {
            ServerFrame::Reset { room, head } if *room == chat.den => Some(*head),
            ServerFrame::Event(event) => panic!("instead of a reset: {event:?}"),
            _ => None,
        })
        .await;
    assert!(head.0 > RESUME_EVENTS);
    alice.posts(chat.den, "after").await;
    let event = bob.next_event().await;
    assert_eq!(
        event.seq,
        head.next(),
        "what comes next is after the head it was told"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_of_another_log_are_refused() {
    let chat = Chat::start().await;
    let mut bob = chat.bob.resume("of-another-copy", chat.den, Seq(1)).await;
    bob.next(|frame| {
        matches!(frame, ServerFrame::Reset { room, .. } if *room == chat.den).then_some(())
    })
    .await;
    let beyond = Seq(1_000_000);
    let log_id = bob.welcome.log_id.clone();
    let mut bob = chat.bob.resume(&log_id, chat.den, beyond).await;
    bob.next(|frame| {
        matches!(frame, ServerFrame::Reset { room, .. } if *room == chat.den).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_made_or_joined_elsewhere_is_heard_on_open_sockets() {
    let chat = Chat::start().await;
    let mut bob = chat.bob.connect().await;
    let room = chat
        .alice
        .client
        .create_room("new", RoomKind::Closed)
        .await
        .unwrap();
    let id = room.room.id;
    let role = chatter_protocol::RoomRole::Member;
    chat.alice
        .client
        .put_member(id, chat.bob.user.id, role)
        .await
        .unwrap();
    let gained = bob
        .next(|frame| match frame {
            ServerFrame::Room(state) => Some(state.room.id),
            _ => None,
        })
        .await;
    assert_eq!(gained, id);
    chat.alice
        .client
        .post(id, key(), "welcome, bob")
        .await
        .unwrap();
    bob.hears(&["welcome, bob"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_reads_an_open_room_from_before_and_then_joins_it() {
    let chat = Chat::start().await;
    let room = chat
        .alice
        .client
        .create_room("square", RoomKind::Open)
        .await
        .unwrap();
    let id = room.room.id;
    chat.alice.client.post(id, key(), "before").await.unwrap();
    let mut carol = chat.carol.connect().await;
    let follow = Command::Follow {
        room: id,
        cursor: None,
        recent: Some(50),
    };
    carol.connection.ask(follow).await.unwrap();
    carol.hears(&["before"]).await;
    carol
        .connection
        .ask(Command::Join { room: id })
        .await
        .unwrap();
    carol.posts(id, "and now I am in").await;
    carol.hears(&["and now I am in"]).await;
    carol
        .connection
        .ask(Command::Leave { room: id })
        .await
        .unwrap();
    carol
        .next(|frame| matches!(frame, ServerFrame::Gone { room } if *room == id).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_this_protocol_is_spoken() {
    let chat = Chat::start().await;
    let hello = Hello {
        protocol: PROTOCOL_VERSION + 1,
        token: chat.bob.client.token().map(str::to_owned),
        ..Hello::default()
    };
    let opened = Connection::open(&chat.base, hello).await;
    let code = match opened {
        Err(chatter_terminal::connection::ConnectionError::Closed { code }) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        code,
        Some(chatter_protocol::frame::CloseReason::TooOld.code())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_deletion_is_the_same_deletion() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let seq = alice.posts(chat.den, "not for long").await;
    let delete = Command::Delete {
        room: chat.den,
        seq,
        key: Some(key()),
        reason: None,
    };
    let first = alice.connection.ask(delete.clone()).await.unwrap();
    let again = alice.connection.ask(delete).await.unwrap();
    assert_eq!((first.seq, first.id), (again.seq, again.id));
    let other = Command::Delete {
        room: chat.den,
        seq,
        key: Some(key()),
        reason: None,
    };
    assert!(
        alice.connection.ask(other).await.is_err(),
        "another one comes too late"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_text_is_not_told_to_whoever_comes_later() {
    let chat = Chat::start().await;
    // She follows all the while, so the recent events stay in memory.
    let mut alice = chat.alice.connect().await;
    let log_id = alice.welcome.log_id.clone();
    let before = alice.posts(chat.den, "before").await;
    let seq = alice.posts(chat.den, "regretted").await;
    let text = "regretted as well".to_owned();
    let edit = Command::Edit {
        room: chat.den,
        seq,
        text,
        key: None,
    };
    alice.connection.ask(edit).await.unwrap();
    let delete = Command::Delete {
        room: chat.den,
        seq,
        key: None,
        reason: None,
    };
    alice.connection.ask(delete).await.unwrap();
    alice.posts(chat.den, "after").await;
    let mut bob = chat.bob.resume(&log_id, chat.den, before).await;
    let mut events = Vec::new();
    while events.len() < 4 {
        events.push(bob.next_event().await);
    }
    let told = format!("{events:?}");
    assert!(
        told.contains("after") && !told.contains("regretted"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_was_a_member_once_may_look_back() {
    let chat = Chat::start().await;
    let room = chat
        .alice
        .client
        .create_room("square", RoomKind::Open)
        .await
        .unwrap()
        .room
        .id;
    chat.carol.client.join(room).await.unwrap();
    chat.carol.client.leave(room).await.unwrap();
    chat.alice
        .client
        .post(room, key(), "still open")
        .await
        .unwrap();
    let mut carol = chat.carol.connect().await;
    let follow = Command::Follow {
        room,
        cursor: None,
        recent: Some(50),
    };
    carol.connection.ask(follow).await.unwrap();
    carol.hears(&["still open"]).await;
    chat.alice
        .client
        .post(room, key(), "and heard")
        .await
        .unwrap();
    carol.hears(&["and heard"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_belongs_to_very_many_rooms_is_still_welcome() {
    let chat = Chat::start().await;
    let (name, topic) = ("\u{1f600}".repeat(80), "\u{1f600}".repeat(250));
    for _ in 0..700 {
        let body = serde_json::json!({ "name": name, "kind": "closed", "topic": topic });
        let made = chat
            .bob
            .client
            .tell(reqwest::Method::POST, "rooms", Some(&body));
        made.await.unwrap();
    }
    let mut bob = chat.bob.connect().await;
    assert!(bob.welcome.rooms.len() > 700);
    let bytes = serde_json::to_vec(&bob.welcome).unwrap().len();
    assert!(bytes > 1 << 20, "{bytes} bytes are no test");
    bob.posts(chat.den, "and can speak").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_from_nowhere_do_no_harm() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let log_id = alice.welcome.log_id.clone();
    for seq in [i64::MIN, -1, i64::MAX] {
        let mut bob = chat.bob.resume(&log_id, chat.den, Seq(seq)).await;
        let text = format!("after {seq}");
        alice.posts(chat.den, &text).await;
        while bob.next_text().await != text {}
    }
}
