//! By what people keep, order or know the number of.

use chatter_protocol::{Code, RoomId};
use reqwest::Method;
use serde_json::{Value, json};

use super::{does, get};
use crate::support::{Answer, TestServer};

#[tokio::test]
async fn nothing_leaks_by_what_someone_kept_before_they_were_removed() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let said = cast.alice.says(cast.den, "k", "the planted secret").await;
    let (seq, later) = (&said["seq"], said["at"].as_i64().unwrap() + 3_600_000);
    let keep = format!("/saved/{}/{seq}", cast.den);
    does(&cast.bob, Method::PUT, &keep, json!({})).await;
    let remind = json!({ "room": cast.den, "seq": seq, "at": later });
    does(&cast.bob, Method::POST, "/reminders", remind).await;
    let scheduled = json!({ "key": "s", "draft": { "text": "mine", "reply": seq }, "at": later });
    let schedule = cast.den("/scheduled");
    let scheduled = does(&cast.bob, Method::POST, &schedule, scheduled).await;
    let draft = json!({ "text": "mine", "reply": seq, "rev": 0 });
    does(&cast.bob, Method::PUT, &cast.den("/draft"), draft).await;
    for path in ["/saved", "/reminders"] {
        let told = get(&cast.bob, path).await.to_string();
        assert!(
            told.contains("planted"),
            "while they belong, {path}: {told}"
        );
    }
    cast.removes(&cast.bob).await;
    let name = json!({ "name": "without bob" });
    does(&cast.alice, Method::PATCH, &cast.den(""), name).await;
    for path in [
        "/saved",
        "/reminders",
        "/scheduled",
        "/drafts",
        "/me/export",
    ] {
        let told = cast.bob.get(path).send().await.unwrap().bytes().await;
        let told = String::from_utf8_lossy(&told.unwrap()).into_owned();
        for secret in ["planted", "without bob"] {
            assert!(!told.contains(secret), "{path}: {told}");
        }
    }
    let change = format!("/scheduled/{}", told_id(&scheduled));
    let change = cast.bob.ask(Method::PATCH, &change);
    let change = change.json(&json!({ "draft": { "text": "still" } }));
    change.send().await.refused(Code::NoSuchRoom).await;
}

fn told_id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[tokio::test]
async fn nothing_leaks_by_keywords_and_groups() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let words = json!({ "words": ["planted"] });
    does(&cast.carol, Method::PUT, "/me/keywords", words).await;
    let group = json!({ "handle": "cooks", "name": "Cooks" });
    let group = does(&cast.carol, Method::POST, "/groups", group).await;
    let bob = format!("/groups/{}/members/{}", told_id(&group), cast.bob.me.id);
    does(&cast.carol, Method::PUT, &bob, json!({})).await;
    let mut ears = [cast.carol.ear().await, cast.bob.ear().await];
    let thread = cast.alice.says(cast.den, "k1", "@cooks planted").await;
    let reply = json!({ "key": "k2", "text": "@cooks planted", "thread": thread["seq"] });
    does(&cast.alice, Method::POST, &cast.den("/messages"), reply).await;
    let [carol, bob] = &mut ears;
    let nothing: [Value; 0] = [];
    assert_eq!(cast.has_leaked_to(carol, "for carol").await, nothing);
    let heard = cast.has_leaked_to(bob, "for bob").await;
    let counted = heard.iter().any(|frame| frame["mentions"] == 1);
    assert!(counted, "whoever belongs there is told: {heard:?}");
    let rooms = get(&cast.carol, "/rooms").await.to_string();
    assert!(!rooms.contains("mentions"), "{rooms}");
}

