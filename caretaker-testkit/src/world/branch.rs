//! Branches, their protection, and pushes.

use serde_json::{Value, json};

use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// A branch of one repository.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) sha: String,
    /// Classic protection.
    pub(crate) protection: Option<Protection>,
    /// What rulesets demand of it.
    pub(crate) rules: Option<Protection>,
}

/// What a branch demands before it takes a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "rules as GitHub has them, each on its own"
)]
pub struct Protection {
    /// Checks that must pass: name, and the App's number where only its result counts.
    #[serde(deserialize_with = "names_or_pairs")]
    pub checks: Vec<(String, Option<u64>)>,
    /// Whether the head must contain the base's tip.
    pub strict: bool,
    /// Approvals demanded.
    pub approvals: u32,
    /// Whether code owners must approve.
    pub code_owners: bool,
    /// Whether a push dismisses approvals.
    pub dismiss_stale: bool,
    /// Whether somebody other than who pushed last must approve.
    pub last_push: bool,
    /// Whether every review thread must be resolved.
    pub threads: bool,
    /// Whether merge commits are refused.
    pub linear: bool,
    /// Whether each commit must be signed.
    pub signed: bool,
    /// Whether changes go in through the merge queue only.
    pub queue: bool,
}

/// In files a check is its name, or `[name, app number]`.
fn names_or_pairs<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Vec<(String, Option<u64>)>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Check {
        Name(String),
        Of(String, u64),
    }
    let rows: Vec<Check> = serde::Deserialize::deserialize(from)?;
    let pair = |row| match row {
        Check::Name(name) => (name, None),
        Check::Of(name, app) => (name, Some(app)),
    };
    Ok(rows.into_iter().map(pair).collect())
}

impl Protection {
    /// Demands these checks, whoever reports them.
    pub fn checks(names: &[&str]) -> Self {
        Self {
            checks: names.iter().map(|n| ((*n).to_owned(), None)).collect(),
            ..Self::default()
        }
    }
}

impl Branch {
    pub(crate) fn at(sha: &str) -> Self {
        Self {
            sha: sha.to_owned(),
            protection: None,
            rules: None,
        }
    }

    pub(crate) fn is_protected(&self) -> bool {
        self.protection.is_some() || self.rules.is_some()
    }

    /// Protection and rulesets, each where set.
    pub(crate) fn demands(&self) -> impl Iterator<Item = &Protection> {
        self.protection.iter().chain(self.rules.iter())
    }
}

impl State {
    /// Moves a branch to a commit, as `git push` does, and tells everybody.
    pub(crate) fn push(&mut self, who: &Who, repo: u64, branch: &str, sha: &str) {
        let zero = "0".repeat(40);
        let entry = self.repo_mut(repo).branches.entry(branch.to_owned());
        let mut before = zero.clone();
        entry
            .and_modify(|known| before = std::mem::replace(&mut known.sha, sha.to_owned()))
            .or_insert_with(|| Branch::at(sha));
        let forced = before != zero && !self.commits.contains(sha, &before);
        self.repo_mut(repo).pushed_at = self.now;
        self.emit(repo, "push", None, &who.login, |state| {
            let fresh = if before == zero {
                state.commits.find(sha).into_iter().collect()
            } else {
                state.commits.ahead(sha, &before)
            };
            let commits: Vec<_> = fresh.iter().map(|c| state.hook_commit_json(c)).collect();
            let head = state.commits.find(sha);
            json!({
                "ref": format!("refs/heads/{branch}"),
                "before": before,
                "after": sha,
                "created": before == zero,
                "deleted": false,
                "forced": forced,
                "base_ref": null,
                "compare": format!("{}/compare", state.repo_url(repo)),
                "commits": commits,
                "head_commit": head.map(|c| state.hook_commit_json(c)),
                "pusher": {"name": who.login, "email": ""},
            })
        });
        self.open_suites(who, repo, branch, sha);
        self.head_moved(who, repo, branch, &before, sha);
    }

    /// Deletes a branch.
    pub(crate) fn delete_branch(
        &mut self,
        who: &Who,
        repo: u64,
        branch: &str,
    ) -> Result<(), Trouble> {
        self.may(who, repo, "contents", true)?;
        let known = self.repo(repo);
        if known.default_branch == branch {
            return Err(Trouble::invalid("Cannot delete the default branch"));
        }
        let Some(tip) = known.branches.get(branch).cloned() else {
            return Err(Trouble::invalid("Reference does not exist"));
        };
        if tip.is_protected() {
            return Err(Trouble::invalid("Cannot delete a protected branch"));
        }
        self.repo_mut(repo).branches.remove(branch);
        for number in self.pulls_of_branch(repo, branch, false) {
            self.note(repo, number, "head_ref_deleted", who, json!({}));
        }
        self.emit(
            repo,
            "delete",
            None,
            &who.login,
            |_| json!({"ref": branch, "ref_type": "branch", "pusher_type": "user"}),
        );
        self.emit(repo, "push", None, &who.login, |state| {
            json!({
                "ref": format!("refs/heads/{branch}"),
                "before": tip.sha,
                "after": "0".repeat(40),
                "created": false,
                "deleted": true,
                "forced": false,
                "base_ref": null,
                "compare": format!("{}/compare", state.repo_url(repo)),
                "commits": [],
                "head_commit": null,
                "pusher": {"name": who.login, "email": ""},
            })
        });
        Ok(())
    }

