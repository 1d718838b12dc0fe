//! Out, in, and out again: the same, from engine to engine.

use chatter_protocol::{Fact, Page, Room};
use reqwest::Method;
use serde_json::{Value, json};

use super::archive::Archive;
use super::lived_in;
use crate::support::{Answer, Cast, TestServer};

/// An empty database of one's own, or `None` where it was said aloud that
/// PostgreSQL is left out.
#[expect(
    clippy::disallowed_methods,
    reason = "where the tests' server is comes from the environment"
)]
async fn postgres() -> Option<String> {
    if std::env::var("CHATTER_TEST_SQLITE_ONLY").is_ok_and(|only| only == "1") {
        return None;
    }
    let server = std::env::var("CHATTER_TEST_POSTGRES").expect(
        "CHATTER_TEST_POSTGRES names no server: run scripts/postgres.sh start and set it to what \
         that prints, or set CHATTER_TEST_SQLITE_ONLY=1 to leave PostgreSQL out",
    );
    let connected = tokio_postgres::connect(&server, tokio_postgres::NoTls).await;
    let (client, connection) = connected.unwrap();
    tokio::spawn(connection);
    let made = client
        .query_one(
            "select 'imported_' || replace(gen_random_uuid()::text, '-', '')",
            &[],
        )
        .await;
    let name: String = made.unwrap().get(0);
    client
        .batch_execute(&format!("create database {name}"))
        .await
        .unwrap();
    let (before, _) = server.rsplit_once('/').unwrap();
    Some(format!("{before}/{name}"))
}

/// A server with everything that can happen in it, and two archives of it.
async fn lived(database: &str, data: &str) -> (Archive, Archive) {
    let server = TestServer::fresh_on(database, &[data]).await;
    let cast = server.cast().await;
    let den = lived_in(&cast).await;
    cast.carol.says(cast.lobby, "k1", "in the lobby").await;
    in_other_rooms(&cast).await;
    let everything = cast.alice.takes_out("/admin/export").await;
    let room = cast
        .alice
        .takes_out(&format!("/admin/export?room={den}"))
        .await;
    (everything, room)
}

/// Rooms of every kind, what became of them, and what went from one to another.
async fn in_other_rooms(cast: &Cast<'_>) {
    let (alice, bob, carol) = (&cast.alice, &cast.bob, &cast.carol);
    let hall = json!({ "name": "hall", "kind": "open", "topic": "tea" });
    let hall: Room = alice.post("/rooms", &hall).send().await.created().await;
    let place = format!("/rooms/{}", hall.id);
    for who in [bob, carol] {
        let joined = who.ask(Method::POST, &format!("{place}/join")).send().await;
        assert!(joined.unwrap().status().is_success());
    }
    bob.says(hall.id, "k1", "to be passed on").await;
    let left = carol
        .ask(Method::POST, &format!("{place}/leave"))
        .send()
        .await;
    assert!(left.unwrap().status().is_success());
    for change in [
        json!({ "name": "Great hall" }),
        json!({ "topic": "more tea" }),
        json!({ "rules": { "slow": 30, "pin": "moderator" } }),
        json!({ "archived": true }),
    ] {
        let changed = alice.ask(Method::PATCH, &place).json(&change).send().await;
        assert!(changed.unwrap().status().is_success(), "{change}");
    }
    // What was said in an open room, and a file of a closed one.
    let page = alice.get(&format!("/rooms/{}/messages?limit=200", cast.den));
    let page: Page = page.send().await.told().await;
    let mut with_file = page.messages.iter().filter(|message| match &message.fact {
        Fact::Posted(post) => !post.attachments.is_empty(),
        _ => false,
    });
    let file = with_file.next().unwrap().seq;
    for (key, room, seq) in [("f1", hall.id, 6), ("f2", cast.den, file.0)] {
        let forward = json!({ "key": key, "text": "", "forward": { "room": room, "seq": seq } });
        let lobby = format!("/rooms/{}/messages", cast.lobby);
        alice
            .post(&lobby, &forward)
            .send()
            .await
            .created::<Value>()
            .await;
    }
    let two = json!({ "users": [bob.me.id] });
    let direct: Room = alice.post("/directs", &two).send().await.created().await;
    bob.says(direct.id, "k1", "between us").await;
}

