//! The way out: what an archive holds, and who gets one.

use std::collections::BTreeMap;
use std::io::Read;

use chatter_protocol::export::{End, ExportedFile, Manifest, Scope};
use chatter_protocol::rest::Events;
use chatter_protocol::{AuditEntry, Code, Event, Room, RoomId, User};
use serde::de::DeserializeOwned;

use crate::support::{Answer, Person, TestServer};

type Files = BTreeMap<String, Vec<u8>>;

async fn exports(person: &Person<'_>, path: &str) -> Files {
    let answer = person.get(path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let bytes = answer.bytes().await.expect("a whole archive");
    let mut archive = tar::Archive::new(&bytes[..]);
    let mut files = Files::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        assert!(files.insert(name, bytes).is_none(), "each file once");
    }
    files
}

fn one<T: DeserializeOwned>(files: &Files, name: &str) -> T {
    serde_json::from_slice(&files[name]).unwrap()
}

/// All lines of the files with this in their names.
fn lines<T: DeserializeOwned>(files: &Files, named: &str) -> Vec<T> {
    let texts = files.iter().filter(|(name, _)| name.contains(named));
    let texts = texts.map(|(_, bytes)| std::str::from_utf8(bytes).unwrap());
    texts
        .flat_map(str::lines)
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn log(person: &Person<'_>, room: RoomId) -> Vec<Event> {
    let path = format!("/rooms/{room}/events?limit=200");
    person.get(&path).send().await.told::<Events>().await.events
}

#[tokio::test]
async fn the_owner_takes_everything_along() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.bob.says(cast.den, "k1", "hello 世界").await;
    let sent = cast.bob.sends("notes.txt", b"the bytes of it").await;
    cast.bob.posts_files(cast.den, "k2", &[&sent]).await;
    let again = cast.bob.sends("copy.txt", b"the bytes of it").await;
    cast.bob.posts_files(cast.den, "k3", &[&again]).await;

    let files = exports(&cast.alice, "/admin/export").await;
    let manifest: Manifest = one(&files, "manifest.json");
    assert_eq!((manifest.version, manifest.scope), (1, Scope::Everything));
    let people: Vec<User> = lines(&files, "people/");
    let handles: Vec<_> = people
        .iter()
        .filter_map(|user| user.handle.as_deref())
        .collect();
    assert!(
        ["alice", "bob", "carol"]
            .iter()
            .all(|handle| handles.contains(handle))
    );
    let text: Vec<u8> = files.values().flatten().copied().collect();
    let text = String::from_utf8_lossy(&text);
    assert!(!text.contains("argon2"), "no password leaves the server");

    for room in [cast.lobby, cast.den] {
        let place = format!("rooms/{room}/");
        assert_eq!(one::<Room>(&files, &format!("{place}room.json")).id, room);
        let events: Vec<Event> = lines(&files, &format!("{place}events-"));
        assert_eq!(events, log(&cast.alice, room).await);
        assert!(!events.is_empty());
    }
    let said: ExportedFile = {
        let name = format!("rooms/{}/files/{}.json", cast.den, sent.id);
        one(&files, &name)
    };
    assert_eq!(said.name, "notes.txt");
    assert_eq!(files[&format!("files/{}", said.hash)], b"the bytes of it");
    let end: End = one(&files, "end.json");
    assert_eq!(
        (end.files, end.missing_files, end.people),
        (1, 0, people.len())
    );

    let audit = cast.alice.get("/admin/audit").send().await;
    let audit = audit.told::<Vec<AuditEntry>>().await;
    assert_eq!(audit[0].deed, "server_exported");
}

#[tokio::test]
async fn one_room_is_exported_without_the_others() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.bob.says(cast.den, "k1", "in the den").await;
    cast.carol.says(cast.lobby, "k2", "in the lobby").await;
    let files = exports(&cast.alice, &format!("/admin/export?room={}", cast.den)).await;
    let events: Vec<Event> = lines(&files, "/events-");
    assert!(events.iter().all(|event| event.room == cast.den));
    let people: Vec<User> = lines(&files, "people/");
    assert_eq!(people.len(), 2, "carol is nowhere in it");
    let nowhere = cast.alice.get("/admin/export?room=77").send().await;
    nowhere.refused(Code::NoSuchRoom).await;
}

#[tokio::test]
async fn a_person_takes_their_own_and_nothing_else() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.alice.says(cast.den, "k1", "her secret").await;
    cast.bob.says(cast.den, "k2", "his words").await;
    let files = exports(&cast.bob, "/me/export").await;
    let manifest: Manifest = one(&files, "manifest.json");
    assert_eq!(
        manifest.scope,
        Scope::Person {
            user: cast.bob.me.id
        }
    );
    let events: Vec<Event> = lines(&files, "/events-");
    assert!(events.iter().any(|event| event.room == cast.den));
    assert!(events.iter().all(|event| event.author == cast.bob.me.id));
    assert_eq!(lines::<User>(&files, "people/").len(), 1);

    for path in [
        "/admin/export".to_owned(),
        format!("/admin/export?room={}", cast.den),
    ] {
        let asked = cast.bob.get(&path).send().await;
        asked.refused(Code::NotAllowed).await;
        let asked = server.get(&path).send().await;
        asked.refused(Code::NotSignedIn).await;
    }
}
