//! Joining: one handling answers the level items of a subject, and what becomes of them.

use std::sync::Arc;

use caretaker_core::model::{Branch, EventId, ItemState, QueueItem, Settle, Sha, Subject};
use caretaker_core::ports::{Kind, Storage};

use super::worker::{Worker, ids, joined, later, settle};
use crate::samples::{at, issue, item, pull};

fn level(id: &str, due: i64) -> QueueItem {
    QueueItem {
        due: at(due),
        ..item(id, 1, pull(7))
    }
}

fn edge(id: &str, due: i64) -> QueueItem {
    QueueItem {
        edge: true,
        ..level(id, due)
    }
}

fn by(id: &str) -> Settle {
    Settle::Superseded(EventId::new(id))
}

/// A level item brings the waiting ones of its subject along, oldest first, in flight like it.
pub async fn level_items_of_a_subject_come_along(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .enqueue_all([level("a", 1), level("c", 2), level("b", 3)])
        .await;
    let taken = worker.take_one(at(9)).await;
    assert_eq!(taken.item, level("a", 1));
    assert_eq!(taken.joined, [level("c", 2), level("b", 3)]);
    assert_eq!(worker.state("b").await, Some(ItemState::InFlight));
    assert_eq!(worker.take_ids(at(9), 9).await, Vec::<String>::new());
}

/// Other subjects and other repositories stay.
pub async fn other_subjects_do_not_come_along(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let others = [
        item("issue", 1, issue(7)),
        item("pull8", 1, pull(8)),
        item("repo2", 2, pull(7)),
    ];
    worker.enqueue(level("a", -1)).await;
    worker.enqueue_all(others).await;
    let taken = worker.take(at(9), 1).await;
    assert_eq!(
        (ids(&taken), joined(&taken[0])),
        (vec!["a".to_owned()], vec![])
    );
}

/// Joining ends at the first waiting edge item: what came after it is looked at after it.
pub async fn joining_ends_at_the_first_edge_item(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .enqueue_all([level("a", 1), level("b", 2), edge("e", 3), level("c", 4)])
        .await;
    let first = worker.take_one(at(9)).await;
    assert_eq!(
        (first.item.event.id.as_str(), joined(&first)),
        ("a", vec!["b"])
    );
    assert_eq!(worker.state("c").await, Some(ItemState::Waiting(at(4))));
    worker
        .commit(vec![settle("a", Settle::Done), settle("b", by("a"))])
        .await;
    let second = worker.take_one(at(9)).await;
    assert_eq!(
        (second.item.event.id.as_str(), joined(&second)),
        ("e", vec![])
    );
    worker.settle("e", Settle::Done).await;
    assert_eq!(worker.take_ids(at(9), 9).await, ["c"]);
}

/// An edge item neither joins nor is joined.
pub async fn an_edge_item_goes_alone(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .enqueue_all([edge("e", 1), level("a", 2), level("b", 3)])
        .await;
    let first = worker.take_one(at(9)).await;
    assert_eq!(
        (first.item.event.id.as_str(), joined(&first)),
        ("e", vec![])
    );
}

/// An edge item that was put off separates nothing any more.
pub async fn a_put_off_edge_item_separates_nothing(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue(edge("e", 0)).await;
    worker.take_one(at(0)).await;
    worker.enqueue_all([level("a", 1), level("b", 9)]).await;
    worker.settle("e", later(at(5))).await;
    let taken = worker.take(at(20), 1).await;
    assert_eq!(
        (ids(&taken), joined(&taken[0])),
        (vec!["a".to_owned()], vec!["b"])
    );
    assert_eq!(
        worker.state("e").await,
        Some(ItemState::Waiting(at(5))),
        "edge all the same"
    );
}

/// A level item that was put off is answered by the handling of a younger one.
pub async fn a_put_off_level_item_comes_along(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue(level("a", 0)).await;
    worker.take_one(at(0)).await;
    worker.settle("a", later(at(600))).await;
    worker.enqueue(level("b", 1)).await;
    let taken = worker.take_one(at(1)).await;
    assert_eq!(
        (taken.item.event.id.as_str(), joined(&taken)),
        ("b", vec!["a"])
    );
}

