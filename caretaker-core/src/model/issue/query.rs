//! What can be asked about talk, and about what sorts items.

use serde::{Deserialize, Serialize};

use crate::model::{Number, Stage};

/// A question about talk, or about what sorts items.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "get", content = "v", rename_all = "snake_case")]
pub enum IssueQuery {
    /// The comments on an item, oldest first. Answer: listing of [`super::Comment`].
    Comments(Number),
    /// From where an item was referred to, oldest first. Answer: listing of [`super::Reference`].
    References(Number),
    /// The issues that are parts of an issue, in its order. Answer: listing of numbers.
    SubIssues(Number),
    /// The labels that the repository defines, by name. Answer: listing of [`super::LabelDef`].
    Labels,
    /// Its milestones, open and closed, by number. Answer: listing of [`super::Milestone`].
    Milestones,
    /// Everybody with a role in it, by name. Answer: listing of [`super::Collaborator`].
    Collaborators,
    /// Whom items can be assigned to, by name. Answer: listing of logins.
    Assignable,
}

impl IssueQuery {
    /// One of each kind, with an answer on that stage.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        vec![
            Self::Comments(stage.issue),
            Self::References(stage.issue),
            Self::SubIssues(stage.issue),
            Self::Labels,
            Self::Milestones,
            Self::Collaborators,
            Self::Assignable,
        ]
    }

    /// The App permissions that a full answer needs, as GitHub names them.
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Comments(_)
            | Self::References(_)
            | Self::SubIssues(_)
            | Self::Labels
            | Self::Milestones
            | Self::Assignable => &["issues: read"],
            Self::Collaborators => &["metadata: read"],
        }
    }

    /// What it is about, for people.
    pub fn summary(&self) -> String {
        match self {
            Self::Comments(number) => format!("comments on #{number}"),
            Self::References(number) => format!("from where #{number} was referred to"),
            Self::SubIssues(number) => format!("issues that are parts of #{number}"),
            Self::Labels => "labels of the repository".to_owned(),
            Self::Milestones => "milestones of the repository".to_owned(),
            Self::Collaborators => "who has a role in the repository".to_owned(),
            Self::Assignable => "whom items can be assigned to".to_owned(),
        }
    }
}
