//! What is past its time is gone, and everything still adds up.

use chatter_protocol::post::Post;
use chatter_protocol::retention::{Hold, RoomPreview};
use chatter_protocol::{AuditId, Deed, EventId, Fact, HoldId, Millis, RoomId, Seq, UserId};
use chatter_store::{At, AuditQuery, Expire, Expired, Note};

use super::on_every_engine;
use crate::support::{ALICE, BOB, Chat, said};

on_every_engine! {
    what_is_past_its_time_leaves_the_page_and_the_log
    the_log_stays_dense_and_the_room_is_not_news
    what_is_unread_is_what_is_left_wherever_the_receipt_is
    what_a_held_person_wrote_stays
    nothing_of_a_held_room_goes
    one_room_or_person_is_held_once
    the_preview_counts_what_would_go
    a_thread_that_goes_on_keeps_a_tombstone_where_it_began
    a_reply_past_its_time_is_unread_no_more
    a_retry_of_what_is_past_its_time_is_answered_with_what_is_left
    nothing_old_enough_means_nothing_to_do
    of_two_who_hurry_each_message_goes_once
}

fn note(chat: &Chat) -> Note {
    let id = chat.id();
    Note {
        id: AuditId(id),
        at: Millis(id),
        actor: ALICE,
        deed: Deed::UserDeactivated { user: BOB },
        reason: None,
        network: None,
    }
}

pub(super) async fn place(
    chat: &Chat,
    room: Option<RoomId>,
    user: Option<UserId>,
) -> (HoldId, bool) {
    let hold = Hold {
        id: HoldId(chat.id()),
        room,
        user,
        reason: "a lawsuit".into(),
        created_by: ALICE,
        created_at: Millis(1),
    };
    let placed = chat.store.place_hold(hold.clone(), note(chat)).await;
    (hold.id, placed.unwrap())
}

async fn hold(chat: &Chat, room: Option<RoomId>, user: Option<UserId>) -> HoldId {
    let (id, placed) = place(chat, room, user).await;
    assert!(placed);
    id
}

async fn release(chat: &Chat, hold: HoldId) {
    let line = note(chat);
    let released = chat.store.release_hold(hold, move |_| line).await.unwrap();
    assert_eq!(released.map(|hold| hold.id), Some(hold));
}

/// Everything up to and with `last`.
async fn expire(chat: &Chat, room: RoomId, last: Seq) -> Expired {
    let log = chat.log(room).await;
    let last = log.iter().find(|event| event.seq == last).unwrap();
    let expire = Expire {
        room,
        before: Millis(last.at.0 + 1),
        after: Seq::ZERO,
        limit: 100,
        author: ALICE,
        at: Millis(last.at.0 + 1),
    };
    let ids = chat.clone();
    let id = move || EventId(ids.id());
    chat.store.expire(expire, id).await.unwrap()
}

async fn seqs(chat: &Chat, room: RoomId) -> Vec<i64> {
    let page = chat.store.page(room, ALICE, At::Newest, 100).await.unwrap();
    page.messages.iter().map(|message| message.seq.0).collect()
}

async fn answer(chat: &Chat, room: RoomId, root: Seq, author: UserId) -> Seq {
    let fact = Fact::Posted(Post {
        text: "a reply".into(),
        thread: Some(root),
        ..Post::default()
    });
    chat.does(room, author, fact).await.unwrap().event.seq
}

async fn what_is_past_its_time_leaves_the_page_and_the_log(chat: Chat) {
    let den = chat.den().await;
    let old = chat.post(den, ALICE, "a secret").await;
    let edit = Fact::Edited {
        target: old,
        text: "a secret, edited".into(),
        refs: Vec::new(),
    };
    chat.does(den, ALICE, edit).await.unwrap();
    let new = chat.post(den, BOB, "kept").await;
    let expired = expire(&chat, den, old).await;
    assert_eq!((expired.messages, expired.next), (1, None));
    assert_eq!(seqs(&chat, den).await, [new.0]);
    assert_eq!(chat.store.message(den, old, ALICE).await.unwrap(), None);
    let log = format!("{:?}", chat.log(den).await);
    assert!(!log.contains("secret") && log.contains("kept"), "{log}");
}

async fn the_log_stays_dense_and_the_room_is_not_news(chat: Chat) {
    let den = chat.den().await;
    let old = chat.post(den, ALICE, "old").await;
    let before = chat.store.room(den).await.unwrap().unwrap();
    expire(&chat, den, old).await;
    let log = chat.log(den).await;
    assert!(log.iter().zip(1..).all(|(event, n)| event.seq.0 == n));
    let after = chat.store.room(den).await.unwrap().unwrap();
    assert_eq!(after.head, before.head.next());
    assert_eq!(after.active_at, before.active_at);
    let last = log.last().unwrap();
    assert_eq!(last.fact.kind(), "expired");
    assert_eq!(chat.heard.lock().last().unwrap().seq, last.seq);
}

