//! The promises of the core, on virtual time and chance.

#![expect(clippy::unwrap_used, reason = "in tests, helpers too may panic")]

mod schedules;
