//! Our memory from settings: which backends exist, and how each is opened.

#[cfg(feature = "sqlite")]
use std::path::{Path, PathBuf};
use std::sync::Arc;

use caretaker_core::ports::Storage;
#[cfg(feature = "sqlite")]
pub use caretaker_sqlite::{BackupError, Copied, OpenError, Progress, Restored};
use serde::Deserialize;

/// Which backend keeps what we remember.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "backend", rename_all = "snake_case", deny_unknown_fields)]
pub enum StorageConfig {
    /// In the process; gone with it.
    #[cfg(feature = "memory")]
    Memory,
    /// One file, `caretaker.db`, in a data directory.
    #[cfg(feature = "sqlite")]
    Sqlite {
        /// The directory.
        dir: PathBuf,
    },
}

/// As what a process opens our memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As a server, alone or beside others: creates what is missing; alone it upgrades.
    Serve,
    /// As a command beside a server, or without one: creates nothing.
    Beside,
}

/// Opens every storage port of the chosen backend. Needs a runtime.
///
/// # Errors
/// Of `sqlite` an [`OpenError`], which says what to do and can be downcast to; of `memory` when it
/// is opened beside a server, because no other process sees it.
pub async fn connect(config: &StorageConfig, access: Access) -> anyhow::Result<Arc<dyn Storage>> {
    connect_within(config, access, None).await
}

/// The same with a bound of the store's size in bytes: what would make it larger is refused, as on
/// a full disk. A memory in the process knows no bound.
///
/// # Errors
/// As [`connect`].
#[cfg_attr(
    not(feature = "sqlite"),
    expect(clippy::unused_async, reason = "without sqlite no backend waits")
)]
#[cfg_attr(
    not(feature = "sqlite"),
    expect(unused_variables, reason = "only a file has a size")
)]
pub async fn connect_within(
    config: &StorageConfig,
    access: Access,
    max_bytes: Option<u64>,
) -> anyhow::Result<Arc<dyn Storage>> {
    Ok(match config {
        #[cfg(feature = "memory")]
        StorageConfig::Memory => {
            if access == Access::Beside {
                anyhow::bail!(
                    "a server in memory cannot be looked into from another process; give it a --data-dir"
                );
            }
            Arc::new(caretaker_memory::MemoryStorage::new())
        }
        #[cfg(feature = "sqlite")]
        StorageConfig::Sqlite { dir } => {
            let opening = match access {
                Access::Serve => caretaker_sqlite::Opening::Serve,
                Access::Beside => caretaker_sqlite::Opening::Beside,
            };
            let pages = max_bytes.map(|bytes| bytes / caretaker_sqlite::PAGE);
            let pages = pages.map(|pages| u32::try_from(pages).unwrap_or(u32::MAX).max(1));
            Arc::new(caretaker_sqlite::SqliteStorage::open_with(dir, opening, pages).await?)
        }
    })
}

/// The process that serves this memory now, of several the one that works, if another can tell; 0
/// while none has written its id.
pub fn serving(config: &StorageConfig) -> anyhow::Result<Option<u32>> {
    match config {
        #[cfg(feature = "memory")]
        StorageConfig::Memory => Ok(None),
        #[cfg(feature = "sqlite")]
        StorageConfig::Sqlite { dir } => Ok(caretaker_sqlite::SqliteStorage::serving(dir)?),
    }
}

/// Bytes by which this memory may still grow, where that is known: what its volume has left, and
/// what the bound leaves.
///
/// # Errors
/// When the volume or the store cannot be asked.
#[cfg(feature = "sqlite")]
pub async fn room(config: &StorageConfig, max_bytes: Option<u64>) -> anyhow::Result<Option<u64>> {
    match config {
        #[cfg(feature = "memory")]
        StorageConfig::Memory => Ok(None),
        StorageConfig::Sqlite { dir } => {
            let room = caretaker_sqlite::SqliteStorage::room(dir, max_bytes).await?;
            Ok(Some(room))
        }
    }
}

