//! What each kind of event does.

use chatter_protocol::event::{Fact, Millis};
use chatter_protocol::{RoomKind, RoomRole, Seq};
use chatter_store::AppendError;

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat, edited, joined, renamed, said};

on_every_engine! {
    every_kind_of_event_does_what_it_says
    an_edit_or_a_deletion_needs_a_living_message
    a_deleted_text_leaves_the_log
    membership_follows_the_log
}

async fn every_kind_of_event_does_what_it_says(chat: Chat) {
    let den = chat.den().await;
    let room = async || chat.store.room(den).await.unwrap().unwrap();
    let found = room().await;
    assert_eq!(
        (found.name.as_str(), found.kind, found.archived),
        ("den", RoomKind::Closed, false)
    );
    assert_eq!(
        (found.created_by, found.member_count, found.head),
        (ALICE, 2, Seq(3))
    );

    chat.does(den, ALICE, renamed("lair")).await.unwrap();
    chat.does(
        den,
        ALICE,
        Fact::TopicChanged {
            topic: "bears".into(),
        },
    )
    .await
    .unwrap();
    let last = chat.does(den, ALICE, Fact::Archived).await.unwrap().event;
    let found = room().await;
    assert_eq!(
        (found.name.as_str(), found.topic.as_str(), found.archived),
        ("lair", "bears", true)
    );
    assert_eq!((found.head, found.active_at), (last.seq, last.at));
    chat.does(den, ALICE, Fact::Restored).await.unwrap();
    assert!(!room().await.archived);

    let fact = Fact::RoleChanged {
        user: BOB,
        role: RoomRole::Moderator,
    };
    let changed = chat.does(den, ALICE, fact.clone()).await.unwrap().event;
    let bob = chat.store.membership(den, BOB).await.unwrap().unwrap();
    assert_eq!((bob.role, bob.joined_seq), (RoomRole::Moderator, Seq(3)));
    let line = chat
        .store
        .message(den, changed.seq, ALICE)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (line.fact, line.id, line.at),
        (fact, changed.id, changed.at)
    );

    let seq = chat.post(den, BOB, "grr").await;
    let edit = chat
        .does(den, BOB, edited(seq, "roar"))
        .await
        .unwrap()
        .event;
    let message = chat.store.message(den, seq, ALICE).await.unwrap().unwrap();
    assert_eq!(message.fact, said("roar"));
    assert_eq!(
        (message.edited, message.edited_at),
        (Some(edit.seq), Some(edit.at))
    );
    assert_eq!(
        chat.store.message(den, edit.seq, ALICE).await.unwrap(),
        None,
        "an edit has no line"
    );
    chat.does(den, ALICE, Fact::Deleted { target: seq })
        .await
        .unwrap();
    let message = chat.store.message(den, seq, ALICE).await.unwrap().unwrap();
    assert_eq!((message.fact, message.deleted_by), (said(""), Some(ALICE)));
}

async fn an_edit_or_a_deletion_needs_a_living_message(chat: Chat) {
    let den = chat.den().await;
    let seq = chat.post(den, ALICE, "x").await;
    let lobby = chat.room("lobby", RoomKind::Open).await;
    for fact in [
        edited(Seq(99), "y"),
        Fact::Deleted { target: Seq(1) },
        edited(Seq(2), "y"),
    ] {
        let refused = chat.does(den, ALICE, fact).await;
        assert!(matches!(refused, Err(AppendError::NoSuchMessage)));
    }
    let elsewhere = chat.does(lobby, ALICE, edited(seq, "y")).await;
    assert!(matches!(elsewhere, Err(AppendError::NoSuchMessage)));
    let edit = chat
        .does(den, ALICE, edited(seq, "y"))
        .await
        .unwrap()
        .event
        .seq;
    let refused = chat.does(den, ALICE, edited(edit, "z")).await;
    assert!(matches!(refused, Err(AppendError::NoSuchMessage)));
    chat.does(den, ALICE, Fact::Deleted { target: seq })
        .await
        .unwrap();
    for fact in [edited(seq, "y"), Fact::Deleted { target: seq }] {
        let refused = chat.does(den, ALICE, fact).await;
        assert!(matches!(refused, Err(AppendError::AlreadyDeleted)));
    }
}

async fn a_deleted_text_leaves_the_log(chat: Chat) {
    let den = chat.den().await;
    let secret = chat.post(den, ALICE, "secret one").await;
    let kept = chat.post(den, ALICE, "kept").await;
    chat.does(den, ALICE, edited(secret, "secret two"))
        .await
        .unwrap();
    chat.does(den, ALICE, edited(secret, "secret three"))
        .await
        .unwrap();
    chat.does(den, ALICE, edited(kept, "kept too"))
        .await
        .unwrap();
    chat.does(den, BOB, Fact::Deleted { target: secret })
        .await
        .unwrap();
    let log = format!("{:?}", chat.log(den).await);
    assert!(!log.contains("secret"), "{log}");
    assert!(log.contains("kept too"));
    let page = chat
        .store
        .page(den, ALICE, chatter_store::At::Newest, 100)
        .await
        .unwrap();
    assert!(!format!("{page:?}").contains("secret"));
}

async fn membership_follows_the_log(chat: Chat) {
    let den = chat.den().await;
    let again = chat.does(den, ALICE, joined(BOB, RoomRole::Member)).await;
    assert!(matches!(again, Err(AppendError::AlreadyMember)));
    for fact in [
        Fact::Left { user: CAROL },
        Fact::RoleChanged {
            user: CAROL,
            role: RoomRole::Owner,
        },
    ] {
        let refused = chat.does(den, ALICE, fact).await;
        assert!(matches!(refused, Err(AppendError::NotAMember)));
    }
    assert!(chat.store.share_a_room(ALICE, BOB).await.unwrap());
    assert!(!chat.store.share_a_room(ALICE, CAROL).await.unwrap());

    chat.does(den, ALICE, Fact::Left { user: BOB })
        .await
        .unwrap();
    assert_eq!(chat.store.membership(den, BOB).await.unwrap(), None);
    assert!(chat.store.rooms_of(BOB).await.unwrap().is_empty());
    let state = chat.store.room_state(den, BOB).await.unwrap().unwrap();
    assert_eq!(
        (state.role, state.unread, state.room.member_count),
        (None, 0, 1)
    );

    let seq = chat
        .does(den, ALICE, joined(CAROL, RoomRole::Guest))
        .await
        .unwrap()
        .event
        .seq;
    let carol = chat.store.membership(den, CAROL).await.unwrap().unwrap();
    assert_eq!((carol.role, carol.joined_seq), (RoomRole::Guest, seq));
    let first = chat.store.members(den, None, 1).await.unwrap();
    let rest = chat
        .store
        .members(den, Some(first[0].user), 10)
        .await
        .unwrap();
    assert_eq!((first[0].user, rest[0].user, rest.len()), (ALICE, CAROL, 1));

    let lobby = chat.room("lobby", RoomKind::Open).await;
    let hall = chat.room("hall", RoomKind::Open).await;
    let open = chat
        .store
        .open_rooms(BOB, None, Millis(1), 10)
        .await
        .unwrap();
    assert_eq!(
        open.iter().map(|s| s.room.id).collect::<Vec<_>>(),
        [lobby, hall]
    );
    assert!(open.iter().all(|state| state.role.is_none()));
    let next = chat
        .store
        .open_rooms(ALICE, Some(lobby), Millis(1), 10)
        .await
        .unwrap();
    assert_eq!(
        (next.len(), next[0].room.id, next[0].role),
        (1, hall, Some(RoomRole::Owner))
    );
}
