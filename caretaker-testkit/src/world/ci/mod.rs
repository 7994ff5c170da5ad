//! GitHub Actions: workflows, their runs and jobs. A job is a check run too, under one number.

mod dispatch;
mod job;
mod log;
mod run;
mod tell;

use std::collections::BTreeMap;

pub(crate) use job::{Job, STEPS};
pub(crate) use run::WorkflowRun;

/// All of it in one repository.
#[derive(Debug, Default)]
pub(crate) struct Ci {
    pub(crate) workflows: BTreeMap<u64, Workflow>,
    pub(crate) runs: BTreeMap<u64, WorkflowRun>,
    pub(crate) jobs: BTreeMap<u64, Job>,
    /// Payloads of `repository_dispatch`, with their event types.
    pub(crate) raised: Vec<(String, serde_json::Value)>,
}

/// A workflow.
#[derive(Clone, Debug)]
pub(crate) struct Workflow {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) active: bool,
    /// The inputs it declares; `None` where it cannot be started by hand.
    pub(crate) inputs: Option<Vec<String>>,
    pub(crate) created: caretaker_core::model::Timestamp,
}
