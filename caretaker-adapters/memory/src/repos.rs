//! What we know of repositories.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use async_trait::async_trait;
use caretaker_core::model::{Branch, InstallationId, Learned, RepoFacts, RepoKey, RepoRef};
use caretaker_core::ports::{KnownRepo, PortError, Repos};

use crate::MemoryStorage;

/// Every repository we have heard of.
#[derive(Clone, Default)]
pub(crate) struct Known {
    rows: BTreeMap<RepoKey, Row>,
    /// Who bears a lower-case `owner/name` now.
    names: BTreeMap<String, RepoKey>,
    suspended: BTreeSet<InstallationId>,
}

#[derive(Clone)]
struct Row {
    repo: RepoRef,
    default_branch: Option<Branch>,
    archived: bool,
    removed: bool,
}

impl Known {
    pub(crate) fn learn(&mut self, lesson: Learned) {
        match lesson {
            Learned::Known(repo, facts) => self.learn_repo(repo, facts, false),
            Learned::Listed(repo, facts) => self.learn_repo(repo, facts, true),
            Learned::Gone(key) => {
                if let Some(row) = self.rows.get_mut(&key) {
                    row.removed = true;
                }
            }
            Learned::Suspended(installation) => {
                self.suspended.insert(installation);
            }
            Learned::Resumed(installation) => {
                self.suspended.remove(&installation);
            }
            Learned::InstallationGone(installation) => {
                self.suspended.remove(&installation);
                for row in self.rows.values_mut() {
                    if row.repo.installation == Some(installation) {
                        row.removed = true;
                    }
                }
            }
        }
    }

    fn learn_repo(&mut self, mut repo: RepoRef, facts: RepoFacts, listed: bool) {
        let key = repo.key.clone();
        let old = self.rows.remove(&key);
        let mut removed = false;
        if let Some(old) = &old {
            let moved = repo.installation.is_some() && repo.installation != old.repo.installation;
            removed = old.removed && !listed && !moved;
            let name = lower(&old.repo.owner, &old.repo.name);
            if self.names.get(&name) == Some(&key) {
                self.names.remove(&name);
            }
            repo.installation = repo.installation.or(old.repo.installation);
            repo.account = repo.account.or(old.repo.account);
        }
        self.names
            .insert(lower(&repo.owner, &repo.name), key.clone());
        let (branch, archived) =
            old.map_or((None, false), |old| (old.default_branch, old.archived));
        let row = Row {
            repo,
            default_branch: facts.default_branch.or(branch),
            archived: facts.archived.unwrap_or(archived),
            removed,
        };
        self.rows.insert(key, row);
    }

    fn show(&self, row: &Row) -> KnownRepo {
        let installation = row.repo.installation;
        let suspended = installation.is_some_and(|id| self.suspended.contains(&id));
        let off = if row.removed {
            Some(KnownRepo::REMOVED)
        } else if suspended {
            Some("suspended")
        } else {
            row.archived.then_some("archived")
        };
        KnownRepo {
            repo: row.repo.clone(),
            off: off.map(str::to_owned),
        }
    }

    fn by_key(&self, key: &RepoKey) -> Option<KnownRepo> {
        self.rows.get(key).map(|row| self.show(row))
    }
}

fn lower(owner: &str, name: &str) -> String {
    format!("{owner}/{name}").to_ascii_lowercase()
}

#[async_trait]
impl Repos for MemoryStorage {
    async fn by_key(&self, key: &RepoKey) -> Result<Option<KnownRepo>, PortError> {
        Ok(self.data().repos.by_key(key))
    }

    async fn by_name(&self, owner: &str, name: &str) -> Result<Option<KnownRepo>, PortError> {
        let data = self.data();
        let key = data.repos.names.get(&lower(owner, name));
        Ok(key.and_then(|key| data.repos.by_key(key)))
    }

    async fn list(&self, after: Option<&RepoKey>, limit: u32) -> Result<Vec<KnownRepo>, PortError> {
        let data = self.data();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = data.repos.rows.range((from, Bound::Unbounded));
        let page = rows.take(limit as usize);
        Ok(page.map(|(_, row)| data.repos.show(row)).collect())
    }
}
