//! Settings in the shape that the wiring takes.

use caretaker_wiring::forge::ForgeConfig;
use caretaker_wiring::storage::StorageConfig;

use super::{Settings, StorageKind};

impl Settings {
    /// What remembers.
    pub fn storage_config(&self) -> StorageConfig {
        match self.storage {
            StorageKind::Memory => StorageConfig::Memory,
            StorageKind::Sqlite => StorageConfig::Sqlite {
                dir: self.data_dir.clone(),
            },
        }
    }

    /// How the forge is reached.
    pub fn forge_config(&self) -> ForgeConfig {
        let app = self.github.app.as_ref();
        ForgeConfig {
            api_url: Some(self.github.api_url.clone()),
            token: self.github.token.clone(),
            app_id: app.map(|app| app.id.value()),
            private_key: app.map(|app| app.key.clone()),
            private_key_path: None,
        }
    }
}
