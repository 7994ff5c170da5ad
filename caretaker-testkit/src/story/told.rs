//! Looking at what came of a story: runs, answers of the door, words for a failing test.

use std::future::Future;

use caretaker_core::drive::journal;
use caretaker_core::model::{Json, Outcome, Run};
use caretaker_core::ports::{Filter, Wrote};
use futures_util::FutureExt;

use super::Story;
use crate::world::Hook;

/// Lines of the journal read at once.
const PAGE: u32 = 1_000;

/// The answer of a call that never waits.
pub(super) fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("memory answers at once")
}

impl Story {
    /// Every closed run in order, whole.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs = Vec::new();
        for line in self.lines() {
            let mut run: Run = serde_json::from_str(&line).expect("the journal holds runs");
            now(journal::unfold(&self.plain, &mut run)).expect("memory answers");
            runs.push(run);
        }
        runs
    }

    /// The closed runs of an agent.
    pub fn runs_of(&self, agent: &str) -> Vec<Run> {
        let mut runs = self.runs();
        runs.retain(|run| run.agent.as_str() == agent);
        runs
    }

    /// Verdict and outcome of every run of an agent: `warn decided`.
    pub fn ends(&self, agent: &str) -> Vec<String> {
        let end = |run: &Run| {
            let verdict = run.decision.as_ref().map_or("-", |d| d.verdict.as_str());
            let outcome = run.outcome.as_ref().map_or("open", Outcome::word);
            format!("{verdict} {outcome}")
        };
        self.runs_of(agent).iter().map(end).collect()
    }

    /// The last closed run of an agent.
    ///
    /// # Panics
    /// When there is none.
    pub fn last(&self, agent: &str) -> Run {
        let last = self.runs_of(agent).pop();
        last.unwrap_or_else(|| panic!("{agent} has no run; there are:\n{}", self.journal()))
    }

    /// The verdicts of an agent's closed runs; where there is none, the outcome's word.
    pub fn verdicts(&self, agent: &str) -> Vec<String> {
        let runs = self.runs_of(agent);
        runs.iter().map(said).collect()
    }

    /// The outcomes of an agent's closed runs, a word each.
    pub fn outcomes(&self, agent: &str) -> Vec<&'static str> {
        let runs = self.runs_of(agent);
        runs.iter()
            .filter_map(|run| run.outcome.as_ref().map(Outcome::word))
            .collect()
    }

    /// Runs that are open still.
    pub fn open_runs(&self) -> Vec<Run> {
        now(self.plain.storage.open_runs(PAGE)).expect("memory answers")
    }

    /// What the door answered, in order.
    pub fn answers(&self) -> &[(Hook, Wrote)] {
        &self.answers
    }

    /// The value of our memory of the repository under a key.
    pub fn remembered(&self, key: &str) -> Option<Json> {
        let repo = self.world.repo().key;
        let value = now(self.plain.storage.value(&repo, key)).expect("memory answers");
        value.map(|versioned| versioned.value)
    }

    /// The journal in a few words a line, for messages.
    pub fn journal(&self) -> String {
        let line = |run: &Run| {
            let (event, outcome) = (&run.task.event, run.outcome.as_ref());
            let outcome = outcome.map_or("open".to_owned(), |o| format!("{o:?}"));
            let (kind, subject) = (event.kind.name(), &event.subject);
            format!(
                "  {} {kind} {subject}: {} ({outcome})\n",
                run.agent,
                said(run)
            )
        };
        let (closed, open) = (self.runs(), self.open_runs());
        closed.iter().chain(&open).map(line).collect()
    }

    /// Every line of the journal as it is kept.
    pub(super) fn lines(&self) -> Vec<String> {
        let (mut lines, mut after) = (Vec::new(), 0);
        loop {
            let page = now(self.plain.storage.closed(&Filter::default(), after, PAGE));
            let page = page.expect("memory answers");
            let Some(last) = page.last() else {
                return lines;
            };
            after = last.seq;
            lines.extend(page.into_iter().map(|recorded| recorded.line));
        }
    }
}

fn said(run: &Run) -> String {
    let outcome = || {
        run.outcome
            .as_ref()
            .map_or("open", Outcome::word)
            .to_owned()
    };
    run.decision
        .as_ref()
        .map_or_else(outcome, |decision| decision.verdict.clone())
}
