//! A guest link opens one room, and nothing else.

use chatter_protocol::links::GuestLink;
use chatter_protocol::rest::SignedIn;
use chatter_protocol::rooms::Member;
use chatter_protocol::{Code, RoomId, RoomRole, RoomState, ServerRole, User};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Cast, PASSWORD, Person, TestServer};

async fn make(who: &Person<'_>, room: RoomId, body: Value) -> reqwest::Result<reqwest::Response> {
    let path = format!("/rooms/{room}/guest-links");
    who.post(&path, &body).send().await
}

async fn link(cast: &Cast<'_>) -> (GuestLink, String) {
    let link = make(&cast.alice, cast.den, json!({})).await;
    let link = link.created::<GuestLink>().await;
    let secret = link.secret.clone().unwrap();
    (link, secret)
}

async fn enter(
    server: &TestServer,
    secret: &str,
    name: &str,
) -> reqwest::Result<reqwest::Response> {
    let body = json!({ "name": name, "link": secret, "token": true });
    server.post("/guests", &body).send().await
}

async fn guest<'a>(server: &'a TestServer, secret: &str, name: &str) -> Person<'a> {
    let signed = enter(server, secret, name).await;
    server.person(signed.created::<SignedIn>().await)
}

async fn revoke(who: &Person<'_>, link: &GuestLink) -> reqwest::Result<reqwest::Response> {
    let place = format!("/rooms/{}/guest-links/{}", link.room, link.id);
    who.ask(Method::DELETE, &place).send().await
}

#[tokio::test]
async fn only_those_whom_the_room_lets_make_links() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    make(&cast.carol, cast.den, json!({}))
        .await
        .refused(Code::NoSuchRoom)
        .await;
    make(&cast.bob, cast.den, json!({}))
        .await
        .refused(Code::NotAllowed)
        .await;
    for (wrong, field) in [
        (json!({ "max_uses": 0 }), "max_uses"),
        (json!({ "max_uses": 501 }), "max_uses"),
        (json!({ "expires_in": 59 }), "expires_in"),
        (json!({ "expires_in": 7_776_001 }), "expires_in"),
    ] {
        let refusal = make(&cast.alice, cast.den, wrong)
            .await
            .refused(Code::Invalid)
            .await;
        assert_eq!(refusal.field.as_deref(), Some(field));
    }
    let (made, secret) = link(&cast).await;
    assert_eq!(secret.len(), 32, "128 bits");
    let path = format!("/rooms/{}/guest-links", cast.den);
    cast.bob
        .get(&path)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let list = cast
        .alice
        .get(&path)
        .send()
        .await
        .told::<Vec<GuestLink>>()
        .await;
    assert_eq!((list[0].id, &list[0].secret), (made.id, &None));
    revoke(&cast.bob, &made)
        .await
        .refused(Code::NotAllowed)
        .await;
    revoke(&cast.carol, &made)
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let elsewhere = GuestLink {
        room: cast.lobby,
        ..made
    };
    revoke(&cast.alice, &elsewhere)
        .await
        .refused(Code::NoSuchLink)
        .await;

    let rules = json!({ "rules": { "link": "member" } });
    let room = format!("/rooms/{}", cast.den);
    let ruled = cast
        .alice
        .ask(Method::PATCH, &room)
        .json(&rules)
        .send()
        .await;
    ruled.told::<Value>().await;
    make(&cast.bob, cast.den, json!({}))
        .await
        .created::<Value>()
        .await;
}

