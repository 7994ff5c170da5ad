//! What has to be done so that somebody's `merge` counts at the gate.
//!
//! There it counts who put the label on ([`merge_gate::opt_in`]): we do so for nobody else. A label
//! by somebody who may not write would stay in the way of ours for ever, so it is taken off first.

use crate::agents::Input;
use crate::merge_gate::{self, OptIn, Policy};
use crate::model::ask::{AskActivity, AskPull, both};
use crate::model::{Act, Author, ForgeAction, Halt, Item, Listing, Login};

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OptingIn {
    /// Change labels; nothing where somebody who may has let it in already.
    Labels(Vec<ForgeAction>),
    /// Nothing helps: we act as this account, and what it does is no word of ours.
    AsPerson(Login),
    /// Nothing helps: its history is too long to tell who put the label on.
    Untold,
}

/// What has to be done about an open pull request.
///
/// # Errors
/// What must be asked first, or why it cannot be.
pub(super) fn opting_in(input: &Input<'_>, item: &Item, policy: &Policy) -> Result<OptingIn, Halt> {
    let (number, label) = (item.number, policy.opt_in_label.clone());
    let add = ForgeAction::AddLabel {
        number,
        label: label.clone(),
    };
    let acts = input.ask(&AskActivity(number));
    if !item.has_label(label.as_str()) {
        return Ok(match person_we_are(acts?) {
            Some(login) => OptingIn::AsPerson(login),
            None => OptingIn::Labels(vec![add]),
        });
    }
    let (acts, pull) = both(acts, input.ask(&AskPull(number)))?;
    Ok(match merge_gate::opt_in(input.evidence, pull, policy)? {
        OptIn::Yes => OptingIn::Labels(Vec::new()),
        OptIn::No => OptingIn::Labels(vec![add]),
        OptIn::NotTheirs(_) | OptIn::Unknown => match person_we_are(acts) {
            Some(login) => OptingIn::AsPerson(login),
            None if !acts.complete => OptingIn::Untold,
            None => OptingIn::Labels(vec![ForgeAction::RemoveLabel { number, label }, add]),
        },
    })
}

/// The person as whom we act, where that shows: an account that is no automation, and yet its acts
/// are no sign of a person.
fn person_we_are(acts: &Listing<Act>) -> Option<Login> {
    acts.rows.iter().find_map(|act| match &act.by {
        Author::Bot(actor) if !actor.is_automation() => Some(actor.login.clone()),
        Author::Bot(_) | Author::Human(_) | Author::Us => None,
    })
}
