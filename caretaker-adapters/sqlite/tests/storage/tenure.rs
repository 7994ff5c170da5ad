//! Leases between processes: here each storage is one, since a lock belongs to its open file.

use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::{Fence, Kind, Leases};
use caretaker_sqlite::{Opening, SqliteStorage};

use crate::sample::NOON;

const LEASE: &str = "worker";
const TTL: Span = Span::seconds(15);

async fn process(dir: &tempfile::TempDir) -> SqliteStorage {
    SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap()
}

async fn acquire(process: &SqliteStorage, name: &str, now: Timestamp) -> Result<Fence, Kind> {
    let fence = process.acquire(LEASE, name, now, TTL).await;
    fence.map_err(|error| error.kind)
}

async fn holder(process: &SqliteStorage, now: Timestamp) -> Option<String> {
    let holder = process.holder(LEASE, now).await.unwrap();
    holder.map(|holder| holder.worker)
}

#[tokio::test]
async fn a_holder_that_died_is_succeeded_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (process(&dir).await, process(&dir).await);
    let first = acquire(&a, "a", NOON).await.unwrap();
    assert_eq!(acquire(&b, "b", NOON).await, Err(Kind::Conflict));
    drop(a);
    let second = acquire(&b, "b", NOON).await.unwrap();
    assert!(second > first);
    assert_eq!(holder(&b, NOON).await.as_deref(), Some("b"));
}

#[tokio::test]
async fn a_holder_that_lives_keeps_its_lease_whatever_the_clock_says() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (process(&dir).await, process(&dir).await);
    let first = acquire(&a, "a", NOON).await.unwrap();
    let tomorrow = NOON + Span::days(1);
    assert_eq!(acquire(&b, "b", tomorrow).await, Err(Kind::Conflict));
    assert_eq!(holder(&b, tomorrow).await.as_deref(), Some("a"));
    a.renew(LEASE, first, tomorrow, TTL).await.unwrap();

    // Somebody who has seen that nothing moves.
    b.release(LEASE, first).await.unwrap();
    acquire(&b, "b", tomorrow).await.unwrap();
    let lost = a.renew(LEASE, first, tomorrow, TTL).await;
    assert_eq!(lost.unwrap_err().kind, Kind::Fenced);
}

#[tokio::test]
async fn who_took_over_from_a_live_process_is_not_taken_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let [a, b, c] = [
        process(&dir).await,
        process(&dir).await,
        process(&dir).await,
    ];
    let first = acquire(&a, "a", NOON).await.unwrap();
    b.release(LEASE, first).await.unwrap();
    let second = acquire(&b, "b", NOON).await.unwrap();
    // The lock is free now and still says a; it tells nothing of b, whose time decides.
    drop(a);
    assert_eq!(acquire(&c, "c", NOON).await, Err(Kind::Conflict));
    b.renew(LEASE, second, NOON, TTL).await.unwrap();
    assert_eq!(
        acquire(&c, "c", NOON + Span::days(1)).await,
        Err(Kind::Conflict),
        "renewing, it took the lock"
    );
    drop(b);
    acquire(&c, "c", NOON).await.unwrap();
}

#[tokio::test]
async fn a_loser_lets_go_of_the_lock() {
    let dir = tempfile::tempdir().unwrap();
    let [a, b, c] = [
        process(&dir).await,
        process(&dir).await,
        process(&dir).await,
    ];
    let first = acquire(&a, "a", NOON).await.unwrap();
    b.release(LEASE, first).await.unwrap();
    let second = acquire(&b, "b", NOON).await.unwrap();
    assert_eq!(acquire(&a, "a", NOON).await, Err(Kind::Conflict));
    b.renew(LEASE, second, NOON, TTL).await.unwrap();
    assert_eq!(
        acquire(&a, "a", NOON + Span::days(1)).await,
        Err(Kind::Conflict)
    );
    drop(b);
    acquire(&c, "c", NOON).await.unwrap();
}

#[tokio::test]
async fn a_lease_given_back_is_free_for_others_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (process(&dir).await, process(&dir).await);
    let first = acquire(&a, "a", NOON).await.unwrap();
    a.release(LEASE, first).await.unwrap();
    acquire(&b, "b", NOON).await.unwrap();
    assert_eq!(acquire(&a, "a", NOON).await, Err(Kind::Conflict));
}

#[tokio::test]
async fn the_first_that_waits_shows_itself_until_it_works() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (process(&dir).await, process(&dir).await);
    let standing_by = || SqliteStorage::standing_by(dir.path()).unwrap();
    acquire(&a, "a", NOON).await.unwrap();
    assert_eq!(standing_by(), None);
    assert_eq!(acquire(&b, "b", NOON).await, Err(Kind::Conflict));
    assert_eq!(standing_by(), Some(std::process::id()));
    drop(a);
    acquire(&b, "b", NOON).await.unwrap();
    assert_eq!(standing_by(), None);
}
