//! What was answered stays, whatever happens to the process or the disk.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use caretaker_core::model::{DedupKey, Json, Pause, RepoKey, Span};
use caretaker_core::ports::{Bus, Fence, Journal, Kind, Leases, State, Store, Write, Wrote};
use caretaker_sqlite::{FILE, Opening, SqliteStorage};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::task::JoinSet;

use crate::sample::{self, NOON};

#[tokio::test]
async fn commits_that_wait_together_share_a_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Arc::new(
        SqliteStorage::open(dir.path(), Opening::Serve)
            .await
            .unwrap(),
    );
    let before = storage.transactions();
    let mut callers = JoinSet::new();
    for n in 0..100 {
        let storage = Arc::clone(&storage);
        callers.spawn(async move {
            storage
                .commit(None, sample::accept(&format!("d{n}"), 100))
                .await
                .unwrap()
        });
    }
    for wrote in callers.join_all().await {
        assert_eq!(wrote, [Wrote::Accepted]);
    }
    let transactions = storage.transactions() - before;
    assert!(
        transactions <= 10,
        "{transactions} transactions for 100 commits"
    );
    assert_eq!(storage.depth().await.unwrap().deliveries, 100);
}

#[tokio::test]
async fn a_pause_survives_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let pause = Pause {
        at: NOON,
        by: "op@host".to_owned(),
        why: Some("release".to_owned()),
    };
    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let repo = Some(RepoKey::github(1));
    let write = Write::Pause {
        repo: repo.clone(),
        pause: Some(pause.clone()),
    };
    storage.commit(None, vec![write]).await.unwrap();
    storage.close().await;
    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    assert_eq!(storage.pauses().await.unwrap(), [(repo, pause)]);
}

#[tokio::test]
async fn a_lease_is_renewed_before_what_waited_longer() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Arc::new(
        SqliteStorage::open(dir.path(), Opening::Serve)
            .await
            .unwrap(),
    );
    let ttl = Span::seconds(15);
    let fence = storage.acquire("worker", "a", NOON, ttl).await.unwrap();
    let mut callers = JoinSet::new();
    for n in 0..800 {
        let storage = Arc::clone(&storage);
        callers.spawn(async move {
            let wrote = storage
                .commit(None, sample::accept(&format!("d{n}"), 10))
                .await;
            wrote.map(|_accepted| "commit")
        });
    }
    let last = Arc::clone(&storage);
    callers.spawn(async move {
        let renewed = last.renew("worker", fence, NOON, ttl).await;
        renewed.map(|()| "renewal")
    });
    let mut before = 0;
    while let Some(done) = callers.join_next().await {
        if done.unwrap().unwrap() == "renewal" {
            break;
        }
        before += 1;
    }
    assert!(before < 300, "{before} of 800 commits went first");
}

fn put(key: &str, expect: Option<u64>) -> Write {
    Write::Put {
        repo: RepoKey::github(1),
        key: key.to_owned(),
        expect,
        value: Json::parse("1").unwrap(),
    }
}

#[tokio::test]
async fn a_refused_commit_takes_nothing_of_its_neighbours_along() {
    let dir = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let before = storage.transactions();
    let fence = Some(Fence(1));
    let (first, refused, last) = tokio::join!(
        storage.commit(fence, vec![put("first", None)]),
        storage.commit(fence, vec![put("half", None), put("absent", Some(3))]),
        storage.commit(fence, vec![put("last", None)]),
    );
    assert_eq!(
        storage.transactions() - before,
        1,
        "they were to share a transaction"
    );
    assert_eq!(first.unwrap(), [Wrote::Version(1)]);
    assert_eq!(refused.unwrap_err().kind, Kind::Conflict);
    assert_eq!(last.unwrap(), [Wrote::Version(1)]);
    let repo = RepoKey::github(1);
    assert!(storage.value(&repo, "first").await.unwrap().is_some());
    assert!(storage.value(&repo, "half").await.unwrap().is_none());
    assert!(storage.value(&repo, "last").await.unwrap().is_some());
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let ttl = Span::seconds(15);
    let fence = storage.acquire("worker", "a", NOON, ttl).await.unwrap();
    storage
        .commit(None, sample::accept("kept", 50))
        .await
        .unwrap();
    let writes = vec![
        put("k", None),
        Write::Enqueue(Box::new(sample::item("e"))),
        Write::Close(Box::new(sample::run("other", NOON))),
    ];
    storage.commit(Some(fence), writes).await.unwrap();
    assert_eq!(storage.take(fence, NOON, 1).await.unwrap().len(), 1);
    drop(storage);

    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    assert_eq!(
        storage.unexpanded(9).await.unwrap(),
        [sample::delivery("kept", 50)]
    );
    assert!(
        storage
            .value(&RepoKey::github(1), "k")
            .await
            .unwrap()
            .is_some()
    );
    let closed = storage
        .closed(&caretaker_core::ports::Filter::default(), 0, 9)
        .await
        .unwrap();
    assert_eq!(closed.len(), 1);
    assert_eq!(
        closed[0].line,
        serde_json::to_string(&sample::run("other", NOON)).unwrap()
    );
    assert_eq!(storage.depth().await.unwrap().in_flight, 1);
    let holder = storage.holder("worker", NOON).await.unwrap().unwrap();
    assert_eq!((holder.worker.as_str(), holder.fence), ("a", fence));
    // What was in flight comes back with the next fence.
    let next = storage.acquire("worker", "a", NOON, ttl).await.unwrap();
    assert!(next > fence);
    assert_eq!(storage.take(next, NOON, 1).await.unwrap().len(), 1);
}

