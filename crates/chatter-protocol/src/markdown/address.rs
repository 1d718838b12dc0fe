//! Which addresses are links: `http`, `https` and `mailto`, and only such as
//! go where they seem to.

use super::chars::ends_address;

/// Characters. Longer ones stay text.
const LENGTH: usize = 2_048;

const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// An address, or what looks like the beginning of one.
pub(super) struct Found<'a> {
    /// As far as nothing forbids, less the punctuation after it.
    pub text: &'a str,
    /// The same with that punctuation.
    pub whole: &'a str,
}

/// How long the scheme at the beginning of `text` is, if it is one of ours.
pub(super) fn scheme(text: &str) -> Option<usize> {
    SCHEMES
        .into_iter()
        .find(|it| {
            text.get(..it.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(it))
        })
        .map(str::len)
}

/// The address at the beginning of `text`. A closing bracket ends it unless
/// the address has opened it; the punctuation after it is the sentence's.
pub(super) fn find(text: &str) -> Option<Found<'_>> {
    let from = scheme(text)?;
    let (mut round, mut square) = (0_usize, 0_usize);
    let end = text[from..].find(|c| match c {
        '(' => {
            round += 1;
            false
        }
        '[' => {
            square += 1;
            false
        }
        ')' if round > 0 => {
            round -= 1;
            false
        }
        ']' if square > 0 => {
            square -= 1;
            false
        }
        ')' | ']' => true,
        c => ends_address(c),
    });
    let whole = &text[..end.map_or(text.len(), |end| from + end)];
    let trimmed =
        whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', '(', '[']);
    let text = if trimmed.len() < from {
        &text[..from]
    } else {
        trimmed
    };
    Some(Found { text, whole })
}

/// Whether it may be opened: it names a host that no `user@` before it can
/// disguise, or someone to write to.
pub(super) fn is_safe(address: &str) -> bool {
    let Some(from) = scheme(address) else {
        return false;
    };
    if address.chars().count() > LENGTH {
        return false;
    }
    let rest = &address[from..];
    if address[..from].eq_ignore_ascii_case("mailto:") {
        return rest
            .find('@')
            .is_some_and(|at| at > 0 && at + 1 < rest.len());
    }
    let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let begins = |c: char| c == '[' || c.is_alphanumeric();
    host.chars().next().is_some_and(begins) && !host.contains('@')
}
