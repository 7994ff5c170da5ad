//! The server's parts: its settings, its command line. The binary `caretaker` is a few lines around it.
//!
//! Decisions live in `caretaker-core`, outside systems in the adapters behind `caretaker-wiring`.

pub mod cli;
mod parts;
pub mod settings;
pub mod webhook_secret;
