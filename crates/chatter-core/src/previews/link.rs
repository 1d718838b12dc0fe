//! The first link of a message.

use chatter_protocol::markdown::{TokenKind, tokens};

/// The first web address that people see as a link: not in code, and not one
/// that stands in the text otherwise than it leads.
pub fn first(text: &str) -> Option<String> {
    // Most messages have none, and need not be read for that.
    if !text.contains("://") {
        return None;
    }
    let links = tokens(text).into_iter();
    let links = links.filter(|token| token.kind == TokenKind::Link);
    links.map(|token| token.text).find(|link| {
        let lower = link.get(..8).unwrap_or_default().to_ascii_lowercase();
        (lower.starts_with("http://") || lower == "https://") && text.contains(link)
    })
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn the_first_link_counts_and_code_has_none() {
        for (text, link) in [
            (
                "see https://example.org/a, please",
                Some("https://example.org/a"),
            ),
            ("HTTP://EXAMPLE.ORG/A", Some("HTTP://EXAMPLE.ORG/A")),
            (
                "(https://example.org/a_(b))",
                Some("https://example.org/a_(b)"),
            ),
            (
                "[a page](https://example.org/p) and https://example.com",
                Some("https://example.org/p"),
            ),
            (
                "`https://example.org` https://example.com",
                Some("https://example.com"),
            ),
            ("```\nhttps://example.org\n```", None),
            (
                "mailto:a@example.org ftp://example.org javascript:alert(1)",
                None,
            ),
            ("nothing", None),
            ("http://", None),
        ] {
            assert_eq!(first(text).as_deref(), link, "{text}");
        }
    }
}
