//! Who is at the other end of the connection, and through whom.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

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
pub fn is_local(headers: &HeaderMap, peer: Peer) -> bool {
    peer.0.ip().to_canonical().is_loopback()
        && !FORWARDING.iter().any(|name| headers.contains_key(name))
        && headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .is_some_and(is_this_machine)
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
        let local = |peer, host, extra: &[(&'static str, &str)]| {
            let mut all = vec![("host", host)];
            all.extend_from_slice(extra);
            is_local(&headers(&all), from(peer))
        };
        for host in [
            "localhost:8080",
            "LOCALHOST",
            "127.0.0.1:8080",
            "127.1.2.3",
            "[::1]:8080",
        ] {
            assert!(local("127.0.0.1", host, &[]), "{host}");
        }
        assert!(local("::1", "localhost", &[]));
        assert!(local("::ffff:127.0.0.1", "localhost", &[]));
        for host in [
            "chat.example",
            "rebound.evil.example:8080",
            "localhost.evil.example",
            "",
            "10.0.0.1",
        ] {
            assert!(!local("127.0.0.1", host, &[]), "{host}");
        }
        assert!(!local("192.0.2.1", "localhost", &[]));
        for name in FORWARDING {
            let mut headers = headers(&[("host", "localhost")]);
            headers.insert(name.clone(), "x".parse().unwrap());
            assert!(!is_local(&headers, from("127.0.0.1")), "{name}");
        }
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
