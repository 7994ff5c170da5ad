//! Giving an issue to Copilot: an assignment that GitHub takes from people only.

use caretaker_core::{
    model::{Family, Number},
    ports::PortError,
};
use reqwest::Method;
use serde_json::json;

use super::{Plan, issue, step};
use crate::{scope::Scope, shape::actor};

const OP: &str = "forge.write.copilot";
/// The account that is asked for; the one that is assigned then is called `Copilot`.
const AGENT: &str = "copilot-swe-agent[bot]";

/// Where Copilot is not switched on, or the person may not assign, nothing happens and nothing is
/// said.
pub(super) async fn assign(scope: Scope<'_>, number: Number) -> Result<Plan, PortError> {
    let there = issue(scope, OP, number).await?;
    let mut people = there.assignees.iter();
    let has = people.any(|user| actor(Some(user)).family(false, true, "") == Family::Copilot);
    let rest = format!("/issues/{number}/assignees");
    let body = json!({ "assignees": [AGENT] });
    let mut plan = step(has, OP, Method::POST, rest, body);
    plan.confirm = true;
    Ok(plan)
}
