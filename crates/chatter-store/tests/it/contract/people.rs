//! Accounts, guests, sessions, invites and settings.

use chatter_protocol::event::Millis;
use chatter_protocol::{InviteId, ServerRole, UserId};
use chatter_store::{NewInvite, ProfileChange, RegisterError};

use super::on_every_engine;
use crate::support::{Chat, hash, together};

on_every_engine! {
    a_server_is_set_up_once
    an_invite_for_one_lets_one_of_fifty_in
    an_invite_ends_in_every_way_it_can
    a_handle_is_taken_once_and_uses_no_invite_up
    a_guest_is_a_name_that_no_account_has
    a_session_ends_in_every_way_it_can
    a_new_password_ends_the_other_sessions
    deactivating_ends_all_sessions_and_admits_no_new_ones
    a_profile_changes_where_it_is_asked_to
    people_are_listed_by_id
    settings_are_kept
}

const NOW: Millis = Millis(500);

async fn owner(chat: &Chat) -> UserId {
    let owner = chat.person("alice", ServerRole::Owner);
    let named = vec![("server_name".to_owned(), "Home".to_owned())];
    chat.store
        .set_up(owner, chat.session(), named, None)
        .await
        .unwrap()
        .id
}

async fn invite(chat: &Chat, by: UserId, max_uses: i64) -> (InviteId, [u8; 32]) {
    let id = chat.id();
    let invite = NewInvite {
        id: InviteId(id),
        secret_hash: hash(id),
        role: ServerRole::Member,
        created_by: by,
        created_at: Millis(1),
        expires_at: Millis(1000),
        max_uses,
    };
    chat.store.create_invite(invite, None).await.unwrap();
    (InviteId(id), hash(id))
}

async fn a_server_is_set_up_once(chat: Chat) {
    assert!(!chat.store.has_owner().await.unwrap());
    let answers = together((0..16).map(|n| {
        let chat = chat.clone();
        async move {
            let owner = chat.person(&format!("owner{n}"), ServerRole::Owner);
            let mine = vec![("server_name".to_owned(), n.to_string())];
            chat.store.set_up(owner, chat.session(), mine, None).await
        }
    }))
    .await;
    let won: Vec<_> = answers.iter().flatten().collect();
    assert_eq!(won.len(), 1);
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(
            matches!(refused, RegisterError::AlreadySetUp),
            "{refused:?}"
        );
    }
    assert!(chat.store.has_owner().await.unwrap());
    let name = chat.store.setting("server_name").await.unwrap().unwrap();
    assert_eq!(
        won[0].handle.as_deref(),
        Some(format!("owner{name}").as_str())
    );
    assert_eq!(chat.store.list_users(None, 100).await.unwrap().len(), 1);
}

async fn an_invite_for_one_lets_one_of_fifty_in(chat: Chat) {
    let alice = owner(&chat).await;
    let (_, secret) = invite(&chat, alice, 1).await;
    let answers = together((0..50).map(|n| {
        let chat = chat.clone();
        async move {
            let user = chat.person(&format!("user{n}"), ServerRole::Admin);
            chat.store
                .register(Some(secret), NOW, user, chat.session())
                .await
        }
    }))
    .await;
    let won: Vec<_> = answers.iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(
        won[0].role,
        ServerRole::Member,
        "the role is the invite's to give"
    );
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(refused, RegisterError::InviteEnded), "{refused:?}");
    }
    assert_eq!(chat.store.list_users(None, 100).await.unwrap().len(), 2);
    assert_eq!(chat.store.invite(&secret, NOW).await.unwrap(), None);
}

async fn an_invite_ends_in_every_way_it_can(chat: Chat) {
    let alice = owner(&chat).await;
    let admin = chat
        .store
        .create_user(chat.person("ada", ServerRole::Admin))
        .await
        .unwrap()
        .id;
    let (id, revoked) = invite(&chat, alice, 5).await;
    let (_, expiring) = invite(&chat, alice, 5).await;
    let (_, adas) = invite(&chat, admin, 5).await;
    assert_eq!(chat.store.invites(NOW).await.unwrap().len(), 3);
    for secret in [revoked, expiring, adas] {
        assert!(chat.store.invite(&secret, NOW).await.unwrap().is_some());
    }
    assert!(chat.store.revoke_invite(id, NOW, None).await.unwrap());
    assert!(!chat.store.revoke_invite(id, NOW, None).await.unwrap());
    chat.store
        .change_user(admin, None, Some(true), NOW, vec![])
        .await
        .unwrap();
    for (secret, now) in [
        (revoked, NOW),
        (expiring, Millis(1000)),
        (adas, NOW),
        (hash(0), NOW),
    ] {
        assert_eq!(chat.store.invite(&secret, now).await.unwrap(), None);
        let user = chat.person("bob", ServerRole::Member);
        let refused = chat
            .store
            .register(Some(secret), now, user, chat.session())
            .await;
        assert!(matches!(refused, Err(RegisterError::InviteEnded)));
    }
    assert_eq!(chat.store.invites(NOW).await.unwrap().len(), 1);
}

