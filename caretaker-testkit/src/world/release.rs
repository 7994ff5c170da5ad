//! Releases and tags, and what a repository lets happen on merging.

use std::collections::BTreeMap;

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::World;
use super::state::State;
use super::who::{By, Who};

/// A release.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) id: u64,
    pub(crate) tag: String,
    pub(crate) draft: bool,
    pub(crate) prerelease: bool,
    pub(crate) author: String,
    pub(crate) at: Timestamp,
}

/// Releases and tags of a repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Releases {
    pub(crate) rows: Vec<Release>,
    /// Commit by name.
    pub(crate) tags: BTreeMap<String, String>,
}

/// How pull requests of a repository may be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings as GitHub has them, each on its own"
)]
pub struct MergeSettings {
    /// By a merge commit.
    pub merge_commit: bool,
    /// Squashed.
    pub squash: bool,
    /// Rebased.
    pub rebase: bool,
    /// By GitHub itself, where asked to.
    pub auto_merge: bool,
    /// Whether the branch goes by itself.
    pub delete_branch: bool,
}

impl Default for MergeSettings {
    /// As a new repository has them.
    fn default() -> Self {
        Self {
            merge_commit: true,
            squash: true,
            rebase: true,
            auto_merge: false,
            delete_branch: false,
        }
    }
}

impl World {
    /// Tags a commit.
    pub fn tag(&self, name: &str, sha: &str) {
        self.with(|state| {
            state.changes += 1;
            let tags = &mut state.repo_mut(self.repo).releases.tags;
            tags.insert(name.to_owned(), sha.to_owned());
        });
    }

    /// Releases what stands at a tag; number of the release.
    pub fn publish_release(&self, by: &str, tag: &str, draft: bool, prerelease: bool) -> u64 {
        self.with(|state| {
            state.changes += 1;
            let release = Release {
                id: state.id(),
                tag: tag.to_owned(),
                draft,
                prerelease,
                author: state.users.named(by).login,
                at: state.now,
            };
            let id = release.id;
            state.repo_mut(self.repo).releases.rows.push(release);
            id
        })
    }

    /// Says how pull requests may be merged.
    pub fn merge_settings(&self, settings: MergeSettings) {
        self.with(|state| {
            state.changes += 1;
            state.repo_mut(self.repo).merging = settings;
        });
    }
}

impl State {
    /// Whether somebody sees drafts, and how merging is set up: only who may write here.
    pub(crate) fn sees_all(&self, who: &Who, repo: u64) -> bool {
        match who.by {
            By::Story => true,
            By::Token => self.repo(repo).may_write(&who.login),
            By::Installation => self.holds(who, "contents", true),
            By::Jwt => false,
        }
    }

    /// The releases that somebody sees, youngest first.
    pub(crate) fn releases_of(&self, who: &Who, repo: u64) -> Vec<&Release> {
        let all = self.sees_all(who, repo);
        let rows = self.repo(repo).releases.rows.iter().rev();
        rows.filter(|release| all || !release.draft).collect()
    }

    pub(crate) fn release_json(&self, repo: u64, release: &Release) -> Value {
        let url = format!("{}/releases/{}", self.repo_url(repo), release.id);
        let page = format!("https://github.com/{}", self.repo(repo).full_name());
        let at = release.at.to_string();
        json!({
            "id": release.id,
            "node_id": format!("RE_{}", release.id),
            "url": url,
            "html_url": format!("{page}/releases/tag/{}", release.tag),
            "assets_url": format!("{url}/assets"),
            "upload_url": format!("{url}/assets{{?name,label}}"),
            "tarball_url": format!("{}/tarball/{}", self.repo_url(repo), release.tag),
            "zipball_url": format!("{}/zipball/{}", self.repo_url(repo), release.tag),
            "tag_name": release.tag,
            "target_commitish": self.repo(repo).default_branch,
            "name": release.tag,
            "body": null,
            "draft": release.draft,
            "prerelease": release.prerelease,
            "immutable": false,
            "created_at": at,
            "published_at": (!release.draft).then_some(at),
            "author": self.users.json(&release.author),
            "assets": [],
        })
    }

    /// As `GET /tags` shows the tags.
    pub(crate) fn tags_json(&self, repo: u64) -> Vec<Value> {
        let url = self.repo_url(repo);
        let tags = self.repo(repo).releases.tags.iter().rev();
        let row = |(name, sha): (&String, &String)| {
            json!({
                "name": name,
                "commit": {"sha": sha, "url": format!("{url}/commits/{sha}")},
                "zipball_url": format!("{url}/zipball/refs/tags/{name}"),
                "tarball_url": format!("{url}/tarball/refs/tags/{name}"),
                "node_id": format!("REF_{name}"),
            })
        };
        tags.map(row).collect()
    }

    /// What a repository says of itself to those who may write in it, and to nobody else.
    pub(crate) fn merging_json(&self, who: &Who, repo: u64) -> Value {
        if !self.sees_all(who, repo) {
            return json!({});
        }
        let merging = self.repo(repo).merging;
        json!({
            "allow_merge_commit": merging.merge_commit,
            "allow_squash_merge": merging.squash,
            "allow_rebase_merge": merging.rebase,
            "allow_auto_merge": merging.auto_merge,
            "delete_branch_on_merge": merging.delete_branch,
        })
    }
}
