//! Logs that come from elsewhere: nowhere before they are shown, then as if
//! they had been written here, or gone without a trace.

use chatter_protocol::event::{Fact, Key, Millis};
use chatter_protocol::files::Attachment;
use chatter_protocol::post::{Meaning, Post, Reference};
use chatter_protocol::{EventId, FileId, RoomId, RoomKind, RoomRole, Rules, Seq, UserId};
use chatter_store::{
    At, BlobHash, Expire, ImportError, ImportedEvent, ImportedMember, ImportedPerson, ImportedRoom,
    Introduced, NewFile, Written,
};

use super::on_every_engine;
use crate::support::{ALICE, BOB, Chat, edited};

on_every_engine! {
    a_log_from_elsewhere_is_nowhere_before_it_is_shown_and_then_the_same
    what_was_past_its_time_elsewhere_is_so_here
    what_is_taken_back_leaves_nothing_and_touches_nothing_else
    ids_and_keys_that_are_taken_write_nothing
    people_from_elsewhere_get_what_is_free_and_push_nobody_aside
    a_room_that_would_stand_in_the_way_of_another_is_not_shown
    an_import_that_fell_silent_is_found
}

const IMPORT: i64 = 7;

/// A room with replies, marks, pins, edits and something deleted.
async fn lived_in(chat: &Chat) -> RoomId {
    let den = chat.den().await;
    let first = chat.post(den, ALICE, "first").await;
    for fact in [
        edited(first, "first, mended"),
        reply(first, "in a thread"),
        Fact::Reacted {
            target: first,
            emoji: "👍".into(),
        },
        Fact::Pinned { target: first },
        mention(ALICE),
    ] {
        chat.does(den, BOB, fact).await.unwrap();
    }
    let poll = Post {
        text: "tea?".into(),
        poll: Some(Box::new(chatter_protocol::post::Poll {
            options: vec!["yes".into(), "no".into()],
            ..Default::default()
        })),
        ..Post::default()
    };
    let poll = chat
        .does(den, ALICE, Fact::Posted(poll))
        .await
        .unwrap()
        .event
        .seq;
    chat.does(
        den,
        BOB,
        Fact::Voted {
            target: poll,
            option: 1,
        },
    )
    .await
    .unwrap();
    chat.does(
        den,
        BOB,
        Fact::Reacted {
            target: poll,
            emoji: "🎉".into(),
        },
    )
    .await
    .unwrap();
    chat.does(den, ALICE, Fact::Deleted { target: poll })
        .await
        .unwrap();
    den
}

fn reply(thread: Seq, text: &str) -> Fact {
    Fact::Posted(Post {
        text: text.into(),
        thread: Some(thread),
        ..Post::default()
    })
}

fn mention(user: UserId) -> Fact {
    let reference = Reference {
        text: "@alice".into(),
        means: Meaning::User { id: user },
    };
    Fact::Posted(Post {
        text: "see @alice".into(),
        refs: vec![reference],
        ..Post::default()
    })
}

async fn log_of(chat: &Chat, room: RoomId) -> Vec<ImportedEvent> {
    let log = chat.log(room).await.into_iter();
    log.map(|event| ImportedEvent {
        id: EventId(chat.id()),
        at: event.at,
        author: event.author,
        key: event.key,
        fact: event.fact,
        meant: Vec::new(),
    })
    .collect()
}

fn shown(id: RoomId, written: Written) -> ImportedRoom {
    let member = |user, role| ImportedMember {
        user,
        role,
        joined_seq: Seq(2),
        joined_at: Millis(20),
    };
    ImportedRoom {
        id,
        kind: RoomKind::Closed,
        name: "den".into(),
        topic: String::new(),
        rules: Rules::default(),
        archived_at: None,
        newcomers: false,
        created_at: Millis(10),
        created_by: ALICE,
        active_at: Millis(30),
        direct_key: None,
        written,
        members: vec![
            member(ALICE, RoomRole::Owner),
            member(BOB, RoomRole::Member),
        ],
    }
}

