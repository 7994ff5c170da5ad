//! Questions about commits, trees, files and branches.

use serde::{Deserialize, Serialize};

use crate::model::{Branch, Number, Sha, Stage};

/// A commit: by name of a branch that points to it, or by its hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "by", content = "v", rename_all = "snake_case")]
pub enum Revision {
    /// The tip of a branch at the moment of the question.
    Branch(Branch),
    /// This commit.
    Commit(Sha),
}

impl Revision {
    /// The branch or hash.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Branch(branch) => branch.as_str(),
            Self::Commit(sha) => sha.as_str(),
        }
    }
}

/// What can be asked about the git repository itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "get", content = "v", rename_all = "snake_case")]
pub enum GitQuery {
    /// What a pull request changes, line by line. Answer: [`super::answer::Diff`].
    Diff(Number),
    /// The commits that a pull request brings, oldest first. Answer: listing of
    /// [`super::answer::Commit`].
    Commits(Number),
    /// How far two commits have come apart. Answer: [`super::answer::Comparison`].
    Compare {
        /// What is compared with.
        base: Revision,
        /// What is compared.
        head: Revision,
    },
    /// What stands at a path. Answer: [`super::answer::Contents`].
    Contents {
        /// From the root, without a slash at either end.
        path: String,
        /// In which commit.
        at: Revision,
    },
    /// Everything that stands in a commit, folder by folder. Answer: listing of
    /// [`super::answer::TreeEntry`].
    Tree(Sha),
    /// What a branch demands of a change. Answer: [`super::rules::BranchRules`].
    Rules(Branch),
    /// The branches. Answer: listing of [`super::answer::BranchRow`].
    Branches,
}

impl GitQuery {
    /// One of each, about things of a stage.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        let at = Revision::Branch(stage.base.clone());
        vec![
            Self::Diff(stage.pull),
            Self::Commits(stage.pull),
            Self::Compare {
                base: at.clone(),
                head: Revision::Commit(stage.head.clone()),
            },
            Self::Contents {
                path: "README.md".to_owned(),
                at,
            },
            Self::Tree(stage.head.clone()),
            Self::Rules(stage.base.clone()),
            Self::Branches,
        ]
    }

    /// Whether it is about a head that the answer does not name.
    pub fn is_read_late(&self) -> bool {
        match self {
            Self::Diff(_) | Self::Commits(_) => true,
            Self::Compare { .. }
            | Self::Contents { .. }
            | Self::Tree(_)
            | Self::Rules(_)
            | Self::Branches => false,
        }
    }

    /// The App permissions that a full answer needs, as GitHub names them; all of them.
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Diff(_) | Self::Commits(_) => &["pull_requests: read"],
            Self::Rules(_) => &["administration: read", "contents: read", "metadata: read"],
            Self::Compare { .. } | Self::Contents { .. } | Self::Tree(_) | Self::Branches => {
                &["contents: read"]
            }
        }
    }

    /// What it is about, for people; names from outside stand in it as they are.
    pub fn summary(&self) -> String {
        match self {
            Self::Diff(number) => format!("what #{number} changes, line by line"),
            Self::Commits(number) => format!("commits of #{number}"),
            Self::Compare { base, head } => {
                format!("how far {} and {} came apart", base.as_str(), head.as_str())
            }
            Self::Contents { path, at } => format!("{path} at {}", at.as_str()),
            Self::Tree(sha) => format!("everything at {}", sha.short()),
            Self::Rules(branch) => format!("what {branch} demands of a change"),
            Self::Branches => "the branches".to_owned(),
        }
    }
}
