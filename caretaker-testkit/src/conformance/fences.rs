//! Commits: who may write what, all of it or nothing.

use std::sync::Arc;

use caretaker_core::model::{
    ActionKey, AgentName, BlobRef, DedupKey, EffectResult, EventId, Json, Learned, Outcome, Pause,
    RepoFacts, RunId, Settle, ids,
};
use caretaker_core::ports::{Claim, Filter, Kind, Storage, Write, Wrote};

use super::worker::{Worker, accept, expand, settle};
use crate::samples::{at, closed, delivery, issue, item, repo, repo_key, run};

/// One of each write that takes a fence.
fn fenced_writes() -> Vec<Write> {
    let run_id = RunId::new("0123456789abcdef01234567");
    let key = ActionKey::of_run(&run_id, 0);
    vec![
        expand("kept", vec![item("kept/0", 1, issue(7))]),
        Write::BuryDelivery {
            delivery: DedupKey::new("kept"),
            record: Box::new(closed(
                run("b", "intake"),
                Outcome::Buried("why".to_owned()),
            )),
        },
        settle("taken", Settle::Done),
        Write::Claim {
            run: run_id,
            index: 0,
            key: key.clone(),
            count: None,
            repo: repo_key(1),
        },
        Write::Finish {
            key,
            result: EffectResult::Unknown,
        },
        Write::Put {
            repo: repo_key(1),
            key: "k".to_owned(),
            expect: None,
            value: Json::parse("1").expect("samples are JSON"),
        },
        Write::Step(Box::new(run("c", "stale"))),
        Write::Close(Box::new(closed(run("d", "stale"), Outcome::Decided))),
        Write::Recheck {
            repo: repo_key(1),
            subject: issue(7),
            agent: AgentName::new("stale"),
            at: Some(at(0)),
        },
        Write::Blob {
            blob: BlobRef {
                sha256: ids::content_hash(b"{}"),
                bytes: 2,
            },
            text: "{}".to_owned(),
        },
        Write::CoolDown {
            installation: None,
            until: at(60),
        },
    ]
}

/// What everybody may write.
fn open_writes() -> Vec<Write> {
    vec![
        accept("open", 9),
        Write::Enqueue(Box::new(item("open", 1, issue(8)))),
        Write::Drop(DedupKey::new("none")),
        Write::Learn(Learned::Known(repo(1), RepoFacts::default())),
        Write::Pause {
            repo: Some(repo_key(1)),
            pause: Some(Pause {
                at: at(0),
                by: "op".to_owned(),
                why: None,
            }),
        },
    ]
}

async fn nothing_of_it_is_kept(storage: &Arc<dyn Storage>) {
    let read = "everything can be read";
    assert_eq!(
        storage.delivery(&DedupKey::new("open")).await.expect(read),
        None
    );
    assert_eq!(storage.item(&EventId::new("open")).await.expect(read), None);
    assert_eq!(storage.by_key(&repo_key(1)).await.expect(read), None);
    assert_eq!(storage.unexpanded(9).await.expect(read), [delivery("kept")]);
    assert_eq!(
        storage.item(&EventId::new("kept/0")).await.expect(read),
        None
    );
    assert_eq!(storage.value(&repo_key(1), "k").await.expect(read), None);
    assert_eq!(storage.pauses().await.expect(read), []);
    assert_eq!(
        storage.blob(&ids::content_hash(b"{}")).await.expect(read),
        None
    );
    assert_eq!(storage.due_rechecks(at(99), 9).await.expect(read), []);
    assert_eq!(storage.open_runs(9).await.expect(read), []);
    assert!(
        storage
            .closed(&Filter::default(), 0, 9)
            .await
            .expect(read)
            .is_empty()
    );
    let claimed = storage
        .claims(&RunId::new("0123456789abcdef01234567"))
        .await;
    assert_eq!(claimed.expect(read), []);
    assert_eq!(storage.depth().await.expect(read).buried, 0);
}

