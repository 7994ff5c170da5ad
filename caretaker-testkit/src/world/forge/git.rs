//! Commits, trees, files and branches, as core's facts.

use caretaker_core::model::git::action::{CommitFiles, OpenPull};
use caretaker_core::model::git::answer::{
    BranchRow, Commit, Comparison, Contents, Diff, FileBody, FileChange, FileFate, TreeEntry,
    TreeKind,
};
use caretaker_core::model::git::rules::{BranchRules, Demand};
use caretaker_core::model::{Author, Branch, GitAction, GitAnswer, GitQuery, Listing, Marker};

use super::facts::sha;
use crate::world::branch::Protection;
use crate::world::commit::{self, blob_sha};
use crate::world::compare::FILES_SHOWN;
use crate::world::diff;
use crate::world::files::{COMMITS_SHOWN, Changed, WEB_FLOW};
use crate::world::proposing::Proposal;
use crate::world::state::State;
use crate::world::tree::{Entry, FILE_SHOWN, FOLDER_SHOWN, Place};
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// A question's operation and what it is about, for log and faults.
pub(super) fn name(query: &GitQuery) -> (&'static str, String) {
    match query {
        GitQuery::Diff(number) => ("diff", format!("#{number}")),
        GitQuery::Commits(number) => ("commits", format!("#{number}")),
        GitQuery::Compare { base, head } => {
            ("compare", format!(" {}...{}", base.as_str(), head.as_str()))
        }
        GitQuery::Contents { path, at } => ("contents", format!(" {path} at {}", at.as_str())),
        GitQuery::Tree(sha) => ("tree", format!("@{sha}")),
        GitQuery::Rules(branch) => ("rules", format!(":{branch}")),
        GitQuery::Branches => ("branches", String::new()),
    }
}

impl State {
    pub(super) fn git_fact(
        &self,
        us: &Who,
        repo: u64,
        query: &GitQuery,
    ) -> Result<GitAnswer, Trouble> {
        let needed = match query {
            GitQuery::Diff(_) | GitQuery::Commits(_) => "pull_requests",
            GitQuery::Compare { .. }
            | GitQuery::Contents { .. }
            | GitQuery::Tree(_)
            | GitQuery::Rules(_)
            | GitQuery::Branches => "contents",
        };
        self.may(us, repo, needed, false)?;
        Ok(match query {
            GitQuery::Diff(number) => GitAnswer::Diff(match self.diff_of(repo, number.value()) {
                Ok(text) => Diff::bounded(&text, true),
                Err(trouble) if trouble.status == 406 => Diff::bounded("", false),
                Err(trouble) => return Err(trouble),
            }),
            GitQuery::Commits(number) => {
                let commits = self.commits_of(repo, self.pull(repo, number.value())?);
                let complete = commits.len() < COMMITS_SHOWN;
                let rows = commits.into_iter().take(COMMITS_SHOWN);
                let rows = rows.map(|commit| self.commit_fact(commit)).collect();
                GitAnswer::Commits(Listing { rows, complete })
            }
            GitQuery::Compare { base, head } => {
                let base = self.named_commit(repo, base.as_str())?;
                let head = self.named_commit(repo, head.as_str())?;
                let compared = self.compared(&base, &head)?;
                let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                let rows = compared.files.iter().take(FILES_SHOWN).map(change);
                GitAnswer::Compare(Comparison {
                    base: sha(&compared.base.sha),
                    merge_base: sha(&compared.merge_base.sha),
                    ahead: small(compared.ahead.len()),
                    behind: small(compared.behind),
                    files: Listing {
                        rows: rows.collect(),
                        complete: compared.files.len() < FILES_SHOWN,
                    },
                })
            }
            GitQuery::Contents { path, at } => {
                let at = self.named_commit(repo, at.as_str())?;
                GitAnswer::Contents(contents(&self.place(&at, path)?))
            }
            GitQuery::Tree(at) => {
                let at = self.named_commit(repo, at.as_str())?;
                let (rows, complete) = self.tree_of(&at)?;
                let rows = rows.iter().map(entry).collect();
                GitAnswer::Tree(Listing { rows, complete })
            }
            GitQuery::Rules(branch) => GitAnswer::Rules(self.rules_fact(us, repo, branch)?),
            GitQuery::Branches => {
                let branches = self.repo(repo).branches.iter();
                let rows = branches.map(|(name, branch)| BranchRow {
                    name: Branch::new(name),
                    sha: sha(&branch.sha),
                    protected: branch.is_protected(),
                });
                GitAnswer::Branches(Listing::whole(rows.collect()))
            }
        })
    }

