//! Waits for a live server to close an item.

use caretaker_core::model::{ItemState, QueueItem, Span};
use caretaker_wiring::storage;

use super::Pass;
use crate::cli::store::Store;
use crate::serve::consumer::LEASE;
use crate::settings::Settings;

/// How long nothing may move before we give up waiting.
const SILENCE: Span = Span::seconds(60);
/// How long a server may be without the lease before it counts as paused: it may be starting.
const STARTING: Span = Span::seconds(5);
/// How often we look.
const LOOK: Span = Span::millis(100);
/// An item that is due later than this was put off.
const SOON: Span = Span::seconds(2);

/// Waits until the item and all that came of it are closed, put off, or nobody takes them. `None`
/// when the server ended meanwhile.
pub(super) async fn run(
    store: &Store,
    settings: &Settings,
    item: &QueueItem,
    pid: u32,
) -> anyhow::Result<Option<Pass>> {
    let (storage, clock) = (&store.ports.storage, &store.ports.clock);
    let id = &item.event.id;
    let mut moved_at = clock.monotonic();
    let mut held_at = clock.monotonic();
    let mut before = None;
    loop {
        let state = storage.item(id).await?;
        let children = storage.open_children(id).await?;
        let now = clock.now();
        match &state {
            Some(ItemState::Buried(why)) => {
                return Ok(Some(Pass::Unfinished(format!("given up: {why}"))));
            }
            None | Some(ItemState::Closed) if children == 0 => return Ok(Some(Pass::Closed)),
            Some(ItemState::Waiting(due)) if *due > now + SOON => {
                return Ok(Some(Pass::Unfinished(format!("put off until {due}"))));
            }
            None | Some(ItemState::Closed | ItemState::InFlight | ItemState::Waiting(_)) => {}
        }
        let monotonic = clock.monotonic();
        if storage.holder(LEASE, now).await?.is_some() {
            held_at = monotonic;
        }
        let seen = Some((state, children));
        if seen != before {
            moved_at = monotonic;
            before = seen;
        }
        let why = if held_at + STARTING <= monotonic {
            Some(
                "paused or stopped: it holds no lease; see `caretaker status` and its dispatch mode",
            )
        } else if moved_at + SILENCE <= monotonic {
            Some("silent: nothing moves; see its log and `caretaker status`")
        } else {
            None
        };
        if let Some(why) = why {
            return Ok(Some(Pass::Silent(format!(
                "the server (process {pid}) is {why}; the item waits as event {id}"
            ))));
        }
        if storage::serving(&settings.storage_config())?.is_none() {
            return Ok(None);
        }
        clock.sleep(LOOK).await;
    }
}
