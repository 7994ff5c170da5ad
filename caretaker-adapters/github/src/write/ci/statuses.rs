//! Commit statuses.

use caretaker_core::{model::StatusReport, ports::PortError};
use reqwest::Method;
use serde_json::json;

use super::{Plan, Step};
use crate::{
    read::ci::statuses,
    scope::Scope,
    write::publish::{DESCRIPTION, cut},
};

const OP: &str = "forge.write.status";

/// Sets it, unless the youngest of its context says the same; who said it does not matter.
pub(super) async fn set(scope: Scope<'_>, wanted: &StatusReport) -> Result<Plan, PortError> {
    let description = cut(&wanted.description, DESCRIPTION);
    let listing = statuses::of(scope, &wanted.sha).await?;
    // An unread rest is older: statuses are listed youngest first. GitHub takes contexts that
    // differ in case for one.
    let known = listing
        .rows
        .iter()
        .filter(|status| status.context.eq_ignore_ascii_case(&wanted.context))
        .max_by_key(|status| status.id);
    let same = known.is_some_and(|status| {
        status.state == Some(wanted.state)
            && status.description.as_deref().unwrap_or_default().trim() == description.trim()
            && status.target_url == wanted.target_url
    });
    if same {
        return Ok(Plan::nothing());
    }
    let mut body = json!({
        "state": wanted.state.word(),
        "context": wanted.context,
        "description": description,
    });
    if let Some(url) = &wanted.target_url {
        body["target_url"] = json!(url);
    }
    Ok(Plan::one(Step {
        op: OP,
        method: Method::POST,
        rest: format!("/statuses/{}", wanted.sha),
        body: Some(body),
        done: &[],
    }))
}