async fn writes(chat: &Chat, room: RoomId, events: Vec<ImportedEvent>) -> Written {
    let mut written = Written::NOTHING;
    for piece in events.chunks(3) {
        let wrote = chat
            .store
            .write_imported(IMPORT, Millis(1), room, written, piece.to_vec());
        written = wrote.await.unwrap();
    }
    written
}

async fn a_log_from_elsewhere_is_nowhere_before_it_is_shown_and_then_the_same(chat: Chat) {
    let den = lived_in(&chat).await;
    chat.store.begin_import(IMPORT, Millis(1)).await.unwrap();
    let room = RoomId(chat.id());
    let written = writes(&chat, room, log_of(&chat, den).await).await;
    assert_eq!(written.head, chat.head(den).await);

    assert_eq!(chat.store.room(room).await.unwrap(), None);
    assert_eq!(chat.store.room_ids(RoomId(0), 10).await.unwrap(), [den]);
    assert_eq!(chat.store.heads(&[room]).await.unwrap(), []);
    assert_eq!(chat.store.rooms_of(BOB).await.unwrap().len(), 1);
    let threads = chat
        .store
        .threads_followed(BOB, false, None, 10)
        .await
        .unwrap();
    assert_eq!(threads.len(), 1, "that of the den");
    let heard = chat.heard.lock().len();

    chat.store
        .show_room(IMPORT, shown(room, written), Vec::new())
        .await
        .unwrap();
    assert_eq!(chat.heard.lock().len(), heard, "what came in is no news");
    let page = |room| chat.store.page(room, ALICE, At::Newest, 100);
    let (there, here) = (page(den).await.unwrap(), page(room).await.unwrap());
    let same = |mut message: chatter_protocol::Message| {
        (message.room, message.id) = (RoomId(1), EventId(1));
        message
    };
    let there: Vec<_> = there.messages.into_iter().map(same).collect();
    let here: Vec<_> = here.messages.into_iter().map(same).collect();
    assert_eq!(there, here);
    for user in [ALICE, BOB] {
        let state = chat.store.room_state(room, user).await.unwrap().unwrap();
        assert_eq!(
            (state.unread, state.mentions, state.read),
            (0, 0, written.head)
        );
        let threads = chat
            .store
            .threads_followed(user, true, None, 10)
            .await
            .unwrap();
        assert!(
            threads.iter().all(|thread| thread.room == den),
            "{threads:?}"
        );
        let threads = chat
            .store
            .threads_followed(user, false, None, 10)
            .await
            .unwrap();
        assert!(
            threads.iter().any(|thread| thread.room == room),
            "they wrote in it"
        );
    }
    // And it goes on like any other.
    let next = chat.post(room, ALICE, "on we go").await;
    assert_eq!(next, written.head.next());
    assert_eq!(chat.unread(room, BOB).await, 1);
    // What was shown is not taken back, whatever happened afterwards.
    chat.store.drop_import(IMPORT, Millis(9)).await.unwrap();
    assert_eq!(chat.head(room).await, next);
}

async fn what_was_past_its_time_elsewhere_is_so_here(chat: Chat) {
    let den = lived_in(&chat).await;
    chat.post(den, BOB, "young").await;
    let log = chat.log(den).await;
    let expire = Expire {
        room: den,
        before: log.last().unwrap().at,
        after: Seq::ZERO,
        limit: 100,
        author: ALICE,
        at: Millis(9_999),
    };
    let mut id = chat.id();
    let next = move || {
        id += 100_000;
        EventId(id)
    };
    let expired = chat.store.expire(expire, next).await.unwrap();
    assert!(expired.messages > 0);
    chat.store.begin_import(IMPORT, Millis(1)).await.unwrap();
    let room = RoomId(chat.id());
    let written = writes(&chat, room, log_of(&chat, den).await).await;
    let shown = chat
        .store
        .show_room(IMPORT, shown(room, written), Vec::new());
    shown.await.unwrap();
    let page = |room| chat.store.page(room, ALICE, At::Newest, 100);
    let (there, here) = (page(den).await.unwrap(), page(room).await.unwrap());
    let seqs = |page: &chatter_protocol::Page| -> Vec<Seq> {
        page.messages.iter().map(|message| message.seq).collect()
    };
    assert_eq!(seqs(&there), seqs(&here));
    assert_eq!(chat.unread(room, ALICE).await, 0);
}

