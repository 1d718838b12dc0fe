//! What is good once is good once, however many come at once; and who is kept
//! out is out.

use chatter_protocol::event::Millis;
use chatter_protocol::{
    AuditId, Deed, Fact, RoomKind, RoomRole, Seq, ServerRole, SessionId, UserId,
};
use chatter_store::{ChangeUserError, NewReset, Note, Refreshed, RegisterError};

use super::on_every_engine;
use crate::support::{ALICE, Chat, hash, joined, said, together};

on_every_engine! {
    a_refresh_token_used_fifty_times_at_once_goes_on_once_and_then_ends
    a_refresh_token_of_an_ended_session_is_unknown
    a_step_and_a_recovery_code_are_good_once
    wrong_codes_are_borne_five_at_a_time
    a_reset_link_is_good_once_and_ends_all_sessions
    a_server_key_is_made_once
    whoever_is_suspended_has_sessions_again_when_it_is_over
    the_bots_of_whoever_is_kept_out_are_out
    nobody_has_more_bots_than_the_limit_however_many_are_made_at_once
    one_of_two_owners_who_demote_each_other_stays
    an_identity_is_one_user_however_many_bring_it_at_once
    an_erased_account_is_empty_and_its_handle_stays_taken
    an_erasure_goes_on_where_it_was
}

async fn someone(chat: &Chat, handle: &str, role: ServerRole) -> UserId {
    chat.store
        .create_user(chat.person(handle, role))
        .await
        .unwrap()
        .id
}

fn note(chat: &Chat, user: UserId) -> Note {
    Note {
        id: AuditId(chat.id()),
        at: Millis(1),
        actor: user,
        deed: Deed::UserUnsuspended { user },
        reason: None,
        network: None,
    }
}

async fn session(chat: &Chat, user: UserId) -> (SessionId, [u8; 32]) {
    let session = chat.session();
    let (id, token) = (session.id, session.token_hash);
    assert!(chat.store.create_session(user, session).await.unwrap());
    (id, token)
}

async fn a_refresh_token_used_fifty_times_at_once_goes_on_once_and_then_ends(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    let (session, token) = session(&chat, bob).await;
    chat.store
        .add_refresh_token(session, hash(1))
        .await
        .unwrap();
    let answers = together((0..50).map(|n| {
        let chat = chat.clone();
        async move {
            let new = hash(1000 + n);
            chat.store
                .refresh(hash(1), new, Millis(5), Millis(900))
                .await
                .unwrap()
        }
    }))
    .await;
    let gone_on = Refreshed::As { user: bob, session };
    assert_eq!(
        answers.iter().filter(|answer| **answer == gone_on).count(),
        1
    );
    assert!(
        answers.contains(&Refreshed::Reused { session }),
        "{answers:?}"
    );
    assert!(
        chat.store
            .session(&token, Millis(5))
            .await
            .unwrap()
            .is_none()
    );
    for n in 0..50 {
        let again = chat
            .store
            .refresh(hash(1000 + n), hash(7), Millis(5), Millis(900))
            .await;
        assert_eq!(again.unwrap(), Refreshed::Unknown, "the family has ended");
    }
}

async fn a_refresh_token_of_an_ended_session_is_unknown(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    let (first, _) = session(&chat, bob).await;
    chat.store.add_refresh_token(first, hash(1)).await.unwrap();
    let refresh = async |old, new| {
        chat.store
            .refresh(hash(old), hash(new), Millis(5), Millis(900))
            .await
            .unwrap()
    };
    assert_eq!(
        refresh(1, 2).await,
        Refreshed::As {
            user: bob,
            session: first
        }
    );
    assert_eq!(refresh(99, 3).await, Refreshed::Unknown);
    assert!(chat.store.end_session(bob, first).await.unwrap());
    assert_eq!(refresh(2, 4).await, Refreshed::Unknown);

    let (second, _) = session(&chat, bob).await;
    chat.store.add_refresh_token(second, hash(5)).await.unwrap();
    chat.store
        .suspend(bob, Some(Millis(50)), note(&chat, bob))
        .await
        .unwrap();
    assert_eq!(
        refresh(5, 6).await,
        Refreshed::Unknown,
        "not while they are kept out"
    );
}

