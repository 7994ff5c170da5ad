//! Our memory of repositories: versions, compare-and-set.

use std::sync::Arc;

use caretaker_core::model::{Json, Versioned};
use caretaker_core::ports::{Kind, Storage, Write, Wrote};

use super::worker::Worker;
use crate::samples::{issue, item, repo_key};

fn json(text: &str) -> Json {
    Json::parse(text).expect("samples are JSON")
}

fn put(repo: u64, key: &str, expect: Option<u64>, value: &str) -> Write {
    Write::Put {
        repo: repo_key(repo),
        key: key.to_owned(),
        expect,
        value: json(value),
    }
}

async fn value(storage: &Arc<dyn Storage>, repo: u64, key: &str) -> Option<Versioned> {
    let value = storage.value(&repo_key(repo), key).await;
    value.expect("values can be read")
}

/// Versions grow by one from one; the value is the last one set.
pub async fn a_value_has_a_growing_version(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    assert_eq!(value(&storage, 1, "k").await, None);
    assert_eq!(
        worker.write(put(1, "k", None, "[1]")).await,
        Wrote::Version(1)
    );
    assert_eq!(
        worker
            .write(put(1, "k", Some(1), "{\"b\":1,\"a\":2}"))
            .await,
        Wrote::Version(2)
    );
    let wanted = Versioned {
        version: 2,
        value: json("{\"a\":2,\"b\":1}"),
    };
    assert_eq!(value(&storage, 1, "k").await, Some(wanted));
}

/// A value changes only from the version the writer saw.
pub async fn a_changed_value_is_a_conflict(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    assert_eq!(
        worker.refused(vec![put(1, "k", Some(1), "0")]).await,
        Kind::Conflict
    );
    worker
        .commit(vec![put(1, "k", None, "1"), put(1, "k", Some(1), "2")])
        .await;
    assert_eq!(
        worker.refused(vec![put(1, "k", Some(1), "3")]).await,
        Kind::Conflict
    );
    assert_eq!(
        worker.refused(vec![put(1, "k", Some(3), "3")]).await,
        Kind::Conflict
    );
    assert_eq!(
        worker.refused(vec![put(1, "k", None, "3")]).await,
        Kind::Conflict
    );
    let kept = value(&storage, 1, "k").await.expect("it is there");
    assert_eq!((kept.version, kept.value), (2, json("2")));
}

/// A conflict keeps nothing of its commit, neither what stands before nor after it.
pub async fn a_conflict_keeps_nothing_of_its_commit(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let writes = vec![
        put(1, "before", None, "1"),
        Write::Enqueue(Box::new(item("a", 1, issue(7)))),
        put(1, "k", Some(4), "1"),
        put(1, "after", None, "1"),
    ];
    assert_eq!(worker.refused(writes).await, Kind::Conflict);
    assert_eq!(value(&storage, 1, "before").await, None);
    assert_eq!(value(&storage, 1, "after").await, None);
    assert_eq!(worker.state("a").await, None);
}

/// Repositories and keys are apart.
pub async fn repositories_and_keys_are_apart(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.write(put(1, "k", None, "1")).await;
    assert_eq!(value(&storage, 2, "k").await, None);
    assert_eq!(value(&storage, 1, "K").await, None);
    assert_eq!(
        worker.write(put(2, "k", None, "2")).await,
        Wrote::Version(1)
    );
}
