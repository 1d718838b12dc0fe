//! Files, the messages that carry them, and the bytes they refer to.

use chatter_protocol::event::{Fact, Millis};
use chatter_protocol::files::{Attachment, FileId};
use chatter_protocol::ids::EmojiId;
use chatter_protocol::post::{Forward, Post};
use chatter_protocol::{RoomId, RoomKind, Seq, ServerRole, UserId};
use chatter_store::{
    AddEmojiError, AppendError, At, BeginError, BlobHash, NewEmoji, NewFile, Pending, Quota,
};

use super::{expiry, on_every_engine};
use crate::support::{Chat, together};

on_every_engine! {
    an_upload_becomes_a_file_once
    a_file_is_there_as_long_as_a_message_carries_it
    what_was_passed_on_stays_until_the_last_message_is_gone
    a_message_with_a_file_that_is_gone_is_not_stored
    a_file_is_linked_or_let_go_and_never_both
    files_go_by_a_time_of_their_own_unless_a_hold_keeps_them
    bytes_go_only_when_nothing_refers_to_them
    bytes_that_are_going_cannot_be_claimed
    nobody_stores_more_than_there_is_place_for
    faces_and_emoji_hold_on_to_their_bytes
}

const PLENTY: Quota = Quota {
    person: 1_000,
    server: 10_000,
    pending: 5,
};

fn file_id(n: u8) -> FileId {
    FileId::new([n; 16])
}

fn bytes(n: u8) -> BlobHash {
    BlobHash::of(&[n])
}

fn upload(n: u8, user: UserId, size: i64) -> Pending {
    Pending {
        id: file_id(n),
        user_id: user,
        name: format!("{n}.png"),
        size,
        created_at: Millis(10),
    }
}

/// Someone who can own files.
async fn owner(chat: &Chat) -> UserId {
    let person = chat.person("dora", ServerRole::Member);
    chat.store.create_user(person).await.unwrap().id
}

/// A file with bytes `n` and a thumbnail with bytes `n + 100`.
async fn file(chat: &Chat, n: u8, user: UserId) -> Attachment {
    let begun = chat.store.begin_upload(upload(n, user, 9), PLENTY);
    begun.await.unwrap();
    for hash in [bytes(n), bytes(n + 100)] {
        assert!(chat.store.claim_blob(hash, 9, Millis(10)).await.unwrap());
    }
    assert!(chat.store.finish_upload(finished(n, user)).await.unwrap());
    attachment(n)
}

fn finished(n: u8, user: UserId) -> NewFile {
    NewFile {
        id: file_id(n),
        user,
        name: format!("{n}.png"),
        size: 9,
        media_type: "image/png".into(),
        pixels: Some((3, 4)),
        hash: bytes(n),
        thumbnail: Some(bytes(n + 100)),
        created_at: Millis(20),
    }
}

fn attachment(n: u8) -> Attachment {
    Attachment {
        file: file_id(n),
        name: format!("{n}.png"),
        size: 9,
        media_type: "image/png".into(),
        width: Some(3),
        height: Some(4),
        thumbnail: true,
        alt: String::new(),
    }
}

fn with(attachments: &[Attachment]) -> Fact {
    Fact::Posted(Post {
        attachments: attachments.to_vec(),
        ..Post::default()
    })
}

fn passing_on(attachments: &[Attachment]) -> Fact {
    Fact::Posted(Post {
        forward: Some(Box::new(Forward {
            author: UserId(1),
            at: Millis(1),
            room: None,
            seq: None,
            text: String::new(),
            refs: Vec::new(),
            attachments: attachments.to_vec(),
        })),
        ..Post::default()
    })
}

impl Chat {
    async fn posts(&self, room: RoomId, author: UserId, fact: Fact) -> Seq {
        self.does(room, author, fact).await.unwrap().event.seq
    }

    async fn deletes(&self, room: RoomId, author: UserId, target: Seq) {
        self.does(room, author, Fact::Deleted { target })
            .await
            .unwrap();
    }

