//! What cannot come in, and that nothing of it stays.

use chatter_protocol::Code;
use serde_json::{Value, json};
use tar::EntryType;

use super::archive::{Archive, Entry};
use super::{den_from_elsewhere, lived_in};
use crate::support::{Answer, Person, TestServer};

type Change = fn(&mut Archive);

/// What a server holds, as its owner sees it.
async fn all_there_is(alice: &Person<'_>) -> (usize, usize, usize) {
    let archive = alice.takes_out("/admin/export").await;
    let end = archive.end();
    (end.people, end.rooms, end.events)
}

#[tokio::test]
async fn only_the_owner_may_import() {
    let archive = den_from_elsewhere().await;
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    for how in ["", "?dry_run=true"] {
        let asked = cast.bob.importing(how, &archive).send().await;
        asked.refused(Code::NotAllowed).await;
        let path = format!("/admin/import{how}");
        let asked = server
            .ask(reqwest::Method::POST, &path)
            .body(archive.bytes());
        asked.send().await.refused(Code::NotSignedIn).await;
    }
    let looked = cast.alice.imports("?dry_run=true", &archive).await;
    assert_eq!(looked.rooms_total, 1, "the door exists for the owner");
}

#[tokio::test]
async fn what_is_odd_in_an_archive_is_named_and_nothing_of_it_stays() {
    let archive = den_from_elsewhere().await;
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let before = all_there_is(&cast.alice).await;
    let mut odd = Vec::new();
    for (entry, line, field, value, said) in odd_fields() {
        let mut archive = archive.clone();
        archive.entry(entry).change(line, |it| it[field] = value);
        odd.push((archive, said));
    }
    for (change, said) in odd_archives() {
        let mut archive = archive.clone();
        change(&mut archive);
        odd.push((archive, said));
    }
    for (archive, said) in odd {
        for how in ["?dry_run=true", ""] {
            let asked = cast.alice.importing(how, &archive).send().await;
            let refusal = asked.refused(Code::BadArchive).await;
            let message = refusal.message;
            assert!(message.contains(said), "{said}: {message}");
        }
    }
    assert_eq!(all_there_is(&cast.alice).await, before);
    // And the archive itself was not at fault.
    cast.alice.imports("", &archive).await;
}

/// A field of a line of the first entry with this in its name, another value
/// for it, and what the refusal says.
fn odd_fields() -> Vec<(&'static str, usize, &'static str, Value, &'static str)> {
    let person = json!({ "of": "person", "user": "7" });
    // Lines 0 to 2 make the room; 3 is the first message, 4 another, 5 its
    // edit, 7 a reaction.
    vec![
        ("manifest", 0, "version", json!(2), "format 2"),
        ("manifest", 0, "format", json!("zip"), "no export"),
        ("manifest", 0, "scope", person, "one person"),
        ("end.json", 0, "events", json!(3), "says 3 events"),
        ("end.json", 0, "people", json!(9), "says 9 people"),
        ("people/", 0, "handle", json!("Bob!"), "handle"),
        ("people/", 0, "handle", json!("chatter"), "reserved"),
        ("people/", 0, "name", json!("System"), "server's own"),
        ("people/", 0, "name", json!("x".repeat(99)), "longer"),
        ("people/", 0, "about", json!("a\u{0}"), "null"),
        ("room.json", 0, "head", json!(900), "too early"),
        ("room.json", 0, "id", json!("77"), "another room"),
        ("/files/", 0, "size", json!(1), "not so many"),
        ("/files/", 0, "file", json!("a7".repeat(16)), "another file"),
        ("/files/", 0, "hash", json!("../../x"), "its hash is none"),
        ("events-", 0, "name", json!(""), "empty"),
        (
            "events-",
            0,
            "kind",
            json!("archived"),
            "making of its room",
        ),
        ("events-", 4, "seq", json!(9), "a hole"),
        ("events-", 4, "seq", json!(4), "a hole"),
        ("events-", 4, "room", json!("77"), "of another room"),
        ("events-", 4, "kind", json!("blessed"), "line 5"),
        ("events-", 4, "author", json!("77"), "77 does something"),
        ("events-", 4, "at", json!(i64::MAX), "not in the past"),
        ("events-", 4, "at", json!(-1), "not in the past"),
        ("events-", 4, "text", json!("x".repeat(17_000)), "too long"),
        ("events-", 4, "text", json!("x".repeat(1 << 21)), "too long"),
        ("events-", 4, "text", json!("a\u{0}b"), "null"),
        ("events-", 4, "thread", json!(5), "not there"),
        ("events-", 4, "reply", json!(1), "not there"),
        ("events-", 5, "target", json!(1), "not there"),
        ("events-", 5, "target", json!(500), "not there"),
        ("events-", 5, "target", json!(-1), "not there"),
        ("events-", 7, "emoji", json!("option 1"), "no emoji"),
    ]
}

