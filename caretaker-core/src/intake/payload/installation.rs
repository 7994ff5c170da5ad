//! `installation` and `installation_repositories`: who lets us see what.
//!
//! Events about listed repositories are given one per repository, because nobody downstream sees
//! the list; those about the installation alone have its scope and no subject.

use std::collections::BTreeSet;

use crate::model::{
    AccountId, Detail, InstallationId, Learned, RepoFacts, RepoRef, Scope, Subject,
};

use super::super::envelope::{repo_facts, repo_ref};
use super::super::part::Part;
use super::super::project::{Draft, Identity, Inbound, Reading};
use super::time_part;

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["repository", "repositories_added", "repositories_removed"])?;
    let seen = Installed::read(inbound)?;
    let (learned, listed) = match inbound.action() {
        "created" => {
            let listed = seen.repositories(inbound.body.field("repositories"));
            (known(&listed), listed)
        }
        "deleted" => (vec![Learned::InstallationGone(seen.id)], Vec::new()),
        "suspend" => (vec![Learned::Suspended(seen.id)], Vec::new()),
        "unsuspend" => (vec![Learned::Resumed(seen.id)], Vec::new()),
        _ => (Vec::new(), Vec::new()),
    };
    Some(seen.reading(inbound, &listed, learned))
}

pub(super) fn read_repositories(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["repository", "repositories"])?;
    let [added, removed] = inbound
        .body
        .fields(["repositories_added", "repositories_removed"]);
    (added.rows().is_some() || removed.rows().is_some()).then_some(())?;
    let mut seen = Installed::read(inbound)?;
    let (added, removed) = (seen.repositories(added), seen.repositories(removed));
    let gone = removed.iter().map(|(repo, _)| Some(repo.key.to_string()));
    seen.identity.extend(gone);
    let mut learned = known(&added);
    learned.extend(removed.into_iter().map(|(repo, _)| Learned::Gone(repo.key)));
    Some(seen.reading(inbound, &added, learned))
}

type Listed = Vec<(RepoRef, RepoFacts)>;

/// The installation as its own events show it, with its account; other events only number it.
struct Installed {
    id: InstallationId,
    account: Option<AccountId>,
    identity: Identity,
}

impl Installed {
    fn read(inbound: &Inbound<'_>) -> Option<Self> {
        let installation = inbound.body.field("installation");
        let [id, account, updated] = installation.fields(["id", "account", "updated_at"]);
        let id = InstallationId::new(id.id()?);
        let [account_id, login] = account.fields(["id", "login"]);
        login.name()?;
        let identity = vec![
            Some(id.to_string()),
            Some(inbound.action().to_owned()),
            time_part(updated.time()),
        ];
        Some(Self {
            id,
            account: account_id.id().map(AccountId::new),
            identity,
        })
    }

    /// The listed repositories, each once. Lists name no owner account; it is the installation's.
    fn repositories(&self, list: Part<'_>) -> Listed {
        let mut seen = BTreeSet::new();
        let rows = list.rows().unwrap_or_default().into_iter();
        rows.filter_map(|row| {
            let mut repo = repo_ref(row, Some(self.id))?;
            repo.account = repo.account.or(self.account);
            seen.insert(repo.key.clone())
                .then(|| (repo, repo_facts(row)))
        })
        .collect()
    }

    fn reading(self, inbound: &Inbound<'_>, listed: &Listed, learned: Vec<Learned>) -> Reading {
        let mut drafts: Vec<Draft> = listed
            .iter()
            .map(|(repo, _)| Draft {
                scope: Some(Scope::Repo(repo.key.clone())),
                subject: Subject::Repo,
                at: None,
                identity: Some(self.identity.clone()),
                detail: Detail::Nothing,
            })
            .collect();
        if drafts.is_empty() {
            drafts.push(Draft::about(Subject::None).known_by(self.identity));
        }
        let updated = inbound
            .body
            .field("installation")
            .field("updated_at")
            .time();
        let drafts = drafts.into_iter().map(|draft| draft.at(updated)).collect();
        Reading {
            drafts: Ok(drafts),
            learned: Some(learned),
            echo: false,
        }
    }
}

fn known(listed: &Listed) -> Vec<Learned> {
    listed
        .iter()
        .map(|(repo, facts)| Learned::Known(repo.clone(), facts.clone()))
        .collect()
}