#[tokio::test]
async fn nothing_leaks_by_reports() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let hall = json!({ "name": "hall", "kind": "open" });
    does(&cast.carol, Method::POST, "/rooms", hall).await;
    let said = cast.alice.says(cast.den, "k", "the planted secret").await;
    let report = cast.den(&format!("/messages/{}/reports", said["seq"]));
    does(
        &cast.bob,
        Method::POST,
        &report,
        json!({ "reason": "planted" }),
    )
    .await;
    // Carol moderates a room of her own, which is none of this one's.
    assert_eq!(get(&cast.carol, "/reports").await, json!([]));
    let mut told = Vec::new();
    for room in [cast.den, RoomId(77)] {
        let asked = cast.carol.get(&format!("/reports?room={room}")).send();
        told.push(asked.await.refused(Code::NotAllowed).await);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn nothing_leaks_or_goes_by_an_id_of_another_place() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let hall = json!({ "name": "hall", "kind": "closed" });
    let hall = does(&cast.carol, Method::POST, "/rooms", hall).await;
    let hall = told_id(&hall).to_owned();
    let filter = json!({ "kind": "word", "pattern": "rum", "action": "refuse" });
    let filter = does(&cast.alice, Method::POST, &cast.den("/filters"), filter).await;
    let link = does(
        &cast.alice,
        Method::POST,
        &cast.den("/guest-links"),
        json!({}),
    )
    .await;
    let mut bots = Vec::new();
    for (who, name) in [(&cast.alice, "cog"), (&cast.carol, "wheel")] {
        let bot = json!({ "name": name, "handle": name });
        let bot = does(who, Method::POST, "/bots", bot).await["user"].clone();
        let path = format!("/bots/{}/tokens", told_id(&bot));
        let token = does(who, Method::POST, &path, json!({ "label": "x" })).await;
        bots.push((path, token));
    }
    let last = cast.alice.says(cast.den, "k", "the planted secret").await;
    for n in 0..3 {
        cast.bob.says(cast.den, &format!("k{n}"), "more").await;
    }
    let beyond = last["seq"].as_i64().unwrap() + 2;
    let later = last["at"].as_i64().unwrap() + 3_600_000;
    let theirs = told_id(&bots[0].1).to_owned();
    // Carol may do each of these to what is hers; none of it is.
    for (method, path, body, code) in [
        (
            Method::DELETE,
            format!("/rooms/{hall}/filters/{}", told_id(&filter)),
            json!({}),
            Code::NoSuchFilter,
        ),
        (
            Method::DELETE,
            format!("/rooms/{hall}/guest-links/{}", told_id(&link)),
            json!({}),
            Code::NoSuchLink,
        ),
        (
            Method::DELETE,
            format!("{}/{theirs}", bots[1].0),
            json!({}),
            Code::NoSuchSession,
        ),
        (
            Method::DELETE,
            format!("/sessions/{}", cast.alice.session),
            json!({}),
            Code::NoSuchSession,
        ),
        (
            Method::GET,
            format!("/rooms/{hall}/messages/{beyond}"),
            json!({}),
            Code::NoSuchMessage,
        ),
        (
            Method::PUT,
            format!("/rooms/{hall}/pins/{beyond}"),
            json!({}),
            Code::NoSuchMessage,
        ),
        (
            Method::POST,
            "/reminders".to_owned(),
            json!({ "room": hall, "seq": beyond, "at": later }),
            Code::NoSuchMessage,
        ),
        (
            Method::DELETE,
            format!("/rooms/{hall}/members/{}", cast.bob.me.id),
            json!({}),
            Code::NoSuchUser,
        ),
    ] {
        let asked = cast.carol.ask(method, &path).json(&body).send().await;
        asked.refused(code).await;
    }
    // All of it is there still.
    let filters = get(&cast.alice, &cast.den("/filters")).await;
    assert_eq!(filters.as_array().unwrap().len(), 1);
    let links = get(&cast.alice, &cast.den("/guest-links")).await;
    assert_eq!(links.as_array().unwrap().len(), 1);
    assert_eq!(get(&cast.alice, &bots[0].0).await[0]["id"], theirs);
    get(&cast.alice, "/me").await;
}
