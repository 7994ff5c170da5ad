//! Bytes to events: signature, envelope, admission, projection. All pure.
//!
//! The door feeds a [`Verifier`] while bytes stream in, reads the [`envelope()`] and asks the
//! [`AllowList`]; the consumer calls [`project()`] on stored deliveries later. What happens to
//! events lives in `route`; storing them is the adapters' affair.

mod allowlist;
mod draft;
mod envelope;
mod form;
mod inbound;
mod kept;
mod part;
mod payload;
mod project;
#[cfg(test)]
mod sample;
mod us;
mod verify;

pub use allowlist::{AllowList, AllowListProblem, Verdict};
pub use envelope::{Headers, MissingHeader, RejectedBody, envelope};
pub use form::payload as form_payload;
pub use payload::event_name;
pub use project::{Projected, project};
pub use us::Us;
pub use verify::{SIGNATURE_HEADER, SignatureProblem, Verifier};
