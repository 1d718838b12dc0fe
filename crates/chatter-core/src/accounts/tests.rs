//! What ends a session, on a store that forgets and a clock that waits.

mod embed;
mod presence;
mod trust;

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use chatter_protocol::ServerRole;
use chatter_protocol::rest::{ChangePassword, ChangeUser};
use tokio::task::yield_now;

use super::embed::EmbedSettings;
use super::token::{self, SESSION_TTL};
use super::{AccountError, NewToken, guests, password, sessions, setup, users};
use crate::app::App;
use crate::principal::Principal;
use crate::test_support::{self, Held};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "correct horse battery";

pub(crate) async fn app() -> (Arc<App>, Arc<Held>) {
    app_with(None).await
}

async fn app_with(embed: Option<EmbedSettings>) -> (Arc<App>, Arc<Held>) {
    let (app, clock) = test_support::app_with(embed).await;
    guests_are(&app, "on").await;
    (app, clock)
}

async fn guests_are(app: &App, value: &str) {
    app.store.set_setting("guests", value).await.unwrap();
    crate::order::settings::read(app).await.unwrap();
}

/// Waits until nothing is under way but the jobs, which never end.
async fn settled(app: &App) {
    while !app.tasks.is_empty() {
        yield_now().await;
    }
}

/// Someone with an account and a session.
pub(crate) async fn someone(app: &App, handle: &str, role: ServerRole) -> (Principal, NewToken) {
    let hash = app.passwords.hash(PASSWORD.to_owned()).await.unwrap();
    let user = setup::new_user(app, handle.to_owned(), handle.to_owned(), role, hash);
    let user = app.store.create_user(user).await.unwrap();
    let (session, token) = token::new_session(app, "", HERE, SESSION_TTL);
    assert!(app.store.create_session(user.id, session).await.unwrap());
    let who = Principal {
        user: user.id,
        session: token.session,
        role,
        from: None,
        bot: false,
        only: None,
    };
    (who, token)
}

