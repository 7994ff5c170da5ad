//! Commands in comments from the webhook to what people see: who may, what runs nothing, what is
//! said, how fast, and when it is too late. The grammar has its own tests beside it.

use std::sync::Arc;

use caretaker_core::intake::{self, Headers};
use caretaker_core::model::{BacklogLimits, Delivery, LookVerdict, Outcome, Span, label};
use caretaker_core::ports::Write;
use caretaker_testkit::story::{MERGING, Story};
use caretaker_testkit::world::{Fault, Hook};

const MERGE: &str = "@caretaker merge";
const PROPOSE: &str = "version: v1\nsafety:\n  mode: propose\n";

/// A story that has settled, with alice's pull request #1 and carol's issue #2.
async fn story() -> Story {
    let mut story = Story::new();
    story.settle().await;
    story
}

/// Somebody comments, and all is worked off; the comment.
async fn says(story: &mut Story, number: u64, by: &str, text: &str) -> u64 {
    let comment = story.comment(number, by, text);
    story.settle().await;
    comment
}

/// How we reacted to a comment.
fn reactions(story: &Story, comment: u64) -> Vec<String> {
    // What else we wrote is looked at elsewhere.
    story.comments_of_bot(1);
    story.comments_of_bot(2);
    let reactions = story.reactions(comment).into_iter();
    reactions.map(|(_, word)| word).collect()
}

/// Our answers in words on an item.
fn answers(story: &Story, number: u64) -> Vec<String> {
    let ours = story.comments_of_bot(number).into_iter();
    ours.map(|comment| comment.body)
        .filter(|body| body.starts_with("<!-- caretaker:answer"))
        .collect()
}

/// That nothing was done or said about a comment.
fn is_ignored(story: &Story, number: u64, comment: u64) {
    assert_eq!(story.runs_of("commands").len(), 0, "{}", story.journal());
    assert_eq!(reactions(story, comment), Vec::<String>::new());
    assert_eq!(answers(story, number), Vec::<String>::new());
}

#[tokio::test]
async fn a_writer_opts_in_holds_and_resumes() {
    let mut story = story().await;
    let looks = story.runs_of("pr").len();
    let comment = says(&mut story, 1, "bob", "Fine.\n\n@caretaker merge").await;
    assert!(story.labels(1).contains(&label::MERGE.to_owned()));
    assert_eq!(reactions(&story, comment), ["+1"]);
    assert_eq!(story.runs_of("pr").len(), looks + 1, "{}", story.journal());
    says(&mut story, 1, "bob", "@caretaker hold").await;
    assert!(story.labels(1).contains(&label::HOLD.to_owned()));
    assert!(story.comments_of_bot(1)[0].body.contains("manual_hold"));
    says(&mut story, 1, "bob", "@caretaker resume").await;
    assert!(!story.labels(1).contains(&label::HOLD.to_owned()));
    assert!(!story.comments_of_bot(1)[0].body.contains("manual_hold"));
    assert_eq!(
        answers(&story, 1),
        Vec::<String>::new(),
        "a reaction says it"
    );
}

/// Every role against every command, on pull requests, issues, reviews and edited comments.
#[tokio::test]
async fn the_role_and_the_place_decide_what_a_command_does() {
    for role in ["", "read", "triage", "write", "maintain", "admin"] {
        let mut story = story().await;
        story.role("dora", role);
        let stranger = matches!(role, "" | "read");
        let writer = matches!(role, "write" | "maintain" | "admin");
        for (verb, changes) in [
            ("hold", true),
            ("resume", true),
            ("merge", true),
            ("why", false),
            ("help", false),
            ("explode", false),
        ] {
            let text = format!("@caretaker {verb}");
            let before = (story.labels(1), answers(&story, 1).len());
            let comment = says(&mut story, 1, "dora", &text).await;
            let may = verb != "explode" && if changes { writer } else { !stranger };
            let wanted = if may { "+1" } else { "confused" };
            assert_eq!(reactions(&story, comment), [wanted], "{role:?} {verb}");
            assert_eq!(
                story.labels(1) != before.0,
                may && changes,
                "{role:?} {verb}: {:?}",
                story.labels(1)
            );
            let spoken = answers(&story, 1).len() - before.1;
            let silent = stranger || (may && changes);
            assert_eq!(spoken, usize::from(!silent), "{role:?} {verb}");

            let on_issue = says(&mut story, 2, "dora", &text).await;
            let may = verb == "help" && !stranger;
            let wanted = if may { "+1" } else { "confused" };
            assert_eq!(reactions(&story, on_issue), [wanted], "{role:?} {verb}");
        }
        assert_eq!(story.labels(2), Vec::<String>::new());
        let runs = story.runs_of("commands").len();
        let edited = says(&mut story, 1, "dora", "hello").await;
        story.edit_comment(edited, "dora", "@caretaker hold");
        story.review(1, "dora").saying("@caretaker hold").comment();
        story.settle().await;
        assert_eq!(story.runs_of("commands").len(), runs, "{role:?}");
        story.comments_of_bot(1);
    }
}

