//! Finds what is not wanted in a text, in a time that grows with the text and
//! not with the number of words.
//!
//! Words are compared as [`text::folded`] makes them: case, width, styles and
//! invisible characters make no difference; accents and other scripts do.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use chatter_protocol::limits::TOKENS_OF_A_KIND;
use chatter_protocol::markdown::{TokenKind, tokens};
use chatter_protocol::moderation::{Filter, FilterAction, FilterKind};
use url::Url;

use crate::text;

/// The filters of one place, ready to be asked.
#[derive(Default)]
pub struct Matcher {
    words: Option<AhoCorasick>,
    /// By the number of its pattern.
    rules: Vec<Word>,
    denied: HashMap<String, FilterAction>,
    allowed: HashMap<String, FilterAction>,
}

struct Word {
    /// Whether a word may go on before or after it.
    open: (bool, bool),
    action: FilterAction,
}

impl Matcher {
    pub fn new(filters: &[Filter]) -> Self {
        let mut made = Self::default();
        let mut patterns = Vec::new();
        for filter in filters {
            let pattern = filter.pattern.as_str();
            match filter.kind {
                FilterKind::Word => {
                    let open = (pattern.starts_with('*'), pattern.ends_with('*'));
                    let action = filter.action;
                    made.rules.push(Word { open, action });
                    patterns.push(pattern.trim_matches('*'));
                }
                FilterKind::DeniedDomain => {
                    made.denied.insert(pattern.to_owned(), filter.action);
                }
                FilterKind::AllowedDomain => {
                    made.allowed.insert(pattern.to_owned(), filter.action);
                }
            }
        }
        if !patterns.is_empty() {
            let kind = MatchKind::Standard;
            // Patterns were checked when they were set; one that cannot be
            // compiled finds nothing rather than stopping everyone.
            made.words = AhoCorasick::builder().match_kind(kind).build(patterns).ok();
        }
        made
    }

    /// What is to happen to this text, if anything is.
    pub fn find(&self, text: &str) -> Option<FilterAction> {
        let word = self.word(text);
        if word == Some(FilterAction::Refuse) {
            return word;
        }
        stricter(word, self.link(text))
    }

    fn word(&self, text: &str) -> Option<FilterAction> {
        let words = self.words.as_ref()?;
        let folded = text::folded(text);
        let mut found = None;
        for hit in words.find_overlapping_iter(&folded) {
            let rule = &self.rules[hit.pattern().as_usize()];
            let before = folded[..hit.start()].chars().next_back();
            let after = folded[hit.end()..].chars().next();
            let whole = |open: bool, beside: Option<char>| open || !beside.is_some_and(is_of_word);
            if whole(rule.open.0, before) && whole(rule.open.1, after) {
                found = stricter(found, Some(rule.action));
            }
        }
        found
    }

    fn link(&self, text: &str) -> Option<FilterAction> {
        if self.denied.is_empty() && self.allowed.is_empty() {
            return None;
        }
        let links = tokens(text).into_iter();
        let links: Vec<_> = links
            .filter(|token| token.kind == TokenKind::Link)
            .collect();
        let strictest = || {
            let all = self.denied.values().chain(self.allowed.values());
            all.fold(None, |found, action| stricter(found, Some(*action)))
        };
        if links.len() >= TOKENS_OF_A_KIND {
            // There may be more than were counted.
            return strictest();
        }
        links.iter().fold(None, |found, link| {
            let url = Url::parse(&link.text).ok();
            let host = url.as_ref().and_then(Url::host_str);
            stricter(found, host.and_then(|host| self.host(host)))
        })
    }

