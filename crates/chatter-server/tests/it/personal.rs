use chatter_protocol::personal::{KeptDraft, Keywords, Reminder, Saved, Scheduled, StaleDraft};
use chatter_protocol::{Code, Fact, RoomId};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Person, TestServer};

async fn ask(
    who: &Person<'_>,
    method: Method,
    path: &str,
    body: Value,
) -> reqwest::Result<reqwest::Response> {
    who.ask(method, path).json(&body).send().await
}

/// A moment to come, by the server's own clock.
async fn soon(who: &Person<'_>, room: RoomId) -> i64 {
    let said = who.says(room, &format!("now-{}", who.me.id), "now").await;
    said["at"].as_i64().unwrap() + 3_600_000
}

#[tokio::test]
async fn an_outsider_keeps_and_learns_nothing_of_a_closed_room() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let at = soon(&cast.alice, cast.den).await;
    let (den, carol) = (cast.den, &cast.carol);
    let nowhere = RoomId(den.0 + 1);
    for room in [den, nowhere] {
        let save = carol.ask(Method::PUT, &format!("/saved/{room}/1"));
        save.send().await.refused(Code::NoSuchRoom).await;
        let draft = json!({ "text": "x", "rev": 0 });
        let draft = ask(carol, Method::PUT, &format!("/rooms/{room}/draft"), draft).await;
        draft.refused(Code::NoSuchRoom).await;
        let later = json!({ "key": "k", "draft": { "text": "x" }, "at": at });
        let later = carol.post(&format!("/rooms/{room}/scheduled"), &later);
        later.send().await.refused(Code::NoSuchRoom).await;
        let remind = json!({ "room": room, "seq": 1, "at": at });
        let remind = carol.post("/reminders", &remind);
        remind.send().await.refused(Code::NoSuchRoom).await;
        let unsave = carol.ask(Method::DELETE, &format!("/saved/{room}/1"));
        unsave.send().await.done();
    }
}

#[tokio::test]
async fn guests_keep_nothing() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let enter = json!({ "name": "Dora", "token": true });
    let dora = server.post("/guests", &enter).send().await.created().await;
    let dora = server.person(dora);
    for path in [
        "/saved",
        "/drafts",
        "/scheduled",
        "/reminders",
        "/me/keywords",
        "/groups",
    ] {
        dora.get(path).send().await.refused(Code::NotAllowed).await;
    }
    let save = dora.ask(Method::PUT, &format!("/saved/{}/1", cast.lobby));
    save.send().await.refused(Code::NotAllowed).await;
}

#[tokio::test]
async fn saved_messages_are_there_as_they_are_now_and_while_they_may_be_read() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (bob, den) = (&cast.bob, cast.den);
    let mut seqs = Vec::new();
    for text in ["one", "two"] {
        let said = cast.alice.says(den, text, text).await;
        seqs.push(said["seq"].as_i64().unwrap());
    }
    let put = async |seq: i64| {
        let path = format!("/saved/{den}/{seq}");
        bob.ask(Method::PUT, &path).send().await
    };
    for seq in [1, 99] {
        // Its first event is no message, and there is no hundredth.
        put(seq).await.refused(Code::NoSuchMessage).await;
    }
    for seq in &seqs {
        put(*seq).await.done();
        put(*seq).await.done();
    }
    let path = format!("/rooms/{den}/messages/{}", seqs[0]);
    let delete = cast.alice.ask(Method::DELETE, &path).send().await;
    delete.told::<Value>().await;
    put(seqs[0]).await.refused(Code::AlreadyDeleted).await;
    let saved = bob.get("/saved").send().await.told::<Vec<Saved>>().await;
    assert_eq!(saved[0].message.fact, Fact::said("two"));
    assert!(saved[1].message.deleted_by.is_some());
    let path = format!("/saved?before={}&limit=1", saved[0].id);
    let next = bob.get(&path).send().await.told::<Vec<Saved>>().await;
    assert_eq!(next, saved[1..]);
    let none = cast.carol.get("/saved").send().await;
    assert!(none.told::<Vec<Saved>>().await.is_empty());

    let path = format!("/rooms/{den}/members/{}", bob.me.id);
    cast.alice.ask(Method::DELETE, &path).send().await.done();
    let left = bob.get("/saved").send().await.told::<Value>().await;
    assert_eq!(left, json!([]));
}

#[tokio::test]
async fn of_two_devices_the_second_is_told_what_the_first_wrote() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let path = format!("/rooms/{}/draft", cast.den);
    let bob = &cast.bob;
    let put = async |body: Value| ask(bob, Method::PUT, &path, body).await;
    let long = "x".repeat(16 * 1024 + 1);
    put(json!({ "text": long }))
        .await
        .refused(Code::TooLong)
        .await;
    let nowhere = put(json!({ "text": "x", "reply": 99 })).await;
    nowhere.refused(Code::NoSuchMessage).await;
    let lobby = format!("/rooms/{}/draft", cast.lobby);
    let leave = bob.ask(Method::POST, &format!("/rooms/{}/leave", cast.lobby));
    leave.send().await.done();
    let visitor = ask(bob, Method::PUT, &lobby, json!({ "text": "x" })).await;
    visitor.refused(Code::NotAMember).await;

    let first = put(json!({ "text": "hel" }))
        .await
        .told::<KeptDraft>()
        .await;
    let second = put(json!({ "text": "hello", "rev": first.rev })).await;
    let second = second.told::<KeptDraft>().await;
    let stale = put(json!({ "text": "help", "rev": first.rev }))
        .await
        .unwrap();
    assert_eq!(stale.status(), 409);
    let stale: StaleDraft = stale.json().await.unwrap();
    assert_eq!(
        (stale.refusal.code, stale.newer),
        (Code::Stale, second.clone())
    );
    let all = bob
        .get("/drafts")
        .send()
        .await
        .told::<Vec<KeptDraft>>()
        .await;
    assert_eq!(all, std::slice::from_ref(&second));
    let delete = async |rev: i64| {
        let path = format!("{path}?rev={rev}");
        bob.ask(Method::DELETE, &path).send().await
    };
    delete(first.rev).await.refused(Code::Stale).await;
    delete(second.rev).await.done();
    let none = bob.get("/drafts").send().await.told::<Value>().await;
    assert_eq!(none, json!([]));
}

