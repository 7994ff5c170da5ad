//! Pull requests: what they have beyond items, and what stands against merging them.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::merging::BEHIND;
use super::state::{State, merge};
use super::trouble::Trouble;
use super::who::Who;

/// What only a pull request has.
#[derive(Clone, Debug)]
pub(crate) struct Pull {
    pub(crate) draft: bool,
    pub(crate) head_branch: String,
    /// Repository of the head; `None` when it was deleted.
    pub(crate) head_repo: Option<u64>,
    pub(crate) head_owner: String,
    pub(crate) head_sha: String,
    pub(crate) base_branch: String,
    pub(crate) merged_at: Option<Timestamp>,
    pub(crate) merged_by: Option<String>,
    pub(crate) merge_commit: Option<String>,
    /// Tip of the base right before it was merged.
    pub(crate) merged_onto: Option<String>,
    /// `None` while GitHub computes it.
    pub(crate) mergeable: Option<bool>,
    /// What the story says instead of what follows from the state.
    pub(crate) merge_state: Option<String>,
    /// Whether it waits in the merge queue.
    pub(crate) queued: bool,
    /// Who has it merge by itself.
    pub(crate) auto_merge: Option<String>,
    /// Accounts that were asked for a review and have not given it.
    pub(crate) reviewers: Vec<String>,
    /// Teams, by their short name.
    pub(crate) review_teams: Vec<String>,
}

impl State {
    /// Opens a pull request from an existing branch of `head_repo` to the default branch.
    pub(crate) fn open_pull(
        &mut self,
        who: &Who,
        repo: u64,
        title: &str,
        body: &str,
        head: (u64, &str),
    ) -> Result<u64, Trouble> {
        let base = self.repo(repo).default_branch.clone();
        self.open_pull_into(who, repo, (title, body), head, (&base, false))
    }

    /// Opens a pull request from an existing branch of `head_repo` to a branch, maybe as a draft.
    pub(crate) fn open_pull_into(
        &mut self,
        who: &Who,
        repo: u64,
        (title, body): (&str, &str),
        head: (u64, &str),
        (base, draft): (&str, bool),
    ) -> Result<u64, Trouble> {
        let base_branch = base.to_owned();
        let (head_repo, head_branch) = head;
        let source = self.repo(head_repo);
        let Some(branch) = source.branches.get(head_branch) else {
            return Err(Trouble::invalid("head: invalid"));
        };
        let head_sha = branch.sha.clone();
        let pull = Pull {
            draft,
            head_branch: head_branch.to_owned(),
            head_repo: Some(head_repo),
            head_owner: source.owner.clone(),
            head_sha: head_sha.clone(),
            base_branch: base_branch.clone(),
            merged_at: None,
            merged_by: None,
            merge_commit: None,
            merged_onto: None,
            mergeable: Some(true),
            merge_state: None,
            queued: false,
            auto_merge: None,
            reviewers: Vec::new(),
            review_teams: Vec::new(),
        };
        let number = self.add_item(who, repo, title, body, Some(pull));
        let base = self.repo(repo).branches[&base_branch].sha.clone();
        self.note_commits(repo, number, &head_sha, &base);
        self.emit_item(repo, number, "opened", who, json!({}));
        Ok(number)
    }

    fn note_commits(&mut self, repo: u64, number: u64, head: &str, since: &str) {
        let fresh = self.commits.ahead(head, since);
        let rows: Vec<_> = fresh
            .iter()
            .map(|c| (c.sha.clone(), c.author.clone()))
            .collect();
        for (sha, author) in rows {
            let who = Who::story(if author.is_empty() { "ghost" } else { &author });
            self.note(repo, number, "committed", &who, json!({"sha": sha}));
        }
    }

    /// Open (or all) pull requests of `repo` that come from a branch of `repo`.
    pub(crate) fn pulls_of_branch(&self, repo: u64, branch: &str, open_only: bool) -> Vec<u64> {
        self.pulls_from(repo, repo, branch, open_only)
    }

    fn pulls_from(&self, repo: u64, head_repo: u64, branch: &str, open_only: bool) -> Vec<u64> {
        let items = self.repo(repo).items.values();
        let from = |pull: &Pull| pull.head_repo == Some(head_repo) && pull.head_branch == branch;
        items
            .filter(|item| item.open || !open_only)
            .filter(|item| item.pull.as_ref().is_some_and(from))
            .map(|item| item.number)
            .collect()
    }

    /// Open pull requests whose head is this commit.
    pub(crate) fn pulls_of_commit(&self, repo: u64, sha: &str) -> Vec<u64> {
        let items = self.repo(repo).items.values();
        items
            .filter(|item| item.open)
            .filter(|item| item.pull.as_ref().is_some_and(|p| p.head_sha == sha))
            .map(|item| item.number)
            .collect()
    }

    /// A branch of `source` moved: the pull requests it feeds follow.
    pub(crate) fn head_moved(
        &mut self,
        who: &Who,
        source: u64,
        branch: &str,
        before: &str,
        sha: &str,
    ) {
        let targets: Vec<u64> = self.repos.keys().copied().collect();
        for repo in targets {
            for number in self.pulls_from(repo, source, branch, true) {
                self.pull_pushed(who, repo, number, before, sha);
            }
        }
    }

