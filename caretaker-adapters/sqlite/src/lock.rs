//! `serve.lock`: one server per data directory, told apart by process id.
//!
//! The lock is advisory and belongs to the open file; it ends with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The file's name in the data directory.
const FILE: &str = "serve.lock";

/// How often a taker tries again: somebody who only looks holds the lock for microseconds.
const TRIES: usize = 200;

/// The right to serve a data directory, until it is dropped.
#[derive(Debug)]
pub(crate) struct ServeLock {
    _file: File,
}

/// Why the lock was not given.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A live process has it; its id, or 0 while it has not written one.
    Held(u32),
    /// The file cannot be used.
    Io(std::io::Error),
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Takes the lock and writes our process id.
pub(crate) fn take(dir: &Path) -> Result<ServeLock, Refused> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(dir.join(FILE))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.seek(SeekFrom::Start(0))?;
                writeln!(file, "{}", std::process::id())?;
                file.sync_all()?;
                return Ok(ServeLock { _file: file });
            }
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
            Err(TryLockError::Error(error)) => return Err(Refused::Io(error)),
        }
    }
    Err(Refused::Held(pid(&mut file)))
}

/// The process that serves the directory now, if any; 0 while it has not written its id.
pub(crate) fn holder(dir: &Path) -> std::io::Result<Option<u32>> {
    let mut file = match File::open(dir.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(pid(&mut file))),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn pid(file: &mut File) -> u32 {
    let mut text = String::new();
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.read_to_string(&mut text));
    read.ok()
        .and_then(|_| text.trim().parse().ok())
        .unwrap_or_default()
}
