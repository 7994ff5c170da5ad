//! Claims: an effect is begun once, counted once, and its result is remembered.

use std::sync::Arc;

use caretaker_core::model::{ActionKey, EffectResult, Receipt, RunId};
use caretaker_core::ports::{Claim, ClaimRow, Kind, Storage, Write, Wrote};

use super::worker::Worker;
use crate::samples::repo_key;

fn run_id() -> RunId {
    RunId::new("0123456789abcdef01234567")
}

fn key(index: u32) -> ActionKey {
    ActionKey::of_run(&run_id(), index)
}

fn claim(index: u32, count: Option<&str>) -> Write {
    Write::Claim {
        run: run_id(),
        index,
        key: key(index),
        count: count.map(str::to_owned),
        repo: repo_key(1),
    }
}

fn finish(index: u32, result: EffectResult) -> Write {
    Write::Finish {
        key: key(index),
        result,
    }
}

fn performed() -> EffectResult {
    EffectResult::Performed(Receipt {
        changed: true,
        via: Some("check_run".to_owned()),
    })
}

async fn counter(storage: &Arc<dyn Storage>, repo: u64) -> Option<(u64, String)> {
    let value = storage.value(&repo_key(repo), "writes/1").await;
    let value = value.expect("values can be read");
    value.map(|value| (value.version, value.value.text().to_owned()))
}

/// A claim is fresh once; then it is started, and done when it was finished.
pub async fn an_effect_is_claimed_once(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let results = [
        performed(),
        EffectResult::Refused(422),
        EffectResult::NotPerformed,
        EffectResult::Unknown,
    ];
    for (index, result) in (0..).zip(results) {
        let fresh = worker.write(claim(index, None)).await;
        assert_eq!(fresh, Wrote::Claimed(Claim::Fresh));
        let started = worker.write(claim(index, None)).await;
        assert_eq!(started, Wrote::Claimed(Claim::Started));
        assert_eq!(
            worker.write(finish(index, result.clone())).await,
            Wrote::Done
        );
        let done = worker.write(claim(index, None)).await;
        assert_eq!(done, Wrote::Claimed(Claim::Done(result)));
    }
}

/// A claim outlives the worker that made it.
pub async fn a_claim_outlives_its_worker(storage: Arc<dyn Storage>) {
    Worker::start(&storage).await.write(claim(0, None)).await;
    let next = Worker::start(&storage).await;
    assert_eq!(
        next.write(claim(0, None)).await,
        Wrote::Claimed(Claim::Started)
    );
}

/// Only a fresh claim counts, against the counter it names.
pub async fn only_a_fresh_claim_counts(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker.write(claim(9, None)).await;
    assert_eq!(counter(&storage, 1).await, None);
    worker.write(claim(0, Some("writes/1"))).await;
    assert_eq!(counter(&storage, 1).await, Some((1, "1".to_owned())));
    worker.write(claim(0, Some("writes/1"))).await;
    worker.write(finish(0, performed())).await;
    worker.write(claim(0, Some("writes/1"))).await;
    assert_eq!(counter(&storage, 1).await, Some((1, "1".to_owned())));
    worker
        .commit(vec![claim(1, Some("writes/1")), claim(2, Some("writes/1"))])
        .await;
    assert_eq!(counter(&storage, 1).await, Some((3, "3".to_owned())));
    assert_eq!(counter(&storage, 2).await, None);
}

/// Claim and count are one commit with the rest: all of it or nothing.
pub async fn a_failed_commit_claims_and_counts_nothing(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let broken = vec![claim(0, Some("writes/1")), finish(7, performed())];
    assert_eq!(worker.refused(broken).await, Kind::NotFound);
    assert_eq!(counter(&storage, 1).await, None);
    assert_eq!(
        worker.write(claim(0, None)).await,
        Wrote::Claimed(Claim::Fresh)
    );
}

/// What was never claimed cannot be finished.
pub async fn only_what_was_claimed_is_finished(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    assert_eq!(
        worker.refused(vec![finish(0, performed())]).await,
        Kind::NotFound
    );
}

/// The claims of a run are listed by place, ten after nine, and no others.
pub async fn the_claims_of_a_run_are_listed_by_place(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .commit(vec![claim(10, None), claim(9, None), claim(0, None)])
        .await;
    worker.write(finish(9, EffectResult::Unknown)).await;
    let other = RunId::new("fedcba9876543210fedcba98");
    let of_other = Write::Claim {
        key: ActionKey::of_run(&other, 0),
        run: other,
        index: 0,
        count: None,
        repo: repo_key(1),
    };
    worker.write(of_other).await;
    let row = |index, result| ClaimRow {
        index,
        key: key(index),
        result,
    };
    let wanted = [
        row(0, None),
        row(9, Some(EffectResult::Unknown)),
        row(10, None),
    ];
    let claims = storage.claims(&run_id()).await;
    assert_eq!(claims.expect("claims can be read"), wanted);
}
