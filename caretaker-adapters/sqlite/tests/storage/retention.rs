//! What is forgotten, and when.

use caretaker_core::model::{
    ActionKey, Answer, BlobRef, DedupKey, EffectRecord, EffectResult, EventId, Json, Query,
    RepoKey, Retention, Settle, Span,
};
use caretaker_core::ports::{Bus, Fence, Journal, Ledger, Retained, State, Store, Write, Wrote};
use caretaker_sqlite::{FILE, Opening, SqliteStorage};

use crate::sample::{self, KEEP, NOON, days};

const FENCE: Option<Fence> = Some(Fence(1));

async fn open() -> (tempfile::TempDir, SqliteStorage) {
    let dir = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .unwrap();
    (dir, storage)
}

#[tokio::test]
async fn a_delivery_is_forgotten_a_week_after_it_closed() {
    let (_dir, storage) = open().await;
    storage
        .commit(None, sample::accept("closed", 10))
        .await
        .unwrap();
    storage
        .commit(None, sample::accept("open", 10))
        .await
        .unwrap();
    storage
        .commit(FENCE, sample::close_delivery("closed"))
        .await
        .unwrap();
    // Seen as closed from now on.
    assert_eq!(
        storage.retain(days(10), &KEEP).await.unwrap(),
        Retained::default()
    );
    assert_eq!(
        storage.retain(days(16), &KEEP).await.unwrap(),
        Retained::default()
    );
    let retained = storage.retain(days(17), &KEEP).await.unwrap();
    assert_eq!(
        retained,
        Retained {
            deliveries: 1,
            ..Retained::default()
        }
    );
    assert!(
        storage
            .delivery(&DedupKey::new("closed"))
            .await
            .unwrap()
            .is_none()
    );
    // What is open stays, however old it is.
    storage.retain(days(4_000), &KEEP).await.unwrap();
    assert!(
        storage
            .delivery(&DedupKey::new("open"))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn what_was_buried_can_be_repeated_for_a_month() {
    let (_dir, storage) = open().await;
    storage.commit(None, sample::accept("d", 10)).await.unwrap();
    let expand = Write::Expand {
        delivery: DedupKey::new("d"),
        items: vec![sample::item("d/0")],
        unheard: None,
    };
    storage.commit(FENCE, vec![expand]).await.unwrap();
    storage.take(Fence(1), NOON, 1).await.unwrap();
    let (item, how) = (
        EventId::new("d/0"),
        Settle::Buried("five faults".to_owned()),
    );
    storage
        .commit(FENCE, vec![Write::Settle { item, how }])
        .await
        .unwrap();

    storage.retain(NOON, &KEEP).await.unwrap();
    assert_eq!(
        storage.retain(days(29), &KEEP).await.unwrap(),
        Retained::default()
    );
    let retained = storage.retain(days(30), &KEEP).await.unwrap();
    assert_eq!((retained.deliveries, retained.items), (1, 1));
}

#[tokio::test]
async fn skips_go_after_a_month_and_acting_runs_after_400_days() {
    let (_dir, storage) = open().await;
    let mut acting = sample::run("acted", NOON);
    let key = ActionKey::of_run(&acting.id, 0);
    acting.effects.push(EffectRecord {
        index: 0,
        key: key.clone(),
        result: EffectResult::Unknown,
    });
    let claim = Write::Claim {
        run: acting.id.clone(),
        index: 0,
        key,
        count: None,
        repo: RepoKey::github(1),
    };
    let skipped = sample::run("skipped", NOON);
    let writes = vec![
        claim,
        Write::Close(Box::new(acting.clone())),
        Write::Close(Box::new(skipped.clone())),
    ];
    storage.commit(FENCE, writes).await.unwrap();

    assert_eq!(storage.retain(days(29), &KEEP).await.unwrap().runs, 0);
    assert_eq!(storage.retain(days(30), &KEEP).await.unwrap().runs, 1);
    assert!(storage.run(&skipped.id).await.unwrap().is_none());
    assert_eq!(storage.retain(days(399), &KEEP).await.unwrap().runs, 0);
    assert_eq!(storage.claims(&acting.id).await.unwrap().len(), 1);
    assert_eq!(storage.retain(days(400), &KEEP).await.unwrap().runs, 1);
    assert!(storage.claims(&acting.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_large_answer_stays_as_long_as_a_run_speaks_of_it() {
    let (_dir, storage) = open().await;
    let blob = BlobRef {
        sha256: "ab".repeat(32),
        bytes: 5,
    };
    let mut run = sample::run("e", NOON);
    run.evidence
        .add(Query::State("k".to_owned()), Answer::Stored(blob.clone()));
    let writes = vec![
        Write::Blob {
            blob: blob.clone(),
            text: "large".to_owned(),
        },
        Write::Close(Box::new(run)),
    ];
    storage.commit(FENCE, writes).await.unwrap();
    for day in [0, 10, 29] {
        assert_eq!(
            storage.retain(days(day), &KEEP).await.unwrap(),
            Retained::default()
        );
    }
    assert_eq!(
        storage.blob(&blob.sha256).await.unwrap().as_deref(),
        Some("large")
    );
    assert_eq!(storage.retain(days(30), &KEEP).await.unwrap().runs, 1);
    assert_eq!(storage.retain(days(30), &KEEP).await.unwrap().blobs, 0);
    assert_eq!(storage.retain(days(31), &KEEP).await.unwrap().blobs, 1);
    assert!(storage.blob(&blob.sha256).await.unwrap().is_none());
}

#[tokio::test]
async fn hourly_counters_go_after_two_days() {
    let (_dir, storage) = open().await;
    let hour = NOON.hour();
    let kept = [
        format!("writes/{hour}"),
        format!("voice/{hour}"),
        "verdict/1".to_owned(),
        "writes".to_owned(),
        "zeal".to_owned(),
    ];
    let old = [
        format!("writes/{}", hour - 1),
        format!("voice/{}", hour - 1),
        format!("writes/{}", hour - 5_000),
    ];
    let repos = [1, 2, 9].map(RepoKey::github);
    let mut writes = Vec::new();
    for repo in &repos {
        writes.extend(kept.iter().chain(&old).map(|key| Write::Put {
            repo: repo.clone(),
            key: key.clone(),
            expect: None,
            value: Json::parse("1").unwrap(),
        }));
    }
    storage.commit(FENCE, writes).await.unwrap();
    storage
        .retain(NOON + Span::hours(48) - Span::hours(1), &KEEP)
        .await
        .unwrap();
    for repo in &repos {
        for key in kept.iter().chain(&old[..2]) {
            assert!(storage.value(repo, key).await.unwrap().is_some(), "{key}");
        }
    }
    storage.retain(NOON + Span::hours(48), &KEEP).await.unwrap();
    for repo in &repos {
        for key in &kept {
            assert!(storage.value(repo, key).await.unwrap().is_some(), "{key}");
        }
        for key in &old {
            assert!(storage.value(repo, key).await.unwrap().is_none(), "{key}");
        }
    }
}

#[tokio::test]
async fn a_step_removes_a_part_of_many_counters() {
    let (_dir, storage) = open().await;
    let repo = RepoKey::github(1);
    let key = |hour: i64| format!("writes/{}", NOON.hour() - hour);
    let writes = (1..=501).map(|hour| Write::Put {
        repo: repo.clone(),
        key: key(hour),
        expect: None,
        value: Json::parse("1").unwrap(),
    });
    storage.commit(FENCE, writes.collect()).await.unwrap();
    for left in [1, 0] {
        storage.retain(days(2), &KEEP).await.unwrap();
        let mut stand = 0;
        for hour in 1..=501 {
            stand += usize::from(storage.value(&repo, &key(hour)).await.unwrap().is_some());
        }
        assert_eq!(stand, left);
    }
}

#[tokio::test]
async fn periods_are_as_set_and_what_was_given_up_never_goes_first() {
    let (_dir, storage) = open().await;
    let keep = Retention {
        deliveries: Span::days(20),
        buried: Span::days(10),
        skips: Span::days(8),
        acting: Span::days(30),
    };
    for key in ["closed", "buried"] {
        storage.commit(None, sample::accept(key, 10)).await.unwrap();
    }
    let record = sample::run("buried", NOON);
    let bury = Write::BuryDelivery {
        delivery: DedupKey::new("buried"),
        record: Box::new(record),
    };
    let writes = [sample::close_delivery("closed"), vec![bury]].concat();
    storage.commit(FENCE, writes).await.unwrap();
    storage.retain(NOON, &keep).await.unwrap();
    assert_eq!(
        storage.retain(days(7), &keep).await.unwrap(),
        Retained::default()
    );
    assert_eq!(storage.retain(days(8), &keep).await.unwrap().runs, 1);
    assert_eq!(
        storage.retain(days(19), &keep).await.unwrap(),
        Retained::default()
    );
    let twice = storage.commit(None, sample::accept("closed", 10)).await;
    assert_eq!(twice.unwrap(), [Wrote::Duplicate], "within the window");
    assert_eq!(storage.retain(days(20), &keep).await.unwrap().deliveries, 2);
    let anew = storage.commit(None, sample::accept("closed", 10)).await;
    assert_eq!(anew.unwrap(), [Wrote::Accepted], "after it");
}

#[tokio::test]
async fn room_that_retention_makes_goes_back_to_the_file_system() {
    let (dir, storage) = open().await;
    let size = || std::fs::metadata(dir.path().join(FILE)).unwrap().len();
    for n in 0..40 {
        let key = format!("d{n}");
        storage
            .commit(None, sample::accept(&key, 100_000))
            .await
            .unwrap();
        storage
            .commit(FENCE, sample::close_delivery(&key))
            .await
            .unwrap();
    }
    storage.retain(NOON, &KEEP).await.unwrap();
    // A step gives back a megabyte; the file follows at the next checkpoint of the log.
    for _step in 0..10 {
        storage.retain(days(8), &KEEP).await.unwrap();
    }
    storage.close().await;
    assert!(size() < 1_000_000, "{} bytes for nothing", size());
}
