//! Runs: open until closed, one final record, found again.

use std::sync::Arc;

use caretaker_core::model::{AgentName, Event, EventId, HaltKind, Outcome, Run, RunId};
use caretaker_core::ports::{Attempt, Filter, Kind, Recorded, Storage, Write};

use super::worker::Worker;
use crate::samples::{at, attempt, closed, event, issue, item, pull, repo_key, run, run_of};

fn step(run: &Run) -> Write {
    Write::Step(Box::new(run.clone()))
}

fn close(run: &Run) -> Write {
    Write::Close(Box::new(run.clone()))
}

fn decided(run: Run) -> Run {
    closed(run, Outcome::Decided)
}

async fn open(storage: &Arc<dyn Storage>, limit: u32) -> Vec<Run> {
    storage
        .open_runs(limit)
        .await
        .expect("the journal can be read")
}

async fn page(
    storage: &Arc<dyn Storage>,
    filter: &Filter,
    after: u64,
    limit: u32,
) -> Vec<Recorded> {
    let page = storage.closed(filter, after, limit).await;
    page.expect("the journal can be read")
}

async fn find(storage: &Arc<dyn Storage>, id: &str) -> Option<Run> {
    let found = storage.run(&RunId::new(id)).await;
    found.expect("the journal can be read")
}

fn read(recorded: &Recorded) -> Run {
    serde_json::from_str(&recorded.line).expect("a line is a run")
}

/// Events of recorded runs, in that order.
fn events(page: &[Recorded]) -> Vec<String> {
    page.iter()
        .map(|recorded| read(recorded).task.event.id.to_string())
        .collect()
}

/// An open run is kept as it stood at its last barrier.
pub async fn an_open_run_is_kept_as_it_stands(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let first = run("a", "stale");
    worker.write(step(&first)).await;
    assert_eq!(open(&storage, 9).await, std::slice::from_ref(&first));
    let second = Run {
        blocked: 2,
        last_failure: Some("unavailable".to_owned()),
        ..first
    };
    worker.write(step(&second)).await;
    assert_eq!(open(&storage, 9).await, std::slice::from_ref(&second));
    assert_eq!(find(&storage, second.id.as_str()).await, Some(second));
    assert!(page(&storage, &Filter::default(), 0, 9).await.is_empty());
}

/// Open runs are listed oldest first.
pub async fn open_runs_are_listed_oldest_first(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    for (id, opened) in [("a", 2), ("b", 3), ("c", 1)] {
        let run = Run {
            opened_at: at(opened),
            ..run(id, "stale")
        };
        worker.write(step(&run)).await;
    }
    let events = |runs: Vec<Run>| {
        runs.iter()
            .map(|run| run.task.event.id.to_string())
            .collect()
    };
    let all: Vec<String> = events(open(&storage, 9).await);
    assert_eq!(all, ["c", "a", "b"]);
    let two: Vec<String> = events(open(&storage, 2).await);
    assert_eq!(two, ["c", "a"]);
}

/// Closing moves a run from the open ones to the journal, one line for each.
pub async fn closing_moves_a_run_to_the_journal(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let opened = run("a", "stale");
    worker.write(step(&opened)).await;
    let done = decided(opened);
    worker.write(close(&done)).await;
    assert!(open(&storage, 9).await.is_empty());
    let lines = page(&storage, &Filter::default(), 0, 9).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(
        lines[0].line,
        serde_json::to_string(&done).expect("a run has a line")
    );
    assert_eq!(find(&storage, done.id.as_str()).await, Some(done));
}

/// A run is closed with its outcome.
pub async fn a_run_without_outcome_is_not_closed(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let run = run("a", "stale");
    worker.write(step(&run)).await;
    assert_eq!(worker.refused(vec![close(&run)]).await, Kind::Invalid);
    assert_eq!(open(&storage, 9).await, [run]);
}

/// There is one final record of an event, agent and generation; a second one fails its commit.
pub async fn a_second_final_record_is_refused(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.write(close(&decided(run("a", "stale")))).await;
    let outcomes = [
        Outcome::Decided,
        Outcome::Unheard("no_listener".to_owned()),
        Outcome::Superseded(EventId::new("b")),
        Outcome::Expired,
        Outcome::Halted(HaltKind::SubjectGone),
        Outcome::Buried("faults".to_owned()),
    ];
    for outcome in outcomes {
        let second = closed(attempt(run("a", "stale"), 0, 2), outcome);
        let writes = vec![
            Write::Enqueue(Box::new(item("x", 1, issue(7)))),
            close(&second),
        ];
        assert_eq!(worker.refused(writes).await, Kind::Conflict);
        assert_eq!(worker.state("x").await, None);
    }
    worker.write(close(&decided(run("a", "pr")))).await;
    worker.write(close(&decided(run("b", "stale")))).await;
    assert_eq!(page(&storage, &Filter::default(), 0, 9).await.len(), 3);
}

