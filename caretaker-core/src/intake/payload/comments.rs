//! `issue_comment` and `pull_request_review_comment`: what somebody wrote on an item or its diff.

use crate::model::{Number, Subject};

use super::super::part::Part;
use super::super::project::{Draft, Inbound, Reading};
use super::{id_part, time_part};

/// A comment on an issue or pull request; the forge calls both issues and marks the second.
pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["pull_request", "review"])?;
    let [issue, comment] = inbound.body.fields(["issue", "comment"]);
    let [number, pull] = issue.fields(["number", "pull_request"]);
    let number = Number::new(number.id()?);
    let subject = if pull.is_object() {
        Subject::Pull(number)
    } else {
        Subject::Issue(number)
    };
    written(inbound, subject, comment)
}

/// A comment on the diff of a pull request.
pub(super) fn read_on_diff(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["issue", "review", "thread"])?;
    let [pull, comment] = inbound.body.fields(["pull_request", "comment"]);
    let number = Number::new(pull.field("number").id()?);
    written(inbound, Subject::Pull(number), comment)
}

fn written(inbound: &Inbound<'_>, subject: Subject, comment: Part<'_>) -> Option<Reading> {
    inbound.repo()?;
    let [id, created, body] = comment.fields(["id", "created_at", "body"]);
    id.id()?;
    let ours = inbound.sender().is_some_and(|sender| {
        let text = body.text().unwrap_or_default();
        inbound.us.is_bot(sender) || inbound.us.wrote(sender, &text)
    });
    let draft = Draft::about(subject)
        .at(created.time())
        .known_by(vec![id_part(id), time_part(created.time())]);
    Some(Reading::one(draft).echo_if(ours))
}
