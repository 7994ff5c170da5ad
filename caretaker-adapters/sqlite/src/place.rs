//! Where the database lies: whether it is still the file that we have open, and how much room it has.
//!
//! A file that was deleted or moved is written on happily by whoever has it open, and all of it is
//! gone with the process. So after each transaction, before it is answered, the path is compared
//! with the file that was opened; nothing counts as kept that is not under that path.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions as _, Connection as _};

use crate::open::{FILE, options};

/// The path of a database, and the file that was found there.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    found: Mutex<Found>,
}

#[derive(Debug)]
struct Found {
    file: Option<File>,
    /// When another file was found there than before.
    changed: Option<Instant>,
}

/// What tells two files apart, whatever they are called: device and number on it.
type File = (u64, u64);

impl Place {
    /// The file at a path, as it is now.
    pub(crate) fn of(path: PathBuf) -> Self {
        let file = identity(&path);
        let found = Found {
            file,
            changed: None,
        };
        Self {
            path,
            found: Mutex::new(found),
        }
    }

    /// Whether another file, or none, is at the path now.
    pub(crate) fn has_moved(&self) -> bool {
        identity(&self.path) != self.found().file
    }

    /// Takes the file that is there now for ours: it was just opened.
    pub(crate) fn opened(&self) {
        let now = identity(&self.path);
        let mut found = self.found();
        if found.file != now {
            found.file = now;
            found.changed = Some(Instant::now());
        }
    }

    /// Whether what was opened so long ago is the file that is ours now.
    pub(crate) fn is_ours(&self, age: Duration) -> bool {
        let changed = self.found().changed;
        changed.is_none_or(|at| age < at.elapsed())
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().expect("nobody panics with it")
    }
}

fn identity(path: &Path) -> Option<File> {
    let there = std::fs::metadata(path).ok();
    there.map(|file: Metadata| (file.dev(), file.ino()))
}

/// Bytes by which the database of a directory may still grow: what its volume has left for us, and
/// what a bound of its size leaves. Pages that are free inside it count as left.
pub(crate) async fn room(dir: &Path, max_bytes: Option<u64>) -> Result<u64, sqlx::Error> {
    let volume = rustix::fs::statvfs(dir).map_err(|error| sqlx::Error::Io(error.into()))?;
    let left = volume.f_bavail.saturating_mul(volume.f_frsize);
    let Some(most) = max_bytes else {
        return Ok(left);
    };
    // Its newest pages may be in the log alone, so the file's size does not tell.
    let mut conn = options(&dir.join(FILE)).connect().await?;
    let used = sqlx::query_scalar(
        "SELECT (page_count - freelist_count) * page_size
         FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    );
    let used: Result<i64, _> = used.fetch_one(&mut conn).await;
    conn.close().await?;
    Ok(left.min(most.saturating_sub(used?.unsigned_abs())))
}
