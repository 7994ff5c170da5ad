//! How a pull request stands, for who asks: what `pr` would say about it now.

use crate::agents::{Input, pr};
use crate::merge_gate::Section;
use crate::model::ask::AskSnapshot;
use crate::model::{Event, EventKind, Halt, Mode, Number, Reason, Settings};

/// The words of the status comment, and every rule with what was seen.
///
/// It is worked out as `pr` would, in that agent's mode and not in this one's, as if it came back
/// to the pull request by itself: a question changes nothing about it, so a refusal by the forge
/// stands.
pub(super) fn standing(
    input: &Input<'_>,
    number: Number,
    params: &Section,
    mode: Mode,
) -> Result<(String, Reason), Halt> {
    let snapshot = input.ask(&AskSnapshot(number))?;
    let event = Event {
        kind: EventKind::RecheckDue,
        ..input.event.clone()
    };
    let settings = Settings {
        mode,
        ..input.settings.clone()
    };
    let input = Input {
        event: &event,
        settings: &settings,
        ..*input
    };
    pr::standing(&input, snapshot, params)
}
