//! Checks and workflows through the port: facts, effects, and whether they stand.

use caretaker_core::model::{
    Annotation, AppId, AppRef, Basis, Branch, Budget, CORRELATION, CheckReport, CheckRun,
    CheckSuite, CiAction, CiAnswer, CiQuery, CommitStatus, Conclusion, Job, JobLog, Listing,
    Publish, RateLimits, RemoteId, RepoKey, StatusReport, StatusState, Step, Timestamp, Workflow,
    WorkflowRun,
};
use serde_json::{Map, Value, json};

use super::facts::{check_state, sha};
use crate::world::check::RunChange;
use crate::world::ci;
use crate::world::state::State;
use crate::world::status::Set;
use crate::world::trouble::Trouble;
use crate::world::who::{By, Who};

/// What log and faults call a question, and what it is about.
pub(super) fn question(query: &CiQuery) -> (&'static str, String) {
    match query {
        CiQuery::CheckSuites(sha) => ("check_suites", format!("@{sha}")),
        CiQuery::CheckRuns(sha) => ("check_runs", format!("@{sha}")),
        CiQuery::Annotations(run) => ("annotations", format!(" {run}")),
        CiQuery::Statuses(sha) => ("statuses", format!("@{sha}")),
        CiQuery::RunsOfCommit(sha) => ("runs_of_commit", format!("@{sha}")),
        CiQuery::RunsOfBranch(branch) => ("runs_of_branch", format!(":{branch}")),
        CiQuery::Run(run) => ("run", format!(" {run}")),
        CiQuery::Jobs { run, .. } => ("jobs", format!(" {run}")),
        CiQuery::JobLog { job, .. } => ("job_log", format!(" {job}")),
        CiQuery::Workflows => ("workflows", String::new()),
        CiQuery::RateLimit => ("rate_limit", String::new()),
    }
}

/// The same of an action.
pub(super) fn action(action: &CiAction) -> (&'static str, String) {
    match action {
        CiAction::Report(report) => ("report", format!("@{} {}", report.sha, report.name)),
        CiAction::SetStatus(set) => ("set_status", format!("@{} {}", set.sha, set.context)),
        CiAction::RerunFailed(basis) => ("rerun_failed", format!(" {}", basis.run)),
        CiAction::Cancel(basis) => ("cancel", format!(" {}", basis.run)),
        CiAction::Approve(run) => ("approve", format!(" {run}")),
        CiAction::DispatchWorkflow(start) => ("dispatch_workflow", format!(" {}", start.workflow)),
        CiAction::DispatchRepository(raise) => {
            ("dispatch_repository", format!(" {}", raise.event_type))
        }
    }
}