#[tokio::test]
async fn a_guest_of_a_link_sees_one_room_and_its_people() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (_, secret) = link(&cast).await;
    let shown = server.get(&format!("/guest-links/{secret}")).send().await;
    let shown = shown.told::<Value>().await;
    assert_eq!(shown, json!({ "server_name": "Den", "room_name": "den" }));

    let dora = guest(&server, &secret, "Dora").await;
    assert_eq!(dora.me.role, ServerRole::Guest);
    let rooms = dora
        .get("/rooms")
        .send()
        .await
        .told::<Vec<RoomState>>()
        .await;
    let rooms: Vec<_> = rooms.iter().map(|s| (s.room.id, s.role)).collect();
    assert_eq!(rooms, [(cast.den, Some(RoomRole::Guest))]);
    dora.says(cast.den, "k", "hello").await;
    let den = format!("/rooms/{}", cast.den);
    let members = dora.get(&format!("{den}/members")).send().await;
    assert_eq!(members.told::<Vec<Member>>().await.len(), 3);
    let people = format!("/users?ids={},{}", cast.bob.me.id, cast.carol.me.id);
    for path in ["/users".to_owned(), people] {
        let found = dora.get(&path).send().await.unwrap().text().await.unwrap();
        assert!(!found.contains("carol"), "{path}: {found}");
    }
    let person = |user: &User| format!("/users/{}", user.id);
    dora.get(&person(&cast.bob.me))
        .send()
        .await
        .told::<User>()
        .await;
    dora.get(&person(&cast.carol.me))
        .send()
        .await
        .refused(Code::NoSuchUser)
        .await;

    // The lobby is open to everyone else.
    let lobby = format!("/rooms/{}", cast.lobby);
    for path in ["", "/messages", "/members", "/events", "/presence"] {
        let hidden = dora.get(&format!("{lobby}{path}")).send().await;
        hidden.refused(Code::NoSuchRoom).await;
    }
    let body = json!({ "key": "k", "text": "hi" });
    for (path, body) in [
        ("/messages", body.clone()),
        ("/join", json!({})),
        ("/typing", json!({})),
    ] {
        let refused = dora.post(&format!("{lobby}{path}"), &body).send().await;
        refused.refused(Code::NoSuchRoom).await;
    }
    let open = dora
        .get("/rooms/open")
        .send()
        .await
        .told::<Vec<RoomState>>()
        .await;
    assert_eq!(open, []);
    dora.get("/rooms/by-slug/lobby")
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    make(&dora, cast.den, json!({}))
        .await
        .refused(Code::NotAllowed)
        .await;
    let add = format!("{den}/members/{}", cast.carol.me.id);
    let add = dora
        .ask(Method::PUT, &add)
        .json(&json!({ "role": "member" }))
        .send()
        .await;
    add.refused(Code::NotAllowed).await;
    let plans = json!({ "name": "plans", "kind": "open" });
    dora.post("/rooms", &plans)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let talk = json!({ "users": [cast.bob.me.id] });
    dora.post("/directs", &talk)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.alice
        .says(cast.lobby, "secret", "needle in the lobby")
        .await;
    let found = dora
        .get("/search?q=needle")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!found.contains("in the lobby"), "{found}");
}

#[tokio::test]
async fn a_revoked_link_takes_its_guests_out_at_once() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (made, secret) = link(&cast).await;
    let dora = guest(&server, &secret, "Dora").await;
    revoke(&cast.alice, &made).await.done();
    dora.get("/me")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    let members = format!("/rooms/{}/members", cast.den);
    let members = cast
        .alice
        .get(&members)
        .send()
        .await
        .told::<Vec<Member>>()
        .await;
    assert!(members.iter().all(|member| member.user != dora.me.id));
    let shown = server.get(&format!("/guest-links/{secret}")).send().await;
    let gone = shown.refused(Code::InviteEnded).await;
    let unknown = server
        .get("/guest-links/00000000000000000000000000000000")
        .send()
        .await;
    assert_eq!(unknown.refused(Code::InviteEnded).await, gone);
    enter(&server, &secret, "Emil")
        .await
        .refused(Code::InviteEnded)
        .await;
    revoke(&cast.alice, &made)
        .await
        .refused(Code::NoSuchLink)
        .await;
}