    fn pull_pushed(&mut self, who: &Who, repo: u64, number: u64, before: &str, sha: &str) {
        let Some(pull) = self.pull_mut(repo, number) else {
            return;
        };
        sha.clone_into(&mut pull.head_sha);
        // What is pushed to falls out of the queue.
        pull.queued = false;
        let base = pull.base_branch.clone();
        self.note_commits(repo, number, sha, before);
        self.touch(repo, number);
        let extra = json!({"before": before, "after": sha});
        self.emit_item(repo, number, "synchronize", who, extra);
        let branch = self.repo(repo).branches.get(&base);
        if branch.is_some_and(|b| b.demands().any(|d| d.dismiss_stale)) {
            self.dismiss_approvals(who, repo, number);
        }
    }

    /// What only a pull request has, for a change.
    pub(crate) fn pull_mut(&mut self, repo: u64, number: u64) -> Option<&mut Pull> {
        self.item_mut(repo, number).ok()?.pull.as_mut()
    }

    /// Makes it a draft, or ready for review.
    pub(crate) fn set_draft(&mut self, who: &Who, repo: u64, number: u64, draft: bool) {
        let Some(pull) = self.pull_mut(repo, number) else {
            return;
        };
        if std::mem::replace(&mut pull.draft, draft) == draft {
            return;
        }
        self.touch(repo, number);
        let (happening, action) = if draft {
            ("convert_to_draft", "converted_to_draft")
        } else {
            ("ready_for_review", "ready_for_review")
        };
        self.note(repo, number, happening, who, json!({}));
        self.emit_item(repo, number, action, who, json!({}));
    }

    /// Asks somebody for a review.
    pub(crate) fn request_review(&mut self, who: &Who, repo: u64, number: u64, login: &str) {
        let reviewer = self.users.named(login).json();
        let Some(pull) = self.pull_mut(repo, number) else {
            return;
        };
        pull.reviewers.push(login.to_owned());
        self.touch(repo, number);
        let extra = json!({"requested_reviewer": reviewer});
        self.note(repo, number, "review_requested", who, extra.clone());
        self.emit_item(repo, number, "review_requested", who, extra);
    }

    /// GitHub's `mergeable_state`.
    pub(crate) fn merge_state(&self, repo: u64, pull: &Pull, number: u64) -> String {
        if let Some(told) = &pull.merge_state {
            return told.clone();
        }
        let against = self.protection_against(repo, pull, number);
        let reports = self.reports(repo, &pull.head_sha);
        let word = match pull.mergeable {
            _ if pull.draft => "draft",
            None => "unknown",
            Some(false) => "dirty",
            Some(true) if against == Some(BEHIND) => "behind",
            Some(true) if against.is_some() => "blocked",
            Some(true) if reports.iter().any(|r| !r.passes) => "unstable",
            Some(true) => "clean",
        };
        word.to_owned()
    }

    /// As the pull request routes show it; lists leave out what `full` adds.
    pub(crate) fn pull_json(&self, repo: u64, number: u64, full: bool) -> Value {
        let Ok(item) = self.item(repo, number) else {
            return Value::Null;
        };
        let Some(pull) = &item.pull else {
            return Value::Null;
        };
        let url = format!("{}/pulls/{number}", self.repo_url(repo));
        let known = self.repo(repo);
        let base_sha = known.branches.get(&pull.base_branch).map(|b| &b.sha);
        let mut json = self.issue_json(repo, number);
        if let Some(fields) = json.as_object_mut() {
            for only_issue in [
                "pull_request",
                "repository_url",
                "labels_url",
                "comments",
                "closed_by",
                "state_reason",
                "performed_via_github_app",
                "events_url",
            ] {
                fields.remove(only_issue);
            }
        }
        let reviewers = pull.reviewers.iter().map(|r| self.users.json(r));
        let head_repo = pull.head_repo.map(|id| self.repo_json(id));
        let more = json!({
            "url": url,
            "node_id": format!("PR_{}", item.id),
            "issue_url": format!("{}/issues/{number}", self.repo_url(repo)),
            "draft": pull.draft,
            "merged_at": pull.merged_at.map(|at| at.to_string()),
            "merge_commit_sha": pull.merge_commit,
            "requested_reviewers": reviewers.collect::<Vec<_>>(),
            "requested_teams": self.teams_json(&known.owner, &pull.review_teams),
            "auto_merge": self.auto_merge_json(pull.auto_merge.as_ref()),
            "head": {
                "label": format!("{}:{}", pull.head_owner, pull.head_branch),
                "ref": pull.head_branch,
                "sha": pull.head_sha,
                "user": self.users.json(&pull.head_owner),
                "repo": head_repo,
            },
            "base": {
                "label": format!("{}:{}", known.owner, pull.base_branch),
                "ref": pull.base_branch,
                "sha": base_sha,
                "user": self.users.json(&known.owner),
                "repo": self.repo_json(repo),
            },
            "_links": {"self": {"href": url}},
        });
        merge(&mut json, &more);
        if full {
            let ahead = self.commits_of(repo, pull);
            let comments = self.comments_of(repo, number).len();
            let files = self.files_of(repo, pull);
            let counts = super::diff::counts_of(&files);
            let more = json!({
                "merged": pull.merged_at.is_some(),
                "mergeable": pull.mergeable,
                "rebaseable": pull.mergeable,
                "mergeable_state": self.merge_state(repo, pull, number),
                "merged_by": pull.merged_by.as_ref().map(|login| self.users.json(login)),
                "comments": comments,
                "review_comments": self.remarks_of(repo, number).len(),
                "maintainer_can_modify": false,
                "commits": ahead.len(),
                "additions": counts.0,
                "deletions": counts.1,
                "changed_files": files.len(),
            });
            merge(&mut json, &more);
        }
        json
    }
}
