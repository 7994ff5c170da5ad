//! What a story says of workflows, and what a test looks at.

use super::Workflow;
use super::run::Begin;
use crate::world::World;
use crate::world::tell::must;
use crate::world::who::Who;

impl World {
    /// A workflow file is there that can be started by hand with these inputs; its number.
    pub fn workflow(&self, file: &str, inputs: &[&str]) -> u64 {
        self.with(|state| {
            let workflow = Workflow {
                id: state.id(),
                name: file.split('.').next().unwrap_or(file).to_owned(),
                path: format!(".github/workflows/{file}"),
                active: true,
                inputs: Some(inputs.iter().map(|name| (*name).to_owned()).collect()),
                created: state.now,
            };
            let id = workflow.id;
            state.repo_mut(self.repo).ci.workflows.insert(id, workflow);
            state.changes += 1;
            id
        })
    }

    /// A workflow runs for the head of a pull request; the run's number.
    pub fn run_workflow(&self, file: &str, number: u64) -> u64 {
        self.with(|state| {
            let workflow = must(state.workflow(self.repo, file)).id;
            let pull = must(state.pull(self.repo, number)).clone();
            let author = must(state.item(self.repo, number)).author.clone();
            let begin = Begin {
                workflow,
                event: "pull_request",
                sha: &pull.head_sha,
                branch: &pull.head_branch,
                head_repo: pull.head_repo.unwrap_or(self.repo),
            };
            state.begin_run(&Who::story(&author), self.repo, &begin)
        })
    }

    /// A job of a run has ended with one of GitHub's words, and printed this; its number.
    pub fn job(&self, run: u64, name: &str, word: &str, log: &str) -> u64 {
        self.with(|state| {
            let id = must(state.begin_job(self.repo, run, name));
            must(state.end_job(self.repo, id, word, log));
            id
        })
    }

    /// A run ends with one of GitHub's words.
    pub fn end_run(&self, run: u64, word: &str) {
        self.with(|state| must(state.end_run(self.repo, run, word)));
    }

    /// A run waits for somebody's approval.
    pub fn hold_run(&self, run: u64) {
        self.with(|state| must(state.hold_run(self.repo, run)));
    }

    /// GitHub throws away the log of a job.
    pub fn expire_log(&self, job: u64) {
        self.with(|state| {
            let jobs = &mut state.repo_mut(self.repo).ci.jobs;
            let job = jobs.get_mut(&job).expect("the story names a job");
            job.expired = true;
        });
    }

    /// A run's attempt, and how far it is or how it ended.
    pub fn run_state(&self, run: u64) -> (u32, String) {
        self.look(|state| {
            let run = must(state.workflow_run(self.repo, run));
            let word = run.conclusion.clone();
            (run.attempt, word.unwrap_or_else(|| run.status.to_owned()))
        })
    }

    /// How many runs a workflow has had.
    pub fn runs_of(&self, file: &str) -> usize {
        self.look(|state| {
            let workflow = must(state.workflow(self.repo, file)).id;
            let runs = state.repo(self.repo).ci.runs.values();
            runs.filter(|run| run.workflow == workflow).count()
        })
    }

    /// Events raised in the repository, with their payloads.
    pub fn raised(&self) -> Vec<(String, serde_json::Value)> {
        self.look(|state| state.repo(self.repo).ci.raised.clone())
    }
}
