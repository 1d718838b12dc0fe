//! What becomes of a room: opened, closed, made of a conversation, taken over;
//! and the names it is found by.

use chatter_protocol::event::Fact;
use chatter_protocol::rest::RoomSort;
use chatter_protocol::{RoomId, RoomKind, RoomRole, ServerRole, UserId};
use chatter_store::{Append, AppendError, Browse, Guards};

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat, joined, renamed};

on_every_engine! {
    a_room_is_opened_and_closed_and_a_conversation_never
    nobody_known_by_a_name_alone_belongs_to_a_closed_room
    a_conversation_of_three_becomes_a_room_and_one_of_two_never
    only_a_room_without_an_able_owner_is_taken_over
    a_room_answers_to_every_slug_it_had
    a_closed_room_stands_in_no_ones_way
    open_rooms_are_found_by_name_and_sorted
}

async fn kind(chat: &Chat, room: RoomId) -> RoomKind {
    chat.store.room(room).await.unwrap().unwrap().kind
}

async fn slug(chat: &Chat, room: RoomId) -> String {
    chat.store.room(room).await.unwrap().unwrap().slug.unwrap()
}

async fn becomes(chat: &Chat, room: RoomId, access: RoomKind) -> Result<(), AppendError> {
    let fact = Fact::AccessChanged { access };
    chat.does(room, ALICE, fact).await.map(|_| ())
}

async fn conversation(chat: &Chat, people: &[UserId]) -> RoomId {
    let room = RoomId(chat.id());
    let name = String::new();
    let access = RoomKind::Direct;
    let made = Append {
        direct_key: Some(format!("{people:?}")),
        ..chat.append(room, ALICE, Fact::Created { name, access })
    };
    let joins = people.iter().map(|user| joined(*user, RoomRole::Member));
    let joins = joins.map(|fact| chat.append(room, ALICE, fact));
    let set = std::iter::once(made).chain(joins).collect();
    chat.store.append_all(set).await.unwrap();
    room
}

async fn a_room_is_opened_and_closed_and_a_conversation_never(chat: Chat) {
    let den = chat.den().await;
    becomes(&chat, den, RoomKind::Open).await.unwrap();
    assert_eq!(kind(&chat, den).await, RoomKind::Open);
    let other = chat.room("Den", RoomKind::Closed).await;
    let taken = becomes(&chat, other, RoomKind::Open).await;
    assert!(matches!(taken, Err(AppendError::NameTaken)), "{taken:?}");
    becomes(&chat, den, RoomKind::Closed).await.unwrap();
    assert_eq!(kind(&chat, den).await, RoomKind::Closed);

    let talk = conversation(&chat, &[ALICE, BOB]).await;
    for (room, access) in [
        (talk, RoomKind::Open),
        (talk, RoomKind::Closed),
        (den, RoomKind::Direct),
    ] {
        let refused = becomes(&chat, room, access).await;
        assert!(
            matches!(refused, Err(AppendError::WrongKind)),
            "{refused:?}"
        );
    }
}

async fn nobody_known_by_a_name_alone_belongs_to_a_closed_room(chat: Chat) {
    let lobby = chat.room("lobby", RoomKind::Open).await;
    let dora = chat
        .store
        .enter_guest(chat.guest("dora"), None)
        .await
        .unwrap();
    chat.does(lobby, dora.id, joined(dora.id, RoomRole::Guest))
        .await
        .unwrap();
    let refused = becomes(&chat, lobby, RoomKind::Closed).await;
    assert!(
        matches!(refused, Err(AppendError::HasGuests)),
        "{refused:?}"
    );
    let guests = chat.store.guests_by_name(lobby).await.unwrap();
    assert_eq!(guests, [dora.id]);
    let facts = [
        Fact::Left { user: dora.id },
        Fact::AccessChanged {
            access: RoomKind::Closed,
        },
    ];
    let set = facts.map(|fact| chat.append(lobby, ALICE, fact));
    chat.store.append_all(set.into()).await.unwrap();
    assert_eq!(kind(&chat, lobby).await, RoomKind::Closed);
}

async fn a_conversation_of_three_becomes_a_room_and_one_of_two_never(chat: Chat) {
    let converts = async |room| {
        let name = "plans".to_owned();
        chat.does(room, ALICE, Fact::Converted { name }).await
    };
    let two = conversation(&chat, &[ALICE, BOB]).await;
    let den = chat.den().await;
    for room in [two, den] {
        let refused = converts(room).await;
        assert!(
            matches!(refused, Err(AppendError::WrongKind)),
            "{refused:?}"
        );
    }
    let three = [ALICE, BOB, CAROL];
    let talk = conversation(&chat, &three).await;
    converts(talk).await.unwrap();
    let room = chat.store.room(talk).await.unwrap().unwrap();
    assert_eq!((room.kind, room.name.as_str()), (RoomKind::Closed, "plans"));
    assert_eq!((room.member_count, room.people), (3, vec![]));
    let again = conversation(&chat, &three).await;
    assert_ne!(again, talk, "the same people may talk beside it");
}

