//! The server's parts: its settings, its command line, what it serves. The binary `caretaker` is a
//! few lines around it.
//!
//! Decisions live in `caretaker-core`, outside systems in the adapters behind `caretaker-wiring`.

pub mod cli;
pub mod logging;
mod parts;
pub mod serve;
pub mod settings;
pub mod webhook_secret;
