//! Opening a data directory: who may, with which settings, and what is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use crate::lock::{self, Refused};
use crate::writer::Writer;
use crate::{DEADLINE, SqliteStorage, schema};

/// The database's name in the data directory.
pub const FILE: &str = "caretaker.db";

/// How a data directory is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// As the one server of it: creates what is missing, migrates, holds `serve.lock`.
    Serve,
    /// Beside a server or without one: reads, and writes what needs no fence. Creates nothing.
    Beside,
}

/// Why a data directory was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process serves it; 0 while that one has not written its id.
    #[error(
        "the data directory {} is served by process {pid}; stop it first, or use another --data-dir",
        dir.display()
    )]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// Who serves it.
        pid: u32,
    },
    /// There is no database.
    #[error(
        "there is no database in {}; start `caretaker serve` once, or name the directory with --data-dir",
        dir.display()
    )]
    Missing {
        /// The directory.
        dir: PathBuf,
    },
    /// A newer build wrote it.
    #[error(
        "the database has schema {found}, this build reads up to {known}; use the newer caretaker, or restore the backup from before the upgrade"
    )]
    Newer {
        /// Its version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// An older build wrote it, and only the server migrates.
    #[error(
        "the database has schema {found}, this build reads {known}; start this build's `caretaker serve` once, it upgrades the database"
    )]
    Older {
        /// Its version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// Something else's database.
    #[error("the file {FILE} is not a database of caretaker; name another --data-dir")]
    Foreign,
    /// The directory or the lock file cannot be used.
    #[error("the data directory {} cannot be used; check its owner and mode", dir.display())]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database does not open.
    #[error(
        "the database cannot be opened; check owner, mode and free space of the data directory"
    )]
    Database(#[from] sqlx::Error),
}

impl SqliteStorage {
    /// Opens `caretaker.db` in a data directory.
    ///
    /// Needs a runtime. Dropping the storage ends its writer; what was answered is durable.
    pub async fn open(dir: &Path, opening: Opening) -> Result<Self, OpenError> {
        Self::open_with(dir, opening, None).await
    }

    /// The same with an upper limit of the database's size in pages of 4 KiB; commits beyond it
    /// are refused as on a full disk.
    pub async fn open_with(
        dir: &Path,
        opening: Opening,
        max_pages: Option<u32>,
    ) -> Result<Self, OpenError> {
        let at = |source| OpenError::Directory {
            dir: dir.to_owned(),
            source,
        };
        let path = dir.join(FILE);
        let lock = match opening {
            Opening::Serve => {
                create_private(dir).map_err(at)?;
                let taken = lock::take(dir).map_err(|refused| match refused {
                    Refused::Held(pid) => OpenError::InUse {
                        dir: dir.to_owned(),
                        pid,
                    },
                    Refused::Io(source) => at(source),
                })?;
                Some(taken)
            }
            Opening::Beside => {
                if !path.try_exists().map_err(at)? {
                    return Err(OpenError::Missing {
                        dir: dir.to_owned(),
                    });
                }
                None
            }
        };

        let options = options(&path);
        let mut writing = options.clone().create_if_missing(opening == Opening::Serve);
        if let Some(pages) = max_pages {
            writing = writing.pragma("max_page_count", pages.to_string());
        }
        let mut conn = writing.connect().await?;
        let ready = match opening {
            Opening::Serve => schema::migrate(&mut conn).await,
            Opening::Beside => schema::check(&mut conn).await,
        };
        if let Err(refused) = ready {
            conn.close().await?;
            return Err(refused);
        }

        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(DEADLINE)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        let transactions = Arc::new(AtomicU64::new(0));
        Ok(Self {
            readers,
            writer: Writer::start(
                conn,
                writing.create_if_missing(false),
                Arc::clone(&transactions),
            ),
            transactions,
            _lock: lock,
        })
    }

    /// The process that serves a data directory now, if any; 0 while it has not written its id.
    pub fn serving(dir: &Path) -> std::io::Result<Option<u32>> {
        lock::holder(dir)
    }
}

/// Connections that read side by side; the writer has its own.
const READERS: u32 = 4;

pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        // The log is cut back to this after a burst; a checkpoint every 4 MiB keeps it short.
        .pragma("journal_size_limit", "67108864")
        .pragma("wal_autocheckpoint", "1000")
        .pragma("cache_size", "-8000")
        .disable_statement_logging()
}

/// Creates the directory for our user alone; an existing one stays as it is.
pub(crate) fn create_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
