//! `pull_request`: acts on a pull request itself.

use crate::model::{Number, Subject};

use super::super::project::{Draft, Inbound, Reading};
use super::{item_act, may_echo};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    inbound.lacks(["review", "comment", "thread", "issue"])?;
    let [pull, label] = inbound.body.fields(["pull_request", "label"]);
    let number = Number::new(pull.field("number").id()?);
    let (at, identity) = item_act(inbound, pull, label);
    let draft = Draft::about(Subject::Pull(number))
        .at(at)
        .known_by(identity);
    Some(Reading::one(draft).echo_if(inbound.by_bot() && may_echo(inbound.action())))
}
