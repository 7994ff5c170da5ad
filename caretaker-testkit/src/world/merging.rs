//! Merging through the API: what GitHub itself holds against it, and what it makes of it.

use std::collections::BTreeSet;

use serde_json::json;

use super::branch::Protection;
use super::files::WEB_FLOW;
use super::owners;
use super::pull::Pull;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// What protection says of a head that lacks commits of its base.
pub(crate) const BEHIND: &str = "the head is not up to date with the base branch";

impl State {
    /// Merges it, without asking what stands against it: people with admin rights can.
    pub(crate) fn merge_pull(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
    ) -> Result<String, Trouble> {
        let item = self.item(repo, number)?;
        if item.pull.is_none() || !item.open {
            return Err(not_mergeable("Pull Request is not mergeable"));
        }
        self.merged(who, repo, number, "merge")
    }

    /// Merges it if nothing stands against it and, where told, `sha` is still its head.
    pub(crate) fn merge_checked(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        sha: Option<&str>,
        method: &str,
    ) -> Result<String, Trouble> {
        self.may(who, repo, "contents", true)?;
        let pull = self.pull(repo, number)?;
        if !matches!(method, "merge" | "squash" | "rebase") {
            return Err(Trouble::invalid("merge_method: no such value").violation());
        }
        if !self.item(repo, number)?.open {
            return Err(not_mergeable("Pull Request is not mergeable"));
        }
        if sha.is_some_and(|sha| sha != pull.head_sha) {
            let message = "Head branch was modified. Review and try the merge again.";
            return Err(Trouble::new(409, message));
        }
        if pull.draft {
            return Err(not_mergeable("Pull Request is still a draft"));
        }
        if pull.mergeable == Some(false) {
            return Err(not_mergeable("Pull Request has merge conflicts"));
        }
        if let Some(word) = &pull.merge_state
            && matches!(word.as_str(), "blocked" | "behind" | "dirty" | "draft")
        {
            return Err(not_mergeable("Pull Request is not mergeable"));
        }
        if let Some(against) = self.protection_against(repo, pull, number) {
            return Err(not_mergeable(against));
        }
        let base = self.repo(repo).branches.get(&pull.base_branch);
        let demanded =
            |what: fn(&Protection) -> bool| base.is_some_and(|base| base.demands().any(what));
        if method == "merge" && demanded(|demand| demand.linear) {
            return Err(not_mergeable("This branch must not contain merge commits."));
        }
        if demanded(|demand| demand.queue) {
            let message = "Changes must be made through the merge queue";
            return Err(not_mergeable(message));
        }
        self.merged(who, repo, number, method)
    }

