//! What several acts are made of.

use crate::world::app::{ACTIONS, App};
use crate::world::branch::Branch;
use crate::world::check::RunChange;
use crate::world::pull::Pull;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

impl State {
    /// Somebody's fork of a repository, made if there is none. We are not installed on it.
    pub(super) fn fork(&mut self, login: &str, repo: u64) -> u64 {
        let origin = self.repo(repo);
        let (name, main) = (origin.name.clone(), origin.default_branch.clone());
        let tip = origin.branches[&main].clone();
        self.repo_named(login, &name).unwrap_or_else(|| {
            let fork = self.create_repo(login, &name, &main);
            let known = self.repo_mut(fork);
            known.fork = true;
            known.installed = false;
            known.branches.insert(main, tip);
            fork
        })
    }

    pub(super) fn push_more(&mut self, repo: u64, number: u64) -> Result<String, Trouble> {
        let author = self.item(repo, number)?.author.clone();
        let pull = self.pull(repo, number)?;
        let (head, branch) = (pull.head_repo.unwrap_or(repo), pull.head_branch.clone());
        let text = self.changes.to_string();
        let edits = [("src/more.rs", Some(text.as_str()))];
        Ok(self.commit_files(&Who::story(&author), head, &branch, "more", &edits))
    }

    pub(super) fn report(
        &mut self,
        repo: u64,
        sha: &str,
        name: &str,
        word: &str,
        app: Option<(u64, String)>,
    ) -> Result<u64, Trouble> {
        let (id, slug) = app.unwrap_or((ACTIONS, "github-actions".to_owned()));
        if id != self.app.id {
            self.others.entry(id).or_insert_with(|| App::new(id, &slug));
        }
        let who = Who::story(&self.app_of(id).bot());
        self.users.named(&who.login);
        let unfinished = matches!(word, "queued" | "in_progress");
        let change = RunChange {
            name: Some(name.to_owned()),
            status: unfinished.then(|| word.to_owned()),
            conclusion: (!unfinished).then(|| word.to_owned()),
            ..RunChange::default()
        };
        let runs = self.newest_runs(repo, sha).into_iter();
        let running = runs
            .filter(|run| run.name == name && run.app == id && run.status != "completed")
            .map(|run| run.id)
            .next();
        match running {
            Some(run) => self.update_run(&who, repo, run, change).map(|()| run),
            None => self.create_run(&who, repo, sha, change),
        }
    }

    pub(crate) fn pull(&self, repo: u64, number: u64) -> Result<&Pull, Trouble> {
        let pull = self.item(repo, number)?.pull.as_ref();
        pull.ok_or_else(Trouble::not_found)
    }

    pub(super) fn pull_set(&mut self, repo: u64, number: u64) -> Result<&mut Pull, Trouble> {
        self.changes += 1;
        self.pull_mut(repo, number).ok_or_else(Trouble::not_found)
    }

    pub(super) fn branch_set(&mut self, repo: u64, branch: &str) -> Result<&mut Branch, Trouble> {
        let found = self.repo_mut(repo).branches.get_mut(branch);
        found.ok_or_else(Trouble::not_found)
    }
}
