//! The nouns: constructors and parsers, no policy.

pub mod actor;
pub mod event;
pub mod ids;
pub mod json;
pub mod label;
pub mod marker;
pub mod time;

pub use actor::{Actor, AppRef, Author, Family};
pub use event::{Detail, Event, EventKind, Scope, Subject};
pub use ids::*;
pub use json::Json;
pub use marker::Marker;
pub use time::{Span, Timestamp};
