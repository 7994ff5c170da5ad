//! Repositories: settings, people with access, and the containers of everything in them.

use std::collections::BTreeMap;

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::alert::Alerts;
use super::branch::Branch;
use super::check::{Run, Suite};
use super::ci::Ci;
use super::comment::Comment;
use super::event::Happening;
use super::issue::Item;
use super::label::LabelDef;
use super::milestone::Milestone;
use super::release::{MergeSettings, Releases};
use super::remark::Remark;
use super::review::Review;
use super::state::State;
use super::status::Status;
use super::who::Who;

/// One repository.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings as GitHub has them, each on its own"
)]
pub(crate) struct Repo {
    pub(crate) id: u64,
    pub(crate) owner: String,
    pub(crate) name: String,
    /// Full names it bore before, in lower case; GitHub sends on from them.
    pub(crate) names_before: Vec<String>,
    pub(crate) default_branch: String,
    pub(crate) private: bool,
    pub(crate) archived: bool,
    pub(crate) fork: bool,
    /// Whether it does not exist as far as any of our credentials is concerned.
    pub(crate) hidden: bool,
    /// Whether nobody of us can learn what branches demand.
    pub(crate) rules_hidden: bool,
    /// Whether our App is installed on it.
    pub(crate) installed: bool,
    /// No issue or pull request gets a lower number from now on.
    pub(crate) first_free: u64,
    pub(crate) created: Timestamp,
    pub(crate) pushed_at: Timestamp,
    /// Role by login, in lower case, as GitHub spells roles.
    pub(crate) people: BTreeMap<String, String>,
    pub(crate) branches: BTreeMap<String, Branch>,
    pub(crate) items: BTreeMap<u64, Item>,
    pub(crate) comments: BTreeMap<u64, Comment>,
    pub(crate) reviews: BTreeMap<u64, Review>,
    pub(crate) remarks: BTreeMap<u64, Remark>,
    pub(crate) labels: BTreeMap<String, LabelDef>,
    pub(crate) milestones: BTreeMap<u64, Milestone>,
    pub(crate) releases: Releases,
    pub(crate) merging: MergeSettings,
    pub(crate) alerts: Alerts,
    pub(crate) runs: BTreeMap<u64, Run>,
    pub(crate) suites: BTreeMap<u64, Suite>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) ci: Ci,
    pub(crate) happenings: Vec<Happening>,
}

impl Repo {
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Whether the account may push.
    pub(crate) fn may_write(&self, login: &str) -> bool {
        let role = self.people.get(&login.to_lowercase()).map(String::as_str);
        self.owner.eq_ignore_ascii_case(login)
            || matches!(role, Some("write" | "maintain" | "admin"))
    }

    /// GitHub's `author_association`.
    pub(crate) fn association(&self, login: &str) -> &'static str {
        if self.owner.eq_ignore_ascii_case(login) {
            return "OWNER";
        }
        if self.people.contains_key(&login.to_lowercase()) {
            return "COLLABORATOR";
        }
        let merged = |item: &Item| {
            item.author.eq_ignore_ascii_case(login)
                && item.pull.as_ref().is_some_and(|p| p.merged_at.is_some())
        };
        if self.items.values().any(merged) {
            "CONTRIBUTOR"
        } else {
            "NONE"
        }
    }

    /// The number of the next issue or pull request.
    pub(crate) fn next_number(&self) -> u64 {
        let next = self.items.keys().next_back().map_or(1, |last| last + 1);
        next.max(self.first_free)
    }
}

impl State {
    /// Gives a repository that was just made another number.
    pub(crate) fn renumber_repo(&mut self, from: u64, to: u64) -> Result<u64, String> {
        if from != to && self.repos.contains_key(&to) {
            return Err(format!(
                "there is a repository with the number {to} already"
            ));
        }
        let mut repo = self
            .repos
            .remove(&from)
            .ok_or("there is no such repository")?;
        repo.id = to;
        self.repos.insert(to, repo);
        Ok(to)
    }

