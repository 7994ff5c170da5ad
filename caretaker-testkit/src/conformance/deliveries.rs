//! Deliveries: kept once, expanded once, closed with their last item, brought back when buried.

use std::sync::Arc;

use caretaker_core::model::{
    BacklogLimits, Bound, DedupKey, Delivery, EventId, ItemState, Outcome, QueueItem, Run, Settle,
};
use caretaker_core::ports::{Filter, Kind, Storage, Write, Wrote};

use super::worker::{Worker, accept, expand, settle};
use crate::samples::{at, attempt, closed, delivery, issue, item, run};

async fn unexpanded(storage: &Arc<dyn Storage>, limit: u32) -> Vec<String> {
    let waiting = storage
        .unexpanded(limit)
        .await
        .expect("deliveries can be read");
    waiting
        .iter()
        .map(|delivery| delivery.key.to_string())
        .collect()
}

pub(super) async fn lines(storage: &Arc<dyn Storage>) -> usize {
    let all = storage.closed(&Filter::default(), 0, 100).await;
    all.expect("the journal can be read").len()
}

fn unheard(key: &str, record: Run) -> Write {
    Write::Expand {
        delivery: DedupKey::new(key),
        items: Vec::new(),
        unheard: Some(Box::new(record)),
    }
}

pub(super) fn bury(key: &str, record: Run) -> Write {
    Write::BuryDelivery {
        delivery: DedupKey::new(key),
        record: Box::new(record),
    }
}

pub(super) fn repeat(key: &str, seconds: i64) -> Write {
    Write::Accept {
        delivery: Box::new(Delivery {
            received_at: at(seconds),
            ..delivery(key)
        }),
        limits: BacklogLimits::of(100),
    }
}

/// What was accepted is kept as it came, body included.
pub async fn an_accepted_delivery_is_kept_as_it_came(storage: Arc<dyn Storage>) {
    let wrote = storage.commit(None, vec![accept("a", 1)]).await;
    assert_eq!(wrote.expect("the door may write"), [Wrote::Accepted]);
    let kept = storage.delivery(&DedupKey::new("a")).await;
    assert_eq!(kept.expect("deliveries can be read"), Some(delivery("a")));
    let waiting = storage.unexpanded(9).await;
    assert_eq!(waiting.expect("deliveries can be read"), [delivery("a")]);
    let other = storage.delivery(&DedupKey::new("b")).await;
    assert_eq!(other.expect("deliveries can be read"), None);
}

/// A repeat is told apart while the first one waits, and when it is closed.
pub async fn a_repeat_is_a_duplicate(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let wrote = worker.commit(vec![accept("a", 9), accept("a", 9)]).await;
    assert_eq!(wrote, [Wrote::Accepted, Wrote::Duplicate]);
    assert_eq!(worker.write(accept("a", 9)).await, Wrote::Duplicate);
    assert_eq!(unexpanded(&storage, 9).await, ["a"]);
    worker
        .write(expand("a", vec![item("a/0", 1, issue(7))]))
        .await;
    assert_eq!(worker.write(accept("a", 9)).await, Wrote::Duplicate);
    worker.take(at(0), 1).await;
    worker.settle("a/0", Settle::Done).await;
    assert_eq!(worker.write(accept("a", 9)).await, Wrote::Duplicate);
    assert_eq!(unexpanded(&storage, 9).await, Vec::<String>::new());
}

/// The order of acceptance is the order of expansion.
pub async fn deliveries_wait_in_order_of_acceptance(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    for key in ["m", "z", "a"] {
        worker.write(accept(key, 9)).await;
    }
    assert_eq!(unexpanded(&storage, 9).await, ["m", "z", "a"]);
    assert_eq!(unexpanded(&storage, 2).await, ["m", "z"]);
    worker
        .write(expand("m", vec![item("m/0", 1, issue(7))]))
        .await;
    assert_eq!(unexpanded(&storage, 9).await, ["z", "a"]);
}

/// With the limit reached nothing more is kept, until an open one ends; a duplicate stays one.
pub async fn a_full_backlog_keeps_nothing_more(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let wrote = worker
        .commit(vec![accept("a", 2), accept("b", 2), accept("c", 2)])
        .await;
    assert_eq!(
        wrote,
        [
            Wrote::Accepted,
            Wrote::Accepted,
            Wrote::Backlog(Bound::Count)
        ]
    );
    assert_eq!(unexpanded(&storage, 9).await, ["a", "b"]);
    assert_eq!(worker.write(accept("a", 2)).await, Wrote::Duplicate);
    worker.write(expand("a", Vec::new())).await;
    assert_eq!(worker.write(accept("c", 2)).await, Wrote::Accepted);
    assert_eq!(
        worker.write(accept("d", 2)).await,
        Wrote::Backlog(Bound::Count)
    );
}

