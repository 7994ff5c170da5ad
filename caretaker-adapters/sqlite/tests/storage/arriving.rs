//! Deliveries that arrive side by side share statements, and each is answered and kept by itself.

use std::sync::Arc;

use caretaker_core::model::{BacklogLimits, Bound, DedupKey, Span};
use caretaker_core::ports::{Bus, Fence, Leases, Store, Write, Wrote};
use caretaker_sqlite::{FILE, Opening, SqliteStorage};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::sample;

/// Hands in commits that wait together; the answers in their order.
async fn at_once(storage: &Arc<SqliteStorage>, commits: Vec<Vec<Write>>) -> Vec<Wrote> {
    let before = storage.transactions();
    let calls = commits.into_iter().map(|writes| {
        let storage = Arc::clone(storage);
        async move { storage.commit(None, writes).await.unwrap() }
    });
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(
        storage.transactions() - before,
        1,
        "they were to share a transaction"
    );
    answers.concat()
}

fn limited(key: &str, limit: u64) -> Vec<Write> {
    vec![Write::Accept {
        delivery: Box::new(sample::delivery(key, 10)),
        limits: BacklogLimits::of(limit),
    }]
}

async fn open(dir: &std::path::Path) -> Arc<SqliteStorage> {
    let storage = SqliteStorage::open(dir, Opening::Serve).await.unwrap();
    Arc::new(storage)
}

#[tokio::test]
async fn each_keeps_its_own_bytes_and_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let storage = open(dir.path()).await;
    at_once(&storage, vec![sample::accept("first", 5)]).await;
    // More than go into one statement, and no power of two.
    let commits = (0..75)
        .map(|n| sample::accept(&format!("d{n}"), n))
        .collect();
    let wrote = at_once(&storage, commits).await;
    assert_eq!(wrote, vec![Wrote::Accepted; 75]);
    for n in 0..75 {
        let key = format!("d{n}");
        let kept = storage.delivery(&DedupKey::new(&key)).await.unwrap();
        assert_eq!(kept, Some(sample::delivery(&key, n)));
    }
    let waiting = storage.unexpanded(100).await.unwrap();
    let waiting = waiting.iter().map(|delivery| delivery.key.as_str());
    let came = std::iter::once("first".to_owned()).chain((0..75).map(|n| format!("d{n}")));
    assert!(
        waiting.eq(came),
        "they wait in the order in which they came"
    );
    assert_eq!(storage.depth().await.unwrap().deliveries, 76);
}

#[tokio::test]
async fn a_repeat_takes_nothing_of_its_neighbours_along() {
    let dir = tempfile::tempdir().unwrap();
    let storage = open(dir.path()).await;
    at_once(&storage, vec![sample::accept("known", 5)]).await;
    let commits = ["a", "known", "b", "b", "c"].map(|key| sample::accept(key, 5));
    let wrote = at_once(&storage, commits.into()).await;
    assert_eq!(
        wrote,
        [
            Wrote::Accepted,
            Wrote::Duplicate,
            Wrote::Accepted,
            Wrote::Duplicate,
            Wrote::Accepted
        ]
    );
    assert_eq!(storage.depth().await.unwrap().deliveries, 4);
    let waiting = storage.unexpanded(10).await.unwrap();
    let waiting: Vec<&str> = waiting.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(waiting, ["known", "a", "b", "c"]);
}

#[tokio::test]
async fn a_backlog_fills_to_its_last_place() {
    let dir = tempfile::tempdir().unwrap();
    let storage = open(dir.path()).await;
    let commits = ["a", "b", "c", "d", "e"].map(|key| limited(key, 3));
    let wrote = at_once(&storage, commits.into()).await;
    let (kept, full) = (Wrote::Accepted, Wrote::Backlog(Bound::Count));
    assert_eq!(
        wrote,
        [kept.clone(), kept.clone(), kept, full.clone(), full]
    );
    assert_eq!(storage.depth().await.unwrap().deliveries, 3);
}

