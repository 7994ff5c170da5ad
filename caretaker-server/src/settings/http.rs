//! What connections may cost.

use caretaker_core::model::Span;

/// Bounds on connections; who exceeds them is cut off, others are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http {
    /// Connections at once. One more closes the one that has waited longest for a request.
    pub max_connections: usize,
    /// How long a connection may be silent before a request, and a request's head may take.
    pub header_timeout: Span,
    /// How long a body may take.
    pub body_timeout: Span,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            max_connections: 512,
            header_timeout: Span::seconds(10),
            body_timeout: Span::seconds(30),
        }
    }
}
