//! What can be done with talk, and with what sorts items.

use serde::{Deserialize, Serialize};

use crate::explain::plain;
use crate::model::{
    Label, Login, Loudness, Marker, Number, Reaction, RemoteId, Safety, Stage, Trace,
};

/// An effect on talk, or on what sorts items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", content = "v", rename_all = "snake_case")]
pub enum IssueAction {
    /// Opens an issue, once under the key in its marker.
    Open(OpenIssue),
    /// Changes what an issue says. `None` leaves a part as it is.
    Edit {
        /// The issue.
        number: Number,
        /// Its title.
        title: Option<String>,
        /// Its text.
        body: Option<String>,
    },
    /// Closes an issue; one that is closed already stays closed for its own reason.
    Close {
        /// The issue.
        number: Number,
        /// Why.
        why: CloseReason,
    },
    /// Opens a closed issue again.
    Reopen {
        /// The issue.
        number: Number,
    },
    /// Lets only those who may write go on talking.
    Lock {
        /// The item.
        number: Number,
        /// Why, where that is said.
        why: Option<LockReason>,
    },
    /// Lets everybody talk again.
    Unlock {
        /// The item.
        number: Number,
    },
    /// Makes an issue a part of another one.
    AddPart {
        /// The whole.
        number: Number,
        /// The part, an issue of the same repository.
        part: Number,
    },
    /// Assigns somebody to an item.
    Assign {
        /// The item.
        number: Number,
        /// Who.
        login: Login,
    },
    /// Gives an issue to Copilot, which GitHub lets only a person do: sent with a person's token,
    /// and with no other.
    AssignCopilot {
        /// The issue.
        number: Number,
    },
    /// Takes an assignment back.
    Unassign {
        /// The item.
        number: Number,
        /// Whose.
        login: Login,
    },
    /// Makes a milestone, where there is none of that title.
    CreateMilestone {
        /// Its title.
        title: String,
        /// What it is for.
        description: Option<String>,
    },
    /// Puts an item into a milestone, or takes it out of the one it is in.
    SetMilestone {
        /// The item.
        number: Number,
        /// Title of the milestone, which must be there.
        title: Option<String>,
    },
    /// Defines a label, or changes how it looks and what it is for.
    DefineLabel {
        /// Its name.
        label: Label,
        /// Six hexadecimal digits.
        color: String,
        /// What it is for.
        description: Option<String>,
    },
    /// Deletes a label, from every item that bears it.
    DeleteLabel {
        /// Its name.
        label: Label,
    },
    /// Changes a comment of ours that is known by number.
    EditComment {
        /// The item that it stands on.
        number: Number,
        /// The comment.
        comment: RemoteId,
        /// Its whole text.
        body: String,
    },
    /// Folds away our comments with this marker, as many as there are.
    Minimize {
        /// The item that they stand on.
        number: Number,
        /// Which of our comments.
        marker: Marker,
        /// Why.
        why: FoldReason,
    },
    /// Puts a reaction of ours on an item itself.
    React {
        /// The item.
        number: Number,
        /// Which.
        reaction: Reaction,
    },
}

/// An issue to be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIssue {
    /// Its title.
    pub title: String,
    /// Its whole text, first [`Marker::Issue`] as [`Marker::render_key`] writes it. The key says
    /// which one it is and counts occurrences: what was opened under it and closed since is not
    /// opened again; who wants another one counts on (decisions §5).
    pub body: String,
    /// Labels that it bears from the start.
    pub labels: Vec<Label>,
}

impl OpenIssue {
    /// The key in its marker; `None` for a text that would never be found again.
    pub fn key(&self) -> Option<&str> {
        (Marker::find(&self.body) == Some(Marker::Issue))
            .then(|| Marker::key(&self.body))
            .flatten()
    }
}

/// Why an issue is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// It was done.
    Completed,
    /// It will not be done.
    NotPlanned,
    /// Another one is about the same.
    Duplicate,
}

impl CloseReason {
    /// As GitHub spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
        }
    }
}

/// Why a comment is folded away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoldReason {
    /// It says what is so no longer.
    Outdated,
    /// What it was about is done.
    Resolved,
    /// Another one says the same.
    Duplicate,
    /// It has nothing to do with the item.
    OffTopic,
}

impl FoldReason {
    /// As GitHub's GraphQL spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Outdated => "OUTDATED",
            Self::Resolved => "RESOLVED",
            Self::Duplicate => "DUPLICATE",
            Self::OffTopic => "OFF_TOPIC",
        }
    }
}

/// Why a conversation is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockReason {
    /// It left its subject.
    OffTopic,
    /// It became too heated.
    TooHeated,
    /// There is nothing left to say.
    Resolved,
    /// It is abused.
    Spam,
}

impl LockReason {
    /// As GitHub spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::OffTopic => "off-topic",
            Self::TooHeated => "too heated",
            Self::Resolved => "resolved",
            Self::Spam => "spam",
        }
    }
}

