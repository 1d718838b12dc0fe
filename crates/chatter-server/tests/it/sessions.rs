use chatter_protocol::Code;
use chatter_protocol::people::Session;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestServer};

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    alice.get("/me").send().await.told::<Value>().await;
    alice
        .ask(Method::DELETE, "/sessions/current")
        .send()
        .await
        .done();
    alice
        .get("/me")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
}

#[tokio::test]
async fn a_lost_phone_is_signed_out_from_elsewhere() {
    let server = TestServer::fresh().await;
    let here = server.set_up().await;
    let phone = server.signs_in("alice", PASSWORD).await;
    let sessions = here
        .get("/sessions")
        .send()
        .await
        .told::<Vec<Session>>()
        .await;
    // One from the set-up in a browser, two with tokens.
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|session| session.current).count(), 1);

    here.ask(Method::DELETE, &format!("/sessions/{}", phone.session))
        .send()
        .await
        .done();
    phone
        .get("/me")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    here.get("/me").send().await.told::<Value>().await;
}

#[tokio::test]
async fn nobody_ends_the_session_of_someone_else() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let place = format!("/sessions/{}", cast.alice.session);
    cast.bob
        .ask(Method::DELETE, &place)
        .send()
        .await
        .refused(Code::NoSuchSession)
        .await;
    cast.bob
        .ask(Method::DELETE, "/sessions/1")
        .send()
        .await
        .refused(Code::NoSuchSession)
        .await;
    cast.alice.get("/me").send().await.told::<Value>().await;
}

#[tokio::test]
async fn a_new_password_puts_everyone_else_out() {
    let server = TestServer::fresh().await;
    let here = server.set_up().await;
    let thief = server.signs_in("alice", PASSWORD).await;
    let change = |current: &str, new: &str| {
        here.post("/password", &json!({ "current": current, "new": new }))
            .send()
    };
    change("not it at all", "another good one")
        .await
        .refused(Code::WrongPassword)
        .await;
    change(PASSWORD, "short").await.refused(Code::Invalid).await;
    thief.get("/me").send().await.told::<Value>().await;

    change(PASSWORD, "another good one").await.done();
    thief
        .get("/me")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    here.get("/me").send().await.told::<Value>().await;
    server.signs_in("alice", "another good one").await;
    let old = json!({ "handle": "alice", "password": PASSWORD });
    server
        .post("/sessions", &old)
        .send()
        .await
        .refused(Code::WrongPassword)
        .await;
}

/// How many wrong guesses are looked at before one is not. What is used up
/// comes back with time, so a slow machine may count a few more.
async fn until_too_fast(guess: impl AsyncFn(usize) -> reqwest::Result<reqwest::Response>) -> usize {
    for n in 1..250 {
        let answer = guess(n).await.expect("an answer");
        if answer.status().as_u16() == Code::TooFast.status() {
            return n - 1;
        }
        Ok(answer).refused(Code::WrongPassword).await;
    }
    panic!("one may guess for ever");
}

#[tokio::test]
async fn guessing_is_slow_for_the_account_and_for_the_address() {
    let server = TestServer::with(&["--trusted-proxies=127.0.0.1"]).await;
    server
        .post(
            "/setup",
            &json!({
                "server_name": "Den", "name": "Alice", "handle": "alice", "password": PASSWORD,
            }),
        )
        .header("host", "localhost")
        .send()
        .await
        .created::<Value>()
        .await;
    let guess = |handle: &str, from: &str| {
        let body = json!({ "handle": handle, "password": "no idea at all" });
        server
            .post("/sessions", &body)
            .header("x-forwarded-for", from)
            .send()
    };
    // Twenty from as many addresses: the account is closed to one more.
    let tries = async |n: usize| guess(" @ALICE ", &format!("192.0.2.{n}")).await;
    assert!(until_too_fast(tries).await >= 20);
    guess("bob", "203.0.113.7")
        .await
        .refused(Code::WrongPassword)
        .await;
    // Five accounts from one address: the address is closed to a sixth.
    let tries = async |n: usize| guess(&format!("someone{n}"), "198.51.100.1").await;
    assert!(until_too_fast(tries).await >= 5);
    guess("someone6", "203.0.113.9, 198.51.100.1")
        .await
        .refused(Code::TooFast)
        .await;
}

#[tokio::test]
async fn one_address_cannot_keep_an_account_from_signing_in() {
    let server = TestServer::with(&["--trusted-proxies=127.0.0.1"]).await;
    let body =
        json!({ "server_name": "Den", "name": "Alice", "handle": "alice", "password": PASSWORD });
    server
        .post("/setup", &body)
        .send()
        .await
        .created::<Value>()
        .await;
    let try_it = |password: &str, from: &str| {
        let body = json!({ "handle": "alice", "password": password, "token": true });
        server
            .post("/sessions", &body)
            .header("x-forwarded-for", from)
            .send()
    };
    for _ in 1..=5 {
        try_it("no idea at all", "192.0.2.1")
            .await
            .refused(Code::WrongPassword)
            .await;
    }
    for _ in 1..=20 {
        try_it("no idea at all", "192.0.2.1")
            .await
            .refused(Code::TooFast)
            .await;
    }
    try_it(PASSWORD, "192.0.2.2").await.created::<Value>().await;
}
