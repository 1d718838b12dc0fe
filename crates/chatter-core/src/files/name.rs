//! What a file is called: a name to save it under, and nothing more.

use chatter_protocol::limits::FILE_NAME_CHARS;
use unicode_normalization::UnicodeNormalization;

use crate::text::is_deceptive;

/// Without folders, control characters and whatever makes `exe.png` look like
/// `gnp.exe`. Never empty, and short enough by losing its middle, so that the
/// ending stays.
pub fn cleaned(name: &str) -> String {
    // Composing what is absurdly long would be work for nothing.
    let name: String = name.chars().rev().take(FILE_NAME_CHARS * 4).collect();
    let name: String = name.chars().rev().collect();
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = last.nfc().filter(|c| !c.is_control() && !is_deceptive(*c));
    let plain: String = plain
        .map(|c| if ":*?\"<>|".contains(c) { '_' } else { c })
        .collect();
    let plain = plain
        .trim()
        .trim_start_matches('.')
        .trim_end_matches(['.', ' ']);
    let chars: Vec<char> = plain.chars().collect();
    if chars.is_empty() {
        return "file".into();
    }
    if chars.len() <= FILE_NAME_CHARS {
        return plain.to_owned();
    }
    let ending = chars.iter().rev().take(21).position(|c| *c == '.');
    let kept = ending.map_or(0, |at| at + 1);
    let (head, tail) = (
        &chars[..FILE_NAME_CHARS - kept],
        &chars[chars.len() - kept..],
    );
    head.iter().chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_folders_and_hides_nothing() {
        for (given, kept) in [
            ("plan.pdf", "plan.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\cat.png", "cat.png"),
            ("a\0b\r\nc.txt", "abc.txt"),
            ("invoice\u{202E}gpj.exe", "invoicegpj.exe"),
            ("ze\u{301}ro\u{200B}.md", "zéro.md"),
            ("say \"hi\": <b>.txt", "say _hi__ _b_.txt"),
            (".htaccess", "htaccess"),
            ("...", "file"),
            ("  ", "file"),
            ("", "file"),
            ("/", "file"),
            ("trailing. . ", "trailing"),
            ("日本語.txt", "日本語.txt"),
        ] {
            assert_eq!(cleaned(given), kept, "{given:?}");
        }
        let long = cleaned(&format!("{}.tar.gz", "x".repeat(10_000)));
        assert_eq!(long.chars().count(), FILE_NAME_CHARS);
        assert_eq!(long.rsplit('.').next(), Some("gz"));
        let long = cleaned(&"y".repeat(10_000));
        assert_eq!(long.chars().count(), FILE_NAME_CHARS);
    }
}