#[tokio::test]
async fn text_that_nobody_speaks_runs_nothing() {
    for text in [
        "> @caretaker merge",
        "```\n@caretaker merge\n```",
        "~~~\n@caretaker merge",
        "    @caretaker merge",
        "`@caretaker merge`",
        "<!-- @caretaker merge -->",
        "Fine.\n\nOn Mon, Jan 5, 2026 at 9:00 AM Bob <bob@example.org> wrote:\n\n@caretaker merge",
        "please @caretaker merge",
    ] {
        let mut story = story().await;
        let comment = says(&mut story, 1, "bob", text).await;
        is_ignored(&story, 1, comment);
        assert_eq!(story.labels(1), Vec::<String>::new(), "{text}");
    }
}

#[tokio::test]
async fn automation_and_we_ourselves_give_no_commands() {
    let mut story = story().await;
    for bot in ["renovate", "helper[bot]"] {
        story.role(bot, "admin");
        let comment = says(&mut story, 1, bot, MERGE).await;
        is_ignored(&story, 1, comment);
    }
}

#[tokio::test]
async fn the_author_of_a_pull_request_is_answered_without_any_role() {
    let mut story = story().await;
    story.role("alice", "");
    let comment = says(&mut story, 1, "alice", "@caretaker why").await;
    assert_eq!(reactions(&story, comment), ["+1"]);
    let answer = answers(&story, 1).pop().unwrap();
    assert!(answer.contains("required_review_missing"), "{answer}");
    let comment = says(&mut story, 1, "alice", MERGE).await;
    assert_eq!(reactions(&story, comment), ["confused"]);
    assert!(answers(&story, 1)[1].contains("write access"));
}

#[tokio::test]
async fn what_is_only_proposed_is_said_and_what_is_only_observed_is_not() {
    let mut story = Story::unconfigured();
    story.config(PROPOSE);
    story.settle().await;
    let comment = says(&mut story, 1, "bob", MERGE).await;
    assert_eq!(reactions(&story, comment), ["eyes"]);
    assert_eq!(story.labels(1), Vec::<String>::new());
    let answer = answers(&story, 1).pop().unwrap();
    assert!(answer.contains("only proposes") && answer.contains("safety.mode: act"));

    let mut story = Story::unconfigured();
    story.settle().await;
    let comment = says(&mut story, 1, "bob", MERGE).await;
    assert_eq!(story.verdicts("commands"), ["held"]);
    assert_eq!(reactions(&story, comment), Vec::<String>::new());
    assert!(story.log().writes().is_empty(), "{}", story.log());
}

#[tokio::test]
async fn a_quarantined_pull_request_gets_no_sign_at_all() {
    let mut story = story().await;
    story.label(1, "alice", label::QUARANTINE);
    story.settle().await;
    let before = story.log().writes().count();
    let comment = says(&mut story, 1, "bob", MERGE).await;
    assert_eq!(reactions(&story, comment), Vec::<String>::new());
    assert_eq!(story.log().writes().count(), before, "{}", story.log());
}

