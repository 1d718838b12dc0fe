//! Whether an address may be asked at all.
//!
//! A [`Url`] has been read as browsers read it, so `127.1`, `0x7f000001`,
//! `017700000001` and `2130706433` have become the address they mean before
//! anyone looks at them here.

use std::net::IpAddr;

use chatter_protocol::outbound::Outcome;
use url::{Host, Url};

use super::address::is_public;
use crate::config::Network;

/// How far this server reaches, as its settings say.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Not public, and allowed for all that.
    pub private: Vec<Network>,
    pub ports: Vec<u16>,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            private: Vec::new(),
            // Whatever listens elsewhere is rarely a page, and often a service
            // that would take a request for a command.
            ports: vec![80, 443],
        }
    }
}

impl Reach {
    pub fn may(&self, address: IpAddr) -> bool {
        is_public(address) || self.private.iter().any(|network| network.contains(address))
    }

    /// All that can be said before a name is resolved.
    pub fn judge(&self, url: &Url) -> Result<(), Outcome> {
        let web = matches!(url.scheme(), "http" | "https");
        // A name and password in a link are for someone else's eyes.
        let named = !url.username().is_empty() || url.password().is_some();
        let port = url.port_or_known_default().unwrap_or_default();
        let host = match url.host() {
            Some(Host::Ipv4(address)) => self.may(address.into()),
            Some(Host::Ipv6(address)) => self.may(address.into()),
            Some(Host::Domain(name)) => !name.is_empty(),
            None => false,
        };
        if !web || named || !host || !self.ports.contains(&port) {
            return Err(Outcome::Refused);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(reach: &Reach, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| reach.judge(&url).is_ok())
    }

    #[test]
    fn no_notation_of_a_private_address_gets_through() {
        let reach = Reach::default();
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://127.0.1/",
            "http://0/",
            "http://0.0.0.0/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
            "http://017700000001/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://①②⑦.⓪.⓪.①/",
            "http://127。0。0。1/",
            "http://%31%32%37.0.0.1/",
            "http:\\\\127.0.0.1/",
            "http:127.0.0.1/",
            "http:///127.0.0.1/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[64:ff9b:1::1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001:0:1::1]/",
            "http://[fe80::1]/",
            "http://[fd00:ec2::254]/",
            "http://[ff02::1]/",
            "http://[2001:db8::1]/",
            "http://10.0.0.1/",
            "http://172.16.0.1/",
            "http://192.168.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://100.100.100.200/",
            "http://user@example.org/",
            "http://user:pass@example.org/",
            "http://:pass@example.org/",
            "http://example.org:22/",
            "http://example.org:8080/",
            "https://example.org:6379/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://example.org/",
            "javascript:alert(1)",
            "data:text/html,hi",
            "ws://example.org/",
            "//example.org/",
            "example.org",
            "",
            "http://",
            "http://[::1",
            "http://exa mple.org/",
            "http://256.1.1.1/",
            "http://1.2.3.4.5/",
        ] {
            assert!(!judged(&reach, url), "{url}");
        }
        for url in [
            "http://example.org/",
            "https://example.org",
            "HTTPS://EXAMPLE.ORG:443/a?b#c",
            "http://1.1.1.1/",
            "https://[2606:4700:4700::1111]/",
            "https://bücher.example/",
        ] {
            assert!(judged(&reach, url), "{url}");
        }
    }

    #[test]
    fn a_private_address_is_reached_only_where_it_was_named() {
        let reach = Reach {
            private: vec!["10.1.0.0/16".parse().unwrap()],
            ports: vec![80, 8080],
        };
        assert!(judged(&reach, "http://10.1.2.3:8080/"));
        assert!(
            judged(&reach, "http://[::ffff:10.1.2.3]/"),
            "it is the same one"
        );
        assert!(!judged(&reach, "http://10.2.0.1:8080/"));
        assert!(
            !judged(&reach, "https://10.1.2.3/"),
            "443 is no longer among the ports"
        );
    }
}
