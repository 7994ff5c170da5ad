//! Actions: one file for each family. Each compares with what is there and writes a difference.
//!
//! `plan` reads and says what is missing; `write` carries that out, `settle` only looks whether
//! anything is. So both always mean the same by "as wanted".

mod branches;
mod ci;
mod comments;
mod git;
mod issue;
mod items;
mod labels;
pub(crate) mod merge;
mod publish;
mod queue;
mod reactions;
mod review;

use caretaker_core::{
    model::{ForgeAction, Marker, Receipt, Sha},
    ports::{Kind, PortError, Settled},
};
use reqwest::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::{
    client::Reply,
    error::{Doing, unintelligible},
    graphql::document::Document,
    scope::Scope,
};

/// In a step's path: the number of what the step before has made. No path of ours holds braces.
const MADE: &str = "{made}";

/// What is missing to what an action wants: steps in their order, none where nothing is.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    steps: Vec<Step>,
    via: Option<&'static str>,
    /// Nothing was compared: whether it was done before cannot be told.
    blind: bool,
    /// Where in the body of each step after the first the `sha` of the reply before it goes.
    hands_on: &'static [&'static str],
    refused: IfRefused,
    /// GitHub drops it without a word where it cannot be, so it is looked at again.
    confirm: bool,
    /// What only GraphQL can change; sent last.
    mutations: Vec<Mutation>,
}

/// A change that is sent as a document.
#[derive(Debug)]
struct Mutation {
    op: &'static str,
    document: Document,
    variables: Value,
}

/// What a refusal of a step means (404, 405, 409, 410, 422), beside those that mean "done".
#[derive(Debug, Default)]
enum IfRefused {
    /// A refusal.
    #[default]
    Fail,
    /// That somebody may have done it meanwhile: it is looked at again.
    LookAgain,
    /// Where it is a 422, that this is sent in its place.
    Instead(Step),
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

    /// Whether everything is as wanted.
    fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.mutations.is_empty()
    }

    fn mutating(mutation: Mutation) -> Self {
        Self {
            mutations: vec![mutation],
            ..Self::default()
        }
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
    let scope = scope
        .writing(action.permission())
        .as_person(action.needs_person());
    let plan = plan(scope, action).await?;
    let mut changed = false;
    let mut made = Made::default();
    for (at, mut step) in plan.steps.into_iter().enumerate() {
        step.rest = made.fill_in(step.op, &step.rest)?;
        let place = at.checked_sub(1).and_then(|at| plan.hands_on.get(at));
        if let (Some(place), Some(body)) = (place, &mut step.body)
            && let Some(field) = body.pointer_mut(place)
        {
            let sha = made.sha.as_ref();
            let lost = || unintelligible(step.op, "what was made has no hash in its answer");
            *field = Value::from(sha.ok_or_else(lost)?.as_str());
        }
        match send(scope, &step).await {
            Ok(reply) => {
                changed = true;
                let now = Made::of(&reply);
                made = Made {
                    id: now.id.or(made.id),
                    ..now
                };
            }
            Err(error) if step.is_done(error.kind) => {}
            Err(error) => {
                changed |= otherwise(scope, action, plan.refused, error).await?;
                break;
            }
        }
    }
    let started = made
        .workflow_run_id
        .map(|run| format!("workflow_run {run}"));
    for mutation in plan.mutations {
        let Mutation {
            op,
            document,
            variables,
        } = mutation;
        let _payload: IgnoredAny = scope
            .graphql(op, Doing::Write, document, &variables)
            .await?;
        changed = true;
    }
    if plan.confirm && changed && !self::plan(scope, action).await?.is_empty() {
        return Err(PortError::new("forge.write", Kind::Refused(422))
            .detail("GitHub took it and did nothing; it is not possible there"));
    }
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
    #[serde(default)]
    sha: Option<Sha>,
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

async fn send(scope: Scope<'_>, step: &Step) -> Result<Reply, PortError> {
    scope
        .write(step.op, step.method.clone(), &step.rest, step.body.as_ref())
        .await
}

/// What follows from an error; whether anything was changed.
async fn otherwise(
    scope: Scope<'_>,
    action: &ForgeAction,
    refused: IfRefused,
    error: PortError,
) -> Result<bool, PortError> {
    match (refused, error.kind) {
        (IfRefused::LookAgain, Kind::Refused(_)) => match plan(scope, action).await {
            Ok(plan) if plan.is_empty() => Ok(false),
            // Not to know it is no reason to forget that it was refused.
            Ok(_) | Err(_) => Err(error),
        },
        (IfRefused::Instead(step), Kind::Refused(422)) => {
            tracing::info!(
                op = error.op,
                "refused with 422: sent again in another form"
            );
            send(scope, &step).await.map(|_| true)
        }
        (_, _) => Err(error),
    }
}

/// Tells whether the world is as the action wants it.
pub(crate) async fn settle(scope: Scope<'_>, action: &ForgeAction) -> Result<Settled, PortError> {
    match plan(scope, action).await {
        Ok(plan) if plan.blind => Ok(Settled::Unknown),
        Ok(plan) if plan.is_empty() => Ok(Settled::Performed),
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
        ForgeAction::Git(action) => Box::pin(git::plan(scope, action)).await,
        ForgeAction::Review(action) => Box::pin(review::plan(scope, action)).await,
        ForgeAction::Issue(action) => Box::pin(issue::plan(scope, action)).await,
        ForgeAction::Reply { number, to, body } => {
            comments::upsert(scope, *number, (Marker::Answer, Some(*to)), body).await
        }
    }
}
