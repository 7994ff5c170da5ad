//! What we report on a commit.

use serde::{Deserialize, Serialize};

use super::{Annotation, StatusState};
use crate::model::{Conclusion, Sha};

/// A check run of ours with annotations. With a personal token, which may not write check runs,
/// it is a status of that name and the annotations are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// The commit.
    pub sha: Sha,
    /// Name of the check run.
    pub name: String,
    /// What it says.
    pub conclusion: Conclusion,
    /// One line.
    pub title: String,
    /// Markdown.
    pub summary: String,
    /// Remarks on lines, any number, in the order in which they are shown. GitHub takes none
    /// back: where the run shows others, a new run replaces it.
    pub annotations: Vec<Annotation>,
}

/// A status of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReport {
    /// The commit.
    pub sha: Sha,
    /// What reports; a later status of one context replaces the earlier.
    pub context: String,
    /// What it says.
    pub state: StatusState,
    /// One line, up to 140 characters; what is longer is cut.
    pub description: String,
    /// Where more of it is.
    pub target_url: Option<String>,
}
