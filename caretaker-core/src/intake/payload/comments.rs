//! `issue_comment` and `pull_request_review_comment`: what somebody wrote on an item or its diff.

use crate::model::{Number, Subject};

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;
use super::super::part::Part;
use super::{id_part, time_part};

/// A comment on an issue or pull request; the forge calls both issues and marks the second.
pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::{EventKind, Number, Subject};

    use super::super::super::sample::{only, why_unheard};

    #[test]
    fn a_comment_on_a_pull_request_is_about_the_pull_request() {
        let body = |pull| {
            json!({"action": "created", "comment": {"id": 1},
                "issue": {"number": 2, "pull_request": pull}})
        };
        let subject = |pull| only("issue_comment", body(pull)).subject;
        assert_eq!(subject(json!({"url": "x"})), Subject::Pull(Number::new(2)));
        assert_eq!(subject(json!(null)), Subject::Issue(Number::new(2)));
    }

    #[test]
    fn a_comment_on_the_diff_is_about_its_pull_request() {
        let event = only(
            "pull_request_review_comment",
            json!({"action": "created", "comment": {"id": 1}, "pull_request": {"number": 2}}),
        );
        assert_eq!(event.kind, EventKind::ReviewCommentCreated);
        assert_eq!(event.subject, Subject::Pull(Number::new(2)));
    }

    #[test]
    fn edited_and_deleted_comments_are_nobodys_command() {
        for action in ["edited", "deleted"] {
            let body = json!({"action": action, "comment": {"id": 1}, "issue": {"number": 2}});
            assert_eq!(why_unheard("issue_comment", body), Some("not_projected"));
        }
    }
}
