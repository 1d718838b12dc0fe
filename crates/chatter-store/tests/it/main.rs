//! The promises of a store.
//!
//! `contract` is run on every engine: a promise kept by one only does not
//! exist. `opening` is about files, `nodes` about several servers on one
//! PostgreSQL.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests are tests"
)]

mod contract;
mod nodes;
mod opening;
mod support;
mod throughput;
