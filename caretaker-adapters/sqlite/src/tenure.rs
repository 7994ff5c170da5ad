//! What the locks say about the holder of a lease: alive, gone, or nothing.
//!
//! Needs: a holder that was killed is succeeded at once; one that is merely slow, stopped, or
//! behind a clock that jumped is not. Design: a holder keeps the lease's file locked, signed with
//! its name. A free lock with the name of the lease's holder means that it is gone; a lock that
//! somebody else has, with that name, that it lives. Any other name says nothing, and the lease's
//! own time decides: so it is with a holder that got the lease while a stopped process still had
//! the lock, until it gets that too, when it renews.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use crate::lock::{self, Lock, SERVE, STANDBY};

/// What is known about the process that last signed a lease's lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    /// It has the lock, so it lives.
    Alive(String),
    /// The lock is free, so it has ended.
    Gone(String),
    /// Nothing: there is no lock, or it is our own.
    Nobody,
}

impl Signed {
    /// Whether this holder of the lease is known to live, in another process.
    pub(crate) fn is_alive(&self, holder: &str) -> bool {
        matches!(self, Self::Alive(name) if name == holder)
    }

    /// Whether this holder of the lease is known to have ended.
    pub(crate) fn is_gone(&self, holder: &str) -> bool {
        matches!(self, Self::Gone(name) if name == holder)
    }
}

/// The locks of this process.
#[derive(Debug)]
pub(crate) struct Tenures {
    dir: PathBuf,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// Shared with every other server; `None` beside a server.
    serving: Option<Lock>,
    standby: Option<Lock>,
    leases: BTreeMap<String, Tenure>,
}

/// A lease that we hold: under which name, and its lock once we have it.
#[derive(Debug)]
struct Tenure {
    worker: String,
    lock: Option<Lock>,
}

impl Tenures {
    pub(crate) fn new(dir: &Path, serving: Option<Lock>) -> Self {
        let held = Held {
            serving,
            ..Held::default()
        };
        Self {
            dir: dir.to_owned(),
            held: Mutex::new(held),
        }
    }

    /// Who signed the lease's lock, and the lock itself where it is free: nobody else takes it
    /// while the caller asks for the lease.
    pub(crate) fn ask(&self, lease: &str) -> (Signed, Option<Lock>) {
        if self.has_lock(lease) {
            return (Signed::Nobody, None);
        }
        let path = self.path(lease);
        match Lock::alone(&path) {
            Ok(Some(mut lock)) => (Signed::Gone(lock.text()), Some(lock)),
            Ok(None) => (alive(&path), None),
            Err(error) => {
                unusable(&path, &error);
                (Signed::Nobody, None)
            }
        }
    }

    /// Who lives and has signed the lease's lock.
    pub(crate) fn look(&self, lease: &str) -> Signed {
        if self.has_lock(lease) {
            return Signed::Nobody;
        }
        alive(&self.path(lease))
    }

    /// Notes that the lease is ours and signs its lock; with no lock it is sought when renewing.
    pub(crate) fn took(&self, lease: &str, worker: &str, lock: Option<Lock>) {
        let mut held = self.held();
        held.standby = None;
        let before = held.leases.remove(lease).and_then(|tenure| tenure.lock);
        let lock = lock
            .or(before)
            .and_then(|lock| self.sign(lease, lock, worker));
        let worker = worker.to_owned();
        held.leases
            .insert(lease.to_owned(), Tenure { worker, lock });
        if let Some(serving) = &mut held.serving
            && let Err(error) = serving.sign(&std::process::id().to_string())
        {
            unusable(&self.dir.join(SERVE), &error);
        }
    }

    /// Seeks the lock of a lease that we hold without.
    pub(crate) fn renewed(&self, lease: &str) {
        let mut held = self.held();
        let Some(tenure) = held.leases.get_mut(lease).filter(|t| t.lock.is_none()) else {
            return;
        };
        match Lock::alone(&self.path(lease)) {
            Ok(lock) => tenure.lock = lock.and_then(|l| self.sign(lease, l, &tenure.worker)),
            Err(error) => unusable(&self.path(lease), &error),
        }
    }

    /// Lets go of a lease's lock: it is given back, or somebody else's.
    pub(crate) fn gave_up(&self, lease: &str) {
        self.held().leases.remove(lease);
    }

    /// Notes that somebody else has the lease: what this worker had of it is lost. A server waits
    /// for it then; the first that waits shows itself.
    pub(crate) fn refused(&self, lease: &str, worker: &str) {
        let mut held = self.held();
        let lost = |tenure: &Tenure| tenure.worker == worker;
        if held.leases.get(lease).is_some_and(lost) {
            held.leases.remove(lease);
        }
        if held.serving.is_none() || held.standby.is_some() {
            return;
        }
        let path = self.dir.join(STANDBY);
        let signed = Lock::alone(&path).and_then(|lock| {
            let Some(mut lock) = lock else {
                return Ok(None);
            };
            lock.sign(&std::process::id().to_string())?;
            Ok(Some(lock))
        });
        match signed {
            Ok(lock) => held.standby = lock,
            Err(error) => unusable(&path, &error),
        }
    }

    fn sign(&self, lease: &str, mut lock: Lock, worker: &str) -> Option<Lock> {
        match lock.sign(worker) {
            Ok(()) => Some(lock),
            Err(error) => {
                // Not ours by its text, so it must not be ours by its lock either.
                unusable(&self.path(lease), &error);
                None
            }
        }
    }

    fn has_lock(&self, lease: &str) -> bool {
        let held = self.held();
        held.leases.get(lease).is_some_and(|t| t.lock.is_some())
    }

    /// A lease's name is one of ours, a word.
    fn path(&self, lease: &str) -> PathBuf {
        self.dir.join(format!("{lease}.lease"))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("nobody panics with the locks")
    }
}

fn alive(path: &Path) -> Signed {
    match lock::owner(path) {
        Ok(Some(name)) => Signed::Alive(name),
        Ok(None) => Signed::Nobody,
        Err(error) => {
            unusable(path, &error);
            Signed::Nobody
        }
    }
}

/// Without the lock a lease goes by its time alone, as it would on another machine.
fn unusable(path: &Path, error: &std::io::Error) {
    let path = path.display();
    tracing::warn!(%path, %error, "a lock file cannot be used; a lease goes by its time alone");
}