#[tokio::test]
async fn a_command_is_carried_out_once_whoever_delivers_it_again() {
    let mut story = story().await;
    let comment = says(&mut story, 1, "bob", MERGE).await;
    story.unlabel(1, "alice", label::MERGE);
    story.settle().await;
    let hook = last_comment(&story);
    story.redeliver(&hook.guid);
    accept(&story, &hook, "another-guid").await;
    story.settle().await;
    assert!(!story.labels(1).contains(&label::MERGE.to_owned()));
    assert_eq!(reactions(&story, comment), ["+1"]);
    let runs = story.runs_of("commands");
    let outcomes = story.outcomes("commands");
    assert_eq!(outcomes, ["decided", "superseded"], "{}", story.journal());
    let by = Outcome::Superseded(runs[0].task.event.id.clone());
    assert_eq!(runs[1].outcome, Some(by), "{}", story.journal());
}

/// The delivery of bob's last comment.
fn last_comment(story: &Story) -> Hook {
    let deliveries = story.deliveries();
    let mut comments = deliveries.into_iter().rev();
    let last = comments
        .find(|hook| hook.event == "issue_comment" && hook.payload()["sender"]["login"] == "bob");
    last.expect("somebody commented")
}

/// The door takes the same body under another id.
async fn accept(story: &Story, hook: &Hook, guid: &str) {
    let headers = Headers {
        event: &hook.event,
        guid,
        hook_id: Some("4711"),
        hook_target_type: None,
        hook_target_id: None,
    };
    let body = hook.body.as_bytes();
    let envelope = intake::envelope(&headers, body).expect("GitHub sends objects");
    let delivery = Delivery::new(headers.into(), story.now(), envelope, body.to_vec());
    let accept = Write::Accept {
        delivery: Box::new(delivery),
        limits: BacklogLimits::NONE,
    };
    let ports = story.plain_ports();
    let accepted = ports.storage.commit(None, vec![accept]).await;
    accepted.expect("memory takes it");
}

#[tokio::test]
async fn a_label_by_somebody_who_may_not_write_is_no_obstacle_to_somebody_who_may() {
    let mut story = Story::unconfigured();
    story.config(MERGING);
    story.role("tom", "triage");
    story.label(1, "tom", label::MERGE);
    story.settle().await;
    let status = |story: &Story| story.comments_of_bot(1)[0].body.clone();
    assert!(status(&story).contains("opt_in_not_allowed"));
    let comment = says(&mut story, 1, "bob", MERGE).await;
    assert_eq!(reactions(&story, comment), ["+1"]);
    assert_eq!(story.labels(1), [label::MERGE, label::OWNED]);
    let status = status(&story);
    assert!(!status.contains("opt_in_not_allowed"), "{status}");
    assert!(!status.contains("does not merge it by itself"), "{status}");
}

#[tokio::test]
async fn who_may_not_say_it_any_more_when_it_is_about_to_be_done_is_refused() {
    for verb in ["merge", "hold"] {
        let mut story = story().await;
        let world = story.world();
        let demote = move || world.role("bob", "read");
        story.faulty().before("forge.read Fresh", demote);
        let comment = says(&mut story, 1, "bob", &format!("@caretaker {verb}")).await;
        assert_eq!(story.labels(1), Vec::<String>::new(), "{}", story.journal());
        assert_eq!(reactions(&story, comment), ["confused"]);
        let outcomes = story.outcomes("commands");
        assert_eq!(outcomes, ["overtaken", "decided"], "{}", story.journal());
        let looked = story.runs_of("commands")[0].looked.clone();
        let changed = LookVerdict::Changed(vec!["speakers_permission".to_owned()]);
        assert_eq!(looked.map(|looked| looked.verdict), Some(changed));
    }
}

