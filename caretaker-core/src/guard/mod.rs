//! What is held back. Pure, after the agent; nothing else in the project holds anything back.
//!
//! Actions are internal, voice or acts ([`Loudness`]). The acts of one decision are allowed or
//! held as one. A run that cannot learn whether its subject is quarantined does nothing: the
//! question itself halts.

mod budget;
pub mod last_look;

use crate::agents::{Input, View};
use crate::model::ask::{AskItem, AskSnapshot};
use crate::model::{
    Decision, Halt, Held, Item, Loudness, Mode, Number, Planned, Refusal, Reviewed, Subject, label,
};
pub use budget::{Limit, acts_key, over_budget, voice_key};

/// Raised when the meaning of the guard's word changes; replay compares only equal revisions.
pub const REVISION: u32 = 2;

/// Splits a decision into what may happen and what is held. Asks for what it needs like an agent.
pub fn review(input: &Input<'_>, view: View, decision: &Decision) -> Result<Reviewed, Halt> {
    let loudest = decision
        .actions
        .iter()
        .map(|planned| planned.action.loudness())
        .max();
    if loudest.is_none_or(|loudest| loudest == Loudness::Internal) {
        return Ok(Reviewed {
            allowed: decision.actions.clone(),
            ..Reviewed::default()
        });
    }
    let quarantined = match input.event.subject.number() {
        Some(number) => subject(input, view, number)?.has_label(label::QUARANTINE),
        None => false,
    };
    let paused = input.settings.paused.is_some();
    let stopped = match (quarantined, paused) {
        (true, _) => Some(Refusal::Quarantined),
        (false, true) => Some(Refusal::Paused),
        (false, false) => None,
    };
    let held_by_mode = |needs: Mode| {
        (input.settings.mode < needs).then_some(Refusal::Mode {
            is: input.settings.mode,
            needs,
        })
    };
    let voice = stopped.clone().or_else(|| held_by_mode(Mode::Propose));
    let acts = acts(&decision.actions);
    let mut reviewed = Reviewed::default();
    let mut act = stopped.or_else(|| held_by_mode(Mode::Act));
    if act.is_none()
        && acts > 0
        && let Some(over) = budget::over(input, acts)?
    {
        reviewed.recheck_at = Some(over.recheck_at);
        act = Some(over.refusal);
    }
    for planned in &decision.actions {
        let refusal = match planned.action.loudness() {
            Loudness::Internal => None,
            Loudness::Voice => voice.clone(),
            Loudness::Act => act.clone(),
        };
        match refusal {
            None => reviewed.allowed.push(planned.clone()),
            Some(refusal) => reviewed.held.push(Held {
                planned: planned.clone(),
                refusal,
            }),
        }
    }
    Ok(reviewed)
}

/// The subject as the agent saw it, so that guard and agent look at one and the same answer.
fn subject<'a>(input: &Input<'a>, view: View, number: Number) -> Result<&'a Item, Halt> {
    match (view, &input.event.subject) {
        (View::Snapshot, Subject::Pull(_)) => Ok(&input.ask(&AskSnapshot(number))?.pull.item),
        _ => input.ask(&AskItem(number)),
    }
}

fn acts(actions: &[Planned]) -> u64 {
    let acts = actions
        .iter()
        .filter(|planned| planned.action.loudness() == Loudness::Act)
        .count();
    acts.try_into().unwrap_or(u64::MAX)
}
