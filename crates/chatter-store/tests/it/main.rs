//! The promises of a store.
//!
//! `contract` is run on every engine: a promise kept by one only does not
//! exist. `opening` is about files, `nodes` about several servers on one
//! PostgreSQL.

mod contract;
mod nodes;
mod opening;
mod support;
mod throughput;