impl State {
    pub(super) fn ci_fact(
        &mut self,
        us: &Who,
        repo: u64,
        query: &CiQuery,
    ) -> Result<CiAnswer, Trouble> {
        let needs = query.permissions().first().copied().unwrap_or_default();
        let name = needs.split(':').next().unwrap_or_default();
        self.may(us, repo, name, false)?;
        Ok(match query {
            CiQuery::CheckSuites(sha) => {
                self.commit_is_there(sha.as_str())?;
                let known = self.repo(repo).suites.values();
                let rows = known.filter(|suite| suite.sha == sha.as_str());
                let rows = rows.map(|suite| self.suite_fact(repo, suite.id)).collect();
                CiAnswer::CheckSuites(Listing::whole(rows))
            }
            CiQuery::CheckRuns(sha) => {
                self.commit_is_there(sha.as_str())?;
                let rows = self.newest_runs(repo, sha.as_str()).into_iter().rev();
                let rows = rows.map(|run| self.run_fact(run.id, repo)).collect();
                CiAnswer::CheckRuns(Listing::whole(rows))
            }
            CiQuery::Annotations(run) => {
                let run = self.repo(repo).runs.get(&run.value());
                let run = run.ok_or_else(Trouble::not_found)?;
                CiAnswer::Annotations(Listing::whole(run.annotations.clone()))
            }
            CiQuery::Statuses(sha) => {
                self.commit_is_there(sha.as_str())?;
                let rows = self.repo(repo).statuses.iter().rev();
                let rows = rows.filter(|status| status.sha == sha.as_str());
                let status = |status: &crate::world::status::Status| CommitStatus {
                    id: RemoteId::new(status.id),
                    context: status.context.clone(),
                    state: StatusState::of_word(&status.state),
                    description: status.description.clone().filter(|text| !text.is_empty()),
                    target_url: status.target_url.clone(),
                    by: Some(self.author(&status.creator, false, "")),
                    at: Some(status.at),
                };
                CiAnswer::Statuses(Listing::whole(rows.map(status).collect()))
            }
            CiQuery::RunsOfCommit(sha) => self.runs_fact(repo, |run| run.sha == sha.as_str()),
            CiQuery::RunsOfBranch(branch) => {
                self.runs_fact(repo, |run| run.branch == branch.as_str())
            }
            CiQuery::Run(run) => {
                let run = self.workflow_run(repo, run.value())?;
                CiAnswer::Run(Box::new(self.workflow_run_fact(repo, run)))
            }
            CiQuery::Jobs { run, attempt } => {
                let known = self.workflow_run(repo, run.value())?;
                if attempt.is_some_and(|attempt| attempt == 0 || attempt > known.attempt) {
                    return Err(Trouble::not_found());
                }
                let ids = self.jobs_of(repo, run.value(), *attempt);
                let rows = ids.into_iter().map(|id| self.job_fact(repo, id));
                CiAnswer::Jobs(Listing::whole(rows.collect()))
            }
            CiQuery::JobLog { job, bytes } => {
                let most = bytes.min(&CiQuery::LONGEST_LOG);
                let log = self.job_log(repo, job.value())?;
                CiAnswer::JobLog(tail(log, usize::try_from(*most).unwrap_or(usize::MAX)))
            }
            CiQuery::Workflows => {
                let known = self.repo(repo).ci.workflows.values();
                let workflow = |workflow: &ci::Workflow| Workflow {
                    id: RemoteId::new(workflow.id),
                    name: workflow.name.clone(),
                    path: workflow.path.clone(),
                    active: workflow.active,
                };
                CiAnswer::Workflows(Listing::whole(known.map(workflow).collect()))
            }
            CiQuery::RateLimit => {
                let now = self.now;
                let shown = |budget: &crate::world::limit::Budget| Budget {
                    limit: u64::from(budget.limit),
                    remaining: u64::from(budget.remaining()),
                    used: u64::from(budget.used),
                    reset: Timestamp::from_millis(budget.reset.as_seconds() * 1_000),
                };
                let core = shown(self.limits.budget(&us.login, now));
                let graphql = shown(&self.limits.points(&us.login, now));
                let resources = [("core".to_owned(), core), ("graphql".to_owned(), graphql)].into();
                CiAnswer::RateLimit(RateLimits { resources })
            }
        })
    }

    fn commit_is_there(&self, sha: &str) -> Result<(), Trouble> {
        self.commits
            .find(sha)
            .map(|_| ())
            .ok_or_else(Trouble::not_found)
    }

    fn app_fact(&self, app: u64) -> AppRef {
        let ours = self.us().is_some_and(|us| us.by == By::Installation) && app == self.app.id;
        AppRef {
            id: AppId::new(app),
            ours,
        }
    }

    fn suite_fact(&self, repo: u64, id: u64) -> CheckSuite {
        let suite = &self.repo(repo).suites[&id];
        let (status, conclusion) = self.suite_status(repo, id);
        let runs = self.repo(repo).runs.values();
        CheckSuite {
            id: RemoteId::new(id),
            app: Some(self.app_fact(suite.app)),
            state: check_state(status, conclusion.as_deref()),
            branch: Some(Branch::new(&suite.branch)),
            runs: runs.filter(|run| run.suite == id).count() as u64,
            created_at: Some(suite.created),
            updated_at: Some(suite.updated),
        }
    }

    fn run_fact(&self, id: u64, repo: u64) -> CheckRun {
        let run = &self.repo(repo).runs[&id];
        CheckRun {
            id: RemoteId::new(id),
            suite: Some(RemoteId::new(run.suite)),
            name: run.name.clone(),
            app: Some(self.app_fact(run.app)),
            state: check_state(&run.status, run.conclusion.as_deref()),
            title: run.title.clone(),
            summary: run.summary.clone(),
            annotations: run.annotations.len() as u64,
            started_at: Some(run.started),
            completed_at: run.completed,
        }
    }

    fn runs_fact(&self, repo: u64, wanted: impl Fn(&ci::WorkflowRun) -> bool) -> CiAnswer {
        let known = self.repo(repo).ci.runs.values().rev();
        let rows = known.filter(|run| wanted(run));
        let rows = rows.map(|run| self.workflow_run_fact(repo, run)).collect();
        CiAnswer::Runs(Listing::whole(rows))
    }

