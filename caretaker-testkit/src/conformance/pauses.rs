//! What operators have paused.

use std::sync::Arc;

use caretaker_core::model::{Pause, Settle};
use caretaker_core::ports::{Kind, Storage, Write, Wrote};

use super::worker::{Worker, settle};
use crate::samples::{at, repo_key};

fn pause(seconds: i64, why: Option<&str>) -> Pause {
    Pause {
        at: at(seconds),
        by: "op@host".to_owned(),
        why: why.map(str::to_owned),
    }
}

fn set(repo: Option<u64>, pause: Option<Pause>) -> Write {
    Write::Pause {
        repo: repo.map(repo_key),
        pause,
    }
}

async fn write(storage: &Arc<dyn Storage>, repo: Option<u64>, pause: Option<Pause>) {
    let wrote = storage.commit(None, vec![set(repo, pause)]).await;
    assert_eq!(wrote.expect("pausing takes no fence"), [Wrote::Done]);
}

async fn paused(storage: &Arc<dyn Storage>, repo: u64) -> Option<Pause> {
    let paused = storage.paused(&repo_key(repo)).await;
    paused.expect("pauses can be read")
}

async fn all(storage: &Arc<dyn Storage>) -> Vec<(Option<u64>, Pause)> {
    let pauses = storage.pauses().await.expect("pauses can be read");
    let pauses = pauses.into_iter();
    pauses
        .map(|(repo, pause)| (repo.map(|key| key.id()), pause))
        .collect()
}

/// A pause is read back whole until it is taken back; taking back what is not there is no error.
pub async fn a_pause_holds_until_it_is_taken_back(storage: Arc<dyn Storage>) {
    assert_eq!(paused(&storage, 1).await, None);
    write(&storage, Some(1), None).await;
    let said = pause(0, Some("\"quotes\" and\nlines"));
    write(&storage, Some(1), Some(said.clone())).await;
    assert_eq!(paused(&storage, 1).await, Some(said));
    write(&storage, Some(1), None).await;
    assert_eq!(paused(&storage, 1).await, None);
    assert_eq!(all(&storage).await, []);
}

/// A repository's pause concerns no other repository, and taking one back no other pause.
pub async fn a_pause_leaves_other_repositories_alone(storage: Arc<dyn Storage>) {
    write(&storage, Some(1), Some(pause(0, None))).await;
    write(&storage, Some(11), Some(pause(1, None))).await;
    assert_eq!(paused(&storage, 2).await, None);
    write(&storage, Some(1), None).await;
    assert_eq!(paused(&storage, 1).await, None);
    assert_eq!(paused(&storage, 11).await, Some(pause(1, None)));
}

/// The pause for everywhere is in force in every repository, also in unknown ones, and comes
/// before a repository's own; that one stands again when everywhere is resumed.
pub async fn a_pause_everywhere_comes_before_a_repositorys_own(storage: Arc<dyn Storage>) {
    write(&storage, Some(1), Some(pause(0, Some("own")))).await;
    write(&storage, None, Some(pause(1, Some("all")))).await;
    assert_eq!(paused(&storage, 1).await, Some(pause(1, Some("all"))));
    assert_eq!(paused(&storage, 2).await, Some(pause(1, Some("all"))));
    write(&storage, None, None).await;
    assert_eq!(paused(&storage, 1).await, Some(pause(0, Some("own"))));
    assert_eq!(paused(&storage, 2).await, None);
}

/// The last word counts, here and everywhere.
pub async fn a_repeated_pause_replaces_the_first(storage: Arc<dyn Storage>) {
    for repo in [Some(1), None] {
        write(&storage, repo, Some(pause(0, Some("first")))).await;
        write(&storage, repo, Some(pause(1, None))).await;
        assert_eq!(paused(&storage, 1).await, Some(pause(1, None)));
    }
    let wanted = [(None, pause(1, None)), (Some(1), pause(1, None))];
    assert_eq!(all(&storage).await, wanted);
}

/// Everywhere first, then by the repositories' numbers.
pub async fn pauses_are_listed_by_number(storage: Arc<dyn Storage>) {
    for repo in [Some(100), Some(9), None, Some(10)] {
        write(&storage, repo, Some(pause(0, None))).await;
    }
    let places: Vec<_> = all(&storage).await.into_iter().map(|(at, _)| at).collect();
    assert_eq!(places, [None, Some(9), Some(10), Some(100)]);
}

/// A pause goes back with its commit.
pub async fn a_failed_commit_pauses_nothing(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let writes = vec![
        set(Some(1), Some(pause(0, None))),
        settle("nobody", Settle::Done),
    ];
    assert_eq!(worker.refused(writes).await, Kind::NotFound);
    assert_eq!(all(&storage).await, []);
}

/// A pause needs no fence, does not take one away, and goes with one too.
pub async fn anybody_may_pause(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    write(&storage, None, Some(pause(0, None))).await;
    worker.commit(vec![set(None, None)]).await;
    assert_eq!(all(&storage).await, []);
}
