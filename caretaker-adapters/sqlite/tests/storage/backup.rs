//! Copies of the file: whole, made under load, and put back only where that is safe.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use caretaker_core::model::{DedupKey, Settle, Span};
use caretaker_core::ports::{Bus, Filter, Journal, Leases, Store, Write};
use caretaker_sqlite::{BackupError, FILE, OpenError, Opening, SqliteStorage, backup, restore};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::sample::{self, NOON};

/// A data directory and a place for copies.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("copies")).unwrap();
        Self { folder }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn copy(&self) -> PathBuf {
        self.folder.path().join("copies/one.db")
    }

    /// A store with these deliveries, closed.
    pub(crate) async fn with(&self, keys: &[&str]) {
        let storage = open(&self.data()).await;
        for key in keys {
            storage.commit(None, sample::accept(key, 10)).await.unwrap();
        }
        storage.close().await;
    }

    pub(crate) async fn backup(&self) {
        backup(&self.data(), &self.copy(), false, &mut |_, _| {})
            .await
            .unwrap();
    }

    pub(crate) async fn restore(
        &self,
        replace: bool,
    ) -> Result<caretaker_sqlite::Restored, BackupError> {
        restore(&self.data(), &self.copy(), replace, "then", &mut |_, _| {}).await
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.data()).unwrap();
        let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

pub(crate) async fn open(dir: &Path) -> SqliteStorage {
    SqliteStorage::open(dir, Opening::Serve).await.unwrap()
}

pub(crate) async fn keeps(storage: &SqliteStorage, key: &str) -> bool {
    let delivery = storage.delivery(&DedupKey::new(key)).await;
    delivery.unwrap().is_some()
}

/// Accepts one delivery after the other and handles each, until told to stop.
async fn load(storage: Arc<SqliteStorage>, accepted: Arc<AtomicU64>, stop: Arc<AtomicBool>) {
    let far = Span::days(1);
    let fence = storage.acquire("worker", "a", NOON, far).await.unwrap();
    while !stop.load(Ordering::SeqCst) {
        let n = accepted.load(Ordering::SeqCst);
        let (key, id) = (format!("d{n}"), format!("d{n}/0"));
        storage
            .commit(None, sample::accept(&key, 2_000))
            .await
            .unwrap();
        accepted.store(n + 1, Ordering::SeqCst);
        let expand = Write::Expand {
            delivery: DedupKey::new(&key),
            items: vec![sample::item(&id)],
            unheard: None,
        };
        storage.commit(Some(fence), vec![expand]).await.unwrap();
        let taken = storage.take(fence, NOON, 1).await.unwrap();
        let item = taken[0].item.event.id.clone();
        let settle = Write::Settle {
            item,
            how: Settle::Done,
        };
        let close = Write::Close(Box::new(sample::run(&id, NOON)));
        storage
            .commit(Some(fence), vec![close, settle])
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_under_load_holds_everything_up_to_a_point() {
    let desk = Desk::new();
    let server = Arc::new(open(&desk.data()).await);
    // Enough to read that the load goes on meanwhile.
    for n in 0..300 {
        let kept = sample::accept(&format!("old{n}"), 20_000);
        server.commit(None, kept).await.unwrap();
    }
    let (accepted, stop) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut busy = JoinSet::new();
    busy.spawn(load(
        Arc::clone(&server),
        Arc::clone(&accepted),
        Arc::clone(&stop),
    ));
    while accepted.load(Ordering::SeqCst) < 20 {
        tokio::task::yield_now().await;
    }
    let before = accepted.load(Ordering::SeqCst);
    let copied = backup(&desk.data(), &desk.copy(), false, &mut |_, _| {})
        .await
        .unwrap();
    let after = accepted.load(Ordering::SeqCst);
    // The load has not ended with the copy either.
    while accepted.load(Ordering::SeqCst) < after + 5 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::SeqCst);
    busy.join_all().await;
    Arc::try_unwrap(server).unwrap().close().await;
    assert!(after > before, "nothing was accepted meanwhile");

    let restored = desk.restore(true).await.unwrap();
    assert_eq!(restored.holds, copied);
    let storage = open(&desk.data()).await;
    let mut there = 0;
    while keeps(&storage, &format!("d{there}")).await {
        there += 1;
    }
    assert!(there >= before, "{there} of {before}");
    assert_eq!(
        copied.deliveries,
        300 + there,
        "nothing beyond the first gap"
    );
    // One moment: what is closed has its record, and at most one is on its way.
    let runs = storage
        .closed(&Filter::default(), 0, 100_000)
        .await
        .unwrap();
    let runs = runs.len() as u64;
    assert_eq!(copied.runs, runs);
    assert!(there == runs || there == runs + 1, "{there} {runs}");
    let depth = storage.depth().await.unwrap();
    // The one on its way waits as a delivery or, expanded, as an item in hand.
    let on_its_way = there - runs;
    let as_item = depth.waiting + depth.in_flight;
    assert_eq!(depth.deliveries + as_item, 300 + on_its_way, "{depth:?}");
}

#[tokio::test]
async fn a_copy_is_for_its_owner_alone_and_overwrites_nothing_unasked() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    desk.backup().await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(desk.copy()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let before = std::fs::read(desk.copy()).unwrap();
    desk.with(&["b"]).await;
    let refused = backup(&desk.data(), &desk.copy(), false, &mut |_, _| {}).await;
    assert!(
        matches!(refused, Err(BackupError::Exists(_))),
        "{refused:?}"
    );
    assert_eq!(std::fs::read(desk.copy()).unwrap(), before);
    let copied = backup(&desk.data(), &desk.copy(), true, &mut |_, _| {})
        .await
        .unwrap();
    assert_eq!(copied.deliveries, 2);
    let left: Vec<_> = std::fs::read_dir(desk.folder.path().join("copies"))
        .unwrap()
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn a_copy_does_not_go_into_the_data_directory() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    let inside = desk.data().join(FILE);
    let refused = backup(&desk.data(), &inside, true, &mut |_, _| {}).await;
    assert!(
        matches!(refused, Err(BackupError::Inside(_))),
        "{refused:?}"
    );
    assert!(keeps(&open(&desk.data()).await, "a").await);
}

#[tokio::test]
async fn how_far_a_copy_is_is_told_to_its_end() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    let mut told = Vec::new();
    let copied = backup(&desk.data(), &desk.copy(), false, &mut |done, all| {
        told.push((done, all));
    })
    .await
    .unwrap();
    assert_eq!(told.last(), Some(&(copied.bytes, copied.bytes)));
    assert!(told.iter().all(|(done, all)| done <= all), "{told:?}");
}

