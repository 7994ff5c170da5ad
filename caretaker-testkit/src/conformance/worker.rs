//! The hands of the cases: a worker with a lease, and short forms of what cases do all the time.

use std::sync::Arc;

use caretaker_core::model::{
    BacklogLimits, DedupKey, EventId, ItemState, QueueItem, Settle, Span, Taken, Timestamp,
};
use caretaker_core::ports::{Fence, Kind, Storage, Write, Wrote};

use crate::samples::at;

/// The one lease that workers hold.
pub(super) const LEASE: &str = "worker";

/// A worker that holds the lease.
pub(super) struct Worker {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) fence: Fence,
}

impl Worker {
    /// Takes the lease over from whoever holds it: called again, it is what a restart does.
    pub(super) async fn start(storage: &Arc<dyn Storage>) -> Self {
        let ttl = Span::seconds(15);
        let fence = storage.acquire(LEASE, "host/1", at(0), ttl).await;
        Self {
            storage: Arc::clone(storage),
            fence: fence.expect("the lease is free or ours"),
        }
    }

    /// Commits, and must succeed.
    pub(super) async fn commit(&self, writes: Vec<Write>) -> Vec<Wrote> {
        let wrote = self.storage.commit(Some(self.fence), writes).await;
        wrote.expect("the commit is sound")
    }

    /// Commits one change, and must succeed.
    pub(super) async fn write(&self, write: Write) -> Wrote {
        let mut results = self.commit(vec![write]).await;
        assert_eq!(results.len(), 1, "one result for each change");
        results.remove(0)
    }

    /// Commits, and must be refused.
    pub(super) async fn refused(&self, writes: Vec<Write>) -> Kind {
        let wrote = self.storage.commit(Some(self.fence), writes).await;
        wrote.expect_err("the commit must be refused").kind
    }

    pub(super) async fn enqueue(&self, item: QueueItem) -> Wrote {
        self.write(Write::Enqueue(Box::new(item))).await
    }

    /// Puts items on the queue in one commit; all of them must find room.
    pub(super) async fn enqueue_all(&self, items: impl IntoIterator<Item = QueueItem>) {
        let writes = items.into_iter().map(|item| Write::Enqueue(Box::new(item)));
        let wrote = self.commit(writes.collect()).await;
        assert!(
            wrote.iter().all(|wrote| *wrote == Wrote::Queued),
            "{wrote:?}"
        );
    }

    pub(super) async fn take(&self, now: Timestamp, limit: u32) -> Vec<Taken> {
        let taken = self.storage.take(self.fence, now, limit).await;
        taken.expect("the fence is in force")
    }

    /// The ids of what was taken, in that order.
    pub(super) async fn take_ids(&self, now: Timestamp, limit: u32) -> Vec<String> {
        ids(&self.take(now, limit).await)
    }

    /// The ids of what was taken of those that have few in hands, in that order.
    pub(super) async fn take_spare(&self, now: Timestamp, limit: u32, few: u32) -> Vec<String> {
        let taken = self.storage.take_spare(self.fence, now, limit, few).await;
        ids(&taken.expect("the fence is in force"))
    }

    /// The only item that can be taken.
    pub(super) async fn take_one(&self, now: Timestamp) -> Taken {
        let mut taken = self.take(now, 9).await;
        assert_eq!(taken.len(), 1, "one item is to be taken: {taken:?}");
        taken.remove(0)
    }

    pub(super) async fn settle(&self, id: &str, how: Settle) {
        let wrote = self.write(settle(id, how)).await;
        assert_eq!(wrote, Wrote::Done);
    }

    pub(super) async fn state(&self, id: &str) -> Option<ItemState> {
        let state = self.storage.item(&EventId::new(id)).await;
        state.expect("items can be read")
    }

    /// Accepts a delivery and expands it into these items.
    pub(super) async fn expand(&self, key: &str, items: Vec<QueueItem>) {
        self.write(accept(key, 100)).await;
        self.write(expand(key, items)).await;
    }
}

/// The ids of taken items, in that order.
pub(super) fn ids(taken: &[Taken]) -> Vec<String> {
    taken
        .iter()
        .map(|taken| taken.item.event.id.to_string())
        .collect()
}

/// The ids of the items that came along, in that order.
pub(super) fn joined(taken: &Taken) -> Vec<&str> {
    taken
        .joined
        .iter()
        .map(|item| item.event.id.as_str())
        .collect()
}

pub(super) fn settle(id: &str, how: Settle) -> Write {
    Write::Settle {
        item: EventId::new(id),
        how,
    }
}

/// Put off to a time, for a reason outside.
pub(super) fn later(at: Timestamp) -> Settle {
    Settle::Later {
        at,
        error: "unavailable".to_owned(),
        fault: false,
    }
}

pub(super) fn accept(key: &str, limit: u64) -> Write {
    Write::Accept {
        delivery: Box::new(crate::samples::delivery(key)),
        limits: BacklogLimits::of(limit),
    }
}

pub(super) fn expand(key: &str, items: Vec<QueueItem>) -> Write {
    Write::Expand {
        delivery: DedupKey::new(key),
        items,
        unheard: None,
    }
}
