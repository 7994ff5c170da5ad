//! What the forge tells of checks and workflows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{
    AppRef, Author, Branch, CheckState, Listing, RemoteId, RepoKey, Sha, Timestamp,
};

/// The answer to one [`super::CiQuery`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "a", content = "v", rename_all = "snake_case")]
pub enum CiAnswer {
    /// Check suites.
    CheckSuites(Listing<CheckSuite>),
    /// Check runs.
    CheckRuns(Listing<CheckRun>),
    /// Annotations of a check run.
    Annotations(Listing<Annotation>),
    /// Statuses.
    Statuses(Listing<CommitStatus>),
    /// Workflow runs.
    Runs(Listing<WorkflowRun>),
    /// A workflow run.
    Run(Box<WorkflowRun>),
    /// Jobs of a workflow run.
    Jobs(Listing<Job>),
    /// The end of a job's log.
    JobLog(JobLog),
    /// Workflows.
    Workflows(Listing<Workflow>),
    /// What is left of our requests.
    RateLimit(RateLimits),
}

/// All check runs of one App on one commit. One without runs stays queued for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSuite {
    /// The forge's number of it.
    pub id: RemoteId,
    /// Whose it is; `None` where the forge does not tell.
    pub app: Option<AppRef>,
    /// How far its runs are, taken together.
    pub state: CheckState,
    /// The branch that was pushed, where there was one.
    pub branch: Option<Branch>,
    /// How many runs it has, replaced ones left out.
    pub runs: u64,
    /// When it was opened.
    pub created_at: Option<Timestamp>,
    /// When it changed last.
    pub updated_at: Option<Timestamp>,
}

/// One check run with what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// The forge's number of it; a job of a workflow has the same.
    pub id: RemoteId,
    /// Its suite.
    pub suite: Option<RemoteId>,
    /// Its name.
    pub name: String,
    /// Who reports it.
    pub app: Option<AppRef>,
    /// How far it is, and how it ended.
    pub state: CheckState,
    /// One line that it shows.
    pub title: Option<String>,
    /// Markdown that it shows.
    pub summary: Option<String>,
    /// How many annotations it has.
    pub annotations: u64,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// A remark on lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Annotation {
    /// The file.
    pub path: String,
    /// First line, from 1.
    pub start_line: u64,
    /// Last line.
    pub end_line: u64,
    /// First column, from 1; only where it is about one line.
    pub start_column: Option<u64>,
    /// Last column.
    pub end_column: Option<u64>,
    /// How bad it is.
    pub level: AnnotationLevel,
    /// One line.
    pub title: Option<String>,
    /// What it says.
    pub message: String,
    /// Whatever else there is to say.
    pub raw_details: Option<String>,
}

/// How bad an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnotationLevel {
    /// A remark; also a word that we do not know.
    Notice,
    /// It may be wrong.
    Warning,
    /// It is wrong.
    Failure,
}

impl AnnotationLevel {
    /// As GitHub spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    /// Reads GitHub's word.
    pub fn of_word(word: &str) -> Self {
        match word {
            "failure" => Self::Failure,
            "warning" => Self::Warning,
            _ => Self::Notice,
        }
    }
}

/// One status of a commit; the youngest of a context counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitStatus {
    /// The forge's number of it; younger ones have higher numbers.
    pub id: RemoteId,
    /// What reports.
    pub context: String,
    /// What it says; `None` for a word we do not know.
    pub state: Option<StatusState>,
    /// One line.
    pub description: Option<String>,
    /// Where more of it is.
    pub target_url: Option<String>,
    /// Who set it; `None` where the account is gone.
    pub by: Option<Author>,
    /// When.
    pub at: Option<Timestamp>,
}

/// What a status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusState {
    /// More is to come.
    Pending,
    /// All is well.
    Success,
    /// Something is wrong with the change.
    Failure,
    /// Something is wrong with what reports.
    Error,
}

impl StatusState {
    /// As GitHub spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
        }
    }

    /// Reads GitHub's word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "pending" => Some(Self::Pending),
            "success" => Some(Self::Success),
            "failure" => Some(Self::Failure),
            "error" => Some(Self::Error),
            _ => None,
        }
    }
}

/// One run of a workflow, at its latest attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowRun {
    /// The forge's number of it; reruns keep it.
    pub id: RemoteId,
    /// Its workflow.
    pub workflow: RemoteId,
    /// Where that stands: `.github/workflows/ci.yml`.
    pub path: String,
    /// The workflow's name.
    pub name: Option<String>,
    /// What the run is called: a commit's first line, or what the workflow makes of its inputs.
    pub title: String,
    /// Which run of its workflow it is, from 1.
    pub number: u64,
    /// Which attempt of the run, from 1.
    pub attempt: u32,
    /// What started it: `push`, `pull_request`, `workflow_dispatch`.
    pub event: String,
    /// How far it is, and how it ended. [`CheckState::ActionRequired`]: it waits for somebody to
    /// approve it, as runs for forks by strangers do.
    pub state: CheckState,
    /// The commit.
    pub head: Sha,
    /// The branch of the commit.
    pub branch: Option<Branch>,
    /// The repository of the commit: for a pull request from a fork that fork; `None` when gone.
    pub head_repo: Option<RepoKey>,
    /// Its check suite.
    pub suite: Option<RemoteId>,
    /// Whose doing started the run.
    pub actor: Option<Author>,
    /// Who started this attempt.
    pub triggered_by: Option<Author>,
    /// When the run was made.
    pub created_at: Timestamp,
    /// When this attempt began.
    pub started_at: Option<Timestamp>,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// One job of a workflow run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The forge's number of it; its check run has the same.
    pub id: RemoteId,
    /// Its run.
    pub run: RemoteId,
    /// Which attempt of the run, from 1.
    pub attempt: u32,
    /// Its name.
    pub name: String,
    /// How far it is, and how it ended.
    pub state: CheckState,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// The machine that took it.
    pub runner: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// One step of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its place, from 1.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// How far it is, and how it ended.
    pub state: CheckState,
}

/// The end of a job's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobLog {
    /// Its last whole lines; what is not UTF-8 is replaced.
    pub tail: String,
    /// How long the log is, in bytes.
    pub bytes: u64,
    /// Whether `tail` is all of it.
    pub complete: bool,
}

/// A workflow of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// The forge's number of it.
    pub id: RemoteId,
    /// Its name.
    pub name: String,
    /// Where it stands: `.github/workflows/ci.yml`.
    pub path: String,
    /// Whether it runs.
    pub active: bool,
}

/// What is left of our requests, by kind of request as the forge names it (`core`, `graphql`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimits {
    /// Each kind.
    pub resources: BTreeMap<String, Budget>,
}

/// What is left of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Requests until the reset.
    pub limit: u64,
    /// How many of them are left.
    pub remaining: u64,
    /// How many are spent.
    pub used: u64,
    /// When all are there again.
    pub reset: Timestamp,
}
