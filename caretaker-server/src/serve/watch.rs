//! Looks after what no part notices by itself: whether the store can be written, how much room it
//! has, and whether the clock jumped.

use std::sync::Arc;

use caretaker_core::model::Span;
use caretaker_core::ports::Ports;
use caretaker_wiring::storage::{self, StorageConfig};
use tokio::sync::watch;

use super::vitals::Vitals;
use super::wall::Wall;

/// How often it looks.
const EVERY: Span = Span::seconds(5);

/// What is looked at.
#[derive(Clone)]
pub(super) struct Watch {
    pub(super) ports: Ports,
    pub(super) vitals: Arc<Vitals>,
    pub(super) store: StorageConfig,
    pub(super) max_bytes: Option<u64>,
}

/// Looks until told to stop.
///
/// # Errors
/// Never; what it finds is for `/ready`.
pub(super) async fn run(watch: Watch, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let Watch {
        ports,
        vitals,
        store,
        max_bytes,
    } = watch;
    let mut wall = Wall::default();
    let (mut wrote, mut jumped) = (true, None);
    while !*stop.borrow() {
        let jump = wall.look(ports.clock.now(), ports.clock.monotonic());
        if jump != jumped {
            if let Some(by) = jump {
                tracing::warn!(%by, "the wall clock jumped");
            } else {
                tracing::info!("the wall clock is steady again");
            }
            jumped = jump;
        }
        vitals.clock_jumped(jump);
        match storage::room(&store, max_bytes).await {
            Ok(room) => vitals.has_room(room),
            Err(error) => tracing::warn!(%error, "the room for the store is not known"),
        }
        // A transaction with nothing in it takes the write lock and finds the file in its place.
        let writing = ports.storage.commit(None, Vec::new()).await;
        match (&writing, wrote) {
            (Err(error), true) => tracing::error!(%error, "the store cannot be written"),
            (Ok(_), false) => tracing::info!("the store can be written again"),
            (Err(_), false) | (Ok(_), true) => {}
        }
        wrote = writing.is_ok();
        if wrote {
            vitals.store_answered();
        } else {
            vitals.store_failed();
        }
        tokio::select! {
            () = ports.clock.sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}
