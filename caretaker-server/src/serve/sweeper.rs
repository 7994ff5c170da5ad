//! Brings back what asked to be looked at again, and removes what retention no longer keeps.

use std::sync::Arc;

use caretaker_core::drive::{Worker, due};
use caretaker_core::model::{Retention, Span};
use caretaker_core::ports::{Ports, Retained};
use tokio::sync::{Notify, watch};

/// How often due rechecks are looked for.
const EVERY: Span = Span::seconds(1);
/// How often retention removes a little.
const RETAIN_EVERY: Span = Span::minutes(1);

/// Looks for due rechecks until told to stop.
pub async fn run(
    ports: Ports,
    keep: Retention,
    worker: watch::Receiver<Option<Worker>>,
    news: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let mut retained = ports.clock.monotonic();
    while !*stop.borrow() {
        let current = worker.borrow().clone();
        let works = current.is_some();
        if let Some(worker) = current {
            match due::rechecks(&ports, &worker).await {
                Ok(0) => {}
                Ok(_) => news.notify_one(),
                Err(error) => tracing::warn!(error = %error, "could not bring back rechecks"),
            }
        }
        if works && (ports.clock.monotonic() - retained) >= RETAIN_EVERY {
            retained = ports.clock.monotonic();
            match ports.storage.retain(ports.clock.now(), &keep).await {
                Ok(removed) if removed == Retained::default() => {}
                // There may be more; a busy server closes more than one step removes.
                Ok(_some) => retained = retained - RETAIN_EVERY,
                Err(error) => {
                    tracing::warn!(error = %error, "could not remove what is no longer kept");
                }
            }
        }
        tokio::select! {
            () = ports.clock.sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}
