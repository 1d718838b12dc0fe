//! The cookie that keeps a browser signed in.
//!
//! Over TLS it is called `__Host-chatter`: browsers then take it from nobody
//! but this very host, and send it over TLS only. Over plain http they would
//! refuse that name, so there it is just `chatter`.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use super::peer::{Peer, is_tls};
use crate::config::Config;

const SECURE: &str = "__Host-chatter";
const PLAIN: &str = "chatter";

/// As long as an unused session lives.
const MAX_AGE: Duration = Duration::from_hours(30 * 24);

/// The session's token, when a browser sent one. Over TLS only by the name
/// that nobody else can give: a neighbour on the same domain, or whoever was
/// in between over plain http once, could have planted the other.
pub fn token_for(config: &Config, headers: &HeaderMap, peer: Peer) -> Option<String> {
    let tls = is_tls(config, headers, peer);
    named(headers, if tls { SECURE } else { PLAIN })
}

fn named(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// Has the browser keep `token`.
pub fn keep(token: &str, tls: bool) -> HeaderValue {
    set(token, MAX_AGE, tls)
}

/// Has the browser forget it.
pub fn forget(tls: bool) -> HeaderValue {
    set("", Duration::ZERO, tls)
}

fn set(value: &str, max_age: Duration, tls: bool) -> HeaderValue {
    let (name, secure) = if tls {
        (SECURE, "; Secure")
    } else {
        (PLAIN, "")
    };
    let seconds = max_age.as_secs();
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).expect("a token is hexadecimal")
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::caller::origin::Origin;

    fn sent(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_is_kept_as_strictly_as_the_connection_allows() {
        assert_eq!(
            keep("ch_1", true),
            "__Host-chatter=ch_1; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            keep("ch_1", false),
            "chatter=ch_1; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            forget(false),
            "chatter=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn the_right_cookie_is_found_among_others() {
        let peer = Peer(SocketAddr::from(([192, 0, 2, 1], 40_000)));
        let config = Config::default();
        for (pairs, found) in [
            (vec![], None),
            (vec![("cookie", "a=b; chatter=t; c=d")], Some("t")),
            (vec![("cookie", "a=b"), ("cookie", "chatter=t")], Some("t")),
            (vec![("cookie", "xchatter=t; chatter=")], None),
        ] {
            let token = token_for(&config, &sent(&pairs), peer);
            assert_eq!(token.as_deref(), found, "{pairs:?}");
        }
    }

    #[test]
    fn each_kind_of_connection_has_its_own_cookie() {
        let proxied = Config {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..Config::default()
        };
        let public = Config {
            public_url: Origin::parse("https://chat.example"),
            ..Config::default()
        };
        let both = ("cookie", "chatter=p; __Host-chatter=s");
        let plain = ("cookie", "chatter=p");
        let secure = ("cookie", "__Host-chatter=s");
        let tls = ("x-forwarded-proto", "https");
        for (config, from, pairs, found) in [
            (&proxied, "10.0.0.1", vec![tls, both], Some("s")),
            (&proxied, "10.0.0.1", vec![tls, plain], None),
            (&proxied, "10.0.0.1", vec![both], Some("p")),
            (&proxied, "10.0.0.1", vec![secure], None),
            (&proxied, "192.0.2.1", vec![tls, both], Some("p")),
            (&public, "192.0.2.1", vec![both], Some("s")),
            (&public, "192.0.2.1", vec![plain], None),
        ] {
            let peer = Peer(SocketAddr::new(from.parse().unwrap(), 40_000));
            let token = token_for(config, &sent(&pairs), peer);
            assert_eq!(token.as_deref(), found, "{pairs:?} from {from}");
        }
    }
}
