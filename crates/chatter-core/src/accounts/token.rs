//! The secret that stands for a session. It is shown once; the database has
//! only its hash, so a stolen database signs nobody in.

use std::net::IpAddr;
use std::time::Duration;

use chatter_protocol::{Millis, SessionId};
use chatter_store::NewSession;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::audit;

/// How long a session lives without being used.
pub const SESSION_TTL: Duration = Duration::from_hours(30 * 24);

/// Of `User-Agent`, what the list of sessions shows.
const AGENT_CHARS: usize = 120;

const PREFIX: &str = "ch_";
const SECRET_BYTES: usize = 32;

/// A session that was just made, with its secret.
pub struct NewToken {
    pub session: SessionId,
    /// Not in any log; hence no `Debug`.
    pub token: String,
}

/// What a token is kept as.
pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Whether it can be one of ours at all: saves the database the asking.
pub(super) fn is_token(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|secret| {
        secret.len() == 2 * SECRET_BYTES && secret.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// A session for the store and its token for the client.
pub(super) fn new_session(
    app: &App,
    agent: &str,
    from: IpAddr,
    ttl: Duration,
) -> (NewSession, NewToken) {
    let token = format!("{PREFIX}{}", hex(&app.ids.secret::<SECRET_BYTES>()));
    let now = app.now();
    let row = NewSession {
        id: app.ids.session(),
        token_hash: hash(&token),
        agent: agent
            .chars()
            .filter(|c| !c.is_control())
            .take(AGENT_CHARS)
            .collect(),
        network: audit::network(from),
        created_at: now,
        expires_at: later(now, ttl),
    };
    let new = NewToken {
        session: row.id,
        token,
    };
    (row, new)
}

/// The same for what does not come from a place.
pub(super) fn new_session_without_place(app: &App, ttl: Duration) -> (NewSession, NewToken) {
    let nowhere = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
    let (mut row, new) = new_session(app, "", nowhere, ttl);
    row.network.clear();
    (row, new)
}

pub(super) fn later(now: Millis, by: Duration) -> Millis {
    Millis(
        now.0
            .saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)),
    )
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_made_is_asked_for() {
        let token = format!("ch_{}", hex(&[0xab; 32]));
        assert_eq!(token.len(), 67);
        assert!(is_token(&token));
        for wrong in [
            "",
            "ch_",
            "ch_abc",
            &token[3..],
            &token[..66],
            &token.replace("ab", "zz"),
        ] {
            assert!(!is_token(wrong), "{wrong}");
        }
    }
}
