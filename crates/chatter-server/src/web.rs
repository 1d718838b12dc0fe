//! The browser client, inside the binary.
//!
//! It is built before the server and compressed then, so nothing is compressed
//! here. A debug build reads the folder anew each time.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Files;

/// Nothing inline, nothing from elsewhere, and no text becomes markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Names with a hash in them never change what they hold.
const HASHED: &str = "assets/";

/// The file at `path`, or the page that knows what to show there.
pub fn answer(path: &str, asked: &HeaderMap) -> Response {
    let name = path.trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let (name, found) = match find(name, asked) {
        Some(found) => (name, Some(found)),
        // An old page asks for a script that is gone: a page in its place
        // would only puzzle it.
        None if name.starts_with(HASHED) => (name, None),
        None => ("index.html", find("index.html", asked)),
    };
    let mut response = match found {
        Some((file, encoding)) => file_answer(name, &file, encoding, asked),
        None => (StatusCode::NOT_FOUND, "There is nothing at this address.").into_response(),
    };
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The smallest form that the browser takes.
fn find(name: &str, asked: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    // The compressed siblings are forms, not files of their own.
    let ending = Path::new(name).extension().and_then(OsStr::to_str);
    if matches!(ending, Some("br" | "gz")) {
        return None;
    }
    let plain = Files::get(name)?;
    for (ending, encoding) in [("br", "br"), ("gz", "gzip")] {
        if accepts(asked, encoding)
            && let Some(file) = Files::get(&format!("{name}.{ending}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Some((plain, None))
}

fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    let said = asked.get_all(header::ACCEPT_ENCODING).iter();
    said.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| {
            let mut words = part.split(';').map(str::trim);
            let named = words
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
            named && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}

fn file_answer(
    name: &str,
    file: &EmbeddedFile,
    encoding: Option<&'static str>,
    asked: &HeaderMap,
) -> Response {
    let tag = tag(file);
    let known = asked
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|known| {
        known
            .split(',')
            .map(str::trim)
            .any(|one| one == tag || one.strip_prefix("W/") == Some(&tag))
    });
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(bytes(file)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type(name));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    let keep = if name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Shared with the binary itself where it is in there.
fn bytes(file: &EmbeddedFile) -> Bytes {
    match &file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::copy_from_slice(data),
    }
}

fn tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let short = hash.iter().take(12).map(|byte| format!("{byte:02x}"));
    format!("\"{}\"", short.collect::<String>())
}

fn content_type(name: &str) -> HeaderValue {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending == "webmanifest" {
        return HeaderValue::from_static("application/manifest+json");
    }
    let guess = mime_guess::from_ext(ending).first_or_octet_stream();
    let is_text = guess.type_() == "text" || matches!(ending, "js" | "json" | "svg");
    let text = if is_text {
        format!("{guess}; charset=utf-8")
    } else {
        guess.to_string()
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn every_address_is_the_page_and_it_is_locked_down() {
        for path in ["/", "/rooms/7", "/join/abc", "/index.html"] {
            let response = answer(path, &asked(&[]));
            assert_eq!(response.status(), 200, "{path}");
            let headers = response.headers();
            assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
            assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
            for (name, value) in HEADERS {
                assert_eq!(headers[&name], value);
            }
        }
        assert!(!POLICY.contains("unsafe"));
    }

    #[test]
    fn what_is_gone_is_gone_and_what_is_known_is_not_sent() {
        assert_eq!(answer("/assets/gone-0000.js", &asked(&[])).status(), 404);
        let first = answer("/", &asked(&[]));
        let tag = first.headers()[header::ETAG].to_str().unwrap();
        let again = answer("/", &asked(&[("if-none-match", tag)]));
        assert_eq!(again.status(), 304);
        assert_eq!(again.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
    }

    #[test]
    fn a_form_is_taken_only_when_it_was_offered() {
        let br = |said| accepts(&asked(&[("accept-encoding", said)]), "br");
        assert!(br("gzip, br"));
        assert!(br("br;q=0.8"));
        assert!(!br("gzip"));
        assert!(!br("gzip, br;q=0"));
        assert!(!accepts(&asked(&[]), "br"));
    }
}
