//! The Markdown subset of `docs/markdown.md`: from a message's source to a
//! tree, to the words that may mean something, and to plain text.
//!
//! Never makes markup, never looks anything up, never fails: whatever is not
//! understood stays text. Its cost grows with the length of the source and
//! with nothing else, whatever the source is; the tree is never deeper than a
//! few levels. `web/src/text/parse.ts` is its twin, and both run the vectors
//! of `docs/markdown-vectors.json`.
//!
//! Begin at [`parse`]; [`block`] is about lines, [`inline`] about what is in them.

mod address;
mod block;
mod chars;
mod inline;
#[cfg(test)]
mod tests;
mod walk;

use std::borrow::Cow;

use serde::Serialize;

pub use chars::is_letter;
pub use walk::{Token, TokenKind, plain_text, tokens};

/// Lists and quotes inside each other, at most. Deeper marks stay text.
pub const DEPTH: usize = 6;

/// What is laid out below what came before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Block {
    Paragraph {
        nodes: Vec<Inline>,
    },
    CodeBlock {
        /// As typed after the fence; may be empty.
        language: String,
        text: String,
    },
    Quote {
        nodes: Vec<Self>,
    },
    List {
        /// The first number; without it, bullets.
        #[serde(skip_serializing_if = "Option::is_none")]
        start: Option<u32>,
        items: Vec<Vec<Self>>,
    },
    Table {
        align: Vec<Align>,
        /// The first is the header. A row may have fewer or more cells than it.
        rows: Vec<Vec<Vec<Inline>>>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    None,
    Left,
    Center,
    Right,
}

/// What stands in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Inline {
    /// A line break in it is one to keep.
    Text(String),
    Mark(Mark),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Mark {
    Strong {
        nodes: Vec<Inline>,
    },
    Em {
        nodes: Vec<Inline>,
    },
    Del {
        nodes: Vec<Inline>,
    },
    Code {
        text: String,
    },
    /// `to` begins with `http://`, `https://` or `mailto:`, in any case.
    Link {
        to: String,
        nodes: Vec<Inline>,
    },
    /// A word with a meaning: one of the refs.
    Ref {
        text: String,
    },
}

/// The tree of a message. `is_ref` tells which words have a meaning.
pub fn parse(source: &str, is_ref: impl Fn(&str) -> bool) -> Vec<Block> {
    Parser::new(&is_ref).parse(source)
}

/// What every part of one reading shares.
struct Parser<'a> {
    is_ref: &'a dyn Fn(&str) -> bool,
    meter: Meter,
}

impl<'a> Parser<'a> {
    fn new(is_ref: &'a dyn Fn(&str) -> bool) -> Self {
        Self {
            is_ref,
            meter: Meter::default(),
        }
    }

    fn parse(&self, source: &str) -> Vec<Block> {
        let source: Cow<'_, str> = if source.contains('\r') {
            source.replace("\r\n", "\n").replace('\r', "\n").into()
        } else {
            source.into()
        };
        let lines: Vec<&str> = source.split('\n').collect();
        self.blocks(&lines, 0)
    }
}

/// Counts characters looked at, so that a test can hold the parser to so many
/// per byte. Does nothing outside tests.
#[derive(Default)]
struct Meter {
    #[cfg(test)]
    steps: std::cell::Cell<usize>,
}

impl Meter {
    #[cfg(test)]
    fn count(&self, steps: usize) {
        self.steps.set(self.steps.get() + steps);
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "counts in tests only")]
    fn count(&self, _steps: usize) {}
}
