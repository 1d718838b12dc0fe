//! Searching over HTTP: what is found, and what nobody may learn.

use chatter_protocol::Code;
use chatter_protocol::rest::SignedIn;
use chatter_protocol::search::SearchResults;
use reqwest::Method;
use serde_json::{Value, json};

use crate::files::coded;
use crate::support::{Answer, Person, TestServer};

fn path(query: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", coded(value)))
        .collect();
    format!("/search?{}", pairs.join("&"))
}

async fn search(person: &Person<'_>, query: &[(&str, &str)]) -> SearchResults {
    let asked = person.get(&path(query));
    asked.send().await.told::<SearchResults>().await
}

/// The texts of what is found, the newest first.
async fn finds(person: &Person<'_>, q: &str) -> Vec<String> {
    let found = search(person, &[("q", q)]).await;
    assert_eq!(found.total, found.hits.len());
    let texts = found.hits.iter().map(|hit| hit.message.text().to_owned());
    texts.collect()
}

async fn asks(person: &Person<'_>, query: &[(&str, &str)], code: Code) -> String {
    let asked = person.get(&path(query));
    let refusal = asked.send().await.refused(code).await;
    format!("{}: {}", refusal.field.unwrap_or_default(), refusal.message)
}

const NOTHING: [String; 0] = [];

#[tokio::test]
async fn what_was_said_is_found_as_it_stands_on_the_screen() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.alice.says(cast.lobby, "k1", "before it").await;
    let text = "first line\nSee the Café at https://example.org/a?b=c";
    cast.bob.says(cast.lobby, "k2", text).await;
    cast.alice.says(cast.lobby, "k3", "after it").await;
    cast.alice.says(cast.den, "k4", "世界和平，明天见").await;

    assert_eq!(finds(&cast.alice, "cafe").await, [text]);
    assert_eq!(finds(&cast.alice, "\"the café\" -tea").await, [text]);
    assert_eq!(finds(&cast.alice, "example.org/a?b").await, [text]);
    assert_eq!(finds(&cast.bob, "和平").await, ["世界和平，明天见"]);
    assert_eq!(finds(&cast.bob, "from:me has:link in:#LOBBY").await, [text]);
    assert_eq!(
        finds(&cast.bob, "from:@alice it").await,
        ["after it", "before it"]
    );
    assert_eq!(
        finds(&cast.bob, "on:today it from:@alice -before").await,
        ["after it"]
    );
    assert_eq!(finds(&cast.bob, "before:2020-01-01 it").await, NOTHING);
    assert_eq!(
        finds(&cast.bob, &format!("in:{} 明天", cast.den))
            .await
            .len(),
        1
    );

    let query = [("q", "the cafe"), ("neighbours", "true"), ("order", "best")];
    let found = search(&cast.carol, &query).await;
    let hit = &found.hits[0];
    assert_eq!(hit.line, "See the Café at https://example.org/a?b=c");
    assert_eq!(hit.marks, [[4, 7], [8, 12]]);
    assert_eq!(hit.before.as_ref().unwrap().text(), "before it");
    assert_eq!(hit.after.as_ref().unwrap().text(), "after it");
}

#[tokio::test]
async fn an_outsider_learns_nothing_of_a_closed_room() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.bob.says(cast.den, "k1", "the planted secret").await;
    assert_eq!(finds(&cast.alice, "planted").await.len(), 1, "it is there");

    let found = search(&cast.carol, &[("q", "planted secret")]).await;
    let nothing = SearchResults {
        hits: Vec::new(),
        total: 0,
        exact: true,
        next: None,
    };
    assert_eq!(found, nothing);
    assert_eq!(finds(&cast.carol, "from:@bob").await, NOTHING);
    for order in ["newest", "best"] {
        let query = [
            ("q", "planted -nothing"),
            ("order", order),
            ("neighbours", "true"),
        ];
        assert_eq!(search(&cast.carol, &query).await, nothing);
    }
    // The room's name and id answer as those of no room.
    let den = asks(&cast.carol, &[("q", "in:#den planted")], Code::NoSuchRoom).await;
    let by_id = format!("in:{} planted", cast.den);
    assert_eq!(
        asks(&cast.carol, &[("q", &by_id)], Code::NoSuchRoom).await,
        den
    );
    let none = asks(
        &cast.carol,
        &[("q", "in:#nowhere planted")],
        Code::NoSuchRoom,
    )
    .await;
    assert_eq!(none, den);
    let none = asks(&cast.carol, &[("q", "in:77 planted")], Code::NoSuchRoom).await;
    assert_eq!(none, den);
}

