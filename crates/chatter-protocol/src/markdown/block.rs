//! Lines: paragraphs, fenced code, quotes, lists, tables.
//!
//! Each kind of block reads the lines it owns and hands what is inside to the
//! same reading one level deeper, so a line is looked at no more often than
//! blocks may nest.

use super::inline::Inlines;
use super::{Align, Block, DEPTH, Inline, Parser};

/// A line that begins an item of a list.
struct Marker {
    /// Columns before it.
    indent: usize,
    /// Columns from there to the text.
    width: usize,
    number: Option<u32>,
    /// Bytes before the text.
    text: usize,
}

impl Parser<'_> {
    pub(super) fn blocks(&self, lines: &[&str], depth: usize) -> Vec<Block> {
        let mut out = Vec::new();
        let mut plain: Vec<&str> = Vec::new();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            self.meter.count(line.len() + 1);
            let rest = &lines[at..];
            let found = self
                .code(rest)
                .or_else(|| self.table(rest))
                .or_else(|| (depth < DEPTH).then(|| self.quote(rest, depth)).flatten())
                .or_else(|| (depth < DEPTH).then(|| self.list(rest, depth)).flatten());
            if let Some((block, taken)) = found {
                self.paragraph(&mut plain, &mut out);
                out.push(block);
                at += taken;
            } else {
                plain.push(line);
                at += 1;
            }
        }
        self.paragraph(&mut plain, &mut out);
        out
    }

    /// Lines that are nothing else. Blank ones between them are kept as
    /// breaks, and no mark reaches across them.
    fn paragraph(&self, lines: &mut Vec<&str>, out: &mut Vec<Block>) {
        let mut nodes: Vec<Inline> = Vec::new();
        let mut breaks = 0;
        for part in lines.chunk_by(|a, b| is_blank(a) == is_blank(b)) {
            if is_blank(part[0]) {
                breaks = part.len() + 1;
                continue;
            }
            if !nodes.is_empty() {
                nodes.push(Inline::Text("\n".repeat(breaks)));
            }
            nodes.append(&mut self.inline(&part.join("\n")));
        }
        lines.clear();
        if !nodes.is_empty() {
            let nodes = super::inline::joined(nodes);
            out.push(Block::Paragraph { nodes });
        }
    }

    fn inline(&self, source: &str) -> Vec<Inline> {
        Inlines::new(self, source).read()
    }

    /// From three or more backticks to the next line with as many and nothing
    /// else, or to the end. A fence on the last line is text.
    fn code(&self, lines: &[&str]) -> Option<(Block, usize)> {
        let (indent, ticks, language) = fence(lines[0])?;
        let closes = |line: &&str| {
            let line = line.trim();
            line.len() >= ticks && line.bytes().all(|b| b == b'`')
        };
        let end = lines[1..].iter().position(closes);
        let body = &lines[1..end.map_or(lines.len(), |end| end + 1)];
        if body.is_empty() && end.is_none() {
            return None;
        }
        let own = |line: &&str| {
            line[line.bytes().take(indent).take_while(|b| *b == b' ').count()..].to_owned()
        };
        let text = body.iter().map(own).collect::<Vec<_>>().join("\n");
        self.meter.count(text.len());
        let language = language.to_owned();
        let taken = 1 + body.len() + usize::from(end.is_some());
        Some((Block::CodeBlock { language, text }, taken))
    }

    /// Lines that all begin with `>`, the first of which says something.
    fn quote(&self, lines: &[&str], depth: usize) -> Option<(Block, usize)> {
        quoted(lines[0]).filter(|first| !is_blank(first))?;
        let inside: Vec<&str> = lines.iter().map_while(|line| quoted(line)).collect();
        let nodes = self.blocks(&inside, depth + 1);
        Some((Block::Quote { nodes }, inside.len()))
    }

    /// Items of one kind, and what is indented below them.
    fn list(&self, lines: &[&str], depth: usize) -> Option<(Block, usize)> {
        let first = marker(lines[0])?;
        let same =
            |line: &str| marker(line).filter(|it| it.number.is_some() == first.number.is_some());
        let below = |line: &str| indent(line) >= first.indent + 2;
        let mut items = Vec::new();
        let mut at = 0;
        while let Some(item) = lines.get(at).and_then(|line| same(line)) {
            let mut inside = vec![&lines[at][item.text..]];
            at += 1;
            while let Some(line) = lines.get(at) {
                self.meter.count(line.len() + 1);
                let blank = lines[at..].iter().take_while(|line| is_blank(line)).count();
                self.meter.count(blank);
                let Some(next) = lines.get(at + blank) else {
                    break;
                };
                if below(next) {
                    inside.extend(&lines[at..at + blank]);
                    inside.push(outdented(next, item.indent + item.width));
                    at += blank + 1;
                } else {
                    at += if same(next).is_some() { blank } else { 0 };
                    break;
                }
            }
            items.push(self.blocks(&inside, depth + 1));
        }
        let start = first.number;
        Some((Block::List { start, items }, at))
    }

    /// A row of cells, a row of dashes with as many, and the rows below.
    fn table(&self, lines: &[&str]) -> Option<(Block, usize)> {
        let align = alignment(lines.get(1)?)?;
        let header = cells(lines[0]);
        self.meter.count(lines[0].len() + lines[1].len());
        if !lines[0].contains('|') || header.len() != align.len() {
            return None;
        }
        let body = lines[2..].iter().take_while(|line| line.contains('|'));
        let rows: Vec<_> = std::iter::once(header)
            .chain(body.map(|line| cells(line)))
            .map(|row| row.iter().map(|cell| self.inline(cell)).collect())
            .collect();
        let taken = rows.len() + 1;
        Some((Block::Table { align, rows }, taken))
    }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The indent, the number of backticks and the language of an opening fence.
