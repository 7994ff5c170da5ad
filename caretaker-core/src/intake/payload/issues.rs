//! `issues`: acts on an issue itself.

use crate::model::{Number, Subject};

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;
use super::{item_act, may_echo};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    inbound.lacks(["comment"])?;
    let [issue, label] = inbound.body.fields(["issue", "label"]);
    let number = Number::new(issue.field("number").id()?);
    let (at, identity) = item_act(inbound, issue, label);
    let draft = Draft::about(Subject::Issue(number))
        .at(at)
        .known_by(identity);
    Some(Reading::one(draft).echo_if(inbound.by_bot() && may_echo(inbound.action())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::{EventKind, Number, Subject};

    use super::super::super::sample::only;

    #[test]
    fn an_act_on_an_issue_is_about_it() {
        let event = only(
            "issues",
            json!({"action": "reopened", "issue": {"number": 8}}),
        );
        assert_eq!(event.kind, EventKind::IssueReopened);
        assert_eq!(event.subject, Subject::Issue(Number::new(8)));
    }
}
