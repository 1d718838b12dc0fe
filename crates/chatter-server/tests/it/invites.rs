use chatter_protocol::rest::{Invite, InvitePreview};
use chatter_protocol::{Code, ServerRole};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestServer};

fn register(invite: &str, handle: &str) -> Value {
    json!({ "invite": invite, "name": handle, "handle": handle, "password": PASSWORD })
}

#[tokio::test]
async fn a_link_brings_people_in_until_it_has_ended() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let body = json!({ "max_uses": 2 });
    let invite = alice
        .post("/invites", &body)
        .send()
        .await
        .created::<Invite>()
        .await;
    let secret = invite.secret.unwrap();
    let path = format!("/invites/by-secret/{secret}");
    let preview = server.get(&path).send().await.told::<InvitePreview>().await;
    assert_eq!(
        (preview.server_name.as_str(), preview.invited_by.as_str()),
        ("Den", "Alice")
    );

    let bob = server.registers(&secret, "bob").await;
    assert_eq!(bob.me.role, ServerRole::Member);
    let again = server
        .post("/register", &register(&secret, "bob"))
        .send()
        .await;
    again.refused(Code::HandleTaken).await;
    server.registers(&secret, "carol").await;
    server
        .get(&path)
        .send()
        .await
        .refused(Code::InviteEnded)
        .await;
    let third = server
        .post("/register", &register(&secret, "dora"))
        .send()
        .await;
    third.refused(Code::InviteEnded).await;
    let unknown = server
        .post("/register", &register("guessed", "dora"))
        .send()
        .await;
    unknown.refused(Code::InviteEnded).await;
}

#[tokio::test]
async fn one_use_is_one_person_whoever_hurries() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let body = json!({ "max_uses": 1 });
    let invite = alice
        .post("/invites", &body)
        .send()
        .await
        .created::<Invite>()
        .await;
    let secret = invite.secret.unwrap();
    let bodies: Vec<Value> = (0..12)
        .map(|n| register(&secret, &format!("person{n}")))
        .collect();
    let tries = bodies
        .iter()
        .map(|body| server.post("/register", body).send());
    let mut inside = 0;
    for answer in futures_util::future::join_all(tries).await {
        match answer.unwrap().status().as_u16() {
            201 => inside += 1,
            status => assert_eq!(status, 410),
        }
    }
    assert_eq!(inside, 1);
}

#[tokio::test]
async fn a_revoked_invite_is_over_and_its_secret_is_told_once() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let invite = alice
        .post("/invites", &json!({}))
        .send()
        .await
        .created::<Invite>()
        .await;
    let secret = invite.secret.unwrap();
    let list = alice
        .get("/invites")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        list.contains(&invite.id.to_string()) && !list.contains(&secret),
        "{list}"
    );

    let place = format!("/invites/{}", invite.id);
    alice.ask(Method::DELETE, &place).send().await.done();
    alice
        .ask(Method::DELETE, &place)
        .send()
        .await
        .refused(Code::InviteEnded)
        .await;
    let late = server
        .post("/register", &register(&secret, "bob"))
        .send()
        .await;
    late.refused(Code::InviteEnded).await;
}

#[tokio::test]
async fn only_owners_and_admins_invite_and_only_owners_invite_admins() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.bob
        .post("/invites", &json!({}))
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.bob
        .get("/invites")
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;

    let admin = json!({ "role": "admin" });
    let invite = cast
        .alice
        .post("/invites", &admin)
        .send()
        .await
        .created::<Invite>()
        .await;
    let dora = server.registers(&invite.secret.unwrap(), "dora").await;
    assert_eq!(dora.me.role, ServerRole::Admin);
    dora.post("/invites", &json!({}))
        .send()
        .await
        .created::<Invite>()
        .await;
    dora.post("/invites", &admin)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    for wrong in [
        json!({ "role": "owner" }),
        json!({ "role": "guest" }),
        json!({ "max_uses": 0 }),
        json!({ "expires_in": 0 }),
        json!({ "expires_in": 1_000_000_000 }),
    ] {
        cast.alice
            .post("/invites", &wrong)
            .send()
            .await
            .refused(Code::Invalid)
            .await;
    }
}
