//! What reviews say, and what comes of acts.

use serde::{Deserialize, Serialize};

/// What a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The change may go in.
    Approve,
    /// It must not.
    RequestChanges,
    /// Only a remark.
    Comment,
}

/// What came of an act, where it made something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Number of the item, comment, review, check, status, workflow, run, job, milestone or alert; 0
    /// where none was made.
    pub number: u64,
    /// The commit that was made; empty where none was.
    pub sha: String,
}
