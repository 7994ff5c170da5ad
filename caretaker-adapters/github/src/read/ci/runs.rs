//! Workflow runs.

use caretaker_core::{
    model::{Branch, Listing, RemoteId, RepoKey, Sha, WorkflowRun},
    ports::PortError,
};
use serde::Deserialize;

use super::counted;
use crate::{
    address::escape,
    read::checks::state_of_run,
    scope::Scope,
    shape::{UserShape, When},
};

const OP: &str = "forge.read.workflow_runs";

#[derive(Debug, Deserialize)]
struct RunsShape {
    total_count: u64,
    workflow_runs: Vec<RunShape>,
}

#[derive(Debug, Deserialize)]
struct RunShape {
    id: u64,
    workflow_id: u64,
    path: String,
    #[serde(default)]
    name: Option<String>,
    display_title: String,
    run_number: u64,
    #[serde(default = "one")]
    run_attempt: u32,
    event: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    conclusion: Option<String>,
    head_sha: Sha,
    #[serde(default)]
    head_branch: Option<String>,
    #[serde(default)]
    head_repository: Option<RepositoryShape>,
    #[serde(default)]
    check_suite_id: Option<u64>,
    #[serde(default)]
    actor: Option<UserShape>,
    #[serde(default)]
    triggering_actor: Option<UserShape>,
    created_at: When,
    #[serde(default)]
    run_started_at: Option<When>,
    updated_at: When,
}

#[derive(Debug, Deserialize)]
struct RepositoryShape {
    id: u64,
}

fn one() -> u32 {
    1
}

/// Runs of a commit, youngest first.
pub(super) async fn of_commit(
    scope: Scope<'_>,
    sha: &Sha,
) -> Result<Listing<WorkflowRun>, PortError> {
    listed(scope, &format!("head_sha={sha}")).await
}

/// Runs of a branch, youngest first.
pub(super) async fn of_branch(
    scope: Scope<'_>,
    branch: &Branch,
) -> Result<Listing<WorkflowRun>, PortError> {
    listed(scope, &format!("branch={}", escape(branch.as_str()))).await
}

/// A run at its latest attempt.
pub(crate) async fn one_run(scope: Scope<'_>, run: RemoteId) -> Result<WorkflowRun, PortError> {
    let shape: RunShape = scope.ask(OP, &format!("/actions/runs/{run}")).await?;
    Ok(of_shape(scope, shape))
}

async fn listed(scope: Scope<'_>, filter: &str) -> Result<Listing<WorkflowRun>, PortError> {
    let mut total = 0;
    let path = format!("/actions/runs?{filter}&per_page=100");
    let listing = scope
        .list_in(OP, &path, |page: RunsShape| {
            total = page.total_count;
            let rows = page.workflow_runs.into_iter();
            rows.map(|run| of_shape(scope, run)).collect()
        })
        .await?;
    Ok(counted(listing, total))
}

fn of_shape(scope: Scope<'_>, run: RunShape) -> WorkflowRun {
    let by = |user: UserShape| scope.us.author(Some(&user), None, None);
    let status = run.status.as_deref().unwrap_or_default();
    WorkflowRun {
        id: RemoteId::new(run.id),
        workflow: RemoteId::new(run.workflow_id),
        // GitHub adds the branch that a reusable or required workflow was taken from.
        path: match run.path.split_once('@') {
            Some((path, _)) => path.to_owned(),
            None => run.path,
        },
        name: run.name,
        title: run.display_title,
        number: run.run_number,
        attempt: run.run_attempt,
        event: run.event,
        state: state_of_run(status, run.conclusion.as_deref()),
        head: run.head_sha,
        branch: run.head_branch.map(Branch::new),
        head_repo: run.head_repository.map(|repo| RepoKey::github(repo.id)),
        suite: run.check_suite_id.map(RemoteId::new),
        actor: run.actor.map(by),
        triggered_by: run.triggering_actor.map(by),
        created_at: run.created_at.0,
        started_at: run.run_started_at.map(|when| when.0),
        updated_at: run.updated_at.0,
    }
}
