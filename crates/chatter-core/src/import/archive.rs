//! A tar archive on its way in: plain files, nothing else.
//!
//! Nothing is ever written under a name that stands in it: a name only says
//! what the bytes are. Whatever a tar could hold beside plain files (links,
//! devices, folders, long names in entries of their own) is refused.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use chatter_protocol::limits::IMPORT_LINE_BYTES;
use chatter_protocol::{FileId, RoomId};
use chatter_store::BlobHash;
use serde::de::DeserializeOwned;
use tar::{EntryType, Header};

/// Everything in a tar begins at a multiple of this.
const BLOCK: u64 = 512;

/// One such piece.
type Block = [u8; 512];

/// Names longer than this fit no header that we write.
const NAME_BYTES: usize = 255;

/// Why an archive cannot be taken in, and where.
#[derive(Debug, thiserror::Error)]
#[error("in {place}: {why}")]
pub struct BadArchive {
    pub place: String,
    pub why: String,
}

impl BadArchive {
    pub fn at(place: impl Into<String>, why: impl Into<String>) -> Self {
        let (place, why) = (place.into(), why.into());
        Self { place, why }
    }

    fn whole(why: &str) -> Self {
        Self::at("the archive", why)
    }
}

/// The archive is wrong, or it could not be read from where it was put down.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Bad(#[from] BadArchive),
    #[error("the archive could not be read: {0}")]
    Disk(#[from] io::Error),
}

/// Where in the archive something lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub at: u64,
    pub size: u64,
}

pub struct Entry {
    pub name: String,
    pub span: Span,
}

/// What an entry is, by its name.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    Manifest,
    People,
    Room(RoomId),
    Members(RoomId),
    Events(RoomId),
    File(RoomId, FileId),
    Emoji,
    Faces,
    Bytes(BlobHash),
    End,
    /// Of a later format: left alone.
    Unknown,
}

/// Goes from entry to entry, without reading what they hold.
pub struct Entries {
    file: BufReader<File>,
    length: u64,
    next: u64,
}

impl Entries {
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let mut file = BufReader::with_capacity(128 * 1024, file);
        file.seek(SeekFrom::Start(0))?;
        let next = 0;
        Ok(Self { file, length, next })
    }

    pub fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        let mut block: Block = [0; 512];
        if self.next + BLOCK > self.length {
            return Err(BadArchive::whole("it broke off").into());
        }
        self.go_to(self.next)?;
        self.file.read_exact(&mut block)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let (name, size) = described(&block)?;
        let span = Span {
            at: self.next + BLOCK,
            size,
        };
        let end = span.at.checked_add(size).filter(|end| *end <= self.length);
        let Some(end) = end else {
            return Err(
                BadArchive::at(name, "it is longer than what is left of the archive").into(),
            );
        };
        self.next = end.next_multiple_of(BLOCK);
        Ok(Some(Entry { name, span }))
    }

    /// Of the entry that was just found.
    pub fn lines(&mut self, span: Span) -> io::Result<Lines<&mut BufReader<File>>> {
        self.go_to(span.at)?;
        Ok(Lines::new(&mut self.file, span.size))
    }

    pub fn hash(&mut self, span: Span) -> io::Result<BlobHash> {
        self.go_to(span.at)?;
        let (hash, _) = BlobHash::read((&mut self.file).take(span.size))?;
        Ok(hash)
    }

    /// Keeps what was read ahead, for most steps are short and forward.
    fn go_to(&mut self, place: u64) -> io::Result<()> {
        let here = self.file.stream_position()?;
        let step = i64::try_from(i128::from(place) - i128::from(here));
        match step {
            Ok(step) => self.file.seek_relative(step),
            Err(_) => self.file.seek(SeekFrom::Start(place)).map(|_| ()),
        }
    }
}

/// The name and the size that a header gives.
fn described(block: &Block) -> Result<(String, u64), BadArchive> {
    let header = Header::from_byte_slice(block);
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    // The field itself counts as blanks.
    let field: u32 = block[148..156].iter().map(|byte| u32::from(*byte)).sum();
    if header.cksum().ok() != Some(sum - field + 8 * u32::from(b' ')) {
        return Err(BadArchive::whole(
            "this is no tar archive, or a damaged one",
        ));
    }
    let name = header.path_bytes();
    let name = std::str::from_utf8(&name)
        .ok()
        .filter(|name| is_plain(name));
    let Some(name) = name else {
        return Err(BadArchive::whole(
            "an entry has a name that no export gives",
        ));
    };
    if header.entry_type() != EntryType::Regular {
        return Err(BadArchive::at(name, "it is not a plain file"));
    }
    let size = header.entry_size();
    let size = size.map_err(|_| BadArchive::at(name, "its size cannot be read"))?;
    Ok((name.to_owned(), size))
}

/// Folders and a name, of letters that mean nothing to any system.
fn is_plain(name: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let folder =
        |part: &str| !part.is_empty() && !part.bytes().all(|b| b == b'.') && part.bytes().all(fine);
    name.len() <= NAME_BYTES && name.split('/').all(folder)
}

impl Place {
    pub fn of(name: &str) -> Self {
        let parts: Vec<&str> = name.split('/').collect();
        match parts[..] {
            ["manifest.json"] => Self::Manifest,
            ["end.json"] => Self::End,
            ["emoji.jsonl"] => Self::Emoji,
            ["faces", lines] if is_lines(lines, "") => Self::Faces,
            ["people", lines] if is_lines(lines, "") => Self::People,
            ["files", hash] => written::<BlobHash>(hash).map_or(Self::Unknown, Self::Bytes),
            ["rooms", room, ref rest @ ..] => {
                written(room).map_or(Self::Unknown, |room| Self::in_room(room, rest))
            }
            _ => Self::Unknown,
        }
    }

