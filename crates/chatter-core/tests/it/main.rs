//! The promises of the core, on virtual time and chance.

mod schedules;
