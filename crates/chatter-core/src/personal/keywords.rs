//! Words that people want to hear of: a message that has one concerns them
//! like a mention. Only they know; whom it concerns is never in the log.
//!
//! Everyone's words are in memory, in one automaton, and read again when their
//! number of changes in the database is another one. So a message asks the
//! database nothing unless it has someone's word.

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use chatter_protocol::limits::{KEYWORD_ALERTS, KEYWORD_CHARS, KEYWORDS};
use chatter_protocol::markdown::is_letter;
use chatter_protocol::personal::{KeptList, Keywords};
use chatter_protocol::{RoomId, UserId};
use chatter_store::StoreError;
use parking_lot::RwLock;
use tokio::sync::Mutex;
use unicode_normalization::UnicodeNormalization;

use super::PersonalError;
use crate::app::App;
use crate::principal::Principal;
use crate::text::{self, TextError};

/// Everyone's words, as of some moment.
#[derive(Default)]
pub(crate) struct Watch {
    // Held to copy or replace an `Arc`, never across an await.
    words: RwLock<Arc<Words>>,
    /// Held while they are read, so that an older reading never replaces a
    /// newer one.
    reading: Mutex<()>,
}

#[derive(Default)]
struct Words {
    changes: i64,
    /// Absent while nobody has any.
    finder: Option<AhoCorasick>,
    /// Whose each of the finder's words is.
    people: Vec<Vec<UserId>>,
}

pub async fn mine(app: &App, who: &Principal) -> Result<Keywords, PersonalError> {
    super::has_account(who)?;
    let words = app.store.keywords(who.user).await?;
    Ok(Keywords { words })
}

/// Replaces my words.
pub async fn put(app: &App, who: &Principal, asked: Keywords) -> Result<Keywords, PersonalError> {
    super::may_change(app, who)?;
    let words = checked(&asked.words)?;
    app.store.put_keywords(who.user, &words).await?;
    read(app).await?;
    super::changed(app, who.user, KeptList::Keywords);
    Ok(Keywords { words })
}

/// As they are kept: each once.
fn checked(asked: &[String]) -> Result<Vec<String>, TextError> {
    if asked.len() > KEYWORDS {
        let why = format!("there are more than {KEYWORDS} keywords");
        return Err(TextError::too_long("words", why));
    }
    let mut words = BTreeMap::new();
    for word in asked {
        let word = text::line("words", word, KEYWORD_CHARS, false)?;
        let key = fold(&word);
        if !key.chars().any(char::is_alphanumeric) && key.is_ascii() {
            let why = "a keyword has a letter, a digit or a sign of its own";
            return Err(TextError::wrong("words", why));
        }
        words.entry(key).or_insert(word);
    }
    Ok(words.into_values().collect())
}

/// Adds those of `room` to `meant` who have a word that is in `text`.
pub(crate) async fn concern(
    app: &App,
    room: RoomId,
    author: UserId,
    text: &str,
    meant: &mut Vec<UserId>,
) -> Result<(), StoreError> {
    let words = Arc::clone(&app.keywords.words.read());
    let mut people = words.of_whom(text);
    people.retain(|user| *user != author && !meant.contains(user));
    if people.is_empty() {
        return Ok(());
    }
    let mut here = app.store.members_among(room, people).await?;
    here.truncate(KEYWORD_ALERTS);
    meant.extend(here);
    Ok(())
}

/// Takes everyone's words from the database, if any have changed.
pub(crate) async fn read(app: &App) -> Result<(), StoreError> {
    let _in_turn = app.keywords.reading.lock().await;
    let changes = app.store.keyword_changes().await?;
    if changes == app.keywords.words.read().changes {
        return Ok(());
    }
    let all = app.store.all_keywords().await?;
    let words = Words::new(changes, &all);
    *app.keywords.words.write() = Arc::new(words);
    Ok(())
}

impl Words {
    fn new(changes: i64, all: &[(UserId, Vec<String>)]) -> Self {
        let mut whose: BTreeMap<String, Vec<UserId>> = BTreeMap::new();
        for (user, words) in all {
            for word in words {
                whose.entry(fold(word)).or_default().push(*user);
            }
        }
        let (words, people): (Vec<String>, Vec<Vec<UserId>>) = whose.into_iter().unzip();
        // It fails only beyond what memory holds; then nobody is alerted.
        let finder = AhoCorasick::new(&words).ok();
        Self {
            changes,
            finder: finder.filter(|_| !words.is_empty()),
            people,
        }
    }

    /// Who has a word that is in `text`, each once.
    fn of_whom(&self, text: &str) -> Vec<UserId> {
        let Some(finder) = &self.finder else {
            return Vec::new();
        };
        let text = fold(text);
        let found = finder.find_overlapping_iter(text.as_str());
        let whole = found.filter(|found| is_whole(&text, found.start(), found.end()));
        let mut people: Vec<UserId> = whole
            .flat_map(|found| &self.people[found.pattern().as_usize()])
            .copied()
            .collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

/// What makes two words the same: neither case nor width nor how many spaces.
/// Upper case first, for some letters have one that is several.
fn fold(text: &str) -> String {
    let upper: String = text.nfkc().flat_map(char::to_uppercase).collect();
    text::name_key(&upper)
}

/// Whether `text` has a word from `start` to `end`: no letter goes on beyond
/// either end, except where words have no spaces between them.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let goes_on = |inside: Option<char>, outside: Option<char>| {
        inside.is_some_and(is_letter) && outside.is_some_and(is_letter)
    };
    let word = &text[start..end];
    !goes_on(word.chars().next(), text[..start].chars().next_back())
        && !goes_on(word.chars().next_back(), text[end..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Words {
        let alice = words.iter().map(ToString::to_string).collect();
        Words::new(1, &[(UserId(1), alice)])
    }

    #[test]
    fn a_word_is_found_as_a_word_whatever_its_case_and_width() {
        for (word, text, found) in [
            ("pie", "I like Pie.", true),
            ("pie", "pieces of magpie", false),
            ("pie", "ＰＩＥ!", true),
            ("straße", "in der STRASSE", true),
            ("zoë", "ask ZOE\u{308}", true),
            ("release day", "the release\n  day", true),
            ("c++", "more c++ code", true),
            ("東京", "来週東京へ行く", true),
            ("api", "日本語api文書", true),
            ("api", "rapid", false),
            ("ёж", "ЁЖ!", true),
            ("ёж", "ёжик", false),
            ("🔥", "on🔥fire", true),
            ("pie", "", false),
        ] {
            let people = words(&[word]).of_whom(text);
            assert_eq!(!people.is_empty(), found, "{word:?} in {text:?}");
        }
    }

    #[test]
    fn a_word_within_another_is_found_too() {
        let found = Words::new(
            1,
            &[
                (UserId(1), vec!["new york".into()]),
                (UserId(2), vec!["york".into()]),
                (UserId(3), vec!["yor".into()]),
            ],
        );
        assert_eq!(found.of_whom("in New York"), [UserId(1), UserId(2)]);
        assert!(Words::default().of_whom("anything").is_empty());
    }

    #[test]
    fn words_are_few_and_short_and_each_once() {
        let kept = checked(&["Pie".into(), " pie ".into(), "東京".into()]).unwrap();
        assert_eq!(kept, ["Pie", "東京"]);
        for wrong in ["", " ", ".", "...", "a\nb", &"x".repeat(41)] {
            assert!(checked(&[wrong.to_owned()]).is_err(), "{wrong:?}");
        }
        assert!(checked(&vec!["x".to_owned(); KEYWORDS + 1]).is_err());
    }
}
