//! Check runs and suites. A suite without runs stays `queued` for ever, as on GitHub.

use caretaker_core::model::{Annotation, Timestamp};
use serde_json::{Value, json};

use super::app::ACTIONS;
use super::state::{State, merge};
use super::trouble::Trouble;
use super::who::{By, Who};

/// One run of a check.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: u64,
    pub(crate) suite: u64,
    pub(crate) app: u64,
    pub(crate) sha: String,
    pub(crate) name: String,
    /// `queued`, `in_progress`, `completed`.
    pub(crate) status: String,
    pub(crate) conclusion: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) external_id: String,
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) started: Timestamp,
    pub(crate) completed: Option<Timestamp>,
}

/// All runs of one App on one commit.
#[derive(Clone, Debug)]
pub(crate) struct Suite {
    pub(crate) id: u64,
    pub(crate) app: u64,
    pub(crate) sha: String,
    pub(crate) branch: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// What a run shall be; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunChange {
    pub(crate) name: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) conclusion: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) external_id: Option<String>,
    /// Added to those that are there.
    pub(crate) annotations: Vec<Annotation>,
}

/// What one check or status says about a commit, for `mergeable_state`.
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) app: Option<u64>,
    pub(crate) passes: bool,
}

const CONCLUSIONS: &[&str] = &[
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "skipped",
    "stale",
    "startup_failure",
    "success",
    "timed_out",
];

impl State {
    /// Which App the writer of a check run is; people's tokens cannot write any.
    fn app_of_writer(&self, who: &Who, repo: u64) -> Result<u64, Trouble> {
        self.may(who, repo, "checks", true)?;
        match who.by {
            By::Installation => Ok(self.app.id),
            By::Story => Ok(self.app_by_bot(&who.login)),
            By::Token | By::Jwt => {
                Err(Trouble::new(403, "You must authenticate via a GitHub App."))
            }
        }
    }

    fn app_by_bot(&self, login: &str) -> u64 {
        if login.eq_ignore_ascii_case(&self.app.bot()) {
            return self.app.id;
        }
        let of_bot = self
            .others
            .values()
            .find(|app| app.bot().eq_ignore_ascii_case(login));
        of_bot.map_or(ACTIONS, |app| app.id)
    }

    /// After a push GitHub makes a suite for every installed App that may write checks.
    pub(crate) fn open_suites(&mut self, who: &Who, repo: u64, branch: &str, sha: &str) {
        if !self.repo(repo).installed || !self.app.may("checks", true) {
            return;
        }
        let id = self.suite(repo, self.app.id, sha, branch);
        let login = &who.login;
        self.emit(
            repo,
            "check_suite",
            Some("requested"),
            login,
            |state| json!({"check_suite": state.suite_json(repo, id)}),
        );
    }

    pub(crate) fn suite(&mut self, repo: u64, app: u64, sha: &str, branch: &str) -> u64 {
        let known = self.repo(repo).suites.values();
        let found = known.into_iter().find(|s| s.app == app && s.sha == sha);
        if let Some(suite) = found {
            return suite.id;
        }
        let suite = Suite {
            id: self.id(),
            app,
            sha: sha.to_owned(),
            branch: branch.to_owned(),
            created: self.now,
            updated: self.now,
        };
        let id = suite.id;
        self.repo_mut(repo).suites.insert(id, suite);
        id
    }

    fn branch_of(&self, repo: u64, sha: &str) -> String {
        let branches = self.repo(repo).branches.iter();
        let at = branches.filter(|(_, branch)| branch.sha == sha);
        at.map(|(name, _)| name.clone()).next().unwrap_or_default()
    }

    /// Creates a check run.
    pub(crate) fn create_run(
        &mut self,
        who: &Who,
        repo: u64,
        sha: &str,
        change: RunChange,
    ) -> Result<u64, Trouble> {
        let app = self.app_of_writer(who, repo)?;
        if self.commits.find(sha).is_none() {
            return Err(Trouble::invalid(format!("No commit found for SHA: {sha}")));
        }
        let Some(name) = change.name.clone().filter(|name| !name.is_empty()) else {
            return Err(Trouble::invalid("name is missing").violation());
        };
        let branch = self.branch_of(repo, sha);
        let run = Run {
            id: self.id(),
            suite: self.suite(repo, app, sha, &branch),
            app,
            sha: sha.to_owned(),
            name,
            status: "queued".to_owned(),
            conclusion: None,
            title: None,
            summary: None,
            external_id: String::new(),
            annotations: Vec::new(),
            started: self.now,
            completed: None,
        };
        let run = self.changed(run, change)?;
        let id = run.id;
        let done = run.status == "completed";
        self.store_run(repo, run);
        self.emit_run(who, repo, id, "created");
        if done {
            self.emit_finished(who, repo, id);
        }
        Ok(id)
    }

