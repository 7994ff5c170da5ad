//! Opening a data directory: who may, with which settings, and what is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use crate::lock::{self, Lock, Refused};
use crate::place::Place;
use crate::tenure::Tenures;
use crate::writer::Writer;
use crate::{DEADLINE, SqliteStorage, place, schema};

/// The database's name in the data directory.
pub const FILE: &str = "caretaker.db";

/// How a data directory is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// As a server of it, alone or beside others: creates what is missing, shares `serve.lock`.
    /// Upgrades the schema, which only a server that is alone may.
    Serve,
    /// Beside a server or without one: reads, and writes what needs no fence. Creates nothing.
    Beside,
}

/// Why a data directory was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process needs it for itself, or serves it with another schema; 0 while that one
    /// has not written its id.
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

    /// The same with an upper limit of the database's size in pages of [`PAGE`] bytes; commits
    /// beyond it are refused as on a full disk.
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
        let refused = |refused| match refused {
            Refused::Held(pid) => OpenError::InUse {
                dir: dir.to_owned(),
                pid,
            },
            Refused::Io(source) => at(source),
        };
        let entered = match opening {
            Opening::Serve => {
                create_private(dir).map_err(at)?;
                match lock::take(dir) {
                    Ok(alone) => Entered::Alone(alone),
                    Err(Refused::Held(_)) => Entered::Joined(lock::join(dir).map_err(refused)?),
                    Err(Refused::Io(source)) => return Err(at(source)),
                }
            }
            Opening::Beside => {
                if !path.try_exists().map_err(at)? {
                    return Err(OpenError::Missing {
                        dir: dir.to_owned(),
                    });
                }
                Entered::Beside
            }
        };

        let options = options(&path);
        let alone = matches!(entered, Entered::Alone(_));
        let mut writing = options.clone().create_if_missing(alone);
        if let Some(pages) = max_pages {
            writing = writing.pragma("max_page_count", pages.to_string());
        }
        let mut conn = writing.connect().await?;
        let ready = match entered {
            Entered::Alone(lock) => match schema::migrate(&mut conn).await {
                Ok(()) => lock.share().map_err(at).and_then(|shared| {
                    let pid = 0;
                    let dir = dir.to_owned();
                    shared.map(Some).ok_or(OpenError::InUse { dir, pid })
                }),
                Err(error) => Err(error),
            },
            // Whoever serves already reads the schema that it knows, and no other.
            Entered::Joined(lock) => match schema::check(&mut conn).await {
                Ok(()) => Ok(Some(lock)),
                Err(OpenError::Older { .. }) => Err(lock::serving(dir).map_or_else(at, |pid| {
                    let pid = pid.unwrap_or_default();
                    let dir = dir.to_owned();
                    OpenError::InUse { dir, pid }
                })),
                Err(error) => Err(error),
            },
            Entered::Beside => schema::check(&mut conn).await.map(|()| None),
        };
        let serving = match ready {
            Ok(serving) => serving,
            Err(refused) => {
                conn.close().await?;
                return Err(refused);
            }
        };

        let place = Arc::new(Place::of(path));
        let ours = Arc::clone(&place);
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(DEADLINE)
            // One that reads a file which is no longer there would tell what no longer holds.
            .before_acquire(move |_reader, opened| {
                let is_ours = ours.is_ours(opened.age);
                Box::pin(async move { Ok(is_ours) })
            })
            .connect_lazy_with(options.pragma("query_only", "ON"));
        let transactions = Arc::new(AtomicU64::new(0));
        Ok(Self {
            readers,
            writer: Writer::start(
                conn,
                writing.create_if_missing(false),
                place,
                Arc::clone(&transactions),
            ),
            transactions,
            tenures: Tenures::new(dir, serving),
        })
    }

    /// The process that serves a data directory now, if any, of several the one that works; 0
    /// while none has written its id.
    pub fn serving(dir: &Path) -> std::io::Result<Option<u32>> {
        lock::serving(dir)
    }

    /// Bytes by which the database of a directory may still grow: what its volume has left, and
    /// what a bound of its size leaves.
    pub async fn room(dir: &Path, max_bytes: Option<u64>) -> Result<u64, sqlx::Error> {
        place::room(dir, max_bytes).await
    }

    /// The server that waits for the lease of another, of several the first; 0 while it has not
    /// written its id.
    pub fn standing_by(dir: &Path) -> std::io::Result<Option<u32>> {
        let said = lock::owner(&dir.join(lock::STANDBY))?;
        Ok(said.map(|said| said.parse().unwrap_or_default()))
    }
}

/// With which right a directory is opened.
enum Entered {
    /// As its only server, so far.
    Alone(Lock),
    /// As one of several servers.
    Joined(Lock),
    /// As no server.
    Beside,
}

/// Bytes of a page.
pub const PAGE: u64 = 4_096;

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
