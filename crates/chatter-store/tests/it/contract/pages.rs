//! Pieces of the timeline.

use chatter_protocol::event::Fact;
use chatter_protocol::{Message, Page, RoomId, Seq};
use chatter_store::At;

use super::on_every_engine;
use crate::support::{ALICE, Chat, Dice, edited};

on_every_engine! {
    pages_join_without_gap_or_overlap_in_both_directions
    a_page_around_a_place_holds_it_in_the_middle
    pages_stay_the_same_while_new_messages_arrive
    a_page_says_for_what_it_is_complete
}

/// 200 events: posts, and edits and deletions of earlier ones.
async fn busy_room(chat: &Chat, seed: u64) -> RoomId {
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let den = chat.den().await;
    let mut living = vec![chat.post(den, ALICE, "first").await];
    while chat.head(den).await < Seq(200) {
        let target = living[dice.roll(living.len())];
        match dice.roll(6) {
            0 => {
                chat.does(den, ALICE, edited(target, "edited"))
                    .await
                    .unwrap();
            }
            1 if living.len() > 1 => {
                living.retain(|seq| *seq != target);
                chat.does(den, ALICE, Fact::Deleted { target })
                    .await
                    .unwrap();
            }
            _ => living.push(chat.post(den, ALICE, "text").await),
        }
    }
    den
}

fn seqs(messages: &[Message]) -> Vec<Seq> {
    messages.iter().map(|message| message.seq).collect()
}

async fn all(chat: &Chat, room: RoomId) -> Vec<Message> {
    chat.store
        .page(room, ALICE, At::Newest, 1000)
        .await
        .unwrap()
        .messages
}

async fn pages_join_without_gap_or_overlap_in_both_directions(chat: Chat) {
    let den = busy_room(&chat, 11).await;
    let whole = all(&chat, den).await;
    for limit in [1, 7, 50, 1000] {
        let mut page = chat
            .store
            .page(den, ALICE, At::Newest, limit)
            .await
            .unwrap();
        let mut back = page.messages.clone();
        assert_eq!(page.to, Seq(200));
        while page.from > Seq(1) {
            let before = page.from;
            page = chat
                .store
                .page(den, ALICE, At::Before(before), limit)
                .await
                .unwrap();
            assert_eq!(page.to, before.back(1));
            back.splice(0..0, page.messages.clone());
        }
        assert_eq!(back, whole, "limit {limit}, backwards");

        let (mut forth, mut cursor) = (Vec::new(), Seq::ZERO);
        while cursor < Seq(200) {
            let page = chat
                .store
                .page(den, ALICE, At::After(cursor), limit)
                .await
                .unwrap();
            assert_eq!(page.from, cursor.next());
            assert!(page.messages.len() <= limit);
            cursor = page.to;
            forth.extend(page.messages);
        }
        assert_eq!(forth, whole, "limit {limit}, forwards");
    }
}

async fn a_page_around_a_place_holds_it_in_the_middle(chat: Chat) {
    let den = busy_room(&chat, 12).await;
    let whole = all(&chat, den).await;
    for (n, message) in whole.iter().enumerate() {
        let page = chat
            .store
            .page(den, ALICE, At::Around(message.seq), 10)
            .await
            .unwrap();
        let start = n.saturating_sub(5).min(whole.len() - 10);
        assert_eq!(seqs(&page.messages), seqs(&whole[start..start + 10]), "{n}");
    }
    let small = chat
        .store
        .page(den, ALICE, At::Around(Seq(2)), 1000)
        .await
        .unwrap();
    assert_eq!(
        (small.messages, small.from, small.to),
        (whole, Seq(1), Seq(200))
    );
}

async fn pages_stay_the_same_while_new_messages_arrive(chat: Chat) {
    let den = busy_room(&chat, 13).await;
    let before = chat
        .store
        .page(den, ALICE, At::Before(Seq(100)), 20)
        .await
        .unwrap();
    for _ in 0..10 {
        chat.post(den, ALICE, "new").await;
    }
    let after = chat
        .store
        .page(den, ALICE, At::Before(Seq(100)), 20)
        .await
        .unwrap();
    assert_eq!(
        Page {
            head: Seq(210),
            ..before
        },
        after
    );
}

async fn a_page_says_for_what_it_is_complete(chat: Chat) {
    let den = busy_room(&chat, 14).await;
    let whole = all(&chat, den).await;
    for at in 0..=203 {
        for limit in [1, 3, 10] {
            for at in [
                At::Newest,
                At::Before(Seq(at)),
                At::After(Seq(at)),
                At::Around(Seq(at)),
            ] {
                let page = chat.store.page(den, ALICE, at, limit).await.unwrap();
                let within = whole
                    .iter()
                    .filter(|m| m.seq >= page.from && m.seq <= page.to);
                assert_eq!(
                    page.messages,
                    within.cloned().collect::<Vec<_>>(),
                    "{at:?} {limit}"
                );
                assert_eq!(page.head, Seq(200));
                assert!(
                    page.from >= Seq(1) && page.to <= Seq(200),
                    "{at:?} {page:?}"
                );
                assert!(page.from <= page.to.next(), "{at:?} {page:?}");
            }
        }
    }
    let nowhere = chat
        .store
        .page(RoomId(404), ALICE, At::Newest, 10)
        .await
        .unwrap();
    assert_eq!(
        (nowhere.head, nowhere.to, nowhere.messages),
        (Seq(0), Seq(0), vec![])
    );
}
