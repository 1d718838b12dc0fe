//! The program itself, started and killed as operators and accidents do it.

mod cast;
mod crash;
mod faults;
mod resume;
mod start;
mod support;
