//! What is known about talk, and about what sorts items. Texts come from outside.

use serde::{Deserialize, Serialize};

use crate::model::{
    AppRef, Author, Label, Listing, Login, Number, Permission, RemoteId, Sha, Timestamp,
};

/// The answer to an [`super::IssueQuery`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "a", content = "v", rename_all = "snake_case")]
pub enum IssueAnswer {
    /// Comments, oldest first.
    Comments(Listing<Comment>),
    /// References, oldest first.
    References(Listing<Reference>),
    /// Parts of an issue.
    SubIssues(Listing<Number>),
    /// Labels.
    Labels(Listing<LabelDef>),
    /// Milestones.
    Milestones(Listing<Milestone>),
    /// People with a role.
    Collaborators(Listing<Collaborator>),
    /// People whom items can be assigned to.
    Assignable(Listing<Login>),
}

/// A comment on an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its number.
    pub id: RemoteId,
    /// Who wrote it.
    pub by: Author,
    /// The App that it was written through.
    pub via: Option<AppRef>,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Whether it is folded away; `None` where the source does not tell.
    pub minimized: Option<bool>,
}

/// That an item was referred to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// From where.
    pub from: Source,
    /// By whom.
    pub by: Author,
    /// When.
    pub at: Timestamp,
}

/// What refers to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "v", rename_all = "snake_case")]
pub enum Source {
    /// An issue or pull request, of this repository or another.
    Item {
        /// `owner/name` of its repository.
        repository: String,
        /// The item.
        number: Number,
        /// Whether it is a pull request.
        pull: bool,
        /// Whether it is open now.
        open: bool,
    },
    /// A commit that names the item, of this repository or another.
    Commit(Sha),
}

/// A label as the repository defines it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelDef {
    /// Its name.
    pub label: Label,
    /// Six hexadecimal digits.
    pub color: String,
    /// What it is for; `None` where nobody said.
    pub description: Option<String>,
}

/// A milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Its number, counted apart from issues.
    pub number: u64,
    /// Its title, which no other of the repository bears.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is open.
    pub open: bool,
    /// When it shall be reached.
    pub due_at: Option<Timestamp>,
    /// Open items in it.
    pub open_items: u64,
    /// Closed items in it.
    pub closed_items: u64,
}

/// Somebody with a role in the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collaborator {
    /// Who.
    pub login: Login,
    /// What they may do.
    pub permission: Permission,
}
