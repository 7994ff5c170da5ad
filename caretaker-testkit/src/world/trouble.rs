//! A request that GitHub would refuse: status and message, the same for both faces.

use caretaker_core::model::Span;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// GitHub's status.
    pub(crate) status: u16,
    /// GitHub's `message`.
    pub(crate) message: String,
    /// Whether a well-made client would never have asked so; fails the test.
    pub(crate) violation: bool,
    /// How long GitHub asks to wait.
    pub(crate) retry_after: Option<Span>,
}

impl Trouble {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            violation: false,
            retry_after: None,
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// GitHub's word for a missing permission.
    pub(crate) fn forbidden(what: &str) -> Self {
        Self::new(
            403,
            format!("Resource not accessible by integration (needs {what})"),
        )
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(422, format!("Validation Failed: {}", message.into()))
    }

    /// Marks it as a fault of the asking program.
    pub(crate) fn violation(mut self) -> Self {
        self.violation = true;
        self
    }
}