fn fence(line: &str) -> Option<(usize, usize, &str)> {
    let indent = line.bytes().take_while(|b| *b == b' ').count();
    let rest = &line[indent..];
    let ticks = rest.bytes().take_while(|b| *b == b'`').count();
    let language = rest[ticks..].trim();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"+#._-".contains(&b);
    (indent <= 3 && ticks >= 3 && language.len() <= 20 && language.bytes().all(plain))
        .then_some((indent, ticks, language))
}

/// What a line of a quote says. The `>` needs a space or the end after it, so
/// that `>_<` at the start of a line stays what it is; `>>` is two of them.
fn quoted(line: &str) -> Option<&str> {
    let inside = line.strip_prefix('>')?;
    let after = inside.trim_start_matches('>');
    (after.is_empty() || after.starts_with(' ')).then(|| inside.strip_prefix(' ').unwrap_or(inside))
}

/// Columns of white space at the start; a tab counts as four.
fn indent(line: &str) -> usize {
    line.bytes()
        .map_while(|b| match b {
            b' ' => Some(1),
            b'\t' => Some(4),
            _ => None,
        })
        .sum()
}

/// The line without as many columns of white space, or as it has of them.
fn outdented(line: &str, columns: usize) -> &str {
    let mut gone = 0;
    line.trim_start_matches(|c| {
        let go = gone < columns && (c == ' ' || c == '\t');
        gone += if c == '\t' { 4 } else { 1 };
        go
    })
}

/// `- ` or `* `, `1. ` or `1) `, and something after it that is not just more
/// of the same: `* * *` is a line someone drew.
fn marker(line: &str) -> Option<Marker> {
    let bare = line.trim_start_matches([' ', '\t']);
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let (sign, number) = match bare.as_bytes().get(digits)? {
        b'-' | b'*' if digits == 0 => (1, None),
        b'.' | b')' if (1..=9).contains(&digits) => {
            (digits + 1, Some(bare[..digits].parse().ok()?))
        }
        _ => return None,
    };
    let text = bare[sign..].trim_start_matches(' ');
    let spaces = bare.len() - sign - text.len();
    if spaces == 0
        || text
            .chars()
            .all(|c| c.is_whitespace() || c == '-' || c == '*')
    {
        return None;
    }
    Some(Marker {
        indent: indent(line),
        width: sign + spaces,
        number,
        text: line.len() - text.len(),
    })
}

/// The columns of a table, if the line is its row of dashes.
fn alignment(line: &str) -> Option<Vec<Align>> {
    if !line.contains('|') || !line.bytes().all(|b| b"|:- \t".contains(&b)) {
        return None;
    }
    cells(line)
        .iter()
        .map(|cell| {
            let dashes = cell.strip_prefix(':').unwrap_or(cell);
            let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
            if dashes.is_empty() || dashes.bytes().any(|b| b != b'-') {
                return None;
            }
            Some(match (cell.starts_with(':'), cell.ends_with(':')) {
                (true, true) => Align::Center,
                (true, false) => Align::Left,
                (false, true) => Align::Right,
                (false, false) => Align::None,
            })
        })
        .collect()
}

/// What stands between the bars of a row. `\|` is a bar that is not one.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '|' => cells.push(std::mem::take(&mut cell)),
            '\\' => match chars.next() {
                Some('|') => cell.push('|'),
                next => cell.extend(std::iter::once(c).chain(next)),
            },
            c => cell.push(c),
        }
    }
    if !cell.trim().is_empty() || cells.is_empty() {
        cells.push(cell);
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}