/// What comes out of an empty server that took `archive` in.
async fn through(database: &str, data: &str, archive: &Archive) -> Archive {
    let server = TestServer::fresh_on(database, &[data]).await;
    let owner = server.set_up().await;
    owner.imports("?people=by_handle", archive).await;
    owner.takes_out("/admin/export").await
}

fn is_the_same(before: &Archive, after: &Archive) {
    let mut there = before.content();
    let mut here = after.content();
    here.remove("Open lobby of before the import").unwrap();
    for (room, events) in &mut there {
        let found = here
            .remove(room)
            .unwrap_or_else(|| panic!("{room} is not there"));
        for (n, (one, other)) in events.iter().zip(&found).enumerate() {
            assert_eq!(one, other, "event {} of {room}", n + 1);
        }
        assert_eq!(events.len(), found.len(), "{room}");
    }
    assert!(here.is_empty(), "{:?}", here.keys());
    for (room, other) in before.rooms().into_iter().zip(after.rooms()) {
        assert_eq!(room, other);
    }
    let named = |archive: &Archive| {
        let bytes = archive
            .entries
            .iter()
            .filter(|entry| entry.name.starts_with("files/"));
        let mut bytes: Vec<_> = bytes
            .map(|entry| (entry.name.clone(), entry.bytes.clone()))
            .collect();
        bytes.sort();
        bytes
    };
    assert_eq!(named(before), named(after), "the bytes of files");
}

/// In a room that came alone, only what its new owner did comes after it.
async fn alone(database: &str, data: &str, archive: &Archive) {
    let server = TestServer::fresh_on(database, &[data]).await;
    let owner = server.set_up().await;
    let imported = owner.imports("", archive).await;
    let room = imported.rooms[0].room.unwrap();
    let after = owner.takes_out(&format!("/admin/export?room={room}")).await;
    let (before, mut after) = (archive.content(), after.content());
    let mut found: Vec<Value> = after.remove("Closed den").unwrap();
    let last = found.pop().unwrap();
    assert_eq!(
        (&last["kind"], &last["role"]),
        (&"joined".into(), &"owner".into())
    );
    let mut said = before["Closed den"].clone();
    // The word for a room that did not come along is only a word.
    said[3]["refs"]
        .as_array_mut()
        .unwrap()
        .retain(|one| one["is"] != "room");
    assert_eq!(found, said);
}

async fn goes_through(from: (&str, &str), to: [(&str, &str); 2]) {
    let (everything, room) = lived(from.0, from.1).await;
    let after = through(to[0].0, to[0].1, &everything).await;
    is_the_same(&everything, &after);
    alone(to[1].0, to[1].1, &room).await;
}

const MEMORY: (&str, &str) = ("memory:", "--log=info");

#[tokio::test]
async fn what_goes_out_of_sqlite_comes_into_sqlite_the_same() {
    goes_through(MEMORY, [MEMORY, MEMORY]).await;
}

#[tokio::test]
async fn what_goes_out_of_sqlite_comes_into_postgres_the_same() {
    let (Some(one), Some(other)) = (postgres().await, postgres().await) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let data = format!("--data={}", folder.path().display());
    goes_through(MEMORY, [(&one, &data), (&other, &data)]).await;
}

#[tokio::test]
async fn what_goes_out_of_postgres_comes_into_sqlite_the_same() {
    let Some(database) = postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let data = format!("--data={}", folder.path().display());
    goes_through((&database, &data), [MEMORY, MEMORY]).await;
}
