//! What a pull request changes and whose commits it brings; commits with more than one edit.

use std::collections::{BTreeMap, BTreeSet};

use caretaker_core::model::CODE_OWNERS;
use serde::Deserialize;
use serde_json::{Value, json};

use super::World;
use super::act::Act;
use super::commit::Commit;
use super::diff;
use super::pull::Pull;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// Files of a pull request that GitHub shows.
pub(crate) const FILES_SHOWN: usize = 3_000;
/// Commits of a pull request that GitHub shows.
pub(crate) const COMMITS_SHOWN: usize = 250;
/// GitHub itself, as the committer of what was made on its pages.
pub(crate) const WEB_FLOW: &str = "web-flow";

/// The tree before the first commit.
static NOTHING: BTreeMap<String, String> = BTreeMap::new();

/// One commit, as a story tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Edits {
    /// New text by path; `null` deletes.
    pub files: BTreeMap<String, Option<String>>,
    /// Files that move as they are: from, to.
    pub moved: BTreeMap<String, String>,
    /// Whose change it is, by default who pushes it; empty: an address without an account.
    pub author: Option<String>,
    /// Who made the commit, by default its author; empty: an address without an account.
    pub committer: Option<String>,
}

impl Edits {
    /// One file written.
    pub fn write(path: &str, text: &str) -> Self {
        let mut edits = Self::default();
        edits.files.insert(path.to_owned(), Some(text.to_owned()));
        edits
    }

    /// And this one moved.
    #[must_use]
    pub fn moving(mut self, from: &str, to: &str) -> Self {
        self.moved.insert(from.to_owned(), to.to_owned());
        self
    }

    /// And this one deleted.
    #[must_use]
    pub fn deleting(mut self, path: &str) -> Self {
        self.files.insert(path.to_owned(), None);
        self
    }

    /// By this author; empty: an address without an account.
    #[must_use]
    pub fn by_author(mut self, login: &str) -> Self {
        self.author = Some(login.to_owned());
        self
    }

    /// Made by this committer; empty: an address without an account.
    #[must_use]
    pub fn by_committer(mut self, login: &str) -> Self {
        self.committer = Some(login.to_owned());
        self
    }
}

impl World {
    /// Pushes one commit with all of these edits to a branch, which is made if there is none; the
    /// commit.
    pub fn commit(&self, branch: &str, by: &str, edits: Edits) -> String {
        self.tell(Act::Commit {
            by: by.to_owned(),
            branch: Some(branch.to_owned()),
            edits,
        })
        .sha
    }
}

/// A file as it differs between two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Changed<'a> {
    pub(crate) path: &'a str,
    pub(crate) previous: Option<&'a str>,
    /// `added`, `modified`, `removed`, `renamed`.
    pub(crate) status: &'static str,
    /// What it said before; empty where it was not there.
    pub(crate) before: &'a str,
    /// What it says after.
    pub(crate) after: &'a str,
}

impl State {
    /// Commits as told and pushes it.
    pub(crate) fn commit_edits(
        &mut self,
        who: &Who,
        repo: u64,
        branch: &str,
        told: Edits,
    ) -> Result<String, Trouble> {
        let known = self.repo(repo);
        let from = known.branches.get(branch);
        let tip = from.unwrap_or(&known.branches[&known.default_branch]);
        let tip = tip.sha.clone();
        let tree = self.commits.find(&tip).map(|commit| commit.files.clone());
        let tree = tree.unwrap_or_default();
        let mut edits: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for (from, to) in &told.moved {
            let text = tree.get(from).ok_or_else(Trouble::not_found)?;
            edits.insert(from, None);
            edits.insert(to, Some(text));
        }
        let written = told.files.iter();
        edits.extend(written.map(|(path, text)| (path.as_str(), text.as_deref())));
        let edits: Vec<_> = edits.into_iter().collect();
        let author = told.author.unwrap_or_else(|| who.login.clone());
        let committer = told.committer.unwrap_or_else(|| author.clone());
        for login in [&author, &committer] {
            if !login.is_empty() {
                self.users.named(login);
            }
        }
        let message = format!("change {} files", edits.len());
        let sha = self
            .commits
            .add(&[&tip], &author, self.now, &message, &edits);
        self.commits.sign(&sha, &committer, told.moved);
        self.push(who, repo, branch, &sha);
        Ok(sha)
    }

    /// The base's tip as far as the pull request is concerned: that of its merge, once merged.
    fn base_of<'a>(&'a self, repo: u64, pull: &'a Pull) -> &'a str {
        let tip = self.repo(repo).branches.get(&pull.base_branch);
        let tip = pull.merged_onto.as_ref().or(tip.map(|branch| &branch.sha));
        tip.map(String::as_str).unwrap_or_default()
    }