#[tokio::test]
async fn a_buried_command_runs_when_it_is_redriven_and_its_repeat_does_not() {
    let mut story = story().await;
    story.expect_burials();
    story.fault(Fault::on("read permission").times(5).fail_before(400));
    let comment = says(&mut story, 1, "bob", MERGE).await;
    assert_eq!(story.outcomes("commands").last(), Some(&"buried"));
    let hook = last_comment(&story);
    accept(&story, &hook, "another-guid").await;
    story.settle().await;
    let outcomes = story.outcomes("commands");
    assert_eq!(outcomes.last(), Some(&"superseded"), "{}", story.journal());
    assert_eq!(reactions(&story, comment), Vec::<String>::new());
    story.redeliver(&hook.guid);
    story.settle().await;
    assert_eq!(story.last("commands").generation, 1, "{}", story.journal());
    assert_eq!(story.outcomes("commands").last(), Some(&"decided"));
    assert_eq!(reactions(&story, comment), ["+1"]);
}

#[tokio::test]
async fn after_an_outage_a_command_expires_with_a_reaction_and_is_not_carried_out() {
    let mut story = story().await;
    story.fault(Fault::on("octo/widgets#1").times(u32::MAX).fail_before(503));
    story.fault(
        Fault::on("read permission")
            .times(u32::MAX)
            .fail_before(503),
    );
    let comment = story.comment(1, "bob", MERGE);
    story.advance(Span::minutes(11)).await;
    assert_eq!(story.runs_of("commands").len(), 0, "{}", story.journal());
    story.clear_faults();
    story.settle().await;
    assert_eq!(story.outcomes("commands"), ["expired"]);
    assert_eq!(story.verdicts("commands"), ["expired"]);
    assert_eq!(reactions(&story, comment), ["confused"]);
    assert!(!story.labels(1).contains(&label::MERGE.to_owned()));

    let again = says(&mut story, 1, "bob", MERGE).await;
    assert_eq!(reactions(&story, again), ["+1"], "written again it runs");
}

#[tokio::test]
async fn a_short_outage_only_delays_a_command() {
    let mut story = story().await;
    story.fault(Fault::on("read permission").times(3).fail_before(503));
    let comment = says(&mut story, 1, "bob", MERGE).await;
    assert_eq!(story.outcomes("commands"), ["decided"]);
    assert_eq!(reactions(&story, comment), ["+1"]);
}

/// How long after its acceptance we reacted to the last command.
fn waited(story: &Story) -> Span {
    let accepted = story.last("commands").task.event.accepted();
    let log = story.log();
    let react = log
        .entries()
        .iter()
        .rfind(|entry| entry.op == "write react");
    react.expect("we reacted").at.since(accepted)
}

#[tokio::test]
async fn a_command_is_answered_in_time_while_another_subject_hangs() {
    let mut story = story().await;
    let hanging = Fault::on("octo/widgets#2")
        .times(1)
        .delay(Span::seconds(25));
    story.fault(hanging);
    let (world, clock) = (story.world(), Arc::clone(&story.plain_ports().clock));
    world.comment(2, "carol", "It still squeaks.");
    let began = story.now();
    story
        .settle_beside(async move {
            clock.sleep(Span::seconds(1)).await;
            world.comment(1, "bob", "@caretaker hold");
        })
        .await;
    assert!(story.now().since(began) >= Span::seconds(25), "it did hang");
    story.comments_of_bot(1);
    assert!(waited(&story) <= Span::seconds(5), "{}", waited(&story));
    assert!(story.labels(1).contains(&label::HOLD.to_owned()));
}

#[tokio::test]
async fn a_command_waits_no_longer_than_the_run_that_has_its_subject() {
    for withheld in [false, true] {
        let mut story = story().await;
        let fault = Fault::on("read snapshot octo/widgets#1");
        story.fault(if withheld {
            fault.withhold()
        } else {
            fault.delay(Span::seconds(25))
        });
        let (world, clock) = (story.world(), Arc::clone(&story.plain_ports().clock));
        story.check(1, "ci").pass();
        story
            .settle_beside(async move {
                clock.sleep(Span::seconds(1)).await;
                world.comment(1, "bob", "@caretaker hold");
            })
            .await;
        let waited = waited(&story);
        assert!(waited >= Span::seconds(20), "it did wait: {waited}");
        assert!(waited <= Span::seconds(30), "{waited}");
        story.settle().await;
        story.comments_of_bot(1);
    }
}
