use std::time::{Duration, Instant};

use chatter_protocol::Code;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Person, TestServer};

#[tokio::test]
async fn a_wrong_handle_and_a_wrong_password_are_one_answer() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let keep_out = json!({ "deactivated": true });
    let place = format!("/users/{}", cast.carol.me.id);
    cast.alice
        .ask(Method::PATCH, &place)
        .json(&keep_out)
        .send()
        .await
        .unwrap();

    let mut bodies = Vec::new();
    for handle in ["alice", "nobody", "carol", "not a handle"] {
        let body = json!({ "handle": handle, "password": "no idea at all" });
        let answer = server.post("/sessions", &body).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        bodies.push(answer.text().await.unwrap());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn an_unknown_handle_takes_as_long_as_a_known_one() {
    const TRIES: usize = 15;
    let server = TestServer::fresh().await;
    server.set_up().await;
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for _ in 0..TRIES {
        for (handle, times) in [("alice", &mut known), ("nobody", &mut unknown)] {
            let body = json!({ "handle": handle, "password": "no idea at all" });
            let begun = Instant::now();
            server
                .post("/sessions", &body)
                .send()
                .await
                .refused(Code::WrongPassword)
                .await;
            times.push(begun.elapsed());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[TRIES / 2].as_secs_f64()
    };
    let ratio = median(&mut known) / median(&mut unknown);
    // A skipped hash would make it 10 or more; a busy machine makes some noise.
    assert!(
        (0.5..2.0).contains(&ratio),
        "a known handle takes {ratio:.2} times as long"
    );
}

#[tokio::test]
async fn a_room_one_may_not_see_is_no_room_at_all() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.alice.says(cast.den, "k", "secret plans").await;
    let (den, nowhere) = (cast.den.to_string(), "987654321".to_owned());

    for (method, path, body) in [
        (Method::GET, "", None),
        (Method::PATCH, "", Some(json!({ "name": "x" }))),
        (Method::GET, "/messages", None),
        (Method::GET, "/messages/1", None),
        (Method::GET, "/messages?around=1", None),
        (Method::GET, "/events", None),
        (Method::GET, "/members", None),
        (Method::GET, "/receipts", None),
        (Method::GET, "/presence", None),
        (Method::POST, "/join", None),
        (Method::POST, "/typing", None),
        (
            Method::POST,
            "/messages",
            Some(json!({ "key": "k", "text": "hi" })),
        ),
        (Method::PATCH, "/messages/1", Some(json!({ "text": "hi" }))),
        (Method::DELETE, "/messages/1", None),
        (Method::PUT, "/receipt", Some(json!({ "seq": 1 }))),
        (Method::PUT, "/members/1", Some(json!({ "role": "member" }))),
        (Method::DELETE, "/members/1", None),
        // Last: bob is gone after it.
        (Method::POST, "/leave", None),
    ] {
        let ask = async |who: &Person<'_>, room: &str| {
            let request = who.ask(method.clone(), &format!("/rooms/{room}{path}"));
            let request = match &body {
                Some(body) => request.json(body),
                None => request,
            };
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let hidden = ask(&cast.carol, &den).await;
        assert_eq!(hidden, ask(&cast.carol, &nowhere).await, "{method} {path}");
        assert_eq!(hidden.0, 404, "{method} {path}: {}", hidden.1);
        let seen = ask(&cast.bob, &den).await;
        assert_ne!(seen, hidden, "{method} {path} must mean something to bob");
    }
    let open = cast
        .carol
        .get("/rooms/open")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!open.contains("den"), "{open}");
}
