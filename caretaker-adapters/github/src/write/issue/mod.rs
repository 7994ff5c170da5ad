//! Actions on talk, and on what sorts items.

mod copilot;
mod fold;
mod items;
mod open;
mod sorting;
mod talk;

use caretaker_core::{
    model::{IssueAction, Number},
    ports::PortError,
};
use reqwest::Method;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::{Plan, Step};
use crate::{scope::Scope, shape::UserShape};

/// An issue or pull request with what these actions change.
#[derive(Debug, Deserialize)]
struct IssueShape {
    id: u64,
    title: String,
    #[serde(default)]
    body: Option<String>,
    state: String,
    #[serde(default)]
    locked: bool,
    #[serde(default)]
    active_lock_reason: Option<String>,
    #[serde(default)]
    assignees: Vec<UserShape>,
    #[serde(default)]
    milestone: Option<MilestoneShape>,
    #[serde(default)]
    pull_request: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct MilestoneShape {
    title: String,
}

async fn issue(
    scope: Scope<'_>,
    op: &'static str,
    number: Number,
) -> Result<IssueShape, PortError> {
    scope.ask(op, &format!("/issues/{number}")).await
}

/// One request, or none where everything is as wanted.
fn step(
    wanted: bool,
    op: &'static str,
    method: Method,
    rest: String,
    body: impl Into<Option<Value>>,
) -> Plan {
    if wanted {
        return Plan::nothing();
    }
    Plan::one(Step {
        op,
        method,
        rest,
        body: body.into(),
        done: &[],
    })
}

pub(super) async fn plan(scope: Scope<'_>, action: &IssueAction) -> Result<Plan, PortError> {
    match action {
        IssueAction::Open(wanted) => open::plan(scope, wanted).await,
        IssueAction::Edit {
            number,
            title,
            body,
        } => items::edit(scope, *number, title.as_deref(), body.as_deref()).await,
        IssueAction::Close { number, why } => items::close(scope, *number, *why).await,
        IssueAction::Reopen { number } => items::reopen(scope, *number).await,
        IssueAction::Lock { number, why } => items::lock(scope, *number, *why).await,
        IssueAction::Unlock { number } => items::unlock(scope, *number).await,
        IssueAction::AddPart { number, part } => items::add_part(scope, *number, *part).await,
        IssueAction::Assign { number, login } => sorting::assign(scope, *number, login).await,
        IssueAction::AssignCopilot { number } => copilot::assign(scope, *number).await,
        IssueAction::Unassign { number, login } => sorting::unassign(scope, *number, login).await,
        IssueAction::CreateMilestone { title, description } => {
            sorting::create_milestone(scope, title, description.as_deref()).await
        }
        IssueAction::SetMilestone { number, title } => {
            sorting::set_milestone(scope, *number, title.as_deref()).await
        }
        IssueAction::DefineLabel {
            label,
            color,
            description,
        } => sorting::define_label(scope, label, color, description.as_deref()).await,
        IssueAction::DeleteLabel { label } => sorting::delete_label(scope, label).await,
        IssueAction::EditComment { comment, body, .. } => talk::edit(scope, *comment, body).await,
        IssueAction::Minimize {
            number,
            marker,
            why,
        } => fold::plan(scope, *number, *marker, *why).await,
        IssueAction::React { number, reaction } => talk::react(scope, *number, *reaction).await,
    }
}