    fn rules_fact(&self, us: &Who, repo: u64, name: &Branch) -> Result<BranchRules, Trouble> {
        let known = self.repo(repo).branches.get(name.as_str());
        let branch = known.ok_or_else(Trouble::not_found)?;
        let hidden = self.repo(repo).rules_hidden;
        let ruleset = |said: fn(&Protection) -> bool| {
            (!hidden).then(|| branch.rules.as_ref().is_some_and(said))
        };
        let classic = |said: fn(&Protection) -> bool| match &branch.protection {
            None if hidden && branch.is_protected() => None,
            None => Some(false),
            Some(demand) => self.may_administer(us, repo).then(|| said(demand)),
        };
        let of = |said| Demand::of_any([ruleset(said), classic(said)]);
        let mut required = self.required_fact(repo, name.as_str());
        if let (Some(required), Some(demand)) = (&mut required, &branch.protection)
            && self.may_administer(us, repo)
        {
            required.up_to_date |= demand.strict && !demand.checks.is_empty();
            required.approvals = required.approvals.max(demand.approvals);
            required.code_owners |= demand.code_owners;
            required.dismiss_stale |= demand.dismiss_stale;
        }
        Ok(BranchRules {
            required,
            last_push_approval: of(|demand| demand.last_push),
            threads_resolved: of(|demand| demand.threads),
            linear_history: of(|demand| demand.linear),
            signatures: of(|demand| demand.signed),
            merge_queue: Demand::of_any([ruleset(|demand| demand.queue), classic(|_| false)]),
            forward_only: Demand::of_any([ruleset(|_| false), classic(|_| true)]),
            undeletable: Demand::of_any([ruleset(|_| false), classic(|_| true)]),
        })
    }

    fn commit_fact(&self, commit: &commit::Commit) -> Commit {
        let account = |login: &str| -> Option<Author> {
            let user = self.users.find(login)?;
            Some(self.author(&user.login, false, ""))
        };
        Commit {
            sha: sha(&commit.sha),
            parents: commit.parents.iter().map(|parent| sha(parent)).collect(),
            author: account(&commit.author),
            committer: account(&commit.committer),
            authored_at: commit.at,
            committed_at: commit.at,
            verified: commit.committer == WEB_FLOW,
            message: commit.message.clone(),
        }
    }
}

/// An action's operation and what it is about, for log and faults.
pub(super) fn action_name(action: &GitAction) -> (&'static str, String) {
    match action {
        GitAction::CreateBranch { branch, at } => ("create_branch", format!(":{branch} @{at}")),
        GitAction::Commit(commit) => ("commit", format!(":{}", commit.branch)),
        GitAction::OpenPull(pull) => ("open_pull", format!(":{} to :{}", pull.head, pull.base)),
        GitAction::EditPull { number, .. } => ("edit_pull", format!("#{number}")),
        GitAction::Draft { number, draft } => ("draft", format!("#{number} {draft}")),
        GitAction::DisableAutoMerge { number } => ("disable_auto_merge", format!("#{number}")),
        GitAction::UpdateBranch { number, .. } => ("update_branch", format!("#{number}")),
    }
}

