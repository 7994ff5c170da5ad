//! What an issue says, whether it is open, who may talk on it, and its parts.

use caretaker_core::{
    model::{
        Number,
        issue::{CloseReason, LockReason},
    },
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{IssueShape, Plan, step};
use crate::{error::unintelligible, read::issue::sorting, scope::Scope};

const EDIT: &str = "forge.write.issue";
const LOCK: &str = "forge.write.lock";
const PART: &str = "forge.write.sub_issue";

/// A pull request is edited, closed and reopened on a route and with a permission of its own.
async fn issue(
    scope: Scope<'_>,
    op: &'static str,
    number: Number,
) -> Result<IssueShape, PortError> {
    let issue = super::issue(scope, op, number).await?;
    if issue.pull_request.is_some() {
        return Err(PortError::new(op, Kind::Refused(422))
            .detail("issue and pull request were taken for each other"));
    }
    Ok(issue)
}

fn path(number: Number) -> String {
    format!("/issues/{number}")
}

pub(super) async fn edit(
    scope: Scope<'_>,
    number: Number,
    title: Option<&str>,
    body: Option<&str>,
) -> Result<Plan, PortError> {
    let there = issue(scope, EDIT, number).await?;
    let mut change = json!({});
    if let Some(title) = title.filter(|title| title.trim() != there.title.trim()) {
        change["title"] = json!(title);
    }
    let said = normal(there.body.as_deref().unwrap_or_default());
    if let Some(body) = body.filter(|body| normal(body) != said) {
        change["body"] = json!(body);
    }
    let done = change == json!({});
    Ok(step(done, EDIT, Method::PATCH, path(number), change))
}

/// GitHub trims texts and may change line ends.
fn normal(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

pub(super) async fn close(
    scope: Scope<'_>,
    number: Number,
    why: CloseReason,
) -> Result<Plan, PortError> {
    let there = issue(scope, EDIT, number).await?;
    let change = json!({"state": "closed", "state_reason": why.word()});
    let done = there.state == "closed";
    Ok(step(done, EDIT, Method::PATCH, path(number), change))
}

pub(super) async fn reopen(scope: Scope<'_>, number: Number) -> Result<Plan, PortError> {
    let there = issue(scope, EDIT, number).await?;
    let change = json!({"state": "open", "state_reason": "reopened"});
    let done = there.state == "open";
    Ok(step(done, EDIT, Method::PATCH, path(number), change))
}

/// Locked for another reason is locked anew; without one, any lock will do.
pub(super) async fn lock(
    scope: Scope<'_>,
    number: Number,
    why: Option<LockReason>,
) -> Result<Plan, PortError> {
    let there = super::issue(scope, LOCK, number).await?;
    let word = why.map(LockReason::word);
    let same = word.is_none() || there.active_lock_reason.as_deref() == word;
    let body = word.map(|word| json!({"lock_reason": word}));
    let rest = format!("/issues/{number}/lock");
    Ok(step(there.locked && same, LOCK, Method::PUT, rest, body))
}

pub(super) async fn unlock(scope: Scope<'_>, number: Number) -> Result<Plan, PortError> {
    let there = super::issue(scope, LOCK, number).await?;
    let rest = format!("/issues/{number}/lock");
    let nothing: Option<Value> = None;
    Ok(step(!there.locked, LOCK, Method::DELETE, rest, nothing))
}

pub(super) async fn add_part(
    scope: Scope<'_>,
    number: Number,
    part: Number,
) -> Result<Plan, PortError> {
    let parts = sorting::parts(scope, number).await?;
    let there = parts.rows.contains(&part);
    if !there && !parts.complete {
        return Err(unintelligible(
            PART,
            "the issue has more parts than are read",
        ));
    }
    let part = issue(scope, PART, part).await?;
    let rest = format!("/issues/{number}/sub_issues");
    let body = json!({"sub_issue_id": part.id});
    Ok(step(there, PART, Method::POST, rest, body))
}
