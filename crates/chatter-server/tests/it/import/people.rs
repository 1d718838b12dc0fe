//! Who is who: nobody who is here is taken for someone in an archive, unless
//! the owner says so.

use std::collections::BTreeMap;

use chatter_protocol::frame::Hello;
use chatter_protocol::post::Meaning;
use chatter_protocol::{
    AuditEntry, Code, Emoji, Fact, PROTOCOL_VERSION, Page, ServerFrame, UserId,
};
use chatter_terminal::connection::Connection;
use reqwest::Method;
use serde_json::{Value, json};

use super::{den_from_elsewhere, lived_in, room_called};
use crate::support::{Answer, PASSWORD, Person, TestServer};

async fn authors(person: &Person<'_>, room: chatter_protocol::RoomId) -> Vec<UserId> {
    let path = format!("/rooms/{room}/messages?limit=200");
    let page: Page = person.get(&path).send().await.told().await;
    page.messages.iter().map(|message| message.author).collect()
}

#[tokio::test]
async fn people_come_along_and_are_nobody_who_is_here() {
    let mut archive = den_from_elsewhere().await;
    archive
        .entry("people/")
        .change(1, |bob| bob["name"] = json!("Robert"));
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let looked = cast.alice.imports("?dry_run=true", &archive).await;
    assert!(looked.dry_run && looked.rooms[0].room.is_none());
    assert_eq!((looked.people_added, looked.people_matched.len()), (2, 0));
    assert_eq!(cast.alice.everyone().await.len(), 3, "it only looked");

    let imported = cast.alice.imports("?name=attic", &archive).await;
    assert_eq!(
        (imported.people_added, imported.people_matched.len()),
        (2, 0)
    );
    assert_eq!(
        (imported.events, imported.files),
        (looked.events, looked.files)
    );
    let attic = room_called(&cast.alice, "attic").await.room.id;
    assert_eq!(imported.rooms[0].room, Some(attic));
    let people = cast.alice.everyone().await;
    let called = |handle: &str| {
        let mut found = people
            .iter()
            .filter(|user| user.handle.as_deref() == Some(handle));
        found
            .next()
            .unwrap_or_else(|| panic!("nobody is @{handle}"))
    };
    let (alice_there, bob_there) = (called("alice-2"), called("bob-2"));
    assert!(alice_there.deactivated && bob_there.deactivated);
    let authors = authors(&cast.alice, attic).await;
    assert!(authors.contains(&alice_there.id) && authors.contains(&bob_there.id));
    assert!(!authors.contains(&cast.bob.me.id), "bob said none of it");

    // Bob here has nothing to do with it, and nobody is bob of there.
    cast.bob
        .get(&format!("/rooms/{attic}"))
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    for password in [PASSWORD, ""] {
        let body = json!({ "handle": "bob-2", "password": password, "token": true });
        let asked = server.post("/sessions", &body).send().await;
        assert!(!asked.unwrap().status().is_success());
    }
    let guest = json!({ "name": "robert", "token": true });
    let asked = server.post("/guests", &guest).send().await;
    asked.refused(Code::NameTaken).await;
}

#[tokio::test]
async fn handles_mean_the_same_people_only_when_the_owner_says_so() {
    let archive = den_from_elsewhere().await;
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let before = cast.alice.everyone().await;
    let imported = cast
        .alice
        .imports("?people=by_handle&name=attic", &archive)
        .await;
    assert_eq!(imported.people_added, 0);
    assert_eq!(imported.people_matched, ["alice", "bob"]);
    assert_eq!(
        cast.alice.everyone().await,
        before,
        "and nothing about them changed"
    );
    let state = room_called(&cast.bob, "attic").await;
    assert_eq!(
        (state.unread, state.mentions),
        (0, 0),
        "what came with it is not new"
    );
    let authors = authors(&cast.bob, state.room.id).await;
    assert!(authors.contains(&cast.bob.me.id) && authors.contains(&cast.alice.me.id));
    let outsider = cast
        .carol
        .get(&format!("/rooms/{}", state.room.id))
        .send()
        .await;
    outsider.refused(Code::NoSuchRoom).await;

    // It is a room like any other from here on.
    cast.bob.says(state.room.id, "new", "and on we go").await;
    let again = cast.bob.says(state.room.id, "k2", "with a typo").await;
    assert_eq!(again["seq"], 5, "keys are still their authors'");
    assert_eq!(room_called(&cast.alice, "attic").await.unread, 1);
    let audit: Vec<AuditEntry> = cast.alice.get("/admin/audit").send().await.told().await;
    let deeds: Vec<_> = audit.iter().map(|line| line.deed.as_str()).collect();
    assert_eq!(deeds[..2], ["archive_imported", "room_imported"]);
    assert_eq!(audit[0].detail["matched"], "2");
    assert_eq!(audit[1].room, Some(state.room.id));
}