impl State {
    pub(super) fn apply_git(
        &mut self,
        us: &Who,
        repo: u64,
        action: &GitAction,
    ) -> Result<(), Trouble> {
        match action {
            GitAction::CreateBranch { branch, at } => {
                let known = self.repo(repo).branches.get(branch.as_str());
                match known.map(|known| known.sha == at.as_str()) {
                    Some(true) => Ok(()),
                    Some(false) => Err(Trouble::new(422, "Reference already exists")),
                    None => self.create_branch(us, repo, branch.as_str(), at.as_str()),
                }
            }
            GitAction::Commit(commit) => self.apply_commit(us, repo, commit),
            GitAction::OpenPull(pull) => {
                if pull.key().is_none() {
                    let message = "a pull request of ours without its marker is never found again";
                    return Err(Trouble::invalid(message).violation());
                }
                if self.is_opened(repo, pull) {
                    return Ok(());
                }
                let told = Proposal {
                    title: &pull.title,
                    body: &pull.body,
                    head: pull.head.as_str(),
                    base: pull.base.as_str(),
                    draft: pull.draft,
                };
                self.propose(us, repo, &told).map(|_| ())
            }
            GitAction::EditPull {
                number,
                title,
                body,
                base,
            } => {
                let number = number.value();
                self.pull(repo, number)?;
                self.may(us, repo, "pull_requests", true)?;
                let item = self.item(repo, number)?;
                let title = title.as_deref().filter(|title| *title != item.title);
                let body = body.as_deref().filter(|body| *body != item.body);
                if title.is_some() || body.is_some() {
                    let (title, body) = (title.map(str::to_owned), body.map(str::to_owned));
                    self.edit_item(us, repo, number, title.as_deref(), body.as_deref())?;
                }
                match base {
                    Some(base) => self.retarget(us, repo, number, base.as_str()),
                    None => Ok(()),
                }
            }
            GitAction::Draft { number, draft } => {
                self.may(us, repo, "pull_requests", true)?;
                self.pull(repo, number.value())?;
                self.set_draft(us, repo, number.value(), *draft);
                Ok(())
            }
            GitAction::DisableAutoMerge { number } => {
                self.set_auto_merge(us, repo, (number.value(), false))
            }
            GitAction::UpdateBranch { number, expect } => {
                let number = number.value();
                if self.git_stands(repo, action)? {
                    return Ok(());
                }
                self.update_pull_branch(us, repo, number, Some(expect.as_str()))
            }
        }
    }

    fn apply_commit(&mut self, us: &Who, repo: u64, commit: &CommitFiles) -> Result<(), Trouble> {
        let branch = commit.branch.as_str();
        let known = self.repo(repo).branches.get(branch);
        let tip = known.ok_or_else(Trouble::not_found)?.sha.clone();
        if tip != commit.expect.as_str() {
            return if self.is_committed(repo, commit) {
                Ok(())
            } else {
                Err(Trouble::new(409, "the branch has moved"))
            };
        }
        let base = self.commits.find(&tip).map(|known| blob_sha(&known.sha));
        let entries = commit.files.iter();
        let entries = entries.map(|file| (file.path.clone(), file.text.clone()));
        let tree = self.make_tree(us, repo, base.as_deref(), entries.collect())?;
        let sha = self.make_commit(us, repo, (&tree, &[tip]), &commit.message)?;
        self.move_branch(us, repo, branch, (&sha, false))
    }

    /// Whether the branch contains a child of the expected parent that says the same.
    fn is_committed(&self, repo: u64, commit: &CommitFiles) -> bool {
        let Some(branch) = self.repo(repo).branches.get(commit.branch.as_str()) else {
            return false;
        };
        let expect = commit.expect.as_str();
        let since = self.commits.ahead(&branch.sha, expect);
        let child = since
            .into_iter()
            .find(|known| known.parents == [expect.to_owned()] && known.message == commit.message);
        child.is_some_and(|child| {
            let mut files = commit.files.iter();
            files.all(|file| child.files.get(&file.path) == file.text.as_ref())
        })
    }

