//! Typed questions about checks and workflows.

use super::{
    Annotation, CheckRun, CheckSuite, CiAnswer, CiQuery, CommitStatus, Job, JobLog, RateLimits,
    Workflow, WorkflowRun,
};
use crate::model::ask::Ask;
use crate::model::{Answer, Branch, ForgeQuery, Listing, Query, RemoteId, Sha};

macro_rules! asks {
    ($($(#[$doc:meta])* $name:ident($arg:ty) -> $out:ty, $query:expr, $answer:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name(pub $arg);
        impl Ask for $name {
            type Out = $out;
            fn query(&self) -> Query {
                let make: fn($arg) -> CiQuery = $query;
                Query::Forge(ForgeQuery::Ci(make(self.0.clone())))
            }
            fn read(answer: &Answer) -> Option<&$out> {
                let Answer::Ci(answer) = answer else { return None };
                let CiAnswer::$answer(value) = &**answer else { return None };
                let value: &$out = value;
                Some(value)
            }
        }
    )*};
}

asks! {
    /// Check suites of a commit.
    AskCheckSuites(Sha) -> Listing<CheckSuite>, CiQuery::CheckSuites, CheckSuites;
    /// The newest check runs of a commit.
    AskCheckRuns(Sha) -> Listing<CheckRun>, CiQuery::CheckRuns, CheckRuns;
    /// Annotations of a check run.
    AskAnnotations(RemoteId) -> Listing<Annotation>, CiQuery::Annotations, Annotations;
    /// Statuses of a commit.
    AskStatuses(Sha) -> Listing<CommitStatus>, CiQuery::Statuses, Statuses;
    /// Workflow runs of a commit.
    AskRunsOfCommit(Sha) -> Listing<WorkflowRun>, CiQuery::RunsOfCommit, Runs;
    /// Workflow runs of a branch.
    AskRunsOfBranch(Branch) -> Listing<WorkflowRun>, CiQuery::RunsOfBranch, Runs;
    /// A workflow run.
    AskRun(RemoteId) -> WorkflowRun, CiQuery::Run, Run;
    /// The latest jobs of a workflow run.
    AskJobs(RemoteId) -> Listing<Job>, |run| CiQuery::Jobs { run, attempt: None }, Jobs;
    /// The jobs of one attempt of a workflow run: run, attempt.
    AskJobsOfAttempt((RemoteId, u32)) -> Listing<Job>,
        |(run, attempt)| CiQuery::Jobs { run, attempt: Some(attempt) }, Jobs;
    /// The end of a job's log: job, how many bytes.
    AskJobLog((RemoteId, u32)) -> JobLog, |(job, bytes)| CiQuery::JobLog { job, bytes }, JobLog;
    /// The workflows.
    AskWorkflows(()) -> Listing<Workflow>, |()| CiQuery::Workflows, Workflows;
    /// What is left of our requests.
    AskRateLimit(()) -> RateLimits, |()| CiQuery::RateLimit, RateLimit;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Evidence, Halt};

    #[test]
    fn an_answer_is_read_as_what_was_asked_for_and_as_nothing_else() {
        let ask = AskJobs(RemoteId::new(7));
        let mut evidence = Evidence::default();
        let need = evidence.ask(&ask).map(|_| ());
        assert_eq!(need, Err(Halt::Need(vec![ask.query()])));
        let jobs = Answer::Ci(Box::new(CiAnswer::Jobs(Listing::whole(vec![]))));
        assert!(AskJobs::read(&jobs).is_some());
        assert!(AskWorkflows::read(&jobs).is_none());
        assert!(evidence.add(ask.query(), jobs));
        assert!(evidence.ask(&ask).is_ok());
    }
}
