//! Codes, tokens, links and bots: what is refused first, then what works.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::rest::{ChangeUser, SignIn};
use chatter_protocol::trust::{
    BeginSecondFactor, ConfirmSecondFactor, CreateBot, CreateBotToken, Erase, ErasedMessages,
    ProveMyself, ResetPassword, Suspend, TokenGrant, Tokens,
};
use chatter_protocol::{Draft, Fact, Key, Millis, ServerRole};
use chatter_store::At;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use super::{HERE, Held, PASSWORD, app, someone};
use crate::accounts::{
    AccountError, bots, erase, reset, second_factor, sessions, suspension, tokens, users,
};
use crate::app::App;
use crate::principal::Principal;
use crate::rooms;

const STEP: Duration = Duration::from_secs(30);

async fn signs_in(app: &App, handle: &str, code: Option<&str>) -> Result<(), AccountError> {
    let asked = SignIn {
        handle: handle.into(),
        password: PASSWORD.into(),
        code: code.map(Into::into),
        token: true,
    };
    sessions::sign_in(app, asked, "", HERE).await.map(|_| ())
}

fn code(app: &App, totp: &Totp) -> String {
    totp.generate(u64::try_from(app.now().0 / 1000).unwrap())
        .to_string()
}

/// A second factor for `who`: the app on their phone, and their recovery codes.
async fn enrolled(app: &App, who: &Principal) -> (Totp, Vec<String>) {
    let asked = BeginSecondFactor {
        password: PASSWORD.into(),
    };
    let made = second_factor::begin(app, who, asked).await.unwrap();
    assert!(made.url.starts_with("otpauth://totp/"), "{}", made.url);
    let secret = Secret::try_from_base32(&made.secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let confirm = |code: &str| {
        let asked = ConfirmSecondFactor { code: code.into() };
        second_factor::confirm(app, who, asked)
    };
    assert!(matches!(
        confirm("000000x").await,
        Err(AccountError::WrongCode)
    ));
    let codes = confirm(&code(app, &totp)).await.unwrap().codes;
    assert_eq!(codes.len(), 10);
    (totp, codes)
}

#[tokio::test]
async fn a_code_is_asked_for_and_good_once() {
    let (app, clock) = app().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let asked = BeginSecondFactor {
        password: "not my password".into(),
    };
    let begun = second_factor::begin(&app, &bob, asked).await;
    assert!(matches!(begun, Err(AccountError::NotMyPassword)));
    signs_in(&app, "bob", None).await.unwrap();
    let (totp, _) = enrolled(&app, &bob).await;

    let needed = signs_in(&app, "bob", None).await;
    assert!(matches!(needed, Err(AccountError::CodeNeeded)));
    let confirming = code(&app, &totp);
    let replayed = signs_in(&app, "bob", Some(&confirming)).await;
    assert!(matches!(replayed, Err(AccountError::WrongCode)));
    clock.pass(STEP);
    let fresh = code(&app, &totp);
    signs_in(&app, "bob", Some(&fresh)).await.unwrap();
    let replayed = signs_in(&app, "bob", Some(&fresh)).await;
    assert!(matches!(replayed, Err(AccountError::WrongCode)));
    clock.pass(4 * STEP);
    let late = signs_in(&app, "bob", Some(&fresh)).await;
    assert!(matches!(late, Err(AccountError::WrongCode)));
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_even_when_two_come_at_once() {
    let (app, _clock) = app().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let (_, codes) = enrolled(&app, &bob).await;
    let typed = codes[0].to_uppercase();
    let (one, two) = tokio::join!(
        signs_in(&app, "bob", Some(&typed)),
        signs_in(&app, "bob", Some(&codes[0])),
    );
    assert_eq!(
        [one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(),
        1
    );
    let left = second_factor::mine(&app, &bob).await.unwrap();
    assert_eq!((left.enabled, left.recovery_codes), (true, 9));
}

#[tokio::test]
async fn who_guesses_codes_is_stopped_and_waits_longer_each_time() {
    let (app, clock) = app().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let (totp, _) = enrolled(&app, &bob).await;
    clock.pass(STEP);
    for _ in 0..5 {
        let wrong = signs_in(&app, "bob", Some("12345")).await;
        assert!(matches!(wrong, Err(AccountError::WrongCode)));
    }
    let right = code(&app, &totp);
    let refused = signs_in(&app, "bob", Some(&right)).await;
    assert!(
        matches!(refused, Err(AccountError::TooFast(_))),
        "{refused:?}"
    );
    clock.pass(Duration::from_mins(15));
    let right = code(&app, &totp);
    signs_in(&app, "bob", Some(&right)).await.unwrap();
}

#[tokio::test]
async fn a_second_factor_ends_by_password_and_code_or_by_an_admin() {
    let (app, clock) = app().await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let (totp, codes) = enrolled(&app, &bob).await;
    clock.pass(STEP);
    let prove = |password: &str, code: &str| ProveMyself {
        password: password.into(),
        code: code.into(),
    };
    let wrong = second_factor::end(&app, &bob, prove("wrong password", &codes[0])).await;
    assert!(matches!(wrong, Err(AccountError::NotMyPassword)));
    let wrong = second_factor::end(&app, &bob, prove(PASSWORD, "000")).await;
    assert!(matches!(wrong, Err(AccountError::WrongCode)));
    let renewed = second_factor::renew_recovery_codes(&app, &bob, prove(PASSWORD, &codes[0]));
    let renewed = renewed.await.unwrap().codes;
    assert!(!renewed.contains(&codes[1]));
    let old = second_factor::end(&app, &bob, prove(PASSWORD, &codes[1])).await;
    assert!(matches!(old, Err(AccountError::WrongCode)));
    let right = code(&app, &totp);
    second_factor::end(&app, &bob, prove(PASSWORD, &right))
        .await
        .unwrap();
    signs_in(&app, "bob", None).await.unwrap();

    enrolled(&app, &bob).await;
    let (carol, _) = someone(&app, "carol", ServerRole::Member).await;
    let not_hers = second_factor::remove_for(&app, &carol, bob.user).await;
    assert!(matches!(not_hers, Err(AccountError::NotAllowed(_))));
    second_factor::remove_for(&app, &alice, bob.user)
        .await
        .unwrap();
    signs_in(&app, "bob", None).await.unwrap();
}

async fn granted(app: &Arc<App>, handle: &str) -> Tokens {
    let asked = TokenGrant::Password {
        handle: handle.into(),
        password: PASSWORD.into(),
        code: None,
    };
    tokens::grant(app, asked, "", HERE).await.unwrap()
}

async fn refreshed(app: &Arc<App>, refresh_token: &str) -> Result<Tokens, AccountError> {
    let asked = TokenGrant::Refresh {
        refresh_token: refresh_token.into(),
    };
    tokens::grant(app, asked, "", HERE).await
}

async fn stands(app: &App, token: &str) -> bool {
    sessions::authenticate(app, token).await.unwrap().is_some()
}

#[tokio::test]
async fn an_access_token_ends_in_minutes_and_with_its_session() {
    let (app, clock) = app().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let first = granted(&app, "bob").await;
    let who = sessions::authenticate(&app, &first.access_token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((who.user, who.session), (bob.user, first.session));
    assert!(
        !stands(&app, &first.refresh_token).await,
        "it opens nothing by itself"
    );
    clock.pass(Duration::from_mins(5));
    assert!(!stands(&app, &first.access_token).await);
    let second = refreshed(&app, &first.refresh_token).await.unwrap();
    assert!(stands(&app, &second.access_token).await);

    sessions::end(&app, &bob, first.session).await.unwrap();
    assert!(
        !stands(&app, &second.access_token).await,
        "at once, not in five minutes"
    );
    assert!(refreshed(&app, &second.refresh_token).await.is_err());
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_family_and_its_sockets() {
    let (app, _clock) = app().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let first = granted(&app, "bob").await;
    let socket = app.hub.open(bob.user, first.session);
    let second = refreshed(&app, &first.refresh_token).await.unwrap();
    assert!(!socket.is_over());
    assert!(
        refreshed(&app, &first.refresh_token).await.is_err(),
        "stolen"
    );
    assert!(socket.is_over());
    assert!(!stands(&app, &second.access_token).await);
    assert!(refreshed(&app, &second.refresh_token).await.is_err());
}

#[tokio::test]
async fn an_access_token_of_any_other_making_is_refused() {
    let (app, _clock) = app().await;
    someone(&app, "bob", ServerRole::Member).await;
    let real = granted(&app, "bob").await;
    let key = app.store.server_key("jwt", String::new()).await.unwrap();
    let now = app.now().0 / 1000;
    let claims = |change: Value| {
        let mut claims = json!({
            "iss": format!("chatter:{}", app.store.log_id()), "aud": "chatter",
            "sub": real.me.id.to_string(), "sid": real.session.to_string(),
            "iat": now, "exp": now + 300, "jti": "x",
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let signed = |alg, key: &str, change| {
        let key = EncodingKey::from_secret(key.as_bytes());
        encode(&Header::new(alg), &claims(change), &key).unwrap()
    };
    let ours = signed(Algorithm::HS256, &key, json!({}));
    assert!(stands(&app, &ours).await, "or this test would mean nothing");
    for (wrong, token) in [
        ("another key", signed(Algorithm::HS256, "guess", json!({}))),
        (
            "another algorithm",
            signed(Algorithm::HS512, &key, json!({})),
        ),
        (
            "another server",
            signed(Algorithm::HS256, &key, json!({ "iss": "chatter:x" })),
        ),
        (
            "for someone else",
            signed(Algorithm::HS256, &key, json!({ "aud": "mail" })),
        ),
        (
            "over",
            signed(Algorithm::HS256, &key, json!({ "exp": now })),
        ),
        (
            "for ever",
            signed(Algorithm::HS256, &key, json!({ "exp": now + 301 })),
        ),
        (
            "of tomorrow",
            signed(Algorithm::HS256, &key, json!({ "iat": now + 60 })),
        ),
        (
            "of someone else",
            signed(Algorithm::HS256, &key, json!({ "sub": "1" })),
        ),
        (
            "of no session",
            signed(Algorithm::HS256, &key, json!({ "sid": "7" })),
        ),
    ] {
        assert!(!stands(&app, &token).await, "{wrong}");
    }
    // {"alg":"none","typ":"JWT"}
    let body = ours.split('.').nth(1).unwrap();
    for unsigned in [
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}."),
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.x"),
        format!("{}.", ours.rsplit_once('.').unwrap().0),
        "a.b.c".to_owned(),
        format!("{}.b.c", "a".repeat(100_000)),
    ] {
        assert!(!stands(&app, &unsigned).await, "{unsigned:.60}");
    }
}

#[tokio::test]
async fn whoever_is_suspended_is_out_until_the_time_is_over() {
    let (app, clock): (_, Arc<Held>) = app().await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let (bob, his) = someone(&app, "bob", ServerRole::Member).await;
    let (carol, _) = someone(&app, "carol", ServerRole::Member).await;
    let program = granted(&app, "bob").await;
    let socket = app.hub.open(bob.user, bob.session);
    let hour = |hours: i64| Suspend {
        until: Millis(app.now().0 + hours * 3_600_000),
        reason: Some("flood".into()),
    };
    let by_carol = suspension::suspend(&app, &carol, bob.user, hour(1)).await;
    assert!(matches!(by_carol, Err(AccountError::NotAllowed(_))));
    for wrong in [-1, 0, 24 * 400] {
        let refused = suspension::suspend(&app, &alice, bob.user, hour(wrong)).await;
        assert!(matches!(refused, Err(AccountError::Text(_))), "{wrong}");
    }
    suspension::suspend(&app, &alice, bob.user, hour(1))
        .await
        .unwrap();
    assert!(socket.is_over());
    assert!(!stands(&app, &his.token).await);
    assert!(!stands(&app, &program.access_token).await);
    assert!(!sessions::still_stands(&app, &bob).await.unwrap());
    assert!(refreshed(&app, &program.refresh_token).await.is_err());
    let refused = signs_in(&app, "bob", None).await;
    assert!(matches!(refused, Err(AccountError::Suspended)));
    let asked = SignIn {
        handle: "bob".into(),
        password: "wrong password".into(),
        code: None,
        token: true,
    };
    let guessed = sessions::sign_in(&app, asked, "", HERE).await;
    assert!(
        matches!(guessed, Err(AccountError::WrongPassword)),
        "told to nobody else"
    );

    clock.pass(Duration::from_hours(1));
    assert!(stands(&app, &his.token).await);
    signs_in(&app, "bob", None).await.unwrap();
}

#[tokio::test]
async fn a_reset_link_is_for_whoever_is_below() {
    let (app, clock) = app().await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let (ada, _) = someone(&app, "ada", ServerRole::Admin).await;
    let (bob, his) = someone(&app, "bob", ServerRole::Member).await;
    for (by, whom) in [(&bob, ada.user), (&ada, alice.user), (&ada, ada.user)] {
        let refused = reset::create(&app, by, whom).await;
        assert!(matches!(refused, Err(AccountError::NotAllowed(_))));
    }
    let late = reset::create(&app, &ada, bob.user).await.unwrap();
    clock.pass(Duration::from_hours(24));
    let link = |secret: &str, password: &str| ResetPassword {
        secret: secret.into(),
        password: password.into(),
    };
    let new = "another good horse";
    for wrong in [late.secret.as_str(), "", "unknown"] {
        let refused = reset::apply(&app, link(wrong, new), HERE).await;
        assert!(matches!(refused, Err(AccountError::ResetEnded)), "{wrong}");
    }
    let made = reset::create(&app, &ada, bob.user).await.unwrap();
    let weak = reset::apply(&app, link(&made.secret, "short"), HERE).await;
    assert!(
        matches!(
            weak,
            Err(AccountError::Text(_) | AccountError::Invalid { .. })
        ),
        "{weak:?}"
    );
    reset::apply(&app, link(&made.secret, new), HERE)
        .await
        .unwrap();
    assert!(!stands(&app, &his.token).await);
    let again = reset::apply(&app, link(&made.secret, new), HERE).await;
    assert!(matches!(again, Err(AccountError::ResetEnded)));
    let old = signs_in(&app, "bob", None).await;
    assert!(matches!(old, Err(AccountError::WrongPassword)));
}

#[tokio::test]
async fn a_bot_is_answered_for_and_gains_no_rights() {
    let (app, _clock) = app().await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let (carol, _) = someone(&app, "carol", ServerRole::Member).await;
    let named = |handle: &str| CreateBot {
        name: "Bobot".into(),
        handle: handle.into(),
    };
    let label = || CreateBotToken {
        label: "deploys".into(),
    };
    let bot = bots::create(&app, &bob, named("bobot")).await.unwrap().user;
    assert!(bot.bot);
    let taken = bots::create(&app, &bob, named("carol")).await;
    assert!(matches!(taken, Err(AccountError::HandleTaken)));
    let hers = bots::create_token(&app, &carol, bot.id, label()).await;
    assert!(matches!(hers, Err(AccountError::NoSuchUser)));
    let person = bots::create_token(&app, &bob, carol.user, label()).await;
    assert!(
        matches!(person, Err(AccountError::NoSuchUser)),
        "a person is no bot"
    );

    let token = bots::create_token(&app, &bob, bot.id, label())
        .await
        .unwrap();
    let secret = token.token.unwrap();
    let who = sessions::authenticate(&app, &secret)
        .await
        .unwrap()
        .unwrap();
    assert!(who.bot);
    let more = bots::create(&app, &who, named("botbot")).await;
    assert!(matches!(more, Err(AccountError::NotAllowed(_))));
    let more = bots::create_token(&app, &who, bot.id, label()).await;
    assert!(matches!(more, Err(AccountError::NotAllowed(_))));
    let admin = ChangeUser {
        role: Some(ServerRole::Admin),
        deactivated: None,
    };
    let raised = users::change(&app, &alice, bot.id, admin).await;
    assert!(matches!(raised, Err(AccountError::NotAllowed(_))));
    let reset = reset::create(&app, &alice, bot.id).await;
    assert!(
        matches!(reset, Err(AccountError::NotAllowed(_))),
        "a bot has no password"
    );
    let listed = bots::tokens(&app, &bob, bot.id).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed.iter().all(|token| token.token.is_none()));

    let socket = app.hub.open(bot.id, token.id);
    bots::revoke_token(&app, &bob, bot.id, token.id)
        .await
        .unwrap();
    assert!(socket.is_over());
    assert!(!stands(&app, &secret).await);
    bots::end(&app, &bob, bot.id).await.unwrap();
    let over = bots::create_token(&app, &bob, bot.id, label()).await;
    assert!(matches!(over, Err(AccountError::NotAllowed(_))));
}

#[tokio::test]
async fn the_server_keeps_an_owner() {
    let (app, _clock) = app().await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let role = |role| ChangeUser {
        role: Some(role),
        deactivated: None,
    };
    users::change(&app, &alice, bob.user, role(ServerRole::Owner))
        .await
        .unwrap();
    let bob = Principal {
        role: ServerRole::Owner,
        ..bob
    };
    users::change(&app, &bob, alice.user, role(ServerRole::Member))
        .await
        .unwrap();
    let own = users::change(&app, &bob, bob.user, role(ServerRole::Member)).await;
    assert!(matches!(own, Err(AccountError::NotAllowed(_))));
    let stale = users::change(&app, &alice, bob.user, role(ServerRole::Member)).await;
    assert!(matches!(stale, Err(AccountError::LastOwner)), "{stale:?}");
}

#[tokio::test]
async fn an_erased_person_is_gone_and_their_messages_as_asked() {
    for messages in [
        ErasedMessages::Keep,
        ErasedMessages::Anonymise,
        ErasedMessages::Delete,
    ] {
        let (app, _clock) = app().await;
        let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
        let (bob, his) = someone(&app, "bob", ServerRole::Member).await;
        let lobby = rooms::lobby::find(&app).await.unwrap().unwrap().id;
        for who in [&alice, &bob] {
            rooms::join(&app, who, lobby).await.unwrap();
        }
        for n in 0..120 {
            let key = Key::new(format!("k{n}")).unwrap();
            let draft = Draft::said(format!("message {n}"));
            rooms::post(&app, &bob, lobby, key, draft).await.unwrap();
        }
        let key = Key::new("hers".to_owned()).unwrap();
        let hers = rooms::post(&app, &alice, lobby, key, Draft::said("hers"))
            .await
            .unwrap();
        let socket = app.hub.open(bob.user, bob.session);
        let asked = || Erase {
            messages,
            reason: None,
        };
        let own = erase::erase(&app, &bob, alice.user, asked()).await;
        assert!(matches!(own, Err(AccountError::NotAllowed(_))));
        let bobs = erase::erase(&app, &alice, bob.user, asked()).await.unwrap();
        let name = if messages == ErasedMessages::Keep {
            "bob"
        } else {
            "Deleted person"
        };
        assert_eq!(
            (bobs.name.as_str(), bobs.handle, bobs.erased),
            (name, None, true)
        );
        assert!(socket.is_over());
        assert!(!stands(&app, &his.token).await);
        let again = erase::erase(&app, &alice, bob.user, asked()).await;
        assert!(matches!(again, Err(AccountError::NotAllowed(_))));
        let back = ChangeUser {
            deactivated: Some(false),
            role: None,
        };
        let back = users::change(&app, &alice, bob.user, back).await;
        assert!(matches!(back, Err(AccountError::NotAllowed(_))), "for good");
        let hash = app.passwords.hash(PASSWORD.to_owned()).await.unwrap();
        let role = ServerRole::Member;
        let posing = super::setup::new_user(&app, "bob".into(), "Bob".into(), role, hash);
        assert!(
            app.store.create_user(posing).await.is_err(),
            "the handle stays taken"
        );

        for _ in 0..3 {
            erase::go_on(&app).await;
        }
        assert!(
            app.store.erasures().await.unwrap().is_empty(),
            "{messages:?}"
        );
        let page = app
            .store
            .page(lobby, alice.user, At::Newest, 200)
            .await
            .unwrap();
        let said = page
            .messages
            .iter()
            .filter(|m| matches!(m.fact, Fact::Posted(_)));
        let (bobs, others): (Vec<_>, Vec<_>) = said.partition(|m| m.author == bob.user);
        assert_eq!(bobs.len(), 120);
        let deleted = bobs
            .iter()
            .filter(|message| message.deleted_by.is_some())
            .count();
        let all = if messages == ErasedMessages::Delete {
            120
        } else {
            0
        };
        assert_eq!(deleted, all, "{messages:?}");
        assert!(
            others
                .iter()
                .any(|m| m.seq == hers.seq && m.deleted_by.is_none())
        );
        let state = app
            .store
            .room_state(lobby, bob.user)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(state.role, None, "out of the room too");
    }
}
