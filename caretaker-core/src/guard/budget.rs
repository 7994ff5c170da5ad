//! How many acts an hour may see. The count is evidence; the claim adds to the same hour.

use crate::agents::Input;
use crate::model::ask::AskState;
use crate::model::{Halt, Refusal, Span, Timestamp, derived_below};

/// Under which the acts of an hour are counted.
pub fn acts_key(now: Timestamp) -> String {
    format!("writes/{}", now.hour())
}

/// Under which the voice of an hour is counted; it has no limit of its own.
pub fn voice_key(now: Timestamp) -> String {
    format!("voice/{}", now.hour())
}

/// Acts that do not fit into this hour.
pub(super) struct Over {
    /// How the acts are held.
    pub(super) refusal: Refusal,
    /// In the next hour, spread so that not all held decisions come back at once.
    pub(super) recheck_at: Timestamp,
}

/// Whether these acts go over the hour's limit. A decision that alone exceeds the limit passes
/// only in an untouched hour, so that it is slow but not stuck (decisions §6).
pub(super) fn over(input: &Input<'_>, acts: u64) -> Result<Option<Over>, Halt> {
    let counted = input.ask(&AskState(acts_key(input.now)))?;
    let spent = match counted {
        None => 0,
        Some(versioned) => versioned.value.decode::<u64>().map_err(|_not_a_number| {
            use crate::model::{Failure, Query};
            Halt::Blocked(Query::State(acts_key(input.now)), Failure::Corrupt)
        })?,
    };
    let limit = input.settings.writes_per_hour;
    if spent == 0 || spent.saturating_add(acts) <= limit {
        return Ok(None);
    }
    let next_hour = Timestamp::from_millis((input.now.hour() + 1) * 3_600_000);
    let offset = derived_below(&["budget", input.event.id.as_str()], 3_600_000);
    Ok(Some(Over {
        refusal: Refusal::OverBudget { spent, limit },
        recheck_at: next_hour + Span::millis(i64::try_from(offset).unwrap_or(0)),
    }))
}
