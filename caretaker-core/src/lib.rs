//! Everything Caretaker can decide without touching the world.
//!
//! Decisions are data: an agent is a pure function from recorded evidence to a
//! decision. The driver in [`drive`] asks the [`ports`] for what agents ask for,
//! journals, and applies effects once. Nothing here reads a clock, an environment, a file or
//! entropy, and nothing iterates a hash map; so every decision replays byte for byte.
//!
//! Reading order: [`model`] (nouns), [`intake`] (bytes to events), [`route`] (who hears),
//! [`agents`] (who decides), [`guard`] (what is held back), [`drive`] (in what order).
#![deny(missing_docs)]

pub mod agents;
pub mod commands;
pub mod config;
pub mod drive;
pub mod executor;
pub mod explain;
pub mod guard;
pub mod intake;
pub mod merge_gate;
pub mod model;
pub mod ports;
pub mod release;
pub mod route;
#[cfg(any(test, feature = "testing"))]
pub mod scenario;
pub mod schedule;
