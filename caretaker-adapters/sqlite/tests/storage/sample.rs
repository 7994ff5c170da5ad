//! Small pieces of the model to write.

use caretaker_core::model::{
    AgentName, BacklogLimits, Class, ConfigState, ConfigUsed, DedupKey, Delivery, DeliveryHeaders,
    Detail, Envelope, Event, EventId, EventKind, Evidence, Json, Mode, Number, Outcome, QueueItem,
    RepoFacts, RepoKey, Retention, Run, RunId, Scope, Settings, Span, Subject, Task, Timestamp,
};
use caretaker_core::ports::Write;

pub(crate) const KEEP: Retention = Retention::USUAL;
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(crate) fn days(n: i64) -> Timestamp {
    NOON + Span::days(n)
}

/// A delivery whose body does not compress.
pub(crate) fn delivery(key: &str, bytes: usize) -> Delivery {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let body = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()[0]
    });
    let headers = DeliveryHeaders {
        event: "issues".to_owned(),
        guid: key.to_owned(),
        hook_id: None,
        target_type: None,
        target_id: None,
    };
    let envelope = Envelope {
        dedup_key: DedupKey::new(key),
        action: None,
        installation: None,
        account: None,
        repository: None,
        facts: RepoFacts::default(),
        sender: None,
    };
    Delivery::new(headers, NOON, envelope, body.take(bytes).collect())
}

pub(crate) fn accept(key: &str, bytes: usize) -> Vec<Write> {
    vec![Write::Accept {
        delivery: Box::new(delivery(key, bytes)),
        limits: BacklogLimits::NONE,
    }]
}

/// Expands a delivery to nothing, which closes it.
pub(crate) fn close_delivery(key: &str) -> Vec<Write> {
    vec![Write::Expand {
        delivery: DedupKey::new(key),
        items: Vec::new(),
        unheard: None,
    }]
}

fn event(id: &str) -> Event {
    Event {
        id: EventId::new(id),
        scope: Scope::Repo(RepoKey::github(1)),
        subject: Subject::Issue(Number::new(7)),
        kind: EventKind::IssueOpened,
        at: NOON,
        actor: None,
        edge_identity: None,
        detail: Detail::Nothing,
    }
}

pub(crate) fn item(id: &str) -> QueueItem {
    QueueItem {
        event: event(id),
        class: Class::Event,
        edge: false,
        coalesce: None,
        delivery: None,
        parent: None,
        installation: None,
        generation: 0,
        due: NOON,
    }
}

/// A run closed at a time.
pub(crate) fn run(event_id: &str, closed_at: Timestamp) -> Run {
    let (event, agent) = (event(event_id), AgentName::new("stale"));
    Run {
        schema: caretaker_core::model::run::SCHEMA.to_owned(),
        id: RunId::derive(&event.id, &agent, 0, 1),
        repo: None,
        agent,
        agent_revision: 1,
        guard_revision: 1,
        generation: 0,
        attempt: 1,
        joined: Vec::new(),
        task: Task {
            event,
            params: Json::parse("{}").unwrap(),
            settings: Settings {
                mode: Mode::Act,
                ceiling: Mode::Act,
                writes_per_hour: 100,
                config: ConfigUsed {
                    state: ConfigState::Absent,
                    commit: None,
                },
                paused: None,
            },
            now: NOON,
        },
        evidence: Evidence::default(),
        decision: None,
        reviewed: None,
        looked: None,
        effects: Vec::new(),
        opened_at: NOON,
        closed_at: Some(closed_at),
        blocked: 0,
        last_failure: None,
        outcome: Some(Outcome::Decided),
    }
}
