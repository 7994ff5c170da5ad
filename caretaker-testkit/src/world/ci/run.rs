//! Workflow runs: made, ended, run again, stopped, let in.

use caretaker_core::model::{Span, Timestamp};
use serde_json::{Value, json};

use super::Workflow;
use crate::world::app::ACTIONS;
use crate::world::check::RunChange;
use crate::world::state::{State, merge};
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// One run of a workflow, at its latest attempt.
#[derive(Clone, Debug)]
pub(crate) struct WorkflowRun {
    pub(crate) id: u64,
    pub(crate) workflow: u64,
    pub(crate) number: u64,
    pub(crate) attempt: u32,
    pub(crate) event: String,
    /// `queued`, `in_progress`, `completed`.
    pub(crate) status: &'static str,
    pub(crate) conclusion: Option<String>,
    pub(crate) sha: String,
    pub(crate) branch: String,
    pub(crate) head_repo: u64,
    pub(crate) suite: u64,
    pub(crate) title: String,
    pub(crate) actor: String,
    pub(crate) triggered_by: String,
    pub(crate) created: Timestamp,
    pub(crate) started: Timestamp,
    pub(crate) updated: Timestamp,
}

/// What a run is made of.
pub(crate) struct Begin<'a> {
    pub(crate) workflow: u64,
    pub(crate) event: &'a str,
    pub(crate) sha: &'a str,
    pub(crate) branch: &'a str,
    pub(crate) head_repo: u64,
}

/// How long after its making GitHub runs it again.
const RETRYABLE: Span = Span::days(30);

impl State {
    /// Our own or somebody's workflow, by number or file name.
    pub(crate) fn workflow(&self, repo: u64, named: &str) -> Result<&Workflow, Trouble> {
        let path = format!(".github/workflows/{named}");
        let mut known = self.repo(repo).ci.workflows.values();
        known
            .find(|workflow| workflow.path == path || named == workflow.id.to_string())
            .ok_or_else(Trouble::not_found)
    }

    pub(crate) fn workflow_run(&self, repo: u64, id: u64) -> Result<&WorkflowRun, Trouble> {
        let runs = &self.repo(repo).ci.runs;
        runs.get(&id).ok_or_else(Trouble::not_found)
    }

    fn workflow_run_mut(&mut self, repo: u64, id: u64) -> Result<&mut WorkflowRun, Trouble> {
        let now = self.now;
        self.changes += 1;
        let runs = &mut self.repo_mut(repo).ci.runs;
        let run = runs.get_mut(&id).ok_or_else(Trouble::not_found)?;
        run.updated = now;
        Ok(run)
    }

    /// A run begins, in progress.
    pub(crate) fn begin_run(&mut self, who: &Who, repo: u64, begin: &Begin<'_>) -> u64 {
        self.users.named(&who.login);
        let runs = self.repo(repo).ci.runs.values();
        let number = runs.filter(|run| run.workflow == begin.workflow).count() as u64 + 1;
        let commit = self.commits.find(begin.sha);
        let title = commit.map(|c| c.message.lines().next().unwrap_or_default().to_owned());
        let run = WorkflowRun {
            id: self.id(),
            workflow: begin.workflow,
            number,
            attempt: 1,
            event: begin.event.to_owned(),
            status: "in_progress",
            conclusion: None,
            sha: begin.sha.to_owned(),
            branch: begin.branch.to_owned(),
            head_repo: begin.head_repo,
            suite: self.suite(repo, ACTIONS, begin.sha, begin.branch),
            title: title.unwrap_or_default(),
            actor: who.login.clone(),
            triggered_by: who.login.clone(),
            created: self.now,
            started: self.now,
            updated: self.now,
        };
        let id = run.id;
        self.repo_mut(repo).ci.runs.insert(id, run);
        self.emit_workflow_run(repo, id, "requested");
        id
    }

    /// A run ends; what is still under way in it with it.
    pub(crate) fn end_run(&mut self, repo: u64, id: u64, word: &str) -> Result<(), Trouble> {
        let actions = Who::story("github-actions[bot]");
        for job in self.jobs_of(repo, id, None) {
            let is_under_way = self.repo(repo).runs[&job].status != "completed";
            if is_under_way {
                let change = RunChange {
                    conclusion: Some(word.to_owned()),
                    ..RunChange::default()
                };
                self.update_run(&actions, repo, job, change)?;
            }
        }
        let run = self.workflow_run_mut(repo, id)?;
        run.status = "completed";
        run.conclusion = Some(word.to_owned());
        self.emit_workflow_run(repo, id, "completed");
        Ok(())
    }

    /// Runs the failed jobs of an ended run again.
    pub(crate) fn rerun_failed(&mut self, who: &Who, repo: u64, id: u64) -> Result<(), Trouble> {
        self.may(who, repo, "actions", true)?;
        let run = self.workflow_run(repo, id)?;
        if run.status != "completed" {
            return Err(Trouble::new(403, "This workflow run is already running"));
        }
        if self.now.since(run.created) > RETRYABLE {
            let message = "Unable to retry this workflow run because it was created over a month \
                           ago";
            return Err(Trouble::new(403, message));
        }
        let attempt = run.attempt + 1;
        let jobs = self.jobs_of(repo, id, None).into_iter();
        let failed: Vec<u64> = jobs
            .filter(|job| {
                let word = self.repo(repo).runs[job].conclusion.as_deref();
                !matches!(word, Some("success" | "skipped" | "neutral"))
            })
            .collect();
        if failed.is_empty() {
            let message = "This workflow run has no failed jobs that could be retried";
            return Err(Trouble::new(403, message));
        }
        let now = self.now;
        let login = who.login.clone();
        let run = self.workflow_run_mut(repo, id)?;
        run.attempt = attempt;
        (run.status, run.conclusion) = ("queued", None);
        (run.started, run.triggered_by) = (now, login);
        for job in failed {
            let name = self.repo(repo).ci.jobs[&job].name.clone();
            self.begin_job(repo, id, &name)?;
        }
        self.emit_workflow_run(repo, id, "requested");
        Ok(())
    }

