//! Opening a run: which event it answers, which attempt it is, and what it is asked.

use super::attempt::{Attempt, Ending};
use super::{Worker, journal, recover};
use crate::agents::{Agent, Reacts};
use crate::config::{self, Config};
use crate::model::{
    AgentName, ConfigState, ConfigUsed, Detail, Event, EventId, Evidence, Json, Mode, Outcome,
    Pause, QueueItem, Run, RunId, Settings, Taken, Task, Timestamp, run,
};
use crate::ports::{PortError, Ports, Write};
use crate::{guard, route};

/// Under whose name records stand that no agent made.
pub const INTAKE: &str = "intake";

/// What opening a run came to.
pub(super) enum Opened {
    /// A run to make, and the records of older joined events whose open runs it answers.
    Run(Box<Run>, Vec<Write>),
    /// It is answered already.
    Answered(Ending),
}

impl Attempt<'_> {
    /// Opens the run, or continues the open one.
    pub(super) async fn open(&self, used: &ConfigUsed) -> Result<Opened, PortError> {
        let heard: Vec<&QueueItem> = std::iter::once(&self.taken.item)
            .chain(&self.taken.joined)
            .filter(|item| route::hears(self.agent, &item.event))
            .collect();
        let Some((item, older)) = heard.split_last() else {
            return Ok(Opened::Answered(Ending::Nothing(Vec::new())));
        };
        let name = AgentName::new(self.agent.manifest().name);
        let storage = &self.ports.storage;
        let mut superseded = Vec::new();
        for other in older {
            for attempt in storage.attempts(&other.event.id, other.generation).await? {
                if attempt.agent != name || attempt.outcome.is_some() {
                    continue;
                }
                if let Some(mut open) = storage.run(&attempt.run).await? {
                    open = recover::settle(self.ports, self.worker, open, self.now).await?;
                    open.outcome = Some(Outcome::Superseded(item.event.id.clone()));
                    superseded.extend(journal::fold(&mut open));
                    superseded.push(Write::Close(Box::new(open)));
                }
            }
        }
        let own: Vec<_> = storage
            .attempts(&item.event.id, item.generation)
            .await?
            .into_iter()
            .filter(|attempt| attempt.agent == name)
            .collect();
        if own.iter().any(|attempt| attempt.is_final) {
            return Ok(Opened::Answered(Ending::Nothing(superseded)));
        }
        let before = self.decided_before(item, &name).await?;
        let joined: Vec<EventId> = heard
            .iter()
            .map(|heard| heard.event.id.clone())
            .filter(|id| *id != item.event.id)
            .collect();
        let mut number = 1 + own
            .iter()
            .filter(|attempt| attempt.outcome.is_some())
            .count();
        let (mut blocked, mut last_failure, mut opened_at) = (0, None, self.now);
        if let Some(open) = own.iter().find(|attempt| attempt.outcome.is_none())
            && let Some(open) = storage.run(&open.run).await?
        {
            if before.is_some() || open.looked.is_some() {
                // A crash or a deadline cut its effects short: settle, never send again.
                recover::close(self.ports, self.worker, open, self.now).await?;
                number += 1;
            } else {
                (blocked, last_failure) = (open.blocked, open.last_failure);
                opened_at = open.opened_at;
            }
        }
        let attempt = u32::try_from(number).unwrap_or(u32::MAX);
        let paused = storage.paused(&self.repo.key).await?;
        let task = self.task(&item.event, used, paused);
        let mut run = blank(item, name, attempt, task, self.now);
        run.repo = Some(self.repo.clone());
        run.agent_revision = self.agent.manifest().revision;
        run.joined = joined;
        (run.blocked, run.last_failure) = (blocked, last_failure);
        run.opened_at = opened_at;
        if let Some(before) = before {
            run.closed_at = Some(self.now);
            run.outcome = Some(Outcome::Superseded(before));
            return Ok(Opened::Answered(Ending::closed(run, superseded)));
        }
        Ok(Opened::Run(Box::new(run), superseded))
    }

    /// The event by which this agent has decided the same act already: one delivery brings it, and
    /// another one again. A redriven event does not stand in its own way.
    async fn decided_before(
        &self,
        item: &QueueItem,
        agent: &AgentName,
    ) -> Result<Option<EventId>, PortError> {
        let edge = self.agent.manifest().reacts_to(item.event.kind) == Some(Reacts::Edge);
        let (Some(identity), true) = (&item.event.edge_identity, edge) else {
            return Ok(None);
        };
        let (storage, repo) = (&self.ports.storage, &self.repo.key);
        storage
            .edge_decided(repo, agent, identity, &item.event.id)
            .await
    }

    fn task(&self, event: &Event, used: &ConfigUsed, paused: Option<Pause>) -> Task {
        let under = Under {
            config: self.config,
            used,
            ceiling: self.worker.ceiling,
            paused,
        };
        task(self.agent, event, &under, self.now)
    }
}

