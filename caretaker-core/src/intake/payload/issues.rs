//! `issues`: acts on an issue itself.

use crate::model::{Number, Subject};

use super::super::project::{Draft, Inbound, Reading};
use super::{item_act, may_echo};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    inbound.lacks(["comment", "pull_request"])?;
    let [issue, label] = inbound.body.fields(["issue", "label"]);
    let number = Number::new(issue.field("number").id()?);
    let (at, identity) = item_act(inbound, issue, label);
    let draft = Draft::about(Subject::Issue(number))
        .at(at)
        .known_by(identity);
    Some(Reading::one(draft).echo_if(inbound.by_bot() && may_echo(inbound.action())))
}
