//! Reviews: giving and withdrawing them, and asking for them.

mod dismiss;
mod requested;
mod resolve;
mod submit;

use caretaker_core::{model::ReviewAction, ports::PortError};

use super::Plan;
use crate::scope::Scope;

pub(super) async fn plan(scope: Scope<'_>, action: &ReviewAction) -> Result<Plan, PortError> {
    match action {
        ReviewAction::Submit(review) => submit::plan(scope, review).await,
        ReviewAction::Dismiss {
            number,
            review,
            why,
        } => dismiss::plan(scope, *number, *review, why).await,
        ReviewAction::Resolve { number, thread } => resolve::plan(scope, *number, thread).await,
        ReviewAction::Request {
            number,
            people,
            teams,
        } => requested::ask(scope, *number, people, teams).await,
        ReviewAction::Unrequest {
            number,
            people,
            teams,
        } => requested::take_back(scope, *number, people, teams).await,
    }
}