async fn a_step_and_a_recovery_code_are_good_once(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    let store = &chat.store;
    assert!(store.enrol_totp(bob, "OLD".into()).await.unwrap());
    assert!(
        store.enrol_totp(bob, "NEW".into()).await.unwrap(),
        "nothing was confirmed"
    );
    assert!(
        !store.use_totp_step(bob, 9).await.unwrap(),
        "it does not count yet"
    );
    let codes = vec![hash(1), hash(2)];
    let confirm =
        |secret: &str| store.confirm_totp(bob, secret.to_owned(), 10, Millis(3), codes.clone());
    assert!(!confirm("OLD").await.unwrap());
    assert!(confirm("NEW").await.unwrap());
    assert!(!confirm("NEW").await.unwrap());
    assert!(
        !store.enrol_totp(bob, "OTHER".into()).await.unwrap(),
        "a confirmed one stays"
    );
    assert!(
        !store.use_totp_step(bob, 10).await.unwrap(),
        "the confirming code was a use"
    );

    let steps = together((0..16).map(|_| {
        let chat = chat.clone();
        async move { chat.store.use_totp_step(bob, 11).await.unwrap() }
    }));
    assert_eq!(steps.await.into_iter().filter(|used| *used).count(), 1);
    let codes = together((0..16).map(|_| {
        let chat = chat.clone();
        async move { chat.store.use_recovery_code(bob, hash(1)).await.unwrap() }
    }));
    assert_eq!(codes.await.into_iter().filter(|used| *used).count(), 1);
    assert_eq!(store.recovery_codes(bob).await.unwrap(), 1);
    assert!(
        store
            .remove_totp(bob, vec![note(&chat, bob)])
            .await
            .unwrap()
    );
    assert_eq!(store.recovery_codes(bob).await.unwrap(), 0);
    assert!(store.totp(bob).await.unwrap().is_none());
    assert!(!store.remove_totp(bob, vec![]).await.unwrap());
}

async fn wrong_codes_are_borne_five_at_a_time(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    chat.store.enrol_totp(bob, "SECRET".into()).await.unwrap();
    chat.store
        .confirm_totp(bob, "SECRET".into(), 1, Millis(1), vec![])
        .await
        .unwrap();
    let at_once = together((0..20).map(|_| {
        let chat = chat.clone();
        async move {
            chat.store
                .count_code(bob, Millis(100), 5, 50)
                .await
                .unwrap()
        }
    }))
    .await;
    assert_eq!(at_once.iter().filter(|wait| wait.is_none()).count(), 5);
    assert!(at_once.contains(&Some(Millis(150))));
    let count = async |now| {
        chat.store
            .count_code(bob, Millis(now), 5, 50)
            .await
            .unwrap()
    };
    for _ in 0..5 {
        assert_eq!(count(150).await, None);
    }
    assert_eq!(
        count(150).await,
        Some(Millis(250)),
        "the next pause is longer"
    );
    assert!(chat.store.use_totp_step(bob, 2).await.unwrap());
    assert_eq!(count(150).await, None, "a right one forgives");
}

async fn a_reset_link_is_good_once_and_ends_all_sessions(chat: Chat) {
    let alice = someone(&chat, "alice", ServerRole::Owner).await;
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    let (old, _) = session(&chat, bob).await;
    let link = |n: i64| NewReset {
        token_hash: hash(n),
        user: bob,
        created_by: alice,
        expires_at: Millis(100),
    };
    for n in [1, 2] {
        chat.store
            .create_reset(link(n), note(&chat, bob))
            .await
            .unwrap();
    }
    let whose = async |n, now| chat.store.reset(hash(n), Millis(now)).await.unwrap();
    assert_eq!(whose(1, 50).await, None, "the newer link is the only one");
    assert_eq!(whose(2, 100).await, None, "its time is over");
    assert_eq!(whose(2, 99).await, Some(bob));
    let used = together((0..16).map(|n| {
        let chat = chat.clone();
        async move {
            let password = format!("hash {n}");
            chat.store
                .use_reset(hash(2), Millis(50), password)
                .await
                .unwrap()
        }
    }))
    .await;
    let won: Vec<_> = used.into_iter().flatten().collect();
    assert_eq!(won, [(bob, vec![old])]);
    assert_eq!(whose(2, 50).await, None);
}