#[tokio::test]
async fn a_backup_takes_the_place_of_a_store_that_is_put_aside_whole() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    desk.backup().await;
    desk.with(&["b"]).await;

    let refused = desk.restore(false).await;
    assert!(
        matches!(refused, Err(BackupError::Occupied(_))),
        "{refused:?}"
    );
    let restored = desk.restore(true).await.unwrap();
    let storage = open(&desk.data()).await;
    assert!(keeps(&storage, "a").await);
    assert!(!keeps(&storage, "b").await);
    storage.close().await;

    let elsewhere = desk.folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::rename(restored.aside.unwrap(), elsewhere.join(FILE)).unwrap();
    assert!(keeps(&open(&elsewhere).await, "b").await);
}

#[tokio::test]
async fn a_fresh_directory_is_made_for_a_backup() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    desk.backup().await;
    std::fs::remove_dir_all(desk.data()).unwrap();
    let restored = desk.restore(false).await.unwrap();
    assert_eq!(restored.aside, None);
    assert!(keeps(&open(&desk.data()).await, "a").await);
}

#[tokio::test]
async fn nothing_is_restored_under_a_server() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    desk.backup().await;
    let server = open(&desk.data()).await;
    let refused = desk.restore(true).await;
    assert!(
        matches!(refused, Err(BackupError::Open(OpenError::InUse { .. }))),
        "{refused:?}"
    );
    assert!(keeps(&server, "a").await);
}

#[tokio::test]
async fn what_is_no_whole_backup_of_ours_replaces_nothing() {
    use sqlx::ConnectOptions as _;
    let desk = Desk::new();
    // Two pages of deliveries at least, so that there is something to damage.
    desk.with(&["a", "b"]).await;
    desk.backup().await;
    let whole = std::fs::read(desk.copy()).unwrap();
    let alter = async |sql: &'static str| {
        std::fs::write(desk.copy(), &whole).unwrap();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(desk.copy());
        let mut conn = options.connect().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        sqlx::Connection::close(conn).await.unwrap();
    };
    let before = desk.files();

    std::fs::write(desk.copy(), "no database").unwrap();
    let text = desk.restore(true).await.unwrap_err();
    assert!(matches!(text, BackupError::Foreign(_)), "{text:?}");
    std::fs::write(desk.copy(), "").unwrap();
    let empty = desk.restore(true).await.unwrap_err();
    assert!(matches!(empty, BackupError::Foreign(_)), "{empty:?}");
    alter("PRAGMA application_id = 7").await;
    let theirs = desk.restore(true).await.unwrap_err();
    assert!(matches!(theirs, BackupError::Foreign(_)), "{theirs:?}");
    alter("PRAGMA user_version = 77").await;
    let newer = desk.restore(true).await.unwrap_err();
    assert!(
        matches!(newer, BackupError::Open(OpenError::Newer { found: 77, .. })),
        "{newer:?}"
    );
    let mut damaged = whole.clone();
    damaged.truncate(whole.len() - 4096);
    std::fs::write(desk.copy(), &damaged).unwrap();
    let cut = desk.restore(true).await.unwrap_err();
    assert!(matches!(cut, BackupError::Damaged { .. }), "{cut:?}");
    let mut damaged = whole.clone();
    let middle = whole.len() / 4096 / 2 * 4096;
    damaged[middle..middle + 4096].fill(0xa5);
    std::fs::write(desk.copy(), &damaged).unwrap();
    let scribbled = desk.restore(true).await.unwrap_err();
    assert!(
        matches!(scribbled, BackupError::Damaged { .. }),
        "{scribbled:?}"
    );
    std::fs::write(desk.copy(), &whole).unwrap();
    std::fs::write(desk.folder.path().join("copies/one.db-wal"), "log").unwrap();
    let log = desk.restore(true).await.unwrap_err();
    assert!(matches!(log, BackupError::Log(_)), "{log:?}");

    assert_eq!(desk.files(), before, "nothing is left, nothing is moved");
    assert!(keeps(&open(&desk.data()).await, "a").await);
}
