//! Rooms and their logs, one at a time.

use chatter_protocol::export::Scope;
use chatter_protocol::limits::{IMPORT_FILES, IMPORT_PEOPLE, IMPORT_ROOMS};
use chatter_protocol::{Event, Room, RoomId, RoomKind};

use super::super::archive::{BadArchive, Entries, ReadError, Span};
use super::super::log::Heard;
use super::{Looking, PlannedRoom, is_said, too_many};
use crate::rooms::lobby::SYSTEM;
use crate::text::name_key;

impl Looking {
    pub(super) fn begin_room(&mut self, id: RoomId, said: &Room) -> Result<(), String> {
        if self.rooms.len() >= IMPORT_ROOMS {
            return Err("there are too many rooms".to_owned());
        }
        if said.id != id {
            return Err("it describes another room".to_owned());
        }
        let wanted = match self.manifest.scope {
            Scope::Room { room } => room == id,
            _ => true,
        };
        if !wanted || !self.seen_rooms.insert(id) {
            return Err("this room is there twice, or should not be there".to_owned());
        }
        self.heard = Heard::default();
        self.head_at_least = usize::try_from(said.head.0).unwrap_or(0);
        self.rooms.push(PlannedRoom {
            id,
            name: String::new(),
            kind: said.kind,
            newcomers: said.newcomers,
            events: 0,
            logs: Vec::new(),
            people: Vec::new(),
        });
        Ok(())
    }

    /// What a room holds stands together, behind what it is.
    pub(super) fn is_present(&self, room: RoomId) -> Result<(), String> {
        match self.rooms.last() {
            Some(last) if last.id == room => Ok(()),
            _ => Err("it is not with its room".to_owned()),
        }
    }

    pub(super) fn some_events(
        &mut self,
        entries: &mut Entries,
        name: &str,
        span: Span,
    ) -> Result<(), ReadError> {
        let mut lines = entries.lines(span)?;
        while let Some(event) = lines.next::<Event>(name)? {
            let wrong = |why: String| BadArchive::at(name, why);
            let Some(room) = self.rooms.last_mut() else {
                return Err(wrong("it is not with its room".to_owned()).into());
            };
            let heard = self.heard.hear(&event, room.id, self.bounds.latest);
            heard.map_err(wrong)?;
            room.events += 1;
            self.events += 1;
            if event.author == SYSTEM && is_said(&event.fact) {
                self.system_speaks = true;
            }
            self.named.insert(event.author);
            self.named.extend(event.fact.people());
            for file in event.fact.files() {
                self.carried.entry(file.clone()).or_insert(event.author);
            }
            if self.named.len() > IMPORT_PEOPLE || self.carried.len() > IMPORT_FILES {
                return Err(too_many("people or files").into());
            }
        }
        if let Some(room) = self.rooms.last_mut() {
            room.logs.push((name.to_owned(), span));
        }
        Ok(())
    }

    /// Asked when the next room begins, and at the end.
    pub(super) fn room_is_whole(&mut self) -> Result<(), BadArchive> {
        let Some(room) = self.rooms.last_mut() else {
            return Ok(());
        };
        let wrong = |why: String| BadArchive::at(format!("rooms/{}", room.id), why);
        room.kind = self.heard.is_whole().map_err(wrong)?;
        if room.events < self.head_at_least {
            return Err(wrong("its log ends too early".to_owned()));
        }
        room.name.clone_from(&self.heard.name);
        let fresh = match room.kind {
            RoomKind::Open => self.open_names.insert(name_key(&room.name)),
            RoomKind::Closed => true,
            RoomKind::Direct => {
                room.people = self.heard.members.keys().copied().collect();
                room.people.sort_unstable();
                self.conversations.insert(room.people.clone())
            }
        };
        if !fresh {
            return Err(wrong("another room is the same to people".to_owned()));
        }
        Ok(())
    }
}
