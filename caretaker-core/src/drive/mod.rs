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
pub mod change;
mod closing;
pub mod decide;
pub mod due;
mod ending;
pub mod expand;
pub mod fetch;
pub mod hands;
pub mod journal;
pub mod known_config;
pub mod missed;
pub mod opening;
pub mod pausing;
pub mod recover;
pub mod replay;
pub mod retry;
mod unheard;
pub mod what_if;
pub mod worker;

use crate::agents::{self, Agent};
use crate::model::{Outcome, QueueItem, Run, Settle, Taken};
use crate::ports::{Kind, PortError, Ports};
use crate::route;
use attempt::Attempt;
use closing::{Closing, settlements};
use unheard::{SWITCHED_OFF, left_over, superseded, unheard, why};
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
            let (name, off) = (agent.manifest().name, why(SWITCHED_OFF));
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
        return unheard(ports, worker, taken, why(SWITCHED_OFF), now).await;
    }
    if closing.is_final() {
        let off = |agent: &dyn Agent| known.is_ok() && !route::enabled(agent, &config);
        left_over(ports, worker, &items, off, now, &mut closing).await?;
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
    let worn_out = fault && taken.faults + 1 >= retry::MOST_FAULTS;
    if worn_out || (!fault && retry::waited_too_long(taken.enqueued_at, now)) {
        let buried = Outcome::Buried(error.to_owned());
        match unheard(ports, worker, taken, buried, now).await {
            Ok(handled) => return Ok(handled.settled),
            Err(error) if is_fenced(&error) => return Err(error),
            // What became of an effect cannot be asked now; tried again like the rest.
            Err(_not_yet) => {}
        }
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

/// Agents that hear any of the events, in run order.
fn listeners(items: &[&QueueItem]) -> Vec<&'static dyn Agent> {
    agents::all()
        .filter(|agent| items.iter().any(|item| route::hears(*agent, &item.event)))
        .collect()
}

/// Whether a store's answer means that this worker has lost its right to write.
pub fn is_fenced(error: &PortError) -> bool {
    error.kind == Kind::Fenced
}