/// The server that stands by to take over from the one that works; 0 while it has not written its
/// id.
pub fn standing_by(config: &StorageConfig) -> anyhow::Result<Option<u32>> {
    match config {
        #[cfg(feature = "memory")]
        StorageConfig::Memory => Ok(None),
        #[cfg(feature = "sqlite")]
        StorageConfig::Sqlite { dir } => Ok(caretaker_sqlite::SqliteStorage::standing_by(dir)?),
    }
}

/// Copies this memory into one file while others use it.
///
/// # Errors
/// A [`BackupError`], which says what to do; for memory in the process, that there is no file.
#[cfg(feature = "sqlite")]
pub async fn backup(
    config: &StorageConfig,
    to: &Path,
    replace: bool,
    progress: Progress<'_>,
) -> anyhow::Result<Copied> {
    match config {
        #[cfg(feature = "memory")]
        StorageConfig::Memory => Err(no_file()),
        StorageConfig::Sqlite { dir } => {
            Ok(caretaker_sqlite::backup(dir, to, replace, progress).await?)
        }
    }
}

/// Makes such a copy this memory; nobody may use it meanwhile. With `replace` what is there is
/// put aside under a name that ends with `stamp`.
///
/// # Errors
/// As [`backup`].
#[cfg(feature = "sqlite")]
pub async fn restore(
    config: &StorageConfig,
    from: &Path,
    replace: bool,
    stamp: &str,
    progress: Progress<'_>,
) -> anyhow::Result<Restored> {
    match config {
        #[cfg(feature = "memory")]
        StorageConfig::Memory => Err(no_file()),
        StorageConfig::Sqlite { dir } => {
            Ok(caretaker_sqlite::restore(dir, from, replace, stamp, progress).await?)
        }
    }
}

#[cfg(all(feature = "memory", feature = "sqlite"))]
fn no_file() -> anyhow::Error {
    anyhow::anyhow!("a memory in the process has no file; set `storage: sqlite`")
}

#[cfg(all(test, feature = "memory", feature = "sqlite"))]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<StorageConfig, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_name_a_backend_and_nothing_unknown() {
        assert_eq!(parse(r#"{"backend":"memory"}"#), Ok(StorageConfig::Memory));
        let dir = PathBuf::from("data");
        let sqlite = parse(r#"{"backend":"sqlite","dir":"data"}"#);
        assert_eq!(sqlite, Ok(StorageConfig::Sqlite { dir }));
        assert!(parse(r#"{"backend":"sqlite","dir":"d","dri":"e"}"#).is_err());
        assert!(parse(r#"{"backend":"redis"}"#).is_err());
    }

    #[tokio::test]
    async fn a_served_directory_names_its_process_and_a_missing_one_can_be_told_apart() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("data");
        let config = StorageConfig::Sqlite { dir };
        let missing = connect(&config, Access::Beside).await.err().unwrap();
        assert!(matches!(
            missing.downcast_ref(),
            Some(OpenError::Missing { .. })
        ));

        assert_eq!(serving(&config).unwrap(), None);
        let served = connect(&config, Access::Serve).await.unwrap();
        assert_eq!(serving(&config).unwrap(), Some(std::process::id()));
        let second = connect(&config, Access::Serve).await.unwrap();
        connect(&config, Access::Beside).await.unwrap();
        drop(served);
        assert!(serving(&config).unwrap().is_some());
        drop(second);
        assert_eq!(serving(&config).unwrap(), None);
    }

    #[tokio::test]
    async fn memory_is_not_looked_into_from_outside() {
        connect(&StorageConfig::Memory, Access::Serve)
            .await
            .unwrap();
        let refused = connect(&StorageConfig::Memory, Access::Beside)
            .await
            .err()
            .unwrap();
        assert!(refused.to_string().contains("--data-dir"), "{refused}");
    }
}
