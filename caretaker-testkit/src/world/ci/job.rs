//! Jobs of workflow runs. State and times are those of the check run with the same number.

use serde_json::{Value, json};

use crate::world::app::ACTIONS;
use crate::world::check::RunChange;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// One job.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) run: u64,
    pub(crate) attempt: u32,
    pub(crate) name: String,
    /// What it printed; none while it runs.
    pub(crate) log: Option<String>,
    /// Whether GitHub has thrown its log away.
    pub(crate) expired: bool,
}

/// The steps every job here has, in order.
pub(crate) const STEPS: [&str; 2] = ["Set up job", "Run tests"];

impl State {
    /// A job begins, queued.
    pub(crate) fn begin_job(&mut self, repo: u64, run: u64, name: &str) -> Result<u64, Trouble> {
        let known = self.workflow_run(repo, run)?;
        let (attempt, sha) = (known.attempt, known.sha.clone());
        let actions = Who::story("github-actions[bot]");
        let change = RunChange {
            name: Some(name.to_owned()),
            ..RunChange::default()
        };
        let id = self.create_run(&actions, repo, &sha, change)?;
        let job = Job {
            id,
            run,
            attempt,
            name: name.to_owned(),
            log: None,
            expired: false,
        };
        self.repo_mut(repo).ci.jobs.insert(id, job);
        Ok(id)
    }

    /// A job ends with one of GitHub's words.
    pub(crate) fn end_job(
        &mut self,
        repo: u64,
        id: u64,
        word: &str,
        log: &str,
    ) -> Result<(), Trouble> {
        let actions = Who::story("github-actions[bot]");
        let change = RunChange {
            conclusion: Some(word.to_owned()),
            ..RunChange::default()
        };
        self.update_run(&actions, repo, id, change)?;
        if let Some(job) = self.repo_mut(repo).ci.jobs.get_mut(&id) {
            job.log = Some(log.to_owned());
        }
        Ok(())
    }

    /// Jobs of one attempt of a run, or the latest of each name; oldest first.
    pub(crate) fn jobs_of(&self, repo: u64, run: u64, attempt: Option<u32>) -> Vec<u64> {
        let jobs = self.repo(repo).ci.jobs.values();
        let mut rows: Vec<&Job> = Vec::new();
        for job in jobs.filter(|job| job.run == run) {
            match attempt {
                Some(attempt) if job.attempt != attempt => {}
                Some(_) => rows.push(job),
                None => {
                    rows.retain(|known| known.name != job.name);
                    rows.push(job);
                }
            }
        }
        rows.into_iter().map(|job| job.id).collect()
    }

    pub(crate) fn job(&self, repo: u64, id: u64) -> Result<&Job, Trouble> {
        let jobs = &self.repo(repo).ci.jobs;
        jobs.get(&id).ok_or_else(Trouble::not_found)
    }

    pub(crate) fn job_json(&self, repo: u64, id: u64) -> Value {
        let (Ok(job), Some(check)) = (self.job(repo, id), self.repo(repo).runs.get(&id)) else {
            return Value::Null;
        };
        let run = &self.repo(repo).ci.runs[&job.run];
        let url = format!("{}/actions/jobs/{id}", self.repo_url(repo));
        let ended = check.completed.map(|at| at.to_string());
        let last = STEPS.len() - 1;
        let step = |(at, name): (usize, &&str)| {
            // What fails is the last step; the others went well.
            let conclusion = match &check.conclusion {
                Some(word) if at == last => Some(word.as_str()),
                Some(_) => Some("success"),
                None => None,
            };
            json!({
                "name": name,
                "number": at + 1,
                "status": check.status,
                "conclusion": conclusion,
                "started_at": check.started.to_string(),
                "completed_at": ended,
            })
        };
        let steps: Vec<_> = STEPS.iter().enumerate().map(step).collect();
        json!({
            "id": id,
            "run_id": job.run,
            "workflow_name": self.repo(repo).ci.workflows[&run.workflow].name,
            "head_branch": run.branch,
            "run_url": format!("{}/actions/runs/{}", self.repo_url(repo), job.run),
            "run_attempt": job.attempt,
            "node_id": format!("CR_{id}"),
            "head_sha": run.sha,
            "url": url,
            "html_url": format!("https://github.com/{}/runs/{id}", self.repo(repo).full_name()),
            "status": check.status,
            "conclusion": check.conclusion,
            "created_at": check.started.to_string(),
            "started_at": check.started.to_string(),
            "completed_at": ended,
            "name": job.name,
            "steps": steps,
            "check_run_url": format!("{}/check-runs/{id}", self.repo_url(repo)),
            "labels": ["ubuntu-latest"],
            "runner_id": ACTIONS,
            "runner_name": "runner-1",
            "runner_group_id": 1,
            "runner_group_name": "GitHub Actions",
        })
    }
}
