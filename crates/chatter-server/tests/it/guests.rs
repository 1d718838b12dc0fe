use chatter_protocol::rest::SignedIn;
use chatter_protocol::{Code, ServerRole};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestServer};

#[tokio::test]
async fn a_guest_comes_in_with_a_name_and_sees_the_lobby_only() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let body = json!({ "name": "Dora", "token": true });
    let signed = server
        .post("/guests", &body)
        .send()
        .await
        .created::<SignedIn>()
        .await;
    assert_eq!(signed.me.role, ServerRole::Guest);
    let dora = server.person(signed);

    dora.says(cast.lobby, "k", "hello").await;
    let path = format!("/rooms/{}/members", cast.lobby);
    dora.get(&path).send().await.refused(Code::NotAllowed).await;
    let leave = format!("/rooms/{}/leave", cast.lobby);
    cast.carol.post(&leave, &json!({})).send().await.unwrap();
    let place = format!("{path}/{}", cast.carol.me.id);
    dora.ask(Method::PUT, &place)
        .json(&json!({ "role": "member" }))
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let path = format!("/rooms/{}/messages", cast.den);
    dora.get(&path).send().await.refused(Code::NoSuchRoom).await;
    dora.get("/users")
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    dora.post("/invites", &json!({}))
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let change = json!({ "name": "Alice" });
    dora.ask(Method::PATCH, "/me")
        .json(&change)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
}

#[tokio::test]
async fn nobody_is_here_twice_under_one_name() {
    let server = TestServer::fresh().await;
    server.set_up().await;
    let enter = |name: &str| {
        server
            .post("/guests", &json!({ "name": name, "token": true }))
            .send()
    };
    let dora = server.person(enter("Dora").await.created::<SignedIn>().await);
    for same in ["Dora", " dora", "ＤＯＲＡ", "Alice", "alice"] {
        let refusal = enter(same).await.refused(Code::NameTaken).await;
        assert_eq!(refusal.field.as_deref(), Some("name"));
    }
    dora.get("/me").send().await.told::<Value>().await;
    dora.ask(Method::DELETE, "/sessions/current")
        .send()
        .await
        .done();
    enter("Dora").await.created::<Value>().await;
}

#[tokio::test]
async fn where_guests_are_not_wanted_none_come_in() {
    let server = TestServer::with(&["--guests=off"]).await;
    let body = json!({
        "server_name": "Den", "name": "Alice", "handle": "alice", "password": PASSWORD, "guests": true,
    });
    server
        .post("/setup", &body)
        .send()
        .await
        .created::<Value>()
        .await;
    server
        .post("/guests", &json!({ "name": "Dora" }))
        .send()
        .await
        .refused(Code::NoGuests)
        .await;
    let info = server.get("/server").send().await.told::<Value>().await;
    assert_eq!(info["guests"], false);
}
