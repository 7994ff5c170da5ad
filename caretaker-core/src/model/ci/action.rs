//! What we can have done to checks and workflows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Annotation, AnnotationLevel, CheckReport, RepositoryDispatch, StatusReport, StatusState,
    WorkflowDispatch,
};
use crate::explain::plain;
use crate::model::{Conclusion, Loudness, RemoteId, Safety, Stage, Trace};

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", content = "v", rename_all = "snake_case")]
pub enum CiAction {
    /// Publishes a check run with annotations, or brings it up to date.
    Report(CheckReport),
    /// Sets a status, unless the youngest of its context says the same.
    SetStatus(StatusReport),
    /// Runs the jobs of a run anew that failed, and what depends on them. A run that has another
    /// attempt by now is left alone: what was to be done is done.
    RerunFailed(Basis),
    /// Stops a run. One that has ended, or has another attempt by now, is left alone.
    Cancel(Basis),
    /// Lets a run go on that waits for approval, as those for forks by strangers do. A run that
    /// does not wait is left alone.
    Approve(RemoteId),
    /// Starts a workflow.
    DispatchWorkflow(WorkflowDispatch),
    /// Raises an event that workflows may hear.
    DispatchRepository(RepositoryDispatch),
}

/// The attempt of a workflow run that an action is about; done once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Basis {
    /// The run.
    pub run: RemoteId,
    /// Its attempt, from 1.
    pub attempt: u32,
}

impl CiAction {
    /// How loud it is.
    pub fn loudness(&self) -> Loudness {
        match self {
            Self::Report(_) | Self::SetStatus(_) => Loudness::Voice,
            Self::RerunFailed(_)
            | Self::Cancel(_)
            | Self::Approve(_)
            | Self::DispatchWorkflow(_)
            | Self::DispatchRepository(_) => Loudness::Act,
        }
    }

    /// The App permission it needs, as GitHub names it.
    pub fn permission(&self) -> &'static str {
        match self {
            Self::Report(_) => "checks: write",
            Self::SetStatus(_) => "statuses: write",
            Self::RerunFailed(_)
            | Self::Cancel(_)
            | Self::Approve(_)
            | Self::DispatchWorkflow(_) => "actions: write",
            Self::DispatchRepository(_) => "contents: write",
        }
    }

    /// How it is made safe to do again.
    pub fn safety(&self) -> Safety {
        match self {
            Self::Report(_) | Self::SetStatus(_) | Self::Approve(_) | Self::Cancel(_) => {
                Safety::Declarative
            }
            Self::RerunFailed(_) => Safety::ReadBack(Trace::Attempt),
            Self::DispatchWorkflow(_) | Self::DispatchRepository(_) => Safety::AtMostOnce,
        }
    }

    /// What it does, for people.
    pub fn summary(&self) -> String {
        match self {
            Self::Report(report) => format!(
                "publish {} on {} ({}) with {} annotations",
                plain(&report.name),
                report.sha.short(),
                report.conclusion.word(),
                report.annotations.len()
            ),
            Self::SetStatus(status) => format!(
                "set the status {} on {} to {}",
                plain(&status.context),
                status.sha.short(),
                status.state.word()
            ),
            Self::RerunFailed(basis) => format!(
                "run the failed jobs of workflow run {} again after attempt {}",
                basis.run, basis.attempt
            ),
            Self::Cancel(basis) => {
                format!(
                    "cancel attempt {} of workflow run {}",
                    basis.attempt, basis.run
                )
            }
            Self::Approve(run) => format!("approve workflow run {run}"),
            Self::DispatchWorkflow(dispatch) => format!(
                "start workflow {} on {}",
                plain(&dispatch.workflow),
                plain(dispatch.branch.as_str())
            ),
            Self::DispatchRepository(dispatch) => {
                format!("raise the event {}", plain(&dispatch.event_type))
            }
        }
    }

    /// At least one of each kind, each with something to do on that stage, in an order in which
    /// none is in the way of a later one.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        let annotation = |line: u64| Annotation {
            path: "src/widget.rs".to_owned(),
            start_line: line,
            end_line: line,
            start_column: None,
            end_column: None,
            level: AnnotationLevel::Warning,
            title: Some("squeaks".to_owned()),
            message: format!("line {line} squeaks"),
            raw_details: None,
        };
        let correlation = "0123456789abcdef".to_owned();
        vec![
            Self::Report(CheckReport {
                sha: stage.head.clone(),
                name: "caretaker/review".to_owned(),
                conclusion: Conclusion::Neutral,
                title: "2 remarks".to_owned(),
                summary: "Widgets squeak.".to_owned(),
                annotations: vec![annotation(1), annotation(2)],
            }),
            Self::SetStatus(StatusReport {
                sha: stage.head.clone(),
                context: "caretaker/lint".to_owned(),
                state: StatusState::Success,
                description: "no remarks".to_owned(),
                target_url: Some("https://example.com/lint".to_owned()),
            }),
            Self::RerunFailed(Basis {
                run: stage.ci.run,
                attempt: 1,
            }),
            Self::Cancel(Basis {
                run: stage.ci.going_run,
                attempt: 1,
            }),
            Self::Approve(stage.ci.waiting_run),
            Self::DispatchWorkflow(WorkflowDispatch {
                workflow: stage.ci.workflow.clone(),
                branch: stage.base.clone(),
                inputs: BTreeMap::from([("reason".to_owned(), "nightly".to_owned())]),
                correlation: correlation.clone(),
            }),
            Self::DispatchRepository(RepositoryDispatch {
                event_type: "caretaker".to_owned(),
                payload: BTreeMap::from([("reason".to_owned(), "nightly".to_owned())]),
                correlation,
            }),
        ]
    }
}
