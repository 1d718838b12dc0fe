//! Looks an archive over from end to end before anything of it is used: what
//! it holds, where, and whether all of it can be.
//!
//! What stays in memory is one line for each person, room and file, and one
//! log at a time; how many there may be is in the limits. It blocks.

mod files;
mod rooms;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;

use chatter_protocol::export::{End, ExportedEmoji, ExportedFile, Manifest, Scope};
use chatter_protocol::limits::{IMPORT_ENTRIES, IMPORT_PEOPLE};
use chatter_protocol::rooms::Member;
use chatter_protocol::{Fact, FileId, Millis, Room, RoomId, RoomKind, User, UserId};
use chatter_store::BlobHash;

use super::archive::{BadArchive, Entries, Place, ReadError, Span};
use super::log::Heard;
use super::people;
use crate::export::VERSION;

/// What holds whatever the archive says.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of one file.
    pub file: i64,
    /// Nothing in it is from after this.
    pub latest: Millis,
}

/// What an archive holds.
pub struct Plan {
    pub manifest: Manifest,
    pub people: Vec<(String, Span)>,
    pub people_count: usize,
    pub rooms: Vec<PlannedRoom>,
    /// Those that messages carry.
    pub files: HashMap<FileId, PlannedFile>,
    /// Files that messages carry and that are not in it.
    pub missing: Vec<FileId>,
    pub events: usize,
    pub emoji: Vec<(ExportedEmoji, Span)>,
    pub faces: Vec<(UserId, Span)>,
    /// Chatter itself is among the people, and says something.
    pub system: bool,
    pub system_speaks: bool,
}

pub struct PlannedRoom {
    pub id: RoomId,
    pub name: String,
    pub kind: RoomKind,
    pub newcomers: bool,
    pub events: usize,
    pub logs: Vec<(String, Span)>,
    /// Of a direct room.
    pub people: Vec<UserId>,
}

pub struct PlannedFile {
    pub said: ExportedFile,
    pub bytes: Span,
    /// Who first sent it.
    pub author: UserId,
}

type Carried = (HashMap<FileId, PlannedFile>, Vec<FileId>);

/// A file as the archive describes it, and where it was described last.
struct Described {
    said: ExportedFile,
    hash: BlobHash,
    room: RoomId,
}

pub fn look(path: &Path, bounds: Bounds) -> Result<Plan, ReadError> {
    let mut entries = Entries::new(File::open(path)?)?;
    let Some(first) = entries.next()? else {
        return Err(BadArchive::at("the archive", "it is empty").into());
    };
    if Place::of(&first.name) != Place::Manifest {
        return Err(BadArchive::at(first.name, "an export begins with manifest.json").into());
    }
    let manifest: Manifest = entries.lines(first.span)?.only(&first.name)?;
    is_ours(&manifest)?;
    let mut looking = Looking::new(manifest, bounds);
    let mut count = 1;
    while let Some(entry) = entries.next()? {
        count += 1;
        if count > IMPORT_ENTRIES {
            return Err(too_many("entries").into());
        }
        looking.entry(&mut entries, &entry.name, entry.span)?;
    }
    Ok(looking.done()?)
}

fn is_ours(manifest: &Manifest) -> Result<(), BadArchive> {
    let wrong = |why: String| Err(BadArchive::at("manifest.json", why));
    if manifest.format != "chatter-export" {
        return wrong("this is no export of Chatter".to_owned());
    }
    if manifest.version != VERSION {
        return wrong(format!(
            "it is of format {}, and this version knows {VERSION}",
            manifest.version
        ));
    }
    if let Scope::Person { .. } = manifest.scope {
        return wrong("what one person took along holds no rooms".to_owned());
    }
    Ok(())
}

fn too_many(what: &str) -> BadArchive {
    BadArchive::at("the archive", format!("it holds too many {what}"))
}

struct Looking {
    bounds: Bounds,
    manifest: Manifest,
    end: Option<End>,
    people: Vec<(String, Span)>,
    known: HashSet<UserId>,
    handles: HashSet<String>,
    /// Whom events name, as author or otherwise.
    named: HashSet<UserId>,
    rooms: Vec<PlannedRoom>,
    seen_rooms: HashSet<RoomId>,
    open_names: HashSet<String>,
    conversations: HashSet<Vec<UserId>>,
    /// Of the last room.
    heard: Heard,
    head_at_least: usize,
    files: HashMap<FileId, Described>,
    carried: HashMap<FileId, UserId>,
    bytes: HashMap<BlobHash, Span>,
    emoji: Vec<(ExportedEmoji, BlobHash)>,
    faces: HashMap<UserId, BlobHash>,
    events: usize,
    system: bool,
    system_speaks: bool,
}

impl Looking {
    fn new(manifest: Manifest, bounds: Bounds) -> Self {
        Self {
            bounds,
            manifest,
            end: None,
            people: Vec::new(),
            known: HashSet::new(),
            handles: HashSet::new(),
            named: HashSet::new(),
            rooms: Vec::new(),
            seen_rooms: HashSet::new(),
            open_names: HashSet::new(),
            conversations: HashSet::new(),
            heard: Heard::default(),
            head_at_least: 0,
            files: HashMap::new(),
            carried: HashMap::new(),
            bytes: HashMap::new(),
            emoji: Vec::new(),
            faces: HashMap::new(),
            events: 0,
            system: false,
            system_speaks: false,
        }
    }