fn odd_archives() -> Vec<(Change, &'static str)> {
    vec![
        (|it| it.entries.clear(), "it is empty"),
        (|it| it.remove("manifest.json"), "begins with manifest.json"),
        (|it| it.remove("end.json"), "it broke off"),
        (|it| it.cut = 1_024, "it broke off"),
        (|it| it.cut = 1_500, "longer than what is left"),
        (|it| it.cut = 3_000, "it broke off"),
        (|it| it.strange("../../etc/passwd"), "no export gives"),
        (|it| it.strange("/etc/passwd"), "no export gives"),
        (|it| it.strange("people\\x"), "no export gives"),
        (|it| it.strange("a/./b"), "no export gives"),
        (|it| it.of_kind(EntryType::Symlink), "not a plain file"),
        (|it| it.of_kind(EntryType::Link), "not a plain file"),
        (|it| it.of_kind(EntryType::Char), "not a plain file"),
        (|it| it.of_kind(EntryType::Directory), "not a plain file"),
        (|it| it.of_kind(EntryType::GNULongName), "not a plain file"),
        (|it| it.of_kind(EntryType::XHeader), "not a plain file"),
        (|it| it.of_kind(EntryType::GNUSparse), "not a plain file"),
        (|it| it.claims_to_be(1 << 40), "longer than what is left"),
        (|it| it.claims_to_be(u64::MAX), "longer than what is left"),
        (
            |it| it.push("late.json", b"{}".to_vec()),
            "comes after the end",
        ),
        (|it| it.repeat("manifest"), "there twice"),
        (|it| it.repeat("room.json"), "there twice"),
        (|it| it.repeat("events-"), "a hole"),
        (|it| it.repeat("people/"), "there twice"),
        (|it| it.repeat("/files/"), "there twice"),
        (|it| it.repeat_bytes(), "there twice"),
        (|it| it.entry("/files/").bytes.clear(), "not one line"),
        (|it| it.damage_bytes(), "not those of its name"),
        (|it| it.without_bytes(), "are not there"),
        (
            |it| it.remove("/files/"),
            "files that messages carry are not there",
        ),
        (|it| it.strange_lines("emoji.jsonl", "{}"), "line 1"),
        (|it| it.strange_lines("emoji.jsonl", EMOJI), "not there"),
        (
            |it| it.strange_lines("faces/000000.jsonl", FACE),
            "not there",
        ),
        (|it| it.without_somebody(), "is not there"),
        (|it| it.joins_twice(), "who belongs"),
    ]
}

/// Whose picture is nowhere, of nobody.
const EMOJI: &str = r#"{"id":"7","name":"party","created_by":"9","created_at":1,
    "hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#;
const FACE: &str = r#"{"user":"9",
    "hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#;

impl Archive {
    fn strange_lines(&mut self, name: &str, line: &str) {
        let line = line.replace('\n', "");
        self.add(name, line.as_bytes());
    }

    fn strange(&mut self, name: &str) {
        self.add(name, b"x");
    }

    fn of_kind(&mut self, kind: EntryType) {
        self.add("more", b"").kind = kind;
    }

    fn claims_to_be(&mut self, size: u64) {
        self.add("bomb", b"x").size = Some(size);
    }