#[tokio::test]
async fn a_link_ends_with_its_makers_place_in_the_room() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let role = |role: &str| json!({ "role": role });
    let bob = format!("/rooms/{}/members/{}", cast.den, cast.bob.me.id);
    let raised = cast.alice.ask(Method::PUT, &bob).json(&role("moderator"));
    raised.send().await.done();
    let made = make(&cast.bob, cast.den, json!({}))
        .await
        .created::<GuestLink>()
        .await;
    let secret = made.secret.unwrap();
    guest(&server, &secret, "Dora").await;
    let lowered = cast.alice.ask(Method::PUT, &bob).json(&role("member"));
    lowered.send().await.done();
    enter(&server, &secret, "Emil")
        .await
        .refused(Code::InviteEnded)
        .await;
    let raised = cast.alice.ask(Method::PUT, &bob).json(&role("moderator"));
    raised.send().await.done();
    guest(&server, &secret, "Emil").await;
    cast.alice.ask(Method::DELETE, &bob).send().await.done();
    enter(&server, &secret, "Fred")
        .await
        .refused(Code::InviteEnded)
        .await;
}

#[tokio::test]
async fn of_many_at_once_a_link_for_one_lets_one_in() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let made = make(&cast.alice, cast.den, json!({ "max_uses": 1 })).await;
    let secret = made.created::<GuestLink>().await.secret.unwrap();
    let names: Vec<String> = (0..20).map(|n| format!("Guest {n}")).collect();
    let all = names.iter().map(|name| enter(&server, &secret, name));
    let answers = futures_util::future::join_all(all).await;
    let entered = answers
        .into_iter()
        .map(|answer| answer.unwrap().status().as_u16());
    let entered = entered.filter(|status| *status == 201).count();
    assert_eq!(entered, 1);
}

#[tokio::test]
async fn guests_of_links_are_themselves_and_nobody_who_is_there() {
    let server = TestServer::with(&["--guests=off"]).await;
    let setup = json!({
        "server_name": "Den", "name": "Alice", "handle": "alice", "password": PASSWORD,
    });
    server
        .post("/setup", &setup)
        .send()
        .await
        .created::<Value>()
        .await;
    let alice = server.signs_in("alice", PASSWORD).await;
    let mut secrets = Vec::new();
    for name in ["one", "two"] {
        let room = json!({ "name": name, "kind": "closed" });
        let room = alice
            .post("/rooms", &room)
            .send()
            .await
            .created::<RoomState>()
            .await;
        let made = make(&alice, room.room.id, json!({}))
            .await
            .created::<GuestLink>()
            .await;
        secrets.push(made.secret.unwrap());
    }
    for taken in ["Alice", "alice", "ＡＬＩＣＥ"] {
        enter(&server, &secrets[0], taken)
            .await
            .refused(Code::NameTaken)
            .await;
    }
    // Walk-in guests are not wanted here; these were let in by someone.
    let first = guest(&server, &secrets[0], "Dora").await;
    let second = guest(&server, &secrets[1], "Dora").await;
    assert_ne!(
        first.me.id, second.me.id,
        "what one may read is not the other's"
    );
    enter(&server, &secrets[0], "dora")
        .await
        .refused(Code::NameTaken)
        .await;
    first.get("/me").send().await.told::<User>().await;
}

#[tokio::test]
async fn the_guests_of_one_address_share_a_rate() {
    let server = TestServer::with(&["--limit-guest-posts-per-minute=3"]).await;
    let alice = server.set_up().await;
    let rooms = alice
        .get("/rooms")
        .send()
        .await
        .told::<Vec<RoomState>>()
        .await;
    let lobby = rooms[0].room.id;
    let messages = format!("/rooms/{lobby}/messages");
    for (n, name) in ["Ada", "Ben", "Cid", "Dan"].into_iter().enumerate() {
        let enter = json!({ "name": name, "token": true });
        let signed = server
            .post("/guests", &enter)
            .send()
            .await
            .created::<SignedIn>()
            .await;
        let guest = server.person(signed);
        let said = guest
            .post(&messages, &json!({ "key": "k", "text": "hi" }))
            .send()
            .await;
        match n {
            0..3 => drop(said.created::<Value>().await),
            _ => drop(said.refused(Code::TooFast).await),
        }
    }
    alice
        .says(lobby, "k", "accounts are counted by themselves")
        .await;
}
