//! The driver seen from outside, mostly through stories about the agent `stale`: what it does with
//! one event when nothing goes wrong with it. What goes wrong is in `drive_trouble`.

use caretaker_core::model::{EventKind, Mode, Number, Outcome, Refusal, Span, Subject};
use caretaker_testkit::story::{LONG, STALE_ONLY, Story};

fn issue(number: u64) -> Subject {
    Subject::Issue(Number::new(number))
}

#[tokio::test]
async fn without_a_configuration_it_is_observed_only_and_says_what_it_would_do() {
    let mut story = Story::unconfigured();
    story.check(1, "ci").pass();
    story.settle().await;
    story.advance(LONG).await;
    story.request(&story.repo(), issue(2), &["stale"]);
    story.settle().await;
    for (agent, verdict) in [("pr", "wait"), ("stale", "warn")] {
        let run = story.last(agent);
        assert_eq!(run.decision.as_ref().unwrap().verdict, verdict);
        let reviewed = run.reviewed.unwrap();
        assert!(reviewed.allowed.is_empty());
        assert!(reviewed.held.iter().all(|held| {
            matches!(
                held.refusal,
                Refusal::Mode {
                    is: Mode::Observe,
                    ..
                }
            )
        }));
        assert_eq!(reviewed.held.len(), run.decision.unwrap().actions.len());
        assert_eq!(run.outcome, Some(Outcome::Decided));
    }
    assert!(story.log().writes().is_empty(), "{}", story.log());
}

#[tokio::test]
async fn an_agent_that_may_act_warns_a_quiet_issue_on_a_tick() {
    let mut story = Story::quiet(STALE_ONLY).await;
    story.tick().await;
    assert_eq!(story.comments_of_bot(2).len(), 1);
    assert_eq!(story.labels(2), ["stale"]);
    assert_eq!(story.ends("stale"), ["warn decided"]);
}

#[tokio::test]
async fn a_servers_ceiling_holds_whatever_the_repository_allows() {
    let mut story = Story::quiet(STALE_ONLY).await;
    story.ceiling(Mode::Propose);
    story.tick().await;
    let held = story.last("stale").reviewed.unwrap().held;
    assert_eq!(held.len(), 2);
    assert_eq!(
        held[0].refusal,
        Refusal::Mode {
            is: Mode::Propose,
            needs: Mode::Act
        }
    );
    assert!(story.log().writes().on("#2").is_empty());
}

#[tokio::test]
async fn acts_over_the_hours_budget_are_held_and_done_in_the_next_hour() {
    let config = STALE_ONLY.replace("mode: act", "mode: act\n  writes_per_hour: 2");
    let mut story = Story::unconfigured();
    story.config(&config);
    story.open_issue("carol", "Another one");
    story.label(1, "alice", "pinned");
    story.settle().await;
    story.advance(LONG).await;
    story.tick().await;
    assert_eq!((story.labels(2).len(), story.labels(3).len()), (1, 0));
    let held = story.last("stale").reviewed.unwrap();
    assert_eq!(
        held.held[0].refusal,
        Refusal::OverBudget { spent: 2, limit: 2 }
    );
    assert!(
        held.allowed.is_empty(),
        "the acts of one decision go as one"
    );
    let again = held.recheck_at.unwrap();
    assert_eq!(again.hour(), story.now().hour() + 1);

    story.advance(Span::hours(2)).await;
    assert_eq!(story.labels(3), ["stale"]);
    assert_eq!(
        (
            story.comments_of_bot(2).len(),
            story.comments_of_bot(3).len()
        ),
        (1, 1)
    );
    assert_eq!(
        story.ends("stale"),
        ["warn decided", "warn decided", "warn decided"]
    );
}

#[tokio::test]
async fn events_that_wait_for_one_subject_are_answered_by_one_run() {
    let mut story = Story::quiet(STALE_ONLY).await;
    for text in ["one", "two", "three"] {
        story.comment(2, "carol", text);
    }
    story.settle().await;
    let runs = story.runs_of("stale");
    assert_eq!(runs.len(), 1, "{}", story.journal());
    assert_eq!(runs[0].joined.len(), 2);
    let last = story.deliveries().pop().unwrap();
    let payload = last.payload();
    assert_eq!(payload["comment"]["body"], "three");
    assert!(
        !runs[0].joined.contains(&runs[0].task.event.id),
        "the youngest is the run's own event"
    );
}

