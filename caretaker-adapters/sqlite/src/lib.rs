//! Every storage port on one SQLite file: the embedded default.
//!
//! One writer with group commit, a few readers beside it; durable when a call returns. What lives
//! here: SQL, its error codes, and opening a data directory. What does not: any policy; what the
//! ports promise is written in `caretaker_core::ports` and held by the testkit's suites.
//!
//! Reading order: [`SqliteStorage::open`], `writer` (how commits are grouped), `write` (what they
//! change), `take` (which item is next), `read` (the read sides), `retain` (what is forgotten), `backup` and
//! `restore` (copies of the file), `partial` (how a file comes to its place), `place` (whether it is
//! still there), `answers` (a file of its own, on which nothing depends), `lock` and `tenure` (who may use the directory, and who holds a lease).
#![deny(missing_docs)]

mod answers;
mod backup;
mod error;
mod lock;
mod open;
mod partial;
mod place;
mod ports;
mod read;
mod restore;
mod retain;
mod row;
mod schema;
mod take;
mod tenure;
mod write;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::SqlitePool;

pub use answers::{ANSWERS, AnswerBounds, AnswerFile, Kept};
pub use backup::{BackupError, Copied, Progress, backup};
pub use open::{FILE, OpenError, Opening, PAGE};
pub use restore::{Restored, restore};

/// How long any call may take before it fails as unavailable.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Caretaker's memory in one SQLite file.
#[derive(Debug)]
pub struct SqliteStorage {
    readers: SqlitePool,
    writer: writer::Writer,
    transactions: Arc<AtomicU64>,
    tenures: tenure::Tenures,
}

impl SqliteStorage {
    /// Transactions made durable since opening; each holds all commits that waited together.
    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// Finishes what was handed in, ends the writer and closes the file.
    pub async fn close(self) {
        self.writer.close().await;
        self.readers.close().await;
    }
}
