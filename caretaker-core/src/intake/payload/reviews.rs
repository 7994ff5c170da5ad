//! `pull_request_review`: verdicts of reviewers.

use crate::model::{Number, Subject};

use super::super::project::{Draft, Inbound, Reading};
use super::{id_part, time_part};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    inbound.lacks(["comment", "thread", "issue"])?;
    let [pull, review] = inbound.body.fields(["pull_request", "review"]);
    let [number, updated] = pull.fields(["number", "updated_at"]);
    let [id, submitted] = review.fields(["id", "submitted_at"]);
    id.id()?;
    // Editing and dismissing leave the review's own time alone, so the pull request's joins it.
    let (at, parts) = if inbound.action() == "submitted" {
        (
            submitted.time(),
            vec![id_part(id), time_part(submitted.time())],
        )
    } else {
        (updated.time(), vec![id_part(id), time_part(updated.time())])
    };
    let draft = Draft::about(Subject::Pull(Number::new(number.id()?)))
        .at(at)
        .known_by(parts);
    Some(Reading::one(draft).echo_if(inbound.by_bot()))
}
