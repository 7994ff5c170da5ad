//! What we know of repositories.

use async_trait::async_trait;
use sqlx::FromRow;

use caretaker_core::model::{AccountId, InstallationId, RepoKey, RepoRef};
use caretaker_core::ports::{KnownRepo, PortError, Repos};

use crate::SqliteStorage;
use crate::error::Fault;
use crate::write::forge;

/// The columns of a repository, and why it is left alone.
#[derive(FromRow)]
struct Row {
    key: String,
    owner: String,
    name: String,
    installation: Option<i64>,
    account: Option<i64>,
    off: Option<String>,
}

impl Row {
    fn known(self) -> Result<KnownRepo, Fault> {
        let key = RepoKey::try_from(self.key);
        Ok(KnownRepo {
            repo: RepoRef {
                key: key.map_err(|why| Fault::Unreadable("repository", why))?,
                owner: self.owner,
                name: self.name,
                installation: self
                    .installation
                    .map(|id| InstallationId::new(id.cast_unsigned())),
                account: self.account.map(|id| AccountId::new(id.cast_unsigned())),
            },
            off: self.off,
        })
    }
}

/// The columns of [`Row`], before a condition.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT key, owner, name, installation, account,
                 CASE WHEN gone THEN 'removed'
                      WHEN installation IN (SELECT installation FROM suspended) THEN 'suspended'
                      WHEN archived THEN 'archived' END AS off
             FROM repos WHERE ",
            $condition
        )
    };
}

#[async_trait]
impl Repos for SqliteStorage {
    async fn by_key(&self, key: &RepoKey) -> Result<Option<KnownRepo>, PortError> {
        self.read("repos.by_key", async |conn| {
            let query = sqlx::query_as(select!("key = ?")).bind(key.to_string());
            let row: Option<Row> = query.fetch_optional(conn).await?;
            row.map(Row::known).transpose()
        })
        .await
    }

    async fn by_name(&self, owner: &str, name: &str) -> Result<Option<KnownRepo>, PortError> {
        self.read("repos.by_name", async |conn| {
            let bears = format!("{owner}/{name}").to_lowercase();
            let query = sqlx::query_as(select!("bears = ?")).bind(bears);
            let row: Option<Row> = query.fetch_optional(conn).await?;
            row.map(Row::known).transpose()
        })
        .await
    }

    async fn list(&self, after: Option<&RepoKey>, limit: u32) -> Result<Vec<KnownRepo>, PortError> {
        self.read("repos.list", async |conn| {
            let text = after.map(RepoKey::to_string);
            let from = text.as_deref().map_or("", forge);
            let number = after.map_or(-1, |key| key.id().cast_signed());
            let query = sqlx::query_as(select!(
                "(forge, number) > (?, ?) ORDER BY forge, number LIMIT ?"
            ));
            let rows: Vec<Row> = query
                .bind(from)
                .bind(number)
                .bind(limit)
                .fetch_all(conn)
                .await?;
            rows.into_iter().map(Row::known).collect()
        })
        .await
    }
}
