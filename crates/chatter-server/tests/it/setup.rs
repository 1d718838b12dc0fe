use chatter_protocol::rest::{ServerInfo, SignedIn};
use chatter_protocol::{Code, ServerRole};
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestServer};

fn alice(claim_code: Option<&str>) -> Value {
    json!({
        "claim_code": claim_code, "server_name": "Den", "name": "Alice", "handle": "alice",
        "password": PASSWORD,
    })
}

#[tokio::test]
async fn the_first_person_owns_the_server_and_there_is_only_one_first() {
    let server = TestServer::fresh().await;
    let info = server
        .get("/server")
        .send()
        .await
        .told::<ServerInfo>()
        .await;
    assert!(info.needs_setup && !info.needs_claim_code, "{info:?}");

    let signed = server
        .post("/setup", &alice(None))
        .send()
        .await
        .created::<SignedIn>()
        .await;
    assert_eq!(signed.me.role, ServerRole::Owner);
    let info = server
        .get("/server")
        .send()
        .await
        .told::<ServerInfo>()
        .await;
    assert_eq!((info.name.as_str(), info.needs_setup), ("Den", false));
    server
        .post("/setup", &alice(None))
        .send()
        .await
        .refused(Code::AlreadySetUp)
        .await;
}

#[tokio::test]
async fn whoever_asks_from_elsewhere_shows_the_claim_code() {
    let server = TestServer::fresh().await;
    let code = server.claim.clone().expect("a fresh server has a code");
    let through_a_proxy = |body: &Value| {
        server
            .post("/setup", body)
            .header("x-forwarded-for", "203.0.113.7")
            .send()
    };
    let by_another_name = |body: &Value| {
        server
            .post("/setup", body)
            .header("host", "rebound.evil.example")
            .send()
    };
    for wrong in [None, Some(""), Some("AAAAA-AAAAA")] {
        through_a_proxy(&alice(wrong))
            .await
            .refused(Code::WrongClaimCode)
            .await;
        by_another_name(&alice(wrong))
            .await
            .refused(Code::WrongClaimCode)
            .await;
    }
    let code = code.to_lowercase();
    through_a_proxy(&alice(Some(&code)))
        .await
        .created::<SignedIn>()
        .await;
}

#[tokio::test]
async fn the_claim_code_cannot_be_guessed_through() {
    let server = TestServer::with(&[]).await;
    let guess = || {
        let request = server.post("/setup", &alice(Some("AAAAA-AAAAA")));
        request.header("x-forwarded-for", "203.0.113.7").send()
    };
    for _ in 0..10 {
        guess().await.refused(Code::WrongClaimCode).await;
    }
    let refusal = guess().await.refused(Code::TooFast).await;
    assert!(refusal.retry_after.is_some_and(|seconds| seconds >= 1));
}

#[tokio::test]
async fn of_two_first_people_one_is_first() {
    let server = TestServer::fresh().await;
    let body = alice(None);
    let tries = (0..8).map(|_| server.post("/setup", &body).send());
    let mut owners = 0;
    for answer in futures_util::future::join_all(tries).await {
        owners += usize::from(answer.unwrap().status() == 201);
    }
    assert_eq!(owners, 1);
}

#[tokio::test]
async fn every_field_of_the_setup_is_checked() {
    let server = TestServer::fresh().await;
    for (field, value, code) in [
        ("server_name", " ", Code::Invalid),
        ("server_name", "a\u{202e}b", Code::Invalid),
        ("name", "", Code::Invalid),
        ("handle", "system", Code::Invalid),
        ("handle", "two words", Code::Invalid),
        ("password", "short", Code::Invalid),
        ("password", "password123", Code::Invalid),
        ("password", "alice in wonderland", Code::Invalid),
    ] {
        let mut body = alice(None);
        body[field] = json!(value);
        let refusal = server
            .post("/setup", &body)
            .send()
            .await
            .refused(code)
            .await;
        assert_eq!(refusal.field.as_deref(), Some(field), "{refusal:?}");
    }
    let mut body = alice(None);
    body["name"] = json!("x".repeat(65));
    server
        .post("/setup", &body)
        .send()
        .await
        .refused(Code::TooLong)
        .await;
    server
        .post("/setup", &alice(None))
        .send()
        .await
        .created::<SignedIn>()
        .await;
}