    /// What the base branch's protection and rulesets hold against a merge; the first thing.
    pub(crate) fn protection_against(
        &self,
        repo: u64,
        pull: &Pull,
        number: u64,
    ) -> Option<&'static str> {
        let base = self.repo(repo).branches.get(&pull.base_branch)?;
        let demands: Vec<_> = base.demands().collect();
        if demands.iter().any(|d| d.strict) && !self.commits.contains(&pull.head_sha, &base.sha) {
            return Some(BEHIND);
        }
        let reports = self.reports(repo, &pull.head_sha);
        let fulfilled = |name: &str, app: Option<u64>| {
            let mut asked = reports
                .iter()
                .filter(|r| r.name == name && (app.is_none() || r.app == app))
                .peekable();
            asked.peek().is_some() && asked.all(|r| r.passes)
        };
        let mut checks = demands.iter().flat_map(|d| &d.checks);
        if checks.any(|(name, app)| !fulfilled(name, *app)) {
            return Some("a required status check is expected or has not passed");
        }
        let wanted = demands.iter().map(|d| d.approvals).max().unwrap_or(0);
        let by_owners = demands.iter().any(|d| d.code_owners);
        let (approvals, objections) = self.verdicts(repo, number);
        if approvals < wanted {
            return Some("at least one more approving review is required");
        }
        if objections > 0 && (wanted > 0 || by_owners) {
            return Some("changes were requested by a reviewer with write access");
        }
        if by_owners && !self.owners_approve(repo, pull, number) {
            return Some("waiting on code owner review");
        }
        if demands.iter().any(|d| d.threads) && self.has_open_threads(repo, number) {
            return Some("A conversation must be resolved before this pull request can be merged.");
        }
        let signed = demands.iter().any(|d| d.signed);
        let mut own = self.commits_of(repo, pull).into_iter();
        if signed && own.any(|commit| commit.committer != WEB_FLOW) {
            return Some("Commits must have verified signatures.");
        }
        None
    }

    /// Whether of each file with owners one of them approves. As on GitHub the file that names
    /// them is the base branch's.
    fn owners_approve(&self, repo: u64, pull: &Pull, number: u64) -> bool {
        let Ok((_, text)) = self.code_owners(repo, &pull.base_branch) else {
            return true;
        };
        let approving = self.approving(repo, number);
        let approves = |owner: &str| {
            let name = owner.trim_start_matches('@').to_lowercase();
            match self.teams.get(&name) {
                Some(members) => members
                    .iter()
                    .any(|m| approving.contains(&m.to_lowercase())),
                None => approving.contains(&name),
            }
        };
        let files = self.files_of(repo, pull);
        let mut paths = files
            .iter()
            .flat_map(|file| std::iter::once(file.path).chain(file.previous));
        paths.all(|path| {
            let owners = owners::of(text, path);
            owners.is_empty() || owners.into_iter().any(approves)
        })
    }

    /// Makes the commits, and closes it as merged.
    fn merged(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        method: &str,
    ) -> Result<String, Trouble> {
        let item = self.item(repo, number)?;
        let author = item.author.clone();
        let title = format!("{} (#{number})", item.title);
        let pull = self.pull(repo, number)?.clone();
        let base = self.repo(repo).branches.get(&pull.base_branch);
        let base = base.ok_or_else(Trouble::not_found)?.sha.clone();
        self.users.named(WEB_FLOW);
        let sha = match method {
            "squash" => self.brought(repo, &pull, &[&base], &author, &title),
            "rebase" => self.replayed(repo, &pull, &base),
            _ => {
                let message = format!("Merge pull request #{number}");
                let parents = [base.as_str(), pull.head_sha.as_str()];
                self.brought(repo, &pull, &parents, &who.login, &message)
            }
        };
        let now = self.now;
        let item = self.item_mut(repo, number)?;
        item.open = false;
        item.updated = now;
        item.closed_at = Some(now);
        item.closed_by = Some(who.login.clone());
        if let Some(pull) = &mut item.pull {
            pull.merged_at = Some(now);
            pull.merged_by = Some(who.login.clone());
            pull.merge_commit = Some(sha.clone());
            pull.merged_onto = Some(base);
        }
        self.note(repo, number, "merged", who, json!({"commit_id": sha}));
        self.note(repo, number, "closed", who, json!({}));
        self.emit_item(repo, number, "closed", who, json!({}));
        self.push(who, repo, &pull.base_branch, &sha);
        Ok(sha)
    }

    /// One commit with everything the pull request changes.
    fn brought(
        &mut self,
        repo: u64,
        pull: &Pull,
        parents: &[&str],
        author: &str,
        message: &str,
    ) -> String {
        let tree = self.commits.find(&pull.head_sha).map(|c| c.files.clone());
        let tree = tree.unwrap_or_default();
        let files = self.files_of(repo, pull).into_iter();
        let paths: BTreeSet<String> = files
            .flat_map(|file| std::iter::once(file.path).chain(file.previous))
            .map(str::to_owned)
            .collect();
        let edits: Vec<_> = paths
            .iter()
            .map(|path| (path.as_str(), tree.get(path).map(String::as_str)))
            .collect();
        let sha = self.commits.add(parents, author, self.now, message, &edits);
        self.commits
            .sign(&sha, WEB_FLOW, std::collections::BTreeMap::new());
        sha
    }

    /// Each of its commits anew, on top of the base; merges among them bring nothing of their own.
    fn replayed(&mut self, repo: u64, pull: &Pull, base: &str) -> String {
        let own = self.commits_of(repo, pull).into_iter().cloned();
        let own: Vec<_> = own.filter(|commit| commit.parents.len() < 2).collect();
        let mut tip = base.to_owned();
        for commit in own {
            let edits: Vec<_> = commit
                .changed
                .iter()
                .map(|path| (path.as_str(), commit.files.get(path).map(String::as_str)))
                .collect();
            tip = self
                .commits
                .add(&[&tip], &commit.author, self.now, &commit.message, &edits);
            self.commits.sign(&tip, WEB_FLOW, commit.moved);
        }
        tip
    }
}

/// GitHub's answer to a merge that it does not take now.
fn not_mergeable(message: &str) -> Trouble {
    Trouble::new(405, message)
}
