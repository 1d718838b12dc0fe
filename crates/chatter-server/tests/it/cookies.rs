use chatter_protocol::Code;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestServer};

fn set_cookie(response: &Response) -> String {
    response.headers()[SET_COOKIE].to_str().unwrap().to_owned()
}

fn pair(set_cookie: &str) -> &str {
    set_cookie.split(';').next().unwrap()
}

#[tokio::test]
async fn a_browser_is_kept_signed_in_by_a_cookie_no_script_can_read() {
    let server = TestServer::fresh().await;
    server.set_up().await;
    let body = json!({ "handle": "alice", "password": PASSWORD });
    let response = server.post("/sessions", &body).send().await.unwrap();
    let cookie = set_cookie(&response);
    assert!(cookie.starts_with("chatter=ch_"), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    let signed: Value = response.json().await.unwrap();
    assert_eq!(
        signed["token"],
        Value::Null,
        "a browser gets no token to lose"
    );

    let cookie = pair(&cookie);
    let me = server
        .get("/me")
        .header(COOKIE, cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(pair(&set_cookie(&me)), cookie, "it is kept alive by use");
    let out = server
        .ask(Method::DELETE, "/sessions/current")
        .header(COOKIE, cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), 204);
    assert!(set_cookie(&out).starts_with("chatter=; Path=/; Max-Age=0"));
    server
        .get("/me")
        .header(COOKIE, cookie)
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
}

#[tokio::test]
async fn over_tls_the_cookie_belongs_to_this_host_alone() {
    let server = TestServer::with(&["--trusted-proxies=127.0.0.1"]).await;
    let body =
        json!({ "server_name": "Den", "name": "Alice", "handle": "alice", "password": PASSWORD });
    server
        .post("/setup", &body)
        .send()
        .await
        .created::<Value>()
        .await;
    let body = json!({ "handle": "alice", "password": PASSWORD });
    let request = server
        .post("/sessions", &body)
        .header("x-forwarded-proto", "https");
    let cookie = set_cookie(&request.send().await.unwrap());
    assert!(cookie.starts_with("__Host-chatter=ch_"), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    let me = |cookie: &str, scheme: &str| {
        server
            .get("/me")
            .header(COOKIE, cookie)
            .header("x-forwarded-proto", scheme)
            .send()
    };
    let kept = me(pair(&cookie), "https").await.unwrap();
    assert_eq!(pair(&set_cookie(&kept)), pair(&cookie));
    // What somebody planted under the other name is neither believed nor made
    // into ours.
    let planted = pair(&cookie).replace("__Host-", "");
    let refused = me(&planted, "https").await.unwrap();
    assert!(refused.headers().get(SET_COOKIE).is_none());
    Ok(refused).refused(Code::NotSignedIn).await;
    me(pair(&cookie), "http")
        .await
        .refused(Code::NotSignedIn)
        .await;
}

#[tokio::test]
async fn what_a_proxy_asked_for_does_not_hide_the_cookie() {
    let server = TestServer::fresh().await;
    server.set_up().await;
    let body = json!({ "handle": "alice", "password": PASSWORD });
    let response = server.post("/sessions", &body).send().await.unwrap();
    let cookie = set_cookie(&response);
    let me = async |said: &str| {
        let request = server.get("/me").header(COOKIE, pair(&cookie));
        request.header("authorization", said).send().await.unwrap()
    };
    let kept = me("Basic YWxpY2U6cHJveHk=").await;
    assert_eq!(kept.status(), 200);
    assert_eq!(pair(&set_cookie(&kept)), pair(&cookie));
    let wrong = format!("Bearer ch_{}", "0".repeat(64));
    assert_eq!(me(&wrong).await.status(), 401, "a token said aloud counts");
}

#[tokio::test]
async fn a_program_gets_a_token_and_no_cookie() {
    let server = TestServer::fresh().await;
    server.set_up().await;
    let body = json!({ "handle": "alice", "password": PASSWORD, "token": true });
    let response = server.post("/sessions", &body).send().await.unwrap();
    assert!(response.headers().get(SET_COOKIE).is_none());
    let signed: Value = response.json().await.unwrap();
    let token = signed["token"].as_str().unwrap();
    for (said, code) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("Basic {token}"), 401),
        (token.to_owned(), 401),
        (format!("Bearer {}", token.to_uppercase()), 401),
        (format!("Bearer ch_{}", "0".repeat(64)), 401),
        ("Bearer ".to_owned(), 401),
    ] {
        let answer = server
            .get("/me")
            .header("authorization", &said)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), code, "{said}");
    }
}
