//! Locks in the data directory: who serves it, who holds a lease, who stands by.
//!
//! | File | Who | How |
//! |---|---|---|
//! | `serve.lock` | every server | shared; alone: who upgrades the schema, and `restore` |
//! | `<lease>.lease` | the holder of the lease | alone, with its name in it |
//! | `standby.lock` | the first server that waits for a lease | alone |
//!
//! A lock is advisory and belongs to the open file; it ends with the process, however that ends.
//! What a file says stays when its lock ends: the name of a holder beside a free lock means that
//! this holder is gone.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Servers share it.
pub(crate) const SERVE: &str = "serve.lock";
/// One of those that wait has it.
pub(crate) const STANDBY: &str = "standby.lock";

/// How often a taker tries again: somebody who only looks holds a lock for microseconds.
const TRIES: usize = 50;

/// A lock that we hold, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// Why the right to a directory was not given.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A live process has it; its id, or 0 while it has not written one.
    Held(u32),
    /// The file cannot be used.
    Io(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Lock {
    /// For us alone, if nobody else has it in any way.
    pub(crate) fn alone(path: &Path) -> io::Result<Option<Self>> {
        Self::tried(create(path)?, File::try_lock)
    }

    /// Together with others who share it, if nobody has it alone.
    fn shared(path: &Path) -> io::Result<Option<Self>> {
        Self::tried(create(path)?, File::try_lock_shared)
    }

    /// Lets others share what was ours alone; `None` when somebody took it in between.
    pub(crate) fn share(self) -> io::Result<Option<Self>> {
        Self::tried(self.file, File::try_lock_shared)
    }

    fn tried(
        file: File,
        attempt: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> io::Result<Option<Self>> {
        for _ in 0..TRIES {
            match attempt(&file) {
                Ok(()) => return Ok(Some(Self { file })),
                Err(TryLockError::WouldBlock) => std::thread::yield_now(),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    /// What the last who signed has written.
    pub(crate) fn text(&mut self) -> String {
        text(&mut self.file)
    }

    /// Writes who has it.
    pub(crate) fn sign(&mut self, who: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        writeln!(self.file, "{who}")
    }
}

/// Takes a directory for ourselves alone and writes our process id.
pub(crate) fn take(dir: &Path) -> Result<Lock, Refused> {
    let path = dir.join(SERVE);
    let Some(mut lock) = Lock::alone(&path)? else {
        return Err(Refused::Held(pid(&path)?));
    };
    lock.sign(&std::process::id().to_string())?;
    Ok(lock)
}

/// Joins those who serve a directory.
pub(crate) fn join(dir: &Path) -> Result<Lock, Refused> {
    let path = dir.join(SERVE);
    match Lock::shared(&path)? {
        Some(lock) => Ok(lock),
        None => Err(Refused::Held(pid(&path)?)),
    }
}

/// The process that serves the directory now, of several the one that works; 0 while none has
/// written its id.
pub(crate) fn serving(dir: &Path) -> io::Result<Option<u32>> {
    let path = dir.join(SERVE);
    let Some(file) = existing(&path)? else {
        return Ok(None);
    };
    Ok(match Lock::tried(file, File::try_lock)? {
        Some(_free) => None,
        None => Some(pid(&path)?),
    })
}

/// What the one says who has a lock alone; `None` when nobody has.
pub(crate) fn owner(path: &Path) -> io::Result<Option<String>> {
    let Some(mut file) = existing(path)? else {
        return Ok(None);
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(text(&mut file))),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

fn existing(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn pid(path: &Path) -> io::Result<u32> {
    let said = existing(path)?.map(|mut file| text(&mut file));
    Ok(said.and_then(|said| said.parse().ok()).unwrap_or_default())
}

fn text(file: &mut File) -> String {
    let mut text = String::new();
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.read_to_string(&mut text));
    match read {
        Ok(_) => text.trim().to_owned(),
        Err(_unreadable) => String::new(),
    }
}
