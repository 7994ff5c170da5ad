//! Commits, trees, files and branches, as core's facts.

use caretaker_core::model::git::answer::{
    BranchRow, Commit, Comparison, Contents, Diff, FileBody, FileChange, FileFate, TreeEntry,
    TreeKind,
};
use caretaker_core::model::{Author, Branch, GitAnswer, GitQuery, Listing};

use super::facts::sha;
use crate::world::commit;
use crate::world::compare::FILES_SHOWN;
use crate::world::diff;
use crate::world::files::{COMMITS_SHOWN, Changed, WEB_FLOW};
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
