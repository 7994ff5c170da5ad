//! The repository as a whole, as core's facts.

use caretaker_core::model::repository::{Release, RepositorySettings, Tag, Visibility};
use caretaker_core::model::{Branch, Listing, RemoteId, RepositoryAnswer, RepositoryQuery};

use super::facts::sha;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// A question's operation, for log and faults.
pub(super) fn name(query: &RepositoryQuery) -> (&'static str, String) {
    let noun = match query {
        RepositoryQuery::Settings => "settings",
        RepositoryQuery::Releases => "releases",
        RepositoryQuery::Tags => "tags",
    };
    (noun, String::new())
}

impl State {
    pub(super) fn repository_fact(
        &self,
        us: &Who,
        repo: u64,
        query: &RepositoryQuery,
    ) -> Result<RepositoryAnswer, Trouble> {
        let needed = match query {
            RepositoryQuery::Settings => "metadata",
            RepositoryQuery::Releases | RepositoryQuery::Tags => "contents",
        };
        self.may(us, repo, needed, false)?;
        Ok(match query {
            RepositoryQuery::Settings => RepositoryAnswer::Settings(self.settings_fact(us, repo)),
            RepositoryQuery::Releases => {
                let rows = self.releases_of(us, repo).into_iter();
                let rows = rows.filter(|release| !release.draft);
                let rows = rows.map(|release| Release {
                    id: RemoteId::new(release.id),
                    tag: release.tag.clone(),
                    name: Some(release.tag.clone()),
                    prerelease: release.prerelease,
                    published_at: release.at,
                });
                RepositoryAnswer::Releases(Listing::whole(rows.collect()))
            }
            RepositoryQuery::Tags => {
                let rows = self.repo(repo).releases.tags.iter().rev();
                let rows = rows.map(|(name, at)| Tag {
                    name: name.clone(),
                    sha: sha(at),
                });
                RepositoryAnswer::Tags(Listing::whole(rows.collect()))
            }
        })
    }

    fn settings_fact(&self, us: &Who, repo: u64) -> RepositorySettings {
        let known = self.repo(repo);
        let merging = self.sees_all(us, repo).then_some(known.merging);
        RepositorySettings {
            default_branch: Branch::new(&known.default_branch),
            visibility: if known.private {
                Visibility::Private
            } else {
                Visibility::Public
            },
            archived: known.archived,
            disabled: false,
            fork: known.fork,
            has_issues: true,
            has_discussions: Some(false),
            allow_merge_commit: merging.map(|merging| merging.merge_commit),
            allow_squash_merge: merging.map(|merging| merging.squash),
            allow_rebase_merge: merging.map(|merging| merging.rebase),
            allow_auto_merge: merging.map(|merging| merging.auto_merge),
            delete_branch_on_merge: merging.map(|merging| merging.delete_branch),
        }
    }
}
