//! Text as search compares it: without case, width, accents and invisible
//! characters, white space as one space. Once, here, for both engines, for
//! what is stored and for what is asked.
//!
//! It folds by people's characters (a letter and its marks), and remembers
//! where each came from, so that a match can be shown in the text as typed.
//! It never guesses: two words are alike only if a reader would call them the
//! same word.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::grams::END;

/// Goes up when folding changes: everything is then indexed anew.
pub const VERSION: i64 = 1;

/// A folded text and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plain {
    chars: Vec<char>,
    /// For each of `chars`: which characters of the original it stands for.
    /// Empty when each stands for the one at its own place.
    from: Vec<(u32, u32)>,
}

impl Plain {
    pub fn new(text: &str) -> Self {
        if text.is_ascii() && !text.bytes().any(is_odd_space) {
            let chars = text.chars().map(|c| c.to_ascii_lowercase()).collect();
            return Self {
                chars,
                from: Vec::new(),
            };
        }
        let mut plain = Self::default();
        let mut cluster = String::new();
        let (mut start, mut at) = (0, 0);
        for c in text.chars() {
            if !cluster.is_empty() && !continues(c) {
                plain.push(&cluster, start, at);
                cluster.clear();
                start = at;
            }
            cluster.push(c);
            at += 1;
        }
        plain.push(&cluster, start, at);
        plain
    }

    /// Several texts as one, in which nothing is found across two.
    pub(crate) fn of_pieces(pieces: &[&str]) -> Self {
        let mut all = Self::default();
        for piece in pieces {
            if !all.chars.is_empty() {
                all.chars.push(END);
            }
            all.chars.extend(Self::new(piece).chars);
        }
        all
    }

    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// The characters of the original that `from..to` of the folded ones
    /// stand for.
    pub fn original(&self, from: usize, to: usize) -> (usize, usize) {
        if self.from.is_empty() {
            return (from, to);
        }
        (
            self.from[from].0 as usize,
            self.from[to.max(from + 1) - 1].1 as usize,
        )
    }

    /// What was asked for, without spaces around it.
    #[must_use]
    pub fn term(text: &str) -> Vec<char> {
        let chars = Self::new(text).chars;
        let is_word = |c: &char| *c != ' ';
        let Some(first) = chars.iter().position(is_word) else {
            return Vec::new();
        };
        let last = chars.iter().rposition(is_word).unwrap_or(first);
        chars[first..=last].to_vec()
    }

