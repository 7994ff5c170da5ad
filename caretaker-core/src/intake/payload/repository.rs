//! `repository`: what happened to a repository as a whole.

use crate::model::{Learned, Subject};

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;
use super::time_part;

/// The repository is deleted: there is nothing left to decide about.
const GONE: &str = "gone";

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    let repo = inbound.repo()?;
    // Almost every other body has a `repository` too, and `deleted` is an action of many; so this
    // family fits only what has nothing beside it.
    inbound.body.has_only([
        "action",
        "changes",
        "enterprise",
        "installation",
        "organization",
        "repository",
        "sender",
    ])?;
    if !matches!(
        inbound.action(),
        "created"
            | "edited"
            | "renamed"
            | "transferred"
            | "archived"
            | "unarchived"
            | "publicized"
            | "privatized"
            | "deleted"
    ) {
        return None;
    }
    if inbound.action() == "deleted" {
        let learned = Some(vec![Learned::Gone(repo.key.clone())]);
        return Some(Reading {
            drafts: Err(GONE),
            learned,
            echo: false,
        });
    }
    let updated = inbound.body.field("repository").field("updated_at").time();
    let draft = Draft::about(Subject::Repo)
        .at(updated)
        .known_by(vec![Some(inbound.action().to_owned()), time_part(updated)]);
    Some(Reading::one(draft))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::{Learned, RepoKey, Subject};

    use super::super::super::Us;
    use super::super::super::sample::{only, projected};

    #[test]
    fn a_deleted_repository_is_gone_and_nobody_decides_about_it() {
        let found = projected("repository", json!({"action": "deleted"}), &Us::default());
        assert_eq!(found.learned, [Learned::Gone(RepoKey::github(42))]);
        assert_eq!((found.events.len(), found.unheard), (0, Some("gone")));
    }

    #[test]
    fn a_renamed_or_archived_repository_is_known_anew() {
        let repository = json!({"id": 42, "full_name": "octo/new", "archived": true});
        let body = json!({"action": "renamed", "changes": {}, "repository": repository});
        let found = projected("repository", body.clone(), &Us::default());
        let [Learned::Known(repo, facts)] = found.learned.as_slice() else {
            panic!("not known: {found:?}");
        };
        assert_eq!(
            (repo.full_name().as_str(), facts.archived),
            ("octo/new", Some(true))
        );
        assert_eq!(only("repository", body).subject, Subject::Repo);
    }
}
