//! Leases: one holder, a growing fence, an end of their own.

use std::sync::Arc;

use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::{Fence, Holder, Kind, Storage};

use super::worker::LEASE;
use crate::samples::at;

const TTL: Span = Span::seconds(15);

async fn acquire(storage: &Arc<dyn Storage>, worker: &str, now: Timestamp) -> Result<Fence, Kind> {
    let fence = storage.acquire(LEASE, worker, now, TTL).await;
    fence.map_err(|error| error.kind)
}

async fn renew(storage: &Arc<dyn Storage>, fence: Fence, now: Timestamp) -> Result<(), Kind> {
    let renewed = storage.renew(LEASE, fence, now, TTL).await;
    renewed.map_err(|error| error.kind)
}

async fn holder(storage: &Arc<dyn Storage>, now: Timestamp) -> Option<Holder> {
    storage
        .holder(LEASE, now)
        .await
        .expect("leases can be read")
}

/// While it is held, nobody else gets it; its holder is named.
pub async fn a_held_lease_is_a_conflict(storage: Arc<dyn Storage>) {
    assert_eq!(holder(&storage, at(0)).await, None);
    let fence = acquire(&storage, "a/1", at(0)).await.expect("it is free");
    assert_eq!(acquire(&storage, "b/2", at(14)).await, Err(Kind::Conflict));
    let wanted = Holder {
        worker: "a/1".to_owned(),
        fence,
        until: at(15),
    };
    assert_eq!(holder(&storage, at(14)).await, Some(wanted));
}

/// A lease ends by itself; the next holder has a higher fence.
pub async fn a_lease_ends_by_itself(storage: Arc<dyn Storage>) {
    let first = acquire(&storage, "a/1", at(0)).await.expect("it is free");
    assert_eq!(holder(&storage, at(15)).await, None);
    let second = acquire(&storage, "b/2", at(15))
        .await
        .expect("it has ended");
    assert!(second > first, "{second:?} after {first:?}");
}

/// The same worker takes its lease over at once, with a higher fence.
pub async fn the_same_worker_takes_over_at_once(storage: Arc<dyn Storage>) {
    let first = acquire(&storage, "a/1", at(0)).await.expect("it is free");
    let second = acquire(&storage, "a/1", at(1))
        .await
        .expect("it is its own");
    assert!(second > first, "{second:?} after {first:?}");
    assert_eq!(renew(&storage, first, at(2)).await, Err(Kind::Fenced));
    assert_eq!(renew(&storage, second, at(2)).await, Ok(()));
}

/// Renewing extends it; one that ended but was taken by nobody is extended too.
pub async fn renewing_extends_a_lease(storage: Arc<dyn Storage>) {
    let fence = acquire(&storage, "a/1", at(0)).await.expect("it is free");
    assert_eq!(renew(&storage, fence, at(5)).await, Ok(()));
    assert_eq!(acquire(&storage, "b/2", at(19)).await, Err(Kind::Conflict));
    assert_eq!(renew(&storage, fence, at(40)).await, Ok(()));
    assert_eq!(acquire(&storage, "b/2", at(54)).await, Err(Kind::Conflict));
    assert_eq!(
        holder(&storage, at(54)).await.map(|holder| holder.until),
        Some(at(55))
    );
}

/// Who lost the lease learns so when renewing, and cannot give the other's back.
pub async fn a_loser_is_fenced(storage: Arc<dyn Storage>) {
    let lost = acquire(&storage, "a/1", at(0)).await.expect("it is free");
    let held = acquire(&storage, "b/2", at(20))
        .await
        .expect("it has ended");
    assert_eq!(renew(&storage, lost, at(21)).await, Err(Kind::Fenced));
    storage
        .release(LEASE, lost)
        .await
        .expect("it changes nothing");
    assert_eq!(
        holder(&storage, at(21)).await.map(|holder| holder.fence),
        Some(held)
    );
    assert_eq!(renew(&storage, held, at(21)).await, Ok(()));
}

/// A lease that was given back is free at once; fences go on growing.
pub async fn a_released_lease_is_free(storage: Arc<dyn Storage>) {
    let first = acquire(&storage, "a/1", at(0)).await.expect("it is free");
    storage.release(LEASE, first).await.expect("it is held");
    assert_eq!(holder(&storage, at(1)).await, None);
    let second = acquire(&storage, "b/2", at(1))
        .await
        .expect("it was given back");
    assert!(second > first, "{second:?} after {first:?}");
    assert_eq!(renew(&storage, first, at(2)).await, Err(Kind::Fenced));
}

/// Leases of different names are held apart; no fence is handed out twice.
pub async fn leases_of_other_names_are_apart(storage: Arc<dyn Storage>) {
    let first = acquire(&storage, "a/1", at(0)).await.expect("it is free");
    let other = storage.acquire("other", "b/2", at(0), TTL).await;
    let other = other.expect("the other name is free");
    assert!(other > first, "{other:?} after {first:?}");
    let name = holder(&storage, at(1)).await.map(|holder| holder.worker);
    assert_eq!(name.as_deref(), Some("a/1"));
    let nobody = storage.holder("third", at(1)).await;
    assert_eq!(nobody.expect("leases can be read"), None);
}
