//! Putting a backup in the place of a data directory's database.
//!
//! The backup is copied beside the database and looked at there; only a whole one of a schema that
//! this build reads takes its place. What was there is put aside, never removed.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions, Connection};

use crate::backup::{BackupError, Copied, Progress, at, read, resting};
use crate::error::is_no_database;
use crate::lock::{self, Refused};
use crate::open::{FILE, OpenError, create_private, options};
use crate::partial::{Partial, beside, no_file, sync_folder};
use crate::schema;

/// Bytes copied at once.
const CHUNK: usize = 1 << 20;

/// What SQLite keeps beside a database, and the database itself, in the order in which they are
/// put aside: a log must never be found beside a database that is not its own.
const PARTS: [&str; 3] = ["-wal", "-shm", ""];

/// What came of putting a backup in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the store holds now.
    pub holds: Copied,
    /// Where the store is that was there before; `None` when there was none.
    pub aside: Option<PathBuf>,
}

/// Makes a backup the database of a data directory. Nobody may serve it meanwhile; with `replace`
/// a database that is there is put aside under its name, `.before-` and `stamp`. Dropped before its
/// end it leaves everything as it was.
pub async fn restore(
    dir: &Path,
    from: &Path,
    replace: bool,
    stamp: &str,
    progress: Progress<'_>,
) -> Result<Restored, BackupError> {
    // Before it is opened: a pipe would wait for somebody who writes.
    let kind = from.metadata().map_err(at(from))?.file_type();
    if let Some(what) = no_file(kind) {
        let file = from.to_owned();
        return Err(BackupError::Odd { file, what });
    }
    let mut source = File::open(from).map_err(at(from))?;
    if beside(from, "-wal")
        .metadata()
        .is_ok_and(|log| log.len() > 0)
    {
        return Err(BackupError::Log(from.to_owned()));
    }
    if in_wal_mode(&mut source).map_err(at(from))? {
        return Err(BackupError::Raw(from.to_owned()));
    }
    create_private(dir).map_err(at(dir))?;
    let _serving = lock::take(dir).map_err(|refused| match refused {
        Refused::Held(pid) => {
            let dir = dir.to_owned();
            BackupError::Open(OpenError::InUse { dir, pid })
        }
        Refused::Io(error) => at(dir)(error),
    })?;
    let database = dir.join(FILE);
    let occupied = any_part(&database);
    if occupied && !replace {
        return Err(BackupError::Occupied(dir.to_owned()));
    }

    let mut partial = Partial::create(&database)?;
    let bytes = source.metadata().map_err(at(from))?.len();
    let (mut chunk, mut done) = (vec![0; CHUNK], 0);
    loop {
        let count = source.read(&mut chunk).map_err(at(from))?;
        let Some(some) = chunk.get(..count).filter(|some| !some.is_empty()) else {
            break;
        };
        partial.file.write_all(some).map_err(at(&partial.path))?;
        done += count as u64;
        progress(done, bytes);
        // Whoever waits for this may have changed his mind.
        tokio::task::yield_now().await;
    }
    whole(&partial.path, from).await?;
    let holds = read(&partial.path, bytes).await?;

    let aside = if occupied {
        Some(put_aside(&database, stamp).await?)
    } else {
        None
    };
    partial.place(&database)?;
    Ok(Restored { holds, aside })
}

/// Whether a file says of itself that its newest pages lie in a log beside it; a backup never does.
/// Bytes 18 and 19 of the header, <https://www.sqlite.org/fileformat.html>.
fn in_wal_mode(source: &mut File) -> io::Result<bool> {
    let mut header = [0; 20];
    let read = source.read_exact(&mut header);
    source.rewind()?;
    match read {
        Ok(()) => Ok(header.starts_with(b"SQLite format 3\0") && header[18..].contains(&2)),
        // Too short for any database.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a database is there, or something that belongs to one.
fn any_part(database: &Path) -> bool {
    PARTS
        .iter()
        .any(|part| beside(database, part).symlink_metadata().is_ok())
}

/// Refuses a copy that is not whole, or not for us; `from` is what it is a copy of.
async fn whole(copy: &Path, from: &Path) -> Result<(), BackupError> {
    let unread = |error: &sqlx::Error| {
        let file = from.to_owned();
        if is_no_database(error) {
            return BackupError::Foreign(file);
        }
        let found = error.to_string();
        BackupError::Damaged { file, found }
    };
    let opened = resting(copy).connect().await;
    let mut conn = opened.map_err(|error| unread(&error))?;
    let looked = async {
        match schema::version(&mut conn).await {
            Ok(found) if found > schema::KNOWN => {
                let known = schema::KNOWN;
                return Err(OpenError::Newer { found, known }.into());
            }
            Ok(0) | Err(OpenError::Foreign) => return Err(BackupError::Foreign(from.to_owned())),
            Err(OpenError::Database(error)) => return Err(unread(&error)),
            Err(refused) => return Err(refused.into()),
            Ok(_readable) => {}
        }
        let problem = sqlx::query_scalar("PRAGMA integrity_check(1)");
        let found: String = problem
            .fetch_one(&mut conn)
            .await
            .map_err(|error| unread(&error))?;
        if found == "ok" {
            return Ok(());
        }
        let file = from.to_owned();
        Err(BackupError::Damaged { file, found })
    };
    let looked = looked.await;
    conn.close().await?;
    looked
}

/// Moves a database with all that belongs to it; returns where it is.
async fn put_aside(database: &Path, stamp: &str) -> Result<PathBuf, BackupError> {
    let mut aside = beside(database, &format!(".before-{stamp}"));
    for again in 2_u32.. {
        if !any_part(&aside) {
            break;
        }
        aside = beside(database, &format!(".before-{stamp}-{again}"));
    }
    // Brings the log back into the file and has it say so, as a backup does: then it can be
    // restored itself. One that does not open, or that somebody reads, is kept with its log.
    if let Ok(mut conn) = options(database).connect().await {
        let whole = sqlx::query("PRAGMA journal_mode = DELETE");
        whole.execute(&mut conn).await.ok();
        conn.close().await.ok();
    }
    for part in PARTS {
        let (is, shall_be) = (beside(database, part), beside(&aside, part));
        match std::fs::rename(&is, &shall_be) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(&is)(error)),
        }
    }
    sync_folder(&aside)?;
    Ok(aside)
}
