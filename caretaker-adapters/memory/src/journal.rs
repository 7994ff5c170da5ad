//! The read sides of runs, answers and values.

use async_trait::async_trait;
use caretaker_core::model::{AgentName, EventId, Pause, RepoKey, Run, RunId, Versioned};
use caretaker_core::ports::{Attempt, Filter, Journal, PortError, Recorded, State};

use crate::MemoryStorage;

#[async_trait]
impl Journal for MemoryStorage {
    async fn closed(
        &self,
        filter: &Filter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, PortError> {
        Ok(self.data().runs.closed_after(filter, after, limit))
    }

    async fn latest(&self, filter: &Filter, limit: u32) -> Result<Vec<Recorded>, PortError> {
        Ok(self.data().runs.latest(filter, limit))
    }

    async fn open_runs(&self, limit: u32) -> Result<Vec<Run>, PortError> {
        Ok(self.data().runs.open(limit))
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, PortError> {
        Ok(self.data().runs.by_beginning(id))
    }

    async fn attempts(&self, event: &EventId, generation: u32) -> Result<Vec<Attempt>, PortError> {
        Ok(self.data().runs.attempts(event, generation))
    }

    async fn edge_decided(
        &self,
        repo: &RepoKey,
        agent: &AgentName,
        identity: &str,
        but: &EventId,
    ) -> Result<Option<EventId>, PortError> {
        Ok(self.data().runs.edge_decided(repo, agent, identity, but))
    }

    async fn blob(&self, sha256: &str) -> Result<Option<String>, PortError> {
        Ok(self.data().blobs.get(sha256).map(ToString::to_string))
    }
}

#[async_trait]
impl State for MemoryStorage {
    async fn value(&self, repo: &RepoKey, key: &str) -> Result<Option<Versioned>, PortError> {
        let place = (repo.clone(), key.to_owned());
        Ok(self.data().values.get(&place).cloned())
    }

    async fn paused(&self, repo: &RepoKey) -> Result<Option<Pause>, PortError> {
        let data = self.data();
        let everywhere = data.pauses.get(&None);
        Ok(everywhere
            .or_else(|| data.pauses.get(&Some(repo.clone())))
            .cloned())
    }

    async fn pauses(&self) -> Result<Vec<(Option<RepoKey>, Pause)>, PortError> {
        Ok(self.data().pauses.clone().into_iter().collect())
    }
}
