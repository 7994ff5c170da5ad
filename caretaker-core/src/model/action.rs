//! What a decision may cause. Closed: the guard, the ledger and every adapter match all of it.

mod examples;
mod safety;

use serde::{Deserialize, Serialize};

pub use safety::{Safety, Trace};

use super::{
    AgentName, Branch, CiAction, GitAction, IssueAction, Label, Marker, Merge, Number, RemoteId,
    ReviewAction, Sha, Subject,
};
use crate::explain::plain;

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", content = "v", rename_all = "snake_case")]
pub enum Action {
    /// On the forge.
    Forge(ForgeAction),
    /// Merges a pull request. Plain data: the right to do it is given right before, by
    /// [`crate::merge_gate::evaluate`], or it is not done.
    Merge(Merge),
    /// On our own queue; neither voice nor act, applied in every mode.
    Enqueue(Enqueue),
}

/// An effect on the forge. Each says how it is made safe to do again ([`ForgeAction::safety`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", content = "v", rename_all = "snake_case")]
pub enum ForgeAction {
    /// Puts a label on an item.
    AddLabel {
        /// The item.
        number: Number,
        /// The label.
        label: Label,
    },
    /// Takes a label off an item.
    RemoveLabel {
        /// The item.
        number: Number,
        /// The label.
        label: Label,
    },
    /// Writes our comment with this marker, or brings it up to date. Several of ours with one
    /// marker are reduced to the oldest.
    UpsertComment {
        /// The item.
        number: Number,
        /// Which of our comments.
        marker: Marker,
        /// Its whole text, the marker first.
        body: String,
    },
    /// Closes an issue as not planned, or a pull request.
    Close {
        /// The item.
        number: Number,
        /// Whether it is a pull request.
        pull: bool,
    },
    /// Deletes a branch that still points where we saw it.
    DeleteBranch {
        /// The branch.
        branch: Branch,
        /// Where it must point.
        expect: Sha,
    },
    /// Publishes a finding on a commit, as a check run or, with a personal token, as a status.
    Publish(Publish),
    /// Puts a reaction of ours on a comment.
    React {
        /// The item that the comment stands on.
        number: Number,
        /// The comment.
        comment: RemoteId,
        /// Which.
        reaction: Reaction,
    },
    /// Writes our answer to one comment, or brings it up to date. Several of ours to that comment
    /// are reduced to the oldest.
    Reply {
        /// The item that the comment stands on.
        number: Number,
        /// The comment that is answered.
        to: RemoteId,
        /// The whole text, first [`Marker::Answer`] as [`Marker::render_to`] writes it.
        body: String,
    },
    /// To checks and workflows.
    Ci(CiAction),
    /// On branches, commits and pull requests.
    Git(GitAction),
    /// On the reviews of a pull request.
    Review(ReviewAction),
    /// On talk, and on what sorts items.
    Issue(IssueAction),
}

/// A reaction to a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// It was read and is being looked at.
    Eyes,
    /// It was done.
    ThumbsUp,
    /// It was not understood, or came to nothing.
    Confused,
}

impl Reaction {
    /// As GitHub spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Eyes => "eyes",
            Self::ThumbsUp => "+1",
            Self::Confused => "confused",
        }
    }
}

/// A finding about a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// The commit.
    pub sha: Sha,
    /// Name of the check run, or context of the status.
    pub name: String,
    /// What it says.
    pub conclusion: Conclusion,
    /// One line.
    pub title: String,
    /// Markdown.
    pub summary: String,
}

/// What a published finding says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Not finished.
    InProgress,
    /// All is well.
    Success,
    /// Finished without a demand.
    Neutral,
    /// Something is wrong.
    Failure,
}

/// What to put on our own queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "v", rename_all = "snake_case")]
pub enum Enqueue {
    /// Have these agents look at one subject.
    Look {
        /// The subject.
        subject: Subject,
        /// Who shall look.
        agents: Vec<AgentName>,
    },
    /// Go on with the open items behind this cursor.
    Continue {
        /// The forge's opaque cursor.
        cursor: String,
        /// Whose turn it is.
        due: Vec<AgentName>,
    },
}

/// How loud an action is; what modes hold back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// Only on our queue.
    Internal,
    /// What we say about a subject: status comment, published check, answers and reactions.
    Voice,
    /// Anything else on the forge.
    Act,
}

