//! What each person makes of their rooms.

use chatter_protocol::event::Fact;
use chatter_protocol::mine::{ChangeMine, Involvement, Mine, Section};
use chatter_protocol::{RoomId, RoomKind, RoomRole, SectionId, UserId};

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat, joined};

on_every_engine! {
    a_choice_is_ones_own_and_what_is_not_said_stays
    sections_keep_their_order_and_their_rooms
    a_choice_goes_with_the_membership
}

async fn mine(chat: &Chat, user: UserId, room: RoomId) -> Mine {
    let one = chat
        .store
        .room_state(room, user)
        .await
        .unwrap()
        .unwrap()
        .mine;
    let all = chat.store.rooms_of(user).await.unwrap();
    if let Some(state) = all.iter().find(|state| state.room.id == room) {
        assert_eq!(state.mine, one, "both ways to ask agree");
    }
    one
}

fn star(starred: bool) -> ChangeMine {
    ChangeMine {
        starred: Some(starred),
        ..ChangeMine::default()
    }
}

async fn a_choice_is_ones_own_and_what_is_not_said_stays(chat: Chat) {
    let den = chat.den().await;
    let quiet = ChangeMine {
        muted: Some(true),
        involvement: Some(Involvement::Nothing),
        ..ChangeMine::default()
    };
    chat.store
        .change_mine(BOB, den, quiet)
        .await
        .unwrap()
        .unwrap();
    let chosen = chat
        .store
        .change_mine(BOB, den, star(true))
        .await
        .unwrap()
        .unwrap();
    let expected = Mine {
        starred: true,
        muted: true,
        involvement: Some(Involvement::Nothing),
        section: None,
    };
    assert_eq!((chosen, mine(&chat, BOB, den).await), (expected, expected));
    assert_eq!(mine(&chat, ALICE, den).await, Mine::default());
    let outside = chat
        .store
        .change_mine(CAROL, den, star(true))
        .await
        .unwrap();
    assert_eq!(outside, None);
    let lost = ChangeMine {
        section: Some(Some(SectionId(404))),
        ..ChangeMine::default()
    };
    assert_eq!(chat.store.change_mine(BOB, den, lost).await.unwrap(), None);
}

async fn sections_keep_their_order_and_their_rooms(chat: Chat) {
    let (den, lobby) = (chat.den().await, chat.room("lobby", RoomKind::Open).await);
    let tea = chat.room("tea", RoomKind::Open).await;
    let section = |id, name: &str, rooms: &[RoomId]| Section {
        id: SectionId(id),
        name: name.to_owned(),
        rooms: rooms.to_vec(),
    };
    let list = vec![section(9, "Work", &[lobby, den]), section(4, "Fun", &[])];
    let put = chat.store.put_sections(ALICE, list.clone()).await.unwrap();
    assert_eq!(put, list);
    assert_eq!(mine(&chat, ALICE, den).await.section, Some(SectionId(9)));
    let into = |section| ChangeMine {
        section: Some(section),
        ..ChangeMine::default()
    };
    for (room, section) in [(tea, Some(SectionId(9))), (lobby, None)] {
        chat.store
            .change_mine(ALICE, room, into(section))
            .await
            .unwrap()
            .unwrap();
    }
    chat.store
        .change_mine(ALICE, den, star(true))
        .await
        .unwrap()
        .unwrap();
    let now = chat.store.sections(ALICE).await.unwrap();
    assert_eq!(
        now,
        [section(9, "Work", &[den, tea]), section(4, "Fun", &[])]
    );
    assert_eq!(chat.store.sections(BOB).await.unwrap(), []);
    let theirs = chat
        .store
        .change_mine(BOB, den, into(Some(SectionId(9))))
        .await;
    assert_eq!(theirs.unwrap(), None, "alice's section is none of bob's");

    let outside = vec![section(7, "Nosy", &[tea, den])];
    let put = chat.store.put_sections(BOB, outside).await.unwrap();
    assert_eq!(put, [section(7, "Nosy", &[den])], "bob is not in tea");
    chat.store.put_sections(ALICE, vec![]).await.unwrap();
    let left = mine(&chat, ALICE, den).await;
    assert_eq!((left.section, left.starred), (None, true));
}

async fn a_choice_goes_with_the_membership(chat: Chat) {
    let den = chat.den().await;
    chat.store
        .change_mine(BOB, den, star(true))
        .await
        .unwrap()
        .unwrap();
    chat.does(den, BOB, Fact::Left { user: BOB }).await.unwrap();
    chat.does(den, ALICE, joined(BOB, RoomRole::Member))
        .await
        .unwrap();
    assert_eq!(mine(&chat, BOB, den).await, Mine::default());
}
