//! Questions about checks and workflows.

use serde::{Deserialize, Serialize};

use crate::model::{Branch, RemoteId, Sha, Stage};

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "get", content = "v", rename_all = "snake_case")]
pub enum CiQuery {
    /// Check suites of a commit. Answer: listing of [`super::CheckSuite`].
    CheckSuites(Sha),
    /// The newest check runs of a commit, by name and App. Answer: listing of
    /// [`super::CheckRun`].
    CheckRuns(Sha),
    /// Annotations of one check run. Answer: listing of [`super::Annotation`].
    Annotations(RemoteId),
    /// Statuses of a commit, youngest first, replaced ones among them. Answer: listing of
    /// [`super::CommitStatus`].
    Statuses(Sha),
    /// Workflow runs of a commit, youngest first. Answer: listing of [`super::WorkflowRun`].
    RunsOfCommit(Sha),
    /// Workflow runs of a branch, youngest first. Answer: listing of [`super::WorkflowRun`].
    RunsOfBranch(Branch),
    /// One workflow run, at its latest attempt. Answer: [`super::WorkflowRun`].
    Run(RemoteId),
    /// The jobs of a workflow run. Answer: listing of [`super::Job`].
    Jobs {
        /// The run.
        run: RemoteId,
        /// Which attempt, from 1; `None` for the latest of each job.
        attempt: Option<u32>,
    },
    /// The end of a job's log. Answer: [`super::JobLog`]; missing when it has expired.
    JobLog {
        /// The job.
        job: RemoteId,
        /// How much of the end at most; no more than [`CiQuery::LONGEST_LOG`].
        bytes: u32,
    },
    /// The workflows of the repository. Answer: listing of [`super::Workflow`].
    Workflows,
    /// What is left of our requests. Answer: [`super::RateLimits`].
    RateLimit,
}

impl CiQuery {
    /// The most of a log that is kept, in bytes.
    pub const LONGEST_LOG: u32 = 1 << 20;

    /// The App permissions that a full answer needs, as GitHub names them; all of them.
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::CheckSuites(_) | Self::CheckRuns(_) | Self::Annotations(_) => &["checks: read"],
            Self::Statuses(_) => &["statuses: read"],
            Self::RunsOfCommit(_)
            | Self::RunsOfBranch(_)
            | Self::Run(_)
            | Self::Jobs { .. }
            | Self::JobLog { .. }
            | Self::Workflows => &["actions: read"],
            Self::RateLimit => &["metadata: read"],
        }
    }

    /// What it is about, for people; names from outside stand in it as they are.
    pub fn summary(&self) -> String {
        match self {
            Self::CheckSuites(sha) => format!("check suites of {}", sha.short()),
            Self::CheckRuns(sha) => format!("check runs of {}", sha.short()),
            Self::Annotations(run) => format!("annotations of check run {run}"),
            Self::Statuses(sha) => format!("statuses of {}", sha.short()),
            Self::RunsOfCommit(sha) => format!("workflow runs of {}", sha.short()),
            Self::RunsOfBranch(branch) => format!("workflow runs of the branch {branch}"),
            Self::Run(run) => format!("workflow run {run}"),
            Self::Jobs { run, attempt } => match attempt {
                None => format!("jobs of workflow run {run}"),
                Some(attempt) => format!("jobs of attempt {attempt} of workflow run {run}"),
            },
            Self::JobLog { job, bytes } => {
                format!("the last {bytes} bytes of the log of job {job}")
            }
            Self::Workflows => "the workflows".to_owned(),
            Self::RateLimit => "what is left of our requests".to_owned(),
        }
    }

    /// At least one of each kind, each with an answer on that stage.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        vec![
            Self::CheckSuites(stage.head.clone()),
            Self::CheckRuns(stage.head.clone()),
            Self::Annotations(stage.ci.check),
            Self::Statuses(stage.head.clone()),
            Self::RunsOfCommit(stage.head.clone()),
            Self::RunsOfBranch(stage.branch.clone()),
            Self::Run(stage.ci.run),
            Self::Jobs {
                run: stage.ci.run,
                attempt: None,
            },
            Self::Jobs {
                run: stage.ci.run,
                attempt: Some(1),
            },
            Self::JobLog {
                job: stage.ci.job,
                bytes: 4_096,
            },
            Self::Workflows,
            Self::RateLimit,
        ]
    }
}