    fn is_opened(&self, repo: u64, pull: &OpenPull) -> bool {
        let numbers = self.pulls_of_branch(repo, pull.head.as_str(), false);
        let mut items = numbers.into_iter().filter_map(|n| self.item(repo, n).ok());
        items.any(|item| {
            self.author(&item.author, item.via_app, &item.body) == Author::Us
                && Marker::find(&item.body) == Some(Marker::Pull)
                && Marker::key(&item.body) == pull.key()
        })
    }

    /// Whether the world is as the action wanted it.
    pub(super) fn git_stands(&self, repo: u64, action: &GitAction) -> Result<bool, Trouble> {
        match action {
            GitAction::CreateBranch { branch, at } => {
                let known = self.repo(repo).branches.get(branch.as_str());
                Ok(known.is_some_and(|known| known.sha == at.as_str()))
            }
            GitAction::Commit(commit) => Ok(self.is_committed(repo, commit)),
            GitAction::OpenPull(pull) => Ok(self.is_opened(repo, pull)),
            GitAction::EditPull {
                number,
                title,
                body,
                base,
            } => {
                let item = self.item(repo, number.value())?;
                let pull = self.pull(repo, number.value())?;
                Ok(title.as_ref().is_none_or(|title| *title == item.title)
                    && body.as_ref().is_none_or(|body| *body == item.body)
                    && base.as_ref().is_none_or(|b| b.as_str() == pull.base_branch))
            }
            GitAction::Draft { number, draft } => {
                Ok(self.pull(repo, number.value())?.draft == *draft)
            }
            GitAction::DisableAutoMerge { number } => {
                Ok(self.pull(repo, number.value())?.auto_merge.is_none())
            }
            GitAction::UpdateBranch { number, expect } => {
                let pull = self.pull(repo, number.value())?;
                if pull.head_sha != expect.as_str() {
                    let head = self.commits.find(&pull.head_sha);
                    return Ok(head.is_some_and(|head| {
                        head.parents.len() == 2 && head.parents[0] == expect.as_str()
                    }));
                }
                let base = self.repo(repo).branches.get(&pull.base_branch);
                let base = base.ok_or_else(Trouble::not_found)?;
                Ok(self.commits.ahead(&base.sha, &pull.head_sha).is_empty())
            }
        }
    }
}

fn change(file: &Changed<'_>) -> FileChange {
    let (additions, deletions) = diff::counts(file);
    FileChange {
        path: file.path.to_owned(),
        previous: file.previous.map(str::to_owned),
        how: match file.status {
            "added" => FileFate::Added,
            "removed" => FileFate::Removed,
            "renamed" => FileFate::Renamed,
            _ => FileFate::Modified,
        },
        additions,
        deletions,
    }
}

fn contents(place: &Place<'_>) -> Contents {
    match place {
        Place::File(file) => {
            let text = file.text.unwrap_or_default();
            Contents::File {
                blob: sha(&file.sha),
                size: text.len() as u64,
                body: if text.len() > FILE_SHOWN {
                    FileBody::TooLarge
                } else {
                    FileBody::of_bytes(text.as_bytes().to_vec())
                },
            }
        }
        Place::Folder(_, rows) => Contents::Folder(Listing {
            rows: rows.iter().map(entry).collect(),
            complete: rows.len() < FOLDER_SHOWN,
        }),
    }
}

fn entry(entry: &Entry<'_>) -> TreeEntry {
    TreeEntry {
        path: entry.path.clone(),
        kind: if entry.text.is_some() {
            TreeKind::File
        } else {
            TreeKind::Folder
        },
        sha: sha(&entry.sha),
        size: entry.text.map(|text| text.len() as u64),
    }
}