async fn what_is_unread_is_what_is_left_wherever_the_receipt_is(chat: Chat) {
    let den = chat.den().await;
    let mut posts = Vec::new();
    for n in 0..6 {
        posts.push(chat.post(den, ALICE, &n.to_string()).await);
    }
    let gone = Fact::Deleted { target: posts[1] };
    chat.does(den, ALICE, gone).await.unwrap();
    assert_eq!(chat.unread(den, BOB).await, 5);
    expire(&chat, den, posts[2]).await;
    assert_eq!(chat.unread(den, BOB).await, 3);
    // Inside of what is gone, at its end, and beyond.
    for (to, left) in [(posts[0], 3), (posts[2], 3), (posts[3], 2), (posts[5], 0)] {
        let moved = chat.store.mark_read(den, BOB, to).await.unwrap().unwrap();
        assert_eq!(moved.unread, left, "read to {to}");
        assert_eq!(chat.unread(den, BOB).await, left);
    }
    chat.post(den, ALICE, "one more").await;
    assert_eq!(chat.unread(den, BOB).await, 1);
}

async fn what_a_held_person_wrote_stays(chat: Chat) {
    let den = chat.den().await;
    chat.post(den, ALICE, "one").await;
    let kept = chat.post(den, BOB, "two").await;
    let last = chat.post(den, ALICE, "three").await;
    let hold = hold(&chat, None, Some(BOB)).await;
    let expired = expire(&chat, den, last).await;
    assert_eq!(expired.messages, 2);
    assert_eq!(seqs(&chat, den).await, [kept.0]);
    release(&chat, hold).await;
    let expired = expire(&chat, den, last).await;
    assert_eq!(expired.messages, 1, "the hold is over");
    assert_eq!(seqs(&chat, den).await, [0; 0]);
}

async fn a_thread_that_goes_on_keeps_a_tombstone_where_it_began(chat: Chat) {
    let den = chat.den().await;
    let root = chat.post(den, ALICE, "a secret").await;
    let early = answer(&chat, den, root, BOB).await;
    let late = answer(&chat, den, root, BOB).await;
    expire(&chat, den, early).await;
    let found = chat.store.message(den, root, ALICE).await.unwrap().unwrap();
    assert!(
        found.deleted_by.is_some() && found.text() == "",
        "{found:?}"
    );
    assert_eq!(found.replies.unwrap().count, 1);
    let thread = chat
        .store
        .thread_page(den, root, ALICE, At::Newest, 10)
        .await
        .unwrap();
    assert_eq!(thread.messages.len(), 1);
    let more = answer(&chat, den, root, ALICE).await;

    expire(&chat, den, more).await;
    expire(&chat, den, more).await;
    assert_eq!(
        seqs(&chat, den).await,
        [0; 0],
        "once its replies are gone, it goes"
    );
    assert_eq!(chat.store.message(den, late, ALICE).await.unwrap(), None);
    let place = chat.store.thread_place(den, root, BOB).await.unwrap();
    assert_eq!(place, None);
}

async fn a_reply_past_its_time_is_unread_no_more(chat: Chat) {
    let den = chat.den().await;
    let root = chat.post(den, ALICE, "root").await;
    let mut replies = Vec::new();
    for _ in 0..4 {
        replies.push(answer(&chat, den, root, BOB).await);
    }
    let unread = async || {
        let place = chat.store.thread_place(den, root, ALICE).await;
        place.unwrap().unwrap().unread
    };
    assert_eq!(unread().await, 4);
    expire(&chat, den, replies[1]).await;
    assert_eq!(unread().await, 2);
    for (to, left) in [(replies[0], 2), (replies[2], 1), (replies[3], 0)] {
        chat.store
            .mark_thread_read(den, root, ALICE, to)
            .await
            .unwrap();
        assert_eq!(unread().await, left, "read to {to}");
    }
}

async fn a_retry_of_what_is_past_its_time_is_answered_with_what_is_left(chat: Chat) {
    let den = chat.den().await;
    let first = chat.post_with_key(den, ALICE, "k", "hi").await.unwrap();
    expire(&chat, den, first.event.seq).await;
    let again = chat.post_with_key(den, ALICE, "k", "hi").await.unwrap();
    assert!(!again.fresh);
    assert_eq!(
        (again.event.seq, &again.event.fact),
        (first.event.seq, &said(""))
    );
}

