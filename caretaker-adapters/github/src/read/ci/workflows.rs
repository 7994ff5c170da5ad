//! The workflows of a repository.

use caretaker_core::{
    model::{Listing, RemoteId, Workflow},
    ports::PortError,
};
use serde::Deserialize;

use super::counted;
use crate::scope::Scope;

#[derive(Debug, Deserialize)]
struct WorkflowsShape {
    total_count: u64,
    workflows: Vec<WorkflowShape>,
}

#[derive(Debug, Deserialize)]
struct WorkflowShape {
    id: u64,
    name: String,
    path: String,
    state: String,
}

pub(super) async fn all(scope: Scope<'_>) -> Result<Listing<Workflow>, PortError> {
    const OP: &str = "forge.read.workflows";
    let mut total = 0;
    let listing = scope
        .list_in(
            OP,
            "/actions/workflows?per_page=100",
            |page: WorkflowsShape| {
                total = page.total_count;
                page.workflows.into_iter().map(workflow).collect()
            },
        )
        .await?;
    Ok(counted(listing, total))
}

fn workflow(shape: WorkflowShape) -> Workflow {
    Workflow {
        id: RemoteId::new(shape.id),
        name: shape.name,
        path: shape.path,
        active: shape.state == "active",
    }
}
