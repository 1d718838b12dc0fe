//! Whose page is asking.
//!
//! A browser sends our cookie whoever's page makes it ask. So whatever changes
//! something, and every WebSocket, must come from our own pages, or from no
//! browser at all. No tokens in forms: browsers say where a request comes from.

use std::fmt;

use axum::http::{HeaderMap, HeaderName, Method, header};
use chatter_protocol::{Code, Refusal};

use crate::config::Config;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// `https://chat.example`, as browsers write it: lower case, without the
/// port if it is the usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    /// Host and, where unusual, port.
    authority: String,
}

impl Origin {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (https, authority) = match text.split_once("://")? {
            ("https", authority) => (true, authority),
            ("http", authority) => (false, authority),
            _ => return None,
        };
        let authority = without_usual_port(authority, https);
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        if authority.is_empty() || !authority.chars().all(plain) {
            return None;
        }
        // The URI's own grammar decides about brackets and ports.
        let parsed: axum::http::uri::Authority = authority.parse().ok()?;
        let port_is_number = authority
            .rsplit_once(']')
            .map_or(authority, |(_, rest)| rest)
            .split_once(':')
            .is_none_or(|(_, port)| port.parse::<u16>().is_ok());
        (!parsed.host().is_empty() && port_is_number).then(|| Self {
            https,
            authority: authority.to_owned(),
        })
    }

    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether a page of this origin asks the host it came from. The scheme is
    /// not known here: a proxy may have taken TLS off.
    fn is_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        without_usual_port(&host, self.https) == self.authority
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

fn without_usual_port(authority: &str, https: bool) -> &str {
    let usual = if https { ":443" } else { ":80" };
    authority.strip_suffix(usual).unwrap_or(authority)
}

/// May a request that changes something be heard? For REST.
pub fn check(config: &Config, headers: &HeaderMap) -> Result<(), Refusal> {
    match who_asks(config, headers) {
        Asker::Ours | Asker::NoBrowser => Ok(()),
        Asker::Stranger => Err(refusal()),
    }
}

/// May a WebSocket be opened? Browsers ask nobody before they open one, and
/// always say whose page it is: a cookie without an origin is not from them.
pub fn check_handshake(config: &Config, headers: &HeaderMap, cookie: bool) -> Result<(), Refusal> {
    match who_asks(config, headers) {
        Asker::Ours if headers.contains_key(header::ORIGIN) => Ok(()),
        Asker::Ours | Asker::NoBrowser if !cookie => Ok(()),
        Asker::Ours | Asker::NoBrowser | Asker::Stranger => Err(refusal()),
    }
}

/// Methods that change nothing.
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

enum Asker {
    Ours,
    NoBrowser,
    Stranger,
}

