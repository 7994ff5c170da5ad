//! Checks and workflows in full: what the forge tells of them, and what we can have done.
//!
//! What merging needs of them is in [`super::Snapshot`], read alike and reduced to the newest;
//! here each kind stands for itself.

mod action;
mod answer;
pub mod ask;
mod dispatch;
mod query;
mod report;
mod stage;

pub use action::{Basis, CiAction};
pub use answer::{
    Annotation, AnnotationLevel, Budget, CheckRun, CheckSuite, CiAnswer, CommitStatus, Job, JobLog,
    RateLimits, StatusState, Step, Workflow, WorkflowRun,
};
pub use dispatch::{CORRELATION, RepositoryDispatch, WorkflowDispatch};
pub use query::CiQuery;
pub use report::{CheckReport, StatusReport};
pub use stage::CiStage;
