//! Starting workflows. GitHub does not tell two equal starts apart, so each bears an id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Branch;

/// Under which name a correlation id stands among the inputs of a workflow and in the payload of
/// a repository event. A workflow has to declare an input of that name.
pub const CORRELATION: &str = "correlation_id";

/// Starts a workflow by hand, as `workflow_dispatch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowDispatch {
    /// The file's name (`ci.yml`) or the forge's number of the workflow.
    pub workflow: String,
    /// Where it runs.
    pub branch: Branch,
    /// Its inputs; [`CORRELATION`] is added to them.
    pub inputs: BTreeMap<String, String>,
    /// What tells this start from every other.
    pub correlation: String,
}

/// Raises an event that workflows of the repository may hear, as `repository_dispatch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryDispatch {
    /// Which, up to 100 characters.
    pub event_type: String,
    /// What goes with it, up to nine; [`CORRELATION`] is added to them.
    pub payload: BTreeMap<String, String>,
    /// What tells this event from every other.
    pub correlation: String,
}
