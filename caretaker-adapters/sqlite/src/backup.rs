//! A copy of the whole database in one file, made while others write.
//!
//! `VACUUM INTO` reads one moment of the database: in WAL mode a reader stands in no writer's way,
//! and the writer in none of his. What it costs is a longer log until the copy is done. The copy
//! is written beside its place and put there by one rename, when it is whole and on disk.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::open::{FILE, OpenError, options};
use crate::partial::{Partial, folder, taken};
use crate::schema;

/// How often progress is told.
const STEP: Duration = Duration::from_millis(250);

/// Told how far a copy is: bytes done, and bytes in all as far as one can tell before the end.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Size of the file.
    pub bytes: u64,
    /// Version of its schema.
    pub schema: usize,
    /// Deliveries that are kept, handled ones included.
    pub deliveries: u64,
    /// Items of the queue, ended ones included.
    pub items: u64,
    /// Closed runs.
    pub runs: u64,
}

/// Why there is no copy, or why one was not put in place.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// What is named is no regular file: it is neither replaced nor read.
    #[error("{} is {what}", file.display())]
    Odd {
        /// The path.
        file: PathBuf,
        /// What it is instead, and what to do.
        what: &'static str,
    },
    /// Something is there already.
    #[error("{} exists already; name another file, or overwrite it with --force", .0.display())]
    Exists(PathBuf),
    /// A copy beside its original goes with it, and may even replace it.
    #[error("{} lies in the data directory itself; name a file elsewhere, best on another volume", .0.display())]
    Inside(PathBuf),
    /// Another process makes the same copy.
    #[error("another process writes {} just now; wait for it, or name another file", .0.display())]
    Busy(PathBuf),
    /// The file holds no database of ours.
    #[error("{} is no backup of caretaker; `caretaker backup FILE` makes one", .0.display())]
    Foreign(PathBuf),
    /// A log lies beside the file, so the file alone is not whole.
    #[error("{} has a write-ahead log beside it and is not whole without it; restore a file made by `caretaker backup`", .0.display())]
    Log(PathBuf),
    /// A store's own file, copied by itself: what its log held is missing.
    #[error("{} is a store's own file and not whole without the log that was beside it; name a file made by `caretaker backup`. Named caretaker.db in a directory of its own, together with its log, it can be backed up with --data-dir", .0.display())]
    Raw(PathBuf),
    /// The file's pages do not fit together.
    #[error("{} is damaged ({found}); take another backup", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The first problem found.
        found: String,
    },
    /// There is a store in the data directory.
    #[error("there is a store in {} already; --force puts it aside and the backup in its place", .0.display())]
    Occupied(PathBuf),
    /// The store does not open, or the backup is not for this build.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file cannot be read or written.
    #[error("{} cannot be used; check the path, its owner and mode, and free space", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database refused.
    #[error("the database could not be copied; check free space and the disk")]
    Database(#[from] sqlx::Error),
}

/// What the system said about a file.
pub(crate) fn at(file: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let file = file.to_owned();
    move |source| BackupError::Io { file, source }
}

/// Copies the database of a data directory into one file for our user alone. Works beside a
/// server and without one; what is committed before it begins is in the copy, whole.
pub async fn backup(
    dir: &Path,
    to: &Path,
    replace: bool,
    progress: Progress<'_>,
) -> Result<Copied, BackupError> {
    let database = dir.join(FILE);
    if !database.try_exists().map_err(at(&database))? {
        let dir = dir.to_owned();
        return Err(OpenError::Missing { dir }.into());
    }
    let exists = |to: &Path| BackupError::Exists(to.to_owned());
    if taken(to)? && !replace {
        return Err(exists(to));
    }
    let folder = folder(to);
    let same = folder.canonicalize().map_err(at(folder))? == dir.canonicalize().map_err(at(dir))?;
    if same {
        return Err(BackupError::Inside(to.to_owned()));
    }
    let mut conn = options(&database).connect().await?;
    let partial = Partial::create(to)?;
    let copied = copy(&mut conn, &partial, progress).await;
    conn.close().await?;
    let copied = copied?;
    // It took its time; what stands there by now is asked again.
    if taken(to)? && !replace {
        return Err(exists(to));
    }
    if !replace {
        // Ours from here on, whoever else looks for the name.
        let reserved = OpenOptions::new().write(true).create_new(true).open(to);
        reserved.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(to),
            _ => at(to)(error),
        })?;
    }
    if let Err(failed) = partial.place(to) {
        if !replace {
            // The name we reserved, empty.
            std::fs::remove_file(to).ok();
        }
        return Err(failed);
    }
    Ok(copied)
}

async fn copy(
    conn: &mut SqliteConnection,
    partial: &Partial,
    progress: Progress<'_>,
) -> Result<Copied, BackupError> {
    schema::check(conn).await?;
    let used: i64 = sqlx::query_scalar(
        "SELECT (page_count - freelist_count) * page_size
         FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    )
    .fetch_one(&mut *conn)
    .await?;
    let total = u64::try_from(used).unwrap_or_default();
    {
        let into = sqlx::query("VACUUM INTO ?").bind(partial.name()?);
        let mut copying = pin!(into.execute(&mut *conn));
        loop {
            if let Ok(done) = tokio::time::timeout(STEP, copying.as_mut()).await {
                done?;
                break;
            }
            progress(partial.bytes()?.min(total), total);
        }
    }
    let bytes = partial.bytes()?;
    progress(bytes, bytes);
    read(&partial.path, bytes).await
}

/// What a whole copy holds. The file must be at rest.
pub(crate) async fn read(file: &Path, bytes: u64) -> Result<Copied, BackupError> {
    let mut conn = resting(file).connect().await?;
    let counted = async {
        let schema = schema::version(&mut conn).await?;
        let counts: (i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM items),
                    (SELECT count(*) FROM runs)",
        )
        .fetch_one(&mut conn)
        .await?;
        Ok::<_, OpenError>((schema, counts))
    };
    let counted = counted.await;
    conn.close().await?;
    let (schema, (deliveries, items, runs)) = counted?;
    Ok(Copied {
        bytes,
        schema,
        deliveries: deliveries.cast_unsigned(),
        items: items.cast_unsigned(),
        runs: runs.cast_unsigned(),
    })
}

/// How a file is opened that nobody writes: nothing is created beside it.
pub(crate) fn resting(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging()
}