/// Expanding twice changes nothing, whatever the second one brings; items get the delivery's key.
pub async fn expanding_twice_changes_nothing(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let items = || vec![item("a/0", 1, issue(7)), item("a/1", 1, issue(8))];
    worker.expand("a", items()).await;
    worker.write(expand("a", items())).await;
    worker
        .write(expand("a", vec![item("a/2", 1, issue(9))]))
        .await;
    let depth = storage.depth().await.expect("depth can be read");
    assert_eq!((depth.deliveries, depth.waiting), (0, 2));
    assert_eq!(worker.state("a/2").await, None);
    let taken = worker.take(at(0), 1).await;
    assert_eq!(taken[0].item.delivery, Some(DedupKey::new("a")));
    assert_eq!(taken[0].item.generation, 0);
}

/// A delivery nobody hears is closed with its record, once.
pub async fn an_unheard_delivery_closes_with_its_record(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.write(accept("a", 1)).await;
    let record = closed(
        run("a/0", "intake"),
        Outcome::Unheard("no_listener".to_owned()),
    );
    worker.write(unheard("a", record.clone())).await;
    worker.write(unheard("a", record.clone())).await;
    assert_eq!(lines(&storage).await, 1);
    let found = storage
        .run(&record.id)
        .await
        .expect("the journal can be read");
    assert_eq!(found, Some(record));
    assert_eq!(unexpanded(&storage, 9).await, Vec::<String>::new());
    assert_eq!(
        worker.write(accept("b", 1)).await,
        Wrote::Accepted,
        "the first one is closed"
    );
}

/// A delivery nobody hears is closed although there is a record of its end: of the same run, or of
/// the same event in the same generation. That record stays, and so do the commit's other changes.
pub async fn an_unheard_delivery_closes_beside_an_earlier_record(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let ends = |run, why: &str| closed(run, Outcome::Unheard(why.to_owned()));
    let first = ends(run("a/0", "intake"), "no_listener");
    worker.write(Write::Close(Box::new(first.clone()))).await;
    let same_run = ends(run("a/0", "intake"), "muted");
    let same_event = ends(attempt(run("a/0", "intake"), 0, 2), "muted");
    for (key, record) in [("a", same_run), ("b", same_event)] {
        worker.write(accept(key, 1)).await;
        let before = Write::Enqueue(Box::new(item(&format!("{key}/before"), 1, issue(7))));
        let after = Write::Enqueue(Box::new(item(&format!("{key}/after"), 1, issue(8))));
        let wrote = worker
            .commit(vec![before, unheard(key, record), after])
            .await;
        assert_eq!(wrote, [Wrote::Queued, Wrote::Done, Wrote::Queued]);
    }
    assert_eq!(lines(&storage).await, 1);
    let found = storage.run(&first.id).await;
    assert_eq!(found.expect("the journal can be read"), Some(first));
    let depth = storage.depth().await.expect("depth can be read");
    assert_eq!((depth.deliveries, depth.waiting, depth.buried), (0, 4, 0));
    assert_eq!(
        worker.write(accept("c", 1)).await,
        Wrote::Accepted,
        "both are closed"
    );
}

/// A delivery is open until the last of its items has ended.
pub async fn a_delivery_closes_with_its_last_item(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let items = vec![
        item("a/0", 1, issue(7)),
        item("a/1", 2, issue(7)),
        item("a/2", 3, issue(7)),
    ];
    worker.expand("a", items).await;
    worker.take(at(0), 9).await;
    worker.settle("a/0", Settle::Done).await;
    worker
        .settle("a/1", Settle::Superseded(EventId::new("a/2")))
        .await;
    assert_eq!(
        worker.write(accept("b", 1)).await,
        Wrote::Backlog(Bound::Count),
        "a/2 is open"
    );
    worker.settle("a/2", Settle::Done).await;
    assert_eq!(worker.write(accept("b", 1)).await, Wrote::Accepted);
}

/// A delivery whose projection failed is out of the way, with its record, once.
pub async fn a_buried_delivery_leaves_a_record(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.write(accept("a", 1)).await;
    let record = closed(
        run("a/0", "intake"),
        Outcome::Buried("projection".to_owned()),
    );
    worker.write(bury("a", record.clone())).await;
    worker.write(bury("a", record)).await;
    assert_eq!(lines(&storage).await, 1);
    assert_eq!(unexpanded(&storage, 9).await, Vec::<String>::new());
    let depth = storage.depth().await.expect("depth can be read");
    assert_eq!((depth.deliveries, depth.buried, depth.oldest), (0, 1, None));
    assert_eq!(
        worker.write(accept("b", 1)).await,
        Wrote::Accepted,
        "it takes no room"
    );
}

/// A delivery that came again is buried again, although its first burial left a record of the same
/// run. That record stays, and so do the commit's other changes.
pub async fn a_delivery_is_buried_beside_an_earlier_record(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.write(accept("a", 1)).await;
    let record = |why: &str| closed(run("a/0", "intake"), Outcome::Buried(why.to_owned()));
    let first = record("projection");
    worker.write(bury("a", first.clone())).await;
    assert_eq!(worker.write(repeat("a", 60)).await, Wrote::Accepted);
    let before = Write::Enqueue(Box::new(item("before", 1, issue(7))));
    let after = Write::Enqueue(Box::new(item("after", 1, issue(8))));
    let wrote = worker
        .commit(vec![before, bury("a", record("again")), after])
        .await;
    assert_eq!(wrote, [Wrote::Queued, Wrote::Done, Wrote::Queued]);
    assert_eq!(lines(&storage).await, 1);
    let found = storage.run(&first.id).await;
    assert_eq!(found.expect("the journal can be read"), Some(first));
    assert_eq!(unexpanded(&storage, 9).await, Vec::<String>::new());
    let depth = storage.depth().await.expect("depth can be read");
    assert_eq!((depth.deliveries, depth.waiting, depth.buried), (0, 2, 1));
}