    /// Changes a check run; only the App that made it may.
    pub(crate) fn update_run(
        &mut self,
        who: &Who,
        repo: u64,
        id: u64,
        change: RunChange,
    ) -> Result<(), Trouble> {
        let app = self.app_of_writer(who, repo)?;
        let runs = &self.repo(repo).runs;
        let run = runs.get(&id).cloned().ok_or_else(Trouble::not_found)?;
        if run.app != app {
            let message = "Invalid app_id: the app does not own this check run";
            return Err(Trouble::new(403, message));
        }
        let was_done = run.status == "completed";
        let run = self.changed(run, change)?;
        let is_done = run.status == "completed";
        self.store_run(repo, run);
        if is_done {
            self.emit_finished(who, repo, id);
        } else if was_done {
            self.emit_run(who, repo, id, "rerequested");
        }
        Ok(())
    }

    fn changed(&self, mut run: Run, change: RunChange) -> Result<Run, Trouble> {
        if let Some(word) = change.conclusion.as_deref()
            && !CONCLUSIONS.contains(&word)
        {
            return Err(Trouble::invalid(format!("conclusion {word:?}")).violation());
        }
        let status = match (change.status, &change.conclusion) {
            (_, Some(_)) => Some("completed".to_owned()),
            (Some(word), None) if word == "completed" => {
                return Err(Trouble::invalid("completed without a conclusion").violation());
            }
            (Some(word), None) if word != "queued" && word != "in_progress" => {
                return Err(Trouble::invalid(format!("status {word:?}")).violation());
            }
            (status, None) => status,
        };
        if let Some(status) = status {
            run.completed = (status == "completed").then_some(self.now);
            run.conclusion = change.conclusion;
            run.status = status;
        }
        run.name = change.name.unwrap_or(run.name);
        run.title = change.title.or(run.title);
        run.summary = change.summary.or(run.summary);
        run.annotations.extend(change.annotations);
        run.external_id = change.external_id.unwrap_or(run.external_id);
        Ok(run)
    }

    fn store_run(&mut self, repo: u64, run: Run) {
        let now = self.now;
        self.changes += 1;
        let known = self.repo_mut(repo);
        if let Some(suite) = known.suites.get_mut(&run.suite) {
            suite.updated = now;
        }
        known.runs.insert(run.id, run);
    }

    fn emit_run(&mut self, who: &Who, repo: u64, id: u64, action: &str) {
        self.emit(
            repo,
            "check_run",
            Some(action),
            &who.login,
            |state| json!({"check_run": state.run_json(repo, id)}),
        );
    }

    fn emit_finished(&mut self, who: &Who, repo: u64, id: u64) {
        self.emit_run(who, repo, id, "completed");
        let suite = self.repo(repo).runs[&id].suite;
        if self.suite_status(repo, suite).0 == "completed" {
            let login = &who.login;
            self.emit(
                repo,
                "check_suite",
                Some("completed"),
                login,
                |state| json!({"check_suite": state.suite_json(repo, suite)}),
            );
        }
    }

    /// A suite's status and conclusion, from its runs alone.
    pub(crate) fn suite_status(&self, repo: u64, suite: u64) -> (&'static str, Option<String>) {
        let runs = self.repo(repo).runs.values();
        let runs: Vec<_> = runs.filter(|run| run.suite == suite).collect();
        if runs.is_empty() {
            return ("queued", None);
        }
        if runs.iter().any(|run| run.status != "completed") {
            return ("in_progress", None);
        }
        let words: Vec<_> = runs
            .iter()
            .filter_map(|r| r.conclusion.as_deref())
            .collect();
        let worst = [
            "failure",
            "timed_out",
            "startup_failure",
            "action_required",
            "cancelled",
        ];
        let word = worst.into_iter().find(|word| words.contains(word));
        let word = word.unwrap_or(if words.contains(&"success") {
            "success"
        } else {
            "neutral"
        });
        ("completed", Some(word.to_owned()))
    }

