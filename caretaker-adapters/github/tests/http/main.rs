//! The adapter against small servers that say exactly what a case needs.
//!
//! What GitHub does as a whole is the simulated GitHub's business (`tests/conformance.rs`).
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there, in its helpers too"
)]

mod auth;
mod effects;
mod exchange;
mod faults;
mod graphql;
mod joined;
mod kept;
mod limits;
mod listings;
mod lost;
mod server;
