//! The forge with accidents.

use std::sync::Arc;

use async_trait::async_trait;
use caretaker_core::model::{ActionKey, Answer, ForgeAction, ForgeQuery, Receipt, RepoRef};
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
            Ok(answers) => answers,
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
}