#[tokio::test]
async fn whoever_was_removed_finds_nothing_any_more() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.alice.says(cast.den, "k1", "the planted secret").await;
    cast.bob.says(cast.den, "k2", "my own words there").await;
    assert_eq!(finds(&cast.bob, "planted").await.len(), 1);
    let place = format!("/rooms/{}/members/{}", cast.den, cast.bob.me.id);
    cast.alice.ask(Method::DELETE, &place).send().await.done();
    assert_eq!(finds(&cast.bob, "planted").await, NOTHING);
    assert_eq!(finds(&cast.bob, "from:me words").await, NOTHING);
    asks(&cast.bob, &[("q", "in:#den words")], Code::NoSuchRoom).await;
}

#[tokio::test]
async fn a_guest_finds_what_a_guest_may_read() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.alice.says(cast.lobby, "k1", "a word for all").await;
    cast.alice.says(cast.den, "k2", "a word for few").await;
    let body = json!({ "name": "Gina", "token": true });
    let entered = server.post("/guests", &body).send().await;
    let gina = server.person(entered.created::<SignedIn>().await);
    assert_eq!(finds(&gina, "word").await, ["a word for all"]);
    asks(&gina, &[("q", "in:#den word")], Code::NoSuchRoom).await;
    // Bob may be there or not: once he has left, she meets him nowhere.
    assert_eq!(finds(&gina, "from:@bob").await, NOTHING);
    let leave = format!("/rooms/{}/leave", cast.lobby);
    cast.bob.post(&leave, &json!({})).send().await.done();
    let bob = asks(&gina, &[("q", "from:@bob")], Code::NoSuchUser).await;
    let nobody = asks(&gina, &[("q", "from:@nobody")], Code::NoSuchUser).await;
    assert_eq!(bob, nobody);
    server
        .get("/search?q=word")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
}

#[tokio::test]
async fn what_was_taken_back_or_changed_is_found_as_it_is() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let said = cast.bob.says(cast.den, "k1", "a planted secret").await;
    let place = format!("/rooms/{}/messages/{}", cast.den, said["seq"]);
    let edit = json!({ "text": "a planted tree" });
    let edited = cast.bob.ask(Method::PATCH, &place).json(&edit).send().await;
    edited.told::<Value>().await;
    assert_eq!(finds(&cast.alice, "secret").await, NOTHING);
    assert_eq!(
        finds(&cast.alice, "tree is:edited").await,
        ["a planted tree"]
    );
    let deleted = cast.bob.ask(Method::DELETE, &place).send().await;
    deleted.told::<Value>().await;
    assert_eq!(finds(&cast.alice, "planted").await, NOTHING);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_by_name() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let alice = &cast.alice;
    for (query, named) in [
        ([("q", "form:bob x"), ("limit", "5")], "'form:'"),
        ([("q", "has:gold"), ("limit", "5")], "'has:'"),
        ([("q", "on:2026-02-30"), ("limit", "5")], "'on:'"),
        ([("q", " "), ("limit", "5")], "nothing to look for"),
        ([("q", "x"), ("zone", "Nowhere")], "time zone"),
        ([("q", "x"), ("cursor", "n0x")], "cursor"),
    ] {
        let refused = asks(alice, &query, Code::Invalid).await;
        assert!(refused.contains(named), "{refused}");
    }
    let long = "x".repeat(401);
    asks(alice, &[("q", &long)], Code::TooLong).await;
    asks(alice, &[("order", "worst"), ("q", "x")], Code::BadFrame).await;
    asks(alice, &[("limit", "5")], Code::BadFrame).await;
    // Whatever is typed is only text.
    for q in [
        "' or 1=1 --",
        "a* NEAR/2 \"b",
        "%_%",
        "\\",
        "\u{0}x",
        "(((",
        "\"\\\"\"",
    ] {
        let asked = alice.get(&path(&[("q", q)])).send().await;
        let found = asked.told::<SearchResults>().await;
        assert_eq!(found.total, 0, "{q}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_and_searches_have_a_rate() {
    let server = TestServer::with(&[
        "--limit-searches-per-minute=4",
        "--limit-posts-per-minute=0",
    ])
    .await;
    let cast = server.cast().await;
    for n in 0..5 {
        cast.bob
            .says(cast.den, &format!("k{n}"), &format!("needle {n}"))
            .await;
    }
    let (mut cursor, mut read) = (String::new(), Vec::new());
    for _ in 0..3 {
        let mut query = vec![("q", "needle"), ("limit", "2")];
        if !cursor.is_empty() {
            query.push(("cursor", &cursor));
        }
        let page = search(&cast.alice, &query).await;
        read.extend(page.hits.iter().map(|hit| hit.message.text().to_owned()));
        cursor = page.next.unwrap_or_default();
    }
    assert_eq!(
        read,
        ["needle 4", "needle 3", "needle 2", "needle 1", "needle 0"]
    );
    assert_eq!(cursor, "", "that was all");
    search(&cast.alice, &[("q", "x")]).await;
    let refused = cast.alice.get("/search?q=x").send().await;
    let refused = refused.refused(Code::TooFast).await;
    assert!(refused.retry_after.is_some());
}
