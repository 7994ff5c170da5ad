//! The operator's switch: nothing is said or done while it is on.

use caretaker_core::model::{LookVerdict, Refusal, Span};

use crate::{ask, ends, is_untouched, is_warned_once, quiet};

#[tokio::test]
async fn while_paused_everything_is_held_and_afterwards_it_is_done() {
    let mut story = quiet().await;
    story.switch(true)();
    ask(&mut story);
    story.settle().await;
    is_untouched(&story);
    let reviewed = story.last("stale").reviewed.unwrap();
    assert!(reviewed.allowed.is_empty());
    assert!(
        reviewed
            .held
            .iter()
            .all(|held| held.refusal == Refusal::Paused)
    );
    story.switch(false)();
    ask(&mut story);
    story.settle().await;
    is_warned_once(&story);
}

/// As when a run closes after the operator has resumed and the journal was searched.
#[tokio::test]
async fn what_nobody_looks_at_when_a_pause_ends_is_looked_at_by_and_by() {
    let mut story = quiet().await;
    story.switch(true)();
    ask(&mut story);
    story.settle().await;
    story.advance(Span::hours(1)).await;
    is_untouched(&story);
    let looks = story.runs_of("stale").len();
    assert!((2..=6).contains(&looks), "{looks} looks in an hour");
    story.switch(false)();
    story.advance(Span::hours(2)).await;
    is_warned_once(&story);
}

#[tokio::test]
async fn a_pause_between_decision_and_effect_prevents_every_write() {
    let mut story = quiet().await;
    let pause = story.switch(true);
    story.faulty().before("forge.read Fresh", pause);
    ask(&mut story);
    story.settle().await;
    is_untouched(&story);
    let overtaken = &story.runs_of("stale")[0];
    let seen = overtaken.looked.as_ref().map(|looked| &looked.verdict);
    let changed = LookVerdict::Changed(vec!["pause".to_owned()]);
    assert_eq!(seen, Some(&changed), "{}", story.journal());
    assert_eq!(ends(&story), ["warn overtaken", "warn decided"]);
}