impl Action {
    /// How loud it is.
    pub fn loudness(&self) -> Loudness {
        match self {
            Self::Enqueue(_) => Loudness::Internal,
            Self::Forge(ForgeAction::Git(action)) => action.loudness(),
            Self::Forge(ForgeAction::Review(action)) => action.loudness(),
            Self::Forge(ForgeAction::Issue(action)) => action.loudness(),
            Self::Forge(
                ForgeAction::Publish(_)
                | ForgeAction::React { .. }
                | ForgeAction::Reply { .. }
                | ForgeAction::UpsertComment {
                    marker: Marker::Status | Marker::Answer,
                    ..
                },
            ) => Loudness::Voice,
            Self::Forge(
                ForgeAction::AddLabel { .. }
                | ForgeAction::RemoveLabel { .. }
                | ForgeAction::UpsertComment {
                    marker: Marker::StaleWarning | Marker::Review | Marker::Pull | Marker::Issue,
                    ..
                }
                | ForgeAction::Close { .. }
                | ForgeAction::DeleteBranch { .. },
            )
            | Self::Merge(_) => Loudness::Act,
            Self::Forge(ForgeAction::Ci(action)) => action.loudness(),
        }
    }
}

impl ForgeAction {
    /// The App permission it needs, as GitHub names it.
    pub fn permission(&self) -> &'static str {
        match self {
            Self::AddLabel { .. }
            | Self::RemoveLabel { .. }
            | Self::UpsertComment { .. }
            | Self::React { .. }
            | Self::Reply { .. }
            | Self::Close { pull: false, .. } => "issues: write",
            Self::Close { pull: true, .. } => "pull_requests: write",
            Self::DeleteBranch { .. } => "contents: write",
            Self::Publish(_) => "checks: write",
            Self::Issue(action) => action.permission(),
            Self::Ci(action) => action.permission(),
            Self::Git(action) => action.permission(),
            Self::Review(action) => action.permission(),
        }
    }

    /// Whether GitHub takes it from a person only, so that it is sent with a person's token.
    pub fn needs_person(&self) -> bool {
        match self {
            Self::Issue(action) => action.needs_person(),
            Self::AddLabel { .. }
            | Self::RemoveLabel { .. }
            | Self::UpsertComment { .. }
            | Self::Close { .. }
            | Self::DeleteBranch { .. }
            | Self::Publish(_)
            | Self::React { .. }
            | Self::Reply { .. }
            | Self::Ci(_)
            | Self::Git(_)
            | Self::Review(_) => false,
        }
    }

    /// What it does, for people. Labels are ours or the configuration's, and lose what moves the
    /// cursor; text from outside is not in it.
    pub fn summary(&self) -> String {
        match self {
            Self::AddLabel { number, label } => {
                format!("add label {} to #{number}", plain(label.as_str()))
            }
            Self::RemoveLabel { number, label } => {
                format!("remove label {} from #{number}", plain(label.as_str()))
            }
            Self::UpsertComment { number, marker, .. } => {
                format!("write the {} comment on #{number}", marker.name())
            }
            Self::Close { number, .. } => format!("close #{number}"),
            Self::DeleteBranch { expect, .. } => {
                format!("delete the merged branch at {}", expect.short())
            }
            Self::Publish(publish) => format!(
                "publish {} on {} ({})",
                publish.name,
                publish.sha.short(),
                publish.conclusion.word()
            ),
            Self::React {
                number,
                comment,
                reaction,
            } => format!(
                "react to comment {comment} on #{number} with {}",
                reaction.word()
            ),
            Self::Reply { number, to, .. } => format!("answer comment {to} on #{number}"),
            Self::Issue(action) => action.summary(),
            Self::Ci(action) => action.summary(),
            Self::Git(action) => action.summary(),
            Self::Review(action) => action.summary(),
        }
    }
}

impl Action {
    /// What it does, for people.
    pub fn summary(&self) -> String {
        match self {
            Self::Forge(action) => action.summary(),
            Self::Merge(merge) => merge.summary(),
            Self::Enqueue(Enqueue::Look { subject, agents }) => {
                let names: Vec<_> = agents.iter().map(AgentName::as_str).collect();
                format!("have {} look at {subject}", names.join(", "))
            }
            Self::Enqueue(Enqueue::Continue { .. }) => "go on with the next page".to_owned(),
        }
    }
}

impl Conclusion {
    /// As GitHub spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Neutral => "neutral",
            Self::Failure => "failure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_names_the_label_and_moves_no_cursor() {
        let (number, hold) = (Number::new(3), Label::new("our:hold\u{1b}[2J\n"));
        let add = ForgeAction::AddLabel {
            number,
            label: hold.clone(),
        };
        assert_eq!(add.summary(), "add label our:hold[2J  to #3");
        let remove = ForgeAction::RemoveLabel {
            number,
            label: hold,
        };
        assert_eq!(remove.summary(), "remove label our:hold[2J  from #3");
    }
}
