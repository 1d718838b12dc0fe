use chatter_protocol::rest::{Events, Standing};
use chatter_protocol::rooms::Member;
use chatter_protocol::{Code, Message, Page, RoomState};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

#[tokio::test]
async fn a_message_said_over_rest_is_kept_changed_and_taken_back() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let first = cast.bob.says(cast.den, "k1", "hi").await;
    let again = cast.bob.says(cast.den, "k1", "hi").await;
    assert_eq!(first, again, "the same key is the same message");
    let place = format!("/rooms/{}/messages/{}", cast.den, first["seq"]);

    let edit = json!({ "text": "hello" });
    cast.alice
        .ask(Method::PATCH, &place)
        .json(&edit)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.bob
        .ask(Method::PATCH, &place)
        .json(&edit)
        .send()
        .await
        .told::<Value>()
        .await;
    let message = cast.alice.get(&place).send().await.told::<Message>().await;
    assert!(message.edited.is_some());
    assert_eq!(
        serde_json::to_value(&message.fact).unwrap()["text"],
        "hello"
    );

    cast.bob
        .ask(Method::DELETE, &place)
        .send()
        .await
        .told::<Value>()
        .await;
    let path = format!("/rooms/{}/messages", cast.den);
    let page = cast.alice.get(&path).send().await.told::<Page>().await;
    let tombstone = page.messages.last().unwrap();
    assert_eq!(tombstone.deleted_by, Some(cast.bob.me.id));
    let text = serde_json::to_string(&page).unwrap();
    assert!(!text.contains("hello"), "{text}");
    cast.bob
        .ask(Method::DELETE, &place)
        .send()
        .await
        .refused(Code::AlreadyDeleted)
        .await;
}

#[tokio::test]
async fn the_log_and_its_pages_tell_the_same_story() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    for n in 0..7 {
        cast.bob
            .says(cast.den, &format!("k{n}"), &format!("message {n}"))
            .await;
    }
    let room = format!("/rooms/{}", cast.den);
    let events = cast
        .bob
        .get(&format!("{room}/events"))
        .send()
        .await
        .told::<Events>()
        .await;
    let seqs: Vec<i64> = events.events.iter().map(|event| event.seq.0).collect();
    assert_eq!(
        seqs,
        (1..=events.head.0).collect::<Vec<_>>(),
        "dense from the first"
    );
    let later = format!("{room}/events?after={}&limit=1", events.head.0 - 1);
    let later = cast.bob.get(&later).send().await.told::<Events>().await;
    assert_eq!(later.events, events.events[events.events.len() - 1..]);

    let page = |query: &str| cast.bob.get(&format!("{room}/messages{query}")).send();
    let newest = page("?limit=3").await.told::<Page>().await;
    assert_eq!(newest.to, events.head);
    let before = page(&format!("?before={}&limit=3", newest.from))
        .await
        .told::<Page>()
        .await;
    assert_eq!(before.to.0 + 1, newest.from.0);
    let after = page(&format!("?after={}&limit=3", before.to))
        .await
        .told::<Page>()
        .await;
    assert_eq!(after.messages, newest.messages);
    let around = page(&format!("?around={}&limit=3", newest.from))
        .await
        .told::<Page>()
        .await;
    assert!(
        around
            .messages
            .iter()
            .any(|message| message.seq == newest.from)
    );
}

#[tokio::test]
async fn a_member_comes_and_goes() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let members = format!("/rooms/{}/members", cast.den);
    let carols = format!("{members}/{}", cast.carol.me.id);
    let role = json!({ "role": "member" });
    let carol_asks = cast.carol.ask(Method::PUT, &carols).json(&role);
    carol_asks.send().await.refused(Code::NoSuchRoom).await;
    let bob_adds = cast.bob.ask(Method::PUT, &carols).json(&role);
    bob_adds.send().await.done();
    assert_eq!(
        cast.carol
            .get(&members)
            .send()
            .await
            .told::<Vec<Member>>()
            .await
            .len(),
        3
    );
    cast.carol.says(cast.den, "k", "here I am").await;

    let bob_removes = cast.bob.ask(Method::DELETE, &carols);
    bob_removes.send().await.refused(Code::NotAllowed).await;
    cast.alice.ask(Method::DELETE, &carols).send().await.done();
    cast.carol
        .get(&members)
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let mine = cast
        .carol
        .get("/rooms")
        .send()
        .await
        .told::<Vec<RoomState>>()
        .await;
    assert!(mine.iter().all(|state| state.room.id != cast.den));
}

#[tokio::test]
async fn what_is_read_is_counted_down_and_never_up() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let first = cast.alice.says(cast.den, "1", "one").await["seq"]
        .as_i64()
        .unwrap();
    let second = cast.alice.says(cast.den, "2", "two").await["seq"]
        .as_i64()
        .unwrap();
    let room = format!("/rooms/{}", cast.den);
    let unread = cast
        .bob
        .get(&room)
        .send()
        .await
        .told::<RoomState>()
        .await
        .unread;
    assert_eq!(unread, 2);
    let read = |seq: i64| {
        let path = format!("{room}/receipt");
        cast.bob
            .ask(Method::PUT, &path)
            .json(&json!({ "seq": seq }))
            .send()
    };
    assert_eq!(read(second).await.told::<Standing>().await.unread, 0);
    assert_eq!(
        read(first).await.told::<Standing>().await.read.0,
        second,
        "never goes back"
    );
}

#[tokio::test]
async fn rooms_are_made_found_joined_and_left() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let tea = json!({ "name": "Tea", "kind": "open", "topic": "leaves" });
    let tea = cast
        .bob
        .post("/rooms", &tea)
        .send()
        .await
        .created::<RoomState>()
        .await;
    let same = json!({ "name": " TEA ", "kind": "open" });
    cast.alice
        .post("/rooms", &same)
        .send()
        .await
        .refused(Code::NameTaken)
        .await;
    let open = cast
        .carol
        .get("/rooms/open")
        .send()
        .await
        .told::<Vec<RoomState>>()
        .await;
    assert!(
        open.iter()
            .any(|state| state.room.id == tea.room.id && state.role.is_none())
    );

    let place = |verb: &str| format!("/rooms/{}/{verb}", tea.room.id);
    let carol = &cast.carol;
    let joined = carol
        .ask(Method::POST, &place("join"))
        .send()
        .await
        .told::<RoomState>()
        .await;
    assert_eq!(joined.room.member_count, 2);
    carol
        .ask(Method::POST, &place("typing"))
        .send()
        .await
        .done();
    carol.ask(Method::POST, &place("leave")).send().await.done();

    let people = json!({ "users": [cast.bob.me.id] });
    let direct = carol
        .post("/directs", &people)
        .send()
        .await
        .created::<RoomState>()
        .await;
    let again = carol
        .post("/directs", &people)
        .send()
        .await
        .created::<RoomState>()
        .await;
    assert_eq!(direct.room.id, again.room.id);
}
