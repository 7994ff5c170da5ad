//! A pass that writes nothing: the same questions, the same pure decisions, only printed.

use std::collections::VecDeque;

use anyhow::Context as _;
use caretaker_core::agents::Agent;
use caretaker_core::drive::decide::{Taken, decide};
use caretaker_core::drive::known_config;
use caretaker_core::drive::opening::{self, Under};
use caretaker_core::model::{Action, AgentName, EventId, Outcome, QueueItem, RunId};
use caretaker_core::route;
use serde::Serialize;

use super::target::Target;
use crate::cli::Exit;
use crate::cli::out::Out;
use crate::cli::store::Store;
use crate::cli::view::View;
use crate::settings::Settings;

/// Items looked at in one dry pass at most.
const MOST: usize = 500;

#[derive(Serialize)]
struct Told {
    dry_run: bool,
    runs: Vec<View>,
    halted: Vec<Halted>,
    off: Vec<String>,
    complete: bool,
}

/// An agent that came to no decision.
#[derive(Serialize)]
struct Halted {
    agent: String,
    subject: String,
    why: String,
}

/// Decides about the target and about what that would put on the queue.
pub(super) async fn run(
    store: &Store,
    settings: &Settings,
    target: &Target,
    out: Out,
) -> anyhow::Result<Exit> {
    let ports = &store.ports;
    let now = ports.clock.now();
    let before = known_config::remembered(ports, &target.repo.key).await?;
    let before = before.as_ref().map(|(_, known)| known);
    let known = known_config::look(ports, &target.repo, before, now)
        .await
        .context("the repository's configuration cannot be read")?;
    let (config, used) = (known.config(), known.used());
    let under = Under {
        config: &config,
        used: &used,
        ceiling: settings.ceiling(),
        paused: ports.storage.paused(&target.repo.key).await?,
    };
    let mut told = Told {
        dry_run: true,
        runs: Vec::new(),
        halted: Vec::new(),
        off: Vec::new(),
        complete: true,
    };
    let mut waiting = VecDeque::from([target.item(EventId::new("dry-run"), now)]);
    let mut looked = 0;
    while let Some(item) = waiting.pop_front() {
        looked += 1;
        if looked > MOST {
            told.complete = false;
            break;
        }
        for agent in route::listeners(&item.event) {
            if route::enabled(agent, &config) {
                let next = one(store, target, agent, &item, &under, &mut told);
                waiting.extend(next.await);
            } else {
                let name = agent.manifest().name.to_owned();
                if !told.off.contains(&name) {
                    told.off.push(name);
                }
            }
        }
    }
    out.show(&told, Told::text)?;
    Ok(if told.halted.is_empty() {
        Exit::Good
    } else {
        Exit::No
    })
}

/// One agent's decision about one item; returns what it would put on the queue.
async fn one(
    store: &Store,
    target: &Target,
    agent: &'static dyn Agent,
    item: &QueueItem,
    under: &Under<'_>,
    told: &mut Told,
) -> Vec<QueueItem> {
    let now = store.ports.clock.now();
    let task = opening::task(agent, &item.event, under, now);
    let deciding = decide(&store.ports, &target.repo, item.class, agent, &task).await;
    let name = agent.manifest().name;
    let why = match deciding.taken {
        Taken::Decided(decision, reviewed) => {
            let next = reviewed
                .allowed
                .iter()
                .filter_map(|planned| match &planned.action {
                    Action::Enqueue(what) => Some(route::handed_on(item, &item.event, what, now)),
                    Action::Forge(_) | Action::Merge(_) => None,
                });
            let next = next.collect();
            let mut run = opening::record(item, AgentName::new(name), Outcome::Decided, now);
            run.id = RunId::new("dry-run");
            run.repo = Some(target.repo.clone());
            (run.task, run.decision, run.reviewed) = (task, Some(decision), Some(reviewed));
            told.runs.push(View::dry(&run));
            return next;
        }
        Taken::Halted(halt) => deciding.failure.unwrap_or_else(|| format!("{halt:?}")),
        Taken::Faulty(text) => text,
    };
    told.halted.push(Halted {
        agent: name.to_owned(),
        subject: item.event.subject.to_string(),
        why,
    });
    Vec::new()
}

impl Told {
    fn text(&self) -> String {
        let mut parts: Vec<String> = self.runs.iter().map(View::text).collect();
        for Halted {
            agent,
            subject,
            why,
        } in &self.halted
        {
            parts.push(format!("{subject}: {agent} came to no decision: {why}\n"));
        }
        for agent in &self.off {
            parts.push(format!("{agent} is switched off in the configuration\n"));
        }
        if !self.complete {
            parts.push(format!("there is more than the {MOST} items looked at\n"));
        }
        if parts.is_empty() {
            parts.push("nobody looks at it\n".to_owned());
        }
        parts.push("dry run: nothing was written\n".to_owned());
        parts.join("\n")
    }
}
