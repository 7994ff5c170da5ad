//! The forge with accidents.

use std::sync::Arc;

use async_trait::async_trait;
use caretaker_core::merge_gate::MergePermit;
use caretaker_core::model::{ActionKey, Answer, ForgeAction, ForgeQuery, Merge, Receipt, RepoRef};
use caretaker_core::ports::{Forge, Freshness, PortError, Settled};

use super::Faulty;

pub(super) struct FaultyForge {
    pub(super) inner: Arc<dyn Forge>,
    pub(super) faulty: Faulty,
}

#[async_trait]
impl Forge for FaultyForge {
    async fn read(
        &self,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        freshness: Freshness,
    ) -> Vec<Result<Answer, PortError>> {
        let about = format!("{freshness:?} {queries:?}");
        let reading = async { Ok(self.inner.read(repo, queries, freshness).await) };
        match self.faulty.pass("forge.read", &about, reading).await {
            Ok(answers) => self.faulty.altered(queries, answers),
            Err(error) => queries
                .iter()
                .map(|_| Err(PortError::new("forge.read", error.kind).detail("scripted fault")))
                .collect(),
        }
    }

    async fn write(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        let writing = self.inner.write(repo, action, key);
        self.faulty
            .pass("forge.write", &action.summary(), writing)
            .await
    }

    async fn settle(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Settled, PortError> {
        let settling = self.inner.settle(repo, action, key);
        self.faulty
            .pass("forge.settle", &action.summary(), settling)
            .await
    }

    async fn merge(
        &self,
        repo: &RepoRef,
        permit: &MergePermit,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        let about = format!("#{} at {}", permit.number(), permit.head().short());
        let merging = self.inner.merge(repo, permit, key);
        self.faulty.pass("forge.merge", &about, merging).await
    }

    async fn settle_merge(&self, repo: &RepoRef, merge: &Merge) -> Result<Settled, PortError> {
        let about = format!("#{} at {}", merge.number, merge.head.short());
        let settling = self.inner.settle_merge(repo, merge);
        self.faulty
            .pass("forge.settle_merge", &about, settling)
            .await
    }
}