async fn a_handle_is_taken_once_and_uses_no_invite_up(chat: Chat) {
    let alice = owner(&chat).await;
    let (_, secret) = invite(&chat, alice, 1).await;
    let user = chat.person("alice", ServerRole::Member);
    let taken = chat
        .store
        .register(Some(secret), NOW, user.clone(), chat.session())
        .await;
    assert!(matches!(taken, Err(RegisterError::HandleTaken)));
    let taken = chat.store.create_user(user).await;
    assert!(matches!(taken, Err(RegisterError::HandleTaken)));
    let user = chat.person("bob", ServerRole::Member);
    chat.store
        .register(Some(secret), NOW, user, chat.session())
        .await
        .unwrap();
}

async fn a_guest_is_a_name_that_no_account_has(chat: Chat) {
    owner(&chat).await;
    let taken = chat.store.enter_guest(chat.guest("alice"), None).await;
    assert!(matches!(taken, Err(RegisterError::NameTaken)));
    let session = chat.session();
    let secret = session.token_hash;
    let guest = chat
        .store
        .enter_guest(chat.guest("gus"), Some(session))
        .await
        .unwrap();
    assert_eq!((guest.handle, guest.role), (None, ServerRole::Guest));
    assert_eq!(
        chat.store
            .session(&secret, NOW)
            .await
            .unwrap()
            .unwrap()
            .user,
        guest.id
    );
    let answers = together((0..16).map(|_| {
        let chat = chat.clone();
        async move {
            chat.store
                .enter_guest(chat.guest("gus"), None)
                .await
                .unwrap()
                .id
        }
    }))
    .await;
    assert!(answers.iter().all(|id| *id == guest.id));
    assert_eq!(
        chat.store.list_users(None, 100).await.unwrap().len(),
        1,
        "guests are not listed"
    );
}

async fn a_session_ends_in_every_way_it_can(chat: Chat) {
    let alice = owner(&chat).await;
    let bob = chat
        .store
        .create_user(chat.person("bob", ServerRole::Member))
        .await
        .unwrap()
        .id;
    let sessions = [chat.session(), chat.session(), chat.session()];
    for session in &sessions {
        assert!(
            chat.store
                .create_session(bob, session.clone())
                .await
                .unwrap()
        );
    }
    assert!(
        !chat
            .store
            .create_session(UserId(404), chat.session())
            .await
            .unwrap()
    );
    let [first, second, third] = &sessions;
    let found = chat
        .store
        .session(&first.token_hash, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.id, found.user, found.role),
        (first.id, bob, ServerRole::Member)
    );
    assert_eq!(
        chat.store
            .session(&first.token_hash, Millis(1000))
            .await
            .unwrap(),
        None
    );
    assert_eq!(chat.store.sessions_of(bob, NOW).await.unwrap().len(), 3);

    assert!(
        !chat.store.end_session(alice, first.id).await.unwrap(),
        "not hers to end"
    );
    assert!(chat.store.end_session(bob, first.id).await.unwrap());
    assert_eq!(
        chat.store.session(&first.token_hash, NOW).await.unwrap(),
        None
    );
    assert_eq!(
        chat.store.end_sessions(bob, Some(third.id)).await.unwrap(),
        [second.id]
    );

    chat.store
        .touch_session(third.id, Millis(600), Millis(2000))
        .await
        .unwrap();
    let found = chat
        .store
        .session(&third.token_hash, Millis(1500))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.seen_at, found.expires_at),
        (Millis(600), Millis(2000))
    );
    assert_eq!(
        chat.store
            .drop_expired_sessions(Millis(1500))
            .await
            .unwrap(),
        1,
        "alice's"
    );
    assert_eq!(
        chat.store
            .drop_expired_sessions(Millis(2000))
            .await
            .unwrap(),
        1
    );
}