    async fn is_there(&self, n: u8) -> bool {
        self.store.file(file_id(n)).await.unwrap().is_some()
    }

    /// Removes what nothing referred to before `at`, as the job does.
    async fn sweeps(&self, at: Millis) -> Vec<BlobHash> {
        let mut gone = Vec::new();
        for hash in self.store.suspect_blobs(at, 100).await.unwrap() {
            if self.store.doom_blob(hash, at).await.unwrap() {
                self.store.forget_blob(hash).await.unwrap();
                gone.push(hash);
            }
        }
        gone.sort_unstable();
        gone
    }
}

async fn an_upload_becomes_a_file_once(chat: Chat) {
    let dora = owner(&chat).await;
    let begun = chat.store.begin_upload(upload(1, dora, 9), PLENTY);
    begun.await.unwrap();
    let found = chat.store.upload(file_id(1)).await.unwrap().unwrap();
    assert_eq!(found, upload(1, dora, 9));

    let made = together((0..4).map(|_| {
        let chat = chat.clone();
        async move { chat.store.finish_upload(finished(1, dora)).await.unwrap() }
    }))
    .await;
    assert_eq!(made.into_iter().filter(|made| *made).count(), 1);
    assert_eq!(chat.store.upload(file_id(1)).await.unwrap(), None);
    let file = chat.store.file(file_id(1)).await.unwrap().unwrap();
    assert_eq!((file.user_id, file.size), (dora, 9));
    assert_eq!((file.width, file.height), (Some(3), Some(4)));
    assert_eq!(file.loose_since, Some(Millis(20)));

    let begun = chat.store.begin_upload(upload(2, dora, 9), PLENTY);
    begun.await.unwrap();
    let old = chat.store.stale_uploads(Millis(11), 9).await.unwrap();
    assert_eq!(old, [upload(2, dora, 9)]);
    assert_eq!(chat.store.stale_uploads(Millis(10), 9).await.unwrap(), []);
    assert!(chat.store.drop_upload(file_id(2)).await.unwrap());
    assert!(!chat.store.drop_upload(file_id(2)).await.unwrap());
    assert!(!chat.store.finish_upload(finished(2, dora)).await.unwrap());
    assert!(!chat.is_there(2).await);
}

async fn a_file_is_there_as_long_as_a_message_carries_it(chat: Chat) {
    let dora = owner(&chat).await;
    let den = chat.den().await;
    let (one, two) = (file(&chat, 1, dora).await, file(&chat, 2, dora).await);
    let seq = chat
        .posts(den, dora, with(&[one.clone(), two.clone()]))
        .await;
    for n in [1, 2] {
        let found = chat.store.file(file_id(n)).await.unwrap().unwrap();
        assert_eq!(found.loose_since, None);
        let rooms = chat.store.rooms_with_file(file_id(n)).await.unwrap();
        assert_eq!(rooms, [den]);
    }
    let links = chat.store.links_of_file(file_id(1)).await.unwrap();
    let link = (links[0].room_id, links[0].seq, links[0].author_id);
    assert_eq!((link, links.len()), ((den, seq, dora), 1));
    let dropped = chat.store.drop_loose_file(file_id(1), Millis(30)).await;
    assert!(!dropped.unwrap(), "a message carries it");
    assert_eq!(chat.store.loose_files(Millis(1_000), 9).await.unwrap(), []);

    chat.deletes(den, dora, seq).await;
    assert!(!chat.is_there(1).await && !chat.is_there(2).await);
    assert_eq!(chat.store.rooms_with_file(file_id(1)).await.unwrap(), []);
    let left = chat.store.message(den, seq, dora).await.unwrap().unwrap();
    assert_eq!(left.fact, Fact::said(""), "the tombstone names no file");
    let log = chat.log(den).await;
    assert!(
        log.iter()
            .all(|event| event.fact != with(&[one.clone(), two.clone()]))
    );

    file(&chat, 3, dora).await;
    let loose = chat.store.loose_files(Millis(21), 9).await.unwrap();
    assert_eq!(loose[0].id, file_id(3));
    assert!(
        chat.store
            .drop_loose_file(file_id(3), Millis(30))
            .await
            .unwrap()
    );
    assert!(!chat.is_there(3).await);
}

