//! Workflow runs: again, stopped, let in.

use caretaker_core::{
    model::{Basis, CheckState, RemoteId, WorkflowRun},
    ports::{Kind, PortError},
};
use reqwest::Method;

use super::{Plan, Step};
use crate::{read::ci::runs, scope::Scope};

/// A run that has another attempt by now was run again, by whomever.
pub(super) async fn rerun_failed(scope: Scope<'_>, basis: Basis) -> Result<Plan, PortError> {
    const OP: &str = "forge.write.rerun";
    let run = runs::one_run(scope, basis.run).await?;
    if run.attempt > basis.attempt {
        return Ok(Plan::nothing());
    }
    if run.attempt < basis.attempt || !has_ended(&run) {
        // GitHub answers 403 to a rerun of a run that goes on, which would look like a missing
        // permission.
        return Err(PortError::new(OP, Kind::Refused(409))
            .detail("that attempt of the workflow run has not ended"));
    }
    let rest = format!("/actions/runs/{}/rerun-failed-jobs", basis.run);
    Ok(post(OP, rest, &[]))
}

/// One that has ended, or has another attempt, is not what was to be stopped any more.
pub(super) async fn cancel(scope: Scope<'_>, basis: Basis) -> Result<Plan, PortError> {
    const OP: &str = "forge.write.cancel";
    let run = runs::one_run(scope, basis.run).await?;
    if run.attempt != basis.attempt || has_ended(&run) {
        return Ok(Plan::nothing());
    }
    // 409: it has ended meanwhile.
    let rest = format!("/actions/runs/{}/cancel", basis.run);
    Ok(post(OP, rest, &[409]))
}

pub(super) async fn approve(scope: Scope<'_>, run: RemoteId) -> Result<Plan, PortError> {
    const OP: &str = "forge.write.approve_run";
    let known = runs::one_run(scope, run).await?;
    if known.state != CheckState::ActionRequired {
        return Ok(Plan::nothing());
    }
    Ok(post(OP, format!("/actions/runs/{run}/approve"), &[]))
}

fn has_ended(run: &WorkflowRun) -> bool {
    !run.state.is_pending()
}

fn post(op: &'static str, rest: String, done: &'static [u16]) -> Plan {
    Plan::one(Step {
        op,
        method: Method::POST,
        rest,
        body: None,
        done,
    })
}
