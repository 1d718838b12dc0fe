//! What a name, a topic or a message may contain.
//!
//! Messages are kept as typed. Names are made comparable: two names that look
//! the same should be the same.

use chatter_protocol::limits::{HANDLE_CHARS, PERSON_NAME_CHARS, TEXT_BYTES};
use unicode_normalization::UnicodeNormalization;

/// Handles that would pass for the server, or for everyone.
const RESERVED_HANDLES: [&str; 8] = [
    "chatter", "system", "admin", "here", "room", "everyone", "all", "channel",
];

/// A text that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct TextError {
    pub field: &'static str,
    /// A sentence for whoever typed it.
    pub why: String,
    pub too_long: bool,
}

impl TextError {
    pub fn wrong(field: &'static str, why: impl Into<String>) -> Self {
        Self {
            field,
            why: why.into(),
            too_long: false,
        }
    }

    pub fn too_long(field: &'static str, why: impl Into<String>) -> Self {
        Self {
            field,
            why: why.into(),
            too_long: true,
        }
    }
}

/// Whether `text` can be a message. It is not changed: what was typed is what
/// is shown. Only a message that `has_more` than text may have none.
pub fn message_text(text: &str, has_more: bool) -> Result<(), TextError> {
    if text.len() > TEXT_BYTES {
        return Err(TextError::too_long(
            "text",
            format!(
                "the message is {} bytes, the limit is {TEXT_BYTES}",
                text.len()
            ),
        ));
    }
    if text.trim().is_empty() && !has_more {
        return Err(TextError::wrong("text", "the message is empty"));
    }
    // PostgreSQL cannot keep it, and nobody types it.
    if text.contains('\0') {
        return Err(TextError::wrong(
            "text",
            "the message contains a null character",
        ));
    }
    Ok(())
}

/// One line of text for `field`, trimmed and in composed form.
pub fn line(
    field: &'static str,
    text: &str,
    max_chars: usize,
    allow_empty: bool,
) -> Result<String, TextError> {
    // Composing never makes a text longer than three times its bytes; refuse
    // the absurd before working on it.
    if text.len() > max_chars * 16 {
        return Err(too_many_chars(field, max_chars));
    }
    let text: String = text.trim().nfc().collect();
    if text.is_empty() && !allow_empty {
        return Err(TextError::wrong(
            field,
            format!("the {} is empty", spoken(field)),
        ));
    }
    if text.chars().count() > max_chars {
        return Err(too_many_chars(field, max_chars));
    }
    if text.chars().any(char::is_control) {
        return Err(TextError::wrong(
            field,
            format!(
                "the {} contains a line break or another control character",
                spoken(field)
            ),
        ));
    }
    if text.chars().any(is_deceptive) {
        return Err(TextError::wrong(
            field,
            format!("the {} contains invisible characters", spoken(field)),
        ));
    }
    Ok(text)
}

/// One emoji, or the `:name:` of one. Joiners make one sign of several here.
pub fn emoji(field: &'static str, text: &str, max_chars: usize) -> Result<String, TextError> {
    const JOINER: char = '\u{200D}';
    line(field, &text.replace(JOINER, ""), max_chars, true)?;
    let text = text.trim();
    if text.chars().count() > max_chars {
        return Err(too_many_chars(field, max_chars));
    }
    if text.chars().any(char::is_whitespace) || text.starts_with(JOINER) {
        return Err(TextError::wrong(field, "this is not one emoji"));
    }
    Ok(text.to_owned())
}

