//! Check runs and commit statuses, read alike.

use serde::{Deserialize, Serialize};

use super::{AppRef, RemoteId, Timestamp};

/// One check run, or one commit status, on a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Name of the run, or context of the status.
    pub name: String,
    /// The forge's number of it; 0 of a status where only its context is told.
    pub id: RemoteId,
    /// App that reported it; `None` for statuses, whose author is an account.
    pub app: Option<AppRef>,
    /// Whether it is ours: our App's run, or a status of our context by our user.
    pub ours: bool,
    /// How far it is.
    pub state: CheckState,
    /// When it was reported first or finished last, whichever is later.
    pub at: Option<Timestamp>,
}

/// How far a check is, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Queued, waiting or requested.
    Queued,
    /// Running.
    Running,
    /// Ended well.
    Success,
    /// Ended badly.
    Failure,
    /// Took too long.
    TimedOut,
    /// Could not be started.
    StartupFailure,
    /// Somebody stopped it.
    Cancelled,
    /// Its conditions did not apply.
    Skipped,
    /// Ended without an opinion.
    Neutral,
    /// The forge gave up waiting for it.
    Stale,
    /// Waits for somebody's approval.
    ActionRequired,
    /// A word we do not know; never counts as success.
    Unknown,
}

impl CheckState {
    /// Whether more is to come without anybody's doing.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// Whether it says that the change is broken.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::TimedOut | Self::StartupFailure)
    }
}