async fn nothing_old_enough_means_nothing_to_do(chat: Chat) {
    let den = chat.den().await;
    chat.post(den, ALICE, "young").await;
    let head = chat.head(den).await;
    let expired = expire(&chat, den, Seq(3)).await;
    assert_eq!(expired.messages, 0, "only lines of the room itself");
    let again = expire(&chat, den, Seq(3)).await;
    assert_eq!(again, Expired::default());
    assert_eq!(chat.head(den).await, head.next());
    let oldest = chat.store.oldest_line(den).await.unwrap();
    assert!(oldest.is_some());
}

async fn of_two_who_hurry_each_message_goes_once(chat: Chat) {
    let den = chat.den().await;
    let mut last = Seq::ZERO;
    for n in 0..20 {
        last = chat.post(den, BOB, &n.to_string()).await;
    }
    let tries = (0..4).map(|_| {
        let chat = chat.clone();
        async move { expire(&chat, den, last).await.messages }
    });
    let gone: i64 = crate::support::together(tries).await.into_iter().sum();
    assert_eq!(gone, 20);
    assert_eq!(chat.unread(den, ALICE).await, 0);
}

async fn nothing_of_a_held_room_goes(chat: Chat) {
    let den = chat.den().await;
    let last = chat.post(den, BOB, "evidence").await;
    let hold = hold(&chat, Some(den), None).await;
    let before = chat.log(den).await;
    assert_eq!(expire(&chat, den, last).await, Expired::default());
    assert_eq!(chat.log(den).await, before);
    let rules = chat.store.room_rules(RoomId(0), 10).await.unwrap();
    assert!(rules.is_empty(), "{rules:?}");
    release(&chat, hold).await;
    assert_eq!(expire(&chat, den, last).await.messages, 1);
}

async fn one_room_or_person_is_held_once(chat: Chat) {
    let den = chat.den().await;
    let first = hold(&chat, Some(den), None).await;
    assert!(!place(&chat, Some(den), None).await.1);
    assert!(place(&chat, None, Some(BOB)).await.1);
    assert!(!place(&chat, None, Some(BOB)).await.1);
    assert!(chat.store.is_held(BOB).await.unwrap());
    assert!(!chat.store.is_held(ALICE).await.unwrap());
    assert_eq!(chat.store.holds().await.unwrap().len(), 2);
    release(&chat, first).await;
    let unknown = chat.store.release_hold(first, |_| unreachable!()).await;
    assert_eq!(unknown.unwrap(), None);
    let query = AuditQuery::default();
    let noted = chat.store.audit_before(query, None, 10).await.unwrap();
    assert_eq!(noted.len(), 3, "two placed, one released");
}

async fn the_preview_counts_what_would_go(chat: Chat) {
    const DAY: i64 = 86_400_000;
    let den = chat.den().await;
    let hall = chat.room("hall", chatter_protocol::RoomKind::Open).await;
    let first = chat.post(den, ALICE, "one").await;
    chat.post(den, BOB, "two").await;
    chat.post(hall, ALICE, "three").await;
    let gone = chat.post(hall, ALICE, "gone").await;
    chat.does(hall, ALICE, Fact::Deleted { target: gone })
        .await
        .unwrap();
    let oldest = chat
        .store
        .message(den, first, ALICE)
        .await
        .unwrap()
        .unwrap()
        .at;
    let now = Millis(oldest.0 + 11 * DAY);
    let count = async |days, now| {
        let preview = chat.store.retention_preview(days, now, 10).await.unwrap();
        let of = |room: &RoomPreview| (room.room, room.messages);
        let rooms: Vec<_> = preview.rooms.iter().map(of).collect();
        (preview.messages, rooms)
    };
    assert_eq!(count(10, now).await, (3, vec![(den, 2), (hall, 1)]));
    assert_eq!(count(12, now).await, (0, vec![]));
    assert_eq!(count(0, now).await, (0, vec![]), "0 is for ever");
    chat.store
        .set_room_retention(den, Some(0), note(&chat))
        .await
        .unwrap();
    assert_eq!(count(10, now).await, (1, vec![(hall, 1)]));
    chat.store
        .set_room_retention(den, Some(10), note(&chat))
        .await
        .unwrap();
    assert_eq!(chat.store.room_retention(den).await.unwrap(), Some(10));
    assert_eq!(count(0, now).await, (2, vec![(den, 2)]));
    chat.store
        .set_room_retention(den, None, note(&chat))
        .await
        .unwrap();
    assert_eq!(chat.store.room_retention(den).await.unwrap(), None);
    hold(&chat, None, Some(ALICE)).await;
    assert_eq!(count(10, now).await, (1, vec![(den, 1)]));
    hold(&chat, Some(den), None).await;
    assert_eq!(count(10, now).await, (0, vec![]));
    let preview = chat.store.retention_preview(10, now, 10).await.unwrap();
    assert_eq!(preview.oldest_at, None);
}
