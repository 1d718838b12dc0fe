//! Strings that were made to become code somewhere, typed into everything a
//! person can type into. Whatever is taken comes back as data, letter for
//! letter, and never as a page; the rest is refused in our own words.
//!
//! The browser client's tests draw the same strings: one list for both.

mod order;

use std::collections::BTreeMap;

use chatter_protocol::{Refusal, RoomId};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::files::coded;
use crate::support::{Answer, Cast, Person, TestServer};

const CORPUS: &str = include_str!("../../../../../web/tests/hostile.json");

fn corpus() -> Vec<String> {
    let groups: BTreeMap<String, Vec<String>> = serde_json::from_str(CORPUS).unwrap();
    groups.into_values().flatten().collect()
}

/// Types a text, the how-manieth it is.
type Ask<'a> = Box<dyn Fn(&str, usize) -> RequestBuilder + 'a>;

/// Where something can be typed, and where the answer says it again.
struct Field<'a> {
    name: &'static str,
    ask: Ask<'a>,
    told: &'static str,
    kept: Kept,
}

#[derive(Clone, Copy)]
enum Kept {
    AsTyped,
    /// One line: trimmed and composed.
    Line,
    /// Only what has no sign in it that means something to a browser.
    Plain,
    /// Said again nowhere.
    Not,
}

fn field<'a>(
    name: &'static str,
    told: &'static str,
    kept: Kept,
    ask: impl Fn(&str, usize) -> RequestBuilder + 'a,
) -> Field<'a> {
    Field {
        name,
        ask: Box::new(ask),
        told,
        kept,
    }
}

/// An answer that no browser would take for a page or a script.
async fn data(field: &str, text: &str, answer: Response) -> Option<Value> {
    let status = answer.status();
    let headers = answer.headers().clone();
    assert!(
        !status.is_server_error(),
        "{field} answers {status} to {text:?}"
    );
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(
        header("x-content-type-options"),
        Some("nosniff"),
        "{field} {text:?}"
    );
    let body = answer.text().await.unwrap();
    if body.is_empty() {
        return status.is_success().then_some(Value::Null);
    }
    assert_eq!(
        header("content-type"),
        Some("application/json"),
        "{field} {text:?}"
    );
    if !status.is_success() {
        let refusal: Result<Refusal, _> = serde_json::from_str(&body);
        assert!(
            refusal.is_ok(),
            "{field} refuses {text:?} in another shape: {body}"
        );
        return None;
    }
    Some(serde_json::from_str(&body).unwrap())
}

fn check(field: &Field<'_>, typed: &str, answer: &Value) {
    let told = answer
        .pointer(field.told)
        .and_then(Value::as_str)
        .unwrap_or("");
    let place = field.name;
    match field.kept {
        Kept::AsTyped => assert_eq!(told, typed, "{place}"),
        Kept::Line => assert_eq!(told, typed.trim().nfc().collect::<String>(), "{place}"),
        Kept::Plain => assert!(
            !told.contains(|c: char| c.is_control() || "<>\"/\\:*?|".contains(c)),
            "{place} keeps {told:?}"
        ),
        Kept::Not => {}
    }
}

/// Types everything into every field; at least one of them must be taken, or
/// the field was not there.
async fn type_all(fields: &[Field<'_>]) {
    for field in fields {
        let mut taken = 0;
        for (n, text) in corpus().iter().enumerate() {
            let answer = (field.ask)(text, n).send().await.unwrap();
            if let Some(answer) = data(field.name, text, answer).await {
                check(field, text, &answer);
                taken += 1;
            }
        }
        assert!(
            taken > 0,
            "{} takes nothing at all: is it there?",
            field.name
        );
    }
}

fn patch<'a>(
    who: &'a Person<'a>,
    path: String,
    body: impl Fn(&str) -> Value + 'a,
) -> impl Fn(&str, usize) -> RequestBuilder + 'a {
    move |text, _| who.ask(Method::PATCH, &path).json(&body(text))
}

