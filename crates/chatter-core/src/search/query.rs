//! From what was typed to what is meant.
//!
//! Words must all be there; what is in quotes stands as it is; `-` before a
//! word keeps messages with it out; `name:value` is a filter. Nothing else is
//! special: no wildcard, no operator, no escape but `\"` within quotes. What
//! looks like a filter and is none is refused, because to look for it silently
//! as text would find nothing and say so.

use std::iter::Peekable;
use std::str::Chars;

use chatter_protocol::limits::{SEARCH_CHARS, SEARCH_TERMS};
use chatter_protocol::{Millis, UserId};
use chatter_store::search::{Has, Is};

use super::SearchError;
use super::filters::{self, NAMES, Zone};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    pub terms: Vec<String>,
    pub without: Vec<String>,
    pub people: Vec<Person>,
    pub places: Vec<Place>,
    pub has: Vec<Has>,
    pub is: Vec<Is>,
    pub since: Option<Millis>,
    pub until: Option<Millis>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    Me,
    Id(UserId),
    Handle(String),
}

/// A room by its name or its id, without the `#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(pub String);

/// A piece of what was typed.
#[derive(Debug, PartialEq, Eq)]
struct Token {
    minus: bool,
    filter: Option<String>,
    text: String,
}

impl Query {
    pub fn parse(text: &str, zone: &Zone) -> Result<Self, SearchError> {
        if text.chars().count() > SEARCH_CHARS {
            return Err(SearchError::TooLong(SEARCH_CHARS));
        }
        let tokens = tokens(text);
        if tokens.len() > SEARCH_TERMS {
            let why = format!("a search has at most {SEARCH_TERMS} words and filters");
            return Err(SearchError::query(why));
        }
        let mut query = Self::default();
        for token in tokens {
            query.take(token, zone)?;
        }
        if query == Self::default() {
            return Err(SearchError::query("there is nothing to look for"));
        }
        let only_without = Self {
            without: query.without.clone(),
            ..Self::default()
        };
        if query == only_without {
            let why = "say also what to look for, not only what must not be there";
            return Err(SearchError::query(why));
        }
        Ok(query)
    }

    fn take(&mut self, token: Token, zone: &Zone) -> Result<(), SearchError> {
        let Some(filter) = token.filter else {
            let words = if token.minus {
                &mut self.without
            } else {
                &mut self.terms
            };
            words.push(token.text);
            return Ok(());
        };
        if token.minus {
            let why = format!("'-{filter}:' cannot be: only words can be left out");
            return Err(SearchError::query(why));
        }
        let value = token.text.as_str();
        match filter.as_str() {
            "from" => self.people.push(person(value)?),
            "in" => self.places.push(place(value)?),
            "has" => self.has.push(filters::has(value)?),
            "is" => self.is.push(filters::is(value)?),
            "before" => self.ends(zone.day(&filter, value)?.0),
            "after" => self.begins(zone.day(&filter, value)?.1),
            "on" => {
                let (from, to) = zone.day(&filter, value)?;
                self.begins(from);
                self.ends(to);
            }
            _ => {
                let known = NAMES.map(|name| format!("{name}:")).join(", ");
                return Err(SearchError::query(format!(
                    "there is no filter '{filter}:', only {known}; in quotes it is looked for as text"
                )));
            }
        }
        Ok(())
    }

    fn begins(&mut self, at: Millis) {
        self.since = Some(self.since.map_or(at, |since| since.max(at)));
    }

    fn ends(&mut self, at: Millis) {
        self.until = Some(self.until.map_or(at, |until| until.min(at)));
    }
}

fn person(value: &str) -> Result<Person, SearchError> {
    let name = value.strip_prefix('@').unwrap_or(value);
    if name.is_empty() {
        return Err(SearchError::query(
            "'from:' wants a person, as @alice or me",
        ));
    }
    if value == "me" {
        return Ok(Person::Me);
    }
    if let Ok(id) = value.parse() {
        return Ok(Person::Id(id));
    }
    Ok(Person::Handle(name.to_lowercase()))
}

fn place(value: &str) -> Result<Place, SearchError> {
    let name = value.strip_prefix('#').unwrap_or(value);
    if name.is_empty() {
        return Err(SearchError::query("'in:' wants a room, as #lobby"));
    }
    Ok(Place(name.to_owned()))
}

fn tokens(text: &str) -> Vec<Token> {
    let mut rest = text.chars().peekable();
    let mut tokens = Vec::new();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return tokens;
        }
        let token = token(&mut rest);
        // Empty quotes ask for nothing.
        if token.filter.is_some() || !token.text.trim().is_empty() {
            tokens.push(token);
        }
    }
}

fn token(rest: &mut Peekable<Chars<'_>>) -> Token {
    let mut ahead = rest.clone();
    let minus = ahead.next() == Some('-')
        && ahead
            .peek()
            .is_some_and(|c| c.is_alphanumeric() || is_quote(*c));
    if minus {
        rest.next();
    }
    if rest.next_if(|c| is_quote(*c)).is_some() {
        let text = quoted(rest);
        let filter = None;
        return Token {
            minus,
            filter,
            text,
        };
    }
    let mut text = String::new();
    while let Some(c) = rest.next_if(|c| !c.is_whitespace()) {
        let name = c == ':' && !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic());
        if name && begins_value(&text, rest.peek().copied()) {
            let filter = Some(text.to_ascii_lowercase());
            let text = value(rest);
            return Token {
                minus,
                filter,
                text,
            };
        }
        text.push(c);
    }
    Token {
        minus,
        filter: None,
        text,
    }
}