#[tokio::test]
async fn what_came_in_is_found_read_and_followed_like_what_was_said_here() {
    let archive = den_from_elsewhere().await;
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.alice
        .imports("?people=by_handle&name=attic", &archive)
        .await;
    let attic = room_called(&cast.bob, "attic").await.room.id;
    let found: Value = cast.bob.get("/search?q=typo").send().await.told().await;
    assert_eq!(found["hits"].as_array().unwrap().len(), 1);
    let found: Value = cast.carol.get("/search?q=typo").send().await.told().await;
    assert_eq!(found["hits"].as_array().unwrap().len(), 0);
    let threads: Value = cast.alice.get("/threads").send().await.told().await;
    let threads = threads
        .as_array()
        .or_else(|| threads["threads"].as_array())
        .unwrap()
        .clone();
    assert_eq!((threads.len(), &threads[0]["unread"]), (1, &json!(0)));
    let page: Page = cast
        .bob
        .get(&format!("/rooms/{attic}/messages?limit=200"))
        .send()
        .await
        .told()
        .await;
    let first = page
        .messages
        .iter()
        .find(|message| message.seq.0 == 4)
        .unwrap();
    assert_eq!(
        (first.reactions.len(), first.pinned_by),
        (2, Some(cast.alice.me.id))
    );
    assert_eq!(first.replies.as_ref().unwrap().count, 1);
    let sent = page
        .messages
        .iter()
        .find_map(|message| match &message.fact {
            chatter_protocol::Fact::Posted(post) => post.attachments.first(),
            _ => None,
        });
    let file = &sent.unwrap().file;
    let bytes = cast.bob.fetches(file).await.bytes().await.unwrap();
    assert_eq!(&bytes[..], b"the bytes of it");
    let outside = cast.carol.get(&format!("/files/{file}")).send().await;
    outside.refused(Code::NoSuchFile).await;
}

#[tokio::test]
async fn a_message_says_what_a_file_was_called_that_had_gone_before() {
    let mut archive = den_from_elsewhere().await;
    archive.lose_a_file();
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let imported = cast.alice.imports("?name=attic", &archive).await;
    assert_eq!((imported.files, imported.missing_files), (1, 1));
    let attic = imported.rooms[0].room.unwrap();
    let page: Page = cast
        .alice
        .get(&format!("/rooms/{attic}/messages?limit=200"))
        .send()
        .await
        .told()
        .await;
    let mut carried = page
        .messages
        .iter()
        .flat_map(|message| match &message.fact {
            Fact::Posted(post) => post.attachments.clone(),
            _ => Vec::new(),
        });
    let lost = carried.find(|file| file.name == "notes.txt").unwrap();
    let asked = cast
        .alice
        .get(&format!("/files/{}", lost.file))
        .send()
        .await;
    asked.refused(Code::NoSuchFile).await;
    let dot = carried.find(|file| file.name == "dot.png").unwrap();
    cast.alice.fetches(&dot.file).await;
}

#[tokio::test]
async fn whoever_is_here_hears_of_a_room_of_theirs_when_it_appears() {
    let archive = den_from_elsewhere().await;
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let hello = || Hello {
        protocol: PROTOCOL_VERSION,
        token: Some(cast.bob.token.clone()),
        log_id: None,
        cursors: BTreeMap::new(),
    };
    let (_, mut bob) = Connection::open(&server.url(""), hello()).await.unwrap();
    let how = "?people=by_handle&name=attic";
    let imported = cast.alice.imports(how, &archive).await;
    let attic = imported.rooms[0].room.unwrap();
    let heard = loop {
        if let Some(ServerFrame::Room(state)) = bob.next().await.unwrap() {
            break state;
        }
    };
    assert_eq!((heard.room.id, heard.unread), (attic, 0));
    cast.alice.says(attic, "new", "welcome back").await;
    let said = loop {
        if let Some(ServerFrame::Event(event)) = bob.next().await.unwrap() {
            break event;
        }
    };
    assert_eq!(
        said.fact,
        Fact::said("welcome back"),
        "nothing old is told again"
    );
}