async fn what_was_passed_on_stays_until_the_last_message_is_gone(chat: Chat) {
    let dora = owner(&chat).await;
    let den = chat.den().await;
    let lair = chat.room("lair", RoomKind::Closed).await;
    let one = file(&chat, 1, dora).await;
    let first = chat
        .posts(den, dora, with(std::slice::from_ref(&one)))
        .await;
    let second = chat.posts(lair, dora, passing_on(&[one])).await;
    let rooms = chat.store.rooms_with_file(file_id(1)).await.unwrap();
    assert_eq!(rooms, [den, lair]);
    chat.deletes(den, dora, first).await;
    let rooms = chat.store.rooms_with_file(file_id(1)).await.unwrap();
    assert_eq!(rooms, [lair], "and not the den any more");
    assert!(chat.is_there(1).await);
    chat.deletes(lair, dora, second).await;
    assert!(!chat.is_there(1).await);
}

async fn a_message_with_a_file_that_is_gone_is_not_stored(chat: Chat) {
    let dora = owner(&chat).await;
    let den = chat.den().await;
    let one = file(&chat, 1, dora).await;
    let head = chat.head(den).await;
    let refused = chat
        .does(den, dora, with(&[one.clone(), attachment(9)]))
        .await;
    assert!(
        matches!(refused, Err(AppendError::NoSuchFile)),
        "{refused:?}"
    );
    assert_eq!(chat.head(den).await, head);
    let found = chat.store.file(file_id(1)).await.unwrap().unwrap();
    assert_eq!(found.loose_since, Some(Millis(20)), "all or nothing");
    chat.posts(den, dora, with(&[one])).await;
}

async fn a_file_is_linked_or_let_go_and_never_both(chat: Chat) {
    let dora = owner(&chat).await;
    let den = chat.den().await;
    let lair = chat.room("lair", RoomKind::Closed).await;
    for n in 1..20 {
        let one = file(&chat, n, dora).await;
        let first = chat
            .posts(den, dora, with(std::slice::from_ref(&one)))
            .await;
        let (here, there) = (chat.clone(), chat.clone());
        let deleting = async move {
            here.deletes(den, dora, first).await;
            true
        };
        let passing = async move { there.does(lair, dora, passing_on(&[one])).await.is_ok() };
        let both: [std::pin::Pin<Box<dyn Future<Output = bool> + Send>>; 2] =
            [Box::pin(deleting), Box::pin(passing)];
        let passed_on = together(both).await[1];
        assert_eq!(chat.is_there(n).await, passed_on, "file {n}");
    }
}

async fn files_go_by_a_time_of_their_own_unless_a_hold_keeps_them(chat: Chat) {
    let (dora, den) = (owner(&chat).await, chat.den().await);
    let hall = chat.room("hall", RoomKind::Closed).await;
    for (n, room) in [(1, den), (2, den), (3, hall)] {
        let it = file(&chat, n, dora).await;
        chat.posts(room, dora, with(&[it])).await;
    }
    file(&chat, 4, dora).await;
    expiry::place(&chat, Some(hall), None).await;
    // All were made at 20.
    let expire = |before: i64| chat.store.expire_files(Millis(before), 1, Millis(50));
    assert_eq!(chat.store.aged_files(Millis(21)).await.unwrap().files, 2);
    assert_eq!(expire(20).await.unwrap().files, 0, "too young");
    assert_eq!(expire(21).await.unwrap().files, 1);
    assert!(!chat.is_there(1).await && chat.is_there(2).await);
    assert_eq!(expire(21).await.unwrap().files, 1);
    assert_eq!(expire(21).await.unwrap().files, 0, "the rest stays");
    assert!(!chat.is_there(2).await);
    assert!(chat.is_there(3).await, "held");
    assert!(chat.is_there(4).await, "in no message yet");
    let rooms = chat.store.rooms_with_file(file_id(1)).await.unwrap();
    assert_eq!(rooms, []);
    let gone = chat.sweeps(Millis(60)).await;
    assert!(gone.contains(&bytes(1)) && gone.contains(&bytes(102)));
    assert!(!gone.contains(&bytes(3)));

    // Their messages stay, and can be deleted as ever.
    let page = chat.store.page(den, dora, At::Newest, 9).await.unwrap();
    let carrying = page
        .messages
        .iter()
        .filter(|said| matches!(&said.fact, Fact::Posted(post) if post.attachments.len() == 1));
    assert_eq!(carrying.count(), 2);
    let last = page.messages.last().unwrap().seq;
    chat.deletes(den, dora, last).await;
}

