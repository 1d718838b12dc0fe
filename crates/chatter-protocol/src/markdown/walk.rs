//! What others want to know of a text: the words in it that may mean
//! something, and how it reads without marks.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::limits::TOKENS_OF_A_KIND;

use super::{Block, Inline, Mark, parse};

/// A word that may mean something, once per text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Token {
    pub kind: TokenKind,
    /// As it stands in the text: with its sign, or the address, or the language.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// `@bob`, `@here`, `@room`, `@kitchen-crew`
    Mention,
    /// `#kitchen`
    Room,
    /// `:party:`
    Emoji,
    /// What a code block says it is written in.
    Language,
    /// Where a link leads.
    Link,
}

/// The words of a message that may mean something, outside code and
/// addresses, in their order.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut found = Tokens::default();
    found.blocks(&parse(source, |_| true));
    found.list
}

/// How a message reads without its marks: for searching, notifications, quotes
/// of one line. Lines stay lines, cells are apart by a space.
pub fn plain_text(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    plain_blocks(&parse(source, |_| false), &mut text);
    text
}

#[derive(Default)]
struct Tokens {
    list: Vec<Token>,
    seen: BTreeSet<Token>,
    of_kind: [usize; 5],
}

impl Tokens {
    fn add(&mut self, kind: TokenKind, text: &str) {
        let count = &mut self.of_kind[kind as usize];
        let text = text.to_owned();
        let token = Token { kind, text };
        if *count < TOKENS_OF_A_KIND && self.seen.insert(token.clone()) {
            *count += 1;
            self.list.push(token);
        }
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph { nodes } => self.inlines(nodes),
                Block::CodeBlock { language, .. } if language.is_empty() => {}
                Block::CodeBlock { language, .. } => self.add(TokenKind::Language, language),
                Block::Quote { nodes } => self.blocks(nodes),
                Block::List { items, .. } => items.iter().for_each(|item| self.blocks(item)),
                Block::Table { rows, .. } => {
                    rows.iter().flatten().for_each(|cell| self.inlines(cell));
                }
            }
        }
    }

    fn inlines(&mut self, nodes: &[Inline]) {
        for node in nodes {
            let Inline::Mark(mark) = node else { continue };
            match mark {
                Mark::Strong { nodes } | Mark::Em { nodes } | Mark::Del { nodes } => {
                    self.inlines(nodes);
                }
                Mark::Code { .. } => {}
                Mark::Link { to, nodes } => {
                    self.add(TokenKind::Link, to);
                    self.inlines(nodes);
                }
                Mark::Ref { text } => match text.as_bytes()[0] {
                    b'@' => self.add(TokenKind::Mention, text),
                    b'#' => self.add(TokenKind::Room, text),
                    _ => self.add(TokenKind::Emoji, text),
                },
            }
        }
    }
}

pub(super) fn plain_blocks(blocks: &[Block], out: &mut String) {
    for block in blocks {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        match block {
            Block::Paragraph { nodes } => plain_inlines(nodes, out),
            Block::CodeBlock { text, .. } => out.push_str(text),
            Block::Quote { nodes } => plain_blocks(nodes, out),
            Block::List { items, .. } => items.iter().for_each(|item| plain_blocks(item, out)),
            Block::Table { rows, .. } => plain_rows(rows, out),
        }
    }
}

fn plain_rows(rows: &[Vec<Vec<Inline>>], out: &mut String) {
    for (i, row) in rows.iter().enumerate() {
        out.push_str(if i > 0 { "\n" } else { "" });
        for (j, cell) in row.iter().enumerate() {
            out.push_str(if j > 0 { " " } else { "" });
            plain_inlines(cell, out);
        }
    }
}

fn plain_inlines(nodes: &[Inline], out: &mut String) {
    for node in nodes {
        match node {
            Inline::Text(text) | Inline::Mark(Mark::Code { text } | Mark::Ref { text }) => {
                out.push_str(text);
            }
            Inline::Mark(
                Mark::Strong { nodes }
                | Mark::Em { nodes }
                | Mark::Del { nodes }
                | Mark::Link { nodes, .. },
            ) => plain_inlines(nodes, out),
        }
    }
}