    fn repeat(&mut self, named: &str) {
        let entry = self.entry(named).clone();
        self.add(&entry.name, &entry.bytes);
    }

    fn bytes_of_a_file(&mut self) -> &mut Entry {
        let mut entries = self.entries.iter_mut();
        let found = entries.find(|entry| entry.name.starts_with("files/"));
        found.expect("an archive with files")
    }

    fn repeat_bytes(&mut self) {
        let entry = self.bytes_of_a_file().clone();
        self.add(&entry.name, &entry.bytes);
    }

    fn damage_bytes(&mut self) {
        self.bytes_of_a_file().bytes[0] ^= 1;
    }

    fn without_bytes(&mut self) {
        self.entries
            .retain(|entry| !entry.name.starts_with("files/"));
        self.entry("end.json")
            .change(0, |end| end["files"] = json!(0));
    }

    fn without_somebody(&mut self) {
        self.entry("people/")
            .change_all(|people| people.truncate(1));
        self.entry("end.json")
            .change(0, |end| end["people"] = json!(1));
    }

    fn joins_twice(&mut self) {
        self.entry("events-").change(2, |joined| {
            joined["user"] = joined["author"].clone();
        });
    }
}

#[tokio::test]
async fn what_turns_out_wrong_late_is_taken_back_as_if_it_had_never_come() {
    let mut archive = den_from_elsewhere().await;
    // The same key twice is seen only where it is stored, after the people, the
    // files and the events before it.
    archive.entry("events-").change_all(|events| {
        let author = events[4]["author"].clone();
        let last = events.len();
        let mut again: Value = events[4].clone();
        again["seq"] = json!(last + 1);
        again["author"] = author;
        events.push(again);
    });
    archive.entry("end.json").change(0, |end| {
        let events = end["events"].as_i64().unwrap();
        end["events"] = json!(events + 1);
    });
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let before = all_there_is(&cast.alice).await;
    let asked = cast.alice.importing("", &archive).send().await;
    let refusal = asked.refused(Code::BadArchive).await;
    assert!(refusal.message.contains("key"), "{}", refusal.message);
    assert_eq!(all_there_is(&cast.alice).await, before);
    let handles: Vec<_> = cast.alice.everyone().await;
    assert_eq!(handles.len(), 3, "nobody came along");
    let found: Value = cast.alice.get("/search?q=typo").send().await.told().await;
    assert_eq!(found["hits"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn everything_goes_into_an_empty_server_and_into_no_other() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    lived_in(&cast).await;
    let archive = cast.alice.takes_out("/admin/export").await;
    for how in ["?dry_run=true", ""] {
        let asked = cast.alice.importing(how, &archive).send().await;
        asked.refused(Code::NotEmpty).await;
    }
    let other = TestServer::fresh().await;
    let owner = other.set_up().await;
    let lobby = owner.my_rooms().await[0].room.id;
    owner.says(lobby, "k1", "the first word").await;
    let asked = owner.importing("", &archive).send().await;
    asked.refused(Code::NotEmpty).await;
}

#[tokio::test]
async fn an_open_room_does_not_take_the_name_of_another() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let hall = json!({ "name": "Hall", "kind": "open" });
    let hall: Value = cast
        .alice
        .post("/rooms", &hall)
        .send()
        .await
        .created()
        .await;
    let id = hall["id"].as_str().unwrap();
    let archive = cast
        .alice
        .takes_out(&format!("/admin/export?room={id}"))
        .await;
    for how in ["?dry_run=true", "", "?name=HALL"] {
        let asked = cast.alice.importing(how, &archive).send().await;
        let refusal = asked.refused(Code::NameTaken).await;
        assert_eq!(refusal.field.as_deref(), Some("name"));
    }
    let asked = cast.alice.importing("?name=a%0Ab", &archive).send().await;
    asked.refused(Code::Invalid).await;
    let imported = cast.alice.imports("?name=Old+hall", &archive).await;
    assert_eq!(imported.rooms[0].name, "Old hall");
    super::room_called(&cast.alice, "Old hall").await;
    super::room_called(&cast.alice, "Hall").await;
}
