//! Links for guests: used as often as they say, by people who are nobody else.

use chatter_protocol::event::{Fact, Millis};
use chatter_protocol::{Deed, LinkId, RoomId, RoomRole, ServerRole, User};
use chatter_store::{Needed, NewGuestLink, Note, RegisterError};

use super::on_every_engine;
use crate::support::{Chat, hash, joined, together};

on_every_engine! {
    of_many_at_once_the_last_use_is_ones
    the_same_name_twice_is_two_people
    a_guest_is_bound_to_the_room_of_their_link
    an_ended_link_is_cleared_once
}

/// A room with a link of its own.
async fn linked(chat: &Chat, max_uses: i64) -> (RoomId, LinkId, [u8; 32]) {
    let olga = chat.person(&format!("olga{}", chat.id()), ServerRole::Member);
    let olga = chat.store.create_user(olga).await.unwrap();
    let den = chat.den().await;
    chat.does(den, olga.id, joined(olga.id, RoomRole::Owner))
        .await
        .unwrap();
    let id = LinkId(chat.id());
    let secret_hash = hash(id.0);
    let link = NewGuestLink {
        id,
        room: den,
        secret_hash,
        created_by: olga.id,
        created_at: Millis(1),
        expires_at: Millis(1_000_000),
        max_uses,
    };
    chat.store
        .create_guest_link(link, note(chat, id, den))
        .await
        .unwrap();
    (den, id, secret_hash)
}

fn note(chat: &Chat, link: LinkId, room: RoomId) -> Note {
    Note {
        id: chatter_protocol::AuditId(chat.id()),
        at: Millis(1),
        actor: crate::support::ALICE,
        deed: Deed::GuestLinkRevoked { link, room },
        reason: None,
        network: None,
    }
}

async fn enter(
    chat: &Chat,
    room: RoomId,
    secret: [u8; 32],
    name: &str,
) -> Result<User, RegisterError> {
    let guest = chat.guest(name);
    let fact = joined(guest.id, RoomRole::Guest);
    let joined = chat.append(room, guest.id, fact);
    let session = chat.session();
    let store = &chat.store;
    store
        .enter_by_link(secret, Needed::MEMBERSHIP, guest, session, joined)
        .await
}

async fn of_many_at_once_the_last_use_is_ones(chat: Chat) {
    let (den, _, secret) = linked(&chat, 3).await;
    let answers = together((0..24).map(|n| {
        let chat = chat.clone();
        async move { enter(&chat, den, secret, &format!("guest {n}")).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    for refused in answers.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, RegisterError::InviteEnded), "{refused:?}");
    }
    let room = chat.store.room(den).await.unwrap().unwrap();
    assert_eq!(room.member_count, 3 + 3, "who was refused is nowhere");
}

async fn the_same_name_twice_is_two_people(chat: Chat) {
    let walk_in = chat
        .store
        .enter_guest(chat.guest("dora"), None)
        .await
        .unwrap();
    let (one, _, first) = linked(&chat, 9).await;
    let (two, _, second) = linked(&chat, 9).await;
    let dora = enter(&chat, one, first, "dora").await.unwrap();
    let again = enter(&chat, one, first, "dora").await;
    assert!(matches!(again, Err(RegisterError::NameTaken)), "{again:?}");
    let other = enter(&chat, two, second, "dora").await.unwrap();
    let back = chat
        .store
        .enter_guest(chat.guest("dora"), None)
        .await
        .unwrap();
    assert_eq!(back.id, walk_in.id, "a name alone leads to nobody's room");
    assert!(dora.id != other.id && dora.id != walk_in.id && other.id != walk_in.id);
    let elsewhere = enter(&chat, two, first, "emil").await;
    assert!(
        matches!(elsewhere, Err(RegisterError::InviteEnded)),
        "{elsewhere:?}"
    );
}

async fn a_guest_is_bound_to_the_room_of_their_link(chat: Chat) {
    let (den, _, secret) = linked(&chat, 9).await;
    let guest = chat.guest("dora");
    let session = chat.session();
    let token = session.token_hash;
    let fact = joined(guest.id, RoomRole::Guest);
    let joined = chat.append(den, guest.id, fact);
    let entered = chat
        .store
        .enter_by_link(secret, Needed::MEMBERSHIP, guest, session, joined);
    let dora = entered.await.unwrap();
    let row = chat
        .store
        .session(&token, Millis(2))
        .await
        .unwrap()
        .unwrap();
    let pass = row.pass.unwrap();
    assert_eq!((pass.room, pass.ends_at), (den, Millis(1_000_000)));
    let asked = [dora.id, crate::support::BOB, crate::support::CAROL];
    let known = chat.store.people_known_in(den, &asked).await.unwrap();
    assert!(!known.contains(&crate::support::CAROL), "{known:?}");
}

async fn an_ended_link_is_cleared_once(chat: Chat) {
    let (den, link, secret) = linked(&chat, 9).await;
    let dora = enter(&chat, den, secret, "dora").await.unwrap();
    let now = Millis(5);
    assert_eq!(chat.store.ended_guest_links(now, 9).await.unwrap(), []);
    let line = note(&chat, link, den);
    let elsewhere = chat
        .store
        .revoke_guest_link(link, RoomId(404), now, line.clone());
    assert!(!elsewhere.await.unwrap());
    assert!(
        chat.store
            .revoke_guest_link(link, den, now, line.clone())
            .await
            .unwrap()
    );
    assert_eq!(
        chat.store.ended_guest_links(now, 9).await.unwrap(),
        [(link, den)]
    );
    assert_eq!(chat.store.end_guests_of(link).await.unwrap(), [dora.id]);
    assert_eq!(chat.store.sessions_of(dora.id, now).await.unwrap(), []);
    chat.does(den, dora.id, Fact::Left { user: dora.id })
        .await
        .unwrap();
    chat.store.guest_link_cleared(link, now).await.unwrap();
    assert_eq!(chat.store.ended_guest_links(now, 9).await.unwrap(), []);
    let late = enter(&chat, den, secret, "emil").await;
    assert!(matches!(late, Err(RegisterError::InviteEnded)), "{late:?}");
}
