//! What people say about issues and pull requests, and what sorts them: comments, references,
//! labels, milestones, assignees.

pub mod action;
pub mod answer;
pub mod query;

pub use action::{CloseReason, FoldReason, IssueAction, LockReason, OpenIssue};
pub use answer::{Collaborator, Comment, IssueAnswer, LabelDef, Milestone, Reference, Source};
pub use query::IssueQuery;