/// A message of alice's in `room`, made by `body`.
fn post<'a>(
    cast: &'a Cast<'a>,
    room: RoomId,
    of: &'static str,
    body: impl Fn(&str) -> Value + 'a,
) -> impl Fn(&str, usize) -> RequestBuilder + 'a {
    move |text, n| {
        let mut body = body(text);
        body["key"] = json!(format!("{of}{n}"));
        cast.alice.post(&format!("/rooms/{room}/messages"), &body)
    }
}

#[tokio::test]
async fn whatever_is_said_comes_back_as_data() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let den = cast.den;
    let first = cast.alice.says(den, "first", "first").await["seq"].clone();
    let seq = first.clone();
    type_all(&[
        field(
            "message",
            "/text",
            Kept::AsTyped,
            post(&cast, den, "m", |text| json!({ "text": text })),
        ),
        field(
            "reply",
            "/text",
            Kept::AsTyped,
            post(
                &cast,
                den,
                "r",
                |text| json!({ "text": text, "reply": first }),
            ),
        ),
        field(
            "thread",
            "/text",
            Kept::AsTyped,
            post(
                &cast,
                den,
                "t",
                |text| json!({ "text": text, "thread": first }),
            ),
        ),
        field(
            "poll option",
            "/poll/options/0",
            Kept::Line,
            post(
                &cast,
                den,
                "p",
                |text| json!({ "text": "q", "poll": { "options": [text, "another"] } }),
            ),
        ),
        field(
            "edit",
            "/text",
            Kept::AsTyped,
            patch(
                &cast.alice,
                format!("/rooms/{den}/messages/{seq}"),
                |text| json!({ "text": text }),
            ),
        ),
        field("search", "", Kept::Not, |text, _| {
            cast.bob.get(&format!("/search?q={}", coded(text)))
        }),
    ])
    .await;
    // And so it is for those who read it.
    for (path, told) in [
        (
            format!("/rooms/{den}/messages?limit=200"),
            "/messages/0/text",
        ),
        (format!("/rooms/{den}/messages/{seq}/versions"), "/1/text"),
    ] {
        let answer = cast.bob.get(&path).send().await.unwrap();
        let read = data(&path, "", answer).await.unwrap();
        assert!(read.pointer(told).is_some(), "{path}");
    }
}

#[tokio::test]
async fn whatever_people_call_themselves_comes_back_as_data() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let me = |name: &'static str, told: &'static str| {
        field(
            name,
            told,
            Kept::Line,
            patch(&cast.bob, "/me".into(), move |text| json!({ (name): text })),
        )
    };
    type_all(&[
        me("name", "/name"),
        me("about", "/about"),
        me("title", "/title"),
        me("pronouns", "/pronouns"),
        field(
            "status",
            "/status/text",
            Kept::Line,
            patch(
                &cast.bob,
                "/me".into(),
                |text| json!({ "status": { "text": text, "emoji": "x" } }),
            ),
        ),
        field(
            "status emoji",
            "/status/text",
            Kept::Not,
            patch(
                &cast.bob,
                "/me".into(),
                |text| json!({ "status": { "text": "", "emoji": text } }),
            ),
        ),
        field("guest", "/me/name", Kept::Line, |text, _| {
            server.post("/guests", &json!({ "name": text }))
        }),
        field("section", "/0/name", Kept::Line, |text, _| {
            let body = json!({ "sections": [{ "name": text }] });
            cast.bob.ask(Method::PUT, "/me/sections").json(&body)
        }),
        field(
            "server name",
            "",
            Kept::Not,
            patch(
                &cast.alice,
                "/admin/settings".into(),
                |text| json!({ "server_name": text }),
            ),
        ),
    ])
    .await;
}

