//! What GitHub could not deliver is taken from its own log, once.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there, in its helpers too"
)]

use std::sync::Arc;

use caretaker_core::drive::missed::{Bounds, KEPT, Missed, Swept};
use caretaker_core::intake::AllowList;
use caretaker_core::model::{AppId, BacklogLimits, DedupKey, Depth, EventKind, Span};
use caretaker_core::ports::{Kind, PortError};
use caretaker_testkit::story::Story;
use caretaker_testkit::world::{Fault, Hook};

const APP: AppId = AppId::new(7);
const BOUNDS: Bounds = Bounds {
    reach: KEPT,
    pages: 100,
    max_body: 1 << 20,
    backlog: BacklogLimits::NONE,
};

fn missed(story: &Story, allowed: &[&str], bounds: Bounds) -> Missed {
    let allow_list = AllowList::parse(allowed).unwrap();
    Missed::new(Arc::new(story.world()), APP, allow_list, bounds)
}

async fn sweep(story: &Story, missed: &Missed) -> Result<Swept, PortError> {
    missed.sweep(story.plain_ports(), story.worker()).await
}

/// Whether each is kept, and closed.
async fn is_closed(story: &Story, hooks: &[Hook]) -> bool {
    let ports = story.plain_ports();
    let depth: Depth = ports.storage.depth().await.unwrap();
    for hook in hooks {
        if ports.storage.delivery(&key(hook)).await.unwrap().is_none() {
            return false;
        }
    }
    (depth.deliveries, depth.waiting, depth.buried) == (0, 0, 0)
}

fn key(hook: &Hook) -> DedupKey {
    let headers = hook.headers("s");
    let named = caretaker_core::intake::Headers::read(|name| {
        let mut headers = headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    });
    named.unwrap().dedup_key()
}

#[tokio::test]
async fn what_did_not_arrive_is_taken_from_the_log_in_as_many_calls_as_it_needs() {
    let mut story = Story::new();
    story.settle().await;
    let before = story.deliveries().len();
    for number in 0..250 {
        story.label(2, "alice", &format!("l{number}"));
    }
    assert_eq!(story.turn_away(502), 250);
    story.advance_only(Span::days(1));
    let bounds = Bounds { pages: 1, ..BOUNDS };
    let missed = missed(&story, &["octo"], bounds);
    let mut accepted = Vec::new();
    loop {
        let swept = sweep(&story, &missed).await.unwrap();
        accepted.push(swept.accepted);
        assert_eq!((swept.lost.len(), swept.gap), (0, None));
        if !swept.more {
            break;
        }
    }
    assert_eq!(accepted, [100, 100, 50]);
    story.settle().await;
    assert!(is_closed(&story, &story.deliveries()[before..]).await);
    let read = story.log().on("read delivery").count();
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 0);
    assert_eq!(
        story.log().on("read delivery").count(),
        read,
        "nothing is fetched twice"
    );
}

#[tokio::test]
async fn what_arrived_though_github_does_not_know_it_is_not_done_again() {
    let mut story = Story::new();
    story.label(2, "alice", "bug");
    story.settle().await;
    let guid = story.deliveries().pop().unwrap().guid;
    assert!(story.redeliver(&guid));
    assert_eq!(story.turn_away(504), 1);
    let runs = story.journal();
    let missed = missed(&story, &["octo"], BOUNDS);
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 0);
    story.settle().await;
    assert_eq!(story.journal(), runs);
}

#[tokio::test]
async fn what_arrived_at_the_second_attempt_is_not_fetched() {
    let story = Story::new();
    story.turn_away(202);
    story.label(2, "alice", "bug");
    story.turn_away(503);
    let guid = story.deliveries().pop().unwrap().guid;
    assert!(story.redeliver(&guid));
    story.turn_away(202);
    let missed = missed(&story, &["octo"], BOUNDS);
    assert_eq!(sweep(&story, &missed).await.unwrap(), Swept::default());
    assert_eq!(story.log().on("read delivery").count(), 0);
}

#[tokio::test]
async fn what_the_log_does_not_show_is_sent_again_once() {
    let mut story = Story::new();
    story.settle().await;
    story.label(2, "alice", "bug");
    story.turn_away(502);
    story.hide_sent(true);
    let missed = missed(&story, &["octo"], BOUNDS);
    assert_eq!(sweep(&story, &missed).await.unwrap().repeated, 1);
    story.turn_away(502);
    let swept = sweep(&story, &missed).await.unwrap();
    assert_eq!((swept.repeated, swept.lost.len()), (0, 1));
    story.hide_sent(false);
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 1);
    story.settle().await;
}

#[tokio::test]
async fn whom_the_door_turns_away_comes_in_by_no_other_way() {
    let mut story = Story::new();
    story.settle().await;
    story.label(2, "alice", "one");
    story.label(2, "alice", "two");
    story.turn_away(403);
    let missed = missed(&story, &["somebody-else"], BOUNDS);
    let swept = sweep(&story, &missed).await.unwrap();
    assert_eq!((swept.accepted, swept.unlisted), (0, 1));
    assert_eq!(
        story.log().on("read delivery").count(),
        1,
        "one shows that none may"
    );
    sweep(&story, &missed).await.unwrap();
    assert_eq!(story.log().on("read delivery").count(), 1);
}

