//! Adapters as the settings ask for them.

use std::sync::Arc;

use caretaker_core::ports::{Clock, Storage};
use caretaker_wiring::forge::{AnswerStore, ForgeConfig, GithubForge};
use caretaker_wiring::storage::{self, Access, StorageConfig};

use crate::settings::{Settings, StorageKind};

impl Settings {
    /// Where our memory is.
    pub fn storage_config(&self) -> StorageConfig {
        match self.storage {
            StorageKind::Memory => StorageConfig::Memory,
            StorageKind::Sqlite => StorageConfig::Sqlite {
                dir: self.data_dir.clone(),
            },
        }
    }

    /// Opens our memory.
    ///
    /// # Errors
    /// Says what to do, as the backend does.
    pub async fn open_storage(&self, access: Access) -> anyhow::Result<Arc<dyn Storage>> {
        let config = self.storage_config();
        storage::connect_within(&config, access, self.storage_max_bytes).await
    }

    /// The code forge; asks it nothing.
    ///
    /// # Errors
    /// When address or key cannot be used.
    pub fn open_forge(&self, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<GithubForge>> {
        self.open_forge_keeping(clock, None)
    }

    /// The same with a place where its answers outlive the process.
    ///
    /// # Errors
    /// As [`Self::open_forge`].
    pub fn open_forge_keeping(
        &self,
        clock: Arc<dyn Clock>,
        answers: Option<Arc<dyn AnswerStore>>,
    ) -> anyhow::Result<Arc<GithubForge>> {
        let app = self.github.app.as_ref();
        let config = ForgeConfig {
            api_url: Some(self.github.api_url.clone()),
            graphql_url: self.github.graphql_url.clone(),
            token: self.github.token.clone(),
            user_token: self.github.user_token.clone(),
            app_id: app.map(|app| app.id.value()),
            private_key: app.map(|app| app.key.clone()),
            private_key_path: None,
            write_pace: Some(self.github.write_pace),
        };
        config.open_keeping(clock, answers)
    }
}
