//! Without a driver between: one thread that calls SQLite.

use std::path::Path;

use rusqlite::{Connection, params};
use tokio::sync::mpsc;

use super::{INSERT, Job, PRAGMAS, TABLE, answer, batch};

pub(super) fn open(file: &Path) -> anyhow::Result<Connection> {
    let conn = Connection::open(file)?;
    for (name, value) in PRAGMAS {
        conn.pragma_update(None, name, value)?;
    }
    conn.execute(TABLE, [])?;
    Ok(conn)
}

pub(super) fn write(mut conn: Connection, mut jobs: mpsc::Receiver<Job>) -> anyhow::Result<()> {
    while let Some(first) = jobs.blocking_recv() {
        let batch = batch(first, &mut jobs);
        let change = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for job in &batch {
            let mut insert = change.prepare_cached(INSERT)?;
            insert.execute(params![job.key, job.event, job.body])?;
        }
        change.commit()?;
        answer(batch);
    }
    Ok(())
}
