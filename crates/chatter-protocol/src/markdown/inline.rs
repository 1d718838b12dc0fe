//! What stands in lines: marks, code, links, words with a meaning.
//!
//! One pass from left to right. Whatever may open waits in a short stack, with
//! its place among the nodes; whatever closes takes the nodes since then and
//! drops what was opened in between. When the stack is full the oldest is
//! given up, so a source of nothing but openers costs no more than any other.

use super::address;
use super::chars::{
    is_emoji_name, is_handle, is_letter, is_room_name, may_follow_underscore,
    may_precede_underscore,
};
use super::{Inline, Mark, Parser};

/// Marks that may wait for their end at a time.
const OPEN: usize = 8;

/// Backticks in a row that may open code in a line.
const TICKS: usize = 4;

/// Characters of a word with a meaning, its sign included.
const WORD: usize = 64;

/// What `\` takes the meaning of.
const ESCAPED: &[u8] = b"\\`*_~[]>@#:|.)-";

struct Opener {
    sign: u8,
    /// How many of the sign are still waiting.
    len: usize,
    /// Where its text stands among the nodes.
    node: usize,
    /// Where it stands in the source.
    at: usize,
    /// Links before it.
    links: usize,
}

pub(super) struct Inlines<'a> {
    parser: &'a Parser<'a>,
    source: &'a str,
    at: usize,
    nodes: Vec<Inline>,
    open: Vec<Opener>,
    links: usize,
    /// Where the last `:name:` ended.
    emoji_end: usize,
    /// Numbers of backticks that do not occur again.
    no_more: [bool; TICKS + 1],
}

impl<'a> Inlines<'a> {
    pub(super) fn new(parser: &'a Parser<'a>, source: &'a str) -> Self {
        Self {
            parser,
            source,
            at: 0,
            nodes: Vec::new(),
            open: Vec::new(),
            links: 0,
            emoji_end: usize::MAX,
            no_more: [false; TICKS + 1],
        }
    }

    pub(super) fn read(mut self) -> Vec<Inline> {
        while let Some(&sign) = self.source.as_bytes().get(self.at) {
            self.count(1);
            match sign {
                b'\\' => self.escape(),
                b'`' => self.code(),
                b'*' | b'_' | b'~' => self.mark(sign),
                b'[' => self.open(sign, 1),
                b']' => self.link(),
                b'@' | b'#' => self.word(sign),
                b':' => self.emoji(),
                b'h' | b'H' | b'm' | b'M' => self.address(),
                _ => self.plain(),
            }
        }
        joined(self.nodes)
    }

