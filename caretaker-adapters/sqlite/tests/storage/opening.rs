//! Who may open a data directory, and what is refused.

use caretaker_core::model::RepoKey;
use caretaker_core::ports::{Bus, Fence, Kind, State, Store, Write, Wrote};
use caretaker_sqlite::{FILE, OpenError, Opening, SqliteStorage};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::sample;

#[tokio::test]
async fn a_second_server_joins_the_first() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(SqliteStorage::serving(dir.path()).unwrap(), None);
    let first = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let second = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let ours = Some(std::process::id());
    assert_eq!(SqliteStorage::serving(dir.path()).unwrap(), ours);

    second.commit(None, sample::accept("a", 10)).await.unwrap();
    assert_eq!(
        first.unexpanded(10).await.unwrap(),
        [sample::delivery("a", 10)]
    );
    first.close().await;
    assert_eq!(SqliteStorage::serving(dir.path()).unwrap(), ours);
    second.close().await;
    assert_eq!(SqliteStorage::serving(dir.path()).unwrap(), None);
}

#[tokio::test]
async fn a_server_of_another_schema_is_refused_while_one_serves_and_told_which() {
    let dir = tempfile::tempdir().unwrap();
    let first = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    alter(dir.path(), "PRAGMA user_version = 1").await;
    let refused = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap_err();
    let ours = std::process::id();
    assert!(
        matches!(refused, OpenError::InUse { pid, .. } if pid == ours),
        "{refused:?}"
    );
    assert!(
        refused.to_string().contains(&format!("process {ours}")),
        "{refused}"
    );
    alter(dir.path(), "PRAGMA user_version = 77").await;
    let refused = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap_err();
    assert!(matches!(refused, OpenError::Newer { .. }), "{refused:?}");
    drop(first);
}

#[tokio::test]
async fn others_read_and_enqueue_beside_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let server = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let beside = SqliteStorage::open(dir.path(), Opening::Beside)
        .await
        .unwrap();

    server.commit(None, sample::accept("a", 10)).await.unwrap();
    assert_eq!(
        beside.unexpanded(10).await.unwrap(),
        [sample::delivery("a", 10)]
    );

    let item = Write::Enqueue(Box::new(sample::item("run/1")));
    let wrote = beside.commit(None, vec![item]).await.unwrap();
    assert_eq!(wrote, [Wrote::Queued]);
    let taken = server.take(Fence(1), sample::NOON, 10).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].item, sample::item("run/1"));
}

#[tokio::test]
async fn beside_nothing_is_created() {
    let dir = tempfile::tempdir().unwrap();
    let inside = dir.path().join("data");
    let refused = SqliteStorage::open(&inside, Opening::Beside)
        .await
        .unwrap_err();
    assert!(matches!(refused, OpenError::Missing { .. }), "{refused:?}");
    assert!(refused.to_string().contains("caretaker serve"), "{refused}");
    assert!(!inside.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_data_directory_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let inside = dir.path().join("a/data");
    SqliteStorage::open(&inside, Opening::Serve).await.unwrap();
    let mode = std::fs::metadata(&inside).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

/// Opens the file as something else would and changes it.
async fn alter(dir: &std::path::Path, sql: &'static str) {
    let options = SqliteConnectOptions::new()
        .filename(dir.join(FILE))
        .create_if_missing(true);
    let mut conn = options.connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    sqlx::Connection::close(conn).await.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_schema_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap()
        .close()
        .await;
    alter(dir.path(), "PRAGMA user_version = 77").await;
    for opening in [Opening::Serve, Opening::Beside] {
        let refused = SqliteStorage::open(dir.path(), opening).await.unwrap_err();
        assert!(
            matches!(refused, OpenError::Newer { found: 77, .. }),
            "{refused:?}"
        );
        assert!(refused.to_string().contains("schema 77"), "{refused}");
    }
    // Refusing lets go of the directory.
    assert_eq!(SqliteStorage::serving(dir.path()).unwrap(), None);
}

#[tokio::test]
async fn only_the_server_upgrades_a_database() {
    let dir = tempfile::tempdir().unwrap();
    SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap()
        .close()
        .await;
    alter(dir.path(), "PRAGMA user_version = 0").await;
    let refused = SqliteStorage::open(dir.path(), Opening::Beside)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, OpenError::Older { found: 0, .. }),
        "{refused:?}"
    );
}