    fn host(&self, host: &str) -> Option<FilterAction> {
        let host = host.trim_end_matches('.');
        let within = |list: &HashMap<String, FilterAction>| {
            let parents = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
            let mut names = std::iter::once(host).chain(parents);
            names.find_map(|name| list.get(name).copied())
        };
        if let Some(denied) = within(&self.denied) {
            return Some(denied);
        }
        if within(&self.allowed).is_some() {
            return None;
        }
        let all = self.allowed.values();
        all.fold(None, |found, action| stricter(found, Some(*action)))
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn stricter(one: Option<FilterAction>, other: Option<FilterAction>) -> Option<FilterAction> {
    match (one, other) {
        (Some(FilterAction::Refuse), _) | (_, Some(FilterAction::Refuse)) => {
            Some(FilterAction::Refuse)
        }
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use chatter_protocol::{FilterId, Millis, UserId};

    use super::*;

    fn filter(kind: FilterKind, pattern: &str, action: FilterAction) -> Filter {
        Filter {
            id: FilterId(1),
            room: None,
            kind,
            pattern: pattern.to_owned(),
            action,
            by: UserId(1),
            at: Millis(1),
        }
    }

    fn words(patterns: &[&str]) -> Matcher {
        let refuse = |pattern: &&str| filter(FilterKind::Word, pattern, FilterAction::Refuse);
        Matcher::new(&patterns.iter().map(refuse).collect::<Vec<_>>())
    }

    #[test]
    fn look_alikes_are_found_as_the_manual_says_and_other_words_are_left_alone() {
        let matcher = words(&["spam", "buy now", "casino*", "*coin"]);
        for found in [
            "spam",
            "SPAM!",
            "no spam, please",
            "ｓｐａｍ",
            "𝐬𝐩𝐚𝐦",
            "ⓢⓟⓐⓜ",
            "sp\u{200B}am",
            "s\u{AD}pam",
            "\u{202E}spam",
            "BUY NOW",
            "casinos",
            "casino-royal",
            "bitcoin",
            "(coin)",
        ] {
            assert_eq!(matcher.find(found), Some(FilterAction::Refuse), "{found}");
        }
        for fine in [
            "spammer",
            "antispam",
            "spam_box",
            "spám",
            "ѕраm",
            "buy it now",
            "coins",
            "encasino",
            "",
        ] {
            assert_eq!(matcher.find(fine), None, "{fine}");
        }
    }

    #[test]
    fn the_stricter_word_decides() {
        let matcher = Matcher::new(&[
            filter(FilterKind::Word, "rum", FilterAction::Report),
            filter(FilterKind::Word, "gin", FilterAction::Refuse),
        ]);
        assert_eq!(matcher.find("rum"), Some(FilterAction::Report));
        assert_eq!(matcher.find("rum and gin"), Some(FilterAction::Refuse));
    }

    #[test]
    fn a_domain_means_its_subdomains_and_nothing_that_only_looks_like_it() {
        let denied = Matcher::new(&[filter(
            FilterKind::DeniedDomain,
            "bad.example",
            FilterAction::Refuse,
        )]);
        for found in [
            "https://bad.example/a",
            "see http://www.BAD.example.",
            "[x](https://a.b.bad.example:8080)",
        ] {
            assert_eq!(denied.find(found), Some(FilterAction::Refuse), "{found}");
        }
        for fine in [
            "https://notbad.example",
            "https://bad.example.org",
            "bad.example",
            "https://ok.example/bad.example",
            "`https://bad.example`",
        ] {
            assert_eq!(denied.find(fine), None, "{fine}");
        }
        let allowed = Matcher::new(&[
            filter(
                FilterKind::AllowedDomain,
                "ok.example",
                FilterAction::Refuse,
            ),
            filter(
                FilterKind::DeniedDomain,
                "old.ok.example",
                FilterAction::Report,
            ),
        ]);
        assert_eq!(allowed.find("https://www.ok.example"), None);
        assert_eq!(
            allowed.find("https://old.ok.example"),
            Some(FilterAction::Report)
        );
        assert_eq!(
            allowed.find("https://elsewhere.example"),
            Some(FilterAction::Refuse)
        );
        assert_eq!(allowed.find("no link"), None);
        let many = (0..300).map(|n| format!("https://ok.example/{n}"));
        let many = many.collect::<Vec<_>>().join(" ");
        assert_eq!(
            allowed.find(&many),
            Some(FilterAction::Refuse),
            "more than are counted"
        );
    }

    #[test]
    fn many_nested_words_and_a_long_text_end_soon() {
        let nested: Vec<String> = (1..=64).map(|n| "a".repeat(n)).collect();
        let matcher = words(&nested.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(matcher.find(&"a".repeat(16 * 1024)), None);
        assert_eq!(matcher.find(&"\u{FDFA}".repeat(5_000)), None);
    }
}
