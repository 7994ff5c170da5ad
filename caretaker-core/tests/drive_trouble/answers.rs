//! Answers that are neither an outage nor a fact: unintelligible ones, and "somebody was faster".

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use caretaker_core::drive;
use caretaker_core::merge_gate::MergePermit;
use caretaker_core::model::{
    ActionKey, Answer, Event, ForgeAction, ForgeQuery, Merge, Outcome, Receipt, RepoRef, RunId,
    Settle, Span,
};
use caretaker_core::ports::{Forge, Freshness, Kind, PortError, Settled, Write};

use crate::{ask, ends, is_warned_once, quiet};

/// A forge whose configuration file cannot be understood, or whose first write comes too late.
struct Odd {
    forge: Arc<dyn Forge>,
    config_is_corrupt: bool,
    write_conflicts: AtomicBool,
}

#[async_trait]
impl Forge for Odd {
    async fn read(
        &self,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        freshness: Freshness,
    ) -> Vec<Result<Answer, PortError>> {
        if self.config_is_corrupt && queries.contains(&ForgeQuery::ConfigFile) {
            return vec![Err(PortError::new("forge.read.config_file", Kind::Corrupt))];
        }
        self.forge.read(repo, queries, freshness).await
    }
    async fn write(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        if self.write_conflicts.swap(false, Ordering::SeqCst) {
            return Err(PortError::new("forge.write", Kind::Conflict));
        }
        self.forge.write(repo, action, key).await
    }
    async fn settle(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Settled, PortError> {
        self.forge.settle(repo, action, key).await
    }
    async fn merge(
        &self,
        repo: &RepoRef,
        permit: &MergePermit,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        self.forge.merge(repo, permit, key).await
    }
    async fn settle_merge(&self, repo: &RepoRef, merge: &Merge) -> Result<Settled, PortError> {
        self.forge.settle_merge(repo, merge).await
    }
}

fn odd(forge: Arc<dyn Forge>, config_is_corrupt: bool, write_conflicts: bool) -> Arc<dyn Forge> {
    let write_conflicts = AtomicBool::new(write_conflicts);
    Arc::new(Odd {
        forge,
        config_is_corrupt,
        write_conflicts,
    })
}

#[tokio::test]
async fn an_unintelligible_configuration_leaves_the_last_good_one_in_force() {
    let mut story = quiet().await;
    story.wrap_forge(|forge| odd(forge, true, false));
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story), ["warn decided"], "{}", story.journal());
    is_warned_once(&story);
}

#[tokio::test]
async fn a_write_that_came_too_late_is_decided_afresh_and_not_given_up() {
    let mut story = quiet().await;
    story.wrap_forge(|forge| odd(forge, false, true));
    ask(&mut story);
    story.settle().await;
    assert_eq!(
        ends(&story),
        ["warn interrupted", "warn decided"],
        "{}",
        story.journal()
    );
    is_warned_once(&story);
}

#[tokio::test]
async fn handling_that_never_ends_in_time_is_buried_after_three_days() {
    let mut story = quiet().await;
    story.expect_burials();
    ask(&mut story);
    let (ports, worker) = (story.plain_ports().clone(), story.worker().clone());
    for days in [0, 3] {
        story.advance_only(Span::days(days));
        let now = ports.clock.now();
        let taken = ports
            .storage
            .take(worker.lease.fence(), now, 1)
            .await
            .unwrap();
        let how = drive::put_off(&ports, &worker, &taken[0], "it took too long", false);
        let buried = matches!(how.await.unwrap(), Settle::Buried(_));
        assert_eq!(buried, days == 3);
    }
    let outcome = story.last("intake").outcome;
    assert_eq!(
        outcome,
        Some(Outcome::Buried("it took too long".to_owned()))
    );
}

/// Two looks wait together; an earlier handling has answered the younger for this agent and left
/// the older open.
#[tokio::test]
async fn an_event_that_is_answered_already_answers_for_the_older_ones_beside_it() {
    let mut story = quiet().await;
    ask(&mut story);
    story.settle().await;
    is_warned_once(&story);
    let model = story.last("stale");
    ask(&mut story);
    ask(&mut story);
    let (ports, worker) = (story.plain_ports().clone(), story.worker().clone());
    let (fence, now) = (worker.lease.fence(), story.now());
    let taken = ports.storage.take(fence, now, 1).await.unwrap();
    let taken = taken.into_iter().next().unwrap();
    let (older, younger) = (&taken.item.event, &taken.joined[0].event);
    let run = |event: &Event, outcome: Option<Outcome>| {
        let mut run = model.clone();
        run.id = RunId::derive(&event.id, &run.agent, 0, 1);
        run.task.event = event.clone();
        run.closed_at = outcome.is_some().then_some(now);
        (run.outcome, run.looked, run.effects) = (outcome, None, Vec::new());
        Box::new(run)
    };
    let before = vec![
        Write::Step(run(older, None)),
        Write::Close(run(younger, Some(Outcome::Decided))),
    ];
    ports.storage.commit(Some(fence), before).await.unwrap();
    drive::handle(&ports, &worker, &taken).await.unwrap();
    assert_eq!(story.open_runs(), [], "{}", story.journal());
    let answered = story.last("stale");
    assert_eq!(&answered.task.event, older);
    let by = Outcome::Superseded(younger.id.clone());
    assert_eq!(answered.outcome, Some(by));
}
