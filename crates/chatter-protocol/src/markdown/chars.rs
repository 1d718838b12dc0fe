//! Kinds of characters, defined so that JavaScript can say the same.

/// A letter or digit that keeps what stands beside it from beginning or
/// ending. Scripts written without spaces do not: there, what stands before a
/// mark or a handle is nearly always a letter.
pub fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_spaceless(c)
}

/// Whether `_` may begin something after `c`: not within `snake_case`, and not
/// within `^_^` or `>_<`.
pub(super) fn may_precede_underscore(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_whitespace() || "*~([{\"'".contains(c)
    } else {
        !is_letter(c)
    }
}

/// Whether `_` may end something before `c`.
pub(super) fn may_follow_underscore(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_whitespace() || "*~)]}\"'.,;:!?".contains(c)
    } else {
        !is_letter(c)
    }
}

/// Thai and Lao, Burmese, Khmer; everything East Asian; halfwidth and
/// fullwidth forms; the later planes of ideographs.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
        | '\u{2E80}'..='\u{A4CF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FFEF}' | '\u{1AFF0}'..='\u{1B16F}' | '\u{20000}'..='\u{3FFFF}')
}

/// What a room's short name may consist of, in any script. Marks that belong
/// to a letter are not letters themselves in Unicode's count.
pub(super) fn is_room_name(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '-' | '.' | '\u{0300}'..='\u{036F}' | '\u{0900}'..='\u{0963}' | '\u{0966}'..='\u{109F}')
}

pub(super) fn is_handle(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

pub(super) fn is_emoji_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+')
}

/// What no address contains: space of any kind, what quotes or delimits, and
/// what cannot be seen or turns the direction of what can.
pub(super) fn ends_address(c: char) -> bool {
    matches!(c,
        '\0'..=' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '|' | '\u{7F}'..='\u{A0}' | '\u{AB}' | '\u{AD}' | '\u{BB}'
        | '\u{061C}' | '\u{1680}' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' | '\u{FEFF}'
        | '\u{FF00}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}'
        | '\u{E0000}'..='\u{E007F}')
}