/// A file as the first schema left it, with a value.
const FIRST: &str = concat!(
    include_str!("../../migrations/0001_first.sql"),
    "INSERT INTO state (repo, key, version, value) VALUES ('github:1', 'k', 3, '[1]');
     PRAGMA application_id = 1130459749;
     PRAGMA user_version = 1;"
);

#[tokio::test]
async fn a_database_of_the_first_schema_is_upgraded_with_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    alter(dir.path(), FIRST).await;
    let refused = SqliteStorage::open(dir.path(), Opening::Beside)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, OpenError::Older { found: 1, .. }),
        "{refused:?}"
    );

    let repo = RepoKey::github(1);
    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let kept = storage.value(&repo, "k").await.unwrap().unwrap();
    assert_eq!((kept.version, kept.value.text()), (3, "[1]"));
    assert_eq!(storage.paused(&repo).await.unwrap(), None);
    SqliteStorage::open(dir.path(), Opening::Beside)
        .await
        .unwrap();
}

#[tokio::test]
async fn deliveries_of_the_first_schema_keep_their_bytes_and_their_places() {
    let dir = tempfile::tempdir().unwrap();
    alter(dir.path(), FIRST).await;
    let path = dir.path().join(FILE);
    let mut conn = SqliteConnectOptions::new()
        .filename(path)
        .connect()
        .await
        .unwrap();
    // Places and keys sort differently.
    for (key, bytes) in [("c", 7), ("a", 8), ("b", 9), ("d", 6)] {
        let delivery = sample::delivery(key, bytes);
        sqlx::query("INSERT INTO arrivals (key, received_at, head, body) VALUES (?, 5, ?, ?)")
            .bind(key)
            .bind(serde_json::to_string(&delivery).unwrap())
            .bind(lz4_flex::compress_prepend_size(&delivery.body))
            .execute(&mut conn)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE deliveries SET state = 3 WHERE key = 'd'")
        .execute(&mut conn)
        .await
        .unwrap();
    sqlx::Connection::close(conn).await.unwrap();

    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let (first, second, third) = (
        sample::delivery("c", 7),
        sample::delivery("a", 8),
        sample::delivery("b", 9),
    );
    let kept = storage.unexpanded(9).await.unwrap();
    assert_eq!(kept, [first.clone(), second, third.clone()]);
    let repeated = storage.commit(None, sample::accept("a", 8)).await.unwrap();
    assert_eq!(repeated, [Wrote::Duplicate]);
    let depth = storage.depth().await.unwrap();
    assert_eq!((depth.deliveries, depth.buried), (3, 1));
    // What was buried comes again, in today's form.
    let again = storage.commit(None, sample::accept("d", 6)).await.unwrap();
    assert_eq!(again, [Wrote::Accepted]);
    let fourth = sample::delivery("d", 6);
    // What is forgotten takes its own bytes along and no others.
    storage
        .commit(Some(Fence(1)), sample::close_delivery("a"))
        .await
        .unwrap();
    storage.retain(sample::NOON, &sample::KEEP).await.unwrap();
    storage
        .retain(sample::days(8), &sample::KEEP)
        .await
        .unwrap();
    let kept = storage.unexpanded(9).await.unwrap();
    assert_eq!(kept, [first, third, fourth]);
}

#[tokio::test]
async fn a_database_of_something_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    alter(dir.path(), "CREATE TABLE theirs (x)").await;
    let refused = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap_err();
    assert!(matches!(refused, OpenError::Foreign), "{refused:?}");
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), vec![7; 4096]).unwrap();
    let refused = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap_err();
    assert!(matches!(refused, OpenError::Database(_)), "{refused:?}");
}

#[tokio::test]
async fn what_needs_a_fence_is_refused_without_one() {
    let dir = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    let refused = storage
        .commit(None, sample::close_delivery("a"))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, Kind::Invalid);
}
