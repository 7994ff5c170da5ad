//! Branches, commits and pull requests.

mod branch;
mod commit;
mod draft;
mod edit;
mod open;
mod update;

use caretaker_core::{model::GitAction, ports::PortError};

use super::Plan;
use crate::scope::Scope;

pub(super) async fn plan(scope: Scope<'_>, action: &GitAction) -> Result<Plan, PortError> {
    match action {
        GitAction::CreateBranch { branch, at } => branch::create(scope, branch, at).await,
        GitAction::Commit(commit) => commit::plan(scope, commit).await,
        GitAction::OpenPull(pull) => open::plan(scope, pull).await,
        GitAction::EditPull {
            number,
            title,
            body,
            base,
        } => {
            let wanted = edit::Wanted {
                title: title.as_deref(),
                body: body.as_deref(),
                base: base.as_ref(),
            };
            edit::plan(scope, *number, &wanted).await
        }
        GitAction::Draft { number, draft } => draft::set(scope, *number, *draft).await,
        GitAction::DisableAutoMerge { number } => draft::no_auto_merge(scope, *number).await,
        GitAction::UpdateBranch { number, expect } => update::plan(scope, *number, expect).await,
    }
}
