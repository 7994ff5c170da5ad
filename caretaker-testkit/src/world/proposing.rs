//! Opening pull requests through the API, changing them, and bringing them up to date: what GitHub
//! checks first.

use serde_json::json;

use super::files::WEB_FLOW;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// A pull request as it is asked for.
pub(crate) struct Proposal<'a> {
    pub(crate) title: &'a str,
    pub(crate) body: &'a str,
    /// A branch, or `owner:branch`.
    pub(crate) head: &'a str,
    pub(crate) base: &'a str,
    pub(crate) draft: bool,
}

impl State {
    /// Opens it, if there is none from that branch to that base and it brings something.
    pub(crate) fn propose(
        &mut self,
        who: &Who,
        repo: u64,
        told: &Proposal<'_>,
    ) -> Result<u64, Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        if told.title.trim().is_empty() {
            return Err(Trouble::invalid("title can't be blank"));
        }
        let known = self.repo(repo);
        let (owner, branch) = told
            .head
            .split_once(':')
            .unwrap_or((&known.owner, told.head));
        let source = self.repo_named(owner, &known.name);
        let source = source.ok_or_else(|| Trouble::invalid("head: invalid"))?;
        let head = self.repo(source).branches.get(branch);
        let head = head.ok_or_else(|| Trouble::invalid("head: invalid"))?;
        let base = known.branches.get(told.base);
        let base = base.ok_or_else(|| Trouble::invalid("base: invalid"))?;
        let same = |item: &&super::issue::Item| {
            item.open
                && item.pull.as_ref().is_some_and(|pull| {
                    pull.head_repo == Some(source)
                        && pull.head_branch == branch
                        && pull.base_branch == told.base
                })
        };
        if known.items.values().any(|item| same(&item)) {
            let message = format!("A pull request already exists for {owner}:{branch}.");
            return Err(Trouble::invalid(message));
        }
        if self.commits.ahead(&head.sha, &base.sha).is_empty() {
            let message = format!("No commits between {} and {branch}", told.base);
            return Err(Trouble::invalid(message));
        }
        let (branch, base) = (branch.to_owned(), told.base.to_owned());
        let opening = (base.as_str(), told.draft);
        let head = (source, branch.as_str());
        self.open_pull_into(who, repo, (told.title, told.body), head, opening)
    }

    /// Has it ask to be merged into another branch.
    pub(crate) fn retarget(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        base: &str,
    ) -> Result<(), Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        let pull = self.pull(repo, number)?;
        let old = pull.base_branch.clone();
        if old == base {
            return Ok(());
        }
        if !self.item(repo, number)?.open {
            let message = "Cannot change the base branch of a closed pull request.";
            return Err(Trouble::invalid(message));
        }
        let branch = self.repo(repo).branches.get(base);
        let branch = branch.ok_or_else(|| {
            Trouble::invalid(format!("Proposed base branch '{base}' was not found"))
        })?;
        if self.commits.ahead(&pull.head_sha, &branch.sha).is_empty() {
            let message = format!(
                "There are no new commits between base branch '{base}' and head branch '{}'",
                pull.head_branch
            );
            return Err(Trouble::invalid(message));
        }
        if let Some(pull) = self.pull_mut(repo, number) {
            base.clone_into(&mut pull.base_branch);
        }
        self.touch(repo, number);
        self.note(repo, number, "base_ref_changed", who, json!({}));
        let changes = json!({"changes": {"base": {"ref": {"from": old}}}});
        self.emit_item(repo, number, "edited", who, changes);
        Ok(())
    }

    /// Merges the base into the head.
    pub(crate) fn update_pull_branch(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        expect: Option<&str>,
    ) -> Result<(), Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        let pull = self.pull(repo, number)?.clone();
        if expect.is_some_and(|expect| expect != pull.head_sha) {
            let message = "expected head sha didn\u{2019}t match current head ref.";
            return Err(Trouble::new(422, message));
        }
        if pull.head_repo != Some(repo) {
            let message = "user doesn't have permission to update head repository";
            return Err(Trouble::new(422, message));
        }
        if pull.mergeable == Some(false) {
            return Err(Trouble::new(422, "merge conflict between base and head"));
        }
        let base = self.repo(repo).branches.get(&pull.base_branch);
        let base = base.ok_or_else(Trouble::not_found)?.sha.clone();
        if self.commits.ahead(&base, &pull.head_sha).is_empty() {
            let message = "There are no new commits on the base branch.";
            return Err(Trouble::new(422, message));
        }
        // What the base has done since the head left it.
        let theirs = self.changes_between(&pull.head_sha, &base);
        let mut edits: Vec<(String, Option<String>)> = Vec::new();
        for file in theirs {
            edits.extend(file.previous.map(|old| (old.to_owned(), None)));
            let gone = file.status == "removed";
            edits.push((file.path.to_owned(), (!gone).then(|| file.after.to_owned())));
        }
        let edits: Vec<(&str, Option<&str>)> = edits
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_deref()))
            .collect();
        let message = format!(
            "Merge branch '{}' into {}",
            pull.base_branch, pull.head_branch
        );
        let parents = [pull.head_sha.as_str(), base.as_str()];
        self.users.named(WEB_FLOW);
        let sha = self
            .commits
            .add(&parents, &who.login, self.now, &message, &edits);
        self.commits
            .sign(&sha, WEB_FLOW, std::collections::BTreeMap::new());
        self.push(who, repo, &pull.head_branch, &sha);
        Ok(())
    }
}
