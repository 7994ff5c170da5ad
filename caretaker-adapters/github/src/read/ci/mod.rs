//! Checks and workflows in full; what merging needs of them is in `checks`.

pub(crate) mod checks;
mod jobs;
mod limits;
mod logs;
pub(crate) mod runs;
pub(crate) mod statuses;
mod workflows;

use caretaker_core::{
    model::{CiAnswer, CiQuery},
    ports::PortError,
};

use crate::scope::Scope;

/// Answers one question.
pub(super) async fn answer(scope: Scope<'_>, query: &CiQuery) -> Result<CiAnswer, PortError> {
    match query {
        CiQuery::CheckSuites(sha) => checks::suites(scope, sha).await.map(CiAnswer::CheckSuites),
        CiQuery::CheckRuns(sha) => checks::runs(scope, sha).await.map(CiAnswer::CheckRuns),
        CiQuery::Annotations(run) => checks::annotations(scope, *run)
            .await
            .map(CiAnswer::Annotations),
        CiQuery::Statuses(sha) => statuses::of(scope, sha).await.map(CiAnswer::Statuses),
        CiQuery::RunsOfCommit(sha) => runs::of_commit(scope, sha).await.map(CiAnswer::Runs),
        CiQuery::RunsOfBranch(branch) => runs::of_branch(scope, branch).await.map(CiAnswer::Runs),
        CiQuery::Run(run) => runs::one_run(scope, *run)
            .await
            .map(|run| CiAnswer::Run(Box::new(run))),
        CiQuery::Jobs { run, attempt } => jobs::of(scope, *run, *attempt).await.map(CiAnswer::Jobs),
        CiQuery::JobLog { job, bytes } => logs::of(scope, *job, *bytes).await.map(CiAnswer::JobLog),
        CiQuery::Workflows => workflows::all(scope).await.map(CiAnswer::Workflows),
        CiQuery::RateLimit => limits::left(scope).await.map(CiAnswer::RateLimit),
    }
}

/// A listing that says how many rows there are: with fewer it is not whole, whatever its pages
/// say. Of runs GitHub shows a thousand at most, and of checks those of a thousand suites.
fn counted<T>(
    mut listing: caretaker_core::model::Listing<T>,
    total: u64,
) -> caretaker_core::model::Listing<T> {
    listing.complete &= listing.rows.len() as u64 >= total;
    listing
}