/// Lets `work` begin and drops it when it has waited `times` times, as happens
/// to the work of a request whose client hangs up. Whether it came to its end.
async fn cut_off(times: usize, work: impl Future) -> bool {
    let mut work = pin!(work);
    let mut left = times;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending if left == 0 => Poll::Ready(false),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn turning_guests_off_puts_guests_out() {
    let (app, _clock) = app().await;
    let (_, token) = guests::enter(&app, "Dora", "", HERE).await.unwrap();
    let dora = sessions::authenticate(&app, &token.token).await.unwrap();
    let dora = dora.expect("guests are allowed");
    let (alice, hers) = someone(&app, "alice", ServerRole::Owner).await;
    assert!(sessions::still_stands(&app, &dora).await.unwrap());

    guests_are(&app, "off").await;
    let found = sessions::authenticate(&app, &token.token).await.unwrap();
    assert_eq!(found, None);
    assert!(!sessions::still_stands(&app, &dora).await.unwrap());
    let found = sessions::authenticate(&app, &hers.token).await.unwrap();
    assert_eq!(found, Some(alice));
    assert!(sessions::still_stands(&app, &alice).await.unwrap());
}

#[tokio::test]
async fn a_session_stands_while_it_is_asked_for_and_no_longer() {
    let (app, clock) = app().await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let seen = async || {
        settled(&app).await;
        let rows = app.store.sessions_of(alice.user, app.now()).await;
        rows.unwrap()[0].seen_at
    };
    let begun = seen().await;
    clock.pass(Duration::from_mins(4));
    assert!(sessions::still_stands(&app, &alice).await.unwrap());
    assert_eq!(seen().await, begun, "not each time");
    clock.pass(Duration::from_mins(1));
    assert!(sessions::still_stands(&app, &alice).await.unwrap());
    assert_eq!(seen().await, app.now());

    clock.pass(SESSION_TTL);
    assert!(!sessions::still_stands(&app, &alice).await.unwrap());

    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let (phone, _) = token::new_session(&app, "", HERE, SESSION_TTL);
    app.store.create_session(bob.user, phone).await.unwrap();
    app.store.end_session(bob.user, bob.session).await.unwrap();
    assert!(!sessions::still_stands(&app, &bob).await.unwrap());
    let (carol, _) = someone(&app, "carol", ServerRole::Member).await;
    let deactivate = app
        .store
        .change_user(carol.user, None, Some(true), app.now(), vec![]);
    deactivate.await.unwrap();
    assert!(!sessions::still_stands(&app, &carol).await.unwrap());
}

#[tokio::test]
async fn a_name_at_the_simple_door_is_one_persons_and_soon_free_again() {
    let (app, clock) = app().await;
    let ada = guests::enter_for_door(&app, "ada", HERE).await.unwrap();
    let again = guests::enter_for_door(&app, " ADA", HERE).await;
    assert!(matches!(again, Err(AccountError::NameTaken)));
    assert!(sessions::still_stands(&app, &ada).await.unwrap());
    // Someone whose socket lives keeps the name for as long as that.
    for _ in 0..10 {
        clock.pass(Duration::from_mins(1));
        assert!(sessions::still_stands(&app, &ada).await.unwrap());
        settled(&app).await;
    }
    let again = guests::enter_for_door(&app, "ada", HERE).await;
    assert!(matches!(again, Err(AccountError::NameTaken)));
    // Someone whose socket never came to be does not.
    clock.pass(Duration::from_mins(2));
    assert!(!sessions::still_stands(&app, &ada).await.unwrap());
    let back = guests::enter_for_door(&app, "ada", HERE).await.unwrap();
    assert_eq!(back.user, ada.user);
    sessions::end_own(&app, &back).await.unwrap();
    guests::enter_for_door(&app, "ada", HERE).await.unwrap();
}

/// Whoever hangs up at whatever moment: no session ends whose socket is not
/// told so.
async fn ends_sockets_with_sessions<W>(rule: impl AsyncFn(Arc<App>, Principal, Principal) -> W) {
    let mut wholly = false;
    let mut times = 0;
    while !wholly {
        let (app, _clock) = app().await;
        let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
        let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
        let inbox = app.hub.open(bob.user, bob.session);
        wholly = cut_off(times, rule(Arc::clone(&app), alice, bob)).await;
        settled(&app).await;
        let rows = app.store.sessions_of(bob.user, app.now()).await.unwrap();
        let ended = rows.iter().all(|row| row.id != bob.session);
        assert_eq!(inbox.is_over(), ended, "cut off after {times}");
        assert!(ended || !wholly);
        times += 1;
    }
    assert!(times > 1, "it never waited");
}

#[tokio::test]
async fn a_sign_out_closes_the_socket_even_if_nobody_waits_for_it() {
    ends_sockets_with_sessions(async |app, _, bob| sessions::sign_out(&app, &bob).await).await;
    ends_sockets_with_sessions(async |app, _, bob| sessions::end(&app, &bob, bob.session).await)
        .await;
}

#[tokio::test]
async fn a_deactivation_closes_the_sockets_even_if_nobody_waits_for_it() {
    ends_sockets_with_sessions(async |app, alice, bob| {
        let asked = ChangeUser {
            role: None,
            deactivated: Some(true),
        };
        users::change(&app, &alice, bob.user, asked).await
    })
    .await;
}

#[tokio::test]
async fn a_new_password_closes_the_sockets_even_if_nobody_waits_for_it() {
    ends_sockets_with_sessions(async |app, _, bob| {
        let (session, here) = token::new_session(&app, "", HERE, SESSION_TTL);
        app.store.create_session(bob.user, session).await.unwrap();
        let asked = ChangePassword {
            current: PASSWORD.to_owned(),
            new: "another good one".to_owned(),
        };
        let session = here.session;
        password::change(&app, &Principal { session, ..bob }, asked).await
    })
    .await;
}
