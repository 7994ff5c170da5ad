//! Brings back what asked to be looked at again, and removes what retention no longer keeps.
//!
//! A due recheck is enqueued under an id made of its time, so asking twice is harmless; it is
//! taken back or replaced by the final record of the run that it leads to.

use std::sync::Arc;

use caretaker_core::drive::Worker;
use caretaker_core::model::Span;
use caretaker_core::ports::{PortError, Ports, Write, Wrote};
use caretaker_core::route;
use tokio::sync::{Notify, watch};

/// How often due rechecks are looked for.
const EVERY: Span = Span::seconds(1);
/// How often retention removes a little.
const RETAIN_EVERY: Span = Span::minutes(1);
/// Rechecks brought back at once.
const PAGE: u32 = 1_000;

/// Looks for due rechecks until told to stop.
pub async fn run(
    ports: Ports,
    worker: watch::Receiver<Option<Worker>>,
    news: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let mut retained = ports.clock.monotonic();
    while !*stop.borrow() {
        let current = worker.borrow().clone();
        if let Some(worker) = current {
            match pass(&ports, &worker).await {
                Ok(0) => {}
                Ok(_) => news.notify_one(),
                Err(error) => tracing::warn!(error = %error, "could not bring back rechecks"),
            }
        }
        if (ports.clock.monotonic() - retained) >= RETAIN_EVERY {
            retained = ports.clock.monotonic();
            if let Err(error) = ports.storage.retain(ports.clock.now()).await {
                tracing::warn!(error = %error, "could not remove what is no longer kept");
            }
        }
        tokio::select! {
            () = ports.clock.sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Enqueues what is due; returns how many were new.
async fn pass(ports: &Ports, worker: &Worker) -> Result<usize, PortError> {
    let now = ports.clock.now();
    let due = ports.storage.due_rechecks(now, PAGE).await?;
    let mut writes = Vec::with_capacity(due.len());
    for recheck in &due {
        let known = ports.storage.by_key(&recheck.repo).await?;
        let installation = known.and_then(|known| known.repo.installation);
        writes.push(Write::Enqueue(Box::new(route::recheck(
            recheck,
            installation,
            now,
        ))));
    }
    if writes.is_empty() {
        return Ok(0);
    }
    let wrote = ports
        .storage
        .commit(Some(worker.lease.fence()), writes)
        .await?;
    Ok(wrote
        .iter()
        .filter(|wrote| **wrote == Wrote::Queued)
        .count())
}
