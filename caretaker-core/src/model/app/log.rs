//! The forge's own log of the webhooks it sent to us, one row for each attempt.

use serde::{Deserialize, Serialize};

use crate::model::{DeliveryHeaders, InstallationId, RepoKey, Timestamp};

/// One attempt to deliver, as the forge numbers it; later ones have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptId(u64);

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its own number.
    pub id: AttemptId,
    /// What it tried to deliver: the GUID of `X-GitHub-Delivery`, which a repeat bears too.
    pub guid: String,
    /// When.
    pub at: Timestamp,
    /// Whether somebody asked for it, after an earlier one.
    pub repeat: bool,
    /// The status that the receiver answered with, or one that stands for its silence (502 when
    /// it could not be reached, 504 when it took too long).
    pub status: u16,
    /// The event's name.
    pub event: String,
    /// Through which installation it came.
    pub installation: Option<InstallationId>,
    /// About which repository.
    pub repo: Option<RepoKey>,
}

/// A page of the log, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// At most a hundred.
    pub rows: Vec<Attempt>,
    /// The forge's opaque cursor of the next, older page; `None` at the end of the log.
    pub next: Option<String>,
}

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The headers that name it; `None` when the log does not show them all.
    pub headers: Option<DeliveryHeaders>,
    /// The body as JSON; `None` when the log does not show it. Its spelling may be another than
    /// the one that was signed.
    pub body: Option<Vec<u8>>,
}

impl AttemptId {
    /// Wraps the number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for AttemptId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Attempt {
    /// Whether the receiver took it.
    pub fn arrived(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