async fn only_a_room_without_an_able_owner_is_taken_over(chat: Chat) {
    let olga = chat
        .store
        .create_user(chat.person("olga", ServerRole::Member))
        .await
        .unwrap();
    let tea = RoomId(chat.id());
    let (name, access) = ("tea".to_owned(), RoomKind::Open);
    chat.does(tea, olga.id, Fact::Created { name, access })
        .await
        .unwrap();
    chat.does(tea, olga.id, joined(olga.id, RoomRole::Owner))
        .await
        .unwrap();
    let take = async || {
        let guards = Guards {
            has_no_owner: true,
            ..Guards::default()
        };
        let append = Append {
            guards,
            ..chat.append(tea, BOB, joined(BOB, RoomRole::Owner))
        };
        chat.store.append(append).await
    };
    let refused = take().await;
    assert!(
        matches!(refused, Err(AppendError::HasAnOwner)),
        "{refused:?}"
    );
    let now = chatter_protocol::Millis(5);
    let gone = chat
        .store
        .change_user(olga.id, None, Some(true), now, vec![]);
    gone.await.unwrap();
    take().await.expect("she cannot act on it any more");
}

async fn a_room_answers_to_every_slug_it_had(chat: Chat) {
    let tea = chat.room("Tea & Cake", RoomKind::Open).await;
    assert_eq!(slug(&chat, tea).await, "tea-cake");
    chat.does(tea, ALICE, renamed("Coffee")).await.unwrap();
    assert_eq!(slug(&chat, tea).await, "coffee");
    let other = chat.room("tea/cake", RoomKind::Open).await;
    assert_ne!(
        slug(&chat, other).await,
        "tea-cake",
        "the old one still answers"
    );
    for name in ["tea-cake", "coffee"] {
        assert_eq!(chat.store.rooms_by_slug(name).await.unwrap(), [tea]);
    }
    assert_eq!(chat.store.rooms_by_slug("nothing").await.unwrap(), []);
    let talk = conversation(&chat, &[ALICE, BOB]).await;
    assert_eq!(chat.store.room(talk).await.unwrap().unwrap().slug, None);
}

async fn a_closed_room_stands_in_no_ones_way(chat: Chat) {
    let den = chat.den().await;
    let dens = slug(&chat, den).await;
    assert!(dens.starts_with("den-") && dens.len() == 12, "{dens}");
    let open = chat.room("den", RoomKind::Open).await;
    assert_eq!(slug(&chat, open).await, "den");
    becomes(&chat, open, RoomKind::Closed).await.unwrap();
    let next = chat.room("den", RoomKind::Open).await;
    assert_eq!(slug(&chat, next).await, "den", "as if there were none");
    let found = chat.store.rooms_by_slug("den").await.unwrap();
    assert_eq!(found, [next, open], "whoever is called so now comes first");
}

async fn open_rooms_are_found_by_name_and_sorted(chat: Chat) {
    let mut rooms = Vec::new();
    for name in ["Tee", "Kaffee", "Kaf_e", "KAKAO"] {
        rooms.push(chat.room(name, RoomKind::Open).await);
    }
    chat.room("Kaffeekasse", RoomKind::Closed).await;
    let [tee, kaffee, kaf_e, kakao] = rooms[..] else {
        unreachable!()
    };
    chat.does(kakao, ALICE, joined(BOB, RoomRole::Member))
        .await
        .unwrap();
    chat.post(kaffee, ALICE, "hi").await;
    let find = async |named: &str, sort, after| {
        let named = named.to_owned();
        let browse = Browse { named, sort, after };
        let found = chat
            .store
            .browse(ALICE, browse, chatter_protocol::Millis(1), 2)
            .await
            .unwrap();
        found.iter().map(|state| state.room.id).collect::<Vec<_>>()
    };
    assert_eq!(find("kaf", RoomSort::Age, None).await, [kaffee, kaf_e]);
    assert_eq!(find("_", RoomSort::Age, None).await, [kaf_e]);
    assert_eq!(find("%", RoomSort::Age, None).await, []);
    for (sort, order) in [
        (RoomSort::Age, [tee, kaffee, kaf_e, kakao]),
        (RoomSort::Name, [kaf_e, kaffee, kakao, tee]),
        (RoomSort::Members, [kakao, tee, kaffee, kaf_e]),
        (RoomSort::Activity, [kaffee, kakao, kaf_e, tee]),
    ] {
        assert_eq!(find("", sort, None).await, order[..2], "{sort:?}");
        assert_eq!(find("", sort, Some(order[1])).await, order[2..], "{sort:?}");
        assert_eq!(find("", sort, Some(order[3])).await, [], "{sort:?}");
    }
}
