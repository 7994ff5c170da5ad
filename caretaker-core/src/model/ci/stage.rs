//! What the examples about checks and workflows are about.

use crate::model::RemoteId;

/// Part of a [`crate::model::Stage`]: each of these is there.
#[derive(Clone, Debug)]
pub struct CiStage {
    /// A check run on the head of the pull request.
    pub check: RemoteId,
    /// A workflow run on that head, ended at its first attempt, with a job that failed.
    pub run: RemoteId,
    /// That job; its log is there.
    pub job: RemoteId,
    /// A run that goes on, at its first attempt.
    pub going_run: RemoteId,
    /// A run that waits for approval.
    pub waiting_run: RemoteId,
    /// File name of a workflow that can be started by hand, with the inputs `reason` and
    /// [`super::CORRELATION`].
    pub workflow: String,
}

impl Default for CiStage {
    fn default() -> Self {
        Self {
            check: RemoteId::new(4_001),
            run: RemoteId::new(5_001),
            job: RemoteId::new(4_002),
            going_run: RemoteId::new(5_002),
            waiting_run: RemoteId::new(5_003),
            workflow: "ci.yml".to_owned(),
        }
    }
}
