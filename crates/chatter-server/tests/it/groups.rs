use chatter_protocol::Code;
use chatter_protocol::groups::Group;
use chatter_protocol::rest::People;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestServer};

#[tokio::test]
async fn a_group_is_changed_by_its_maker_and_by_admins_who_leave_a_line() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let make = async |handle: &str| {
        let body = json!({ "handle": handle, "name": "The Crew" });
        cast.bob.post("/groups", &body).send().await
    };
    for wrong in ["", "x", "a b", "everyone"] {
        make(wrong).await.refused(Code::Invalid).await;
    }
    make("alice").await.refused(Code::HandleTaken).await;
    let crew = make("Crew").await.created::<Group>().await;
    assert_eq!((crew.handle.as_str(), crew.member_count), ("crew", 1));
    make("crew").await.refused(Code::HandleTaken).await;

    let path = format!("/groups/{}", crew.id);
    let member = |who: &str| format!("{path}/members/{who}");
    let carols = member(&cast.carol.me.id.to_string());
    let theirs = cast.carol.ask(Method::PUT, &carols).send().await;
    theirs.refused(Code::NotAllowed).await;
    let rename = json!({ "name": "Crew" });
    let theirs = cast.carol.ask(Method::PATCH, &path).json(&rename).send();
    theirs.await.refused(Code::NotAllowed).await;
    let theirs = cast.carol.ask(Method::DELETE, &path).send().await;
    theirs.refused(Code::NotAllowed).await;
    let nobody = cast.bob.ask(Method::PUT, &member("99")).send().await;
    nobody.refused(Code::NoSuchUser).await;
    let elsewhere = cast.bob.ask(Method::DELETE, "/groups/99").send().await;
    elsewhere.refused(Code::NoSuchGroup).await;

    cast.bob.ask(Method::PUT, &carols).send().await.done();
    cast.alice.ask(Method::PUT, &carols).send().await.done();
    let people = cast.carol.get(&format!("{path}/members")).send().await;
    let people = people.told::<People>().await.users;
    assert_eq!(people, [cast.bob.me.id, cast.carol.me.id]);
    cast.carol.ask(Method::DELETE, &carols).send().await.done();
    let again = cast.carol.ask(Method::DELETE, &carols).send().await;
    again.refused(Code::NoSuchUser).await;
    let renamed = cast.alice.ask(Method::PATCH, &path).json(&rename).send();
    assert_eq!(renamed.await.told::<Group>().await.name, "Crew");
    cast.alice.ask(Method::DELETE, &path).send().await.done();

    let lines = cast
        .alice
        .get("/admin/audit?subject_kind=group")
        .send()
        .await;
    let lines = lines.told::<Vec<Value>>().await;
    let deeds: Vec<_> = lines.iter().map(|line| line["deed"].clone()).collect();
    assert_eq!(
        deeds,
        ["group_removed", "group_changed"],
        "only what the admin did"
    );
}

#[tokio::test]
async fn nobody_registers_as_a_group() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let body = json!({ "handle": "crew", "name": "Crew" });
    cast.bob
        .post("/groups", &body)
        .send()
        .await
        .created::<Group>()
        .await;
    let invite = cast.alice.post("/invites", &json!({})).send().await;
    let invite = invite.created::<Value>().await["secret"].clone();
    let body = json!({
        "invite": invite, "name": "Crew", "handle": "crew", "password": PASSWORD, "token": true,
    });
    let taken = server.post("/register", &body).send().await;
    taken.refused(Code::HandleTaken).await;
}

#[tokio::test]
async fn a_word_for_a_group_concerns_those_of_it_who_are_in_the_room() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let body = json!({ "handle": "crew", "name": "Crew" });
    let crew = cast.bob.post("/groups", &body).send().await;
    let crew = crew.created::<Group>().await.id;
    let carols = format!("/groups/{crew}/members/{}", cast.carol.me.id);
    cast.bob.ask(Method::PUT, &carols).send().await.done();
    cast.alice.says(cast.den, "k", "@crew, @nobody: soup").await;
    let page = format!("/rooms/{}/messages", cast.den);
    let page = cast.bob.get(&page).send().await.told::<Value>().await;
    let said = page["messages"].as_array().unwrap().last().unwrap();
    let refs = json!([{ "text": "@crew", "is": "group", "id": crew }]);
    assert_eq!(said["refs"], refs);
    let mine = cast.bob.get(&format!("/rooms/{}", cast.den)).send().await;
    assert_eq!(mine.told::<Value>().await["mentions"], 1);
    let outside = cast.carol.get(&format!("/rooms/{}", cast.den)).send().await;
    outside.refused(Code::NoSuchRoom).await;
}