    fn in_room(room: RoomId, rest: &[&str]) -> Self {
        match rest {
            ["room.json"] => Self::Room(room),
            [lines] if is_lines(lines, "members-") => Self::Members(room),
            [lines] if is_lines(lines, "events-") => Self::Events(room),
            ["files", file] => {
                let id = file.strip_suffix(".json").and_then(written);
                id.map_or(Self::Unknown, |id| Self::File(room, id))
            }
            _ => Self::Unknown,
        }
    }
}

fn is_lines(name: &str, begins: &str) -> bool {
    let rest = name.strip_suffix(".jsonl");
    rest.is_some_and(|name| name.starts_with(begins))
}

/// An id or a hash, if it is written as we write it.
fn written<T: std::str::FromStr + std::fmt::Display>(text: &str) -> Option<T> {
    let read: T = text.parse().ok()?;
    (read.to_string() == text).then_some(read)
}

/// Lines of an entry, one at a time, none longer than may be.
pub struct Lines<R> {
    from: R,
    left: u64,
    /// The line that was read last, from 1 on.
    number: usize,
    line: Vec<u8>,
}

impl Lines<BufReader<File>> {
    /// Of an entry that was found before, in the archive at `path`.
    pub fn of(path: &Path, span: Span) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(span.at))?;
        Ok(Self::new(BufReader::new(file), span.size))
    }
}

impl<R: BufRead> Lines<R> {
    fn new(from: R, left: u64) -> Self {
        let (number, line) = (0, Vec::new());
        Self {
            from,
            left,
            number,
            line,
        }
    }

    /// Bytes that were not read yet.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// The next line as `T`; `place` is what the entry is called.
    pub fn next<T: DeserializeOwned>(&mut self, place: &str) -> Result<Option<T>, ReadError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.line.clear();
        let most = (IMPORT_LINE_BYTES as u64 + 1).min(self.left);
        let read = (&mut self.from)
            .take(most)
            .read_until(b'\n', &mut self.line)?;
        self.left -= read as u64;
        let wrong = |why: String| Err(BadArchive::at(place, why).into());
        if read == 0 {
            return wrong("it broke off".to_owned());
        }
        if self.line.len() > IMPORT_LINE_BYTES {
            return wrong(format!("line {} is too long", self.number));
        }
        if has_null(&self.line) {
            return wrong(format!("line {} has a null character in it", self.number));
        }
        // What serde has to say may hold words of a message.
        serde_json::from_slice(&self.line).map(Some).or_else(|_| {
            wrong(format!(
                "line {} is not what this version knows there",
                self.number
            ))
        })
    }

    /// The only line of an entry.
    pub fn only<T: DeserializeOwned>(&mut self, place: &str) -> Result<T, ReadError> {
        match (self.next(place)?, self.left) {
            (Some(one), 0) => Ok(one),
            _ => Err(BadArchive::at(place, "it is not one line of JSON").into()),
        }
    }
}

/// PostgreSQL cannot keep it, wherever it stands. An escaped backslash before
/// it makes it something that was typed.
fn has_null(line: &[u8]) -> bool {
    const ESCAPED: &[u8] = b"u0000";
    let mut rest = line;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let after = &rest[at + 1..];
        if after.starts_with(ESCAPED) {
            return true;
        }
        rest = after.get(1..).unwrap_or_default();
    }
    line.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_letters_and_folders_or_it_is_refused() {
        for fine in [
            "manifest.json",
            "rooms/7/events-0000000001.jsonl",
            "a_b/c-d.e",
        ] {
            assert!(is_plain(fine), "{fine}");
        }
        for wrong in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/./b",
            "a//b",
            "a/",
            "a\\b",
            "a\0",
            "a b",
            "ä",
            "C:x",
            "...",
            "a\nb",
        ] {
            assert!(!is_plain(wrong), "{wrong:?}");
        }
        assert!(!is_plain(&"x".repeat(300)));
    }

    #[test]
    fn a_name_says_what_an_entry_is() {
        let room = RoomId(7);
        let (file, hash) = ("a7".repeat(16), "0f".repeat(32));
        for (name, place) in [
            ("manifest.json", Place::Manifest),
            ("end.json", Place::End),
            ("people/000000.jsonl", Place::People),
            ("rooms/7/room.json", Place::Room(room)),
            ("rooms/7/members-000000.jsonl", Place::Members(room)),
            ("rooms/7/events-0000000001.jsonl", Place::Events(room)),
            (
                &format!("rooms/7/files/{file}.json"),
                Place::File(room, file.parse().unwrap()),
            ),
            (
                &format!("files/{hash}"),
                Place::Bytes(hash.parse().unwrap()),
            ),
            ("rooms/07/room.json", Place::Unknown),
            ("rooms/+7/room.json", Place::Unknown),
            ("rooms/-7/room.json", Place::Unknown),
            ("rooms/7/saved.jsonl", Place::Unknown),
            ("files/short", Place::Unknown),
            ("drafts/000000.jsonl", Place::Unknown),
        ] {
            assert_eq!(Place::of(name), place, "{name}");
        }
        assert_eq!(
            Place::of(&format!("files/{}", hash.to_uppercase())),
            Place::Unknown
        );
    }

    #[test]
    fn a_null_is_found_and_what_only_looks_like_one_is_not() {
        for (line, found) in [
            (&br#"{"text":"a\u0000b"}"#[..], true),
            (br#"{"text":"a\\u0000b"}"#, false),
            (br#"{"text":"a\\\u0000b"}"#, true),
            (br#"{"text":"\n\\"}"#, false),
            (b"\\", false),
            (b"a\0", true),
        ] {
            assert_eq!(has_null(line), found, "{}", String::from_utf8_lossy(line));
        }
    }
}
