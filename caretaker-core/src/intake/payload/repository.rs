//! `repository`: what happened to a repository as a whole.

use crate::model::{Learned, Subject};

use super::super::project::{Draft, Inbound, Reading};
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
