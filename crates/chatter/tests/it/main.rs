//! The program itself, started and killed as operators and accidents do it.

#![expect(clippy::unwrap_used, reason = "in tests, helpers too may panic")]

mod cast;
mod crash;
mod examples;
mod faults;
mod nodes;
mod resume;
mod simple_door;
mod slow;
mod start;
mod support;
