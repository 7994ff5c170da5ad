//! The runs that came of an item: its own, and those of what it put on the queue.

use std::collections::{BTreeSet, VecDeque};

use caretaker_core::model::{Action, EventId, QueueItem};
use caretaker_core::route;
use serde::Serialize;

use crate::cli::store::Store;
use crate::cli::view::View;

/// Items followed at most.
const MOST: usize = 2_000;

/// What came of an item.
#[derive(Serialize)]
pub(super) struct Closed {
    event: EventId,
    runs: Vec<View>,
}

/// Follows an item through the runs of its event and what they put on the queue.
pub(super) async fn of(store: &Store, item: &QueueItem) -> anyhow::Result<Closed> {
    let storage = &store.ports.storage;
    let mut runs = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from([item.clone()]);
    while let Some(next) = waiting.pop_front() {
        let new = seen.insert(next.event.id.clone());
        if !new || seen.len() > MOST {
            continue;
        }
        for attempt in storage.attempts(&next.event.id, next.generation).await? {
            let Some(run) = storage.run(&attempt.run).await? else {
                continue;
            };
            let allowed = run.reviewed.iter().flat_map(|reviewed| &reviewed.allowed);
            for planned in allowed {
                if let Action::Enqueue(what) = &planned.action {
                    waiting.push_back(route::handed_on(&next, &next.event, what, next.due));
                }
            }
            runs.push(View::of(&run));
        }
    }
    Ok(Closed {
        event: item.event.id.clone(),
        runs,
    })
}

impl Closed {
    pub(super) fn text(&self) -> String {
        if self.runs.is_empty() {
            return format!("no run yet of event {}\n", self.event);
        }
        let texts: Vec<_> = self.runs.iter().map(View::text).collect();
        texts.join("\n")
    }
}
