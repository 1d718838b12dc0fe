use chatter_protocol::rooms::Receipt;
use chatter_protocol::{Code, Preferences, User};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Person, TestServer};

async fn patch(who: &Person<'_>, path: &str, body: Value) -> reqwest::Result<reqwest::Response> {
    who.ask(Method::PATCH, path).json(&body).send().await
}

#[tokio::test]
async fn what_someone_says_of_themselves_is_there_for_others() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    for (wrong, code) in [
        (json!({ "time_zone": "Mars/Olympus" }), Code::Invalid),
        (json!({ "title": "x".repeat(81) }), Code::TooLong),
        (
            json!({ "status": { "text": "out", "until": 1 } }),
            Code::Invalid,
        ),
        (
            json!({ "status": { "text": "out", "role": "owner" } }),
            Code::BadFrame,
        ),
        (json!({ "bot": true }), Code::BadFrame),
        (json!({ "suspended_until": 0 }), Code::BadFrame),
    ] {
        patch(&cast.bob, "/me", wrong).await.refused(code).await;
    }
    let said = json!({
        "title": "Builder", "pronouns": "he/him", "time_zone": "Europe/Berlin",
        "status": { "text": "at lunch", "emoji": "🍜" },
    });
    patch(&cast.bob, "/me", said).await.told::<User>().await;
    let path = format!("/users/{}", cast.bob.me.id);
    let bob = cast.carol.get(&path).send().await.told::<User>().await;
    assert_eq!(
        (bob.title.as_str(), bob.time_zone.as_str()),
        ("Builder", "Europe/Berlin")
    );
    assert_eq!(bob.status.unwrap().text, "at lunch");
    let taken_back = json!({ "status": { "text": "", "emoji": "" } });
    let bob = patch(&cast.bob, "/me", taken_back)
        .await
        .told::<User>()
        .await;
    assert_eq!(bob.status, None);
}

#[tokio::test]
async fn what_someone_chose_is_theirs_alone() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    for wrong in [
        json!({ "presence": "invisible", "presence_until": 1 }),
        json!({ "presence": "automatic", "presence_until": 1 }),
        json!({ "presence_until": 1 }),
    ] {
        let refused = patch(&cast.bob, "/me/preferences", wrong).await;
        refused.refused(Code::Invalid).await;
    }
    let wrong = patch(
        &cast.bob,
        "/me/preferences",
        json!({ "presence": "asleep" }),
    )
    .await;
    wrong.refused(Code::BadFrame).await;
    let hidden = json!({ "presence": "invisible" });
    let mine = patch(&cast.bob, "/me/preferences", hidden).await;
    assert_eq!(mine.told::<Preferences>().await.rev, 1);
    let shown = cast
        .carol
        .get(&format!("/users/{}", cast.bob.me.id))
        .send()
        .await;
    let shown = shown.told::<Value>().await.to_string();
    assert!(
        !shown.contains("invisible") && !shown.contains("presence"),
        "{shown}"
    );
}

#[tokio::test]
async fn who_does_not_share_receipts_sees_nobodys() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let receipts = format!("/rooms/{}/receipts", cast.den);
    let readers = async |who: &Person<'_>| {
        let found = who.get(&receipts).send().await.told::<Vec<Receipt>>().await;
        found
            .into_iter()
            .map(|receipt| receipt.user)
            .collect::<Vec<_>>()
    };
    let both = vec![cast.alice.me.id, cast.bob.me.id];
    assert_eq!(readers(&cast.alice).await, both);
    let keep = json!({ "share_receipts": false });
    patch(&cast.bob, "/me/preferences", keep)
        .await
        .told::<Preferences>()
        .await;
    assert_eq!(readers(&cast.alice).await, [cast.alice.me.id]);
    assert_eq!(readers(&cast.bob).await, []);
}