    /// Stops a run that goes on.
    pub(crate) fn cancel_run(&mut self, who: &Who, repo: u64, id: u64) -> Result<(), Trouble> {
        self.may(who, repo, "actions", true)?;
        if self.workflow_run(repo, id)?.status == "completed" {
            let message = "Cannot cancel a workflow run that is completed.";
            return Err(Trouble::new(409, message));
        }
        self.end_run(repo, id, "cancelled")
    }

    /// Lets a run go on that waits for approval.
    pub(crate) fn approve_run(&mut self, who: &Who, repo: u64, id: u64) -> Result<(), Trouble> {
        self.may(who, repo, "actions", true)?;
        let waits = self.workflow_run(repo, id)?.conclusion.as_deref() == Some("action_required");
        if !waits {
            return Err(Trouble::new(403, "This run is not waiting for approval."));
        }
        let run = self.workflow_run_mut(repo, id)?;
        (run.status, run.conclusion) = ("queued", None);
        self.emit_workflow_run(repo, id, "requested");
        Ok(())
    }

    /// Makes a run wait for somebody's approval.
    pub(crate) fn hold_run(&mut self, repo: u64, id: u64) -> Result<(), Trouble> {
        let run = self.workflow_run_mut(repo, id)?;
        (run.status, run.conclusion) = ("completed", Some("action_required".to_owned()));
        self.emit_workflow_run(repo, id, "completed");
        Ok(())
    }

    fn emit_workflow_run(&mut self, repo: u64, id: u64, action: &str) {
        let login = self.repo(repo).ci.runs[&id].triggered_by.clone();
        self.emit(repo, "workflow_run", Some(action), &login, |state| {
            let run = &state.repo(repo).ci.runs[&id];
            let workflow = &state.repo(repo).ci.workflows[&run.workflow];
            json!({
                "workflow_run": state.workflow_run_json(repo, run),
                "workflow": state.workflow_json(repo, workflow),
            })
        });
    }

    pub(crate) fn workflow_json(&self, repo: u64, workflow: &Workflow) -> Value {
        let url = format!("{}/actions/workflows/{}", self.repo_url(repo), workflow.id);
        let name = self.repo(repo).full_name();
        json!({
            "id": workflow.id,
            "node_id": format!("W_{}", workflow.id),
            "name": workflow.name,
            "path": workflow.path,
            "state": if workflow.active { "active" } else { "disabled_manually" },
            "created_at": workflow.created.to_string(),
            "updated_at": workflow.created.to_string(),
            "url": url,
            "html_url": format!("https://github.com/{name}/blob/main/{}", workflow.path),
            "badge_url": format!("https://github.com/{name}/workflows/{}/badge.svg", workflow.name),
        })
    }

    pub(crate) fn workflow_run_json(&self, repo: u64, run: &WorkflowRun) -> Value {
        let known = self.repo(repo);
        let workflow = &known.ci.workflows[&run.workflow];
        let url = format!("{}/actions/runs/{}", self.repo_url(repo), run.id);
        let page = format!(
            "https://github.com/{}/actions/runs/{}",
            known.full_name(),
            run.id
        );
        let before = (run.attempt > 1).then(|| format!("{url}/attempts/{}", run.attempt - 1));
        let mut json = json!({
            "id": run.id,
            "name": workflow.name,
            "node_id": format!("WFR_{}", run.id),
            "head_branch": run.branch,
            "head_sha": run.sha,
            "path": workflow.path,
            "display_title": run.title,
            "run_number": run.number,
            "event": run.event,
            "status": run.status,
            "conclusion": run.conclusion,
            "workflow_id": run.workflow,
            "check_suite_id": run.suite,
            "check_suite_node_id": format!("CS_{}", run.suite),
            "run_attempt": run.attempt,
            "referenced_workflows": [],
            "created_at": run.created.to_string(),
            "updated_at": run.updated.to_string(),
            "run_started_at": run.started.to_string(),
            "actor": self.users.json(&run.actor),
            "triggering_actor": self.users.json(&run.triggered_by),
        });
        let more = json!({
            "url": url,
            "html_url": page,
            "pull_requests": self.pulls_brief(repo, &run.sha),
            "jobs_url": format!("{url}/jobs"),
            "logs_url": format!("{url}/logs"),
            "check_suite_url": format!("{}/check-suites/{}", self.repo_url(repo), run.suite),
            "artifacts_url": format!("{url}/artifacts"),
            "cancel_url": format!("{url}/cancel"),
            "rerun_url": format!("{url}/rerun"),
            "previous_attempt_url": before,
            "workflow_url": format!("{}/actions/workflows/{}", self.repo_url(repo), run.workflow),
            "head_commit": self.commits.find(&run.sha).map(|c| self.hook_commit_json(c)),
            "repository": self.repo_json(repo),
            "head_repository": self.repo_json(run.head_repo),
        });
        merge(&mut json, &more);
        json
    }
}