    fn workflow_run_fact(&self, repo: u64, run: &ci::WorkflowRun) -> WorkflowRun {
        let workflow = &self.repo(repo).ci.workflows[&run.workflow];
        WorkflowRun {
            id: RemoteId::new(run.id),
            workflow: RemoteId::new(run.workflow),
            path: workflow.path.clone(),
            name: Some(workflow.name.clone()),
            title: run.title.clone(),
            number: run.number,
            attempt: run.attempt,
            event: run.event.clone(),
            state: check_state(run.status, run.conclusion.as_deref()),
            head: sha(&run.sha),
            branch: Some(Branch::new(&run.branch)),
            head_repo: Some(RepoKey::github(run.head_repo)),
            suite: Some(RemoteId::new(run.suite)),
            actor: Some(self.author(&run.actor, false, "")),
            triggered_by: Some(self.author(&run.triggered_by, false, "")),
            created_at: run.created,
            started_at: Some(run.started),
            updated_at: run.updated,
        }
    }

    fn job_fact(&self, repo: u64, id: u64) -> Job {
        let job = &self.repo(repo).ci.jobs[&id];
        let check = &self.repo(repo).runs[&id];
        let state = check_state(&check.status, check.conclusion.as_deref());
        let last = ci::STEPS.len() - 1;
        let step = |(at, name): (usize, &&str)| Step {
            number: at as u64 + 1,
            name: (*name).to_owned(),
            state: match &check.conclusion {
                Some(_) if at != last => check_state("completed", Some("success")),
                Some(_) | None => state,
            },
        };
        Job {
            id: RemoteId::new(id),
            run: RemoteId::new(job.run),
            attempt: job.attempt,
            name: job.name.clone(),
            state,
            steps: ci::STEPS.iter().enumerate().map(step).collect(),
            runner: Some("runner-1".to_owned()),
            started_at: Some(check.started),
            completed_at: check.completed,
        }
    }

    /// Performs an action; by which means, where there are several.
    pub(super) fn ci_apply(
        &mut self,
        us: &Who,
        repo: u64,
        action: &CiAction,
    ) -> Result<Option<String>, Trouble> {
        match action {
            CiAction::Report(report) => self.ci_report(us, repo, report).map(Some),
            CiAction::SetStatus(status) => {
                if !self.status_is(repo, status) {
                    let text: String = status.description.chars().take(140).collect();
                    let set = Set {
                        context: &status.context,
                        state: status.state.word(),
                        description: Some(&text),
                        target_url: status.target_url.as_deref(),
                    };
                    self.set_status(us, repo, status.sha.as_str(), &set)?;
                }
                Ok(None)
            }
            CiAction::RerunFailed(basis) => {
                let run = self.workflow_run(repo, basis.run.value())?;
                if run.attempt > basis.attempt {
                    return Ok(None);
                }
                if run.status != "completed" || run.attempt < basis.attempt {
                    let message = "that attempt of the workflow run has not ended";
                    return Err(Trouble::new(409, message));
                }
                self.rerun_failed(us, repo, basis.run.value())?;
                Ok(None)
            }
            CiAction::Cancel(basis) => {
                if self.goes_on(repo, *basis)? {
                    self.cancel_run(us, repo, basis.run.value())?;
                }
                Ok(None)
            }
            CiAction::Approve(run) => {
                if self.waits(repo, *run)? {
                    self.approve_run(us, repo, run.value())?;
                }
                Ok(None)
            }
            CiAction::DispatchWorkflow(start) => {
                let mut inputs: Map<String, Value> = Map::new();
                for (name, value) in &start.inputs {
                    inputs.insert(name.clone(), json!(value));
                }
                inputs.insert(CORRELATION.to_owned(), json!(start.correlation));
                let branch = start.branch.as_str();
                let run = self.start_workflow(us, repo, &start.workflow, branch, &inputs)?;
                Ok(Some(format!("workflow_run {run}")))
            }
            CiAction::DispatchRepository(raise) => {
                let mut payload = json!(raise.payload);
                payload[CORRELATION] = json!(raise.correlation);
                self.raise(us, repo, &raise.event_type, &payload)?;
                Ok(None)
            }
        }
    }

    fn goes_on(&self, repo: u64, basis: Basis) -> Result<bool, Trouble> {
        let run = self.workflow_run(repo, basis.run.value())?;
        Ok(run.attempt == basis.attempt && run.status != "completed")
    }