#[tokio::test]
async fn whatever_things_are_called_comes_back_as_data() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let den = cast.den;
    let picture = cast.alice.sends("a.txt", b"a").await;
    let file = json!([{ "file": picture.id }]);
    type_all(&[
        field("room", "/name", Kept::Line, |text, _| {
            cast.alice
                .post("/rooms", &json!({ "name": text, "kind": "closed" }))
        }),
        // Its slug has nothing but letters, digits and dashes.
        field("slug", "/slug", Kept::Plain, |text, n| {
            let body = json!({ "name": format!("{n} {text}"), "kind": "open" });
            cast.alice.post("/rooms", &body)
        }),
        field("topic", "/topic", Kept::Line, |text, n| {
            let body = json!({ "name": format!("r{n}"), "kind": "closed", "topic": text });
            cast.alice.post("/rooms", &body)
        }),
        field(
            "new topic",
            "",
            Kept::Not,
            patch(
                &cast.alice,
                format!("/rooms/{den}"),
                |text| json!({ "topic": text }),
            ),
        ),
        field("file", "/name", Kept::Plain, |text, _| {
            let path = format!("/files?name={}", coded(text));
            cast.alice.ask(Method::POST, &path).body("bytes")
        }),
        field("upload", "/name", Kept::Plain, |text, _| {
            cast.bob
                .post("/uploads", &json!({ "name": text, "size": 1 }))
        }),
        // Under one key, so that only the first that is taken makes a message.
        field("alt text", "", Kept::Not, |text, _| {
            let mut file = file.clone();
            file[0]["alt"] = json!(text);
            let body = json!({ "key": "alt", "text": "", "files": file });
            cast.alice.post(&format!("/rooms/{den}/messages"), &body)
        }),
    ])
    .await;
}

/// These take hardly anything, and so nothing of this.
#[tokio::test]
async fn whatever_is_refused_is_refused_as_data() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let handle = |text: &str| json!({ "handle": text, "password": text, "token": true });
    for text in corpus() {
        let at = coded(&text);
        let asked = [
            server.get(&format!("/{at}")),
            server.get(&format!("/invites/by-secret/{at}")),
            cast.bob.get(&format!("/rooms/{at}")),
            cast.bob.get(&format!("/rooms/by-slug/{at}")),
            cast.bob.get(&format!("/users?ids={at}")),
            cast.bob.get(&format!("/search?cursor={at}&q=a")),
            cast.bob
                .get(&format!("/rooms/{}/messages?before={at}", cast.den)),
            cast.bob
                .ask(Method::PATCH, "/me")
                .json(&json!({ (text.as_str()): 1 })),
            cast.bob
                .ask(Method::PATCH, "/me")
                .json(&json!({ "time_zone": text })),
            cast.alice
                .ask(Method::PATCH, "/admin/settings")
                .json(&json!({ (text.as_str()): text })),
            cast.alice
                .ask(Method::POST, &format!("/emoji?name={at}"))
                .body("no picture"),
            cast.bob.ask(
                Method::PUT,
                &format!("/rooms/{}/messages/1/reactions/{at}", cast.den),
            ),
            server.post("/sessions", &handle(&text)),
            server.post(
                "/register",
                &json!({ "invite": text, "handle": "dora", "name": text, "password": "correct horse" }),
            ),
            server.ask(Method::GET, "/me").header("cookie", format!("chatter={at}")),
        ];
        for (n, request) in asked.into_iter().enumerate() {
            let answer = request.send().await.unwrap();
            let place = format!("question {n} ({})", answer.url());
            data(&place, &text, answer).await;
        }
    }
    let still = cast.bob.get("/me").send().await.told::<Value>().await;
    assert_eq!(still["name"], "bob", "bob is there, so those doors were");
}

/// What signed in says what it is, and that is shown among the sessions.
#[tokio::test]
async fn what_a_program_calls_itself_comes_back_as_data() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let agent = "<img src=x onerror=alert(1)>\u{e9}";
    let body = json!({ "handle": "bob", "password": crate::support::PASSWORD });
    let request = server.post("/sessions", &body);
    let request = request.header("user-agent", agent.as_bytes());
    request.send().await.created::<Value>().await;
    let answer = cast.bob.get("/sessions").send().await.unwrap();
    let sessions = data("sessions", agent, answer).await.unwrap();
    let told: Vec<_> = sessions.as_array().unwrap().iter().collect();
    assert!(told.iter().any(|session| session["agent"] == agent));
}
