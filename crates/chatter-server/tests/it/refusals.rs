use chatter_protocol::Code;
use chatter_protocol::limits::{BODY_BYTES, TEXT_BYTES};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

#[tokio::test]
async fn every_refusal_has_one_shape() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let bob = &cast.bob;
    let messages = format!("/rooms/{}/messages", cast.den);
    let raw = |body: &'static str| {
        let request = bob
            .ask(Method::POST, &messages)
            .header("content-type", "application/json");
        request.body(body).send()
    };
    bob.get("/nothing")
        .send()
        .await
        .refused(Code::NoSuchPage)
        .await;
    bob.get("/rooms/x/messages")
        .send()
        .await
        .refused(Code::NoSuchPage)
        .await;
    bob.ask(Method::PUT, "/rooms")
        .send()
        .await
        .refused(Code::MethodNotAllowed)
        .await;
    bob.get(&format!("{messages}?limit=-1"))
        .send()
        .await
        .refused(Code::BadFrame)
        .await;
    bob.get(&format!("{messages}?before=1&after=2"))
        .send()
        .await
        .refused(Code::BadFrame)
        .await;
    bob.get(&format!("{messages}/987"))
        .send()
        .await
        .refused(Code::NoSuchMessage)
        .await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#"{"key":7,"text":"x"}"#,
        r#"{"key":"k","text":"x","more":1}"#,
        r#"{"key":"a b","text":"x"}"#,
        "\u{feff}{}",
    ] {
        raw(body).await.refused(Code::BadFrame).await;
    }
    for blank in [json!({ "key": "k" }), json!({ "key": "k", "text": " \n" })] {
        let refused = bob.post(&messages, &blank).send().await;
        let refusal = refused.refused(Code::Invalid).await;
        assert_eq!(refusal.field.as_deref(), Some("text"));
    }
    let long = json!({ "key": "k", "text": "x".repeat(TEXT_BYTES + 1) });
    bob.post(&messages, &long)
        .send()
        .await
        .refused(Code::TooLong)
        .await;
    let absurd = json!({ "key": "k", "text": "x".repeat(BODY_BYTES) });
    bob.post(&messages, &absurd)
        .send()
        .await
        .refused(Code::TooLong)
        .await;
    let full = json!({ "key": "k", "text": "x".repeat(TEXT_BYTES) });
    bob.post(&messages, &full)
        .send()
        .await
        .created::<Value>()
        .await;
}

#[tokio::test]
async fn who_is_too_fast_hears_for_how_long() {
    let server =
        TestServer::with(&["--limit-sign-ups-per-hour=0", "--limit-posts-per-minute=2"]).await;
    let cast = server.cast().await;
    cast.bob.says(cast.den, "1", "one").await;
    cast.bob.says(cast.den, "2", "two").await;
    let path = format!("/rooms/{}/messages", cast.den);
    let body = json!({ "key": "3", "text": "three" });
    let answer = cast.bob.post(&path, &body).send().await;
    let header = answer.as_ref().unwrap().headers()["retry-after"]
        .to_str()
        .unwrap()
        .to_owned();
    let refusal = answer.refused(Code::TooFast).await;
    assert_eq!(refusal.retry_after.unwrap().to_string(), header);
    cast.alice.says(cast.den, "1", "alice is not bob").await;
}

#[tokio::test]
async fn nothing_but_the_doors_is_open_to_nobody() {
    let server = TestServer::fresh().await;
    server.set_up().await;
    let document: Value = serde_json::from_slice(&chatter_server::openapi::document()).unwrap();
    let mut closed = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if !operation["security"].is_null() {
                continue;
            }
            closed += 1;
            let path = path.strip_prefix("/api/v1").unwrap();
            let path = ["room", "user", "session", "invite", "seq"]
                .iter()
                .fold(path.to_owned(), |path, name| {
                    path.replace(&format!("{{{name}}}"), "1")
                });
            let method: Method = method.to_uppercase().parse().unwrap();
            let request = server.ask(method, &path).json(&json!({}));
            request.send().await.refused(Code::NotSignedIn).await;
        }
    }
    assert!(closed > 30, "{closed}");
}

#[tokio::test]
async fn no_answer_is_kept_by_anyone_in_between() {
    let server = TestServer::fresh().await;
    for path in ["/server", "/me", "/nothing"] {
        let answer = server.get(path).send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
        assert_eq!(
            answer.headers()["content-type"],
            "application/json",
            "{path}"
        );
    }
}