    /// Where `term` stands, at or after `start`.
    pub fn find(&self, term: &[char], start: usize) -> Option<usize> {
        let (first, rest) = term.split_first()?;
        let mut at = start;
        while let Some(hop) = self.chars.get(at..)?.iter().position(|c| c == first) {
            at += hop;
            if self.chars[at + 1..].starts_with(rest) {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    fn push(&mut self, cluster: &str, start: u32, end: u32) {
        let mut folded = String::new();
        for c in cluster.nfkd() {
            // The breve of й makes it another letter; no other one does.
            let is_breve_of_i = c == '\u{306}' && folded.ends_with('и');
            if is_dropped(c) && !is_breve_of_i {
                continue;
            }
            match other_letter(c) {
                Some(letters) => folded.push_str(letters),
                None => folded.extend(c.to_lowercase().map(final_sigma)),
            }
        }
        for c in folded.nfc() {
            let c = if c.is_whitespace() || c.is_control() {
                ' '
            } else {
                c
            };
            if c == ' ' && self.chars.last() == Some(&' ') {
                // One space, however many there were; it ends where they end.
                if let Some(last) = self.from.last_mut() {
                    last.1 = end;
                }
                continue;
            }
            self.chars.push(c);
            self.from.push((start, end));
        }
    }
}

/// White space that is not the plain space, and doubled ones.
fn is_odd_space(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

/// Whether `c` belongs to the character before it.
fn continues(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    // A letter of a Korean syllable written as its parts: vowel or ending.
    canonical_combining_class(c) != 0
        // Voicing beside a narrow kana.
        || matches!(c, '\u{ff9e}' | '\u{ff9f}')
        || matches!(c, '\u{1160}'..='\u{11ff}')
        // Vowels of Indian scripts that join with the one before.
        || matches!(c, '\u{09be}' | '\u{09d7}' | '\u{0b3e}' | '\u{0b56}' | '\u{0b57}'
            | '\u{0bbe}' | '\u{0bd7}' | '\u{0cc2}' | '\u{0cd5}' | '\u{0cd6}' | '\u{0d3e}'
            | '\u{0d57}' | '\u{0dcf}' | '\u{0ddf}' | '\u{102e}' | '\u{1b35}')
}

/// Accents, points and what cannot be seen. Marks that make another letter
/// stay: the voicing of kana, the vowels of Indian and Thai scripts.
fn is_dropped(c: char) -> bool {
    matches!(c,
        // Accents of Latin, Greek and Cyrillic.
        '\u{0300}'..='\u{036f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        // Points of Hebrew and Arabic, and the stretching of Arabic.
        | '\u{0591}'..='\u{05bd}' | '\u{05bf}' | '\u{05c1}' | '\u{05c2}' | '\u{05c4}'
        | '\u{05c5}' | '\u{05c7}' | '\u{0610}'..='\u{061a}' | '\u{0640}'
        | '\u{064b}'..='\u{065f}' | '\u{0670}' | '\u{06d6}'..='\u{06dc}'
        | '\u{06df}'..='\u{06e8}' | '\u{06ea}'..='\u{06ed}'
        // What cannot be seen: joiners, directions, variation selectors.
        | '\u{00ad}' | '\u{061c}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters with a stroke, ligatures, and the quotes and dashes that editors
/// put in place of typed ones: Unicode does not call them the same.
fn other_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'ħ' | 'Ħ' => "h",
        'ŧ' | 'Ŧ' => "t",
        'ı' => "i",
        '‘' | '’' | '‚' | '‛' => "'",
        '“' | '”' | '„' | '‟' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => "-",
        _ => return None,
    })
}

/// Greek writes its s differently at the end of a word.
fn final_sigma(c: char) -> char {
    if c == 'ς' { 'σ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        Plain::new(text).chars().iter().collect()
    }

    #[test]
    fn what_a_reader_calls_the_same_word_folds_alike() {
        for (typed, folded) in [
            ("Hello", "hello"),
            ("Příliš ŽLUŤOUČKÝ", "prilis zlutoucky"),
            ("Cafe\u{301}", "cafe"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("İSTANBUL ısı", "istanbul isi"),
            ("Ørsted Łódź", "orsted lodz"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("ＡＢＣ１２３", "abc123"),
            ("ｶﾞｷﾞ", "ガギ"),
            ("ﬁne", "fine"),
            ("don’t “quote” – a…", "don't \"quote\" - a..."),
            ("a\u{200b}b\u{ad}c", "abc"),
            ("one\n\n  two\tthree", "one two three"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
        ] {
            assert_eq!(plain(typed), folded, "{typed}");
        }
    }

    #[test]
    fn what_is_another_letter_stays_one() {
        for (one, other) in [
            ("か", "が"),
            ("мои", "мой"),
            ("하", "한"),
            ("कि", "कु"),
            ("ก้", "ก่"),
        ] {
            assert_ne!(plain(one), plain(other));
        }
        assert_eq!(
            plain("\u{1112}\u{1161}\u{11ab}"),
            "한",
            "parts of a syllable"
        );
        assert_eq!(plain("か\u{3099}"), "が");
    }

    #[test]
    fn a_place_in_the_folded_text_is_a_place_in_the_typed_one() {
        let text = "Ein \n Straße\u{301}n—Fest";
        let typed: Vec<char> = text.chars().collect();
        let plain = Plain::new(text);
        for (term, shown) in [
            ("strassen", "Straße\u{301}n"),
            ("ein stra", "Ein \n Stra"),
            ("n-fest", "n—Fest"),
            // Half of a letter is shown as the whole.
            ("s", "S"),
            ("se", "ße\u{301}"),
        ] {
            let term = Plain::term(term);
            let at = plain.find(&term, 0).unwrap();
            let (from, to) = plain.original(at, at + term.len());
            assert_eq!(typed[from..to].iter().collect::<String>(), shown);
        }
        assert_eq!(plain.find(&Plain::term("fest"), 18), None);
        assert_eq!(plain.find(&[], 0), None);
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in [
            "Příliš ŽLUŤ",
            "ǅ ﷺ ㍿ ½",
            "한글 \u{1112}\u{1161}",
            "a\u{301}\u{327}",
        ] {
            assert_eq!(plain(&plain(text)), plain(text), "{text}");
        }
    }
}
