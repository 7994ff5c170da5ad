//! What can be done with branches, commits and pull requests.

use serde::{Deserialize, Serialize};

use crate::model::{Branch, Loudness, Marker, Number, Safety, Sha, Stage, Trace};

/// An effect on branches, commits and pull requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", content = "v", rename_all = "snake_case")]
pub enum GitAction {
    /// Makes a branch. One that points there already is as wanted; one that points elsewhere is
    /// refused.
    CreateBranch {
        /// Its name.
        branch: Branch,
        /// Where it shall point.
        at: Sha,
    },
    /// Puts one commit on top of a branch.
    Commit(CommitFiles),
    /// Opens a pull request from a branch of the repository.
    OpenPull(OpenPull),
    /// Changes what a pull request says, or what it goes into. `None` leaves a part as it is.
    EditPull {
        /// The pull request.
        number: Number,
        /// Its title.
        title: Option<String>,
        /// Its text.
        body: Option<String>,
        /// The branch that it asks to be merged into.
        base: Option<Branch>,
    },
    /// Merges the base into the head of a pull request, where that lacks some of it.
    UpdateBranch {
        /// The pull request.
        number: Number,
        /// The head that was looked at; refused where it has moved.
        expect: Sha,
    },
    /// Makes a pull request a draft, or ready for review.
    Draft {
        /// The pull request.
        number: Number,
        /// Whether it shall be a draft.
        draft: bool,
    },
    /// Has a pull request no longer merge by itself. There is no opposite: the forge would merge
    /// at a moment at which nobody looks (decisions §6), and a permit is for this one.
    DisableAutoMerge {
        /// The pull request.
        number: Number,
    },
}

/// A commit to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitFiles {
    /// The branch that takes it.
    pub branch: Branch,
    /// Where that must point: the only parent.
    pub expect: Sha,
    /// What it says.
    pub message: String,
    /// What it changes; at least one file, none twice.
    pub files: Vec<FileEdit>,
}

/// A file to be written or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEdit {
    /// From the root, without a slash at either end.
    pub path: String,
    /// What it shall say; `None` deletes it.
    pub text: Option<String>,
}

/// A pull request to be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPull {
    /// The branch that asks to be merged.
    pub head: Branch,
    /// The branch that it asks to be merged into.
    pub base: Branch,
    /// Its title.
    pub title: String,
    /// Its whole text, first [`Marker::Pull`] as [`Marker::render_key`] writes it. The key says
    /// which one it is: what was opened under it and closed since is not opened again; who wants
    /// another one counts on.
    pub body: String,
    /// Whether it is a draft.
    pub draft: bool,
}

impl OpenPull {
    /// The key in its marker; `None` for a text that would never be found again.
    pub fn key(&self) -> Option<&str> {
        (Marker::find(&self.body) == Some(Marker::Pull))
            .then(|| Marker::key(&self.body))
            .flatten()
    }
}

impl GitAction {
    /// One of each, about things of a stage.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        vec![
            Self::CreateBranch {
                branch: Branch::new("caretaker/example"),
                at: stage.head.clone(),
            },
            Self::Commit(CommitFiles {
                branch: stage.topic.clone(),
                expect: stage.topic_tip.clone(),
                message: "docs: say what it is".to_owned(),
                files: vec![FileEdit {
                    path: "docs/what.md".to_owned(),
                    text: Some("# What it is\n".to_owned()),
                }],
            }),
            Self::OpenPull(OpenPull {
                head: stage.topic.clone(),
                base: stage.base.clone(),
                title: "Say what it is".to_owned(),
                body: format!("{}\nIt says so now.", Marker::Pull.render_key("example/1")),
                draft: false,
            }),
            Self::EditPull {
                number: stage.pull,
                title: Some("A title that says more".to_owned()),
                body: None,
                base: None,
            },
            Self::UpdateBranch {
                number: stage.second_pull,
                expect: stage.second_head.clone(),
            },
            Self::Draft {
                number: stage.second_pull,
                draft: true,
            },
            Self::DisableAutoMerge {
                number: stage.second_pull,
            },
        ]
    }

    /// The item that it is about, where there is one yet.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::CreateBranch { .. } | Self::Commit(_) | Self::OpenPull(_) => None,
            Self::EditPull { number, .. }
            | Self::UpdateBranch { number, .. }
            | Self::Draft { number, .. }
            | Self::DisableAutoMerge { number } => Some(*number),
        }
    }

    /// How loud it is.
    pub fn loudness(&self) -> Loudness {
        match self {
            Self::CreateBranch { .. }
            | Self::Commit(_)
            | Self::OpenPull(_)
            | Self::EditPull { .. }
            | Self::UpdateBranch { .. }
            | Self::Draft { .. }
            | Self::DisableAutoMerge { .. } => Loudness::Act,
        }
    }

    /// The App permission it needs, as GitHub names it. A commit below `.github/workflows` needs
    /// `workflows: write` besides.
    pub fn permission(&self) -> &'static str {
        match self {
            Self::CreateBranch { .. } | Self::Commit(_) => "contents: write",
            Self::OpenPull(_)
            | Self::EditPull { .. }
            | Self::UpdateBranch { .. }
            | Self::Draft { .. }
            | Self::DisableAutoMerge { .. } => "pull_requests: write",
        }
    }

    /// How it is made safe to do again.
    pub fn safety(&self) -> Safety {
        match self {
            Self::CreateBranch { .. } => Safety::ReadBack(Trace::Name),
            Self::Commit(_) => Safety::ReadBack(Trace::Sha),
            Self::OpenPull(_) => Safety::ReadBack(Trace::Marker),
            Self::EditPull { .. } | Self::Draft { .. } | Self::DisableAutoMerge { .. } => {
                Safety::Declarative
            }
            Self::UpdateBranch { .. } => Safety::ReadBack(Trace::Head),
        }
    }

    /// What it does, for people; no text from outside is in it.
    pub fn summary(&self) -> String {
        match self {
            Self::CreateBranch { at, .. } => format!("make a branch at {}", at.short()),
            Self::Commit(commit) => {
                let (count, on) = (commit.files.len(), commit.expect.short());
                format!("commit {count} files on top of {on}")
            }
            Self::OpenPull(_) => "open a pull request".to_owned(),
            Self::EditPull { number, .. } => format!("edit #{number}"),
            Self::Draft {
                number,
                draft: true,
            } => format!("make #{number} a draft"),
            Self::Draft { number, .. } => format!("make #{number} ready for review"),
            Self::DisableAutoMerge { number } => {
                format!("have #{number} no longer merge by itself")
            }
            Self::UpdateBranch { number, expect } => {
                format!("merge the base into #{number} at {}", expect.short())
            }
        }
    }
}
