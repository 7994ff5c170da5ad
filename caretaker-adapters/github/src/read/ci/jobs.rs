//! Jobs of workflow runs, with their steps.

use caretaker_core::{
    model::{Job, Listing, RemoteId, Step},
    ports::PortError,
};
use serde::Deserialize;

use super::counted;
use crate::{read::checks::state_of_run, scope::Scope, shape::When};

#[derive(Debug, Deserialize)]
struct JobsShape {
    total_count: u64,
    jobs: Vec<JobShape>,
}

#[derive(Debug, Deserialize)]
struct JobShape {
    id: u64,
    run_id: u64,
    #[serde(default = "one")]
    run_attempt: u32,
    name: String,
    status: String,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default)]
    steps: Vec<StepShape>,
    #[serde(default)]
    runner_name: Option<String>,
    #[serde(default)]
    started_at: Option<When>,
    #[serde(default)]
    completed_at: Option<When>,
}

#[derive(Debug, Deserialize)]
struct StepShape {
    number: u64,
    name: String,
    status: String,
    #[serde(default)]
    conclusion: Option<String>,
}

fn one() -> u32 {
    1
}

/// The jobs of one attempt, or the latest of each.
pub(super) async fn of(
    scope: Scope<'_>,
    run: RemoteId,
    attempt: Option<u32>,
) -> Result<Listing<Job>, PortError> {
    const OP: &str = "forge.read.jobs";
    let path = match attempt {
        None => format!("/actions/runs/{run}/jobs?filter=latest&per_page=100"),
        Some(attempt) => format!("/actions/runs/{run}/attempts/{attempt}/jobs?per_page=100"),
    };
    let mut total = 0;
    let listing = scope
        .list_in(OP, &path, |page: JobsShape| {
            total = page.total_count;
            page.jobs.into_iter().map(job).collect()
        })
        .await?;
    Ok(counted(listing, total))
}

fn job(shape: JobShape) -> Job {
    let step = |step: StepShape| Step {
        number: step.number,
        name: step.name,
        state: state_of_run(&step.status, step.conclusion.as_deref()),
    };
    Job {
        id: RemoteId::new(shape.id),
        run: RemoteId::new(shape.run_id),
        attempt: shape.run_attempt,
        name: shape.name,
        state: state_of_run(&shape.status, shape.conclusion.as_deref()),
        steps: shape.steps.into_iter().map(step).collect(),
        runner: shape.runner_name.filter(|name| !name.is_empty()),
        started_at: shape.started_at.map(|when| when.0),
        completed_at: shape.completed_at.map(|when| when.0),
    }
}
