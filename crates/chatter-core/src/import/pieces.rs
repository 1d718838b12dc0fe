//! Lines of an archive a few at a time, read beside the runtime.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;

use super::archive::{Lines, ReadError, Span};

/// Lines in one piece: long enough for speed when they are written, short
/// enough that nobody who posts meanwhile notices.
pub const PIECE: usize = 200;

/// Bytes of them, about: a piece is also this short.
const PIECE_BYTES: u64 = 1024 * 1024;

/// What is left of an entry.
pub type Open = Lines<BufReader<File>>;

pub async fn open(archive: &Path, span: Span) -> Result<Open, ReadError> {
    let archive = archive.to_owned();
    let opened = spawn_blocking(move || Lines::of(&archive, span)).await;
    Ok(opened.map_err(io::Error::other)??)
}

/// The next few lines, and what is left after them.
pub async fn some<T: DeserializeOwned + Send + 'static>(
    mut lines: Open,
    place: String,
) -> Result<(Vec<T>, Option<Open>), ReadError> {
    let read = spawn_blocking(move || {
        let (mut some, before) = (Vec::new(), lines.left());
        while some.len() < PIECE && before - lines.left() < PIECE_BYTES {
            match lines.next(&place)? {
                Some(one) => some.push(one),
                None => return Ok((some, None)),
            }
        }
        Ok((some, Some(lines)))
    });
    read.await.map_err(io::Error::other)?
}
