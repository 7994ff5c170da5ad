//! Turns due windows into items. Asking twice is harmless: a window has one id.

use std::sync::Arc;

use caretaker_core::drive::{Worker, due};
use caretaker_core::model::Span;
use caretaker_core::ports::Ports;
use tokio::sync::{Notify, watch};

/// How often due windows are looked for.
const EVERY: Span = Span::seconds(30);

/// Looks for due windows until told to stop.
pub async fn run(
    ports: Ports,
    worker: watch::Receiver<Option<Worker>>,
    news: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let current = worker.borrow().clone();
        if let Some(worker) = current {
            match due::ticks(&ports, &worker).await {
                Ok(0) => {}
                Ok(_) => news.notify_one(),
                Err(error) => tracing::warn!(error = %error, "could not schedule every tick"),
            }
        }
        tokio::select! {
            () = ports.clock.sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}
