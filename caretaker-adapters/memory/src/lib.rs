//! Our memory in the process: every storage port over one guarded value, gone with the process.
//!
//! For stories, tests and looking around; the default that keeps anything is the `sqlite`
//! adapter. No policy lives here, and no clock: times come in as arguments. A commit works on a
//! copy and replaces the value only when every write went through, so each commit costs the size
//! of what is remembered.
//!
//! What the ports promise is defined by the testkit's conformance suite.

#![deny(missing_docs)]

mod bus;
mod claims;
mod commit;
mod deliveries;
mod journal;
mod leases;
mod queue;
mod repos;
mod runs;
mod take;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use caretaker_core::model::{AgentName, Pause, RepoKey, Subject, Timestamp, Versioned};

/// Every storage port of one process. Clones share what is remembered.
#[derive(Clone, Default)]
pub struct MemoryStorage {
    data: Arc<Mutex<Data>>,
}

impl MemoryStorage {
    /// A memory that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value stays whole when a holder panics: commits replace it, nothing else may fail half way.
    fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStorage").finish_non_exhaustive()
    }
}

/// All that is remembered.
#[derive(Clone, Default)]
struct Data {
    deliveries: deliveries::Deliveries,
    queue: queue::Queue,
    runs: runs::Runs,
    claims: claims::Claims,
    values: BTreeMap<(RepoKey, String), Versioned>,
    /// `None`: everywhere.
    pauses: BTreeMap<Option<RepoKey>, Pause>,
    blobs: BTreeMap<String, Arc<str>>,
    rechecks: BTreeMap<(RepoKey, Subject, AgentName), Timestamp>,
    repos: repos::Known,
    leases: leases::Held,
}
