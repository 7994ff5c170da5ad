//! Taking: shares of classes, turns of installations, and who keeps whom waiting.

use std::collections::BTreeMap;
use std::sync::Arc;

use caretaker_core::model::{
    Class, Event, InstallationId, QueueItem, Scope, Settle, Subject, Taken,
};
use caretaker_core::ports::Storage;

use super::worker::Worker;
use crate::samples::{at, issue, item, pull};

fn of_class(class: Class, item: QueueItem) -> QueueItem {
    QueueItem { class, ..item }
}

/// So many items of a class, each of a repository of its own.
fn many(class: Class, first_repo: u64) -> impl Iterator<Item = QueueItem> {
    (first_repo..first_repo + 50)
        .map(move |repo| of_class(class, item(&format!("{class:?}/{repo}"), repo, issue(7))))
}

fn count(taken: &[Taken]) -> [usize; 3] {
    let of = |class| {
        taken
            .iter()
            .filter(|taken| taken.item.class == class)
            .count()
    };
    Class::SHARES.map(|(class, _)| of(class))
}

/// Classes are served 16 : 4 : 1, one take at a time as in one.
pub async fn classes_are_served_by_their_shares(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue_all(many(Class::Sweep, 100)).await;
    worker.enqueue_all(many(Class::Event, 200)).await;
    worker.enqueue_all(many(Class::Interactive, 300)).await;
    let mut one_by_one = Vec::new();
    for _ in 0..21 {
        one_by_one.extend(worker.take(at(0), 1).await);
    }
    assert_eq!(count(&one_by_one), [16, 4, 1]);
    assert_eq!(count(&worker.take(at(0), 21).await), [16, 4, 1]);
}

/// A class that has nothing leaves its share to the others.
pub async fn an_idle_class_leaves_its_share(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue_all(many(Class::Sweep, 100)).await;
    assert_eq!(count(&worker.take(at(0), 20).await), [0, 0, 20]);
    worker.enqueue_all(many(Class::Event, 200)).await;
    assert_eq!(count(&worker.take(at(0), 10).await), [0, 8, 2]);
}

/// An installation with much to do lets one with little have its turn.
pub async fn installations_take_turns(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue_all(many(Class::Event, 100)).await;
    let few = [901, 902].map(|repo| QueueItem {
        installation: Some(InstallationId::new(2)),
        due: at(5),
        ..item(&format!("few/{repo}"), repo, issue(7))
    });
    worker.enqueue_all(few).await;
    let mut first = BTreeMap::new();
    for _ in 0..4 {
        let taken = worker.take(at(9), 1).await;
        *first.entry(taken[0].item.installation).or_insert(0) += 1;
    }
    assert_eq!(first.into_values().collect::<Vec<_>>(), [2, 2]);
}

/// Spare hands take items of those installations only that have few in hands, whatever their class
/// and their turn; those brought along do not count.
pub async fn spare_hands_are_for_those_with_few_in_hands(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue_all(many(Class::Event, 100)).await;
    worker.enqueue_all(many(Class::Interactive, 300)).await;
    worker.enqueue(item("along", 300, issue(7))).await;
    let taken = worker.take(at(0), 2).await;
    assert_eq!((taken.len(), taken[0].joined.len()), (2, 1));
    assert_eq!(worker.take_spare(at(0), 9, 2).await, Vec::<String>::new());
    assert_eq!(worker.take_spare(at(0), 9, 3).await.len(), 1);
    let other = |id, repo| QueueItem {
        installation: Some(InstallationId::new(2)),
        ..item(id, repo, issue(7))
    };
    let nobody = QueueItem {
        installation: None,
        ..item("nobody", 905, issue(7))
    };
    worker
        .enqueue_all([
            of_class(Class::Interactive, other("a", 901)),
            other("b", 902),
            other("c", 903),
            nobody,
        ])
        .await;
    let mut taken = worker.take_spare(at(0), 9, 2).await;
    taken.sort();
    assert_eq!(taken, ["a", "b", "nobody"]);
    worker.settle("a", Settle::Done).await;
    assert_eq!(worker.take_spare(at(0), 9, 2).await, ["c"]);
    assert_eq!(worker.take_spare(at(0), 1, 9).await.len(), 1);
}

/// Of a subject one item is in hands at a time; the same number elsewhere is another subject.
pub async fn a_subject_is_in_one_pair_of_hands(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let edge = |item| QueueItem { edge: true, ..item };
    let second = of_class(Class::Interactive, item("second", 1, issue(7)));
    worker.enqueue(edge(item("first", 1, issue(7)))).await;
    assert_eq!(worker.take_ids(at(0), 9).await, ["first"]);
    worker
        .enqueue_all([edge(second), edge(item("elsewhere", 2, issue(7)))])
        .await;
    assert_eq!(worker.take_ids(at(0), 9).await, ["elsewhere"]);
    worker.settle("first", Settle::Done).await;
    assert_eq!(worker.take_ids(at(0), 9).await, ["second"]);
}

/// Of a repository one interactive item is in hands beside one other.
pub async fn a_repository_has_one_interactive_beside_one_other(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let interactive = |id, n| of_class(Class::Interactive, item(id, 1, issue(n)));
    worker
        .enqueue_all([item("event", 1, issue(1)), item("event2", 1, issue(2))])
        .await;
    worker
        .enqueue(of_class(Class::Sweep, item("sweep", 1, issue(3))))
        .await;
    worker
        .enqueue_all([interactive("asked", 4), interactive("asked2", 5)])
        .await;
    let mut both = worker.take_ids(at(0), 9).await;
    both.sort();
    assert_eq!(both, ["asked", "event"]);
    worker.settle("asked", Settle::Done).await;
    assert_eq!(worker.take_ids(at(0), 9).await, ["asked2"]);
    worker.settle("event", Settle::Done).await;
    assert_eq!(
        worker.take(at(0), 9).await.len(),
        1,
        "the event or the sweep"
    );
}

/// An item whose subject is busy does not hold up those behind it.
pub async fn a_busy_subject_holds_up_nobody_else(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.enqueue(item("busy", 1, pull(1))).await;
    worker.take(at(0), 1).await;
    let behind = QueueItem {
        due: at(1),
        ..item("behind", 2, pull(1))
    };
    worker.enqueue_all([item("held", 1, pull(1)), behind]).await;
    assert_eq!(worker.take_ids(at(1), 1).await, ["behind"]);
}

/// Items of no repository keep nobody waiting.
pub async fn items_of_no_repository_go_side_by_side(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let of_scope = |id, scope| {
        let item = item(id, 1, Subject::None);
        QueueItem {
            event: Event {
                scope,
                ..item.event
            },
            ..item
        }
    };
    let installation = Scope::Installation(InstallationId::new(1));
    let items = [
        of_scope("a", installation.clone()),
        of_scope("b", installation),
    ];
    worker.enqueue_all(items).await;
    worker.enqueue(of_scope("c", Scope::App)).await;
    assert_eq!(worker.take_ids(at(0), 9).await, ["a", "b", "c"]);
}