    /// A branch as `GET /branches/{b}` shows it: the protection summary is there without
    /// admin rights, rulesets only make `protected` true.
    pub(crate) fn branch_json(&self, repo: u64, name: &str) -> Option<Value> {
        let branch = self.repo(repo).branches.get(name)?;
        let commit = self.commits.find(&branch.sha)?;
        let url = format!("{}/branches/{name}", self.repo_url(repo));
        let checks = branch
            .protection
            .as_ref()
            .map(|p| &p.checks[..])
            .unwrap_or_default();
        let level = match (&branch.protection, checks.is_empty()) {
            (Some(_), false) => "everyone",
            (_, true) | (None, false) => "off",
        };
        Some(json!({
            "name": name,
            "commit": self.commit_json(repo, commit),
            "_links": {"self": url, "html": url},
            "protected": branch.is_protected(),
            "protection": {
                "enabled": branch.protection.is_some(),
                "required_status_checks": {
                    "enforcement_level": level,
                    "contexts": checks.iter().map(|(name, _)| name).collect::<Vec<_>>(),
                    "checks": checks.iter()
                        .map(|(name, app)| json!({"context": name, "app_id": app}))
                        .collect::<Vec<_>>(),
                },
            },
            "protection_url": format!("{url}/protection"),
        }))
    }

    /// The rules that hold for a branch, as `GET /rules/branches/{b}` lists them.
    pub(crate) fn rules_json(&self, repo: u64, name: &str) -> Vec<Value> {
        let branch = self.repo(repo).branches.get(name);
        let Some(rules) = branch.and_then(|b| b.rules.as_ref()) else {
            return Vec::new();
        };
        let source = json!({
            "ruleset_source_type": "Repository",
            "ruleset_source": self.repo(repo).full_name(),
            "ruleset_id": 42,
        });
        let mut rows = Vec::new();
        if !rules.checks.is_empty() {
            rows.push(json!({
                "type": "required_status_checks",
                "parameters": {
                    "strict_required_status_checks_policy": rules.strict,
                    "do_not_enforce_on_create": false,
                    "required_status_checks": rules.checks.iter().map(|(name, app)| {
                        app.map_or_else(
                            || json!({"context": name}),
                            |app| json!({"context": name, "integration_id": app}),
                        )
                    }).collect::<Vec<_>>(),
                },
            }));
        }
        for (demanded, kind) in [
            (rules.linear, "required_linear_history"),
            (rules.signed, "required_signatures"),
        ] {
            rows.extend(demanded.then(|| json!({"type": kind})));
        }
        if rules.queue {
            rows.push(json!({
                "type": "merge_queue",
                "parameters": {
                    "check_response_timeout_minutes": 60,
                    "grouping_strategy": "ALLGREEN",
                    "max_entries_to_build": 5,
                    "max_entries_to_merge": 5,
                    "merge_method": "MERGE",
                    "min_entries_to_merge": 1,
                    "min_entries_to_merge_wait_minutes": 5,
                },
            }));
        }
        if rules.approvals > 0 || rules.code_owners || rules.threads || rules.last_push {
            rows.push(json!({
                "type": "pull_request",
                "parameters": {
                    "required_approving_review_count": rules.approvals,
                    "require_code_owner_review": rules.code_owners,
                    "dismiss_stale_reviews_on_push": rules.dismiss_stale,
                    "require_last_push_approval": rules.last_push,
                    "required_review_thread_resolution": rules.threads,
                },
            }));
        }
        for row in &mut rows {
            super::state::merge(row, &source);
        }
        rows
    }

    /// Classic protection as administrators see it.
    pub(crate) fn protection_json(&self, repo: u64, name: &str) -> Option<Value> {
        let branch = self.repo(repo).branches.get(name)?;
        let demand = branch.protection.as_ref()?;
        let url = format!("{}/branches/{name}/protection", self.repo_url(repo));
        let switch = |enabled: bool| json!({"enabled": enabled});
        let mut json = json!({
            "url": url,
            "required_signatures": {
                "url": format!("{url}/required_signatures"),
                "enabled": demand.signed,
            },
            "enforce_admins": {"url": format!("{url}/enforce_admins"), "enabled": false},
            "required_linear_history": switch(demand.linear),
            "allow_force_pushes": switch(false),
            "allow_deletions": switch(false),
            "block_creations": switch(false),
            "required_conversation_resolution": switch(demand.threads),
            "lock_branch": switch(false),
            "allow_fork_syncing": switch(false),
        });
        if !demand.checks.is_empty() {
            let checks = demand.checks.iter();
            let checks = checks.map(|(name, app)| json!({"context": name, "app_id": app}));
            json["required_status_checks"] = json!({
                "url": format!("{url}/required_status_checks"),
                "strict": demand.strict,
                "contexts": demand.checks.iter().map(|(name, _)| name).collect::<Vec<_>>(),
                "contexts_url": format!("{url}/required_status_checks/contexts"),
                "checks": checks.collect::<Vec<_>>(),
            });
        }
        if demand.approvals > 0 || demand.code_owners || demand.last_push {
            json["required_pull_request_reviews"] = json!({
                "url": format!("{url}/required_pull_request_reviews"),
                "dismiss_stale_reviews": demand.dismiss_stale,
                "require_code_owner_reviews": demand.code_owners,
                "required_approving_review_count": demand.approvals,
                "require_last_push_approval": demand.last_push,
            });
        }
        Some(json)
    }
}