/// Commits and branches join like items; the repository as a whole and nothing do not.
pub async fn a_whole_repository_joins_nothing(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let sha = Sha::parse(&"ab".repeat(20)).expect("a full hash");
    let subjects = [
        (Subject::Commit(sha), 1),
        (Subject::Branch(Branch::new("main")), 1),
        (Subject::Repo, 0),
        (Subject::None, 0),
    ];
    for (repo, (subject, _)) in (1..).zip(&subjects) {
        let first = item(&format!("{repo}/first"), repo, subject.clone());
        let second = item(&format!("{repo}/second"), repo, subject.clone());
        worker.enqueue_all([first, second]).await;
    }
    let taken = worker.take(at(0), 9).await;
    let came: Vec<_> = taken.iter().map(|taken| taken.joined.len()).collect();
    assert_eq!(came, subjects.map(|(_, wanted)| wanted));
}

/// Joined items end together with the one that brought them, in one commit.
pub async fn joined_items_end_in_the_same_commit(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .enqueue_all([level("a", 1), level("b", 2), level("c", 3)])
        .await;
    worker.take_one(at(9)).await;
    let end = vec![
        settle("b", by("a")),
        settle("c", by("a")),
        settle("a", Settle::Done),
    ];
    worker.commit(end).await;
    for id in ["a", "b", "c"] {
        assert_eq!(worker.state(id).await, Some(ItemState::Closed), "{id}");
    }
}

/// Until that commit a crash brings all of them back; the old worker cannot end them.
pub async fn a_crash_brings_joined_items_back(storage: Arc<dyn Storage>) {
    let old = Worker::start(&storage).await;
    old.enqueue_all([level("a", 1), level("b", 2)]).await;
    old.take_one(at(9)).await;
    let new = Worker::start(&storage).await;
    assert_eq!(new.state("a").await, Some(ItemState::Waiting(at(1))));
    assert_eq!(new.state("b").await, Some(ItemState::Waiting(at(2))));
    let depth = storage.depth().await.expect("depth can be read");
    assert_eq!((depth.waiting, depth.in_flight), (2, 0));
    let end = vec![settle("b", by("a")), settle("a", Settle::Done)];
    assert_eq!(old.refused(end).await, Kind::Fenced);
    let again = new.take_one(at(9)).await;
    assert_eq!(
        (again.item.event.id.as_str(), joined(&again)),
        ("a", vec!["b"])
    );
    assert_eq!(
        (again.put_off, again.faults),
        (0, 0),
        "a crash is no failure of the item"
    );
}

/// When the handling ends without answering them, joined items wait again as they were.
pub async fn joined_items_left_unsettled_wait_again(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .enqueue_all([level("a", 1), level("b", 2), level("c", 3)])
        .await;
    worker.take_one(at(9)).await;
    let put_off = vec![settle("a", later(at(60))), settle("c", later(at(50)))];
    worker.commit(put_off).await;
    assert_eq!(worker.state("b").await, Some(ItemState::Waiting(at(2))));
    assert_eq!(worker.state("c").await, Some(ItemState::Waiting(at(50))));
    let next = worker.take_one(at(9)).await;
    assert_eq!((next.item.event.id.as_str(), next.put_off), ("b", 0));
    assert_eq!(joined(&next), ["a", "c"]);
}

/// A commit in the middle of a handling ends nothing.
pub async fn joined_items_stay_in_flight_until_the_end(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue_all([level("a", 1), level("b", 2)]).await;
    worker.take_one(at(9)).await;
    worker.enqueue(level("younger", 3)).await;
    assert_eq!(worker.state("b").await, Some(ItemState::InFlight));
    assert_eq!(worker.take_ids(at(9), 9).await, Vec::<String>::new());
}
