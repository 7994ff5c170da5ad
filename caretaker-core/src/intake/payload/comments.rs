//! `issue_comment` and `pull_request_review_comment`: what somebody wrote on an item or its diff.

use crate::commands;
use crate::model::{Detail, Number, RemoteId, Subject};

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
    let said = command(inbound, comment);
    written(inbound, subject, comment, said)
}

/// A comment on the diff of a pull request.
pub(super) fn read_on_diff(inbound: &Inbound<'_>) -> Option<Reading> {
    let [pull, comment] = inbound.body.fields(["pull_request", "comment"]);
    let number = Number::new(pull.field("number").id()?);
    written(inbound, Subject::Pull(number), comment, None)
}

/// The command that a person gives with a new comment. Whoever wrote the comment must be known to
/// be the person who sent it, and to have written it without an App in between.
fn command(inbound: &Inbound<'_>, comment: Part<'_>) -> Option<Detail> {
    if inbound.action() != "created" || !inbound.by_person() {
        return None;
    }
    let [id, user, app, body] = comment.fields(["id", "user", "performed_via_github_app", "body"]);
    let (author, sender) = (user.actor()?, inbound.sender()?);
    if app.is_something() || author.is_automation() || author.id? != sender.id? {
        return None;
    }
    let verb = commands::find(&body.text()?, inbound.us.bot_login.as_ref())?;
    Some(Detail::Command {
        comment: RemoteId::new(id.id()?),
        verb,
        accepted: inbound.accepted,
    })
}

fn written(
    inbound: &Inbound<'_>,
    subject: Subject,
    comment: Part<'_>,
    said: Option<Detail>,
) -> Option<Reading> {
    inbound.repo()?;
    let [id, created, body] = comment.fields(["id", "created_at", "body"]);
    id.id()?;
    let ours = inbound.sender().is_some_and(|sender| {
        let text = body.text().unwrap_or_default();
        inbound.us.is_bot(sender) || inbound.us.wrote(sender, &text)
    });
    let draft = Draft::about(subject)
        .at(created.time())
        .known_by(vec![id_part(id), time_part(created.time())])
        .carrying(said.unwrap_or(Detail::Nothing));
    Some(Reading::one(draft).echo_if(ours))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::{Detail, EventKind, Number, RemoteId, Subject, Verb};

    use super::super::super::Us;
    use super::super::super::sample::{RECEIVED, app, bot, only, projected, token, why_unheard};

    /// What alice says on pull request 2.
    fn says(text: &str) -> Value {
        json!({"action": "created", "issue": {"number": 2, "pull_request": {}},
            "comment": {"id": 7, "created_at": "2019-05-15T15:20:21Z", "body": text,
                "user": {"login": "alice", "id": 5, "type": "User"},
                "performed_via_github_app": null}})
    }

    fn heard(body: Value, us: &Us) -> Vec<Detail> {
        let events = projected("issue_comment", body, us).events;
        events.into_iter().map(|event| event.detail).collect()
    }

    #[test]
    fn a_command_is_heard_with_its_comment_and_when_it_was_accepted() {
        let event = only("issue_comment", says("Fine.\n\n@caretaker merge"));
        assert_eq!(event.kind, EventKind::CommentCreated);
        let command = Detail::Command {
            comment: RemoteId::new(7),
            verb: Verb::Merge,
            accepted: RECEIVED,
        };
        assert_eq!(event.detail, command);
        assert_eq!(event.at.to_string(), "2019-05-15T15:20:21Z");
        let named = heard(says("@caretaker hold"), &app());
        assert!(matches!(
            named[..],
            [Detail::Command {
                verb: Verb::Hold,
                ..
            }]
        ));
    }

    #[test]
    fn nothing_of_a_comments_text_is_kept() {
        let event = only("issue_comment", says("a secret\n@caretaker hold my secret"));
        let kept = serde_json::to_string(&event).unwrap();
        assert!(kept.contains("hold") && !kept.contains("secret"), "{kept}");
    }

    #[test]
    fn a_comment_without_a_command_is_what_it_was() {
        for text in ["hi", "> @caretaker merge", "`@caretaker merge`"] {
            assert_eq!(
                heard(says(text), &Us::default()),
                [Detail::Nothing],
                "{text}"
            );
        }
    }

    #[test]
    fn only_a_person_who_is_not_us_gives_commands() {
        let said = || says("@caretaker merge");
        let automation = |field: &str, who: Value| {
            let mut body = said();
            body[field] = who.clone();
            body["comment"]["user"] = who;
            body
        };
        let renovate = json!({"login": "renovate", "id": 8, "type": "User"});
        let marked = json!({"login": "x", "id": 8, "type": "Bot"});
        for who in [&renovate, &marked, &json!({"login": "y[bot]", "id": 8})] {
            let body = automation("sender", who.clone());
            assert_eq!(heard(body, &app()), [Detail::Nothing], "{who}");
        }
        assert_eq!(heard(automation("sender", bot()), &app()), [], "an echo");
        assert_eq!(
            heard(said(), &token()),
            [Detail::Nothing],
            "may be ourselves"
        );
    }

    #[test]
    fn a_command_whose_author_is_not_its_sender_is_none() {
        for (field, odd) in [
            ("user", json!(null)),
            ("user", json!({"login": "alice", "type": "User"})),
            ("user", json!({"login": "bob", "id": 6, "type": "User"})),
            ("user", json!({"login": "alice", "id": 5, "type": "Bot"})),
            ("performed_via_github_app", json!({"id": 1})),
            ("body", json!(null)),
        ] {
            let mut body = says("@caretaker merge");
            body["comment"][field] = odd.clone();
            assert_eq!(
                heard(body, &Us::default()),
                [Detail::Nothing],
                "{field} {odd}"
            );
        }
    }

    #[test]
    fn a_command_on_the_diff_is_none() {
        let mut body = says("@caretaker merge");
        body["pull_request"] = json!({"number": 2});
        assert_eq!(
            only("pull_request_review_comment", body).detail,
            Detail::Nothing
        );
    }

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
            let mut body = says("@caretaker merge");
            body["action"] = json!(action);
            assert_eq!(why_unheard("issue_comment", body), Some("not_projected"));
        }
    }
}
