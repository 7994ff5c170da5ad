//! Questions: one file for each family. No policy; facts as GitHub states them.

mod activity;
mod alert;
mod branches;
pub(crate) mod checks;
pub(crate) mod ci;
mod config;
mod contents;
mod evaluation;
mod files;
pub(crate) mod git;
pub(crate) mod issue;
pub(crate) mod items;
mod people;
pub(crate) mod pulls;
mod repository;
pub(crate) mod review;

use caretaker_core::{
    model::{Answer, ForgeQuery},
    ports::PortError,
};

use crate::scope::Scope;

/// Answers one question. `NotFound` may still mean that the whole repository is hidden.
pub(crate) async fn answer(scope: Scope<'_>, query: &ForgeQuery) -> Result<Answer, PortError> {
    match query {
        ForgeQuery::Item(number) => items::item(scope, *number).await.map(Answer::Item),
        ForgeQuery::Pull(number) => pulls::pull(scope, *number)
            .await
            .map(|pull| Answer::Pull(Box::new(pull))),
        ForgeQuery::Snapshot(number) => Box::pin(pulls::snapshot(scope, *number))
            .await
            .map(|snapshot| Answer::Snapshot(Box::new(snapshot))),
        ForgeQuery::Activity(number) => activity::of(scope, *number).await.map(Answer::Activity),
        ForgeQuery::OpenItems { after, limit } => items::open(scope, after.as_deref(), *limit)
            .await
            .map(Answer::OpenItems),
        ForgeQuery::PullsOfCommit(sha) => pulls::of_commit(scope, sha).await.map(Answer::Pulls),
        ForgeQuery::PullsOfHead(branch) => pulls::of_head(scope, branch).await.map(Answer::Pulls),
        ForgeQuery::Branch(branch) => branches::tip(scope, branch).await.map(Answer::Branch),
        ForgeQuery::ConfigFile => config::file(scope).await.map(Answer::ConfigFile),
        ForgeQuery::Files(number) => files::changed(scope, *number).await.map(Answer::Files),
        ForgeQuery::Authors(number) => people::authors(scope, *number).await.map(Answer::Authors),
        ForgeQuery::CodeOwners(branch) => files::code_owners(scope, branch)
            .await
            .map(Answer::CodeOwners),
        ForgeQuery::Members { org, team } => {
            people::members(scope, org, team).await.map(Answer::Members)
        }
        ForgeQuery::Ci(query) => Box::pin(ci::answer(scope, query))
            .await
            .map(|answer| Answer::Ci(Box::new(answer))),
        ForgeQuery::Permission(login) => people::permission(scope, login)
            .await
            .map(Answer::Permission),
        ForgeQuery::Git(query) => Box::pin(git::answer(scope, query))
            .await
            .map(|answer| Answer::Git(Box::new(answer))),
        ForgeQuery::Review(query) => Box::pin(review::answer(scope, query))
            .await
            .map(|answer| Answer::Review(Box::new(answer))),
        ForgeQuery::Issue(query) => issue::answer(scope, query)
            .await
            .map(|answer| Answer::Issue(Box::new(answer))),
        ForgeQuery::Alert(query) => alert::answer(scope, query)
            .await
            .map(|answer| Answer::Alert(Box::new(answer))),
        ForgeQuery::Repository(query) => repository::answer(scope, query)
            .await
            .map(|answer| Answer::Repository(Box::new(answer))),
    }
}