/// What governs an agent's look at something.
pub struct Under<'a> {
    /// The configuration in force.
    pub config: &'a Config,
    /// Where it comes from.
    pub used: &'a ConfigUsed,
    /// The server's limit.
    pub ceiling: Mode,
    /// The operator's stop, if one is in force.
    pub paused: Option<Pause>,
}

/// What an agent is asked to look at.
pub fn task(agent: &dyn Agent, event: &Event, under: &Under<'_>, now: Timestamp) -> Task {
    let mode = match under.used.state {
        ConfigState::Valid | ConfigState::LastGood => {
            config::effective_mode(under.ceiling, under.config, agent.manifest().name)
        }
        // Nobody has said yet what may be done here.
        ConfigState::Absent | ConfigState::NeverValid => Mode::Observe,
    };
    let settings = Settings {
        mode,
        ceiling: under.ceiling,
        writes_per_hour: u64::from(under.config.safety().writes_per_hour),
        config: under.used.clone(),
        paused: under.paused.clone(),
    };
    Task {
        event: event.clone(),
        params: route::params(agent, under.config),
        settings,
        now,
    }
}

fn blank(item: &QueueItem, agent: AgentName, attempt: u32, task: Task, now: Timestamp) -> Run {
    Run {
        schema: run::SCHEMA.to_owned(),
        id: RunId::derive(&item.event.id, &agent, item.generation, attempt),
        repo: None,
        agent,
        agent_revision: 0,
        guard_revision: guard::REVISION,
        generation: item.generation,
        attempt,
        joined: Vec::new(),
        task,
        evidence: Evidence::default(),
        decision: None,
        reviewed: None,
        looked: None,
        effects: Vec::new(),
        opened_at: now,
        closed_at: None,
        blocked: 0,
        last_failure: None,
        outcome: None,
    }
}

/// A closing record that no agent made.
pub fn record(item: &QueueItem, agent: AgentName, outcome: Outcome, now: Timestamp) -> Run {
    let settings = Settings {
        mode: Mode::Observe,
        ceiling: Mode::Observe,
        writes_per_hour: 0,
        config: ConfigUsed {
            state: ConfigState::Absent,
            commit: None,
        },
        paused: None,
    };
    let task = Task {
        event: item.event.clone(),
        params: Json::empty_object(),
        settings,
        now,
    };
    let mut run = blank(item, agent, 1, task, now);
    run.closed_at = Some(now);
    run.outcome = Some(outcome);
    run
}

/// Closes the runs that an agent, or everybody, has left open at these events, when nobody is to
/// go on with them.
pub(super) async fn let_go(
    ports: &Ports,
    worker: &Worker,
    taken: &Taken,
    agent: Option<&str>,
    why: &Outcome,
    now: Timestamp,
) -> Result<Vec<Write>, PortError> {
    let mut writes = Vec::new();
    for item in std::iter::once(&taken.item).chain(&taken.joined) {
        let (event, generation) = (&item.event.id, item.generation);
        for attempt in ports.storage.attempts(event, generation).await? {
            let theirs = agent.is_none_or(|name| attempt.agent.as_str() == name);
            if attempt.outcome.is_some() || !theirs {
                continue;
            }
            if let Some(open) = ports.storage.run(&attempt.run).await? {
                let mut run = recover::settle(ports, worker, open, now).await?;
                run.outcome = Some(why.clone());
                writes.extend(journal::fold(&mut run));
                writes.push(Write::Close(Box::new(run)));
            }
        }
    }
    Ok(writes)
}

/// Takes back the rechecks that an event stands for, when nobody is to make them: else they would
/// come due for ever.
pub(super) fn without_recheck(event: &Event) -> Vec<Write> {
    let (Some(repo), Detail::For(agents)) = (event.scope.repo(), &event.detail) else {
        return Vec::new();
    };
    let recheck = |agent: &AgentName| Write::Recheck {
        repo: repo.clone(),
        subject: event.subject.clone(),
        agent: agent.clone(),
        at: None,
    };
    agents.iter().map(recheck).collect()
}