/// A stranger's words as one line of plain text, cut at `most` characters: no
/// line breaks, no control, no deceptive characters.
pub fn foreign_line(text: &str, most: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut line = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !is_deceptive(*c)));
        // Four bytes hold any character: what follows would be cut anyway.
        if line.len() > most * 4 {
            break;
        }
    }
    let line = line.trim();
    match line.char_indices().nth(most) {
        None => line.to_owned(),
        Some(_) => line.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// What a person is called. Not what the server calls itself: nobody may put
/// words into its mouth.
pub fn person_name(name: &str) -> Result<String, TextError> {
    let name = line("name", name, PERSON_NAME_CHARS, false)?;
    if name.chars().any(is_unseen) {
        return Err(TextError::wrong(
            "name",
            "the name contains invisible characters",
        ));
    }
    if SERVER_NAMES.contains(&name_key(&name).as_str()) {
        return Err(TextError::wrong("name", "this name is the server's own"));
    }
    Ok(name)
}

/// Who speaks when the server does, as [`name_key`]s.
const SERVER_NAMES: [&str; 2] = ["system", "chatter"];

fn too_many_chars(field: &'static str, max: usize) -> TextError {
    TextError::too_long(
        field,
        format!("the {} is longer than {max} characters", spoken(field)),
    )
}

fn spoken(field: &str) -> String {
    field.replace('_', " ")
}

/// Zero-width and direction-changing characters: they make two names look the
/// same, or one read as something else.
pub(crate) fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// What shows nothing of its own: fillers, blanks and variation selectors. A
/// topic may have them, for emoji are made with some; a name made of them
/// looks like none, or like someone else's.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180F}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A handle as it is kept: lower case, without the `@`.
pub fn handle(text: &str) -> Result<String, TextError> {
    let handle = text.trim();
    let handle = handle
        .strip_prefix('@')
        .unwrap_or(handle)
        .to_ascii_lowercase();
    let wrong = |why: String| Err(TextError::wrong("handle", why));
    let (min, max) = (*HANDLE_CHARS.start(), *HANDLE_CHARS.end());
    if handle.len() > max {
        return Err(TextError::too_long(
            "handle",
            format!("the handle is longer than {max} characters"),
        ));
    }
    if handle.len() < min {
        return wrong(format!("the handle is shorter than {min} characters"));
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if !handle.bytes().all(|b| plain(b) || b"._-".contains(&b)) {
        return wrong("the handle may have letters a to z, digits, '.', '_' and '-'".into());
    }
    // After a mention a full stop ends the sentence.
    let edges = [handle.bytes().next(), handle.bytes().last()];
    if !edges.iter().all(|edge| edge.is_some_and(plain)) {
        return wrong("the handle must start and end with a letter or a digit".into());
    }
    if RESERVED_HANDLES.contains(&handle.as_str()) {
        return wrong(format!(
            "'{handle}' is reserved; please choose another handle"
        ));
    }
    Ok(handle)
}

/// How two texts are compared: without regard to case, width, style and what
/// shows nothing of its own. Accents and other scripts stay what they are.
pub fn folded(text: &str) -> String {
    let folded = text.nfkc().flat_map(char::to_lowercase).nfkc();
    folded
        .filter(|c| !is_deceptive(*c) && !is_unseen(*c))
        .collect()
}

/// What makes two names of open rooms or guests the same name.
pub fn name_key(name: &str) -> String {
    let folded: String = name.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_kept_as_typed_within_its_limit() {
        for fine in [
            "hi",
            "  indented",
            "a\nb\tc",
            "👩‍👩‍👧",
            "\u{202E}odd",
            &"x".repeat(TEXT_BYTES),
        ] {
            assert_eq!(message_text(fine, false), Ok(()), "{fine:?}");
        }
        for (wrong, why) in [
            ("", "the message is empty"),
            (" \n\t ", "the message is empty"),
            ("a\0b", "the message contains a null character"),
        ] {
            assert_eq!(message_text(wrong, false).unwrap_err().to_string(), why);
        }
        assert_eq!(message_text("", true), Ok(()));
        let long = message_text(&"é".repeat(TEXT_BYTES / 2 + 1), true).unwrap_err();
        assert!(long.too_long);
        assert_eq!(long.field, "text");
        assert_eq!(long.why, "the message is 16386 bytes, the limit is 16384");
    }

    #[test]
    fn a_line_is_trimmed_and_composed() {
        assert_eq!(line("name", "  Zoe\u{308} ", 80, false).unwrap(), "Zoë");
        assert_eq!(line("topic", "", 80, true).unwrap(), "");
        assert_eq!(line("name", "日本語", 3, false).unwrap(), "日本語");
    }

    #[test]
    fn nobody_is_called_what_the_server_is() {
        assert_eq!(person_name(" Ana ").unwrap(), "Ana");
        for name in ["SYSTEM", "system", " System ", "Ｓystem", "Chatter"] {
            assert!(person_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn nobody_is_called_nothing_or_almost_like_someone_else() {
        for unseen in [
            '\u{00AD}',
            '\u{034F}',
            '\u{061C}',
            '\u{115F}',
            '\u{1160}',
            '\u{180B}',
            '\u{180F}',
            '\u{200B}',
            '\u{2800}',
            '\u{3164}',
            '\u{FE00}',
            '\u{FE0F}',
            '\u{FFA0}',
            '\u{E0000}',
            '\u{E0100}',
            '\u{E0FFF}',
        ] {
            for name in [format!("{unseen}"), format!("Ana{unseen}")] {
                let error = person_name(&name).unwrap_err();
                let said = (error.field, error.to_string());
                let why = "the name contains invisible characters".to_owned();
                assert_eq!(said, ("name", why), "{}", name.escape_unicode());
            }
        }
        for fine in ["Zoe\u{308}", "홍길동", "نور", "Ana 🦊"] {
            assert!(person_name(fine).is_ok(), "{fine}");
        }
        assert!(line("topic", "with love ❤\u{FE0F}", 80, false).is_ok());
        assert!(line("topic", "a\u{061C}b", 80, false).is_err());
    }

    #[test]
    fn a_line_refuses_what_deceives() {
        for (wrong, why) in [
            ("", "the server name is empty"),
            (" ", "the server name is empty"),
            ("12345", "the server name is longer than 4 characters"),
            (
                "a\nb",
                "the server name contains a line break or another control character",
            ),
            (
                "a\u{7f}",
                "the server name contains a line break or another control character",
            ),
            (
                "a\u{200b}b",
                "the server name contains invisible characters",
            ),
            (
                "\u{202e}ab",
                "the server name contains invisible characters",
            ),
            (
                "a\u{2066}b",
                "the server name contains invisible characters",
            ),
            (
                "a\u{feff}b",
                "the server name contains invisible characters",
            ),
        ] {
            let error = line("server_name", wrong, 4, false).unwrap_err();
            assert_eq!(
                (error.field, error.to_string().as_str()),
                ("server_name", why)
            );
        }
        assert!(
            line("name", &"x".repeat(10_000_000), 80, false)
                .unwrap_err()
                .too_long
        );
    }

    #[test]
    fn a_handle_is_small_plain_and_nobody_elses() {
        assert_eq!(handle(" @Alice.B-2_c ").unwrap(), "alice.b-2_c");
        for wrong in [
            "",
            "a",
            "é1",
            "a b",
            ".ab",
            "-ab",
            "_ab",
            "ab.",
            "ab-",
            "ab_",
            "a@b",
            "аlice",
            "chatter",
            "Everyone",
            "ALL",
            &"x".repeat(33),
        ] {
            assert_eq!(handle(wrong).unwrap_err().field, "handle", "{wrong:?}");
        }
    }

    #[test]
    fn names_that_look_the_same_have_the_same_key() {
        assert_eq!(name_key("  The   DEN "), "the den");
        assert_eq!(name_key("Ｄｅｎ"), name_key("den"));
        assert_eq!(name_key("ZOE\u{308}"), name_key("zoë"));
        assert_ne!(name_key("den"), name_key("dens"));
    }
}
