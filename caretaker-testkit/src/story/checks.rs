//! What every story must leave behind: nothing in hands, one final record each, lines that
//! replay, effects performed once.

use std::collections::{BTreeMap, BTreeSet};

use caretaker_core::drive::journal;
use caretaker_core::drive::replay::{Replayed, replay};
use caretaker_core::model::{Outcome, Run};
use caretaker_core::ports::Wrote;

use super::{Story, told};

impl Story {
    /// Everything that is not as a story must leave it, a line each.
    pub fn left_behind(&self) -> Vec<String> {
        let runs = self.runs();
        let mut faults = self.queue_faults();
        faults.extend(replays(&runs));
        faults.extend(final_records(&runs));
        faults.extend(self.unanswered(&runs));
        faults.extend(self.repeated_effects());
        faults.extend(
            self.faulty
                .not_struck()
                .into_iter()
                .map(|cut| format!("never struck: {cut}")),
        );
        faults
    }

    fn queue_faults(&self) -> Vec<String> {
        let depth = told::now(self.plain.storage.depth()).expect("memory answers");
        let mut faults = Vec::new();
        if depth.in_flight > 0 {
            faults.push(format!("{} items are stuck in flight", depth.in_flight));
        }
        if depth.buried > 0 && !self.burials_expected {
            faults.push(format!(
                "{} events are buried, which nobody expected",
                depth.buried
            ));
        }
        if depth.waiting == 0 {
            let open = self.open_runs();
            faults.extend(open.iter().map(|run| {
                format!(
                    "a run of {} stays open, and nothing waits that would close it",
                    run.agent
                )
            }));
        }
        faults
    }

    /// Accepted deliveries that ended in no record. One that joined another is named there.
    fn unanswered(&self, runs: &[Run]) -> Vec<String> {
        let depth = told::now(self.plain.storage.depth()).expect("memory answers");
        if depth.waiting + depth.deliveries > 0 {
            return Vec::new();
        }
        let named: BTreeSet<&str> = runs
            .iter()
            .filter(|run| run.outcome.as_ref().is_some_and(Outcome::is_final))
            .flat_map(|run| std::iter::once(&run.task.event.id).chain(&run.joined))
            .map(|id| id.as_str().split('/').next().unwrap_or_default())
            .collect();
        self.answers
            .iter()
            .filter(|(_, answer)| *answer == Wrote::Accepted)
            .filter(|(hook, _)| {
                let delivery = super::door(hook, self.now());
                !named.contains(delivery.key.as_str())
            })
            .map(|(hook, _)| format!("{} {} ended in no record", hook.event, hook.guid))
            .collect()
    }

    /// Effects that changed the world more than once under one key.
    fn repeated_effects(&self) -> Vec<String> {
        let mut times: BTreeMap<String, u32> = BTreeMap::new();
        for entry in self.world.log().effects().entries() {
            if let Some(key) = &entry.key {
                *times
                    .entry(format!("{} {} under {key}", entry.op, entry.about))
                    .or_default() += 1;
            }
        }
        times.retain(|_, times| *times > 1);
        times
            .into_iter()
            .map(|(what, times)| format!("performed {times} times: {what}"))
            .collect()
    }
}

fn replays(runs: &[Run]) -> Vec<String> {
    runs.iter()
        .filter_map(|run| match replay(&journal::line(run)) {
            Replayed::Same | Replayed::NoDecision => None,
            other @ (Replayed::Differs(_)
            | Replayed::OtherRevision(_)
            | Replayed::EvidenceGone
            | Replayed::UnknownAgent(_)
            | Replayed::Unreadable(_)) => Some(format!("run {} replays as {other:?}", run.id)),
        })
        .collect()
}

/// More than one final record of (event, agent, generation).
fn final_records(runs: &[Run]) -> Vec<String> {
    let mut counts = BTreeMap::new();
    for run in runs {
        if run.outcome.as_ref().is_some_and(Outcome::is_final) {
            let of = (&run.task.event.id, &run.agent, run.generation);
            *counts.entry(of).or_insert(0) += 1;
        }
    }
    counts.retain(|_, count| *count > 1);
    counts
        .into_iter()
        .map(|((event, agent, _), count)| format!("{agent} has {count} final records of {event}"))
        .collect()
}
