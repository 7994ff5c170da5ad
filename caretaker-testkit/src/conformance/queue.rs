//! Items: put on the queue once, taken when due, settled, counted, bounded.

use std::sync::Arc;

use caretaker_core::model::{
    Class, Depth, Event, EventId, InstallationId, ItemState, QueueItem, Scope, Settle, Subject,
    Timestamp,
};
use caretaker_core::ports::{Kind, Storage, Write, Wrote};

use super::worker::{Worker, accept, later, settle};
use crate::samples::{at, issue, item};

fn due(item: QueueItem, due: Timestamp) -> QueueItem {
    QueueItem { due, ..item }
}

fn sweep(id: &str, repo: u64) -> QueueItem {
    QueueItem {
        class: Class::Sweep,
        ..item(id, repo, issue(7))
    }
}

fn of_installation(id: &str, repo: u64, installation: Option<u64>) -> QueueItem {
    QueueItem {
        installation: installation.map(InstallationId::new),
        ..item(id, repo, issue(7))
    }
}

fn cool(installation: Option<u64>, until: Timestamp) -> Write {
    Write::CoolDown {
        installation: installation.map(InstallationId::new),
        until,
    }
}

async fn next_due(storage: &Arc<dyn Storage>) -> Option<Timestamp> {
    storage.next_due().await.expect("the queue can be read")
}

async fn open_children(storage: &Arc<dyn Storage>, parent: &str) -> u64 {
    let open = storage.open_children(&EventId::new(parent)).await;
    open.expect("the queue can be read")
}

/// What is due longest is taken first, whatever came first.
pub async fn the_oldest_due_is_taken_first(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let second = due(item("second", 1, issue(7)), at(2));
    let first = due(item("first", 2, issue(7)), at(1));
    let third = due(item("third", 3, issue(7)), at(3));
    worker.enqueue_all([second, first, third]).await;
    assert_eq!(worker.take_ids(at(9), 2).await, ["first", "second"]);
    assert_eq!(worker.take_ids(at(9), 2).await, ["third"]);
}

/// Nothing is taken early; the consumer learns how long to sleep.
pub async fn nothing_is_taken_before_it_is_due(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    assert_eq!(next_due(&storage).await, None);
    worker.enqueue(due(item("a", 1, issue(7)), at(10))).await;
    worker.enqueue(due(item("b", 2, issue(7)), at(20))).await;
    assert_eq!(next_due(&storage).await, Some(at(10)));
    assert_eq!(worker.take_ids(at(9), 9).await, Vec::<String>::new());
    assert_eq!(worker.state("a").await, Some(ItemState::Waiting(at(10))));
    assert_eq!(worker.take_ids(at(10), 9).await, ["a"]);
    assert_eq!(worker.state("a").await, Some(ItemState::InFlight));
    assert_eq!(next_due(&storage).await, Some(at(20)));
    assert_eq!(worker.state("never").await, None);
}

/// An id is put on the queue once, in whatever state the first one is; what is taken is what was
/// put on.
pub async fn a_known_id_is_not_queued_again(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let first = item("a", 1, issue(7));
    assert_eq!(worker.enqueue(first.clone()).await, Wrote::Queued);
    let other = due(item("a", 2, issue(8)), at(5));
    assert_eq!(worker.enqueue(other.clone()).await, Wrote::Known);
    assert_eq!(worker.take_one(at(9)).await.item, first);
    assert_eq!(worker.enqueue(other.clone()).await, Wrote::Known);
    worker.settle("a", Settle::Done).await;
    assert_eq!(worker.enqueue(other).await, Wrote::Known);
    assert_eq!(worker.take_ids(at(9), 9).await, Vec::<String>::new());
}

/// While an item with its coalesce key waits another one is not added; once that one is taken it
/// is.
pub async fn a_waiting_coalesce_key_is_not_queued_again(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let keyed = |id, key: &str| QueueItem {
        coalesce: Some(key.to_owned()),
        ..item(id, 1, issue(7))
    };
    assert_eq!(worker.enqueue(keyed("a", "tick")).await, Wrote::Queued);
    assert_eq!(worker.enqueue(keyed("b", "tick")).await, Wrote::Known);
    assert_eq!(worker.enqueue(keyed("c", "other")).await, Wrote::Queued);
    assert_eq!(worker.state("b").await, None);
    worker.take(at(0), 1).await;
    assert_eq!(worker.enqueue(keyed("b", "tick")).await, Wrote::Queued);
    worker.settle("a", later(at(1))).await;
    assert_eq!(worker.enqueue(keyed("d", "tick")).await, Wrote::Known);
}

