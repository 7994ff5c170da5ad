//! Who hears an event: one table, from the agents' manifests.

pub mod needs;
pub mod page;

use crate::agents::{self, Agent, ParamsFrom, Reacts};
use crate::config::{self, Config};
use crate::model::{
    AgentName, Class, DedupKey, Detail, Enqueue, Event, EventId, EventKind, InstallationId, Json,
    Mode, QueueItem, Scope, Subject, Timestamp, digest,
};
use crate::ports::DueRecheck;

/// Agents that hear an event, in the order in which they run. Whether one is switched on is the
/// repository's affair ([`enabled`]).
pub fn listeners(event: &Event) -> Vec<&'static dyn Agent> {
    agents::all().filter(|agent| hears(*agent, event)).collect()
}

/// Whether an agent hears an event: it listens to the kind, can look at the subject, and is
/// called if the event calls somebody.
pub fn hears(agent: &dyn Agent, event: &Event) -> bool {
    let manifest = agent.manifest();
    let called = match &event.detail {
        Detail::For(names) => names.iter().any(|name| name.as_str() == manifest.name),
        Detail::Nothing | Detail::Tick { .. } | Detail::Push { .. } | Detail::Command { .. } => {
            true
        }
    };
    called && manifest.looks_at(&event.subject) && manifest.listens_to(event)
}

/// Whether a repository's configuration switches an agent on. Built-in listeners always are.
pub fn enabled(agent: &dyn Agent, config: &Config) -> bool {
    let switch = agent.manifest().params.switch();
    switch.is_none_or(|section| config.enabled(section))
}

/// An agent's parameters under a configuration.
pub fn params(agent: &dyn Agent, config: &Config) -> Json {
    match agent.manifest().params {
        ParamsFrom::Section(section) => config.section(section),
        ParamsFrom::Sections(names) => {
            Json::object(names.iter().map(|name| (*name, config.section(name))))
        }
        ParamsFrom::Nothing => Json::empty_object(),
        ParamsFrom::Of(name) => {
            let other = agents::by_name(name).filter(|other| enabled(*other, config));
            let given = other.map(|other| (name, params(other, config)));
            let mode = config::effective_mode(Mode::Act, config, name);
            Json::object(
                given
                    .into_iter()
                    .chain([("mode", Json::from_value(&mode.name().into()))]),
            )
        }
        ParamsFrom::AllSections => {
            let with_section = agents::all().filter(|agent| {
                agent.manifest().params.switch().is_some() && enabled(*agent, config)
            });
            Json::object(with_section.map(|agent| (agent.manifest().name, params(agent, config))))
        }
    }
}

/// An event as something that waits: how urgent, whether it may join others, what it stands for.
pub fn item(
    event: Event,
    delivery: Option<DedupKey>,
    installation: Option<InstallationId>,
    due: Timestamp,
) -> QueueItem {
    let listeners = listeners(&event);
    let edge = listeners
        .iter()
        .any(|agent| agent.manifest().reacts_to(event.kind) == Some(Reacts::Edge));
    let commanded = matches!(event.detail, Detail::Command { .. });
    let class = match event.kind {
        _ if commanded => Class::Interactive,
        EventKind::Requested => Class::Interactive,
        EventKind::Ticked
        | EventKind::RecheckDue
        | EventKind::Installed
        | EventKind::InstallationChanged
        | EventKind::RepositoriesAdded => Class::Sweep,
        _ => Class::Event,
    };
    QueueItem {
        event,
        class,
        edge,
        coalesce: None,
        delivery,
        parent: None,
        installation,
        generation: 0,
        due,
    }
}

/// What a decision puts on our own queue, as an item. The same decision gives the same ids.
///
/// While a look at the same subject for the same agents waits, another one is not added.
pub fn handed_on(root: &QueueItem, from: &Event, what: &Enqueue, now: Timestamp) -> QueueItem {
    let scope = from.scope.to_string();
    let (event, coalesce) = match what {
        Enqueue::Look { subject, agents } => {
            let names: Vec<_> = agents.iter().map(AgentName::as_str).collect();
            let names = names.join("+");
            let id = digest(&["look", from.id.as_str(), &subject.to_string(), &names]);
            let coalesce = format!("look/{scope}/{subject}/{names}");
            (
                called(
                    &id,
                    from,
                    EventKind::FannedOut,
                    subject.clone(),
                    agents.clone(),
                ),
                Some(coalesce),
            )
        }
        Enqueue::Continue { cursor, due } => {
            let id = digest(&["continue", from.id.as_str(), cursor]);
            let mut event = called(
                &id,
                from,
                EventKind::Ticked,
                from.subject.clone(),
                Vec::new(),
            );
            event.detail = Detail::Tick {
                window: from.at,
                previous: None,
                due: due.clone(),
                cursor: Some(cursor.clone()),
            };
            (event, None)
        }
    };
    let parent = root.parent.clone().unwrap_or_else(|| root.event.id.clone());
    let class = if root.class == Class::Interactive {
        Class::Event
    } else {
        root.class
    };
    QueueItem {
        class,
        coalesce,
        parent: Some(parent),
        ..item(event, None, root.installation, now)
    }
}

/// A recheck that has come due, as an item.
pub fn recheck(
    due: &DueRecheck,
    installation: Option<InstallationId>,
    now: Timestamp,
) -> QueueItem {
    let at = due.at.as_millis().to_string();
    let (repo, subject) = (due.repo.to_string(), due.subject.to_string());
    let id = digest(&["recheck", &repo, &subject, due.agent.as_str(), &at]);
    let event = Event {
        id: EventId::new(&id[..32]),
        scope: Scope::Repo(due.repo.clone()),
        subject: due.subject.clone(),
        kind: EventKind::RecheckDue,
        at: due.at,
        actor: None,
        edge_identity: None,
        detail: Detail::For(vec![due.agent.clone()]),
    };
    item(event, None, installation, now)
}

fn called(
    id: &str,
    from: &Event,
    kind: EventKind,
    subject: Subject,
    agents: Vec<AgentName>,
) -> Event {
    Event {
        id: EventId::new(&id[..32]),
        scope: from.scope.clone(),
        subject,
        kind,
        at: from.at,
        actor: None,
        edge_identity: None,
        detail: Detail::For(agents),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::AGENTS;

    #[test]
    fn every_agent_hears_at_least_one_kind_that_something_produces() {
        for agent in AGENTS {
            let manifest = agent.manifest();
            let produced = EventKind::ALL
                .iter()
                .any(|kind| manifest.reacts_to(*kind).is_some());
            assert!(produced, "{} is unreachable", manifest.name);
        }
    }
}
