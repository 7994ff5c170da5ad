//! Actions: one file for each family. Each compares with what is there and writes a difference.
//!
//! `plan` reads and says what is missing; `write` carries that out, `settle` only looks whether
//! anything is. So both always mean the same by "as wanted".

mod branches;
mod ci;
mod comments;
mod items;
mod labels;
pub(crate) mod merge;
mod publish;
mod reactions;

use caretaker_core::{
    model::{ForgeAction, Marker, Receipt},
    ports::{Kind, PortError, Settled},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::{client::Reply, error::unintelligible, scope::Scope};

/// In a step's path: the number of what the step before has made. No path of ours holds braces.
const MADE: &str = "{made}";

/// What is missing to what an action wants: steps in their order, none where nothing is.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    steps: Vec<Step>,
    via: Option<&'static str>,
    /// Nothing was compared: whether it was done before cannot be told.
    blind: bool,
}

/// One request that changes something.
#[derive(Debug)]
pub(crate) struct Step {
    op: &'static str,
    method: Method,
    rest: String,
    body: Option<Value>,
    /// Statuses that say that somebody else has done it already.
    done: &'static [u16],
}

impl Step {
    /// Whether a refusal says that there is nothing left to do.
    fn is_done(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Refused(status) if self.done.contains(&status))
    }
}

impl Plan {
    /// Everything is as wanted.
    fn nothing() -> Self {
        Self::default()
    }

    fn one(step: Step) -> Self {
        Self {
            steps: vec![step],
            ..Self::default()
        }
    }

    /// A step whose effect leaves nothing that could be told from another's.
    fn blind(step: Step) -> Self {
        Self {
            blind: true,
            ..Self::one(step)
        }
    }
}

/// Performs the action.
pub(crate) async fn perform(scope: Scope<'_>, action: &ForgeAction) -> Result<Receipt, PortError> {
    let scope = scope.writing(action.permission());
    let plan = plan(scope, action).await?;
    let mut changed = false;
    let mut made = Made::default();
    for step in plan.steps {
        let rest = made.fill_in(step.op, &step.rest)?;
        let sent = scope
            .write(step.op, step.method.clone(), &rest, step.body.as_ref())
            .await;
        match sent {
            Ok(reply) => {
                changed = true;
                let now = Made::of(&reply);
                made = Made {
                    id: now.id.or(made.id),
                    ..now
                };
            }
            Err(error) if step.is_done(error.kind) => {}
            Err(error) => return Err(error),
        }
    }
    let started = made
        .workflow_run_id
        .map(|run| format!("workflow_run {run}"));
    Ok(Receipt {
        changed,
        via: plan.via.map(str::to_owned).or(started),
    })
}

/// What a step was answered, as far as it matters. That it took effect is in the status: an
/// answer without any of this is as good.
#[derive(Debug, Default, Deserialize)]
struct Made {
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    workflow_run_id: Option<u64>,
}

impl Made {
    fn of(reply: &Reply) -> Self {
        serde_json::from_slice(&reply.body).unwrap_or_default()
    }

    /// A step's path, with the number of what the step before has made.
    fn fill_in(&self, op: &'static str, rest: &str) -> Result<String, PortError> {
        if !rest.contains(MADE) {
            return Ok(rest.to_owned());
        }
        // What is there by now is found by the next try.
        let lost = || unintelligible(op, "what was made has no number in its answer");
        let id = self.id.ok_or_else(lost)?;
        Ok(rest.replace(MADE, &id.to_string()))
    }
}

/// Tells whether the world is as the action wants it.
pub(crate) async fn settle(scope: Scope<'_>, action: &ForgeAction) -> Result<Settled, PortError> {
    match plan(scope, action).await {
        Ok(plan) if plan.blind => Ok(Settled::Unknown),
        Ok(plan) if plan.steps.is_empty() => Ok(Settled::Performed),
        Ok(_) => Ok(Settled::NotPerformed),
        Err(error) => match error.kind {
            // A branch that points elsewhere was not deleted by us, or was made anew since.
            Kind::Refused(_) => Ok(Settled::NotPerformed),
            // The subject is gone, and with it what could be read back.
            Kind::NotFound => scope.visible().await.map(|()| Settled::Unknown),
            Kind::Conflict
            | Kind::Denied
            | Kind::Fenced
            | Kind::RateLimited(_)
            | Kind::Unavailable
            | Kind::Full
            | Kind::Invalid
            | Kind::Corrupt => Err(error),
        },
    }
}

async fn plan(scope: Scope<'_>, action: &ForgeAction) -> Result<Plan, PortError> {
    match action {
        ForgeAction::AddLabel { number, label } => labels::add(scope, *number, label).await,
        ForgeAction::RemoveLabel { number, label } => labels::remove(scope, *number, label).await,
        ForgeAction::UpsertComment {
            number,
            marker,
            body,
        } => comments::upsert(scope, *number, (*marker, None), body).await,
        ForgeAction::Close { number, pull } => items::close(scope, *number, *pull).await,
        ForgeAction::DeleteBranch { branch, expect } => {
            branches::delete(scope, branch, expect).await
        }
        ForgeAction::Publish(publish) => publish::plan(scope, publish).await,
        ForgeAction::Ci(action) => Box::pin(ci::plan(scope, action)).await,
        ForgeAction::React {
            comment, reaction, ..
        } => reactions::add(scope, *comment, *reaction).await,
        ForgeAction::Reply { number, to, body } => {
            comments::upsert(scope, *number, (Marker::Answer, Some(*to)), body).await
        }
    }
}
