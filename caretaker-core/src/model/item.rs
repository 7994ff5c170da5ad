//! Facts common to issues and pull requests, and what happened to them.

use serde::{Deserialize, Serialize};

use super::{Author, Label, Marker, Number, Timestamp, label};

/// An issue or pull request as its item page shows it. No text from outside is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts as the forge states them, each on its own"
)]
pub struct Item {
    /// Its number.
    pub number: Number,
    /// Whether it is a pull request.
    pub pull: bool,
    /// Whether it is open.
    pub open: bool,
    /// Whether it is a draft; false for issues.
    pub draft: bool,
    /// Who opened it.
    pub author: Author,
    /// Its labels.
    pub labels: Vec<Label>,
    /// Whether somebody is assigned.
    pub assigned: bool,
    /// Whether it belongs to a milestone.
    pub milestone: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything about it changed last, our own doing included.
    pub updated_at: Timestamp,
    /// When it was merged; `None` for issues and for what was not merged.
    pub merged_at: Option<Timestamp>,
}

impl Item {
    /// Whether it carries the label, case aside.
    pub fn has_label(&self, name: &str) -> bool {
        label::has(&self.labels, name)
    }
}

/// One thing that happened to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Author,
    /// What.
    pub what: ActKind,
}

/// What can happen to an item, as far as it tells whether people care about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "did", content = "v", rename_all = "snake_case")]
pub enum ActKind {
    /// Wrote a comment; with the marker of ours it claims to be, and the time in it.
    Commented {
        /// Which of our comments its first line claims to be.
        marker: Option<Marker>,
        /// The time that marker carries.
        marked_at: Option<Timestamp>,
    },
    /// Put a label on.
    Labeled(Label),
    /// Took a label off.
    Unlabeled(Label),
    /// Closed it.
    Closed,
    /// Opened it again.
    Reopened,
    /// Reviewed the change.
    Reviewed,
    /// Pushed commits.
    Committed,
    /// Changed title, assignee, milestone, draft state or reviewers.
    Edited,
    /// Something that is no sign of attention: a mention, a subscription, a cross reference.
    Other,
}

impl ActKind {
    /// Whether it says that somebody cares about the item.
    pub fn shows_attention(&self) -> bool {
        match self {
            Self::Commented { .. }
            | Self::Labeled(_)
            | Self::Unlabeled(_)
            | Self::Reopened
            | Self::Reviewed
            | Self::Committed
            | Self::Edited => true,
            Self::Closed | Self::Other => false,
        }
    }
}