/// A run id is recorded once, final or not, and is not opened again.
pub async fn a_run_is_recorded_once(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let first = closed(run("a", "stale"), Outcome::Interrupted);
    worker.write(close(&first)).await;
    assert_eq!(worker.refused(vec![close(&first)]).await, Kind::Conflict);
    assert_eq!(
        worker.refused(vec![close(&decided(first.clone()))]).await,
        Kind::Conflict
    );
    assert_eq!(
        worker.refused(vec![step(&run("a", "stale"))]).await,
        Kind::Conflict
    );
    assert_eq!(page(&storage, &Filter::default(), 0, 9).await.len(), 1);
    assert!(open(&storage, 9).await.is_empty());
}

/// What is not final leaves room for the next attempt; the next generation is decided anew.
pub async fn an_attempt_that_is_not_final_is_followed_by_another(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let outcomes = [
        Outcome::Overtaken,
        Outcome::Interrupted,
        Outcome::Panicked("p".to_owned()),
    ];
    for (number, outcome) in (1..).zip(outcomes) {
        worker
            .write(close(&closed(
                attempt(run("a", "stale"), 0, number),
                outcome,
            )))
            .await;
    }
    worker
        .write(close(&decided(attempt(run("a", "stale"), 0, 4))))
        .await;
    worker
        .write(close(&decided(attempt(run("a", "stale"), 1, 1))))
        .await;
    assert_eq!(page(&storage, &Filter::default(), 0, 9).await.len(), 5);
}

/// An event's attempts are those of every agent in the generation, open ones included.
pub async fn attempts_of_an_event_are_listed(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let interrupted = closed(run("a", "stale"), Outcome::Interrupted);
    let again = attempt(run("a", "stale"), 0, 2);
    let done = decided(run("a", "pr"));
    worker
        .commit(vec![close(&interrupted), step(&again), close(&done)])
        .await;
    let elsewhere = [
        decided(run("b", "pr")),
        decided(attempt(run("a", "pr"), 1, 1)),
    ];
    worker.commit(elsewhere.iter().map(close).collect()).await;
    let row = |run: &Run, outcome: Option<&str>, is_final| Attempt {
        run: run.id.clone(),
        agent: run.agent.clone(),
        attempt: run.attempt,
        outcome: outcome.map(str::to_owned),
        is_final,
    };
    let attempts = storage.attempts(&EventId::new("a"), 0).await;
    let mut attempts = attempts.expect("the journal can be read");
    attempts.sort_by_key(|attempt| (attempt.agent.to_string(), attempt.attempt));
    let wanted = [
        row(&done, Some("decided"), true),
        row(&interrupted, Some("interrupted"), false),
        row(&again, None, false),
    ];
    assert_eq!(attempts, wanted);
    let none = storage.attempts(&EventId::new("a"), 2).await;
    assert_eq!(none.expect("the journal can be read"), []);
}

/// An edge identity is decided once for an agent and repository, by a final record of another
/// event that does not leave it to a third one.
pub async fn an_edge_identity_is_decided_by_a_final_record(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let edge = |id| Event {
        edge_identity: Some("comment/5".to_owned()),
        ..event(id, 1, issue(7))
    };
    let by = |repo, agent: &str, identity: &'static str, but: &str| {
        let (storage, agent) = (Arc::clone(&storage), AgentName::new(agent));
        let but = EventId::new(but);
        async move {
            let decided = storage
                .edge_decided(&repo_key(repo), &agent, identity, &but)
                .await;
            decided.expect("the journal can be read")
        }
    };
    let asked =
        async |repo, agent: &str, identity| by(repo, agent, identity, "new").await.is_some();
    let interrupted = closed(run_of(edge("a"), "stale"), Outcome::Interrupted);
    worker
        .commit(vec![close(&interrupted), step(&run_of(edge("b"), "stale"))])
        .await;
    worker.write(close(&decided(run("plain", "stale")))).await;
    assert!(!asked(1, "stale", "comment/5").await, "nothing final");
    worker
        .write(close(&closed(
            run_of(edge("d"), "stale"),
            Outcome::Superseded(EventId::new("c")),
        )))
        .await;
    assert!(!asked(1, "stale", "comment/5").await, "left to another");
    worker
        .write(close(&closed(run_of(edge("c"), "stale"), Outcome::Expired)))
        .await;
    let first = Some(EventId::new("c"));
    assert_eq!(by(1, "stale", "comment/5", "new").await, first);
    assert_eq!(by(1, "stale", "comment/5", "c").await, None, "by itself");
    worker
        .write(close(&decided(run_of(edge("e"), "stale"))))
        .await;
    assert_eq!(by(1, "stale", "comment/5", "new").await, first);
    assert_eq!(
        by(1, "stale", "comment/5", "c").await,
        Some(EventId::new("e"))
    );
    assert!(!asked(1, "pr", "comment/5").await);
    assert!(!asked(2, "stale", "comment/5").await);
    assert!(!asked(1, "stale", "comment/6").await);
}

