//! Commits, trees, files and branches.

mod branches;
pub(crate) mod commits;
pub(crate) mod compare;
pub(crate) mod contents;
pub(crate) mod diff;
mod rules;
mod tree;

use caretaker_core::{
    model::{GitAnswer, GitQuery},
    ports::PortError,
};

use crate::scope::Scope;

/// Answers one question about the git repository.
pub(super) async fn answer(scope: Scope<'_>, query: &GitQuery) -> Result<GitAnswer, PortError> {
    match query {
        GitQuery::Diff(number) => diff::of_pull(scope, *number).await.map(GitAnswer::Diff),
        GitQuery::Commits(number) => commits::of_pull(scope, *number)
            .await
            .map(GitAnswer::Commits),
        GitQuery::Compare { base, head } => compare::of(scope, base.as_str(), head.as_str())
            .await
            .map(GitAnswer::Compare),
        GitQuery::Contents { path, at } => {
            contents::at(scope, path, at).await.map(GitAnswer::Contents)
        }
        GitQuery::Tree(sha) => tree::at(scope, sha).await.map(GitAnswer::Tree),
        GitQuery::Rules(branch) => rules::of(scope, branch).await.map(GitAnswer::Rules),
        GitQuery::Branches => branches::all(scope).await.map(GitAnswer::Branches),
    }
}