async fn bytes_go_only_when_nothing_refers_to_them(chat: Chat) {
    let dora = owner(&chat).await;
    let den = chat.den().await;
    let one = file(&chat, 1, dora).await;
    // The same bytes again, as another file without a thumbnail.
    let begun = chat.store.begin_upload(upload(2, dora, 9), PLENTY);
    begun.await.unwrap();
    assert!(
        chat.store
            .claim_blob(bytes(1), 9, Millis(10))
            .await
            .unwrap()
    );
    let same = NewFile {
        hash: bytes(1),
        thumbnail: None,
        ..finished(2, dora)
    };
    assert!(chat.store.finish_upload(same).await.unwrap());
    let (a, b) = (
        chat.posts(den, dora, with(&[one])).await,
        chat.posts(den, dora, with(&[attachment(2)])).await,
    );
    let late = Millis(1_000_000);
    assert_eq!(chat.sweeps(Millis(10)).await, [], "claimed just now");
    assert_eq!(chat.sweeps(late).await, []);
    assert_eq!(
        chat.store.suspect_blobs(late, 9).await.unwrap(),
        [],
        "seen to be needed"
    );

    chat.deletes(den, dora, a).await;
    assert_eq!(chat.sweeps(late).await, [bytes(101)], "the thumbnail");
    chat.deletes(den, dora, b).await;
    assert_eq!(chat.sweeps(late).await, [bytes(1)]);
}

async fn bytes_that_are_going_cannot_be_claimed(chat: Chat) {
    let at = Millis(100);
    assert!(
        chat.store
            .claim_blob(bytes(1), 9, Millis(10))
            .await
            .unwrap()
    );
    assert!(
        chat.store
            .claim_blob(bytes(2), 9, Millis(10))
            .await
            .unwrap()
    );
    // Claimed again meanwhile: not to be removed.
    assert!(
        chat.store
            .claim_blob(bytes(2), 9, Millis(200))
            .await
            .unwrap()
    );
    assert!(!chat.store.doom_blob(bytes(2), at).await.unwrap());
    assert!(chat.store.doom_blob(bytes(1), at).await.unwrap());
    assert!(
        !chat
            .store
            .claim_blob(bytes(1), 9, Millis(200))
            .await
            .unwrap()
    );
    // Whoever was to remove them stopped in between, and is asked again.
    let again = chat.store.suspect_blobs(Millis(300), 9).await.unwrap();
    assert!(again.contains(&bytes(1)));
    assert!(chat.store.doom_blob(bytes(1), Millis(300)).await.unwrap());
    chat.store.forget_blob(bytes(1)).await.unwrap();
    assert!(
        chat.store
            .claim_blob(bytes(1), 9, Millis(300))
            .await
            .unwrap()
    );
    // What is not doomed is not forgotten.
    chat.store.forget_blob(bytes(1)).await.unwrap();
    let left = chat.store.suspect_blobs(Millis(1_000), 9).await.unwrap();
    assert!(left.contains(&bytes(1)));
}

