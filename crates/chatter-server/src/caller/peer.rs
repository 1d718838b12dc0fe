//! Who is at the other end of the connection, and through whom.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Version, header};

use super::origin::Origin;
use crate::config::Config;

/// The other end of the TCP connection; the accept loop puts it into each
/// request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Nobody is trusted because of an address that is not known.
        let unknown = Self(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
        Ok(parts.extensions.get().copied().unwrap_or(unknown))
    }
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What proxies add. Any of them means that someone else asked.
const FORWARDING: [HeaderName; 8] = [
    FORWARDED_FOR,
    FORWARDED_PROTO,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-server"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("cf-connecting-ip"),
    header::FORWARDED,
    header::VIA,
];

/// The address to count by. `X-Forwarded-For` says anything its sender likes,
/// so it is read from the right, and only as far as the proxies are ours.
pub fn client_address(config: &Config, headers: &HeaderMap, peer: Peer) -> IpAddr {
    let mut client = peer.0.ip().to_canonical();
    let said: Vec<&str> = headers
        .get_all(&FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .collect();
    for hop in said.into_iter().rev() {
        if !is_trusted(config, client) {
            break;
        }
        let Some(address) = hop_address(hop.trim()) else {
            break;
        };
        client = address;
    }
    client
}

fn is_trusted(config: &Config, address: IpAddr) -> bool {
    config
        .trusted_proxies
        .iter()
        .any(|network| network.contains(address))
}

/// Some proxies add the port.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok();
    address
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address| address.to_canonical())
}

