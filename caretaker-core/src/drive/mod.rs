//! The only async code of core: in what order things happen. No executor, no clock of its own.
//!
//! [`expand`] turns accepted deliveries into items; [`handle`] takes one item through config,
//! listeners, decision, guard, journal, effect and settlement; [`recover`] settles what a crashed
//! process left. Each knows nothing of single agents, events or actions.
//!
//! A taken item is answered for all of its listeners before it is settled. Runs without effects
//! share one commit with the settlement; a run with effects has its own barriers ([`apply`]).

pub mod apply;
pub mod attempt;
mod closing;
pub mod decide;
pub mod due;
mod ending;
pub mod expand;
pub mod fetch;
pub mod journal;
pub mod known_config;
pub mod opening;
pub mod recover;
pub mod replay;
pub mod retry;
pub mod worker;

use crate::agents::{AGENTS, Agent};
use crate::model::{
    AgentName, Detail, Event, EventId, Outcome, QueueItem, Run, Settle, Taken, Timestamp,
};
use crate::ports::{Kind, PortError, Ports};
use crate::route;
use attempt::{Attempt, Ending};
use closing::{Closing, settlements};
pub use worker::{CALL_DEADLINE, Lease, Worker};

/// What handling an item came to.
#[derive(Debug)]
pub struct Handled {
    /// Runs that were closed, in order.
    pub closed: Vec<Run>,
    /// How the item was settled.
    pub settled: Settle,
}

/// Handles one taken item, with those that joined it, and settles it.
///
/// # Errors
/// Only when our own memory fails; then nothing is settled and the caller puts the item off
/// ([`put_off`]). `Fenced` means that another worker has it: stop silently.
pub async fn handle(ports: &Ports, worker: &Worker, taken: &Taken) -> Result<Handled, PortError> {
    let now = ports.clock.now();
    let items: Vec<&QueueItem> = std::iter::once(&taken.item).chain(&taken.joined).collect();
    if let Some(previous) = superseded(ports, &taken.item.event).await? {
        return unheard(ports, worker, taken, Outcome::Superseded(previous), now).await;
    }
    let Some(key) = taken.item.event.scope.repo() else {
        return unheard(ports, worker, taken, why("no_repository"), now).await;
    };
    let repo = match ports.storage.by_key(key).await? {
        None => return unheard(ports, worker, taken, why("unknown_repository"), now).await,
        Some(known) => match known.off {
            Some(off) => return unheard(ports, worker, taken, why(&off), now).await,
            None => known.repo,
        },
    };
    let listeners = listeners(&items);
    if listeners.is_empty() {
        return unheard(ports, worker, taken, why("nobody_listens"), now).await;
    }
    let pushed = items
        .iter()
        .any(|item| item.event.may_change_configuration());
    let known = known_config::load(ports, worker, &repo, pushed, now).await;
    let config = known
        .as_ref()
        .map(known_config::KnownConfig::config)
        .unwrap_or_default();

    let mut closing = Closing::default();
    let mut active = false;
    for agent in listeners {
        if known.is_ok() && !route::enabled(agent, &config) {
            let (name, off) = (agent.manifest().name, why("switched_off"));
            closing.also(opening::let_go(ports, worker, taken, Some(name), &off, now).await?);
            continue;
        }
        active = true;
        let attempt = Attempt {
            ports,
            worker,
            repo: &repo,
            config: &config,
            agent,
            taken,
            now,
        };
        let ending = match &known {
            Ok(known) => attempt.make(known).await?,
            Err(error) => attempt.without_configuration(error).await?,
        };
        closing.add(ports, worker, ending).await?;
    }
    if !active {
        return unheard(ports, worker, taken, why("switched_off"), now).await;
    }
    closing.settle(ports, worker, taken).await
}

/// Gives an item back after our own memory failed or its deadline passed.
pub async fn put_off(
    ports: &Ports,
    worker: &Worker,
    taken: &Taken,
    error: &str,
    fault: bool,
) -> Result<Settle, PortError> {
    let now = ports.clock.now();
    if fault && taken.faults + 1 >= retry::MOST_FAULTS {
        let buried = Outcome::Buried(error.to_owned());
        return Ok(unheard(ports, worker, taken, buried, now).await?.settled);
    }
    let how = Settle::Later {
        at: now + retry::backoff(taken.put_off, &taken.item.event.id),
        error: error.to_owned(),
        fault,
    };
    let writes = settlements(taken, &how);
    ports
        .storage
        .commit(Some(worker.lease.fence()), writes)
        .await?;
    Ok(how)
}

fn why(word: &str) -> Outcome {
    Outcome::Unheard(word.to_owned())
}

/// Agents that hear any of the events, in run order.
fn listeners(items: &[&QueueItem]) -> Vec<&'static dyn Agent> {
    AGENTS
        .iter()
        .copied()
        .filter(|agent| items.iter().any(|item| route::hears(*agent, &item.event)))
        .collect()
}

/// The earlier event whose open children answer for this one, if there is such.
async fn superseded(ports: &Ports, event: &Event) -> Result<Option<EventId>, PortError> {
    let Detail::Tick {
        previous: Some(previous),
        cursor: None,
        ..
    } = &event.detail
    else {
        return Ok(None);
    };
    let open = ports.storage.open_children(previous).await?;
    Ok((open > 0).then(|| previous.clone()))
}

/// Closes an item that no agent is to hear, with a record that says why.
async fn unheard(
    ports: &Ports,
    worker: &Worker,
    taken: &Taken,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Handled, PortError> {
    let agent = AgentName::new(opening::INTAKE);
    let attempts = ports
        .storage
        .attempts(&taken.item.event.id, taken.item.generation)
        .await?;
    let mut closing = Closing::default();
    closing.also(opening::let_go(ports, worker, taken, None, &outcome, now).await?);
    for item in &taken.joined {
        closing.also(opening::without_recheck(&item.event));
    }
    let given_up = matches!(outcome, Outcome::Buried(_));
    if given_up || !attempts.iter().any(|attempt| attempt.is_final) {
        let run = opening::record(&taken.item, agent, outcome, now);
        let forgotten = opening::without_recheck(&taken.item.event);
        closing
            .add(ports, worker, Ending::closed(run, forgotten))
            .await?;
    }
    closing.settle(ports, worker, taken).await
}

/// Whether a store's answer means that this worker has lost its right to write.
pub fn is_fenced(error: &PortError) -> bool {
    error.kind == Kind::Fenced
}