async fn what_is_taken_back_leaves_nothing_and_touches_nothing_else(chat: Chat) {
    let den = lived_in(&chat).await;
    let before = chat.log(den).await;
    chat.store.begin_import(IMPORT, Millis(1)).await.unwrap();
    let person = someone(&chat, "Zoe");
    let zoe = person.id;
    let added = chat
        .store
        .add_imported_people(IMPORT, Millis(1), vec![person]);
    added.await.unwrap();
    let file = file_of(zoe);
    let (id, hash) = (file.id.clone(), file.hash);
    chat.store.claim_blob(hash, 3, Millis(1)).await.unwrap();
    chat.store.add_file(file).await.unwrap();
    let room = RoomId(chat.id());
    let mut events = log_of(&chat, den).await;
    events.push(ImportedEvent {
        id: EventId(chat.id()),
        at: Millis(5),
        author: zoe,
        key: None,
        fact: Fact::Posted(carrying(&id)),
        meant: Vec::new(),
    });
    writes(&chat, room, events).await;
    assert!(
        chat.store
            .file(id.clone())
            .await
            .unwrap()
            .unwrap()
            .loose_since
            .is_none()
    );

    chat.store.drop_import(IMPORT, Millis(9)).await.unwrap();
    assert_eq!(chat.log(room).await, []);
    assert_eq!(chat.log(den).await, before);
    assert_eq!(chat.store.user(zoe).await.unwrap(), None);
    assert_eq!(chat.store.file(id).await.unwrap(), None);
    let suspects = chat.store.suspect_blobs(Millis(10), 10).await.unwrap();
    assert_eq!(suspects, [hash], "its bytes go with the next sweep");
    let page = chat.store.page(room, ALICE, At::Newest, 100).await.unwrap();
    assert!(page.messages.is_empty());
    // Written again under the same id, nothing of it is in the way.
    chat.store.begin_import(IMPORT, Millis(1)).await.unwrap();
    writes(&chat, room, log_of(&chat, den).await).await;
}

async fn ids_and_keys_that_are_taken_write_nothing(chat: Chat) {
    let den = lived_in(&chat).await;
    chat.store.begin_import(IMPORT, Millis(1)).await.unwrap();
    let room = RoomId(chat.id());
    let mut events = log_of(&chat, den).await;
    events.truncate(6);
    let theirs = chat.log(den).await[3].id;
    let ours = std::mem::replace(&mut events[3].id, theirs);
    let write = |events: &[ImportedEvent]| {
        let events = events.to_vec();
        chat.store
            .write_imported(IMPORT, Millis(1), room, Written::NOTHING, events)
    };
    assert!(matches!(write(&events).await, Err(ImportError::IdTaken)));
    assert_eq!(chat.log(room).await, []);
    events[3].id = ours;
    let mut twice = events.clone();
    twice[3].key = Some(Key::new("same").unwrap());
    let mut again = twice[3].clone();
    again.id = EventId(chat.id());
    twice.push(again);
    assert!(matches!(
        write(&twice).await,
        Err(ImportError::Impossible { seq: Seq(7), .. })
    ));
    let mut lost = events.clone();
    lost[3].fact = reply(Seq(1), "under what is no message");
    assert!(matches!(
        write(&lost).await,
        Err(ImportError::Impossible { seq: Seq(4), .. })
    ));
    assert_eq!(chat.log(room).await, []);
    assert_eq!(write(&events).await.unwrap().head, Seq(6));
}