    fn waits(&self, repo: u64, run: RemoteId) -> Result<bool, Trouble> {
        let run = self.workflow_run(repo, run.value())?;
        Ok(run.conclusion.as_deref() == Some("action_required"))
    }

    fn status_is(&self, repo: u64, wanted: &StatusReport) -> bool {
        let text: String = wanted.description.chars().take(140).collect();
        let rows = self.newest_statuses(repo, wanted.sha.as_str());
        rows.into_iter().any(|row| {
            row.context.eq_ignore_ascii_case(&wanted.context)
                && row.state == wanted.state.word()
                && row.description.as_deref() == Some(text.as_str())
                && row.target_url == wanted.target_url
        })
    }

    fn ci_report(&mut self, us: &Who, repo: u64, report: &CheckReport) -> Result<String, Trouble> {
        let finding = finding(report);
        if us.by == By::Token {
            return self.publish(us, repo, &finding).map(str::to_owned);
        }
        let done = (report.conclusion != Conclusion::InProgress)
            .then(|| report.conclusion.word().to_owned());
        let mut change = RunChange {
            name: Some(report.name.clone()),
            status: done.is_none().then(|| "in_progress".to_owned()),
            conclusion: done,
            title: Some(report.title.clone()),
            summary: Some(report.summary.clone()),
            ..RunChange::default()
        };
        let known = self.our_run(repo, &finding);
        let missing = known.and_then(|id| self.not_shown(repo, id, &report.annotations));
        match (known, missing) {
            (Some(_), Some(missing)) if missing.is_empty() && self.run_stands(repo, &finding) => {}
            (Some(id), Some(missing)) => {
                change.annotations = missing;
                self.update_run(us, repo, id, change)?;
            }
            // What is shown is not taken back: another run replaces it.
            (_, None) | (None, _) => {
                change.annotations.clone_from(&report.annotations);
                self.create_run(us, repo, report.sha.as_str(), change)?;
            }
        }
        Ok("check_run".to_owned())
    }

    /// Annotations that a run does not show yet; `None` where it shows others.
    fn not_shown(&self, repo: u64, run: u64, wanted: &[Annotation]) -> Option<Vec<Annotation>> {
        let mut shown = self.repo(repo).runs[&run].annotations.clone();
        let mut missing = Vec::new();
        for annotation in wanted {
            match shown.iter().position(|known| known == annotation) {
                Some(at) => {
                    shown.remove(at);
                }
                None => missing.push(annotation.clone()),
            }
        }
        shown.is_empty().then_some(missing)
    }

    /// Whether things are as the action wants them; `None` where that cannot be told.
    pub(super) fn ci_stands(
        &self,
        us: &Who,
        repo: u64,
        action: &CiAction,
    ) -> Result<Option<bool>, Trouble> {
        Ok(match action {
            CiAction::Report(report) if us.by == By::Token => {
                Some(self.status_stands(us, repo, &finding(report)))
            }
            CiAction::Report(report) => {
                let finding = finding(report);
                let missing = self
                    .our_run(repo, &finding)
                    .and_then(|id| self.not_shown(repo, id, &report.annotations));
                let all = missing.is_some_and(|missing| missing.is_empty());
                Some(all && self.run_stands(repo, &finding))
            }
            CiAction::SetStatus(status) => Some(self.status_is(repo, status)),
            CiAction::RerunFailed(basis) => {
                let run = self.workflow_run(repo, basis.run.value())?;
                Some(run.attempt > basis.attempt)
            }
            CiAction::Cancel(basis) => Some(!self.goes_on(repo, *basis)?),
            CiAction::Approve(run) => Some(!self.waits(repo, *run)?),
            CiAction::DispatchWorkflow(_) | CiAction::DispatchRepository(_) => None,
        })
    }
}

fn finding(report: &CheckReport) -> Publish {
    Publish {
        sha: report.sha.clone(),
        name: report.name.clone(),
        conclusion: report.conclusion,
        title: report.title.clone(),
        summary: report.summary.clone(),
    }
}

/// The end of a log, from the beginning of a line on.
fn tail(log: &str, most: usize) -> JobLog {
    let mut kept = &log.as_bytes()[log.len().saturating_sub(most)..];
    let complete = kept.len() == log.len();
    let line = kept.iter().position(|byte| *byte == b'\n');
    if let Some(end) = line.filter(|end| !complete && *end + 1 < kept.len()) {
        kept = &kept[end + 1..];
    }
    JobLog {
        tail: String::from_utf8_lossy(kept).into_owned(),
        bytes: log.len() as u64,
        complete,
    }
}