/// A run is found by a beginning of its id that fits no other, open or closed.
pub async fn a_run_is_found_by_the_beginning_of_its_id(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let named = |id: &str, event| Run {
        id: RunId::new(id),
        ..run(event, "stale")
    };
    let shut = decided(named("aab1", "a"));
    let (open, longer) = (named("aac1", "b"), named("aac12", "c"));
    worker
        .commit(vec![close(&shut), step(&open), step(&longer)])
        .await;
    assert_eq!(find(&storage, "aab").await, Some(shut));
    assert_eq!(find(&storage, "aa").await, None, "fits three");
    assert_eq!(find(&storage, "aac").await, None, "fits two open ones");
    assert_eq!(find(&storage, "aac12").await, Some(longer));
    assert_eq!(
        find(&storage, "aac1").await,
        Some(open),
        "the whole id comes first"
    );
    assert_eq!(find(&storage, "b").await, None);
    assert_eq!(find(&storage, "%").await, None);
    assert_eq!(find(&storage, "aa_").await, None);
}

/// The journal is read in pages that go up; the end is an empty one.
pub async fn the_journal_is_read_in_pages(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    for id in ["e1", "e2", "e3", "e4", "e5"] {
        worker.write(close(&decided(run(id, "stale")))).await;
    }
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = page(&storage, &Filter::default(), after, 2).await;
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        assert!(page[0].seq > after && last.seq >= page[0].seq);
        after = last.seq;
        seen.extend(events(&page));
    }
    assert_eq!(seen, ["e1", "e2", "e3", "e4", "e5"]);
    let latest = storage.latest(&Filter::default(), 2).await;
    assert_eq!(
        events(&latest.expect("the journal can be read")),
        ["e5", "e4"]
    );
}

/// Every condition of a filter narrows; together they narrow further. Both ways to read keep it.
pub async fn filters_narrow_the_journal(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let late = Run {
        closed_at: Some(at(100)),
        ..decided(run("late", "stale"))
    };
    let runs = [
        decided(run("plain", "stale")),
        decided(run_of(event("repo2", 2, issue(7)), "stale")),
        decided(run_of(event("pull", 1, pull(7)), "stale")),
        decided(run("agent", "pr")),
        closed(run("expired", "stale"), Outcome::Expired),
        late,
    ];
    worker.commit(runs.iter().map(close).collect()).await;
    let all = Filter::default;
    let repo = Filter {
        repo: Some(repo_key(2)),
        ..all()
    };
    let subject = Filter {
        subject: Some(pull(7)),
        ..all()
    };
    let agent = Filter {
        agent: Some(AgentName::new("pr")),
        ..all()
    };
    let outcome = Filter {
        outcome: Some("expired".to_owned()),
        ..all()
    };
    let since = Filter {
        since: Some(at(100)),
        ..all()
    };
    let both = Filter {
        repo: Some(repo_key(2)),
        agent: Some(AgentName::new("pr")),
        ..all()
    };
    let cases = [
        (repo, vec!["repo2"]),
        (subject, vec!["pull"]),
        (agent, vec!["agent"]),
        (outcome, vec!["expired"]),
        (since, vec!["late"]),
        (both, vec![]),
    ];
    for (filter, wanted) in cases {
        assert_eq!(
            events(&page(&storage, &filter, 0, 9).await),
            wanted,
            "{filter:?}"
        );
        let latest = storage.latest(&filter, 9).await;
        assert_eq!(
            events(&latest.expect("the journal can be read")),
            wanted,
            "{filter:?}"
        );
    }
}