    fn entry(&mut self, entries: &mut Entries, name: &str, span: Span) -> Result<(), ReadError> {
        if self.end.is_some() {
            return Err(BadArchive::at(name, "it comes after the end").into());
        }
        let here = |why: String| ReadError::from(BadArchive::at(name, why));
        match Place::of(name) {
            Place::Manifest => Err(here("it is there twice".to_owned())),
            Place::People => self.some_people(entries, name, span),
            Place::Room(room) => {
                self.room_is_whole()?;
                let said: Room = entries.lines(span)?.only(name)?;
                self.begin_room(room, &said).map_err(here)
            }
            Place::Members(room) => {
                self.is_present(room).map_err(here)?;
                let mut lines = entries.lines(span)?;
                // The log says who belongs to the room.
                while lines.next::<Member>(name)?.is_some() {}
                Ok(())
            }
            Place::Events(room) => {
                self.is_present(room).map_err(here)?;
                self.some_events(entries, name, span)
            }
            Place::File(room, id) => {
                self.is_present(room).map_err(here)?;
                let said: ExportedFile = entries.lines(span)?.only(name)?;
                self.describe(room, &id, said).map_err(here)
            }
            Place::Emoji => self.some_emoji(entries, name, span),
            Place::Faces => self.some_faces(entries, name, span),
            Place::Bytes(hash) => {
                self.fits(span).map_err(here)?;
                if entries.hash(span)? != hash {
                    return Err(here("its bytes are not those of its name".to_owned()));
                }
                self.keep(hash, span).map_err(here)
            }
            Place::End => {
                self.end = Some(entries.lines(span)?.only(name)?);
                Ok(())
            }
            Place::Unknown => Ok(()),
        }
    }

    fn some_people(
        &mut self,
        entries: &mut Entries,
        name: &str,
        span: Span,
    ) -> Result<(), ReadError> {
        let mut lines = entries.lines(span)?;
        while let Some(user) = lines.next::<User>(name)? {
            if self.known.len() >= IMPORT_PEOPLE {
                return Err(too_many("people").into());
            }
            let wrong = |why: &str| BadArchive::at(name, format!("person {}: {why}", user.id));
            if !self.known.insert(user.id) {
                return Err(wrong("they are there twice").into());
            }
            if people::is_chatter(&user) {
                self.system = true;
                continue;
            }
            people::check(&user, self.bounds.latest).map_err(|why| wrong(&why))?;
            if let Some(handle) = &user.handle
                && !self.handles.insert(handle.clone())
            {
                return Err(wrong("someone else has this handle").into());
            }
        }
        self.people.push((name.to_owned(), span));
        Ok(())
    }

    fn done(mut self) -> Result<Plan, BadArchive> {
        let Some(end) = self.end else {
            return Err(BadArchive::at(
                "the archive",
                "it broke off: there is no end.json",
            ));
        };
        self.room_is_whole()?;
        let wrong = |why: String| Err(BadArchive::at("end.json", why));
        for (what, said, found) in [
            ("people", end.people, self.known.len()),
            ("rooms", end.rooms, self.rooms.len()),
            ("events", end.events, self.events),
            ("files", end.files, self.bytes.len()),
        ] {
            if said != found {
                return wrong(format!("it says {said} {what}, and {found} are there"));
            }
        }
        if let (Scope::Room { .. }, 0) = (self.manifest.scope, self.rooms.len()) {
            return wrong("the room is not there".to_owned());
        }
        if let Some(nobody) = self.named.difference(&self.known).next() {
            return wrong(format!("person {nobody} does something and is not there"));
        }
        let (files, missing) = self.carried_files()?;
        if missing.len() > end.missing_files {
            let count = missing.len();
            return wrong(format!("{count} files that messages carry are not there"));
        }
        let emoji = std::mem::take(&mut self.emoji).into_iter();
        let emoji = emoji.map(|(emoji, hash)| Ok((emoji, self.picture(hash)?)));
        let emoji = emoji.collect::<Result<_, BadArchive>>()?;
        let faces = std::mem::take(&mut self.faces).into_iter();
        let faces = faces.map(|(user, hash)| Ok((user, self.picture(hash)?)));
        let faces = faces.collect::<Result<_, BadArchive>>()?;
        Ok(Plan {
            emoji,
            faces,
            manifest: self.manifest,
            people: self.people,
            people_count: self.known.len(),
            rooms: self.rooms,
            files,
            missing,
            events: self.events,
            system: self.system,
            system_speaks: self.system && self.system_speaks,
        })
    }
}

/// What puts words into somebody's mouth.
pub fn is_said(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Posted(_) | Fact::Edited { .. } | Fact::Reacted { .. } | Fact::Voted { .. }
    )
}