async fn nobody_stores_more_than_there_is_place_for(chat: Chat) {
    let dora = owner(&chat).await;
    let begin = async |n, size, quota| chat.store.begin_upload(upload(n, dora, size), quota).await;
    let quota = Quota {
        person: 20,
        server: 1_000,
        pending: 3,
    };
    file(&chat, 1, dora).await;
    assert!(matches!(
        begin(2, 12, quota).await,
        Err(BeginError::PersonFull)
    ));
    begin(2, 11, quota).await.unwrap();
    assert!(matches!(
        begin(3, 1, quota).await,
        Err(BeginError::PersonFull)
    ));
    assert!(chat.store.drop_upload(file_id(2)).await.unwrap());

    // The bytes of the file and of its thumbnail are there already: 18.
    let small = Quota {
        server: 25,
        person: 1_000,
        ..quota
    };
    assert!(matches!(
        begin(2, 8, small).await,
        Err(BeginError::ServerFull)
    ));
    begin(2, 7, small).await.unwrap();
    assert!(chat.store.drop_upload(file_id(2)).await.unwrap());
    assert!(matches!(
        begin(2, i64::MAX, quota).await,
        Err(BeginError::PersonFull)
    ));

    let begun = together((10..18).map(|n| {
        let chat = chat.clone();
        async move {
            let begun = chat.store.begin_upload(upload(n, dora, 1), quota).await;
            begun.map_err(|error| error.to_string())
        }
    }))
    .await;
    assert_eq!(
        begun.iter().filter(|begun| begun.is_ok()).count(),
        3,
        "{begun:?}"
    );
}

async fn faces_and_emoji_hold_on_to_their_bytes(chat: Chat) {
    let dora = owner(&chat).await;
    let late = Millis(1_000_000);
    for n in 1..=3 {
        assert!(
            chat.store
                .claim_blob(bytes(n), 9, Millis(10))
                .await
                .unwrap()
        );
    }
    let user = chat
        .store
        .set_avatar(dora, Some(bytes(1)), Millis(20))
        .await;
    assert_eq!(user.unwrap().unwrap().avatar, Some(bytes(1).short()));
    let nobody = chat.store.set_avatar(UserId(404), None, Millis(20)).await;
    assert!(nobody.unwrap().is_none());

    let party = |id, name: &str| NewEmoji {
        id: EmojiId(id),
        name: name.into(),
        hash: bytes(2),
        created_by: dora,
        created_at: Millis(20),
    };
    chat.store.add_emoji(party(1, "party"), 2).await.unwrap();
    let taken = chat.store.add_emoji(party(2, "party"), 2).await;
    assert!(matches!(taken, Err(AddEmojiError::NameTaken)));
    chat.store.add_emoji(party(2, "aha"), 2).await.unwrap();
    let full = chat.store.add_emoji(party(3, "third"), 2).await;
    assert!(matches!(full, Err(AddEmojiError::TooMany)));
    let names: Vec<_> = chat.store.emoji().await.unwrap();
    let names: Vec<_> = names.iter().map(|emoji| emoji.name.as_str()).collect();
    assert_eq!(names, ["aha", "party"]);

    assert_eq!(chat.sweeps(late).await, [bytes(3)], "nobody ever used it");
    chat.store.set_avatar(dora, None, Millis(30)).await.unwrap();
    assert_eq!(chat.store.avatar(dora).await.unwrap(), None);
    assert!(chat.store.drop_emoji(EmojiId(1), Millis(30)).await.unwrap());
    assert_eq!(
        chat.sweeps(late).await,
        [bytes(1)],
        "another emoji looks the same"
    );
    assert!(chat.store.drop_emoji(EmojiId(2), Millis(40)).await.unwrap());
    assert!(!chat.store.drop_emoji(EmojiId(2), Millis(40)).await.unwrap());
    assert_eq!(chat.sweeps(late).await, [bytes(2)]);
}
