//! What a story says of workflows, and what a test looks at.

use super::Workflow;
use super::run::Begin;
use crate::world::World;
use crate::world::act::Act;
use crate::world::state::State;
use crate::world::tell::must;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

impl World {
    /// A workflow file is there that can be started by hand with these inputs; its number.
    pub fn workflow(&self, file: &str, inputs: &[&str]) -> u64 {
        let inputs = inputs.iter().map(|name| (*name).to_owned()).collect();
        let file = file.to_owned();
        self.tell(Act::Workflow { file, inputs }).number
    }

    /// A workflow runs for the head of a pull request; the run's number.
    pub fn run_workflow(&self, file: &str, number: u64) -> u64 {
        let file = file.to_owned();
        self.tell(Act::RunWorkflow { file, number }).number
    }

    /// A job of a run has ended with one of GitHub's words, and printed this; its number.
    pub fn job(&self, run: u64, name: &str, word: &str, log: &str) -> u64 {
        let [name, word, log] = [name, word, log].map(str::to_owned);
        self.tell(Act::Job {
            run,
            name,
            word,
            log,
        })
        .number
    }

    /// A run ends with one of GitHub's words.
    pub fn end_run(&self, run: u64, word: &str) {
        let word = word.to_owned();
        self.tell(Act::EndRun { run, word });
    }

    /// A run waits for somebody's approval.
    pub fn hold_run(&self, run: u64) {
        self.tell(Act::HoldRun { run });
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

impl State {
    pub(crate) fn add_workflow(&mut self, repo: u64, file: &str, inputs: Vec<String>) -> u64 {
        let workflow = Workflow {
            id: self.id(),
            name: file.split('.').next().unwrap_or(file).to_owned(),
            path: format!(".github/workflows/{file}"),
            active: true,
            inputs: Some(inputs.into_iter().collect()),
            created: self.now,
        };
        let id = workflow.id;
        self.repo_mut(repo).ci.workflows.insert(id, workflow);
        self.changes += 1;
        id
    }

    /// As a pull request starts it.
    pub(crate) fn run_for_head(
        &mut self,
        repo: u64,
        file: &str,
        number: u64,
    ) -> Result<u64, Trouble> {
        let workflow = self.workflow(repo, file)?.id;
        let pull = self.pull(repo, number)?.clone();
        let author = self.item(repo, number)?.author.clone();
        let begin = Begin {
            workflow,
            event: "pull_request",
            sha: &pull.head_sha,
            branch: &pull.head_branch,
            head_repo: pull.head_repo.unwrap_or(repo),
        };
        Ok(self.begin_run(&Who::story(&author), repo, &begin))
    }
}
