//! `installation` and `installation_repositories`: who lets us see what.
//!
//! Events about listed repositories are given one per repository, because nobody downstream sees
//! the list; those about the installation alone have its scope and no subject.

use std::collections::BTreeSet;

use crate::model::{
    AccountId, Detail, InstallationId, Learned, RepoFacts, RepoRef, Scope, Subject,
};

use super::super::draft::{Draft, Identity, Reading};
use super::super::envelope::ShownRepo;
use super::super::inbound::Inbound;
use super::super::part::Part;
use super::time_part;

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["repositories_added"])?;
    let seen = Installed::read(inbound)?;
    let (learned, listed) = match inbound.action() {
        "created" => {
            let listed = seen.repositories(inbound.body.field("repositories"));
            (within_reach(&listed), listed)
        }
        "deleted" => (vec![Learned::InstallationGone(seen.id)], Vec::new()),
        "suspend" => (vec![Learned::Suspended(seen.id)], Vec::new()),
        "unsuspend" => (vec![Learned::Resumed(seen.id)], Vec::new()),
        _ => (Vec::new(), Vec::new()),
    };
    Some(seen.reading(inbound, &listed, learned))
}

pub(super) fn read_repositories(inbound: &Inbound<'_>) -> Option<Reading> {
    let [added, removed] = inbound
        .body
        .fields(["repositories_added", "repositories_removed"]);
    (added.rows().is_some() || removed.rows().is_some()).then_some(())?;
    let mut seen = Installed::read(inbound)?;
    let (added, removed) = (seen.repositories(added), seen.repositories(removed));
    let gone = removed.iter().map(|(repo, _)| Some(repo.key.to_string()));
    seen.identity.extend(gone);
    let mut learned = within_reach(&added);
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
            let shown = ShownRepo::of(row);
            let mut repo = shown.named(Some(self.id))?;
            repo.account = repo.account.or(self.account);
            seen.insert(repo.key.clone()).then(|| (repo, shown.facts()))
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

fn within_reach(listed: &Listed) -> Vec<Learned> {
    listed
        .iter()
        .map(|(repo, facts)| Learned::Listed(repo.clone(), facts.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::{EventKind, InstallationId, Learned, RepoKey, Scope, Subject};

    use super::super::super::Projected;
    use super::super::super::Us;
    use super::super::super::sample::projected;

    fn installation(event: &str, mut body: Value) -> Projected {
        body["installation"] = json!({"id": 7, "account": {"login": "octo", "id": 3}});
        body["repository"] = json!(null);
        projected(event, body, &Us::default())
    }

    fn repos(ids: &[u64]) -> Value {
        ids.iter()
            .map(|id| json!({"id": id, "full_name": format!("octo/r{id}")}))
            .collect()
    }

    #[test]
    fn installing_gives_one_event_and_one_lesson_per_listed_repository() {
        let body = json!({"action": "created", "repositories": repos(&[1, 2, 1])});
        let found = installation("installation", body);
        let scopes: Vec<_> = found
            .events
            .iter()
            .map(|event| event.scope.clone())
            .collect();
        assert_eq!(scopes, [1, 2].map(|id| Scope::Repo(RepoKey::github(id))));
        assert!(
            found
                .events
                .iter()
                .all(|event| event.subject == Subject::Repo)
        );
        assert_ne!(found.events[0].edge_identity, found.events[1].edge_identity);
        assert!(found.events[1].id.as_str().ends_with("/1"));
        let Learned::Listed(repo, _) = &found.learned[1] else {
            panic!("not listed: {found:?}");
        };
        assert_eq!(repo.full_name(), "octo/r2");
        assert_eq!(repo.installation, Some(InstallationId::new(7)));
        assert_eq!(repo.account.unwrap().value(), 3);
    }

    #[test]
    fn the_life_of_an_installation_is_learned_and_heard_in_its_own_scope() {
        let id = InstallationId::new(7);
        for (action, kind, learned) in [
            ("created", EventKind::Installed, vec![]),
            (
                "suspend",
                EventKind::Suspended,
                vec![Learned::Suspended(id)],
            ),
            (
                "unsuspend",
                EventKind::InstallationChanged,
                vec![Learned::Resumed(id)],
            ),
            (
                "new_permissions_accepted",
                EventKind::InstallationChanged,
                vec![],
            ),
            (
                "deleted",
                EventKind::Uninstalled,
                vec![Learned::InstallationGone(id)],
            ),
        ] {
            let found = installation("installation", json!({"action": action}));
            assert_eq!(found.learned, learned, "{action}");
            assert_eq!(found.events.len(), 1, "{action}");
            assert_eq!(found.events[0].kind, kind);
            assert_eq!(found.events[0].scope, Scope::Installation(id));
            assert_eq!(found.events[0].subject, Subject::None);
        }
    }

    #[test]
    fn repositories_that_leave_are_gone_and_those_that_join_are_known() {
        let body = json!({"action": "removed", "repositories_removed": repos(&[1, 2]),
            "repositories_added": []});
        let found = installation("installation_repositories", body);
        let gone = [1, 2].map(|id| Learned::Gone(RepoKey::github(id)));
        assert_eq!(found.learned, gone);
        assert_eq!(found.events[0].kind, EventKind::RepositoriesRemoved);
        let body = json!({"action": "added", "repositories_added": repos(&[5])});
        let found = installation("installation_repositories", body);
        assert_eq!(found.events[0].scope, Scope::Repo(RepoKey::github(5)));
        assert!(matches!(found.learned.as_slice(), [Learned::Listed(..)]));
    }

    #[test]
    fn an_installation_only_numbered_is_no_installation_event() {
        let body = json!({"action": "deleted", "installation": {"id": 7}, "repository": null});
        let found = projected("installation", body, &Us::default());
        assert_eq!(
            (found.unheard, found.learned),
            (Some("does_not_fit"), vec![])
        );
    }
}
