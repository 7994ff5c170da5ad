//! One error for every port. What to do is in the kind; what happened is in the source.

use crate::model::{Failure, Span};

/// Any failure of any port.
#[derive(Debug, thiserror::Error)]
#[error("{op}: {kind}{}", detail.as_deref().map(|d| format!(": {d}")).unwrap_or_default())]
pub struct PortError {
    /// The only thing callers branch on.
    pub kind: Kind,
    /// What was attempted, as `port.verb.noun`.
    pub op: &'static str,
    /// What happened, for operators; never shown outside, never branched on, free of secrets.
    pub detail: Option<String>,
    /// What it was made of.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What the caller has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is no such thing: a fact.
    NotFound,
    /// Somebody was faster: read again and decide again.
    Conflict,
    /// We may not: end as `no_access`, naming what is missing.
    Denied,
    /// Another worker took over: stop silently.
    Fenced,
    /// Wait at least so long, where the source says how long.
    RateLimited(Option<Span>),
    /// Did not answer, or answered that it cannot now: try again later.
    Unavailable,
    /// The source takes no more: tell the sender to come back. Of a reading: it gives no more at
    /// once.
    Full,
    /// The forge refused an effect with this status, for a reason that lies in the subject. Of a
    /// reading: the feature that would answer is switched off there.
    Refused(u16),
    /// Our request was wrong: a defect; bury and report.
    Invalid,
    /// The answer could not be understood: treat the source as failed; report.
    Corrupt,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Conflict => f.write_str("changed by somebody else"),
            Self::Denied => f.write_str("not permitted"),
            Self::Fenced => f.write_str("another worker took over"),
            Self::RateLimited(None) => f.write_str("rate limited"),
            Self::RateLimited(Some(wait)) => write!(f, "rate limited for {wait}"),
            Self::Unavailable => f.write_str("unavailable"),
            Self::Full => f.write_str("full"),
            Self::Refused(status) => write!(f, "refused with status {status}"),
            Self::Invalid => f.write_str("invalid request"),
            Self::Corrupt => f.write_str("unintelligible answer"),
        }
    }
}

impl PortError {
    /// An error without a cause of its own.
    pub fn new(op: &'static str, kind: Kind) -> Self {
        Self {
            kind,
            op,
            detail: None,
            source: None,
        }
    }

    /// Says what happened, for operators.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// For `map_err` in adapters.
    pub fn wrap<E>(op: &'static str, kind: Kind) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        move |error| Self {
            kind,
            op,
            detail: Some(error.to_string()),
            source: Some(Box::new(error)),
        }
    }
}

impl Kind {
    /// How a failed read is recorded as evidence; `None` for a missing thing, which is a fact.
    pub fn failure(self) -> Option<Failure> {
        match self {
            Self::NotFound => None,
            Self::Denied => Some(Failure::Denied),
            Self::RateLimited(_) => Some(Failure::RateLimited),
            Self::Unavailable | Self::Full | Self::Conflict | Self::Fenced => {
                Some(Failure::Unavailable)
            }
            Self::Invalid | Self::Refused(_) => Some(Failure::Invalid),
            Self::Corrupt => Some(Failure::Corrupt),
        }
    }
}
