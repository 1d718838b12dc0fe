//! The line of a message in which the words stand.
//!
//! Matching is done on the folded text, showing on the text as it was typed:
//! places are carried over. Characters are Unicode code points throughout.

use chatter_protocol::post::Post;
use chatter_store::search::{Plain, pieces};

/// Characters of a line that is shown.
const LINE: usize = 240;

/// How many of them stand before the first word, when the line is cut.
const LEAD: usize = 60;

/// Words marked in one line.
const MARKS: usize = 32;

/// The line, and where in it the words stand.
pub fn of(post: &Post, terms: &[Vec<char>]) -> (String, Vec<[u32; 2]>) {
    let pieces = pieces(post);
    for piece in &pieces {
        let plain = Plain::new(piece);
        let places = places(&plain, terms);
        if let Some((first, _)) = places.first() {
            let typed: Vec<char> = piece.chars().collect();
            return cut(&typed, *first, &places);
        }
    }
    let first = pieces.first().copied().unwrap_or_default();
    let typed: Vec<char> = first.trim_start().chars().collect();
    cut(&typed, 0, &[])
}

/// Where the words stand in the text as typed, in order, joined where they
/// touch.
fn places(plain: &Plain, terms: &[Vec<char>]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for term in terms {
        let mut start = 0;
        while let Some(at) = plain.find(term, start) {
            all.push(plain.original(at, at + term.len()));
            start = at + term.len();
        }
    }
    all.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (from, to) in all {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

fn cut(typed: &[char], first: usize, places: &[(usize, usize)]) -> (String, Vec<[u32; 2]>) {
    let is_end = |c: &char| matches!(c, '\n' | '\r');
    let begin = typed[..first]
        .iter()
        .rposition(is_end)
        .map_or(0, |at| at + 1);
    let end = typed[first..].iter().position(is_end);
    let end = end.map_or(typed.len(), |at| first + at);
    let from = if end - begin > LINE {
        begin.max(first.saturating_sub(LEAD))
    } else {
        begin
    };
    let to = end.min(from + LINE);
    let mut line = String::new();
    let lead = usize::from(from > begin);
    line.extend(std::iter::repeat_n('…', lead));
    line.extend(&typed[from..to]);
    line.extend(std::iter::repeat_n('…', usize::from(to < end)));
    let place = |at: usize| u32::try_from(at.clamp(from, to) - from + lead).unwrap_or(u32::MAX);
    let marks = places.iter().map(|(a, b)| [place(*a), place(*b)]);
    (line, marks.filter(|[a, b]| a < b).take(MARKS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, words: &[&str]) -> (String, Vec<String>) {
        let post = Post {
            text: text.to_owned(),
            ..Post::default()
        };
        let terms: Vec<_> = words.iter().map(|word| Plain::term(word)).collect();
        let (line, marks) = of(&post, &terms);
        let typed: Vec<char> = line.chars().collect();
        let marked = marks.iter().map(|[from, to]| {
            let (from, to) = (*from as usize, *to as usize);
            typed[from..to].iter().collect()
        });
        (line.clone(), marked.collect())
    }

    #[test]
    fn the_line_with_the_word_is_shown_as_typed() {
        let text = "first\nDie Straße, Žluťoučký 👋🏽 kůň\nlast";
        let (line, marked) = shown(text, &["strasse", "zlutoucky"]);
        assert_eq!(line, "Die Straße, Žluťoučký 👋🏽 kůň");
        assert_eq!(marked, ["Straße", "Žluťoučký"]);
        assert_eq!(shown(text, &[]), ("first".to_owned(), vec![]));
        assert_eq!(shown("aaaa", &["aa", "aaa"]).1, ["aaaa"]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_first_word() {
        let text = format!("{} needle {}", "x".repeat(5_000), "y".repeat(5_000));
        let (line, marked) = shown(&text, &["needle"]);
        assert_eq!(marked, ["needle"]);
        assert!(line.starts_with('…') && line.ends_with('…'));
        assert_eq!(line.chars().count(), LINE + 2);
        let (line, marked) = shown(&"ab ".repeat(500), &["ab"]);
        assert_eq!(marked.len(), MARKS);
        assert_eq!(line.chars().count(), LINE + 1);
    }
}