impl IssueAction {
    /// One of each kind, each with something to do on that stage, none in the way of a later one.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        let number = stage.issue;
        vec![
            Self::Open(OpenIssue {
                title: "Nightly build is red".to_owned(),
                body: format!("{}\nSince today.", Marker::Issue.render_key("nightly/1")),
                labels: vec![stage.label.clone()],
            }),
            Self::Edit {
                number,
                title: Some("Widgets squeak in the cold".to_owned()),
                body: None,
            },
            Self::Assign {
                number,
                login: stage.person.clone(),
            },
            Self::Unassign {
                number,
                login: stage.person.clone(),
            },
            Self::AssignCopilot {
                number: stage.second_issue,
            },
            Self::CreateMilestone {
                title: "v2".to_owned(),
                description: None,
            },
            Self::SetMilestone {
                number,
                title: Some("v2".to_owned()),
            },
            Self::DefineLabel {
                label: Label::new("needs:info"),
                color: "d4c5f9".to_owned(),
                description: Some("Somebody was asked".to_owned()),
            },
            Self::DeleteLabel {
                label: Label::new("needs:info"),
            },
            Self::React {
                number,
                reaction: Reaction::Eyes,
            },
            Self::Close {
                number,
                why: CloseReason::Completed,
            },
            Self::Reopen { number },
            Self::Lock {
                number,
                why: Some(LockReason::Resolved),
            },
            Self::Unlock { number },
            Self::AddPart {
                number,
                part: stage.second_issue,
            },
            Self::EditComment {
                number,
                comment: stage.our_comment,
                body: format!("{}\nStill there?", Marker::StaleWarning.render()),
            },
            Self::Minimize {
                number,
                marker: Marker::StaleWarning,
                why: FoldReason::Outdated,
            },
        ]
    }

    /// The item that it is about, where there is one yet.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Open(_)
            | Self::CreateMilestone { .. }
            | Self::DefineLabel { .. }
            | Self::DeleteLabel { .. } => None,
            Self::Edit { number, .. }
            | Self::Close { number, .. }
            | Self::Reopen { number }
            | Self::Lock { number, .. }
            | Self::Unlock { number }
            | Self::AddPart { number, .. }
            | Self::Assign { number, .. }
            | Self::AssignCopilot { number }
            | Self::Unassign { number, .. }
            | Self::SetMilestone { number, .. }
            | Self::EditComment { number, .. }
            | Self::Minimize { number, .. }
            | Self::React { number, .. } => Some(*number),
        }
    }

    /// How loud it is.
    pub fn loudness(&self) -> Loudness {
        match self {
            Self::React { .. } => Loudness::Voice,
            Self::Open(_)
            | Self::Edit { .. }
            | Self::Close { .. }
            | Self::Reopen { .. }
            | Self::Lock { .. }
            | Self::Unlock { .. }
            | Self::AddPart { .. }
            | Self::Assign { .. }
            | Self::AssignCopilot { .. }
            | Self::Unassign { .. }
            | Self::CreateMilestone { .. }
            | Self::SetMilestone { .. }
            | Self::DefineLabel { .. }
            | Self::DeleteLabel { .. }
            | Self::EditComment { .. }
            | Self::Minimize { .. } => Loudness::Act,
        }
    }

    /// The App permission it needs, as GitHub names it.
    pub fn permission(&self) -> &'static str {
        "issues: write"
    }

    /// Whether GitHub takes it from a person only.
    pub fn needs_person(&self) -> bool {
        matches!(self, Self::AssignCopilot { .. })
    }

    /// How it is made safe to do again.
    pub fn safety(&self) -> Safety {
        match self {
            Self::Open(_) => Safety::ReadBack(Trace::Marker),
            Self::CreateMilestone { .. } => Safety::ReadBack(Trace::Name),
            Self::Edit { .. }
            | Self::Close { .. }
            | Self::Reopen { .. }
            | Self::Lock { .. }
            | Self::Unlock { .. }
            | Self::AddPart { .. }
            | Self::Assign { .. }
            | Self::AssignCopilot { .. }
            | Self::Unassign { .. }
            | Self::SetMilestone { .. }
            | Self::DefineLabel { .. }
            | Self::DeleteLabel { .. }
            | Self::EditComment { .. }
            | Self::Minimize { .. }
            | Self::React { .. } => Safety::Declarative,
        }
    }

    /// What it does, for people. Labels lose what moves the cursor; text from outside is not in it.
    pub fn summary(&self) -> String {
        match self {
            Self::Open(_) => "open an issue".to_owned(),
            Self::Edit { number, .. } => format!("edit #{number}"),
            Self::Close { number, why } => format!("close #{number} as {}", why.word()),
            Self::Reopen { number } => format!("reopen #{number}"),
            Self::Lock { number, .. } => format!("lock #{number}"),
            Self::Unlock { number } => format!("unlock #{number}"),
            Self::AddPart { number, part } => format!("make #{part} a part of #{number}"),
            Self::Assign { number, login } => {
                format!("assign @{} to #{number}", plain(login.as_str()))
            }
            Self::AssignCopilot { number } => format!("give #{number} to Copilot"),
            Self::Unassign { number, login } => {
                format!("take #{number} from @{}", plain(login.as_str()))
            }
            Self::CreateMilestone { .. } => "make a milestone".to_owned(),
            Self::SetMilestone {
                number,
                title: None,
            } => format!("take #{number} out of its milestone"),
            Self::SetMilestone { number, .. } => format!("put #{number} into a milestone"),
            Self::DefineLabel { label, .. } => {
                format!("define the label {}", plain(label.as_str()))
            }
            Self::DeleteLabel { label } => format!("delete the label {}", plain(label.as_str())),
            Self::EditComment {
                number, comment, ..
            } => format!("change our comment {comment} on #{number}"),
            Self::Minimize { number, marker, .. } => {
                format!("fold away our {} comments on #{number}", marker.name())
            }
            Self::React { number, reaction } => {
                format!("react to #{number} with {}", reaction.word())
            }
        }
    }
}