#[tokio::test]
async fn an_event_that_only_a_switched_off_agent_hears_has_a_record_of_its_own() {
    let mut story = Story::quiet(STALE_ONLY).await;
    story.comment(1, "carol", "a word");
    story.review(1, "bob").approve();
    story.settle().await;
    assert_eq!(story.runs_of("stale").len(), 1, "{}", story.journal());
    let told: Vec<_> = story.runs_of("intake");
    let review = told
        .iter()
        .find(|run| run.task.event.kind == EventKind::ReviewSubmitted);
    let off = Outcome::Unheard("switched_off".to_owned());
    assert_eq!(
        review.and_then(|run| run.outcome.clone()),
        Some(off),
        "{}",
        story.journal()
    );
}

#[tokio::test]
async fn a_tick_is_handed_on_page_by_page() {
    let mut story = Story::unconfigured();
    story.config(STALE_ONLY);
    story.label(1, "alice", "pinned");
    for n in 3..=120 {
        story.open_issue("carol", &format!("issue {n}"));
    }
    story.settle().await;
    story.advance(LONG).await;
    let before = story.runs_of("fan_out").len();
    story.tick().await;
    assert_eq!(
        story.runs_of("fan_out").len() - before,
        2,
        "{}",
        story.journal()
    );
    assert_eq!(story.log().on("open_items").count(), 2);
    let warned = (2..=120).filter(|n| story.comments_of_bot(*n).len() == 1);
    assert_eq!(
        warned.count(),
        30,
        "the hour's budget of 60 acts, two for each"
    );
    story.advance(Span::hours(6)).await;
    let warned = (2..=120).filter(|n| story.comments_of_bot(*n).len() == 1);
    assert_eq!(warned.count(), 119);
}

#[tokio::test]
async fn one_window_makes_one_tick_however_often_the_scheduler_looks() {
    let mut story = Story::quiet(STALE_ONLY).await;
    story.tick().await;
    story.tick().await;
    let ticks = story.log().on("open_items").count();
    assert_eq!(ticks, 1);
    assert_eq!(story.comments_of_bot(2).len(), 1);
}

#[tokio::test]
async fn a_subject_that_is_not_there_ends_as_gone() {
    let mut story = Story::quiet(STALE_ONLY).await;
    story.request(&story.repo(), issue(99), &["stale"]);
    story.settle().await;
    assert_eq!(story.ends("stale"), ["- halted"]);
    let outcome = serde_json::to_string(&story.last("stale").outcome).unwrap();
    assert!(outcome.contains("subject_gone"), "{outcome}");
}

#[tokio::test]
async fn an_agent_that_is_switched_off_is_not_asked() {
    let mut story = Story::quiet("version: v1\nstale_agent:\n  enabled: false\n").await;
    story.comment(2, "carol", "hello");
    story.settle().await;
    assert_eq!(story.runs_of("stale").len(), 0);
    let run = story.last("intake");
    assert_eq!(
        run.outcome,
        Some(Outcome::Unheard("switched_off".to_owned()))
    );
    assert!(
        story.log().on("octo/widgets#2").is_empty(),
        "and nothing is asked for it"
    );
}

#[tokio::test]
async fn a_repeated_delivery_is_skipped() {
    let mut story = Story::quiet(STALE_ONLY).await;
    story.deliver_twice("issue_comment");
    story.comment(2, "carol", "hello");
    story.settle().await;
    let answers: Vec<_> = story.answers().iter().rev().take(2).collect();
    assert_eq!(answers[0].0.guid, answers[1].0.guid);
    assert_eq!(
        format!("{:?} {:?}", answers[1].1, answers[0].1),
        "Accepted Duplicate"
    );
    assert_eq!(story.runs_of("stale").len(), 1);
}

#[tokio::test]
async fn a_suspended_installation_is_left_alone_until_it_resumes() {
    let mut story = Story::quiet(STALE_ONLY).await;
    let before = story.log().count();
    story.suspend("alice", true);
    story.settle().await;
    story.request(&story.repo(), issue(2), &["stale"]);
    story.settle().await;
    assert_eq!(
        story.last("intake").outcome,
        Some(Outcome::Unheard("suspended".to_owned()))
    );
    assert_eq!(story.log().count(), before, "nothing was even asked");
    story.suspend("alice", false);
    story.settle().await;
    story.request(&story.repo(), issue(2), &["stale"]);
    story.settle().await;
    assert_eq!(story.labels(2), ["stale"]);
    assert_eq!(story.comments_of_bot(2).len(), 1);
}
