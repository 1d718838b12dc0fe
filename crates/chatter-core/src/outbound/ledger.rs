//! Which connections this server made, for its admins to see.
//!
//! In memory, the newest ones of this node: it answers "whom does it call?",
//! and is no archive. It knows hosts, never paths or people.

use std::collections::VecDeque;

use chatter_protocol::limits::OUTBOUND_KEPT;
use chatter_protocol::outbound::{OutboundConnection, OutboundLedger};
use parking_lot::Mutex;

use crate::accounts::AccountError;
use crate::app::App;
use crate::principal::Principal;

#[derive(Default)]
pub struct Ledger(Mutex<Lines>);

#[derive(Default)]
struct Lines {
    count: u64,
    newest: VecDeque<OutboundConnection>,
}

impl Ledger {
    /// Remembers one, and forgets the oldest if need be.
    pub fn note(&self, connection: OutboundConnection) {
        let mut lines = self.0.lock();
        lines.count += 1;
        lines.newest.truncate(OUTBOUND_KEPT - 1);
        lines.newest.push_front(connection);
    }

    /// All that is remembered, newest first.
    pub fn read(&self) -> OutboundLedger {
        let lines = self.0.lock();
        OutboundLedger {
            count: lines.count,
            connections: lines.newest.iter().cloned().collect(),
        }
    }
}

/// Whom this server reached out to. For its admins: hosts tell what people
/// talk about.
pub fn connections(app: &App, who: &Principal) -> Result<OutboundLedger, AccountError> {
    if !who.is_admin() {
        return Err(AccountError::NotAllowed(
            "only owners and admins see whom the server calls",
        ));
    }
    Ok(app.outbound.ledger().read())
}

#[cfg(test)]
mod tests {
    use chatter_protocol::Millis;
    use chatter_protocol::outbound::{Outcome, Reason};

    use super::*;

    #[test]
    fn the_newest_are_kept_and_all_are_counted() {
        let ledger = Ledger::default();
        for at in 1..=700 {
            ledger.note(OutboundConnection {
                at: Millis(at),
                reason: Reason::Preview,
                host: "example.org".into(),
                outcome: Outcome::Fetched,
            });
        }
        let read = ledger.read();
        assert_eq!((read.count, read.connections.len()), (700, OUTBOUND_KEPT));
        assert_eq!(read.connections[0].at, Millis(700));
    }
}
