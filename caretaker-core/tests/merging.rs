//! Merging through the driver: at the head that was looked at, once, or not.

use caretaker_core::model::{EffectResult, LookVerdict, Outcome, Run, Span};
use caretaker_testkit::faulty::Cut;
use caretaker_testkit::story::Story;
use caretaker_testkit::world::{Fault, Protection};

const REPO: &str = "octo/widgets";

fn merges(story: &Story) -> usize {
    story.log().effects().on("merge").count()
}

/// That it was merged once, and all along there is one comment of ours, whatever it says by now.
#[track_caller]
fn merged_once(story: &Story, number: u64) {
    assert_eq!(merges(story), 1, "{}", story.journal());
    speaks_once(story, number);
}

/// All along there is one comment of ours, whatever it says by now.
fn speaks_once(story: &Story, number: u64) {
    let comments = story.comments_of_bot(number);
    assert_eq!(comments.len(), 1, "{comments:?}");
    story.comments_of_bot(1);
}

/// What came of the merges that were tried.
fn came(story: &Story) -> Vec<EffectResult> {
    let runs = story.runs_of("pr").into_iter();
    let tried = runs.filter(|run| {
        let decision = run.decision.as_ref();
        decision.is_some_and(|decision| decision.verdict == "merge")
    });
    let last = |run: Run| run.effects.last().map(|effect| effect.result.clone());
    tried.filter_map(last).collect()
}

#[tokio::test]
async fn what_is_ready_and_ours_is_merged_once() {
    let (mut story, number) = Story::without_approval().await;
    assert_eq!(merges(&story), 0, "{}", story.journal());
    story.approve(number).await;
    assert_eq!(merges(&story), 1, "{}", story.journal());
    assert!(story.ends("pr").contains(&"merge decided".to_owned()));
    assert_eq!(story.ends("pr").last().unwrap(), "done decided");
    speaks_once(&story, number);
}

#[tokio::test]
async fn a_push_between_look_and_merge_is_answered_409_and_nothing_is_merged() {
    let (mut story, number) = Story::without_approval().await;
    story.fault(Fault::on("merge").push_first(REPO, number));
    story.approve(number).await;
    assert_eq!(merges(&story), 0, "{}", story.log());
    assert_eq!(came(&story), [EffectResult::Refused(409)]);
    story.pass(number).await;
    merged_once(&story, number);
}

#[tokio::test]
async fn what_changes_between_decision_and_look_prevents_the_merge() {
    type Change = fn(&Story, u64) -> Box<dyn FnOnce() + Send>;
    let changes: [(&str, Change); 4] = [
        ("hold", |story, number| {
            let world = story.world();
            Box::new(move || world.label(number, "bob", "caretaker:hold"))
        }),
        ("changes_requested", |story, number| {
            let world = story.world();
            Box::new(move || {
                world.review(number, "bob").request_changes();
            })
        }),
        ("pause", |story, _| Box::new(story.switch(true))),
        ("quarantine", |story, number| {
            let world = story.world();
            Box::new(move || world.label(number, "bob", "agent:quarantine"))
        }),
    ];
    for (what, change) in changes {
        let (mut story, number) = Story::without_approval().await;
        let change = change(&story, number);
        story.faulty().before("forge.read Fresh", change);
        story.approve(number).await;
        assert_eq!(merges(&story), 0, "{what}: {}", story.journal());
        let runs = story.runs_of("pr");
        let overtaken = runs
            .iter()
            .find(|run| run.outcome == Some(Outcome::Overtaken));
        let looked = overtaken.and_then(|run| run.looked.as_ref());
        let Some(LookVerdict::Changed(words)) = looked.map(|looked| &looked.verdict) else {
            panic!("{what}: {}", story.journal())
        };
        assert!(words.iter().any(|word| word == what), "{what}: {words:?}");
        speaks_once(&story, number);
    }
}

#[tokio::test]
async fn a_pause_between_look_and_merge_stops_the_merge_until_it_ends() {
    let (mut story, number) = Story::without_approval().await;
    let pause = story.switch(true);
    story.faulty().before("forge.write publish", pause);
    story.approve(number).await;
    assert_eq!(came(&story)[0], EffectResult::NotPerformed);
    story.advance(Span::minutes(10)).await;
    assert_eq!(merges(&story), 0, "{}", story.journal());
    story.switch(false)();
    story.pass(number).await;
    merged_once(&story, number);
}

#[tokio::test]
async fn a_lost_reply_or_a_death_around_the_merge_merges_once() {
    for cut in Cut::ALL {
        let (mut story, number) = Story::without_approval().await;
        story.faulty().cut_on("forge.merge", cut);
        story.approve(number).await;
        story.advance(Span::minutes(10)).await;
        assert_eq!(merges(&story), 1, "{cut:?}: {}", story.journal());
        speaks_once(&story, number);
    }
}

#[tokio::test]
async fn a_refused_merge_is_no_error_and_is_tried_again_ever_more_rarely() {
    let (mut story, number) = Story::without_approval().await;
    story.fault(Fault::on("merge").fail_before(405).times(3));
    story.approve(number).await;
    assert_eq!(came(&story), [EffectResult::Refused(405)]);
    assert_eq!(story.ends("pr").last().unwrap(), "merge decided");
    story.advance(Span::seconds(31)).await;
    assert_eq!(came(&story).len(), 2, "after 30 s: {}", story.journal());
    story.advance(Span::seconds(31)).await;
    assert_eq!(came(&story).len(), 2, "not yet a minute");
    story.advance(Span::seconds(31)).await;
    assert_eq!(came(&story).len(), 3, "after a minute");
    story.advance(Span::minutes(3)).await;
    merged_once(&story, number);
}

#[tokio::test]
async fn a_permit_that_ran_out_merges_nothing_and_it_is_decided_afresh() {
    let (mut story, number) = Story::without_approval().await;
    let late = story.correct_clock(Span::seconds(61));
    story.faulty().before("forge.write publish", late);
    story.approve(number).await;
    let came = came(&story);
    assert_eq!(came[0], EffectResult::NotPerformed, "{came:?}");
    assert_eq!(merges(&story), 1, "decided afresh: {}", story.journal());
    speaks_once(&story, number);
}

#[tokio::test]
async fn a_branch_with_a_queue_is_merged_through_it_and_what_it_gives_back_is_not_pressed() {
    let (mut story, number) = Story::without_approval().await;
    let queue = Protection {
        queue: true,
        ..Protection::default()
    };
    story.world().ruleset("main", queue);
    story.approve(number).await;
    assert!(story.world().is_queued(number), "{}", story.journal());
    assert_eq!(came(&story).len(), 1, "no other way was tried");
    story.world().give_back(number);
    story.pass(number).await;
    story.advance(Span::minutes(50)).await;
    assert!(!story.world().is_queued(number), "{}", story.journal());
    assert_eq!(merges(&story), 1);
    story.advance(Span::minutes(20)).await;
    assert!(story.world().is_queued(number), "{}", story.journal());
    story.world().merge_queued(number);
    assert_eq!(merges(&story), 2);
    speaks_once(&story, number);
}
