//! How many acts an hour may see. The count is evidence; the claim adds to the same hour.

use crate::agents::Input;
use crate::model::ask::AskState;
use crate::model::{Failure, Halt, Query, Refusal, Span, Timestamp, derived_below};

/// Under which the acts of an hour are counted.
pub fn acts_key(now: Timestamp) -> String {
    format!("writes/{}", now.hour())
}

/// Under which the voice of an hour is counted; it has no limit of its own.
pub fn voice_key(now: Timestamp) -> String {
    format!("voice/{}", now.hour())
}

/// How far an hour's acts have gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Acts already performed in the hour.
    pub spent: u64,
    /// Acts allowed in an hour.
    pub limit: u64,
}

/// The limit that so many acts would go over, so that an agent can say so beforehand.
pub fn over_budget(input: &Input<'_>, acts: u64) -> Result<Option<Limit>, Halt> {
    let (spent, limit) = (spent(input)?, input.settings.writes_per_hour);
    let over = spent > 0 && spent.saturating_add(acts) > limit;
    Ok(over.then_some(Limit { spent, limit }))
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
    let Some(Limit { spent, limit }) = over_budget(input, acts)? else {
        return Ok(None);
    };
    let next_hour = Timestamp::from_millis((input.now.hour() + 1) * 3_600_000);
    let offset = derived_below(&["budget", input.event.id.as_str()], 3_600_000);
    Ok(Some(Over {
        refusal: Refusal::OverBudget { spent, limit },
        recheck_at: next_hour + Span::millis(i64::try_from(offset).unwrap_or(0)),
    }))
}

fn spent(input: &Input<'_>) -> Result<u64, Halt> {
    let Some(versioned) = input.ask(&AskState(acts_key(input.now)))? else {
        return Ok(0);
    };
    versioned
        .value
        .decode::<u64>()
        .map_err(|_not_a_number| Halt::Blocked(Query::State(acts_key(input.now)), Failure::Corrupt))
}
