//! Files, faces and emoji: what is said of them, and whether their bytes are
//! there.

use std::collections::HashMap;

use chatter_protocol::export::{ExportedEmoji, ExportedFace, ExportedFile};
use chatter_protocol::limits::{EMOJI_MAX, IMPORT_FILES, IMPORT_PEOPLE, PICTURE_BYTES};
use chatter_protocol::{FileId, RoomId};
use chatter_store::BlobHash;

use super::super::archive::{BadArchive, Entries, ReadError, Span};
use super::{Carried, Described, Looking, PlannedFile, too_many};
use crate::files::emoji_name;

impl Looking {
    pub(super) fn some_emoji(
        &mut self,
        entries: &mut Entries,
        name: &str,
        span: Span,
    ) -> Result<(), ReadError> {
        let mut lines = entries.lines(span)?;
        while let Some(emoji) = lines.next::<ExportedEmoji>(name)? {
            let wrong = |why: &str| BadArchive::at(name, format!("emoji {}: {why}", emoji.id));
            emoji_name(&emoji.name).map_err(|_| wrong("it has no name of an emoji"))?;
            let hash = emoji.hash.parse();
            let hash = hash.map_err(|_| wrong("its hash is none"))?;
            if self.emoji.len() >= usize::try_from(EMOJI_MAX).unwrap_or(0) {
                return Err(too_many("emoji").into());
            }
            let mut others = self.emoji.iter();
            if others.any(|(other, _)| other.name == emoji.name || other.id == emoji.id) {
                return Err(wrong("it is there twice").into());
            }
            self.named.insert(emoji.created_by);
            self.emoji.push((emoji, hash));
        }
        Ok(())
    }

    pub(super) fn some_faces(
        &mut self,
        entries: &mut Entries,
        name: &str,
        span: Span,
    ) -> Result<(), ReadError> {
        let mut lines = entries.lines(span)?;
        while let Some(face) = lines.next::<ExportedFace>(name)? {
            let wrong = |why: &str| BadArchive::at(name, format!("person {}: {why}", face.user));
            let hash = face.hash.parse();
            let hash = hash.map_err(|_| wrong("the hash of their picture is none"))?;
            self.named.insert(face.user);
            if self.named.len() > IMPORT_PEOPLE || self.faces.insert(face.user, hash).is_some() {
                return Err(wrong("they have two pictures, or there are too many").into());
            }
        }
        Ok(())
    }

    pub(super) fn describe(
        &mut self,
        room: RoomId,
        id: &FileId,
        said: ExportedFile,
    ) -> Result<(), String> {
        if said.file != *id {
            return Err("it describes another file".to_owned());
        }
        let hash: BlobHash = said.hash.parse().map_err(|_| "its hash is none")?;
        if self.files.len() >= IMPORT_FILES {
            return Err("there are too many files".to_owned());
        }
        if let Some(before) = self.files.get(id)
            && (before.room == room || before.hash != hash || before.said != said)
        {
            return Err("this file is there twice".to_owned());
        }
        self.files
            .insert(id.clone(), Described { said, hash, room });
        Ok(())
    }

    pub(super) fn fits(&self, span: Span) -> Result<(), String> {
        let most = self.bounds.file;
        if i64::try_from(span.size).is_ok_and(|size| (1..=most).contains(&size)) {
            return Ok(());
        }
        Err(format!(
            "it is empty, or longer than the {most} bytes that a file may have here"
        ))
    }

    pub(super) fn keep(&mut self, hash: BlobHash, span: Span) -> Result<(), String> {
        if self.bytes.len() >= IMPORT_FILES {
            return Err("there are too many files".to_owned());
        }
        match self.bytes.insert(hash, span) {
            None => Ok(()),
            Some(_) => Err("these bytes are there twice".to_owned()),
        }
    }

    pub(super) fn picture(&self, hash: BlobHash) -> Result<Span, BadArchive> {
        let small = |span: &&Span| span.size <= PICTURE_BYTES as u64;
        let found = self.bytes.get(&hash).filter(small).copied();
        let why = "a picture is not there, or too large";
        found.ok_or_else(|| BadArchive::at(format!("files/{hash}"), why))
    }

    /// The files that messages carry, and those of them that are not there.
    pub(super) fn carried_files(&mut self) -> Result<Carried, BadArchive> {
        let mut files = HashMap::with_capacity(self.carried.len());
        let mut missing = Vec::new();
        for (id, author) in self.carried.drain() {
            let Some(Described { said, hash, .. }) = self.files.remove(&id) else {
                missing.push(id);
                continue;
            };
            let bytes = self.bytes.get(&hash).copied();
            let same = |span: &Span| i64::try_from(span.size) == Ok(said.size);
            let Some(bytes) = bytes.filter(same) else {
                let why = format!("the bytes of file {id} are not there, or not so many");
                return Err(BadArchive::at(format!("files/{hash}"), why));
            };
            let planned = PlannedFile {
                said,
                bytes,
                author,
            };
            files.insert(id, planned);
        }
        Ok((files, missing))
    }
}