    /// The newest run of each name and App on a commit, oldest first.
    pub(crate) fn newest_runs(&self, repo: u64, sha: &str) -> Vec<&Run> {
        let runs = self.repo(repo).runs.values();
        let mut rows: Vec<&Run> = Vec::new();
        for run in runs.filter(|run| run.sha == sha) {
            rows.retain(|known| known.name != run.name || known.app != run.app);
            rows.push(run);
        }
        rows
    }

    /// Everything that reports on a commit, ours left out: GitHub would count it too, but
    /// stories tell what others say.
    pub(crate) fn reports(&self, repo: u64, sha: &str) -> Vec<Report> {
        let runs = self.newest_runs(repo, sha).into_iter();
        let runs = runs.map(|run| Report {
            name: run.name.clone(),
            app: Some(run.app),
            passes: matches!(
                run.conclusion.as_deref(),
                Some("success" | "neutral" | "skipped")
            ),
        });
        let statuses = self.newest_statuses(repo, sha).into_iter();
        let statuses = statuses.map(|status| Report {
            name: status.context.clone(),
            app: None,
            passes: status.state == "success",
        });
        let ours = self.app.id;
        runs.chain(statuses)
            .filter(|r| r.app != Some(ours))
            .collect()
    }

    pub(crate) fn pulls_brief(&self, repo: u64, sha: &str) -> Vec<Value> {
        let brief = |number: u64| {
            let pull = self.pull_json(repo, number, false);
            let side = |side: &str| {
                let side = &pull[side];
                json!({
                    "ref": side["ref"],
                    "sha": side["sha"],
                    "repo": {
                        "id": side["repo"]["id"],
                        "url": side["repo"]["url"],
                        "name": side["repo"]["name"],
                    },
                })
            };
            json!({
                "url": pull["url"],
                "id": pull["id"],
                "number": number,
                "head": side("head"),
                "base": side("base"),
            })
        };
        // GitHub names pull requests only where head and base are in one repository.
        let same = |number: &u64| {
            let item = self.item(repo, *number).ok();
            let pull = item.and_then(|item| item.pull.as_ref());
            pull.is_some_and(|pull| pull.head_repo == Some(repo))
        };
        let numbers = self.pulls_of_commit(repo, sha).into_iter();
        numbers.filter(same).map(brief).collect()
    }

    pub(crate) fn suite_json(&self, repo: u64, id: u64) -> Value {
        let suite = &self.repo(repo).suites[&id];
        let (status, conclusion) = self.suite_status(repo, id);
        let runs = self.repo(repo).runs.values();
        let url = format!("{}/check-suites/{id}", self.repo_url(repo));
        json!({
            "id": id,
            "node_id": format!("CS_{id}"),
            "head_branch": suite.branch,
            "head_sha": suite.sha,
            "status": status,
            "conclusion": conclusion,
            "url": url,
            "before": null,
            "after": suite.sha,
            "pull_requests": self.pulls_brief(repo, &suite.sha),
            "app": self.app_of(suite.app).json(&self.users.json("octo")),
            "created_at": suite.created.to_string(),
            "updated_at": suite.updated.to_string(),
            "rerequestable": true,
            "runs_rerequestable": true,
            "latest_check_runs_count": runs.filter(|run| run.suite == id).count(),
            "check_runs_url": format!("{url}/check-runs"),
            "head_commit": self.commits.find(&suite.sha).map(|c| self.hook_commit_json(c)),
        })
    }

    pub(crate) fn run_json(&self, repo: u64, id: u64) -> Value {
        let Some(run) = self.repo(repo).runs.get(&id) else {
            return Value::Null;
        };
        let url = format!("{}/check-runs/{id}", self.repo_url(repo));
        let mut suite = self.suite_json(repo, run.suite);
        if let Some(fields) = suite.as_object_mut() {
            fields.remove("head_commit");
        }
        let mut json = json!({
            "id": id,
            "node_id": format!("CR_{id}"),
            "name": run.name,
            "head_sha": run.sha,
            "external_id": run.external_id,
            "url": url,
            "html_url": format!("https://github.com/{}/runs/{id}", self.repo(repo).full_name()),
            "details_url": "https://example.invalid",
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": run.started.to_string(),
            "completed_at": run.completed.map(|at| at.to_string()),
            "output": {
                "title": run.title,
                "summary": run.summary,
                "text": null,
                "annotations_count": run.annotations.len(),
                "annotations_url": format!("{url}/annotations"),
            },
        });
        let more = json!({
            "check_suite": suite,
            "app": self.app_of(run.app).json(&self.users.json("octo")),
            "pull_requests": self.pulls_brief(repo, &run.sha),
        });
        merge(&mut json, &more);
        json
    }
}
