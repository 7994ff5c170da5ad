//! A file on its way to its place: made anew for our user alone, moved there whole, or gone again.
//!
//! Names are taken as they stand: no symbolic link is followed to where something is written, and
//! nothing but a regular file is ever replaced.

use std::ffi::OsString;
use std::fs::{File, FileType, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::backup::{BackupError, at};

/// How often a file that a killed process left is removed before somebody else's hand is seen in it.
const TRIES: usize = 3;

/// Refuses a place where something other than a regular file stands, links that lead nowhere
/// among them; whether a file may be replaced is the caller's question. Returns whether one is
/// there.
pub(crate) fn taken(to: &Path) -> Result<bool, BackupError> {
    let odd = |what| BackupError::Odd {
        file: to.to_owned(),
        what,
    };
    if to.as_os_str().as_encoded_bytes().ends_with(b"/") || to.file_name().is_none() {
        return Err(odd(FOLDER));
    }
    match to.symlink_metadata() {
        Ok(found) => no_file(found.file_type()).map_or(Ok(true), |what| Err(odd(what))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(at(to)(error)),
    }
}

const FOLDER: &str = "a folder; name a file in it";

/// What something is that is no regular file, and what to do; `None` for a regular one.
pub(crate) fn no_file(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some(FOLDER)
    } else if kind.is_symlink() {
        Some("a symbolic link, which is not followed; name the file itself, or remove the link")
    } else {
        Some("no regular file; name another")
    }
}

/// A file on its way; its lock tells others that somebody is at work.
#[derive(Debug)]
pub(crate) struct Partial {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    placed: bool,
}

impl Partial {
    /// Makes an empty file beside the place it shall have; what a killed process left goes.
    pub(crate) fn create(to: &Path) -> Result<Self, BackupError> {
        let path = beside(to, ".partial");
        let mut creating = OpenOptions::new();
        creating.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut creating, 0o600);
        for _ in 0..TRIES {
            let file = match creating.open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    remove_stale(&path)?;
                    continue;
                }
                Err(error) => return Err(at(&path)(error)),
            };
            lock(&file, &path)?;
            if !is_at(&file, &path) {
                return Err(BackupError::Busy(path));
            }
            let partial = Self {
                path,
                file,
                placed: false,
            };
            // A journal that is not ours would be played back into the file.
            partial.remove_journal();
            return Ok(partial);
        }
        Err(BackupError::Busy(path))
    }

    pub(crate) fn name(&self) -> Result<&str, BackupError> {
        self.path.to_str().ok_or_else(|| {
            let odd = io::Error::other("its name is not UTF-8");
            at(&self.path)(odd)
        })
    }

    pub(crate) fn bytes(&self) -> Result<u64, BackupError> {
        let metadata = self.file.metadata().map_err(at(&self.path))?;
        Ok(metadata.len())
    }

    /// Puts the whole file in its place and sees it to the disk.
    pub(crate) fn place(mut self, to: &Path) -> Result<(), BackupError> {
        self.file.sync_all().map_err(at(&self.path))?;
        std::fs::rename(&self.path, to).map_err(at(to))?;
        self.placed = true;
        sync_folder(to)
    }

    fn remove_journal(&self) {
        // Mostly there is none.
        std::fs::remove_file(beside(&self.path, "-journal")).ok();
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.placed {
            // Whoever makes the same copy again removes what stays.
            std::fs::remove_file(&self.path).ok();
            self.remove_journal();
        }
    }
}

/// Removes what a killed process left, or a link that somebody put there; never what is in use.
fn remove_stale(path: &Path) -> Result<(), BackupError> {
    let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let kind = match path.symlink_metadata() {
        Ok(found) => found.file_type(),
        Err(error) if gone(&error) => return Ok(()),
        Err(error) => return Err(at(path)(error)),
    };
    let held = if kind.is_file() {
        match File::open(path) {
            Ok(file) => {
                lock(&file, path)?;
                Some(file)
            }
            Err(error) if gone(&error) => return Ok(()),
            Err(error) => return Err(at(path)(error)),
        }
    } else if kind.is_symlink() {
        None
    } else {
        return Err(BackupError::Odd {
            file: path.to_owned(),
            what: "in the way of the copy; remove it, or name another file",
        });
    };
    let removed = std::fs::remove_file(path);
    drop(held);
    match removed {
        Err(error) if !gone(&error) => Err(at(path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn lock(file: &File, path: &Path) -> Result<(), BackupError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(BackupError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(path)(error)),
    }
}

/// Whether a path still names this file: between making and locking it another may have taken it
/// for a stale one.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let (mine, there) = (file.metadata(), path.symlink_metadata());
        mine.is_ok_and(|mine| {
            there.is_ok_and(|there| (mine.dev(), mine.ino()) == (there.dev(), there.ino()))
        })
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

/// A file in the same folder whose name goes on with this.
pub(crate) fn beside(file: &Path, more: &str) -> PathBuf {
    let mut name: OsString = file.file_name().unwrap_or_default().to_owned();
    name.push(more);
    folder(file).join(name)
}

/// The folder of a file.
pub(crate) fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    }
}

/// Sees renames of a file to the disk.
pub(crate) fn sync_folder(file: &Path) -> Result<(), BackupError> {
    let folder = folder(file);
    let opened = File::open(folder).and_then(|opened| opened.sync_all());
    // Not every system opens folders; there the rename is as durable as it can be.
    if cfg!(unix) {
        opened.map_err(at(folder))?;
    }
    Ok(())
}
