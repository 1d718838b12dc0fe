use chatter_protocol::{Code, User};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Person, TestServer};

async fn change(who: &Person<'_>, whom: &User, body: Value) -> reqwest::Result<reqwest::Response> {
    who.ask(Method::PATCH, &format!("/users/{}", whom.id))
        .json(&body)
        .send()
        .await
}

#[tokio::test]
async fn who_is_deactivated_is_out_until_let_in_again() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let bob = &cast.bob.me;
    change(&cast.alice, bob, json!({ "deactivated": true }))
        .await
        .told::<User>()
        .await;
    cast.bob
        .get("/me")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    let body = json!({ "handle": "bob", "password": crate::support::PASSWORD });
    server
        .post("/sessions", &body)
        .send()
        .await
        .refused(Code::WrongPassword)
        .await;

    change(&cast.alice, bob, json!({ "deactivated": false }))
        .await
        .told::<User>()
        .await;
    cast.bob
        .get("/me")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    server.signs_in("bob", crate::support::PASSWORD).await;
}

#[tokio::test]
async fn rights_go_down_the_ladder_only() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (alice, bob, carol) = (&cast.alice, &cast.bob, &cast.carol);
    let admin = json!({ "role": "admin" });
    change(bob, &carol.me, admin.clone())
        .await
        .refused(Code::NotAllowed)
        .await;
    change(bob, &bob.me, admin.clone())
        .await
        .refused(Code::NotAllowed)
        .await;
    change(alice, &bob.me, admin.clone())
        .await
        .told::<User>()
        .await;
    // Bob's next request has his new rights, and no more than those.
    change(bob, &carol.me, admin.clone())
        .await
        .refused(Code::NotAllowed)
        .await;
    change(bob, &alice.me, json!({ "deactivated": true }))
        .await
        .refused(Code::NotAllowed)
        .await;
    change(bob, &bob.me, json!({ "deactivated": true }))
        .await
        .refused(Code::NotAllowed)
        .await;
    change(bob, &carol.me, json!({ "role": "owner" }))
        .await
        .refused(Code::NotAllowed)
        .await;
    change(alice, &carol.me, json!({ "role": "guest" }))
        .await
        .refused(Code::Invalid)
        .await;
    change(bob, &carol.me, json!({ "deactivated": true }))
        .await
        .told::<User>()
        .await;
    let nobody = User {
        id: chatter_protocol::UserId(987),
        ..carol.me.clone()
    };
    change(alice, &nobody, admin)
        .await
        .refused(Code::NoSuchUser)
        .await;
}

#[tokio::test]
async fn nobody_gives_themselves_more_than_a_face() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    for more in [
        json!({ "role": "owner" }),
        json!({ "is_admin": true }),
        json!({ "handle": "alice" }),
        json!({ "id": "1" }),
        json!({ "deactivated": false }),
        json!({ "name": { "$ne": "" } }),
    ] {
        let request = cast.bob.ask(Method::PATCH, "/me").json(&more);
        request.send().await.refused(Code::BadFrame).await;
    }
    let face = json!({ "name": " Bob  the Builder ", "initials": "BB", "about": "" });
    let bob = cast
        .bob
        .ask(Method::PATCH, "/me")
        .json(&face)
        .send()
        .await
        .told::<User>()
        .await;
    assert_eq!(
        (bob.name.as_str(), bob.initials.as_str()),
        ("Bob  the Builder", "BB")
    );
    let long = json!({ "initials": "BBB" });
    cast.bob
        .ask(Method::PATCH, "/me")
        .json(&long)
        .send()
        .await
        .refused(Code::TooLong)
        .await;
}

#[tokio::test]
async fn people_are_found_by_id_and_page_by_page() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let names = |users: Vec<User>| users.into_iter().map(|user| user.name).collect::<Vec<_>>();
    let first = cast
        .bob
        .get("/users?limit=2")
        .send()
        .await
        .told::<Vec<User>>()
        .await;
    assert_eq!(first.len(), 2);
    let path = format!("/users?after={}", first[1].id);
    let rest = cast.bob.get(&path).send().await.told::<Vec<User>>().await;
    assert_eq!(
        [names(first), names(rest)].concat(),
        ["Alice", "bob", "carol"]
    );

    let path = format!("/users?ids={},987,{}", cast.carol.me.id, cast.bob.me.id);
    let some = cast.bob.get(&path).send().await.told::<Vec<User>>().await;
    assert_eq!(names(some), ["bob", "carol"]);
    cast.bob
        .get("/users?ids=x")
        .send()
        .await
        .refused(Code::BadFrame)
        .await;
    let many = vec!["1"; 201].join(",");
    cast.bob
        .get(&format!("/users?ids={many}"))
        .send()
        .await
        .refused(Code::Invalid)
        .await;
}
