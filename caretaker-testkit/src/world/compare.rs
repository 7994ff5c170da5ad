//! How far two commits have come apart.

use serde_json::{Value, json};

use super::commit::Commit;
use super::files::Changed;
use super::state::State;
use super::trouble::Trouble;

/// Files that GitHub shows of one comparison.
pub(crate) const FILES_SHOWN: usize = 300;

/// Two commits beside each other.
pub(crate) struct Compared<'a> {
    pub(crate) base: &'a Commit,
    pub(crate) merge_base: &'a Commit,
    /// What the head has and the base lacks, oldest first.
    pub(crate) ahead: Vec<&'a Commit>,
    pub(crate) behind: usize,
    pub(crate) files: Vec<Changed<'a>>,
}

impl State {
    /// The commit that a branch or hash names; 404 where there is none.
    pub(crate) fn named_commit(&self, repo: u64, name: &str) -> Result<String, Trouble> {
        self.resolve(repo, name)
            .map_err(|_unresolved| Trouble::not_found())
    }

    pub(crate) fn compared(&self, base: &str, head: &str) -> Result<Compared<'_>, Trouble> {
        let common = self.merge_base(base, head);
        let missing = || Trouble::new(404, "No common ancestor between the two commits");
        Ok(Compared {
            base: self.commits.find(base).ok_or_else(Trouble::not_found)?,
            merge_base: common.ok_or_else(missing)?,
            ahead: self.commits.ahead(head, base),
            behind: self.commits.ahead(base, head).len(),
            files: self.changes_between(base, head),
        })
    }

    /// As `GET /compare` shows it, without the commits, which are paged.
    pub(crate) fn comparison_json(&self, repo: u64, of: &Compared<'_>, head: &str) -> Value {
        let url = format!("{}/compare/{}...{head}", self.repo_url(repo), of.base.sha);
        let status = match (of.ahead.len(), of.behind) {
            (0, 0) => "identical",
            (_, 0) => "ahead",
            (0, _) => "behind",
            (_, _) => "diverged",
        };
        let files = of.files.iter().take(FILES_SHOWN);
        let files = files.map(|file| self.file_json(repo, head, file));
        json!({
            "url": url,
            "html_url": url,
            "permalink_url": url,
            "diff_url": format!("{url}.diff"),
            "patch_url": format!("{url}.patch"),
            "base_commit": self.commit_json(repo, of.base),
            "merge_base_commit": self.commit_json(repo, of.merge_base),
            "status": status,
            "ahead_by": of.ahead.len(),
            "behind_by": of.behind,
            "total_commits": of.ahead.len(),
            "files": files.collect::<Vec<_>>(),
        })
    }
}
