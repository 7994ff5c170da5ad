//! Where deliveries stand, what stood in their way, and letting go of what was given up.

use std::sync::Arc;

use caretaker_core::model::{DedupKey, ItemState, Outcome, Settle};
use caretaker_core::ports::{DeliveryState, SETBACKS, Setback, Storage, Write, Wrote};

use super::deliveries::{bury, lines, repeat};
use super::worker::{Worker, accept, expand};
use crate::samples::{at, closed, delivery, issue, item, run};

/// Each delivery tells where it stands and what became of its items; pages go from the youngest to
/// the oldest, and one that is brought back is the youngest.
pub async fn where_deliveries_stand_can_be_looked_up(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    for key in ["a", "b", "c", "d"] {
        worker.write(accept(key, 9)).await;
    }
    worker
        .write(expand(
            "a",
            vec![item("a/0", 1, issue(7)), item("a/1", 2, issue(8))],
        ))
        .await;
    let record = closed(run("b", "intake"), Outcome::Buried("odd".to_owned()));
    worker.write(bury("b", record)).await;
    worker.write(expand("c", Vec::new())).await;
    worker.take(at(0), 9).await;
    worker
        .settle("a/0", Settle::Buried("five times".to_owned()))
        .await;
    let later = Settle::Later {
        at: at(60),
        error: "away".to_owned(),
        fault: true,
    };
    worker.settle("a/1", later).await;
    let standing = async |key: &str| {
        let found = storage.standing(&DedupKey::new(key)).await;
        found.expect("deliveries can be read").expect("it is kept")
    };
    let a = standing("a").await;
    assert_eq!(
        (a.state, a.generation, a.is_buried()),
        (DeliveryState::Expanded, 0, false)
    );
    assert!(a.delivery.body.is_empty(), "bodies are left out");
    assert_eq!(a.delivery.headers, delivery("a").headers);
    assert_eq!(a.items[0].state, ItemState::Buried("five times".to_owned()));
    assert_eq!(a.items[1].state, ItemState::Waiting(at(60)));
    assert_eq!((a.items[1].faults, a.items[1].put_off), (1, 0));
    let b = standing("b").await;
    assert_eq!((b.state, b.is_buried()), (DeliveryState::Buried, true));
    assert_eq!(standing("c").await.state, DeliveryState::Closed);
    assert_eq!(standing("d").await.state, DeliveryState::Waiting);
    worker.take(at(60), 9).await;
    worker.settle("a/1", Settle::Done).await;
    let a = standing("a").await;
    assert_eq!((a.state, a.is_buried()), (DeliveryState::Closed, true));
    let missing = storage.standing(&DedupKey::new("e")).await;
    assert_eq!(missing.expect("deliveries can be read"), None);

    let page = async |before: Option<u64>, limit: u32| {
        let page = storage.standings(before, limit).await;
        let page = page.expect("deliveries can be read");
        let keys: Vec<_> = page
            .iter()
            .map(|one| one.delivery.key.to_string())
            .collect();
        (keys.concat(), page.last().map(|last| last.place))
    };
    let (first, last) = page(None, 3).await;
    assert_eq!(first, "dcb");
    assert_eq!(page(last, 3).await.0, "a");
    assert_eq!(page(page(last, 3).await.1, 3).await, (String::new(), None));
    assert_eq!(worker.write(repeat("a", 90)).await, Wrote::Accepted);
    assert_eq!(page(None, 9).await.0, "adcb");
    let a = standing("a").await;
    assert_eq!((a.state, a.generation), (DeliveryState::Expanded, 1));
    assert_eq!((a.items[0].generation, a.items[0].faults), (1, 0));
    assert_eq!(a.items[0].state, ItemState::Waiting(at(90)));
}

/// Each item tells what made it come back, oldest first; equal ones in a row are one, of the others
/// the latest are kept, and a new generation forgets none.
pub async fn what_stood_in_the_way_is_kept_and_repeats_are_counted(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.expand("a", vec![item("a/0", 1, issue(7))]).await;
    let fail = async |now: i64, error: &str, own| {
        worker.take(at(now), 1).await;
        let later = Settle::Later {
            at: at(now + 1),
            error: error.to_owned(),
            fault: own,
        };
        worker.settle("a/0", later).await;
    };
    let failures = [
        ("away", false),
        ("away", false),
        ("away", true),
        ("odd", true),
    ];
    for (now, (error, own)) in (0..).zip(failures) {
        fail(now, error, own).await;
    }
    let told = async || {
        let found = storage.standing(&DedupKey::new("a")).await;
        let found = found.expect("deliveries can be read").expect("it is kept");
        let item = found.items.into_iter().next();
        item.expect("it has one").setbacks
    };
    let setback = |error: &str, own, times, until| Setback {
        error: error.to_owned(),
        own,
        generation: 0,
        times,
        until: at(until),
    };
    let first = [
        setback("away", false, 2, 2),
        setback("away", true, 1, 3),
        setback("odd", true, 1, 4),
    ];
    assert_eq!(told().await, first);

    worker.take(at(9), 1).await;
    let buried = Settle::Buried("given up".to_owned());
    worker.settle("a/0", buried).await;
    assert_eq!(worker.write(repeat("a", 5)).await, Wrote::Accepted);
    for now in (10..).take(SETBACKS - 1) {
        fail(now, &format!("e{now}"), false).await;
    }
    let latest = told().await;
    assert_eq!(latest.len(), SETBACKS);
    assert_eq!(latest[0], first[2], "the oldest went");
    assert_eq!((latest[1].error.as_str(), latest[1].generation), ("e10", 1));
}

/// What was given up can be let go: it is closed, counts no more, and its repeat is a duplicate.
/// Nothing else can.
pub async fn what_was_given_up_can_be_let_go(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let let_go = async |key: &str| {
        let drop = Write::Drop(DedupKey::new(key));
        let wrote = storage.commit(None, vec![drop]).await;
        wrote.expect("the command line may")[0].clone()
    };
    let buried = async || storage.depth().await.expect("depth can be read").buried;
    worker.write(accept("unread", 9)).await;
    let record = closed(run("unread", "intake"), Outcome::Buried("odd".to_owned()));
    let items = vec![item("a/0", 1, issue(7)), item("a/1", 2, issue(8))];
    worker.expand("a", items).await;
    worker.take(at(0), 9).await;
    worker
        .settle("a/0", Settle::Buried("five times".to_owned()))
        .await;
    for (key, why) in [
        ("unread", "it waits"),
        ("a", "a/1 is open"),
        ("b", "nobody knows it"),
    ] {
        assert_eq!(let_go(key).await, Wrote::Known, "{why}");
    }
    worker.write(bury("unread", record)).await;
    worker.settle("a/1", Settle::Done).await;
    assert_eq!(buried().await, 2);
    for key in ["unread", "a"] {
        assert_eq!(let_go(key).await, Wrote::Done);
        assert_eq!(let_go(key).await, Wrote::Known, "once");
        assert_eq!(worker.write(accept(key, 9)).await, Wrote::Duplicate);
    }
    assert_eq!(buried().await, 0);
    assert_eq!(worker.state("a/0").await, Some(ItemState::Closed));
    assert_eq!(lines(&storage).await, 1, "its record stays");
}
