//! Commits: a whole tree each, deterministic hashes, ancestry.

use std::collections::{BTreeMap, BTreeSet};

use caretaker_core::model::{Timestamp, content_hash, digest};
use serde_json::{Value, json};

use super::state::State;

/// One commit with its whole tree.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub(crate) sha: String,
    pub(crate) parents: Vec<String>,
    /// Empty where its address belongs to no account.
    pub(crate) author: String,
    /// As `author`.
    pub(crate) committer: String,
    pub(crate) at: Timestamp,
    pub(crate) message: String,
    pub(crate) files: BTreeMap<String, String>,
    /// Paths that differ from the first parent.
    pub(crate) changed: Vec<String>,
    /// Files that moved, from and to.
    pub(crate) moved: BTreeMap<String, String>,
}

/// All commits of all repositories, forks included.
#[derive(Debug, Default)]
pub(crate) struct Commits(BTreeMap<String, Commit>);

impl Commits {
    /// Adds a commit on top of `parents`, with these files written (`None` deletes).
    pub(crate) fn add(
        &mut self,
        parents: &[&str],
        author: &str,
        at: Timestamp,
        message: &str,
        edits: &[(&str, Option<&str>)],
    ) -> String {
        let mut files = parents
            .first()
            .and_then(|sha| self.0.get(*sha))
            .map(|parent| parent.files.clone())
            .unwrap_or_default();
        for (path, text) in edits {
            match text {
                Some(text) => files.insert((*path).to_owned(), (*text).to_owned()),
                None => files.remove(*path),
            };
        }
        // A commit's number keeps two equal changes apart, as their times would on GitHub.
        let number = self.0.len().to_string();
        let sha = digest(&["commit", &number, author, message])[..40].to_owned();
        let commit = Commit {
            sha: sha.clone(),
            parents: parents.iter().map(|sha| (*sha).to_owned()).collect(),
            author: author.to_owned(),
            committer: author.to_owned(),
            at,
            message: message.to_owned(),
            files,
            changed: edits.iter().map(|(path, _)| (*path).to_owned()).collect(),
            moved: BTreeMap::new(),
        };
        self.0.insert(sha.clone(), commit);
        sha
    }

    /// Says of a commit that was just added who made it and what moved in it.
    pub(crate) fn sign(&mut self, sha: &str, committer: &str, moved: BTreeMap<String, String>) {
        if let Some(commit) = self.0.get_mut(sha) {
            committer.clone_into(&mut commit.committer);
            commit.moved = moved;
        }
    }

    pub(crate) fn find(&self, sha: &str) -> Option<&Commit> {
        self.0.get(sha)
    }

    /// Whether `old` is `new` or one of its ancestors.
    pub(crate) fn contains(&self, new: &str, old: &str) -> bool {
        self.history(new).any(|commit| commit.sha == old)
    }

    /// The commit that has this tree.
    pub(crate) fn with_tree(&self, tree: &str) -> Option<&Commit> {
        self.0.values().find(|commit| blob_sha(&commit.sha) == tree)
    }

    /// The commit and its ancestors, youngest first, each once.
    pub(crate) fn history<'a>(&'a self, tip: &str) -> impl Iterator<Item = &'a Commit> {
        let mut seen = BTreeSet::new();
        let mut open = vec![tip.to_owned()];
        let mut found = Vec::new();
        while let Some(sha) = open.pop() {
            if !seen.insert(sha.clone()) {
                continue;
            }
            if let Some(commit) = self.0.get(&sha) {
                open.extend(commit.parents.iter().cloned());
                found.push(commit);
            }
        }
        found.into_iter()
    }

    /// The commits of a branch that its base lacks, oldest first.
    pub(crate) fn ahead(&self, head: &str, base: &str) -> Vec<&Commit> {
        let known: BTreeSet<_> = self.history(base).map(|c| c.sha.clone()).collect();
        let mut own: Vec<_> = self
            .history(head)
            .filter(|commit| !known.contains(&commit.sha))
            .collect();
        own.reverse();
        own
    }

    /// The commit that changed a path last, as seen from a tip.
    pub(crate) fn last_change(&self, tip: &str, path: &str) -> Vec<&Commit> {
        self.history(tip)
            .filter(|commit| {
                commit
                    .changed
                    .iter()
                    .any(|p| p == path || p.starts_with(&format!("{path}/")))
            })
            .collect()
    }
}

/// The hash git gives a file is over a header too; ours only has to be stable and 40 digits.
pub(crate) fn blob_sha(text: &str) -> String {
    content_hash(text.as_bytes())[..40].to_owned()
}

impl State {
    /// A commit as `GET /commits` shows it.
    pub(crate) fn commit_json(&self, repo: u64, commit: &Commit) -> Value {
        let url = format!("{}/commits/{}", self.repo_url(repo), commit.sha);
        json!({
            "sha": commit.sha,
            "node_id": format!("C_{}", &commit.sha[..8]),
            "commit": self.git_commit_json(commit),
            "url": url,
            "html_url": url,
            "comments_url": format!("{url}/comments"),
            "author": self.users.json(&commit.author),
            "committer": self.users.json(&commit.committer),
            "parents": commit.parents.iter()
                .map(|sha| json!({"sha": sha, "url": format!("{}/commits/{sha}", self.repo_url(repo))}))
                .collect::<Vec<_>>(),
        })
    }

    /// The part of it that git itself knows.
    pub(crate) fn git_commit_json(&self, commit: &Commit) -> Value {
        let person = |login: &str| {
            json!({
                "name": login,
                "email": format!("{login}@users.noreply.github.com"),
                "date": commit.at.to_string(),
            })
        };
        json!({
            "author": person(&commit.author),
            "committer": person(&commit.committer),
            "message": commit.message,
            "tree": {"sha": blob_sha(&commit.sha), "url": format!("{}/git/trees", self.base)},
            "url": format!("{}/git/commits/{}", self.base, commit.sha),
            "comment_count": 0,
            "verification": {
                "verified": commit.committer == super::files::WEB_FLOW,
                "reason": if commit.committer == super::files::WEB_FLOW { "valid" } else { "unsigned" },
                "signature": null,
                "payload": null,
                "verified_at": null,
            },
        })
    }

    /// The commit as `push` and `check_suite` deliveries show it.
    pub(crate) fn hook_commit_json(&self, commit: &Commit) -> Value {
        let person = json!({
            "name": commit.author,
            "email": format!("{}@users.noreply.github.com", commit.author),
            "username": commit.author,
        });
        let parent = commit
            .parents
            .first()
            .and_then(|sha| self.commits.find(sha));
        let was = |path: &String| parent.is_some_and(|p| p.files.contains_key(path));
        let is = |path: &String| commit.files.contains_key(path);
        let pick = |wanted: fn(bool, bool) -> bool| -> Vec<&String> {
            let paths = commit.changed.iter();
            paths.filter(|path| wanted(was(path), is(path))).collect()
        };
        json!({
            "id": commit.sha,
            "tree_id": blob_sha(&commit.sha),
            "distinct": true,
            "message": commit.message,
            "timestamp": commit.at.to_string(),
            "url": "",
            "author": person,
            "committer": person,
            "added": pick(|was, is| !was && is),
            "removed": pick(|was, is| was && !is),
            "modified": pick(|was, is| was && is),
        })
    }
}
