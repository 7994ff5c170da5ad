//! GitHub's answers beyond the process, where the memory chosen has a place for them.

use std::sync::Arc;

use async_trait::async_trait;
use caretaker_github::{AnswerStore, KeptAnswer};
use caretaker_sqlite::{AnswerBounds, AnswerFile, Kept};

use crate::storage::StorageConfig;

/// Kept answers in a data directory.
pub struct Answers(AnswerFile);

impl Answers {
    /// Opens them; `None` where what we remember ends with the process, or there is no room. Needs
    /// a runtime.
    pub async fn open(config: &StorageConfig) -> Option<Arc<Self>> {
        match config {
            #[cfg(feature = "memory")]
            StorageConfig::Memory => None,
            StorageConfig::Sqlite { dir } => {
                let file = AnswerFile::open(dir, AnswerBounds::SERVER).await?;
                Some(Arc::new(Self(file)))
            }
        }
    }

    /// Waits until what was handed in is in the file.
    pub async fn flush(&self) {
        self.0.flush().await;
    }
}

#[async_trait]
impl AnswerStore for Answers {
    async fn find(&self, key: &str) -> Option<KeptAnswer> {
        let Kept { etag, link, body } = self.0.find(key).await?;
        let body = body.into();
        Some(KeptAnswer { etag, link, body })
    }

    fn keep(&self, key: &str, answer: &KeptAnswer) {
        let kept = Kept {
            etag: answer.etag.clone(),
            link: answer.link.clone(),
            body: answer.body.to_vec(),
        };
        self.0.keep(key, kept);
    }

    fn forget(&self, key: &str) {
        self.0.forget(key);
    }
}
