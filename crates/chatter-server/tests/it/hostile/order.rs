//! The same, typed by those who keep order, and by people for themselves.

use chatter_protocol::rest::SignedIn;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Field, Kept, corpus, data, field, patch, type_all};
use crate::support::{Answer, Person, TestServer};

fn put<'a>(
    name: &'static str,
    told: &'static str,
    kept: Kept,
    who: &'a Person<'a>,
    path: String,
    body: impl Fn(&str) -> Value + 'a,
) -> Field<'a> {
    field(name, told, kept, move |text, _| {
        who.ask(Method::PUT, &path).json(&body(text))
    })
}

/// Made anew each time.
fn made<'a>(
    name: &'static str,
    told: &'static str,
    kept: Kept,
    who: &'a Person<'a>,
    path: String,
    body: impl Fn(&str, usize) -> Value + 'a,
) -> Field<'a> {
    field(name, told, kept, move |text, n| {
        who.post(&path, &body(text, n))
    })
}

#[tokio::test]
async fn whatever_keeps_order_comes_back_as_data() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (alice, bob, den) = (&cast.alice, &cast.bob, cast.den);
    let said = bob.says(den, "k", "reported").await;
    let seq = said["seq"].clone();
    let soon = said["at"].as_i64().unwrap() + 3_600_000;
    let announced = |text: &str, _| {
        json!({
            "text": text, "kind": "banner", "audience": { "to": "everyone" },
            "schedule": { "when": "once", "at": soon },
        })
    };
    let filter = |text: &str, _| json!({ "kind": "word", "pattern": text, "action": "report" });
    let hold = |text: &str, _| json!({ "room": den, "reason": text });
    let net = |text: &str, n| json!({ "network": format!("2001:db8:{n:x}::/48"), "reason": text });
    type_all(&[
        made(
            "announcement",
            "/text",
            Kept::Not,
            alice,
            "/admin/announcements".into(),
            announced,
        ),
        made(
            "filter",
            "/pattern",
            Kept::Not,
            alice,
            "/admin/filters".into(),
            filter,
        ),
        made(
            "filter of a room",
            "/pattern",
            Kept::Not,
            alice,
            format!("/rooms/{den}/filters"),
            filter,
        ),
        made(
            "hold",
            "/reason",
            Kept::Line,
            alice,
            "/admin/holds".into(),
            hold,
        ),
        made(
            "ban of a network",
            "/reason",
            Kept::Line,
            alice,
            "/admin/bans".into(),
            net,
        ),
        made(
            "report",
            "",
            Kept::Not,
            alice,
            format!("/rooms/{den}/messages/{seq}/reports"),
            |text, _| json!({ "reason": text }),
        ),
        put(
            "suspension",
            "",
            Kept::Not,
            alice,
            format!("/users/{}/suspension", cast.carol.me.id),
            |text| json!({ "until": soon, "reason": text }),
        ),
        put(
            "ban",
            "/reason",
            Kept::Line,
            alice,
            format!("/rooms/{den}/bans/{}", bob.me.id),
            |text| json!({ "reason": text, "ends_at": soon }),
        ),
    ])
    .await;
    is_read_as_data(alice).await;
}

async fn is_read_as_data(alice: &Person<'_>) {
    for path in [
        "/announcements",
        "/admin/announcements",
        "/admin/filters",
        "/admin/holds",
        "/admin/bans",
        "/admin/audit",
        "/reports",
    ] {
        let answer = alice.get(path).send().await.unwrap();
        let read = data(path, "", answer).await.unwrap();
        let kept = read.as_array().is_some_and(|list| !list.is_empty());
        assert!(kept || path == "/announcements", "{path} has nothing");
    }
    // A file of it is handed out to be saved, and is no page either.
    for (format, kind) in [("jsonl", "application/jsonl"), ("csv", "text/csv")] {
        let path = format!("/admin/audit/export?format={format}");
        let file = alice.get(&path).send().await.unwrap();
        let header = |name: &str| file.headers()[name].to_str().unwrap();
        assert_eq!(header("content-type"), format!("{kind}; charset=utf-8"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-disposition").starts_with("attachment;"));
    }
}

#[tokio::test]
async fn whatever_people_keep_for_themselves_comes_back_as_data() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (bob, den) = (&cast.bob, cast.den);
    let said = bob.says(den, "k", "one").await;
    let seq = said["seq"].clone();
    let soon = said["at"].as_i64().unwrap() + 3_600_000;
    let note = |text: &str, _| json!({ "room": den, "seq": seq, "at": soon, "note": text });
    let later =
        |text: &str, n| json!({ "key": format!("s{n}"), "draft": { "text": text }, "at": soon });
    type_all(&[
        put(
            "draft",
            "/text",
            Kept::AsTyped,
            bob,
            format!("/rooms/{den}/draft"),
            |text| json!({ "text": text }),
        ),
        put(
            "keyword",
            "/words/0",
            Kept::Not,
            bob,
            "/me/keywords".into(),
            |text| json!({ "words": [text] }),
        ),
        made(
            "reminder",
            "/note",
            Kept::Line,
            bob,
            "/reminders".into(),
            note,
        ),
        made(
            "scheduled",
            "/draft/text",
            Kept::AsTyped,
            bob,
            format!("/rooms/{den}/scheduled"),
            later,
        ),
    ])
    .await;
}

#[tokio::test]
async fn whatever_groups_and_programs_are_called_comes_back_as_data() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let alice = &cast.alice;
    let bot = json!({ "name": "Bot", "handle": "bot" });
    let bot: Value = alice.post("/bots", &bot).send().await.created().await;
    let bot = bot["user"]["id"].as_str().unwrap();
    let group = json!({ "handle": "cooks", "name": "Cooks" });
    let group: Value = alice.post("/groups", &group).send().await.created().await;
    let group = format!("/groups/{}", group["id"].as_str().unwrap());
    type_all(&[
        made(
            "bot",
            "/user/name",
            Kept::Line,
            alice,
            "/bots".into(),
            |text, n| json!({ "name": text, "handle": format!("bot{n}") }),
        ),
        made(
            "token",
            "/label",
            Kept::Line,
            alice,
            format!("/bots/{bot}/tokens"),
            |text, _| json!({ "label": text }),
        ),
        made(
            "group",
            "/name",
            Kept::Line,
            alice,
            "/groups".into(),
            |text, n| json!({ "name": text, "handle": format!("group{n}") }),
        ),
        field(
            "group, again",
            "/name",
            Kept::Line,
            patch(alice, group, |text| json!({ "name": text })),
        ),
    ])
    .await;
    // What only programs send to get a token is refused as data, in whatever form.
    for text in corpus() {
        for kind in [
            "application/json",
            "application/x-www-form-urlencoded",
            "text/html",
        ] {
            for path in ["/token", "/token/embed"] {
                let request = server.ask(Method::POST, path).header("content-type", kind);
                let answer = request.body(text.clone()).send().await.unwrap();
                assert_eq!(
                    data(path, &text, answer).await,
                    None,
                    "{path} takes {text:?}"
                );
            }
        }
    }
    let guest = json!({ "name": "<b>Gus</b>", "token": true });
    server
        .post("/guests", &guest)
        .send()
        .await
        .created::<SignedIn>()
        .await;
}