    fn count(&self, steps: usize) {
        self.parser.meter.count(steps);
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn before(&self) -> Option<char> {
        self.source[..self.at].chars().next_back()
    }

    fn after(&self, bytes: usize) -> Option<char> {
        self.source[self.at + bytes..].chars().next()
    }

    /// Takes so many bytes of the source as text.
    fn text(&mut self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        let text = &self.source[self.at..self.at + bytes];
        self.at += bytes;
        let waits = self.open.last().map(|it| it.node + 1) == Some(self.nodes.len());
        match self.nodes.last_mut() {
            Some(Inline::Text(last)) if !waits => last.push_str(text),
            _ => self.nodes.push(Inline::Text(text.to_owned())),
        }
    }

    /// Takes so many bytes of the source as what they mean.
    fn node(&mut self, mark: Mark, bytes: usize) {
        self.nodes.push(Inline::Mark(mark));
        self.at += bytes;
    }

    /// Up to the next sign that may mean something.
    fn plain(&mut self) {
        let special = |b: &u8| b"\\`*_~[]@#:hHmM".contains(b);
        let bytes = self
            .rest()
            .bytes()
            .skip(1)
            .take_while(|b| !special(b))
            .count();
        self.count(bytes);
        self.text(1 + bytes);
    }

    fn escape(&mut self) {
        let next = self.source.as_bytes().get(self.at + 1);
        if next.is_some_and(|b| ESCAPED.contains(b)) {
            self.at += 1;
        }
        self.text(1);
    }

    /// So many backticks, up to the next place with exactly as many.
    fn code(&mut self) {
        let bytes = self.rest().as_bytes();
        let ticks = run(bytes, b'`');
        self.count(ticks);
        if ticks > TICKS || self.no_more[ticks] {
            return self.text(ticks);
        }
        let mut end = ticks;
        loop {
            let Some(next) = bytes[end..].iter().position(|b| *b == b'`') else {
                self.count(bytes.len());
                self.no_more[ticks] = true;
                return self.text(ticks);
            };
            let len = run(&bytes[end + next..], b'`');
            if len == ticks {
                end += next;
                break;
            }
            end += next + len;
        }
        self.count(end);
        let text = code_text(&self.rest()[ticks..end]).to_owned();
        self.node(Mark::Code { text }, end + ticks);
    }

    /// `*`, `**`, `***`, `_` or `~~`: ends what it can, and begins something
    /// with what is left. Longer rows are drawn lines and masked words.
    fn mark(&mut self, sign: u8) {
        let len = run(self.rest().as_bytes(), sign);
        self.count(len);
        let known = match sign {
            b'*' => len <= 3,
            b'_' => len == 1,
            _ => len == 2,
        };
        if !known {
            return self.text(len);
        }
        let (before, after) = (self.before(), self.after(len));
        let plain = sign != b'_';
        let closes = before.is_some_and(|c| !c.is_whitespace())
            && (plain || after.is_none_or(may_follow_underscore));
        let opens = after.is_some_and(|c| !c.is_whitespace())
            && (plain || before.is_none_or(may_precede_underscore));
        let mut left = len;
        while closes && left > 0 {
            let Some(opener) = self.opener(sign, left) else {
                break;
            };
            left -= self.close(opener, left);
        }
        if left > 0 && opens {
            self.open(sign, left);
        } else {
            self.text(left);
        }
    }

    /// The newest that so many of the sign can end: as many of them, or the
    /// three that are both.
    fn opener(&self, sign: u8, len: usize) -> Option<usize> {
        self.count(self.open.len());
        let fits = |it: &Opener| it.sign == sign && (it.len == len || it.len == 3 || len == 3);
        self.open.iter().rposition(fits)
    }

    /// How many of the signs it took.
    fn close(&mut self, opener: usize, len: usize) -> usize {
        let Opener {
            sign,
            len: had,
            node,
            ..
        } = self.open[opener];
        let used = had.min(len);
        let nodes = joined(self.nodes.split_off(node + 1));
        self.nodes.pop();
        self.open.truncate(opener + 1);
        if had > used {
            self.open[opener].len = had - used;
            self.nodes.push(Inline::Text("*".repeat(had - used)));
        } else {
            self.open.pop();
        }
        let mark = match (sign, used) {
            (b'~', _) => Mark::Del { nodes },
            (_, 1) => Mark::Em { nodes },
            (_, 2) => Mark::Strong { nodes },
            _ => Mark::Strong {
                nodes: vec![Inline::Mark(Mark::Em { nodes })],
            },
        };
        self.node(mark, used);
        used
    }

    fn open(&mut self, sign: u8, len: usize) {
        if self.open.len() == OPEN {
            self.open.remove(0);
        }
        self.open.push(Opener {
            sign,
            len,
            node: self.nodes.len(),
            at: self.at,
            links: self.links,
        });
        self.nodes.push(Inline::Text(self.rest()[..len].to_owned()));
        self.at += len;
    }

    /// At `]`: a link, if its text shows something and holds no other link,
    /// and an address that may be opened follows in round brackets.
    fn link(&mut self) {
        let Some(newest) = self.open.iter().rposition(|it| it.sign == b'[') else {
            return self.text(1);
        };
        let Opener {
            node, at, links, ..
        } = self.open[newest];
        let shows = !self.source[at + 1..self.at].trim_start().is_empty();
        let to = self.rest()[1..].strip_prefix('(').and_then(address::find);
        let to = to.map(|it| it.whole).filter(|to| {
            self.count(to.len());
            shows
                && links == self.links
                && self.after(2 + to.len()) == Some(')')
                && address::is_safe(to)
        });
        let Some(to) = to else {
            self.open.remove(newest);
            return self.text(1);
        };
        let nodes = joined(self.nodes.split_off(node + 1));
        self.nodes.pop();
        self.open.truncate(newest);
        self.links += 1;
        let link = Mark::Link {
            to: to.to_owned(),
            nodes,
        };
        self.node(link, to.len() + 3);
    }

    /// `@handle` or `#room`. Whether or not it means something, no mark begins
    /// or ends within it, so what the text looks like depends on the text alone.
    fn word(&mut self, sign: u8) {
        let (before, sign_char) = (self.before(), char::from(sign));
        let apart =
            !before.is_some_and(|c| is_letter(c) || c == sign_char || (c == '&' && sign == b'#'));
        let handle = sign == b'@';
        let belongs: fn(char) -> bool = if handle { is_handle } else { is_room_name };
        let begins = |c: char| c.is_alphanumeric() && (c.is_ascii() || !handle);
        if !apart || !self.after(1).is_some_and(begins) {
            return self.text(1);
        }
        let rest = self.rest();
        let run = rest[1..]
            .find(|c| !belongs(c))
            .map_or(rest.len(), |end| end + 1);
        self.count(run);
        let word = rest[..run].trim_end_matches(['.', '_', '-']);
        let followed = self
            .after(run)
            .is_some_and(|c| is_letter(c) || c == sign_char);
        self.meant(word, !followed);
    }

    /// `:name:`, also right after another. The `::` of programs is none.
    fn emoji(&mut self) {
        let rest = self.rest();
        let name = rest[1..]
            .chars()
            .take(WORD)
            .take_while(|c| is_emoji_name(*c))
            .count();
        self.count(name);
        let len = name + 2;
        let whole = name > 0 && rest.as_bytes().get(name + 1) == Some(&b':');
        let apart = |c: Option<char>| !c.is_some_and(is_letter);
        let begins =
            apart(self.before()) && (self.before() != Some(':') || self.emoji_end == self.at);
        if whole && begins && apart(self.after(len)) {
            self.meant(&rest[..len], true);
            self.emoji_end = self.at;
        } else {
            self.text(1);
        }
    }

    fn meant(&mut self, word: &str, apart: bool) {
        if apart && word.chars().count() <= WORD && (self.parser.is_ref)(word) {
            let text = word.to_owned();
            self.node(Mark::Ref { text }, word.len());
        } else {
            self.text(word.len());
        }
    }

    /// A bare address. What may not be opened is text, as a whole.
    fn address(&mut self) {
        let rest = self.rest();
        let begins = !self.before().is_some_and(is_letter);
        let Some(found) = begins.then(|| address::find(rest)).flatten() else {
            return self.plain();
        };
        self.count(found.whole.len());
        let to = found.text;
        if !address::is_safe(to) {
            return self.text(to.len());
        }
        self.links += 1;
        let link = Mark::Link {
            to: to.to_owned(),
            nodes: vec![Inline::Text(to.to_owned())],
        };
        self.node(link, to.len());
    }
}

fn run(bytes: &[u8], sign: u8) -> usize {
    bytes.iter().take_while(|b| **b == sign).count()
}

/// One space inside each end is there so that code may begin with a backtick.
fn code_text(text: &str) -> &str {
    let inner = text.strip_prefix(' ').and_then(|it| it.strip_suffix(' '));
    inner.filter(|it| !it.trim().is_empty()).unwrap_or(text)
}

/// Texts beside each other become one.
pub(super) fn joined(nodes: Vec<Inline>) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::with_capacity(nodes.len());
    for node in nodes {
        match (out.last_mut(), node) {
            (Some(Inline::Text(last)), Inline::Text(text)) => last.push_str(&text),
            (_, node) => out.push(node),
        }
    }
    out
}