/// At most 1 000 sweep items wait for a repository; other repositories and classes have room, and
/// the rest of the commit is kept.
pub async fn a_repository_has_a_thousand_waiting_sweeps(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .enqueue_all((0..1_000).map(|n| sweep(&format!("s{n}"), 1)))
        .await;
    let event = item("event", 1, issue(7));
    let writes = [sweep("over", 1), sweep("other", 2), event];
    let wrote = worker
        .commit(writes.map(|item| Write::Enqueue(Box::new(item))).into())
        .await;
    assert_eq!(wrote, [Wrote::Full, Wrote::Queued, Wrote::Queued]);
    assert_eq!(worker.state("over").await, None);
    assert_eq!(
        worker.enqueue(sweep("s0", 1)).await,
        Wrote::Known,
        "known comes before full"
    );
    let taken = worker.take(at(0), 9).await;
    assert_eq!(
        taken.len(),
        2,
        "the event, and repository 2's sweep: {taken:?}"
    );
    assert_eq!(
        worker.enqueue(sweep("over", 1)).await,
        Wrote::Queued,
        "joined ones left room"
    );
}

/// At most 50 000 sweep items wait in all.
pub async fn fifty_thousand_sweeps_wait_in_all(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    for tenth in 0..10 {
        let repos = (0..5).flat_map(|n| {
            let repo = tenth * 5 + n;
            (0..1_000).map(move |n| sweep(&format!("s{repo}/{n}"), repo))
        });
        worker.enqueue_all(repos).await;
    }
    assert_eq!(worker.enqueue(sweep("over", 99)).await, Wrote::Full);
    let nowhere = QueueItem {
        event: Event {
            scope: Scope::App,
            ..sweep("nowhere", 1).event
        },
        ..sweep("nowhere", 1)
    };
    assert_eq!(worker.enqueue(nowhere).await, Wrote::Full);
    assert_eq!(
        worker.enqueue(item("event", 99, issue(7))).await,
        Wrote::Queued
    );
}

/// Putting off counts by whose fault it was, moves the due time and keeps the first one.
pub async fn a_put_off_item_comes_back_when_due(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue(item("a", 1, issue(7))).await;
    let first = worker.take_one(at(0)).await;
    assert_eq!(
        (first.put_off, first.faults, first.enqueued_at),
        (0, 0, at(0))
    );
    worker.settle("a", later(at(5))).await;
    assert_eq!(worker.state("a").await, Some(ItemState::Waiting(at(5))));
    assert_eq!(worker.take_ids(at(4), 9).await, Vec::<String>::new());
    let second = worker.take_one(at(5)).await;
    assert_eq!(
        (second.put_off, second.faults, second.enqueued_at),
        (1, 0, at(0))
    );
    assert_eq!(second.item.due, at(5));
    let fault = Settle::Later {
        at: at(6),
        error: "panicked".to_owned(),
        fault: true,
    };
    worker.settle("a", fault).await;
    let third = worker.take_one(at(6)).await;
    assert_eq!(
        (third.put_off, third.faults, third.enqueued_at),
        (1, 1, at(0))
    );
}

/// One that is put off lets those behind it go first.
pub async fn a_put_off_item_holds_up_nobody(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue(item("a", 1, issue(7))).await;
    worker.take(at(0), 1).await;
    worker.enqueue(due(item("b", 1, issue(8)), at(1))).await;
    worker.settle("a", later(at(60))).await;
    assert_eq!(worker.take_ids(at(1), 9).await, ["b"]);
}

/// A buried item says why and is taken no more.
pub async fn a_buried_item_says_why(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue(item("a", 1, issue(7))).await;
    worker.take(at(0), 1).await;
    worker
        .settle("a", Settle::Buried("three days".to_owned()))
        .await;
    let buried = ItemState::Buried("three days".to_owned());
    assert_eq!(worker.state("a").await, Some(buried));
    assert_eq!(worker.take_ids(at(99), 9).await, Vec::<String>::new());
    assert_eq!(worker.enqueue(item("a", 1, issue(7))).await, Wrote::Known);
}

/// Only what is in flight under the worker's own fence can be settled.
pub async fn only_what_is_in_flight_can_be_settled(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue(item("a", 1, issue(7))).await;
    let done = || vec![settle("a", Settle::Done)];
    assert_eq!(worker.refused(done()).await, Kind::Conflict, "it waits");
    worker.take(at(0), 1).await;
    let next = Worker::start(&storage).await;
    assert_eq!(
        next.refused(done()).await,
        Kind::Conflict,
        "it was another worker's"
    );
    assert_eq!(next.state("a").await, Some(ItemState::Waiting(at(0))));
    next.take(at(0), 1).await;
    next.commit(done()).await;
    assert_eq!(next.refused(done()).await, Kind::Conflict, "it is closed");
    let unknown = vec![settle("b", Settle::Done)];
    assert_eq!(next.refused(unknown).await, Kind::NotFound);
}