async fn a_server_key_is_made_once(chat: Chat) {
    let keys = together((0..8).map(|n| {
        let chat = chat.clone();
        async move { chat.store.server_key("jwt", n.to_string()).await.unwrap() }
    }))
    .await;
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

async fn whoever_is_suspended_has_sessions_again_when_it_is_over(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    let (id, token) = session(&chat, bob).await;
    chat.store
        .suspend(bob, Some(Millis(50)), note(&chat, bob))
        .await
        .unwrap();
    for (now, stands) in [(49, false), (50, true)] {
        let now = Millis(now);
        let by_token = chat.store.session(&token, now).await.unwrap();
        let by_id = chat.store.live_session(bob, id, now).await.unwrap();
        let arrival = chat.store.arrival(bob, id, now).await.unwrap();
        assert_eq!(
            (by_token.is_some(), by_id.is_some(), arrival.is_some()),
            (stands, stands, stands)
        );
    }
    let new = chat.session();
    assert!(
        !chat.store.create_session(bob, new.clone()).await.unwrap(),
        "nor a new one"
    );
    chat.store
        .suspend(bob, None, note(&chat, bob))
        .await
        .unwrap();
    assert!(chat.store.create_session(bob, new).await.unwrap());
}

async fn the_bots_of_whoever_is_kept_out_are_out(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    let bot = chat.person("bobot", ServerRole::Member);
    let bot = chat
        .store
        .create_bot(bot, bob, 3, note(&chat, bob))
        .await
        .unwrap()
        .unwrap();
    assert!(bot.bot);
    assert_eq!(chat.store.bot_owner(bot.id).await.unwrap(), Some(bob));
    assert_eq!(chat.store.bot_owner(bob).await.unwrap(), None);
    let (_, token) = session(&chat, bot.id).await;
    let stands = async || {
        chat.store
            .session(&token, Millis(10))
            .await
            .unwrap()
            .is_some()
    };
    assert!(stands().await);
    chat.store
        .suspend(bob, Some(Millis(50)), note(&chat, bob))
        .await
        .unwrap();
    assert!(!stands().await);
    chat.store
        .suspend(bob, None, note(&chat, bob))
        .await
        .unwrap();
    assert!(stands().await);
    let deactivate = chat
        .store
        .change_user(bob, None, Some(true), Millis(2), vec![]);
    deactivate.await.unwrap();
    assert!(!stands().await);
}

async fn nobody_has_more_bots_than_the_limit_however_many_are_made_at_once(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    let made = together((0..12).map(|n| {
        let chat = chat.clone();
        async move {
            let bot = chat.person(&format!("bot{n}"), ServerRole::Member);
            chat.store
                .create_bot(bot, bob, 3, note(&chat, bob))
                .await
                .unwrap()
        }
    }))
    .await;
    assert_eq!(made.iter().flatten().count(), 3);
    assert_eq!(chat.store.bots_of(bob).await.unwrap().len(), 3);
    assert_eq!(chat.store.bots(UserId(0), 2).await.unwrap().len(), 2);
}

async fn one_of_two_owners_who_demote_each_other_stays(chat: Chat) {
    let alice = someone(&chat, "alice", ServerRole::Owner).await;
    let bob = someone(&chat, "bob", ServerRole::Owner).await;
    let demoted = together([alice, bob].map(|who| {
        let chat = chat.clone();
        async move {
            let member = Some(ServerRole::Member);
            chat.store
                .change_user(who, member, None, Millis(1), vec![])
                .await
        }
    }))
    .await;
    assert_eq!(demoted.iter().filter(|demoted| demoted.is_ok()).count(), 1);
    let refused = demoted.into_iter().find_map(Result::err).unwrap();
    assert!(matches!(refused, ChangeUserError::LastOwner));
    assert!(chat.store.has_owner().await.unwrap());
}

async fn an_identity_is_one_user_however_many_bring_it_at_once(chat: Chat) {
    let local = someone(&chat, "eve", ServerRole::Member).await;
    let bring = |chat: Chat, handle: String| async move {
        let (user, session) = (chat.person(&handle, ServerRole::Member), chat.session());
        chat.store
            .vouched("app".into(), "17".into(), user, session)
            .await
    };
    let taken = bring(chat.clone(), "eve".into()).await;
    assert!(matches!(taken, Err(RegisterError::HandleTaken)));
    let brought = (0..16).map(|n| bring(chat.clone(), format!("eve{n}")));
    let brought = together(brought).await;
    let brought: Vec<_> = brought.into_iter().map(Result::unwrap).collect();
    assert_eq!(brought.iter().filter(|vouched| vouched.fresh).count(), 1);
    assert!(brought.iter().all(|vouched| vouched.signed_in));
    assert!(
        brought
            .iter()
            .all(|vouched| vouched.user.id == brought[0].user.id)
    );
    assert_ne!(brought[0].user.id, local);
    let user = chat.person("eve-x", ServerRole::Member);
    let other = chat
        .store
        .vouched("other".into(), "17".into(), user, chat.session());
    assert!(
        other.await.unwrap().fresh,
        "another application's 17 is someone else"
    );
}

async fn an_erased_account_is_empty_and_its_handle_stays_taken(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Admin).await;
    let (_, token) = session(&chat, bob).await;
    let bot = chat.person("bobot", ServerRole::Member);
    let bot = chat
        .store
        .create_bot(bot, bob, 3, note(&chat, bob))
        .await
        .unwrap()
        .unwrap();
    let (_, bots) = session(&chat, bot.id).await;
    chat.store.enrol_totp(bob, "SECRET".into()).await.unwrap();
    let nobody = Some(("Deleted person".to_owned(), format!("deleted person {bob}")));
    let erase = || {
        let (name, note) = (nobody.clone(), note(&chat, bob));
        chat.store.erase_user(bob, name, false, Millis(9), note)
    };
    let erased = erase().await.unwrap().unwrap();
    assert_eq!(erased.sessions.len(), 2);
    let user = erased.user;
    assert_eq!(
        (user.name.as_str(), user.handle, user.role),
        ("Deleted person", None, ServerRole::Member)
    );
    assert!(user.erased && user.deactivated);
    assert!(erase().await.unwrap().is_none(), "once");
    for token in [token, bots] {
        assert!(
            chat.store
                .session(&token, Millis(1))
                .await
                .unwrap()
                .is_none()
        );
    }
    let known = chat.store.credentials_of(bob).await.unwrap().unwrap();
    assert_eq!(known.password_hash, None);
    assert!(chat.store.totp(bob).await.unwrap().is_none());
    let posing = chat
        .store
        .create_user(chat.person("bob", ServerRole::Member))
        .await;
    assert!(matches!(posing, Err(RegisterError::HandleTaken)));
}

