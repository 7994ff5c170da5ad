//! Checks and workflows.

mod dispatch;
mod report;
mod runs;
mod statuses;

use caretaker_core::{model::CiAction, ports::PortError};

use super::{Plan, Step};
use crate::scope::Scope;

pub(super) async fn plan(scope: Scope<'_>, action: &CiAction) -> Result<Plan, PortError> {
    match action {
        CiAction::Report(report) => report::plan(scope, report).await,
        CiAction::SetStatus(status) => statuses::set(scope, status).await,
        CiAction::RerunFailed(basis) => runs::rerun_failed(scope, *basis).await,
        CiAction::Cancel(basis) => runs::cancel(scope, *basis).await,
        CiAction::Approve(run) => runs::approve(scope, *run).await,
        CiAction::DispatchWorkflow(dispatch) => Ok(dispatch::workflow(dispatch)),
        CiAction::DispatchRepository(dispatch) => Ok(dispatch::repository(dispatch)),
    }
}
