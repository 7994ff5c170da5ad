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
    /// The permission that is missing; REST tells it in a header only.
    pub(crate) lacks: Option<String>,
}

impl Trouble {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            violation: false,
            retry_after: None,
            lacks: None,
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// A missing permission, `issues: write`.
    pub(crate) fn forbidden(what: impl Into<String>) -> Self {
        let mut trouble = Self::new(403, "Resource not accessible by integration");
        trouble.lacks = Some(what.into());
        trouble
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
