//! What the simple door writes.

use bytes::Bytes;
use chatter_protocol::Millis;
use serde::Serialize;

/// How a visitor wants to be told things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// One JSON object a frame.
    Json,
    /// `name: text`.
    Plain,
}

/// One line, as `/chat` and `/history` write it.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    pub sender: &'a str,
    pub room: &'a str,
    pub content: &'a str,
    /// RFC 3339, UTC, milliseconds.
    pub timestamp: String,
}

/// Who speaks when the server itself has something to say.
pub const SYSTEM: &str = "SYSTEM";

pub fn timestamp(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}

/// A line is a line: no text may begin another one in someone else's name, or
/// move the cursor of a terminal.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

impl Line<'_> {
    pub fn write(&self, style: Style) -> Bytes {
        match style {
            Style::Plain => format!("{}: {}", self.sender, one_line(self.content)).into(),
            // Four strings always serialise.
            Style::Json => serde_json::to_vec(self).unwrap_or_default().into(),
        }
    }
}