/// Depth counts what waits, what is in hands and what was given up.
pub async fn depth_counts_what_waits(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let empty = storage.depth().await.expect("depth can be read");
    assert_eq!(empty, Depth::default());
    let joined = due(item("joined", 1, issue(7)), at(-50));
    let items = [
        due(item("head", 1, issue(7)), at(-60)),
        joined,
        due(item("buried", 2, issue(7)), at(-70)),
        due(item("off", 3, issue(7)), at(-40)),
    ];
    worker.enqueue_all(items).await;
    worker.take(at(0), 9).await;
    worker.settle("off", later(at(60))).await;
    let depth = storage.depth().await.expect("depth can be read");
    assert_eq!(
        (depth.waiting, depth.in_flight, depth.oldest),
        (1, 3, Some(at(-70)))
    );
    worker
        .settle("buried", Settle::Buried("faults".to_owned()))
        .await;
    worker
        .commit(vec![
            settle("head", Settle::Done),
            settle("joined", Settle::Done),
        ])
        .await;
    worker.write(accept("a", 9)).await;
    let depth = storage.depth().await.expect("depth can be read");
    assert_eq!(
        (
            depth.deliveries,
            depth.waiting,
            depth.in_flight,
            depth.buried
        ),
        (1, 1, 0, 1)
    );
    assert_eq!(
        depth.oldest,
        Some(at(-40)),
        "when it was put on, not when it comes back"
    );
    worker.take(at(60), 9).await;
    worker.settle("off", Settle::Done).await;
    let depth = storage.depth().await.expect("depth can be read");
    assert_eq!(
        (depth.waiting, depth.oldest),
        (0, Some(at(0))),
        "the delivery"
    );
}

/// A cool-down leaves an installation's items alone, untouched, until it ends; others go on.
pub async fn a_cooling_installation_is_left_alone(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let items = [
        of_installation("cool", 1, Some(1)),
        of_installation("other", 2, Some(2)),
        of_installation("none", 3, None),
    ];
    worker.enqueue_all(items).await;
    worker.write(cool(Some(1), at(30))).await;
    worker.write(cool(None, at(40))).await;
    assert_eq!(worker.take_ids(at(10), 9).await, ["other"]);
    assert_eq!(worker.state("cool").await, Some(ItemState::Waiting(at(0))));
    assert_eq!(next_due(&storage).await, Some(at(30)));
    assert_eq!(worker.take_ids(at(29), 9).await, Vec::<String>::new());
    let taken = worker.take_one(at(30)).await;
    assert_eq!((taken.item.due, taken.put_off), (at(0), 0));
    assert_eq!(worker.take_ids(at(39), 9).await, Vec::<String>::new());
    assert_eq!(worker.take_ids(at(40), 9).await, ["none"]);
}

/// Of two cool-downs of an installation the one that lasts longer holds, whichever came first.
pub async fn a_shorter_cool_down_shortens_nothing(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let items = [
        of_installation("some", 1, Some(1)),
        of_installation("none", 2, None),
    ];
    worker.enqueue_all(items).await;
    for until in [at(30), at(20)] {
        worker.write(cool(Some(1), until)).await;
        worker.write(cool(None, until)).await;
    }
    assert_eq!(next_due(&storage).await, Some(at(30)));
    assert_eq!(worker.take_ids(at(29), 9).await, Vec::<String>::new());
    worker.write(cool(None, at(40))).await;
    assert_eq!(worker.take_ids(at(39), 9).await, ["some"]);
    assert_eq!(worker.take_ids(at(40), 9).await, ["none"]);
}

/// Children count through those that are closed already; what was given up is not open.
pub async fn open_children_count_at_any_depth(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let child = |id, repo, parent: &str| QueueItem {
        parent: Some(EventId::new(parent)),
        ..item(id, repo, issue(7))
    };
    worker
        .enqueue_all([item("root", 1, Subject::Repo), child("a", 2, "root")])
        .await;
    worker
        .enqueue_all([
            child("b", 3, "root"),
            child("b/0", 4, "b"),
            child("x", 5, "other"),
        ])
        .await;
    assert_eq!(open_children(&storage, "root").await, 3);
    worker.take(at(0), 9).await;
    assert_eq!(
        open_children(&storage, "root").await,
        3,
        "in flight is open"
    );
    worker.settle("b", Settle::Done).await;
    assert_eq!(open_children(&storage, "root").await, 2);
    assert_eq!(open_children(&storage, "b").await, 1);
    worker
        .settle("a", Settle::Buried("faults".to_owned()))
        .await;
    assert_eq!(
        open_children(&storage, "root").await,
        1,
        "b/0 through the closed b"
    );
    worker.settle("b/0", later(at(60))).await;
    assert_eq!(open_children(&storage, "root").await, 1, "put off is open");
    assert_eq!(open_children(&storage, "nobody").await, 0);
}
