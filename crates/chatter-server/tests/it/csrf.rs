use chatter_protocol::Code;
use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestServer};

#[tokio::test]
async fn another_sites_page_changes_nothing_in_anyones_name() {
    let server = TestServer::fresh().await;
    server.set_up().await;
    let body = json!({ "handle": "alice", "password": PASSWORD });
    let response = server.post("/sessions", &body).send().await.unwrap();
    let cookie = response.headers()[SET_COOKIE]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let change = |headers: &[(&str, &str)]| {
        let mut request = server.ask(Method::PATCH, "/me").header(COOKIE, &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.json(&json!({ "about": "hello" })).send()
    };
    for foreign in [
        vec![("origin", "http://evil.example")],
        vec![("origin", "null")],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![
            ("origin", "http://evil.example"),
            ("x-forwarded-host", "evil.example"),
        ],
        vec![
            ("origin", "http://evil.example"),
            ("x-http-method-override", "GET"),
        ],
    ] {
        change(&foreign).await.refused(Code::WrongOrigin).await;
    }
    let own = format!("http://{}", server.address);
    change(&[("origin", &own)]).await.told::<Value>().await;
    change(&[("sec-fetch-site", "same-origin")])
        .await
        .told::<Value>()
        .await;
    change(&[]).await.told::<Value>().await;
}

#[tokio::test]
async fn a_form_of_another_site_is_no_sign_in() {
    let server = TestServer::fresh().await;
    server.set_up().await;
    let body = json!({ "handle": "alice", "password": PASSWORD }).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let request = server
            .ask(Method::POST, "/sessions")
            .header("content-type", kind);
        request
            .body(body.clone())
            .send()
            .await
            .refused(Code::NotJson)
            .await;
    }
    let request = server
        .ask(Method::POST, "/sessions")
        .json(&json!({ "handle": "alice", "password": PASSWORD }));
    request
        .header("origin", "http://evil.example")
        .send()
        .await
        .refused(Code::WrongOrigin)
        .await;
}

#[tokio::test]
async fn no_other_site_may_read_the_answers() {
    let server = TestServer::fresh().await;
    let request = server
        .get("/server")
        .header("origin", "http://evil.example");
    let answer = request.send().await.unwrap();
    assert!(
        !answer
            .headers()
            .keys()
            .any(|name| name.as_str().starts_with("access-control-"))
    );
}