#[tokio::test]
async fn a_conversation_comes_alone_only_to_those_whose_it_was() {
    let there = TestServer::fresh().await;
    let cast = there.cast().await;
    let two = json!({ "users": [cast.bob.me.id] });
    let direct: Value = cast
        .alice
        .post("/directs", &two)
        .send()
        .await
        .created()
        .await;
    let room = direct["id"].as_str().unwrap().parse().unwrap();
    cast.bob.says(room, "k1", "between us").await;
    let archive = cast
        .alice
        .takes_out(&format!("/admin/export?room={room}"))
        .await;

    let here = TestServer::fresh().await;
    let cast = here.cast().await;
    for how in ["?dry_run=true", ""] {
        let asked = cast.alice.importing(how, &archive).send().await;
        asked.refused(Code::DirectRoom).await;
    }
    assert_eq!(cast.alice.everyone().await.len(), 3, "nobody came along");
    cast.alice.imports("?people=by_handle", &archive).await;
    let directs = cast.bob.my_rooms().await;
    let direct = directs
        .iter()
        .find(|state| state.room.name.is_empty())
        .unwrap();
    assert_eq!(direct.room.people.len(), 2);
    let asked = cast
        .alice
        .importing("?people=by_handle", &archive)
        .send()
        .await;
    asked.refused(Code::DirectRoom).await;
}

#[tokio::test]
async fn faces_and_emoji_come_with_everything_and_with_nothing_less() {
    let there = TestServer::fresh().await;
    let cast = there.cast().await;
    let picture =
        |who: &Person<'_>, method, path: &str| who.ask(method, path).body(super::dot()).send();
    let sent = picture(&cast.bob, Method::PUT, "/me/avatar").await;
    assert!(sent.unwrap().status().is_success());
    let sent = picture(&cast.carol, Method::POST, "/emoji?name=party").await;
    assert!(sent.unwrap().status().is_success());
    cast.bob.says(cast.den, "k1", "a :party: for all").await;
    let everything = cast.alice.takes_out("/admin/export").await;
    let den = cast
        .alice
        .takes_out(&format!("/admin/export?room={}", cast.den))
        .await;

    let here = TestServer::fresh().await;
    let owner = here.set_up().await;
    assert_eq!(owner.imports("", &den).await.emoji, 0);
    let known: Vec<Emoji> = owner.get("/emoji").send().await.told().await;
    assert_eq!(known, []);

    let here = TestServer::fresh().await;
    let owner = here.set_up().await;
    assert_eq!(
        owner.imports("?people=by_handle", &everything).await.emoji,
        1
    );
    let known: Vec<Emoji> = owner.get("/emoji").send().await.told().await;
    let people = owner.everyone().await;
    let called = |name: &str| people.iter().find(|user| user.name == name).unwrap();
    assert_eq!(
        (known[0].name.as_str(), known[0].created_by),
        ("party", called("carol").id)
    );
    assert!(called("bob").avatar.is_some() && called("carol").avatar.is_none());
    let den = room_called(&owner, "den").await.room.id;
    let page: Page = owner
        .get(&format!("/rooms/{den}/messages"))
        .send()
        .await
        .told()
        .await;
    let Some(Fact::Posted(post)) = page.messages.last().map(|message| &message.fact) else {
        panic!("{page:?}");
    };
    let means = &post.refs[0].means;
    assert_eq!(*means, Meaning::Emoji { id: known[0].id });
    let face = owner
        .get(&format!("/users/{}/avatar", called("bob").id))
        .send()
        .await;
    assert_eq!(face.unwrap().status(), 200);
}

#[tokio::test]
async fn a_server_that_was_empty_becomes_the_one_that_was_exported() {
    let there = TestServer::fresh().await;
    let cast = there.cast().await;
    lived_in(&cast).await;
    cast.carol.says(cast.lobby, "k1", "in the lobby").await;
    let archive = cast.alice.takes_out("/admin/export").await;

    let here = TestServer::fresh().await;
    let owner = here.set_up().await;
    let imported = owner.imports("?people=by_handle", &archive).await;
    assert_eq!(imported.people_matched, ["alice"]);
    assert_eq!((imported.people_added, imported.rooms_total), (2, 2));
    let lobby = room_called(&owner, "lobby").await.room;
    let page: Page = owner
        .get(&format!("/rooms/{}/messages", lobby.id))
        .send()
        .await
        .told()
        .await;
    assert!(
        page.messages
            .iter()
            .any(|message| message.text() == "in the lobby")
    );
    room_called(&owner, "den").await;
    let people = owner.everyone().await;
    let bob = people
        .iter()
        .find(|user| user.handle.as_deref() == Some("bob"))
        .unwrap();
    assert!(!bob.deactivated, "bob waits for a way in");
    assert_eq!(bob.role, chatter_protocol::ServerRole::Member);

    // Newcomers come to the lobby that came along.
    let invite: Value = owner
        .post("/invites", &json!({}))
        .send()
        .await
        .created()
        .await;
    let dora = here
        .registers(invite["secret"].as_str().unwrap(), "dora")
        .await;
    assert_eq!(room_called(&dora, "lobby").await.room.id, lobby.id);
}
