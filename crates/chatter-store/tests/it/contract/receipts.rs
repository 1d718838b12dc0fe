//! How far people have read, and what is left.

use chatter_protocol::event::Fact;
use chatter_protocol::{RoomRole, Seq};
use chatter_store::Moved;

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat, joined, together};

on_every_engine! {
    a_receipt_moves_forward_only_and_never_past_the_head
    newcomers_start_with_nothing_unread
    unread_survives_everything_at_once
}

async fn a_receipt_moves_forward_only_and_never_past_the_head(chat: Chat) {
    let den = chat.den().await;
    let first = chat.post(den, ALICE, "one").await;
    let second = chat.post(den, ALICE, "two").await;
    assert_eq!(chat.unread(den, BOB).await, 2);
    assert_eq!(
        chat.unread(den, ALICE).await,
        0,
        "whoever posts has read what is above"
    );

    let mark = async |seq| chat.store.mark_read(den, BOB, seq).await.unwrap().unwrap();
    assert_eq!(
        mark(first).await,
        Moved {
            read: first,
            unread: 1,
            mentions: 0,
            moved: true
        }
    );
    assert_eq!(
        mark(Seq(1)).await,
        Moved {
            read: first,
            unread: 1,
            mentions: 0,
            moved: false
        }
    );
    chat.does(den, ALICE, Fact::Deleted { target: second })
        .await
        .unwrap();
    assert_eq!(
        mark(first).await,
        Moved {
            read: first,
            unread: 0,
            mentions: 0,
            moved: false
        }
    );
    let head = chat.head(den).await;
    assert_eq!(
        mark(Seq(i64::MAX)).await,
        Moved {
            read: head,
            unread: 0,
            mentions: 0,
            moved: true
        }
    );
    assert_eq!(
        mark(Seq(i64::MAX)).await,
        Moved {
            read: head,
            unread: 0,
            mentions: 0,
            moved: false
        }
    );
    assert_eq!(chat.store.mark_read(den, CAROL, first).await.unwrap(), None);
    let receipts = chat.store.receipts(den).await.unwrap();
    let receipts: Vec<_> = receipts.into_iter().map(|r| (r.user, r.seq)).collect();
    assert_eq!(receipts, [(ALICE, second), (BOB, head)]);
}

async fn newcomers_start_with_nothing_unread(chat: Chat) {
    let den = chat.den().await;
    let old = chat.post(den, ALICE, "old").await;
    chat.does(den, ALICE, joined(CAROL, RoomRole::Member))
        .await
        .unwrap();
    assert_eq!(chat.unread(den, CAROL).await, 0);
    chat.does(den, ALICE, Fact::Deleted { target: old })
        .await
        .unwrap();
    assert_eq!(chat.unread(den, CAROL).await, 0);
    chat.post(den, ALICE, "new").await;
    assert_eq!(chat.unread(den, CAROL).await, 1);
    assert_eq!(chat.store.rooms_of(CAROL).await.unwrap()[0].unread, 1);
}

async fn unread_survives_everything_at_once(chat: Chat) {
    let den = chat.den().await;
    together((0..16).map(|n| {
        let chat = chat.clone();
        async move {
            for m in 0..8 {
                let seq = chat.post(den, ALICE, "text").await;
                if (n + m) % 2 == 0 {
                    chat.does(den, ALICE, Fact::Deleted { target: seq })
                        .await
                        .unwrap();
                } else if m % 3 == 0 {
                    chat.store.mark_read(den, BOB, seq).await.unwrap();
                }
            }
        }
    }))
    .await;
    let read = chat.store.room_state(den, BOB).await.unwrap().unwrap().read;
    let page = chat
        .store
        .page(den, ALICE, chatter_store::At::Newest, 1000)
        .await
        .unwrap();
    let left = page.messages.iter().filter(|message| {
        message.seq > read
            && message.deleted_by.is_none()
            && matches!(message.fact, Fact::Posted(_))
    });
    assert_eq!(
        chat.unread(den, BOB).await,
        i64::try_from(left.count()).unwrap()
    );
}
