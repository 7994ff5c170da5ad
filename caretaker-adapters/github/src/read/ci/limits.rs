//! What is left of our requests. Asking costs none.

use std::collections::BTreeMap;

use caretaker_core::{
    model::{Budget, RateLimits, Timestamp},
    ports::PortError,
};
use serde::Deserialize;

use crate::{error::unintelligible, scope::Scope};

const OP: &str = "forge.read.rate_limit";

#[derive(Debug, Deserialize)]
struct LimitsShape {
    resources: BTreeMap<String, BudgetShape>,
}

#[derive(Debug, Deserialize)]
struct BudgetShape {
    limit: u64,
    remaining: u64,
    used: u64,
    /// In seconds since 1970.
    reset: i64,
}

pub(super) async fn left(scope: Scope<'_>) -> Result<RateLimits, PortError> {
    let reply = scope.reply(OP, "/rate_limit".to_owned()).await?;
    let shape: LimitsShape = reply.parse(OP)?;
    let budget = |budget: BudgetShape| {
        let millis = budget.reset.checked_mul(1_000)?;
        Some(Budget {
            limit: budget.limit,
            remaining: budget.remaining,
            used: budget.used,
            reset: Timestamp::from_millis(millis),
        })
    };
    let resources = shape
        .resources
        .into_iter()
        .map(|(name, shape)| Some((name, budget(shape)?)))
        .collect::<Option<_>>()
        .ok_or_else(|| unintelligible(OP, "a reset is no time"))?;
    Ok(RateLimits { resources })
}
