//! Commit statuses: the older form of checks, written by accounts.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// One status; a later one of the same context replaces it.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) id: u64,
    pub(crate) sha: String,
    pub(crate) context: String,
    /// `error`, `failure`, `pending`, `success`.
    pub(crate) state: String,
    pub(crate) description: Option<String>,
    pub(crate) target_url: Option<String>,
    pub(crate) creator: String,
    pub(crate) at: Timestamp,
}

/// What a status shall say.
pub(crate) struct Set<'a> {
    pub(crate) context: &'a str,
    pub(crate) state: &'a str,
    pub(crate) description: Option<&'a str>,
    pub(crate) target_url: Option<&'a str>,
}

impl State {
    /// Sets a status on a commit.
    pub(crate) fn set_status(
        &mut self,
        who: &Who,
        repo: u64,
        sha: &str,
        set: &Set<'_>,
    ) -> Result<u64, Trouble> {
        let (state, description) = (set.state, set.description);
        self.may(who, repo, "statuses", true)?;
        self.users.named(&who.login);
        if !matches!(state, "error" | "failure" | "pending" | "success") {
            return Err(Trouble::invalid(format!("state {state:?}")).violation());
        }
        if description.is_some_and(|text| text.chars().count() > 140) {
            let message = "description is too long (maximum is 140 characters)";
            return Err(Trouble::invalid(message).violation());
        }
        if self.commits.find(sha).is_none() {
            return Err(Trouble::invalid(format!("No commit found for SHA: {sha}")));
        }
        let status = Status {
            id: self.id(),
            sha: sha.to_owned(),
            context: set.context.to_owned(),
            state: state.to_owned(),
            description: description.map(str::to_owned),
            target_url: set.target_url.map(str::to_owned),
            creator: who.login.clone(),
            at: self.now,
        };
        let id = status.id;
        self.repo_mut(repo).statuses.push(status.clone());
        self.emit(repo, "status", None, &who.login, |state| {
            let mut extra = state.status_json(repo, &status);
            let commit = state.commits.find(sha).map(|c| state.commit_json(repo, c));
            let branches = state.repo(repo).branches.iter();
            let branches: Vec<_> = branches
                .filter(|(_, branch)| branch.sha == sha)
                .map(|(name, _)| json!({"name": name, "commit": {"sha": sha}, "protected": false}))
                .collect();
            let more = json!({
                "sha": sha,
                "name": state.repo(repo).full_name(),
                "commit": commit,
                "branches": branches,
            });
            super::state::merge(&mut extra, &more);
            extra
        });
        Ok(id)
    }

    /// The newest status of each context on a commit, oldest first.
    pub(crate) fn newest_statuses(&self, repo: u64, sha: &str) -> Vec<&Status> {
        let mut rows: Vec<&Status> = Vec::new();
        for status in self.repo(repo).statuses.iter().filter(|s| s.sha == sha) {
            rows.retain(|known| !known.context.eq_ignore_ascii_case(&status.context));
            rows.push(status);
        }
        rows
    }

    pub(crate) fn status_json(&self, repo: u64, status: &Status) -> Value {
        json!({
            "id": status.id,
            "node_id": format!("SC_{}", status.id),
            "url": format!("{}/statuses/{}", self.repo_url(repo), status.sha),
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
            "avatar_url": null,
            "creator": self.users.json(&status.creator),
            "created_at": status.at.to_string(),
            "updated_at": status.at.to_string(),
        })
    }
}
