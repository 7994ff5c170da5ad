//! Talk, and what sorts items: comments, references, labels, milestones, people.

pub(crate) mod comments;
mod people;
mod references;
pub(crate) mod sorting;

use caretaker_core::{
    model::{IssueAnswer, IssueQuery},
    ports::PortError,
};

use crate::scope::Scope;

pub(super) async fn answer(scope: Scope<'_>, query: &IssueQuery) -> Result<IssueAnswer, PortError> {
    Ok(match query {
        IssueQuery::Comments(number) => IssueAnswer::Comments(comments::of(scope, *number).await?),
        IssueQuery::References(number) => {
            IssueAnswer::References(references::of(scope, *number).await?)
        }
        IssueQuery::SubIssues(number) => {
            IssueAnswer::SubIssues(sorting::parts(scope, *number).await?)
        }
        IssueQuery::Labels => IssueAnswer::Labels(sorting::labels(scope).await?),
        IssueQuery::Milestones => IssueAnswer::Milestones(sorting::milestones(scope).await?),
        IssueQuery::Collaborators => {
            IssueAnswer::Collaborators(people::collaborators(scope).await?)
        }
        IssueQuery::Assignable => IssueAnswer::Assignable(people::assignable(scope).await?),
    })
}