#[tokio::test]
async fn what_else_waits_between_them_is_done_between_them() {
    let dir = tempfile::tempdir().unwrap();
    let storage = open(dir.path()).await;
    let item = || vec![Write::Enqueue(Box::new(sample::item("run/1")))];
    let both = [sample::accept("c", 5), sample::accept("d", 5)].concat();
    let commits = vec![
        sample::accept("a", 5),
        sample::accept("b", 5),
        item(),
        both,
        sample::accept("e", 5),
    ];
    let wrote = at_once(&storage, commits).await;
    assert_eq!(wrote[..2], [Wrote::Accepted, Wrote::Accepted]);
    assert_eq!(wrote[2], Wrote::Queued);
    assert_eq!(
        wrote[3..],
        [Wrote::Accepted, Wrote::Accepted, Wrote::Accepted]
    );
    assert_eq!(storage.depth().await.unwrap().deliveries, 5);
}

#[tokio::test]
async fn what_is_about_to_be_handed_in_shares_the_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let storage = open(dir.path()).await;
    let before = storage.transactions();
    let calls = (0..30).map(|n| {
        let storage = Arc::clone(&storage);
        async move {
            // As others do that are ready to run and have something to do first.
            for _turn in 0..n % 3 {
                tokio::task::yield_now().await;
            }
            let writes = sample::accept(&format!("d{n}"), 10);
            storage.commit(None, writes).await.unwrap()
        }
    });
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.concat(), vec![Wrote::Accepted; 30]);
    assert_eq!(storage.transactions() - before, 1);
}

#[tokio::test]
async fn a_lease_that_comes_before_a_batch_begins_is_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let storage = open(dir.path()).await;
    let before = storage.transactions();
    let lease = async {
        tokio::task::yield_now().await;
        let ttl = Span::seconds(10);
        storage.acquire("consumer", "w", sample::NOON, ttl).await
    };
    let (wrote, fence) = futures_util::join!(storage.commit(None, sample::accept("a", 10)), lease);
    assert_eq!(wrote.unwrap(), [Wrote::Accepted]);
    fence.unwrap();
    assert_eq!(storage.transactions() - before, 1);
}

/// What is counted as open and what is, deliveries whose bytes are missing or left behind, and the
/// difference between the bytes that are counted and those that open ones take.
async fn books(dir: &std::path::Path) -> (i64, i64, i64, i64) {
    let options = SqliteConnectOptions::new().filename(dir.join(FILE));
    let mut conn = options.connect().await.unwrap();
    sqlx::query_as(
        "SELECT (SELECT n FROM tally WHERE what = 'delivery/0'),
                (SELECT count(*) FROM deliveries WHERE state = 0),
                (SELECT count(*) FROM deliveries FULL JOIN arrivals USING (seq)
                 WHERE key IS NULL OR head IS NULL),
                (SELECT n FROM tally WHERE what = 'bytes')
                    - (SELECT coalesce(sum(length(body)), 0)
                       FROM deliveries JOIN arrivals USING (seq) WHERE state < 2)",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap()
}

#[tokio::test]
async fn what_is_counted_is_what_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let storage = open(dir.path()).await;
    let all = |keys: &[&str]| keys.iter().map(|key| sample::accept(key, 9)).collect();
    at_once(&storage, all(&["a", "b", "c"])).await;
    at_once(&storage, all(&["b", "d", "a", "e"])).await;
    at_once(&storage, all(&["f"])).await;
    for key in ["a", "d"] {
        let close = sample::close_delivery(key);
        storage.commit(Some(Fence(1)), close).await.unwrap();
    }
    assert_eq!(books(dir.path()).await, (4, 4, 0, 0));
    storage.retain(sample::NOON, &sample::KEEP).await.unwrap();
    storage
        .retain(sample::days(8), &sample::KEEP)
        .await
        .unwrap();
    at_once(&storage, all(&["a", "g"])).await;
    assert_eq!(books(dir.path()).await, (6, 6, 0, 0));
}
