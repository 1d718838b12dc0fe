//! Archives to be changed before they are handed in.

use std::collections::BTreeMap;
use std::io::Read;

use chatter_protocol::export::{End, ExportedFile};
use chatter_protocol::{Event, Room, User};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tar::{EntryType, Header};

#[derive(Clone, Default)]
pub struct Archive {
    pub entries: Vec<Entry>,
    /// Cut off at the end.
    pub cut: usize,
}

#[derive(Clone)]
pub struct Entry {
    pub name: String,
    pub kind: EntryType,
    pub bytes: Vec<u8>,
    /// What the header says instead.
    pub size: Option<u64>,
}

impl Archive {
    pub fn read(bytes: &[u8]) -> Self {
        let mut archive = tar::Archive::new(bytes);
        let mut read = Self::default();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().to_str().unwrap().to_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            read.push(&name, bytes);
        }
        read
    }

    pub fn push(&mut self, name: &str, bytes: Vec<u8>) {
        self.entries.push(Entry {
            name: name.to_owned(),
            kind: EntryType::Regular,
            bytes,
            size: None,
        });
    }

    /// Before the end.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> &mut Entry {
        let end = self.entries.pop().unwrap();
        self.push(name, bytes.to_vec());
        self.entries.push(end);
        let last = self.entries.len() - 2;
        &mut self.entries[last]
    }

    /// The first whose name has this in it.
    pub fn entry(&mut self, named: &str) -> &mut Entry {
        let mut entries = self.entries.iter_mut();
        let found = entries.find(|entry| entry.name.contains(named));
        found.unwrap_or_else(|| panic!("no entry is called {named}"))
    }

    pub fn remove(&mut self, named: &str) {
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.name.contains(named));
        assert!(self.entries.len() < before, "no entry is called {named}");
    }

    /// As if notes.txt had been past its time when this was made.
    pub fn lose_a_file(&mut self) {
        let mut described = self.entries.iter().filter(|it| it.name.contains("/files/"));
        let notes = described.find(|it| String::from_utf8_lossy(&it.bytes).contains("notes.txt"));
        let (name, file) = {
            let notes = notes.unwrap();
            let file: ExportedFile = serde_json::from_slice(&notes.bytes).unwrap();
            (notes.name.clone(), file)
        };
        self.remove(&name);
        self.remove(&format!("files/{}", file.hash));
        self.entry("end.json").change(0, |end| {
            end["files"] = (end["files"].as_i64().unwrap() - 1).into();
            end["missing_files"] = 1.into();
        });
    }

    /// As a tar, whatever its names are.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for entry in &self.entries {
            let mut header = Header::new_ustar();
            let name = entry.name.as_bytes();
            header.as_old_mut().name[..name.len()].copy_from_slice(name);
            header.set_size(entry.size.unwrap_or(entry.bytes.len() as u64));
            header.set_entry_type(entry.kind);
            header.set_cksum();
            out.extend_from_slice(header.as_bytes());
            out.extend_from_slice(&entry.bytes);
            out.resize(out.len().next_multiple_of(512), 0);
        }
        out.resize(out.len() + 1024, 0);
        out.truncate(out.len() - self.cut);
        out
    }

    pub fn one<T: DeserializeOwned>(&self, named: &str) -> T {
        let found = self.entries.iter().find(|entry| entry.name.contains(named));
        serde_json::from_slice(&found.unwrap().bytes).unwrap()
    }

    /// All lines of the entries with this in their names.
    pub fn lines<T: DeserializeOwned>(&self, named: &str) -> Vec<T> {
        let entries = self
            .entries
            .iter()
            .filter(|entry| entry.name.contains(named));
        let texts = entries.map(|entry| std::str::from_utf8(&entry.bytes).unwrap());
        let lines = texts.flat_map(str::lines);
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// What it says, in names that are the same on every server: people and
    /// rooms by what they are called, files by what they are.
    pub fn content(&self) -> BTreeMap<String, Vec<Value>> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for user in self.lines::<User>("people/") {
            names.insert(user.id.to_string(), format!("person {}", user.name));
        }
        let described = self
            .entries
            .iter()
            .filter(|entry| entry.name.contains("/files/"));
        for entry in described {
            let file: ExportedFile = serde_json::from_slice(&entry.bytes).unwrap();
            names.insert(file.file.to_string(), format!("file {}", file.hash));
        }
        let rooms = self.lines::<Room>("room.json");
        for room in &rooms {
            names.insert(room.id.to_string(), format!("room {}", room.name));
        }
        let mut content = BTreeMap::new();
        for room in rooms {
            let events = self.lines::<Event>(&format!("rooms/{}/events-", room.id));
            let events = events.iter().map(|event| {
                let mut event = serde_json::to_value(event).unwrap();
                event.as_object_mut().unwrap().remove("id");
                renamed(event, &names)
            });
            let called = format!("{:?} {}", room.kind, room.name);
            assert!(content.insert(called, events.collect()).is_none());
        }
        content
    }

    /// What the rooms are, beside their logs, by name.
    pub fn rooms(&self) -> Vec<Value> {
        let rooms = self.lines::<Room>("room.json").into_iter();
        let old = |room: &Room| room.name.ends_with("of before the import");
        let told = rooms.filter(|room| !old(room)).map(|room| {
            let mut told = serde_json::to_value(room).unwrap();
            // Names that differ from server to server; letters of the room's own.
            for name in ["id", "created_by", "people", "slug"] {
                told.as_object_mut().unwrap().remove(name);
            }
            told
        });
        let mut told: Vec<Value> = told.collect();
        told.sort_by_key(|room| room["name"].to_string());
        told
    }

    pub fn end(&self) -> End {
        self.one("end.json")
    }
}

fn renamed(value: Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(names.get(&text).cloned().unwrap_or(text)),
        Value::Array(all) => all.into_iter().map(|one| renamed(one, names)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, renamed(value, names)))
            .collect(),
        other => other,
    }
}

impl Entry {
    /// Changes the lines that `which` chooses, by their number.
    pub fn change(&mut self, line: usize, change: impl FnOnce(&mut Value)) {
        let text = String::from_utf8(self.bytes.clone()).unwrap();
        let mut lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        change(&mut lines[line]);
        self.bytes = written(&lines);
    }

    pub fn change_all(&mut self, change: impl FnOnce(&mut Vec<Value>)) {
        let text = String::from_utf8(self.bytes.clone()).unwrap();
        let mut lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        change(&mut lines);
        self.bytes = written(&lines);
    }
}

fn written(lines: &[impl Serialize]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut bytes, line).unwrap();
        bytes.push(b'\n');
    }
    bytes
}