#[tokio::test]
async fn a_command_that_comes_late_this_way_has_expired() {
    let mut story = Story::new();
    story.settle().await;
    let comment = story.comment(1, "bob", "@caretaker hold");
    story.turn_away(502);
    story.advance_only(Span::hours(1));
    let missed = missed(&story, &["octo"], BOUNDS);
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 1);
    story.settle().await;
    assert_eq!(story.outcomes("commands"), ["expired"]);
    story.comments_of_bot(1);
    let reactions = story.reactions(comment).into_iter();
    let words: Vec<_> = reactions.map(|(_, word)| word).collect();
    assert_eq!(words, ["confused"]);
}

#[tokio::test]
async fn what_lies_before_the_log_is_answered_by_one_look_at_every_repository() {
    let mut story = Story::new();
    story.settle().await;
    let missed = missed(&story, &["octo"], BOUNDS);
    assert_eq!(sweep(&story, &missed).await.unwrap(), Swept::default());
    let looked = story.now();
    story.advance_only(KEPT + Span::hours(1));
    let swept = sweep(&story, &missed).await.unwrap();
    assert_eq!(swept.gap, Some(looked));
    story.settle_once().await;
    let ticks = story.runs_of("fan_out").into_iter();
    let ticks = ticks.filter(|run| run.task.event.kind == EventKind::Ticked);
    assert_eq!(ticks.count(), 1, "{}", story.journal());
    assert_eq!(sweep(&story, &missed).await.unwrap().gap, None);
    story.settle().await;
    let comments = story.comments_of_bot(1);
    assert_eq!(comments.len(), 1, "pull requests are looked at too");
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_told_and_read_later() {
    let mut story = Story::new();
    story.settle().await;
    story.label(2, "alice", "bug");
    story.turn_away(502);
    let missed = missed(&story, &["octo"], BOUNDS);
    let wait = Span::seconds(90);
    story.fault(Fault::on("read deliveries").rate_limit(Some(wait)));
    let error = sweep(&story, &missed).await.unwrap_err();
    assert_eq!(error.kind, Kind::RateLimited(Some(wait)));
    let since = story.now();
    story.advance_only(wait);
    story.fault(Fault::on("read deliveries").fail_before(503));
    let error = sweep(&story, &missed).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unavailable);
    let position = Missed::position(story.plain_ports())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(position.unread.unwrap().since, since);
    assert_eq!(position.looked, None);
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 1);
    let position = Missed::position(story.plain_ports())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (position.unread, position.looked),
        (None, Some(story.now()))
    );
    story.settle().await;
}

#[tokio::test]
async fn a_failure_in_the_middle_keeps_what_was_taken_and_goes_on() {
    let mut story = Story::new();
    story.settle().await;
    for number in 0..5 {
        story.label(2, "alice", &format!("l{number}"));
    }
    story.turn_away(502);
    let missed = missed(&story, &["octo"], BOUNDS);
    story.fault(Fault::on("read delivery").nth(4).fail_before(503));
    sweep(&story, &missed).await.unwrap_err();
    let kept = story
        .plain_ports()
        .storage
        .depth()
        .await
        .unwrap()
        .deliveries;
    assert_eq!(kept, 3);
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 2);
    assert_eq!(story.log().on("read delivery").count(), 6);
    story.settle().await;
}

#[tokio::test]
async fn a_cursor_that_github_takes_no_more_does_not_stand_in_the_way() {
    let mut story = Story::new();
    story.settle().await;
    for number in 0..150 {
        story.label(2, "alice", &format!("l{number}"));
    }
    story.turn_away(502);
    let bounds = Bounds { pages: 1, ..BOUNDS };
    let missed = missed(&story, &["octo"], bounds);
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 100);
    story.fault(Fault::on("read deliveries").fail_before(422));
    sweep(&story, &missed).await.unwrap_err();
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 0);
    assert_eq!(sweep(&story, &missed).await.unwrap().accepted, 50);
    story.settle().await;
}

#[tokio::test]
async fn a_full_queue_is_filled_no_further_and_nothing_is_lost() {
    let mut story = Story::new();
    story.settle().await;
    for number in 0..5 {
        story.label(2, "alice", &format!("l{number}"));
    }
    story.turn_away(502);
    let narrow = missed(
        &story,
        &["octo"],
        Bounds {
            backlog: BacklogLimits::of(2),
            ..BOUNDS
        },
    );
    let swept = sweep(&story, &narrow).await.unwrap();
    assert_eq!((swept.accepted, swept.full), (2, true));
    story.settle().await;
    let wide = missed(&story, &["octo"], BOUNDS);
    assert_eq!(sweep(&story, &wide).await.unwrap().accepted, 3);
    story.settle().await;
}

#[tokio::test]
async fn what_was_read_of_another_apps_log_says_nothing_of_this_one() {
    let mut story = Story::new();
    story.settle().await;
    story.label(2, "alice", "bug");
    story.turn_away(502);
    story.advance_only(Span::hours(1));
    let world = Arc::new(story.world());
    let other = Missed::new(
        world,
        AppId::new(8),
        AllowList::parse(&["x"]).unwrap(),
        BOUNDS,
    );
    assert_eq!(sweep(&story, &other).await.unwrap().unlisted, 1);
    let ours = missed(&story, &["octo"], BOUNDS);
    assert_eq!(sweep(&story, &ours).await.unwrap().accepted, 1);
    story.settle().await;
}