/// Where the child of the test below writes.
const DIR: &str = "CARETAKER_TEST_KILLED_DIR";

/// Not a test of its own: writes until it is killed, and tells what was answered.
#[tokio::test]
#[ignore = "started by the test below, which kills it"]
async fn child_that_writes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let storage = Arc::new(
        SqliteStorage::open(Path::new(&dir), Opening::Serve)
            .await
            .unwrap(),
    );
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let storage = Arc::clone(&storage);
        writers.spawn(async move {
            for n in 0.. {
                let key = format!("acked-{writer}-{n}");
                storage
                    .commit(None, sample::accept(&key, 2_000))
                    .await
                    .unwrap();
                writeln!(std::io::stdout().lock(), "{key}").unwrap();
            }
        });
    }
    writers.join_all().await;
}

#[tokio::test]
async fn what_was_answered_survives_a_kill_under_load() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("durable::child_that_writes_until_it_is_killed")
        .env(DIR, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acked: Vec<String> = Vec::new();
    for line in lines {
        let line = line.unwrap();
        // The test harness writes its own words into the same stream.
        acked.extend(line.find("acked-").map(|at| line[at..].to_owned()));
        if acked.len() == 300 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(
        acked.len() >= 300,
        "the child ended by itself after {}",
        acked.len()
    );
    // The last line may have been cut off.
    acked.truncate(300);

    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    for key in &acked {
        let kept = storage.delivery(&DedupKey::new(key)).await.unwrap();
        assert_eq!(kept, Some(sample::delivery(key, 2_000)), "{key}");
    }
    storage.close().await;
    let options = SqliteConnectOptions::new().filename(dir.path().join(FILE));
    let mut conn = options.connect().await.unwrap();
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(sound, "ok");
}

/// Pages: room for the empty database and one delivery of 400 kB, not for two.
const LIMIT: u32 = 230;

#[tokio::test]
async fn a_full_disk_refuses_what_does_not_fit_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open_with(dir.path(), Opening::Serve, Some(LIMIT))
        .await
        .unwrap();
    let big = |key| storage.commit(None, sample::accept(key, 400_000));
    big("fits").await.unwrap();

    // Together with a small one, which is kept.
    let small = storage.commit(None, sample::accept("small", 10));
    let (refused, kept) = tokio::join!(big("too-much"), small);
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind, Kind::Unavailable, "{refused}");
    assert!(refused.to_string().contains("free space"), "{refused}");
    assert_eq!(kept.unwrap(), [Wrote::Accepted]);
    assert_eq!(storage.depth().await.unwrap().deliveries, 2);

    // Room comes back with forgetting.
    storage
        .commit(Some(Fence(1)), sample::close_delivery("fits"))
        .await
        .unwrap();
    storage.retain(NOON, &sample::KEEP).await.unwrap();
    let retained = storage
        .retain(sample::days(8), &sample::KEEP)
        .await
        .unwrap();
    assert_eq!(retained.deliveries, 1);
    assert_eq!(big("too-much").await.unwrap(), [Wrote::Accepted]);
}