async fn an_erasure_goes_on_where_it_was(chat: Chat) {
    let bob = someone(&chat, "bob", ServerRole::Member).await;
    let den = chat.room("den", RoomKind::Closed).await;
    chat.does(den, bob, joined(bob, RoomRole::Member))
        .await
        .unwrap();
    for n in 0..5 {
        chat.does(den, bob, said(&n.to_string())).await.unwrap();
        chat.does(den, ALICE, said("hers")).await.unwrap();
    }
    assert!(
        chat.store.to_be_erased(bob, 9).await.unwrap().is_empty(),
        "nobody asked"
    );
    chat.store
        .erase_user(bob, None, true, Millis(9), note(&chat, bob))
        .await
        .unwrap();
    let first = chat.store.to_be_erased(bob, 2).await.unwrap();
    assert_eq!(first, [(den, Seq(4)), (den, Seq(6))]);
    for (room, target) in first {
        chat.does(room, ALICE, Fact::Deleted { target })
            .await
            .unwrap();
        chat.store.erased_up_to(bob, room, target).await.unwrap();
    }
    let rest = chat.store.to_be_erased(bob, 9).await.unwrap();
    assert_eq!(rest, [(den, Seq(8)), (den, Seq(10)), (den, Seq(12))]);
    assert_eq!(chat.store.erasures().await.unwrap().len(), 1);
    chat.store.erasure_is_done(bob).await.unwrap();
    assert!(chat.store.erasures().await.unwrap().is_empty());
}