/// Only what waits to be expanded can be buried.
pub async fn an_expanded_delivery_is_not_buried(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.expand("a", vec![item("a/0", 1, issue(7))]).await;
    let record = closed(run("a", "intake"), Outcome::Buried("late".to_owned()));
    worker.write(bury("a", record)).await;
    assert_eq!(lines(&storage).await, 0);
    assert_eq!(storage.depth().await.expect("depth can be read").buried, 0);
    assert_eq!(worker.write(accept("a", 9)).await, Wrote::Duplicate);
}

/// The repeat of a buried delivery waits again, behind the others; its items are of the next
/// generation.
pub async fn a_repeat_of_a_buried_delivery_is_expanded_anew(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.commit(vec![accept("a", 9), accept("b", 9)]).await;
    let record = closed(
        run("a/0", "intake"),
        Outcome::Buried("projection".to_owned()),
    );
    worker.write(bury("a", record)).await;
    assert_eq!(
        worker.write(accept("a", 1)).await,
        Wrote::Backlog(Bound::Count),
        "it needs room like any other"
    );
    assert_eq!(worker.write(repeat("a", 60)).await, Wrote::Accepted);
    assert_eq!(unexpanded(&storage, 9).await, ["b", "a"]);
    assert_eq!(storage.depth().await.expect("depth can be read").buried, 0);
    worker
        .write(expand("a", vec![item("a/0", 1, issue(7))]))
        .await;
    assert_eq!(worker.take_one(at(0)).await.item.generation, 1);
}

/// The repeat of a delivery with buried items brings these back, in the next generation and as if
/// they came now; while another item is open, the repeat is a duplicate.
pub async fn a_repeat_brings_buried_items_back(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .expand(
            "a",
            vec![item("a/0", 1, issue(7)), item("a/1", 2, issue(7))],
        )
        .await;
    worker.take(at(0), 9).await;
    let fault = Settle::Later {
        at: at(1),
        error: "panicked".to_owned(),
        fault: true,
    };
    worker.settle("a/0", fault).await;
    assert_eq!(worker.take_one(at(1)).await.faults, 1);
    worker
        .settle("a/0", Settle::Buried("faults".to_owned()))
        .await;
    assert_eq!(
        worker.write(repeat("a", 60)).await,
        Wrote::Duplicate,
        "a/1 is open"
    );
    worker.settle("a/1", Settle::Done).await;
    assert_eq!(worker.write(repeat("a", 60)).await, Wrote::Accepted);
    assert_eq!(unexpanded(&storage, 9).await, Vec::<String>::new());
    assert_eq!(worker.state("a/1").await, Some(ItemState::Closed));
    assert_eq!(
        worker.write(repeat("a", 61)).await,
        Wrote::Duplicate,
        "it is open again"
    );
    let again = worker.take_one(at(60)).await;
    assert_eq!(again.item.event.id.as_str(), "a/0");
    assert_eq!(
        (again.item.generation, again.faults, again.put_off),
        (1, 0, 0)
    );
    assert_eq!((again.item.due, again.enqueued_at), (at(60), at(60)));
    worker.settle("a/0", Settle::Done).await;
    assert_eq!(
        worker.write(repeat("a", 62)).await,
        Wrote::Duplicate,
        "now all is done"
    );
}

/// Each item of a delivery must end: none is left out because another one with its key waits.
pub async fn expansion_does_not_coalesce(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let same = |id, repo| QueueItem {
        coalesce: Some("key".to_owned()),
        ..item(id, repo, issue(7))
    };
    worker.enqueue(same("x", 1)).await;
    worker
        .expand("a", vec![same("a/0", 2), same("a/1", 3)])
        .await;
    assert_eq!(worker.take_ids(at(0), 9).await, ["x", "a/0", "a/1"]);
}

/// What is not there cannot be expanded or buried.
pub async fn an_unknown_delivery_is_not_found(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let items = vec![item("a/0", 1, issue(7))];
    assert_eq!(
        worker.refused(vec![expand("a", items)]).await,
        Kind::NotFound
    );
    assert_eq!(worker.state("a/0").await, None);
    let record = closed(
        run("a/0", "intake"),
        Outcome::Buried("projection".to_owned()),
    );
    assert_eq!(
        worker.refused(vec![bury("a", record)]).await,
        Kind::NotFound
    );
    assert_eq!(
        worker.refused(vec![settle("a/0", Settle::Done)]).await,
        Kind::NotFound
    );
}
