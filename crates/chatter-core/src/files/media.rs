//! What bytes are: found in the bytes alone.

/// How many of the first bytes are looked at.
pub const SNIFFED: usize = 8 * 1024;

/// For whatever is not known, or not what it pretends to be.
pub const UNKNOWN: &str = "application/octet-stream";

const TEXT: &str = "text/plain";

/// What browsers may show in a page or a tab. Everything else is handed out
/// to be saved. Nothing that can hold a script or a link is here: no SVG, no
/// HTML, no XML, no PDF.
const SHOWN: [&str; 13] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "audio/ogg",
    "audio/mp4",
    "audio/opus",
    "audio/flac",
    "audio/wav",
    TEXT,
];

pub fn is_shown(media_type: &str) -> bool {
    SHOWN.contains(&media_type)
}

/// Names what `head`, the first bytes of a file, begins. `whole` says whether
/// that is all of it.
pub fn sniff(head: &[u8], whole: bool) -> &'static str {
    if let Some(found) = infer::get(head) {
        return match found.mime_type() {
            "audio/m4a" => "audio/mp4",
            "audio/x-flac" => "audio/flac",
            "audio/x-wav" => "audio/wav",
            other => other,
        };
    }
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut where the head ends.
        Err(error) if !whole && error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return UNKNOWN,
    };
    let odd = |c: char| c.is_control() && !"\t\n\r\u{c}".contains(c);
    if text.is_empty() || text.chars().any(odd) {
        return UNKNOWN;
    }
    // Markup of any kind is nothing to show, even as text: some program
    // between us and a person may know better what it is.
    if text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<')
    {
        return UNKNOWN;
    }
    TEXT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_what_they_are_and_not_what_they_are_called() {
        for (head, media_type, shown) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png", true),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg", true),
            (b"GIF89a<script>alert(1)</script>", "image/gif", true),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp", true),
            (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav", true),
            (b"ID3\x04\0\0", "audio/mpeg", true),
            (b"OggS\0\x02\0\0", "audio/ogg", true),
            (b"fLaC\0\0\0\x22", "audio/flac", true),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video/mp4", true),
            (b"hello\tthere\n", "text/plain", true),
            ("é".as_bytes(), "text/plain", true),
            (b"%PDF-1.7\n", "application/pdf", false),
            (b"<!DOCTYPE html><script>", "text/html", false),
            (
                b"  <svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
                UNKNOWN,
                false,
            ),
            (b"<?xml version='1.0'?><svg/>", "text/xml", false),
            (b"\xef\xbb\xbf<img src=x onerror=x>", UNKNOWN, false),
            (b"PK\x03\x04\x14\0", "application/zip", false),
            (
                b"MZ\x90\0\x03\0\0\0",
                "application/vnd.microsoft.portable-executable",
                false,
            ),
            (b"a\0b", UNKNOWN, false),
            (b"\x1b[2J", UNKNOWN, false),
            (b"\xff\xfe<\0s\0", UNKNOWN, false),
            (b"", UNKNOWN, false),
        ] {
            let found = sniff(head, true);
            let text = String::from_utf8_lossy(head);
            assert_eq!((found, is_shown(found)), (media_type, shown), "{text}");
        }
    }

    #[test]
    fn a_character_may_be_cut_where_the_head_ends() {
        let cut = &"né".as_bytes()[..2];
        assert_eq!(sniff(cut, false), TEXT);
        assert_eq!(sniff(cut, true), UNKNOWN);
    }
}
