//! Whether it is ours to merge.

use super::Input;
use super::custody::Custody;
use crate::merge_gate::{Authority, Blocker, Denial, Ground, Policy, stirs};
use crate::model::ask::AskState;
use crate::model::{Halt, Merge, Pull, Refusals, Snapshot};

/// How the forge has refused to merge it so far; not asked where we never merge.
pub(super) fn refusals(
    input: &Input<'_>,
    pull: &Pull,
    policy: &Policy,
) -> Result<Option<Refusals>, Halt> {
    if policy.authority != Authority::GateAndMerge {
        return Ok(None);
    }
    let value = input.ask(&AskState(Refusals::key(pull.item.number)))?;
    // Our own note that cannot be read tells nothing; the forge will say it again.
    Ok(value.as_ref().and_then(|value| value.value.decode().ok()))
}

/// On what ground we stand, as far as this run knows.
pub(super) fn ground<'a>(
    input: &Input<'a>,
    custody: Custody,
    refused: Option<&'a Refusals>,
) -> Ground<'a> {
    let settings = input.settings;
    Ground {
        mode: settings.mode,
        ceiling: settings.ceiling,
        config: settings.config.state,
        paused: settings.paused.as_ref(),
        claimed: custody == Custody::Claimed,
        refused,
        stirred: stirs(input.event.kind),
    }
}

/// The merge, if nothing stands against it but what the guard holds it for: then observing shows
/// what would be done.
pub(super) fn plan(
    snapshot: &Snapshot,
    policy: &Policy,
    blockers: &[Blocker],
    denials: &[Denial],
) -> Option<Merge> {
    let pull = &snapshot.pull;
    let ours = blockers.is_empty() && denials.iter().all(Denial::is_guards);
    ours.then(|| Merge {
        number: pull.item.number,
        head: pull.head.clone(),
        base: pull.base.clone(),
        method: policy.method_for(snapshot),
    })
}
