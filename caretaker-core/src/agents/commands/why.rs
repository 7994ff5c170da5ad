//! How a pull request stands, for who asks: what `pr` would say about it now.

use super::PR;
use crate::agents::{Input, pr};
use crate::config;
use crate::drive::known_config::KnownConfig;
use crate::guard::last_look::CONFIG_KEY;
use crate::merge_gate::Section;
use crate::model::ask::{AskSnapshot, AskState, both};
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
) -> Result<(String, Reason), Halt> {
    let (snapshot, config) = both(
        input.ask(&AskSnapshot(number)),
        input.ask(&AskState(CONFIG_KEY.to_owned())),
    )?;
    let known = config.as_ref().and_then(|kept| kept.value.decode().ok());
    let mode = known.map_or(Mode::Observe, |known: KnownConfig| {
        config::effective_mode(input.settings.ceiling, &known.config(), PR)
    });
    let settings = Settings {
        mode,
        ..input.settings.clone()
    };
    let event = Event {
        kind: EventKind::RecheckDue,
        ..input.event.clone()
    };
    let input = Input {
        event: &event,
        settings: &settings,
        ..*input
    };
    pr::standing(&input, snapshot, params)
}
