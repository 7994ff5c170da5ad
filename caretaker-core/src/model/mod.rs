//! The nouns: constructors and parsers, no policy.

pub mod ids;
pub mod json;
pub mod time;

pub use ids::*;
pub use json::Json;
pub use time::{Span, Timestamp};
