//! Answers that are neither an outage nor a fact: unintelligible ones, and "somebody was faster".

use caretaker_core::drive;
use caretaker_core::model::{Event, ForgeQuery, Outcome, RunId, Settle, Span};
use caretaker_core::ports::{Kind, PortError, Write};

use crate::{ask, ends, is_warned_once, quiet};

#[tokio::test]
async fn an_unintelligible_configuration_leaves_the_last_good_one_in_force() {
    let mut story = quiet().await;
    story.faulty().alter(|queries, answers| {
        if queries.contains(&ForgeQuery::ConfigFile) {
            vec![Err(PortError::new("forge.read.config_file", Kind::Corrupt))]
        } else {
            answers
        }
    });
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story), ["warn decided"], "{}", story.journal());
    is_warned_once(&story);
}

#[tokio::test]
async fn a_write_that_came_too_late_is_decided_afresh_and_not_given_up() {
    let mut story = quiet().await;
    story.faulty().fail_on("forge.write", Kind::Conflict);
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
