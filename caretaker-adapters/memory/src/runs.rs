//! Open runs and the closed ones' lines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caretaker_core::model::{AgentName, EventId, Outcome, RepoKey, Run, RunId, Timestamp};
use caretaker_core::ports::{Attempt, Filter, Recorded};

/// Every run, open or closed.
#[derive(Clone, Default)]
pub(crate) struct Runs {
    open: BTreeMap<RunId, Arc<Run>>,
    closed: BTreeMap<u64, Arc<Record>>,
    seq_of: BTreeMap<RunId, u64>,
    /// What has its final record: event, agent, generation.
    settled: BTreeSet<(EventId, AgentName, u32)>,
    /// Events that decided edge identities, in order.
    decided: BTreeMap<(RepoKey, AgentName, String), Vec<EventId>>,
}

/// A closed run.
pub(crate) struct Record {
    run: Run,
    line: String,
}

/// Why a run cannot be kept.
pub(crate) enum Unkept {
    /// It says not how it ended.
    NoOutcome,
    /// There is a record of it.
    Recorded,
    /// It has no JSON form.
    NoLine(serde_json::Error),
}

impl Record {
    fn matches(&self, filter: &Filter) -> bool {
        fn wanted<T: PartialEq>(filter: Option<&T>, is: Option<&T>) -> bool {
            filter.is_none_or(|wanted| is == Some(wanted))
        }
        let run = &self.run;
        let word = run.outcome.as_ref().map(Outcome::word);
        wanted(filter.repo.as_ref(), repo_of(run))
            && wanted(filter.subject.as_ref(), Some(&run.task.event.subject))
            && wanted(filter.agent.as_ref(), Some(&run.agent))
            && filter
                .outcome
                .as_deref()
                .is_none_or(|wanted| word == Some(wanted))
            && filter.since.is_none_or(|since| closed_at(run) >= since)
    }
}

/// The repository a run is about.
fn repo_of(run: &Run) -> Option<&RepoKey> {
    let named = run.repo.as_ref().map(|repo| &repo.key);
    named.or_else(|| run.task.event.scope.repo())
}

fn closed_at(run: &Run) -> Timestamp {
    run.closed_at.unwrap_or(run.opened_at)
}

impl Runs {
    /// Keeps an open run as it stands.
    pub(crate) fn step(&mut self, run: Run) -> Result<(), Unkept> {
        if self.seq_of.contains_key(&run.id) {
            return Err(Unkept::Recorded);
        }
        self.open.insert(run.id.clone(), Arc::new(run));
        Ok(())
    }

    /// Moves a run to the journal.
    pub(crate) fn close(&mut self, run: Run) -> Result<(), Unkept> {
        let outcome = run.outcome.as_ref().ok_or(Unkept::NoOutcome)?;
        if self.seq_of.contains_key(&run.id) {
            return Err(Unkept::Recorded);
        }
        if outcome.is_final() {
            let about = (run.task.event.id.clone(), run.agent.clone(), run.generation);
            if !self.settled.insert(about) {
                return Err(Unkept::Recorded);
            }
            if let (Some(repo), Some(identity)) = (repo_of(&run), &run.task.event.edge_identity)
                && !matches!(outcome, Outcome::Superseded(_))
            {
                let what = (repo.clone(), run.agent.clone(), identity.clone());
                let events = self.decided.entry(what).or_default();
                events.push(run.task.event.id.clone());
            }
        }
        let line = serde_json::to_string(&run).map_err(Unkept::NoLine)?;
        let seq = self.closed.last_key_value().map_or(1, |(last, _)| last + 1);
        self.open.remove(&run.id);
        self.seq_of.insert(run.id.clone(), seq);
        self.closed.insert(seq, Arc::new(Record { run, line }));
        Ok(())
    }

    pub(crate) fn closed_after(&self, filter: &Filter, after: u64, limit: u32) -> Vec<Recorded> {
        let rows = self.closed.iter().filter(|(seq, _)| **seq > after);
        page(rows, filter, limit)
    }

    pub(crate) fn latest(&self, filter: &Filter, limit: u32) -> Vec<Recorded> {
        page(self.closed.iter().rev(), filter, limit)
    }

    pub(crate) fn open(&self, limit: u32) -> Vec<Run> {
        let mut open: Vec<_> = self.open.values().collect();
        open.sort_by_key(|run| (run.opened_at, run.id.clone()));
        let oldest = open.into_iter().take(limit as usize);
        oldest.map(|run| (**run).clone()).collect()
    }

    /// The run of an id, or the only one whose id begins like that.
    pub(crate) fn by_beginning(&self, id: &RunId) -> Option<Run> {
        let mut found = self.starting_with(id);
        let first = found.next()?;
        let only = first.id == *id || found.next().is_none();
        only.then(|| first.clone())
    }

    /// An exact match comes first: an id is the least text that begins with it.
    fn starting_with<'a>(&'a self, id: &'a RunId) -> impl Iterator<Item = &'a Run> {
        let open = self.open.range(id..).map(|(_, run)| &**run);
        let begins = |run: &&Run| run.id.as_str().starts_with(id.as_str());
        let closed = self
            .seq_of
            .range(id..)
            .filter_map(|(_, seq)| self.closed.get(seq));
        let closed = closed.map(|record| &record.run).take_while(begins);
        let mut all: Vec<_> = open.take_while(begins).chain(closed).collect();
        all.sort_by_key(|run| run.id.as_str());
        all.into_iter()
    }

    pub(crate) fn attempts(&self, event: &EventId, generation: u32) -> Vec<Attempt> {
        let closed = self.closed.values().map(|record| &record.run);
        let all = closed.chain(self.open.values().map(|run| &**run));
        let mut attempts: Vec<_> = all
            .filter(|run| run.task.event.id == *event && run.generation == generation)
            .map(|run| Attempt {
                run: run.id.clone(),
                agent: run.agent.clone(),
                attempt: run.attempt,
                outcome: run
                    .outcome
                    .as_ref()
                    .map(|outcome| outcome.word().to_owned()),
                is_final: run.outcome.as_ref().is_some_and(Outcome::is_final),
            })
            .collect();
        attempts.sort_by(|a, b| (&a.agent, a.attempt).cmp(&(&b.agent, b.attempt)));
        attempts
    }

    pub(crate) fn edge_decided(
        &self,
        repo: &RepoKey,
        agent: &AgentName,
        identity: &str,
        but: &EventId,
    ) -> Option<EventId> {
        let about = (repo.clone(), agent.clone(), identity.to_owned());
        let events = self.decided.get(&about)?;
        events.iter().find(|event| *event != but).cloned()
    }
}

fn page<'a>(
    rows: impl Iterator<Item = (&'a u64, &'a Arc<Record>)>,
    filter: &Filter,
    limit: u32,
) -> Vec<Recorded> {
    rows.filter(|(_, record)| record.matches(filter))
        .take(limit as usize)
        .map(|(seq, record)| Recorded {
            seq: *seq,
            line: record.line.clone(),
        })
        .collect()
}