async fn a_new_password_ends_the_other_sessions(chat: Chat) {
    let alice = owner(&chat).await;
    chat.store.end_sessions(alice, None).await.unwrap();
    let (here, there) = (chat.session(), chat.session());
    for session in [&here, &there] {
        chat.store
            .create_session(alice, session.clone())
            .await
            .unwrap();
    }
    let ended = chat
        .store
        .set_password(alice, "new".to_owned(), Some(here.id))
        .await
        .unwrap();
    assert_eq!(ended, [there.id]);
    assert!(
        chat.store
            .session(&here.token_hash, NOW)
            .await
            .unwrap()
            .is_some()
    );
    let found = chat.store.credentials("alice").await.unwrap().unwrap();
    assert_eq!(
        (found.user.id, found.password_hash.as_deref()),
        (alice, Some("new"))
    );
    let found = chat.store.credentials_of(alice).await.unwrap().unwrap();
    assert_eq!(found.password_hash.as_deref(), Some("new"));
    assert!(chat.store.credentials("nobody").await.unwrap().is_none());
}

async fn deactivating_ends_all_sessions_and_admits_no_new_ones(chat: Chat) {
    owner(&chat).await;
    let bob = chat
        .store
        .create_user(chat.person("bob", ServerRole::Member))
        .await
        .unwrap()
        .id;
    let session = chat.session();
    chat.store
        .create_session(bob, session.clone())
        .await
        .unwrap();
    let admin = Some(ServerRole::Admin);
    let (user, ended) = chat
        .store
        .change_user(bob, admin, None, NOW, vec![])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (user.role, user.deactivated, ended),
        (ServerRole::Admin, false, vec![])
    );
    let (user, ended) = chat
        .store
        .change_user(bob, None, Some(true), NOW, vec![])
        .await
        .unwrap()
        .unwrap();
    assert_eq!((user.deactivated, ended), (true, vec![session.id]));
    assert!(
        !chat
            .store
            .create_session(bob, chat.session())
            .await
            .unwrap()
    );
    chat.store
        .change_user(bob, None, Some(false), NOW, vec![])
        .await
        .unwrap();
    assert!(
        chat.store
            .create_session(bob, chat.session())
            .await
            .unwrap()
    );
    assert!(
        chat.store
            .change_user(UserId(404), None, Some(true), NOW, vec![])
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_profile_changes_where_it_is_asked_to(chat: Chat) {
    let alice = owner(&chat).await;
    let name = Some(("Alice A.".to_owned(), "alice a.".to_owned()));
    let user = chat
        .store
        .change_profile(
            alice,
            ProfileChange {
                name,
                about: Some("hi".into()),
                ..ProfileChange::default()
            },
        )
        .await
        .unwrap();
    let user = user.unwrap();
    assert_eq!(
        (
            user.name.as_str(),
            user.initials.as_str(),
            user.about.as_str()
        ),
        ("Alice A.", "", "hi")
    );
    let user = chat
        .store
        .change_profile(
            alice,
            ProfileChange {
                initials: Some("AA".into()),
                ..ProfileChange::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(user, chat.store.user(alice).await.unwrap());
    assert_eq!(user.unwrap().initials, "AA");
    let taken = chat.store.enter_guest(chat.guest("alice a."), None).await;
    assert!(matches!(taken, Err(RegisterError::NameTaken)));
    assert!(
        chat.store
            .change_profile(UserId(404), ProfileChange::default())
            .await
            .unwrap()
            .is_none()
    );
}

async fn people_are_listed_by_id(chat: Chat) {
    let alice = owner(&chat).await;
    let bob = chat
        .store
        .create_user(chat.person("bob", ServerRole::Member))
        .await
        .unwrap()
        .id;
    let both = chat.store.users(&[bob, UserId(404), alice]).await.unwrap();
    assert_eq!(
        both.iter().map(|user| user.id).collect::<Vec<_>>(),
        [alice, bob]
    );
    assert!(chat.store.users(&[]).await.unwrap().is_empty());
    let first = chat.store.list_users(None, 1).await.unwrap();
    let rest = chat.store.list_users(Some(first[0].id), 10).await.unwrap();
    assert_eq!((first[0].id, rest[0].id, rest.len()), (alice, bob, 1));
    assert!(chat.store.user(UserId(404)).await.unwrap().is_none());
}

async fn settings_are_kept(chat: Chat) {
    assert_eq!(chat.store.setting("guests").await.unwrap(), None);
    chat.store.set_setting("guests", "true").await.unwrap();
    chat.store.set_setting("guests", "false").await.unwrap();
    chat.store.set_setting("a", "b").await.unwrap();
    let all = chat.store.settings().await.unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(all, [pair("a", "b"), pair("guests", "false")]);
}
