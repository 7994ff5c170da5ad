//! `status`: commit statuses, the older kind of check.

use crate::model::Subject;

use super::super::project::{Draft, Inbound, Reading};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    let [sha, state, context, updated] =
        inbound
            .body
            .fields(["sha", "state", "context", "updated_at"]);
    let (sha, context) = (sha.sha()?, context.text()?);
    state.text()?;
    // An App sets checks, so a status of ours exists only with a personal token.
    let by_us = inbound
        .sender()
        .is_some_and(|sender| inbound.us.is_token_user(sender));
    let ours = by_us && inbound.us.contexts.iter().any(|ours| *ours == context);
    let draft = Draft::about(Subject::Commit(sha)).at(updated.time());
    Some(Reading::one(draft).echo_if(ours))
}