/// Whether `name:` and what follows is meant as a filter. `https://x`,
/// `std::fmt`, `localhost:8080` and `note: this` are not.
fn begins_value(name: &str, next: Option<char>) -> bool {
    let known = NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    match next {
        None => known,
        Some(c) if known => c != ':' && c != '/',
        Some(c) => c.is_alphabetic() || matches!(c, '@' | '#') || is_quote(c),
    }
}

fn value(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    // `in:#"two words"` as well.
    while let Some(mark) = rest.next_if(|c| matches!(c, '@' | '#')) {
        text.push(mark);
    }
    if rest.next_if(|c| is_quote(*c)).is_some() {
        text.push_str(&quoted(rest));
        return text;
    }
    while let Some(c) = rest.next_if(|c| !c.is_whitespace()) {
        text.push(c);
    }
    text
}

/// Up to the closing quote, or to the end where there is none.
fn quoted(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next_if(|c| matches!(c, '"' | '\\')) {
                Some(escaped) => text.push(escaped),
                None => text.push(c),
            },
            c if is_quote(c) => break,
            c => text.push(c),
        }
    }
    text
}

/// Keyboards of phones put the others in its place.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Query, SearchError> {
        Query::parse(text, &Zone::named(None, Millis(0)).unwrap())
    }

    fn terms(text: &str) -> Vec<String> {
        let query = parsed(text).unwrap();
        let only = Query {
            terms: query.terms.clone(),
            ..Query::default()
        };
        assert_eq!(query, only, "{text}");
        query.terms
    }

    #[test]
    fn words_phrases_and_what_must_not_be_there() {
        let query = parsed(r#"red "the door" -blue -"old car""#).unwrap();
        assert_eq!(query.terms, ["red", "the door"]);
        assert_eq!(query.without, ["blue", "old car"]);
        assert_eq!(terms("“wie hier” „so“"), ["wie hier", "so"]);
        assert_eq!(terms(r#""say \"hi\" \\ \n""#), [r#"say "hi" \ \n"#]);
        assert_eq!(terms("\"never closed: in:x"), ["never closed: in:x"]);
        assert_eq!(terms("\"\" x  \u{3000} y"), ["x", "y"]);
    }

    #[test]
    fn what_people_paste_is_text() {
        for text in [
            "https://example.org/a?b=c&d=%20#e",
            "std::fmt::Display",
            "localhost:8080",
            "12:30",
            "a@b.example",
            ":party:",
            "C:\\temp",
            "--force",
            "-",
            "key:=value",
            "a*b%c_d",
            "NEAR(a)",
            "AND",
            "注意:这里",
            "file.rs:12",
            "x:",
            "in:/tmp",
        ] {
            assert_eq!(terms(text), [text]);
        }
        assert_eq!(terms("note: this"), ["note:", "this"]);
    }

    #[test]
    fn filters_are_taken_apart() {
        let query = parsed("FROM:@Alice from:me in:#lobby in:\"two words\" has:link is:pinned x");
        let query = query.unwrap();
        let alice = Person::Handle("alice".into());
        assert_eq!(query.people, [alice, Person::Me]);
        assert_eq!(
            query.places,
            [Place("lobby".into()), Place("two words".into())]
        );
        assert_eq!((query.has, query.is), (vec![Has::Link], vec![Is::Pinned]));
        assert_eq!(query.terms, ["x"]);
        assert_eq!(
            parsed("from:178231").unwrap().people,
            [Person::Id(UserId(178_231))]
        );

        let day = 24 * 3_600_000;
        let query = parsed("after:1970-01-02 before:1970-01-05 before:1970-01-07").unwrap();
        let span = (query.since, query.until);
        assert_eq!(span, (Some(Millis(2 * day)), Some(Millis(4 * day))));
        let query = parsed("on:1970-01-02").unwrap();
        let span = (query.since, query.until);
        assert_eq!(span, (Some(Millis(day)), Some(Millis(2 * day))));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (text, named) in [
            ("form:alice", "'form:'"),
            ("author:@x y", "'author:'"),
            ("has:", "'has:'"),
            ("has:money", "'has:'"),
            ("is:\"\"", "'is:'"),
            ("on:someday", "'on:'"),
            ("from:@", "'from:'"),
            ("in:#", "'in:'"),
            ("-from:bob x", "'-from:'"),
            ("-only", "look for"),
            ("", "nothing"),
            ("  \"\" ", "nothing"),
        ] {
            let refused = parsed(text).unwrap_err().to_string();
            assert!(refused.contains(named), "{text}: {refused}");
        }
        assert!(parsed("x").is_ok());
    }

    #[test]
    fn a_search_has_an_end() {
        let long = "x".repeat(SEARCH_CHARS);
        assert!(parsed(&long).is_ok());
        assert!(matches!(
            parsed(&format!("{long}x")),
            Err(SearchError::TooLong(_))
        ));
        assert!(parsed(&"x ".repeat(SEARCH_TERMS)).is_ok());
        assert!(parsed(&"x ".repeat(SEARCH_TERMS + 1)).is_err());
    }
}