    /// Makes a repository with one commit on its default branch.
    pub(crate) fn create_repo(&mut self, owner: &str, name: &str, default_branch: &str) -> u64 {
        let id = self.repos.keys().next_back().map_or(1, |last| last + 1);
        self.users.named(owner);
        let readme = format!("# {name}\n");
        let sha = self.commits.add(
            &[],
            owner,
            self.now,
            "first commit",
            &[("README.md", Some(&readme))],
        );
        let branch = Branch::at(&sha);
        let repo = Repo {
            id,
            owner: owner.to_owned(),
            name: name.to_owned(),
            names_before: Vec::new(),
            first_free: 1,
            default_branch: default_branch.to_owned(),
            private: false,
            archived: false,
            fork: false,
            hidden: false,
            rules_hidden: false,
            installed: true,
            created: self.now,
            pushed_at: self.now,
            people: BTreeMap::new(),
            branches: BTreeMap::from([(default_branch.to_owned(), branch)]),
            items: BTreeMap::new(),
            comments: BTreeMap::new(),
            reviews: BTreeMap::new(),
            remarks: BTreeMap::new(),
            labels: BTreeMap::new(),
            milestones: BTreeMap::new(),
            releases: Releases::default(),
            merging: MergeSettings::default(),
            alerts: Alerts::default(),
            runs: BTreeMap::new(),
            suites: BTreeMap::new(),
            statuses: Vec::new(),
            ci: Ci::default(),
            happenings: Vec::new(),
        };
        self.repos.insert(id, repo);
        id
    }

    /// Writes files on a branch in one commit and pushes it. `None` deletes a file.
    pub(crate) fn commit_files(
        &mut self,
        who: &Who,
        repo: u64,
        branch: &str,
        message: &str,
        edits: &[(&str, Option<&str>)],
    ) -> String {
        let known = self.repo(repo);
        let tip = known
            .branches
            .get(branch)
            .or_else(|| known.branches.get(&known.default_branch))
            .map(|b| b.sha.clone());
        let parents: Vec<&str> = tip.iter().map(String::as_str).collect();
        let sha = self
            .commits
            .add(&parents, &who.login, self.now, message, edits);
        self.push(who, repo, branch, &sha);
        sha
    }

    /// Gives a repository another name or owner; its number stays.
    pub(crate) fn rename_repo(&mut self, who: &Who, repo: u64, name: &str) {
        let known = self.repo_mut(repo);
        known.names_before.push(known.full_name().to_lowercase());
        let old = std::mem::replace(&mut known.name, name.to_owned());
        self.emit(
            repo,
            "repository",
            Some("renamed"),
            &who.login,
            |_| json!({"changes": {"repository": {"name": {"from": old}}}}),
        );
    }

    /// Makes it read-only, or lets it live again.
    pub(crate) fn archive_repo(&mut self, who: &Who, repo: u64, archived: bool) {
        self.repo_mut(repo).archived = archived;
        let action = if archived { "archived" } else { "unarchived" };
        self.emit(repo, "repository", Some(action), &who.login, |_| json!({}));
    }

    /// Adds it to our App's installation, or takes it out.
    pub(crate) fn install_repo(&mut self, who: &Who, repo: u64, installed: bool) {
        self.repo_mut(repo).installed = installed;
        let known = self.repo(repo);
        let row = json!([{
            "id": repo,
            "node_id": format!("R_{repo}"),
            "name": known.name,
            "full_name": known.full_name(),
            "private": known.private,
        }]);
        let (action, added, removed) = if installed {
            ("added", row, json!([]))
        } else {
            ("removed", json!([]), row)
        };
        self.emit_installation(
            "installation_repositories",
            action,
            &who.login,
            &json!({
                "repository_selection": "selected",
                "repositories_added": added,
                "repositories_removed": removed,
                "requester": null,
            }),
        );
    }

    /// As GitHub shows a repository.
    pub(crate) fn repo_json(&self, id: u64) -> Value {
        let repo = self.repo(id);
        let url = self.repo_url(id);
        json!({
            "id": id,
            "node_id": format!("R_{id}"),
            "name": repo.name,
            "full_name": repo.full_name(),
            "private": repo.private,
            "owner": self.users.json(&repo.owner),
            "html_url": format!("https://github.com/{}", repo.full_name()),
            "description": null,
            "fork": repo.fork,
            "url": url,
            "created_at": repo.created.to_string(),
            "updated_at": repo.pushed_at.to_string(),
            "pushed_at": repo.pushed_at.to_string(),
            "archived": repo.archived,
            "disabled": false,
            "visibility": if repo.private { "private" } else { "public" },
            "default_branch": repo.default_branch,
            "has_issues": true,
            "has_discussions": false,
            "open_issues_count": repo.items.values().filter(|item| item.open).count(),
        })
    }
}