#[tokio::test]
async fn a_message_to_be_sent_later_is_its_authors_to_change() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let at = soon(&cast.bob, cast.den).await;
    let path = format!("/rooms/{}/scheduled", cast.den);
    let later =
        |key: &str, text: &str, at: i64| json!({ "key": key, "draft": { "text": text }, "at": at });
    let post = async |body: Value| cast.bob.post(&path, &body).send().await;
    for wrong in [0, -1, at - 7_200_000, at + 400 * 86_400_000] {
        let refused = post(later("k", "x", wrong))
            .await
            .refused(Code::Invalid)
            .await;
        assert_eq!(refused.field.as_deref(), Some("at"));
    }
    post(later("k", "  ", at))
        .await
        .refused(Code::Invalid)
        .await;
    let made = post(later("k", "x", at)).await.created::<Scheduled>().await;
    assert_eq!(
        post(later("k", "x", at)).await.created::<Scheduled>().await,
        made
    );
    post(later("k", "y", at))
        .await
        .refused(Code::KeyReused)
        .await;

    let mine = format!("/scheduled/{}", made.id);
    let change = json!({ "draft": { "text": "better" } });
    let theirs = ask(&cast.alice, Method::PATCH, &mine, change.clone()).await;
    theirs.refused(Code::NotKept).await;
    let theirs = cast.alice.ask(Method::DELETE, &mine).send().await;
    theirs.refused(Code::NotKept).await;
    let past = ask(&cast.bob, Method::PATCH, &mine, json!({ "at": 1 })).await;
    past.refused(Code::Invalid).await;
    let better = ask(&cast.bob, Method::PATCH, &mine, change).await;
    assert_eq!(better.told::<Scheduled>().await.draft.text, "better");
    let all = cast.bob.get("/scheduled").send().await;
    assert_eq!(all.told::<Vec<Scheduled>>().await.len(), 1);
    let none = cast
        .alice
        .get("/scheduled")
        .send()
        .await
        .told::<Value>()
        .await;
    assert_eq!(none, json!([]));
    cast.bob.ask(Method::DELETE, &mine).send().await.done();
    let again = cast.bob.ask(Method::DELETE, &mine).send().await;
    again.refused(Code::NotKept).await;
}

#[tokio::test]
async fn a_reminder_is_only_its_owners() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let at = soon(&cast.bob, cast.den).await;
    let remind =
        |seq: i64, note: &str| json!({ "room": cast.den, "seq": seq, "at": at, "note": note });
    let post = async |body: Value| cast.bob.post("/reminders", &body).send().await;
    post(remind(99, ""))
        .await
        .refused(Code::NoSuchMessage)
        .await;
    post(remind(1, "")).await.refused(Code::NoSuchMessage).await;
    post(remind(4, &"x".repeat(201)))
        .await
        .refused(Code::TooLong)
        .await;
    let made = post(remind(4, "call back"))
        .await
        .created::<Reminder>()
        .await;
    assert!(!made.due && made.message.is_some());
    let path = format!("/reminders/{}", made.id);
    let theirs = cast.alice.ask(Method::DELETE, &path).send().await;
    theirs.refused(Code::NotKept).await;
    let mine = cast.bob.get("/reminders").send().await;
    assert_eq!(mine.told::<Vec<Reminder>>().await, [made]);
    cast.bob.ask(Method::DELETE, &path).send().await.done();
}

#[tokio::test]
async fn keywords_are_for_nobody_else() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let put = async |words: Value| {
        let body = json!({ "words": words });
        ask(&cast.bob, Method::PUT, "/me/keywords", body).await
    };
    put(json!(["."])).await.refused(Code::Invalid).await;
    put(json!(["x".repeat(41)]))
        .await
        .refused(Code::TooLong)
        .await;
    put(json!(vec!["x"; 51])).await.refused(Code::TooLong).await;
    let kept = put(json!(["Release", "release"])).await;
    assert_eq!(kept.told::<Keywords>().await.words, ["Release"]);
    let theirs = cast.alice.get("/me/keywords").send().await;
    assert!(theirs.told::<Keywords>().await.words.is_empty());
    cast.alice.says(cast.den, "k", "the release is out").await;
    let room = format!("/rooms/{}", cast.den);
    let mentions = async |who: &Person<'_>| {
        let state = who.get(&room).send().await.told::<Value>().await;
        state["mentions"].as_i64().unwrap_or(0)
    };
    assert_eq!(mentions(&cast.bob).await, 1);
    assert_eq!(mentions(&cast.alice).await, 0);
    for path in ["/messages", "/events?after=0"] {
        let seen = cast.alice.get(&format!("{room}{path}")).send().await;
        let seen = seen.told::<Value>().await;
        let said = seen.to_string();
        assert!(said.contains("the release is out"), "{said}");
        assert!(
            !said.contains("mention") && !said.contains("keyword"),
            "{said}"
        );
    }
}