async fn people_from_elsewhere_get_what_is_free_and_push_nobody_aside(chat: Chat) {
    let zoe = chat.person("zoe", chatter_protocol::ServerRole::Admin);
    let here = chat.store.create_user(zoe).await.unwrap();
    chat.store.begin_import(IMPORT, Millis(1)).await.unwrap();
    let people: Vec<_> = ["Zoe", "Zoe", "Yan"]
        .iter()
        .map(|name| someone(&chat, name))
        .collect();
    let ids: Vec<_> = people.iter().map(|person| person.id).collect();
    chat.store
        .add_imported_people(IMPORT, Millis(1), people)
        .await
        .unwrap();
    for id in &ids {
        let user = chat.store.user(*id).await.unwrap().unwrap();
        assert!(
            user.deactivated && user.handle.is_none(),
            "not before the end"
        );
    }
    let handles = [Some("zoe"), Some("zoe"), None];
    let introduced = ids.iter().zip(handles).map(|(user, handle)| Introduced {
        user: *user,
        handle: handle.map(str::to_owned),
        deactivated_at: None,
    });
    chat.store
        .introduce(IMPORT, Millis(1), introduced.collect())
        .await
        .unwrap();
    let users = chat.store.users(&ids).await.unwrap();
    let handles: Vec<_> = users.iter().map(|user| user.handle.as_deref()).collect();
    assert_eq!(handles, [Some("zoe-2"), Some("zoe-3"), None]);
    assert!(
        users
            .iter()
            .all(|user| user.role == chatter_protocol::ServerRole::Member)
    );
    assert_eq!(chat.store.user(here.id).await.unwrap().unwrap(), here);
    let secret = chat.store.credentials("zoe-2").await.unwrap().unwrap();
    assert_eq!(secret.password_hash, None, "nobody signs in as them");
}

async fn a_room_that_would_stand_in_the_way_of_another_is_not_shown(chat: Chat) {
    let hall = chat.room("Hall", RoomKind::Open).await;
    chat.store.begin_import(IMPORT, Millis(1)).await.unwrap();
    let room = RoomId(chat.id());
    let written = writes(&chat, room, log_of(&chat, hall).await).await;
    let mut wanted = shown(room, written);
    (wanted.kind, wanted.name) = (RoomKind::Open, "HALL".into());
    let refused = chat
        .store
        .show_room(IMPORT, wanted.clone(), Vec::new())
        .await;
    assert!(
        matches!(refused, Err(ImportError::NameTaken)),
        "{refused:?}"
    );
    assert_eq!(chat.store.room(room).await.unwrap(), None);
    assert_eq!(chat.store.rooms_of(BOB).await.unwrap().len(), 0);
    wanted.name = "Old hall".into();
    chat.store
        .show_room(IMPORT, wanted, Vec::new())
        .await
        .unwrap();
    assert_eq!(chat.store.rooms_of(BOB).await.unwrap().len(), 1);
}

async fn an_import_that_fell_silent_is_found(chat: Chat) {
    chat.store.begin_import(IMPORT, Millis(100)).await.unwrap();
    assert_eq!(
        chat.store.silent_imports(Millis(100)).await.unwrap(),
        [0; 0]
    );
    assert_eq!(
        chat.store.silent_imports(Millis(101)).await.unwrap(),
        [IMPORT]
    );
    chat.store
        .import_goes_on(IMPORT, Millis(200))
        .await
        .unwrap();
    assert_eq!(
        chat.store.silent_imports(Millis(101)).await.unwrap(),
        [0; 0]
    );
    chat.store.end_import(IMPORT, Vec::new()).await.unwrap();
    assert_eq!(
        chat.store.silent_imports(Millis(900)).await.unwrap(),
        [0; 0]
    );
}

fn someone(chat: &Chat, name: &str) -> ImportedPerson {
    ImportedPerson {
        id: UserId(chat.id()),
        name: name.into(),
        name_key: name.to_lowercase(),
        initials: String::new(),
        about: String::new(),
        title: String::new(),
        pronouns: String::new(),
        time_zone: String::new(),
        bot_owner: None,
        created_at: Millis(1),
        erased_at: None,
    }
}

fn file_of(user: UserId) -> NewFile {
    NewFile {
        id: FileId::new([7; 16]),
        user,
        name: "a.txt".into(),
        size: 3,
        media_type: "text/plain".into(),
        pixels: None,
        hash: BlobHash::of(b"abc"),
        thumbnail: None,
        created_at: Millis(1),
    }
}

fn carrying(file: &FileId) -> Post {
    let attachment = Attachment {
        file: file.clone(),
        name: "a.txt".into(),
        size: 3,
        media_type: "text/plain".into(),
        width: None,
        height: None,
        thumbnail: false,
        alt: String::new(),
    };
    Post {
        attachments: vec![attachment],
        ..Post::default()
    }
}
