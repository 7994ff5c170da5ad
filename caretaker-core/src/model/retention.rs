//! For how long what has ended is kept.

use super::Span;

/// Periods by class (decisions §4), each from the end of what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Deliveries with their raw bodies, and the keys by which a repeat is told: the window within
    /// which one is taken once. Items, too.
    pub deliveries: Span,
    /// What was given up and may be brought back, where that is longer.
    pub buried: Span,
    /// Runs without an effect.
    pub skips: Span,
    /// Runs that began an effect.
    pub acting: Span,
}

impl Retention {
    /// What holds when nobody says.
    pub const USUAL: Self = Self {
        deliveries: Span::days(7),
        buried: Span::days(30),
        skips: Span::days(30),
        acting: Span::days(400),
    };
}
