//! Defects of our own: panics, questions without end, handling that dies.

use caretaker_core::agents::{Agent, Input, Manifest};
use caretaker_core::drive;
use caretaker_core::drive::decide::{self, Taken as How};
use caretaker_core::model::{
    Class, Decision, ForgeQuery, Halt, Item, Json, Outcome, Settle, Span, Timestamp,
};

use crate::{ask, ends, is_untouched, quiet};

/// An agent with a defect.
struct Panics;

impl Agent for Panics {
    fn manifest(&self) -> &'static Manifest {
        caretaker_core::agents::by_name("stale")
            .expect("stale is registered")
            .manifest()
    }
    fn decide(&self, _input: &Input<'_>) -> Result<Decision, Halt> {
        panic!("a defect")
    }
    fn wants(&self, _row: &Item, _params: &Json, _now: Timestamp) -> Result<bool, Halt> {
        Ok(true)
    }
}

#[tokio::test]
async fn a_panic_stays_in_the_run_in_which_it_happened() {
    let mut story = quiet().await;
    ask(&mut story);
    story.settle().await;
    story.comments_of_bot(2);
    let task = story.last("stale").task;
    let repo = story.repo();
    let deciding = decide::decide(story.plain_ports(), &repo, Class::Event, &Panics, &task).await;
    let How::Faulty(text) = deciding.taken else {
        panic!("{:?}", deciding.taken)
    };
    assert_eq!(text, "panicked: a defect");
}

/// A forge that leaves out answers makes an agent ask for ever.
#[tokio::test]
async fn a_defect_is_tried_five_times_and_buried() {
    let mut story = quiet().await;
    story.expect_burials();
    story.faulty().alter(|queries, answers| {
        let config = queries.contains(&ForgeQuery::ConfigFile);
        if config { answers } else { Vec::new() }
    });
    ask(&mut story);
    story.settle().await;
    let words: Vec<_> = ends(&story);
    assert_eq!(
        words,
        [["- panicked"; 4].as_slice(), &["- buried"]].concat()
    );
    is_untouched(&story);
}

#[tokio::test]
async fn an_item_that_kills_its_handling_five_times_is_buried_with_a_record() {
    let mut story = quiet().await;
    story.expect_burials();
    ask(&mut story);
    let (ports, worker) = (story.plain_ports().clone(), story.worker().clone());
    for time in 1..=5 {
        let taken = ports
            .storage
            .take(worker.lease.fence(), ports.clock.now(), 1)
            .await
            .unwrap();
        let how = drive::put_off(&ports, &worker, &taken[0], "it panicked", true)
            .await
            .unwrap();
        assert_eq!(matches!(how, Settle::Buried(_)), time == 5, "{how:?}");
        story.advance_only(Span::hours(1));
    }
    assert_eq!(
        story.last("intake").outcome,
        Some(Outcome::Buried("it panicked".to_owned()))
    );
}