fn who_asks(config: &Config, headers: &HeaderMap) -> Asker {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let origin = match (origins.next(), origins.next()) {
        (None, _) => None,
        // `null` and rubbish are somebody's page, and not ours.
        (Some(value), None) => match value.to_str().ok().and_then(Origin::parse) {
            Some(origin) => Some(origin),
            None => return Asker::Stranger,
        },
        (Some(_), Some(_)) => return Asker::Stranger,
    };
    if let Some(origin) = &origin {
        let mut named = config.public_url.iter().chain(&config.allowed_origins);
        if named.any(|known| known == origin) {
            return Asker::Ours;
        }
    }
    // Sent only to trustworthy addresses, so not over plain http in a network.
    if let Some(site) = headers.get(&FETCH_SITE) {
        return match site.as_bytes() {
            b"same-origin" | b"none" => Asker::Ours,
            _ => Asker::Stranger,
        };
    }
    let Some(origin) = origin else {
        return Asker::NoBrowser;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if host.is_some_and(|host| origin.is_host(host)) {
        Asker::Ours
    } else {
        Asker::Stranger
    }
}

fn refusal() -> Refusal {
    Refusal::new(
        Code::WrongOrigin,
        "This request came from another site's page. If it is yours, name it in public-url or allowed-origins.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("host", "chat.example:8080".parse().unwrap());
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn config(public_url: &str, allowed: &[&str]) -> Config {
        Config {
            public_url: Origin::parse(public_url),
            allowed_origins: allowed
                .iter()
                .map(|text| Origin::parse(text).unwrap())
                .collect(),
            ..Config::default()
        }
    }

    const OWN: (&str, &str) = ("origin", "http://chat.example:8080");

    #[test]
    fn our_own_pages_and_programs_are_heard() {
        let here = config("", &[]);
        let public = config("https://talk.example", &["https://intranet.example:8443"]);
        for (config, sent) in [
            (&here, vec![OWN]),
            (&here, vec![("origin", "HTTP://Chat.Example:8080")]),
            (&here, vec![]),
            (&here, vec![("sec-fetch-site", "same-origin")]),
            (&here, vec![("sec-fetch-site", "none")]),
            (&here, vec![OWN, ("sec-fetch-site", "same-origin")]),
            (&public, vec![("origin", "https://talk.example")]),
            (&public, vec![("origin", "https://talk.example:443")]),
            (
                &public,
                vec![
                    ("origin", "https://talk.example"),
                    ("sec-fetch-site", "cross-site"),
                ],
            ),
            (
                &public,
                vec![
                    ("origin", "https://intranet.example:8443"),
                    ("sec-fetch-site", "same-site"),
                ],
            ),
            (&public, vec![OWN]),
        ] {
            assert!(check(config, &headers(&sent)).is_ok(), "{sent:?}");
        }
    }

    #[test]
    fn other_peoples_pages_are_not() {
        let here = config("", &[]);
        let public = config("https://talk.example", &[]);
        let strangers = [
            "http://evil.example",
            "http://evil.example:8080",
            "http://chat.example",
            "http://chat.example:8081",
            "http://chat.example.evil.example:8080",
            "http://evilchat.example:8080",
            "http://chat.example:8080.evil.example",
            "http://chat.example:8080@evil.example",
            "http://evil.example/chat.example:8080",
            "http://evil.example#chat.example:8080",
            "http://chat.example:8080 http://evil.example",
            "https://chat.example:8080.",
            "//chat.example:8080",
            "chat.example:8080",
            "ftp://chat.example:8080",
            "file://",
            "http://",
            "http://127.0.0.1:8080",
            "null",
            "",
        ];
        for origin in strangers {
            let sent = headers(&[("origin", origin)]);
            let refusal = check(&here, &sent).expect_err(origin);
            assert_eq!(refusal.code, Code::WrongOrigin);
            assert!(check(&public, &sent).is_err(), "{origin}");
            assert!(check_handshake(&here, &sent, false).is_err(), "{origin}");
        }
        for sent in [
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![("sec-fetch-site", "")],
            vec![OWN, ("sec-fetch-site", "cross-site")],
            vec![OWN, ("origin", "http://evil.example")],
            vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
            vec![
                ("origin", "http://evil.example"),
                ("x-forwarded-host", "evil.example"),
            ],
        ] {
            assert!(check(&here, &headers(&sent)).is_err(), "{sent:?}");
        }
        let near = headers(&[("origin", "http://talk.example")]);
        assert!(
            check(&public, &near).is_err(),
            "another scheme is another origin"
        );
    }

    #[test]
    fn a_socket_with_a_cookie_says_whose_page_it_is() {
        let here = config("", &[]);
        assert!(check_handshake(&here, &headers(&[OWN]), true).is_ok());
        assert!(
            check_handshake(&here, &headers(&[]), false).is_ok(),
            "a program with a token"
        );
        assert!(check_handshake(&here, &headers(&[]), true).is_err());
        let fetch_only = headers(&[("sec-fetch-site", "same-origin")]);
        assert!(check_handshake(&here, &fetch_only, true).is_err());
    }

    #[test]
    fn a_usual_port_need_not_be_said() {
        let mut sent = headers(&[("origin", "https://chat.example")]);
        sent.insert("host", "chat.example".parse().unwrap());
        assert!(
            check(&config("", &[]), &sent).is_ok(),
            "behind a proxy that took TLS off"
        );
        sent.insert("host", "chat.example:443".parse().unwrap());
        assert!(check(&config("", &[]), &sent).is_ok());
        sent.insert("host", "chat.example:80".parse().unwrap());
        assert!(check(&config("", &[]), &sent).is_err());
        assert_eq!(
            Origin::parse("http://[::1]:8080").unwrap().to_string(),
            "http://[::1]:8080"
        );
    }
}
