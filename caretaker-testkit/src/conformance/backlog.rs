//! The bounds of the backlog beside count.

use std::sync::Arc;

use caretaker_core::model::{Backlog, BacklogLimits, Bound, Delivery, Settle, Span};
use caretaker_core::ports::{Storage, Write, Wrote};

use super::worker::{Worker, expand};
use crate::samples::{at, delivery, issue, item};

/// Bytes count while a delivery is open, age while it is not read; both are told, and what comes
/// back counts again.
pub async fn a_backlog_is_bounded_by_bytes_and_by_age_too(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let come = |key: &str, seconds, limits| Write::Accept {
        delivery: Box::new(Delivery {
            received_at: at(seconds),
            ..delivery(key)
        }),
        limits,
    };
    let none = BacklogLimits::NONE;
    let byte = BacklogLimits { bytes: 1, ..none };
    let hour = BacklogLimits {
        age: Span::hours(1),
        ..none
    };
    let backlog = async || storage.depth().await.expect("depth can be read").backlog;
    assert_eq!(backlog().await, Backlog::default());
    assert_eq!(worker.write(come("a", 0, byte)).await, Wrote::Accepted);
    let one = backlog().await;
    assert!(one.bytes > 0, "{one:?}");
    assert_eq!((one.deliveries, one.unread), (1, Some(at(0))));
    let full = |bound| Wrote::Backlog(bound);
    assert_eq!(worker.write(come("b", 1, byte)).await, full(Bound::Bytes));
    assert_eq!(worker.write(come("b", 3_600, hour)).await, full(Bound::Age));
    assert_eq!(worker.write(come("b", 3_599, hour)).await, Wrote::Accepted);
    assert_eq!(worker.write(come("a", 9_999, hour)).await, Wrote::Duplicate);
    assert_eq!(backlog().await.unread, Some(at(0)), "the oldest");

    // What is read has no age, and its bytes count until it is closed.
    worker
        .write(expand("a", vec![item("a/0", 1, issue(7))]))
        .await;
    assert_eq!(backlog().await.unread, Some(at(3_599)));
    worker.write(expand("b", Vec::new())).await;
    let read = backlog().await;
    assert_eq!(
        (read.deliveries, read.bytes, read.unread),
        (1, one.bytes, None)
    );
    assert_eq!(
        worker.write(come("c", 99_999, byte)).await,
        full(Bound::Bytes)
    );
    worker.take(at(0), 1).await;
    let buried = Settle::Buried("five times".to_owned());
    worker.settle("a/0", buried).await;
    assert_eq!(backlog().await, Backlog::default());
    assert_eq!(worker.write(come("a", 60, byte)).await, Wrote::Accepted);
    assert!(backlog().await.bytes > 0, "it is open again");
    worker.take(at(60), 1).await;
    worker.settle("a/0", Settle::Done).await;
    assert_eq!(backlog().await, Backlog::default());
}