/// A worker with a delivery to expand and an item in hands, so that every write could succeed.
async fn prepared(storage: &Arc<dyn Storage>) -> Worker {
    let worker = Worker::start(storage).await;
    worker.commit(vec![accept("kept", 9)]).await;
    worker.enqueue(item("taken", 1, issue(9))).await;
    worker.take_one(at(0)).await;
    worker
}

/// A commit under a fence that was followed by a higher one is refused, whatever it holds, and
/// nothing of it is kept.
pub async fn a_commit_under_a_lower_fence_keeps_nothing(storage: Arc<dyn Storage>) {
    let old = prepared(&storage).await;
    let new = Worker::start(&storage).await;
    for write in fenced_writes().into_iter().chain(open_writes()) {
        let refused = format!("{write:?}");
        assert_eq!(old.refused(vec![write]).await, Kind::Fenced, "{refused}");
    }
    assert_eq!(
        old.refused([open_writes(), fenced_writes()].concat()).await,
        Kind::Fenced
    );
    nothing_of_it_is_kept(&storage).await;
    new.commit(open_writes()).await;
}

/// Nothing is taken under a lower fence either.
pub async fn nothing_is_taken_under_a_lower_fence(storage: Arc<dyn Storage>) {
    let old = prepared(&storage).await;
    let new = Worker::start(&storage).await;
    let taken = storage.take(old.fence, at(0), 9).await;
    assert_eq!(taken.expect_err("it was taken over").kind, Kind::Fenced);
    assert_eq!(new.take_ids(at(0), 9).await, ["taken"]);
}

/// Without a fence deliveries, items, lessons and pauses are kept.
pub async fn the_door_writes_without_a_fence(storage: Arc<dyn Storage>) {
    prepared(&storage).await;
    let wrote = storage.commit(None, open_writes()).await;
    let wanted = [
        Wrote::Accepted,
        Wrote::Queued,
        Wrote::Known,
        Wrote::Done,
        Wrote::Done,
    ];
    assert_eq!(wrote.expect("the door may write"), wanted);
}

/// Without a fence every other write is refused, and nothing of its commit is kept.
pub async fn other_writes_need_a_fence(storage: Arc<dyn Storage>) {
    prepared(&storage).await;
    for write in fenced_writes() {
        let refused = format!("{write:?}");
        let mut writes = open_writes();
        writes.push(write);
        let error = storage.commit(None, writes).await;
        let kind = error.expect_err("it takes a fence").kind;
        assert_eq!(kind, Kind::Invalid, "{refused}");
    }
    nothing_of_it_is_kept(&storage).await;
}

/// One write that fails at the end takes every kind of write before it along.
pub async fn a_failed_write_takes_the_others_along(storage: Arc<dyn Storage>) {
    let worker = prepared(&storage).await;
    let mut writes = open_writes();
    writes.extend(fenced_writes());
    writes.push(settle("nobody", Settle::Done));
    assert_eq!(worker.refused(writes).await, Kind::NotFound);
    nothing_of_it_is_kept(&storage).await;
    worker.settle("taken", Settle::Done).await;
}

/// Every kind of write goes into one commit; results stand in the order of the writes.
pub async fn results_stand_in_the_order_of_the_writes(storage: Arc<dyn Storage>) {
    let worker = prepared(&storage).await;
    let wrote = worker
        .commit([open_writes(), fenced_writes()].concat())
        .await;
    let mut wanted = vec![Wrote::Accepted, Wrote::Queued, Wrote::Known];
    wanted.extend(std::iter::repeat_n(Wrote::Done, 5));
    wanted.push(Wrote::Claimed(Claim::Fresh));
    wanted.push(Wrote::Done);
    wanted.push(Wrote::Version(1));
    wanted.extend(std::iter::repeat_n(Wrote::Done, 5));
    assert_eq!(wrote, wanted);
    assert_eq!(worker.commit(Vec::new()).await, []);
}
