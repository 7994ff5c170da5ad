//! Plain values of the model for tests that are not about them: change the fields that matter
//! with struct update syntax.

use caretaker_core::model::{
    AgentName, Class, ConfigState, ConfigUsed, DedupKey, Delivery, DeliveryHeaders, Detail,
    Envelope, Event, EventId, EventKind, Evidence, InstallationId, Json, Mode, Number, Outcome,
    QueueItem, RepoFacts, RepoKey, RepoRef, Run, RunId, Scope, Settings, Span, Subject, Task,
    Timestamp, run::SCHEMA,
};

/// So many seconds after the moment at which samples begin.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000) + Span::seconds(seconds)
}

/// The key of a sample repository.
pub fn repo_key(n: u64) -> RepoKey {
    RepoKey::github(n)
}

/// A repository `octo/repo-<n>` that is seen through installation 1.
pub fn repo(n: u64) -> RepoRef {
    RepoRef {
        key: repo_key(n),
        owner: "octo".to_owned(),
        name: format!("repo-{n}"),
        installation: Some(InstallationId::new(1)),
        account: None,
    }
}

/// An issue.
pub fn issue(number: u64) -> Subject {
    Subject::Issue(Number::new(number))
}

/// A pull request.
pub fn pull(number: u64) -> Subject {
    Subject::Pull(Number::new(number))
}

/// A delivery about repository 1 with a body of its own, received at `at(0)`.
pub fn delivery(key: &str) -> Delivery {
    let headers = DeliveryHeaders {
        event: "issues".to_owned(),
        guid: format!("guid-of-{key}"),
        hook_id: Some("11".to_owned()),
        target_type: None,
        target_id: None,
    };
    let envelope = Envelope {
        dedup_key: DedupKey::new(key),
        action: Some("opened".to_owned()),
        installation: Some(InstallationId::new(1)),
        account: None,
        repository: Some(repo(1)),
        facts: RepoFacts::default(),
        sender: None,
    };
    let body = format!("{{\"delivery\":\"{key}\"}}").into_bytes();
    Delivery::new(headers, at(0), envelope, body)
}

/// An event about a subject of a repository.
pub fn event(id: &str, repo: u64, subject: Subject) -> Event {
    Event {
        id: EventId::new(id),
        scope: Scope::Repo(repo_key(repo)),
        subject,
        kind: EventKind::IssueEdited,
        at: at(0),
        actor: None,
        edge_identity: None,
        detail: Detail::Nothing,
    }
}

/// A level item of class event and installation 1, due at `at(0)`.
pub fn item(id: &str, repo: u64, subject: Subject) -> QueueItem {
    QueueItem {
        event: event(id, repo, subject),
        class: Class::Event,
        edge: false,
        coalesce: None,
        delivery: None,
        parent: None,
        installation: Some(InstallationId::new(1)),
        generation: 0,
        due: at(0),
    }
}

/// A first attempt of an agent at an event about issue 7 of repository 1, open since `at(0)`.
pub fn run(event: &str, agent: &str) -> Run {
    run_of(self::event(event, 1, issue(7)), agent)
}

/// A first attempt of an agent at an event, open since `at(0)`.
pub fn run_of(event: Event, agent: &str) -> Run {
    let agent = AgentName::new(agent);
    let settings = Settings {
        mode: Mode::Act,
        ceiling: Mode::Act,
        writes_per_hour: 30,
        config: ConfigUsed {
            state: ConfigState::Absent,
            commit: None,
        },
        paused: None,
    };
    Run {
        schema: SCHEMA.to_owned(),
        id: RunId::derive(&event.id, &agent, 0, 1),
        repo: event.scope.repo().map(|key| repo(key.id())),
        agent,
        agent_revision: 1,
        guard_revision: 1,
        generation: 0,
        attempt: 1,
        joined: Vec::new(),
        task: Task {
            event,
            params: Json::from_value(&serde_json::json!({"after_days": 60})),
            settings,
            now: at(0),
        },
        evidence: Evidence::default(),
        decision: None,
        reviewed: None,
        looked: None,
        effects: Vec::new(),
        opened_at: at(0),
        closed_at: None,
        blocked: 0,
        last_failure: None,
        outcome: None,
    }
}

/// The run, closed at `at(1)`.
pub fn closed(run: Run, outcome: Outcome) -> Run {
    Run {
        closed_at: Some(at(1)),
        outcome: Some(outcome),
        ..run
    }
}

/// The run as a later attempt, or in a later generation.
pub fn attempt(run: Run, generation: u32, attempt: u32) -> Run {
    Run {
        id: RunId::derive(&run.task.event.id, &run.agent, generation, attempt),
        generation,
        attempt,
        ..run
    }
}