    /// The commits that a pull request brings, oldest first.
    pub(crate) fn commits_of<'a>(&'a self, repo: u64, pull: &'a Pull) -> Vec<&'a Commit> {
        self.commits.ahead(&pull.head_sha, self.base_of(repo, pull))
    }

    /// The files that a pull request changes since it left its base, by path.
    pub(crate) fn files_of<'a>(&'a self, repo: u64, pull: &'a Pull) -> Vec<Changed<'a>> {
        self.changes_between(self.base_of(repo, pull), &pull.head_sha)
    }

    /// The youngest commit that two have in common.
    pub(crate) fn merge_base(&self, base: &str, head: &str) -> Option<&Commit> {
        let known: BTreeSet<&str> = self.commits.history(base).map(|c| c.sha.as_str()).collect();
        let mut history = self.commits.history(head);
        history.find(|commit| known.contains(commit.sha.as_str()))
    }

    /// The files that a head changes since it left a base, by path.
    pub(crate) fn changes_between<'a>(&'a self, base: &str, head: &str) -> Vec<Changed<'a>> {
        let left = self.merge_base(base, head);
        let before = left.map_or(&NOTHING, |commit| &commit.files);
        let after = self.commits.find(head);
        let after = after.map_or(&NOTHING, |commit| &commit.files);
        let mut moved: BTreeMap<&str, &str> = BTreeMap::new();
        for commit in self.commits.ahead(head, base) {
            for (from, to) in &commit.moved {
                let origin = moved.remove(from.as_str()).unwrap_or(from);
                moved.insert(to, origin);
            }
        }
        moved.retain(|to, from| {
            before.contains_key(*from)
                && !after.contains_key(*from)
                && after.contains_key(*to)
                && !before.contains_key(*to)
        });
        let origins: BTreeSet<&str> = moved.values().copied().collect();
        let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let row = |path: &'a String| {
            let status = match (before.get(path), after.get(path)) {
                (None, None) => return None,
                (None, Some(_)) if moved.contains_key(path.as_str()) => "renamed",
                (None, Some(_)) => "added",
                (Some(_), None) if origins.contains(path.as_str()) => return None,
                (Some(_), None) => "removed",
                (Some(old), Some(new)) if old == new => return None,
                (Some(_), Some(_)) => "modified",
            };
            let previous = moved.get(path.as_str()).copied();
            let text = |tree: &'a BTreeMap<String, String>, path: &str| {
                tree.get(path).map(String::as_str).unwrap_or_default()
            };
            Some(Changed {
                path,
                previous,
                status,
                before: text(before, previous.unwrap_or(path)),
                after: text(after, path),
            })
        };
        paths.into_iter().filter_map(row).collect()
    }

    /// As `GET /pulls/{number}/files` shows it.
    pub(crate) fn file_json(&self, repo: u64, head: &str, file: &Changed<'_>) -> Value {
        let place = file.path.replace(' ', "%20");
        let (additions, deletions) = diff::counts(file);
        let url = self.repo_url(repo);
        let mut json = json!({
            "sha": super::commit::blob_sha(file.after),
            "filename": file.path,
            "status": file.status,
            "additions": additions,
            "deletions": deletions,
            "changes": additions + deletions,
            "blob_url": format!("{url}/blob/{head}/{place}"),
            "raw_url": format!("{url}/raw/{head}/{place}"),
            "contents_url": format!("{url}/contents/{place}?ref={head}"),
        });
        if let Some(patch) = diff::patch(file) {
            json["patch"] = json!(patch);
        }
        if let Some(previous) = file.previous {
            json["previous_filename"] = json!(previous);
        }
        json
    }

    /// The commit that a branch points to.
    pub(crate) fn tip(&self, repo: u64, branch: &str) -> Result<&Commit, Trouble> {
        let branch = self.repo(repo).branches.get(branch);
        let commit = branch.and_then(|branch| self.commits.find(&branch.sha));
        commit.ok_or_else(Trouble::not_found)
    }

    /// The file that names code owners on a branch: path and text. A branch that is gone is no
    /// branch without such a file.
    pub(crate) fn code_owners(
        &self,
        repo: u64,
        branch: &str,
    ) -> Result<(&'static str, &str), Trouble> {
        let gone = |_| Trouble::new(412, "The branch is gone");
        let files = &self.tip(repo, branch).map_err(gone)?.files;
        let mut places = CODE_OWNERS.iter();
        let found = places.find_map(|path| Some((*path, files.get(*path)?.as_str())));
        found.ok_or_else(Trouble::not_found)
    }
}
