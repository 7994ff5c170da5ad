//! Our memory of repositories and what operators have paused.

use async_trait::async_trait;

use caretaker_core::model::{Json, Pause, RepoKey, Versioned};
use caretaker_core::ports::{PortError, State};

use crate::SqliteStorage;
use crate::error::Fault;
use crate::row;

#[async_trait]
impl State for SqliteStorage {
    async fn value(&self, repo: &RepoKey, key: &str) -> Result<Option<Versioned>, PortError> {
        self.read("state.value", async |conn| {
            let row: Option<(i64, String)> =
                sqlx::query_as("SELECT version, value FROM state WHERE repo = ? AND key = ?")
                    .bind(repo.to_string())
                    .bind(key)
                    .fetch_optional(conn)
                    .await?;
            let value = |(version, text): (i64, String)| {
                Ok(Versioned {
                    version: version.cast_unsigned(),
                    value: Json::parse(&text).map_err(|why| Fault::Unreadable("value", why))?,
                })
            };
            row.map(value).transpose()
        })
        .await
    }

    async fn paused(&self, repo: &RepoKey) -> Result<Option<Pause>, PortError> {
        self.read("state.paused", async |conn| {
            // The empty name of everywhere is first in order.
            let sql = "SELECT pause FROM pauses WHERE repo IN ('', ?) ORDER BY repo LIMIT 1";
            let query = sqlx::query_scalar(sql).bind(repo.to_string());
            let text: Option<String> = query.fetch_optional(conn).await?;
            text.as_deref().map(row::pause).transpose()
        })
        .await
    }

    async fn pauses(&self) -> Result<Vec<(Option<RepoKey>, Pause)>, PortError> {
        self.read("state.pauses", async |conn| {
            let query = sqlx::query_as("SELECT repo, pause FROM pauses");
            let rows: Vec<(String, String)> = query.fetch_all(conn).await?;
            let mut pauses = Vec::with_capacity(rows.len());
            for (repo, text) in rows {
                let repo = (!repo.is_empty()).then(|| RepoKey::try_from(repo));
                let repo = repo.transpose();
                let repo = repo.map_err(|why| Fault::Unreadable("repository", why))?;
                pauses.push((repo, row::pause(&text)?));
            }
            // Numbers in keys do not sort as text.
            pauses.sort_by(|(a, _), (b, _)| a.cmp(b));
            Ok(pauses)
        })
        .await
    }
}
