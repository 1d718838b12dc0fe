//! Bytes on their way out: whole or a part, named, and inert.
//!
//! Whatever a file is, a browser that opens it runs nothing: its kind is not
//! guessed, no script or style of it works, and it acts as if from nowhere.
//! Only kinds that are known to be harmless are shown at all.

use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatter_core::files::is_shown;
use chatter_core::files::read::Small;
use chatter_store::BlobHash;

pub use axum::body::Bytes;

const INERT: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "sandbox; default-src 'none'",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// Which bytes are wanted.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    Of(Range<u64>),
    /// They are known already.
    Unchanged,
    /// Beyond the end.
    Nowhere,
}

pub fn tag(hash: &BlobHash) -> String {
    format!("\"{hash}\"")
}

/// What the headers ask for, of `size` bytes called `tag`.
pub fn wanted(headers: &HeaderMap, size: u64, tag: &str) -> Part {
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let known = said(header::IF_NONE_MATCH).is_some_and(|known| {
        let mut tags = known.split(',').map(str::trim);
        tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    });
    if known {
        return Part::Unchanged;
    }
    let whole = Part::Of(0..size);
    let Some(range) = said(header::RANGE) else {
        return whole;
    };
    // Of something else, a part is worth nothing.
    if said(header::IF_RANGE).is_some_and(|same| same != tag) {
        return whole;
    }
    match range_of(range, size) {
        Some(part) if part.is_empty() => Part::Nowhere,
        Some(part) => Part::Of(part),
        None => whole,
    }
}

/// One range of bytes (RFC 9110, 14.1.2). `None`: not one, so it is ignored.
/// Empty: one that cannot be.
fn range_of(said: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = said.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // What does not fit is beyond any end.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    if first.is_empty() {
        let count = number(last)?;
        return Some(size.saturating_sub(count)..size);
    }
    let first = number(first)?;
    let end = if last.is_empty() {
        size
    } else {
        let last = number(last)?;
        if last < first {
            return None;
        }
        last.saturating_add(1).min(size)
    };
    Some(first.min(end)..end)
}

/// The answer with these bytes, which are `part` of `size`.
pub fn answer(part: Part, size: u64, tag: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    match part {
        Part::Unchanged => *response.status_mut() = StatusCode::NOT_MODIFIED,
        Part::Nowhere => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            put(
                &mut response,
                header::CONTENT_RANGE,
                &format!("bytes */{size}"),
            );
        }
        Part::Of(range) => {
            let length = range.end - range.start;
            if length < size {
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                let said = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                put(&mut response, header::CONTENT_RANGE, &said);
            }
            put(&mut response, header::CONTENT_LENGTH, &length.to_string());
        }
    }
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    put(&mut response, header::ETAG, tag);
    // Kept, but asked for each time: who may read it changes.
    put(&mut response, header::CACHE_CONTROL, "private, no-cache");
    response
}

/// Says what a file is and what it is called, and makes it inert.
pub fn describe(response: &mut Response, media_type: &str, name: &str, download: bool) {
    let shown = is_shown(media_type);
    let content_type = match media_type {
        "text/plain" => "text/plain; charset=utf-8",
        known if shown => known,
        _ => "application/octet-stream",
    };
    put(response, header::CONTENT_TYPE, content_type);
    let how = if shown && !download {
        "inline"
    } else {
        "attachment"
    };
    put(
        response,
        header::CONTENT_DISPOSITION,
        &disposition(how, name),
    );
    make_inert(response);
}

fn make_inert(response: &mut Response) {
    for (name, value) in INERT {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
}

/// For programs that know RFC 8187 the whole name, for others what is plain.
fn disposition(how: &str, name: &str) -> String {
    let plain = |c: char| {
        let fine = c.is_ascii_graphic() && !"\"\\%;".contains(c);
        if fine || c == ' ' { c } else { '_' }
    };
    let plain: String = name.chars().map(plain).collect();
    let coded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Whether a browser has to ask again.
#[derive(Clone, Copy)]
pub enum Keep {
    Ask,
    /// What is at this address never changes.
    ForGood,
}

/// A picture that was made here, all of it.
pub fn small(headers: &HeaderMap, small: Small, keep: Keep) -> Response {
    let size = small.bytes.len() as u64;
    let tag = tag(&small.hash);
    let unchanged = wanted(headers, size, &tag) == Part::Unchanged;
    let part = if unchanged {
        Part::Unchanged
    } else {
        Part::Of(0..size)
    };
    let body = if unchanged {
        Body::empty()
    } else {
        small.bytes.into()
    };
    let mut response = answer(part, size, &tag, body);
    if let Keep::ForGood = keep {
        let for_good = "private, max-age=31536000, immutable";
        put(&mut response, header::CACHE_CONTROL, for_good);
    }
    put(&mut response, header::CONTENT_TYPE, small.media_type);
    make_inert(&mut response);
    response.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &str)]) -> Part {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        wanted(&headers, 100, "\"tag\"")
    }

    #[test]
    fn one_range_is_understood_and_nothing_odd_is() {
        for (range, part) in [
            ("bytes=0-9", Part::Of(0..10)),
            ("bytes=90-", Part::Of(90..100)),
            ("bytes=-7", Part::Of(93..100)),
            ("bytes=-700", Part::Of(0..100)),
            ("bytes=50-5000", Part::Of(50..100)),
            ("bytes=99-99", Part::Of(99..100)),
            ("bytes=100-", Part::Nowhere),
            ("bytes=100-200", Part::Nowhere),
            ("bytes=99999999999999999999-", Part::Nowhere),
            ("bytes=-0", Part::Nowhere),
            ("bytes=9-1", Part::Of(0..100)),
            ("bytes=0-1,5-6", Part::Of(0..100)),
            ("bytes=a-b", Part::Of(0..100)),
            ("bytes=-", Part::Of(0..100)),
            ("bytes=+1-2", Part::Of(0..100)),
            ("lines=1-2", Part::Of(0..100)),
            ("", Part::Of(0..100)),
        ] {
            assert_eq!(asked(&[("range", range)]), part, "{range}");
        }
        let range = ("range", "bytes=0-9");
        assert_eq!(asked(&[range, ("if-range", "\"tag\"")]), Part::Of(0..10));
        assert_eq!(asked(&[range, ("if-range", "\"old\"")]), Part::Of(0..100));
        assert_eq!(
            asked(&[range, ("if-none-match", "\"tag\"")]),
            Part::Unchanged
        );
        assert_eq!(
            asked(&[("if-none-match", "\"a\", W/\"tag\"")]),
            Part::Unchanged
        );
        assert_eq!(asked(&[("if-none-match", "\"a\"")]), Part::Of(0..100));
    }

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(
            disposition("inline", "a\"; x=\r\n\\é%.png"),
            "inline; filename=\"a__ x=_____.png\"; \
             filename*=UTF-8''a%22%3B%20x%3D%0D%0A%5C%C3%A9%25.png"
        );
    }
}
