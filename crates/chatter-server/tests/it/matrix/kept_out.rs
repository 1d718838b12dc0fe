//! Whoever is kept out is out of everything, whatever they still hold.

use reqwest::Method;
use serde_json::{Value, json};

use super::{document, everything};
use crate::support::{PASSWORD, TestServer};

struct Holder<'a> {
    server: &'a TestServer,
    head: String,
}

impl Holder<'_> {
    async fn asks(&self, token: &str, op: &str, body: Value) -> (u16, Value) {
        let (method, path) = op.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let request = self.server.ask(method, path).bearer_auth(token).json(&body);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// As the owner of the server.
    async fn does(&self, op: &str, body: Value) -> Value {
        let (status, told) = self.asks(&self.head, op, body).await;
        assert!(status < 300, "{op}: {status} {told}");
        told
    }

    async fn registers(&self, handle: &str) -> (String, String) {
        let invite = self.does("POST /invites", json!({})).await;
        let body = json!({
            "invite": invite["secret"], "name": handle, "handle": handle,
            "password": PASSWORD, "token": true,
        });
        let signed = self.does("POST /register", body).await;
        (text(&signed["me"]["id"]), text(&signed["token"]))
    }

    async fn has_a_bot(&self, token: &str, name: &str) -> [String; 3] {
        let bot = json!({ "name": name, "handle": name });
        let bot = text(&self.asks(token, "POST /bots", bot).await.1["user"]["id"]);
        let tokens = format!("POST /bots/{bot}/tokens");
        let made = self.asks(token, &tokens, json!({ "label": "x" })).await.1;
        [bot, text(&made["id"]), text(&made["token"])]
    }

    async fn signs_in(&self, handle: &str) -> Value {
        let grant = json!({ "grant": "password", "handle": handle, "password": PASSWORD });
        self.does("POST /token", grant).await
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What each of them holds, and why it is worth nothing.
async fn held(holder: &Holder<'_>) -> Vec<(&'static str, String)> {
    let mut held = Vec::new();
    let (sue, token) = holder.registers("sue").await;
    let [_, _, bot] = holder.has_a_bot(&token, "suebot").await;
    let access = holder.signs_in("sue").await;
    let lobby = text(&holder.does("GET /rooms", Value::Null).await[0]["id"]);
    let hello = json!({ "key": "k", "text": "hello" });
    let lobby = format!("POST /rooms/{lobby}/messages");
    let hello = holder.does(&lobby, hello).await;
    let later = hello["at"].as_i64().unwrap() + 3_600_000;
    let later = json!({ "until": later });
    holder
        .does(&format!("PUT /users/{sue}/suspension"), later)
        .await;
    held.push(("a session of whoever is suspended", token));
    held.push(("a token of their bot", bot));
    held.push(("an access token of theirs", text(&access["access_token"])));

    let (eve, token) = holder.registers("eve").await;
    let [_, _, bot] = holder.has_a_bot(&token, "evebot").await;
    let erase = json!({ "messages": "keep" });
    holder
        .does(&format!("POST /users/{eve}/erase"), erase)
        .await;
    held.push(("a session of whoever was erased", token));
    held.push(("a token of the bot of whoever was erased", bot));

    let (dan, token) = holder.registers("dan").await;
    let [_, _, bot] = holder.has_a_bot(&token, "danbot").await;
    let gone = json!({ "deactivated": true });
    holder.does(&format!("PATCH /users/{dan}"), gone).await;
    held.push(("a session of whoever was deactivated", token));
    held.push(("a token of the bot of whoever was deactivated", bot));

    let (_, token) = holder.registers("rob").await;
    let [bot, id, secret] = holder.has_a_bot(&token, "robbot").await;
    let revoke = format!("DELETE /bots/{bot}/tokens/{id}");
    holder.asks(&token, &revoke, json!({})).await;
    held.push(("a token that was revoked", secret));
    let [bot, _, secret] = holder.has_a_bot(&token, "robbie").await;
    holder
        .asks(&token, &format!("DELETE /bots/{bot}"), json!({}))
        .await;
    held.push(("a token of a bot that has ended", secret));
    let tokens = holder.signs_in("rob").await;
    held.push(("a token for refreshing", text(&tokens["refresh_token"])));
    let session = format!("DELETE /sessions/{}", text(&tokens["session"]));
    holder.asks(&token, &session, json!({})).await;
    held.push((
        "an access token of a session that ended",
        text(&tokens["access_token"]),
    ));
    holder
        .asks(&token, "DELETE /sessions/current", json!({}))
        .await;
    held.push(("a session that signed out", token));
    held.extend(guests(holder).await);
    held
}

async fn guests(holder: &Holder<'_>) -> [(&'static str, String); 2] {
    let room = json!({ "name": "hall", "kind": "open" });
    let room = text(&holder.does("POST /rooms", room).await["id"]);
    let links = format!("POST /rooms/{room}/guest-links");
    let link = holder.does(&links, json!({})).await;
    let gina = json!({ "name": "Gina", "link": link["secret"], "token": true });
    let gina = holder.does("POST /guests", gina).await;
    let vera = json!({ "name": "Vera", "token": true });
    let vera = holder.does("POST /guests", vera).await;
    let revoke = format!("DELETE /rooms/{room}/guest-links/{}", text(&link["id"]));
    holder.does(&revoke, json!({})).await;
    let off = json!({ "guests": "off" });
    holder.does("PATCH /admin/settings", off).await;
    [
        (
            "a session of a guest whose link was revoked",
            text(&gina["token"]),
        ),
        (
            "a session of a guest where there are none any more",
            text(&vera["token"]),
        ),
    ]
}

#[tokio::test]
async fn whatever_whoever_is_kept_out_still_holds_opens_nothing() {
    let server = TestServer::fresh().await;
    let head = server.set_up().await.token.clone();
    let holder = Holder {
        server: &server,
        head,
    };
    let held = held(&holder).await;
    let document = document();
    let mut asked = 0;
    for op in everything(&document) {
        let Some((method, path)) = op.split_once(' ').filter(|(way, _)| *way != "socket") else {
            continue;
        };
        let operation = &document["paths"][format!("/api/v1{path}")][method.to_lowercase()];
        if !operation["security"].is_null() {
            continue;
        }
        for (what, token) in &held {
            let (status, told) = holder.asks(token, &op, json!({})).await;
            assert_eq!(
                (status, &told["code"]),
                (401, &json!("not_signed_in")),
                "{op}: {what}"
            );
            asked += 1;
        }
    }
    assert!(asked > 1_000, "{asked} questions are not all of them");
    for (what, token) in &held {
        assert!(server.socket(token).await.is_none(), "a socket: {what}");
    }
}