/// Whether the browser at the far end speaks TLS, to us or to a proxy of ours.
pub fn is_tls(config: &Config, headers: &HeaderMap, peer: Peer) -> bool {
    if config.public_url.as_ref().is_some_and(Origin::is_https) {
        return true;
    }
    is_trusted(config, peer.0.ip())
        && headers
            .get(&FORWARDED_PROTO)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// Whether it was asked on this very machine: a loopback connection, by a name
/// of this machine (or a page elsewhere could ask in a browser here, by a name
/// it made point to 127.0.0.1), and not through a proxy.
///
/// A proxy that says nothing of itself and asks by the name `localhost` looks
/// like this machine. Such proxies speak HTTP/1.0 or pass the page's origin
/// on, and a server with a public address has its proxy by its own word.
pub fn is_local(config: &Config, parts: &Parts, peer: Peer) -> bool {
    let headers = &parts.headers;
    let named = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    peer.0.ip().to_canonical().is_loopback()
        && config.public_url.is_none()
        && parts.version != Version::HTTP_10
        && !FORWARDING.iter().any(|name| headers.contains_key(name))
        && named(header::HOST).is_some_and(is_this_machine)
        && (!headers.contains_key(header::ORIGIN)
            || named(header::ORIGIN)
                .and_then(|origin| origin.split_once("://"))
                .is_some_and(|(_, host)| is_this_machine(host)))
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn from(address: &str) -> Peer {
        Peer(SocketAddr::new(address.parse().unwrap(), 40_000))
    }

    fn behind(proxies: &[&str]) -> Config {
        Config {
            trusted_proxies: proxies.iter().map(|text| text.parse().unwrap()).collect(),
            ..Config::default()
        }
    }

    #[test]
    fn nobody_chooses_the_address_they_are_counted_by() {
        let ours = ["10.0.0.0/8", "::1"];
        for (peer, said, counted) in [
            // Without a proxy of ours, the header is only a claim.
            ("198.51.100.7", vec!["203.0.113.1"], "198.51.100.7"),
            ("198.51.100.7", vec!["10.0.0.1"], "198.51.100.7"),
            // Through one, the last word is the proxy's own.
            ("10.0.0.1", vec!["203.0.113.1"], "203.0.113.1"),
            ("10.0.0.1", vec!["1.1.1.1, 203.0.113.1"], "203.0.113.1"),
            ("10.0.0.1", vec!["1.1.1.1", "203.0.113.1"], "203.0.113.1"),
            (
                "10.0.0.1",
                vec!["1.1.1.1, 203.0.113.1, 10.0.0.2"],
                "203.0.113.1",
            ),
            ("10.0.0.1", vec!["10.9.9.9, 203.0.113.1"], "203.0.113.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["rubbish"], "10.0.0.1"),
            ("10.0.0.1", vec!["1.1.1.1, rubbish, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", vec!["203.0.113.1:4711"], "203.0.113.1"),
            ("::1", vec!["[2001:db8::7]:4711"], "2001:db8::7"),
            ("::1", vec!["2001:db8::7"], "2001:db8::7"),
            ("::ffff:10.0.0.1", vec!["::ffff:203.0.113.1"], "203.0.113.1"),
        ] {
            let pairs: Vec<_> = said
                .iter()
                .map(|value| ("x-forwarded-for", *value))
                .collect();
            let mut headers = headers(&pairs);
            headers.insert("x-real-ip", "1.2.3.4".parse().unwrap());
            headers.insert("forwarded", "for=1.2.3.4".parse().unwrap());
            let address = client_address(&behind(&ours), &headers, from(peer));
            assert_eq!(address.to_string(), counted, "{said:?} from {peer}");
        }
    }

    #[test]
    fn this_machine_is_known_by_connection_and_name() {
        let asked = |config: &Config, peer, version, pairs: &[(&'static str, &str)]| {
            let (mut parts, ()) = axum::http::Request::new(()).into_parts();
            parts.version = version;
            parts.headers = headers(pairs);
            is_local(config, &parts, from(peer))
        };
        let plain = Config::default();
        let local =
            |peer, pairs: &[(&'static str, &str)]| asked(&plain, peer, Version::HTTP_11, pairs);
        for host in [
            "localhost:8080",
            "LOCALHOST",
            "127.0.0.1:8080",
            "127.1.2.3",
            "[::1]:8080",
        ] {
            assert!(local("127.0.0.1", &[("host", host)]), "{host}");
        }
        let own = ("origin", "http://localhost:8080");
        assert!(local("::1", &[("host", "localhost"), own]));
        assert!(local("::ffff:127.0.0.1", &[("host", "localhost")]));
        for host in [
            "chat.example",
            "rebound.evil.example:8080",
            "localhost.evil.example",
            "",
            "10.0.0.1",
        ] {
            assert!(!local("127.0.0.1", &[("host", host)]), "{host}");
        }
        assert!(!local("192.0.2.1", &[("host", "localhost")]));
        for name in FORWARDING {
            let pairs = [("host", "localhost")];
            let (mut parts, ()) = axum::http::Request::new(()).into_parts();
            parts.headers = headers(&pairs);
            parts.headers.insert(name.clone(), "x".parse().unwrap());
            assert!(!is_local(&plain, &parts, from("127.0.0.1")), "{name}");
        }
        // A proxy here that does not tell.
        let host = ("host", "localhost:8080");
        assert!(!asked(&plain, "127.0.0.1", Version::HTTP_10, &[host]));
        for origin in [
            "https://chat.example",
            "null",
            "https://localhost.evil.example",
        ] {
            assert!(!local("127.0.0.1", &[host, ("origin", origin)]), "{origin}");
        }
        let public = Config {
            public_url: Origin::parse("https://chat.example"),
            ..Config::default()
        };
        assert!(!asked(&public, "127.0.0.1", Version::HTTP_11, &[host]));
    }

    #[test]
    fn tls_is_believed_of_proxies_we_know() {
        let https = headers(&[("x-forwarded-proto", "https")]);
        let config = behind(&["10.0.0.0/8"]);
        assert!(is_tls(&config, &https, from("10.0.0.1")));
        assert!(!is_tls(&config, &https, from("192.0.2.1")));
        assert!(!is_tls(&config, &headers(&[]), from("10.0.0.1")));
    }
}
