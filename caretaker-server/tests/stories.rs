//! The walkthroughs, each from webhook to effect, on virtual time: with GitHub in the process, and with
//! GitHub over HTTP, asked as the server asks. Under `make test-contract` the second goes through its
//! validator.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use caretaker_core::model::{Mode, Number, Outcome, Refusal, Run, Secret, Span};
use caretaker_testkit::faulty::Cut;
use caretaker_testkit::story::Story;
use caretaker_wiring::forge::ForgeConfig;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const CHECK: &str = "caretaker/pr-readiness";
const KEY: &str =
    include_str!("../../caretaker-adapters/github/tests/keys/for-tests-only.pkcs1.pem");

/// Over what a story's server reaches GitHub.
#[derive(Clone, Copy)]
enum Face {
    InProcess,
    OverHttp,
}

/// A story and the simulated GitHub that is served beside it, which ends with it.
struct Told {
    story: Story,
    _serving: JoinSet<()>,
}

impl Deref for Told {
    type Target = Story;

    fn deref(&self) -> &Story {
        &self.story
    }
}

impl DerefMut for Told {
    fn deref_mut(&mut self) -> &mut Story {
        &mut self.story
    }
}

impl Face {
    async fn of(self, mut story: Story) -> Told {
        let mut serving = JoinSet::new();
        if matches!(self, Self::InProcess) {
            return Told {
                story,
                _serving: serving,
            };
        }
        drop(rustls::crypto::ring::default_provider().install_default());
        story.app_key(KEY).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let github = listener.local_addr().unwrap();
        let world = story.world();
        serving.spawn(async move { world.serve(listener, None).await.unwrap() });
        let address = match std::env::var("CARETAKER_CONTRACT") {
            Ok(validator) => format!("{validator}/{}", github.port()),
            Err(_) => format!("http://{github}"),
        };
        let config = ForgeConfig {
            api_url: Some(address),
            app_id: Some(7),
            private_key: Some(Secret::new(KEY)),
            // Virtual time stands still meanwhile.
            write_pace: Some(std::time::Duration::ZERO),
            ..ForgeConfig::default()
        };
        let forge = config.open(Arc::new(story.clock())).unwrap();
        story.through(forge);
        Told {
            story,
            _serving: serving,
        }
    }
}

/// Each story as a test on both faces.
macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        mod in_process {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Face::InProcess).await;
            })+
        }

        mod over_http {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Face::OverHttp).await;
            })+
        }
    };
}

stories! {
    a_pull_request_is_followed_from_wait_to_ready,
    a_failed_check_blocks_until_it_is_mended,
    a_head_without_any_check_is_no_success,
    a_quarantined_item_is_left_alone_and_the_journal_says_why,
    a_repository_without_configuration_is_only_observed,
    a_quiet_issue_is_warned_on_a_tick_and_a_human_word_resets_it,
    a_quiet_issue_is_closed_when_nobody_answers,
    a_repeated_delivery_is_skipped,
    killed_before_a_write_the_successor_writes_once,
    killed_after_a_write_the_successor_finds_it_there,
    an_invalid_configuration_keeps_the_last_good_one_and_is_told_by_line,
}

fn readiness(story: &Story, number: u64) -> Option<String> {
    story.published(number, CHECK).map(|(word, _, _)| word)
}

/// How often something was written on an item, as either face tells it in the log.
fn written_on(story: &Story, number: u64) -> usize {
    let log = story.log().writes();
    let places = [
        format!("#{number}"),
        format!("/issues/{number}"),
        format!("/pulls/{number}"),
    ];
    let is_it = |about: &str| {
        let mut parts = places.iter().filter_map(|place| about.split_once(place));
        parts.any(|(_, rest)| !rest.starts_with(|next: char| next.is_ascii_digit()))
    };
    log.entries()
        .iter()
        .filter(|entry| is_it(&entry.about))
        .count()
}

/// How often a comment was really put on an item.
fn comments_written(story: &Story, number: u64) -> usize {
    let effects = story.log().effects();
    let in_process = format!("write upsert_comment octo/widgets#{number}");
    let over_http = format!("issues/{number}/comments");
    effects.on(&in_process).count() + effects.on(&over_http).count()
}

fn verdict(run: &Run) -> &str {
    run.decision
        .as_ref()
        .map_or("-", |decision| &decision.verdict)
}

async fn a_pull_request_is_followed_from_wait_to_ready(face: Face) {
    let mut story = face.of(Story::new()).await;
    story.settle().await;
    let number = story.open_pull("alice", "gears", "Add gears");
    story.check(number, "ci").start();
    story.settle().await;
    assert_eq!(verdict(&story.last("pr")), "wait", "{}", story.journal());
    assert_eq!(readiness(&story, number).as_deref(), Some("in_progress"));
    let waiting = story.comments_of_bot(number);
    assert_eq!(waiting.len(), 1);

    story.check(number, "ci").pass();
    story.settle().await;
    assert_eq!(readiness(&story, number).as_deref(), Some("in_progress"));

    story.review(number, "bob").approve();
    story.settle().await;
    story.advance(Span::minutes(5)).await;
    assert_eq!(verdict(&story.last("pr")), "ready", "{}", story.journal());
    assert_eq!(readiness(&story, number).as_deref(), Some("success"));
    let ready = story.comments_of_bot(number);
    assert_eq!(
        (ready.len(), ready[0].id),
        (1, waiting[0].id),
        "one comment, kept up to date"
    );
    assert_ne!(ready[0].body, waiting[0].body);
    assert!(story.is_open(number), "it does not merge yet");
}

async fn a_failed_check_blocks_until_it_is_mended(face: Face) {
    let mut story = face.of(Story::new()).await;
    story.settle().await;
    story.check(1, "ci").fail();
    story.review(1, "bob").approve();
    story.settle().await;
    assert_eq!(verdict(&story.last("pr")), "blocked");
    assert_ne!(readiness(&story, 1).as_deref(), Some("success"));
    story.push(1);
    story.check(1, "ci").pass();
    story.review(1, "bob").approve();
    story.settle().await;
    story.advance(Span::minutes(5)).await;
    assert_eq!(
        readiness(&story, 1).as_deref(),
        Some("success"),
        "{}",
        story.journal()
    );
    story.comments_of_bot(1);
}

async fn a_head_without_any_check_is_no_success(face: Face) {
    let mut story = face.of(Story::new()).await;
    story.review(1, "bob").approve();
    story.settle().await;
    story.advance(Span::hours(1)).await;
    assert_eq!(verdict(&story.last("pr")), "blocked");
    let (word, _, summary) = story.published(1, CHECK).unwrap();
    assert_ne!(word, "success");
    assert!(summary.contains("no_ci"), "{summary}");
    story.comments_of_bot(1);
}

async fn a_quarantined_item_is_left_alone_and_the_journal_says_why(face: Face) {
    let mut story = face.of(Story::new()).await;
    story.settle().await;
    story.label(2, "alice", "agent:quarantine");
    let number = story.open_pull("alice", "gears", "Add gears");
    story.label(number, "alice", "agent:quarantine");
    story.check(number, "ci").pass();
    story.settle().await;
    let before = story.log().writes().count();
    story.advance(Span::days(61)).await;
    story.tick().await;
    story.advance(Span::days(20)).await;
    for item in [2, number] {
        assert_eq!(written_on(&story, item), 0, "{}", story.log().writes());
        assert!(story.comments_of_bot(item).is_empty());
    }
    assert_eq!(story.published(number, CHECK), None);
    for agent in ["pr", "stale"] {
        let runs = story.runs_of(agent).into_iter();
        let mut about = runs.filter(|run| {
            let at = run.task.event.subject.number().map(Number::value);
            [Some(2), Some(number)].contains(&at)
        });
        let held = about
            .find_map(|run| run.reviewed.filter(|r| !r.held.is_empty()))
            .unwrap();
        assert!(
            held.held
                .iter()
                .all(|held| held.refusal == Refusal::Quarantined)
        );
    }
    assert!(
        story.log().writes().count() > before,
        "others are looked after"
    );
    story.comments_of_bot(1);
}

async fn a_repository_without_configuration_is_only_observed(face: Face) {
    let mut story = face.of(Story::unconfigured()).await;
    let number = story.open_pull("alice", "gears", "Add gears");
    story.check(number, "ci").pass();
    story.settle().await;
    story.advance(Span::days(61)).await;
    story.tick().await;
    assert!(story.log().writes().is_empty(), "{}", story.log().writes());
    let run = story.last("pr");
    assert_eq!(run.task.settings.mode, Mode::Observe);
    assert!(
        !run.reviewed.unwrap().held.is_empty(),
        "it says what it would do"
    );
}

async fn a_quiet_issue_is_warned_on_a_tick_and_a_human_word_resets_it(face: Face) {
    let mut story = face.of(Story::new()).await;
    story.settle().await;
    story.advance(Span::days(61)).await;
    story.tick().await;
    assert_eq!(story.labels(2), ["stale"]);
    let said = story.comments_of_bot(2);
    assert_eq!(said.len(), 1);
    story.comment(2, "carol", "It still squeaks.");
    story.settle().await;
    assert!(story.labels(2).is_empty());
    assert_eq!(verdict(&story.last("stale")), "reset");
    story.advance(Span::days(30)).await;
    assert!(story.is_open(2), "its grace has begun anew");
    story.comments_of_bot(1);
}

async fn a_quiet_issue_is_closed_when_nobody_answers(face: Face) {
    let mut story = face.of(Story::new()).await;
    story.label(1, "alice", "pinned");
    story.settle().await;
    story.advance(Span::days(61)).await;
    story.tick().await;
    story.advance(Span::days(15)).await;
    assert!(!story.is_open(2), "{}", story.journal());
    assert_eq!(story.comments_of_bot(2).len(), 1);
    story.comments_of_bot(1);
}

async fn a_repeated_delivery_is_skipped(face: Face) {
    let mut story = face.of(Story::new()).await;
    story.settle().await;
    story.deliver_twice("pull_request.opened");
    let number = story.open_pull("alice", "gears", "Add gears");
    story.settle().await;
    let accepted = story
        .answers()
        .iter()
        .map(|(_, answer)| format!("{answer:?}"));
    assert_eq!(accepted.filter(|answer| answer == "Duplicate").count(), 1);
    assert_eq!(story.comments_of_bot(number).len(), 1);
    let heard = story.runs_of("pr").len();
    let hook = story
        .deliveries()
        .into_iter()
        .find(|hook| hook.event == "pull_request")
        .unwrap();
    story.redeliver(&hook.guid);
    story.settle().await;
    assert_eq!(
        story.runs_of("pr").len(),
        heard,
        "closed ones are duplicates too"
    );
}

async fn killed(face: Face, cut: Cut) {
    let mut story = face.of(Story::new()).await;
    story.settle().await;
    let number = story.open_pull("alice", "gears", "Add gears");
    story
        .faulty()
        .cut_on("forge.write write the status comment", cut);
    story.settle().await;
    assert_eq!(comments_written(&story, number), 1, "{}", story.log());
    assert_eq!(story.comments_of_bot(number).len(), 1);
    let runs = story.runs_of("pr").into_iter();
    let words: Vec<_> = runs
        .filter(|run| run.task.event.subject.number().map(Number::value) == Some(number))
        .filter_map(|run| run.outcome.as_ref().map(Outcome::word))
        .collect();
    assert_eq!(
        words[..2],
        ["interrupted", "decided"],
        "{}",
        story.journal()
    );
}

async fn killed_before_a_write_the_successor_writes_once(face: Face) {
    killed(face, Cut::CrashBefore).await;
}

async fn killed_after_a_write_the_successor_finds_it_there(face: Face) {
    killed(face, Cut::CrashAfter).await;
}

async fn an_invalid_configuration_keeps_the_last_good_one_and_is_told_by_line(face: Face) {
    let mut story = face.of(Story::new()).await;
    story.settle().await;
    let broken = story.config("version: v1\nsafety:\n  mod: act\n");
    story.settle().await;
    let run = story.last("config");
    assert_eq!(verdict(&run), "invalid");
    let published = serde_json::to_string(&run.reviewed.unwrap().allowed).unwrap();
    assert!(
        published.contains("line 3") && published.contains("did you mean 'mode'"),
        "{published}"
    );
    assert!(published.contains(&broken));
    // Over HTTP the log tells routes, not names of checks.
    if matches!(face, Face::InProcess) {
        let effects = story.log().effects().on("caretaker/config");
        assert_eq!(
            effects.count(),
            2,
            "once for the good file, once for the broken one: {effects}"
        );
    }

    let number = story.open_pull("alice", "gears", "Add gears");
    story.settle().await;
    assert_eq!(
        story.last("pr").task.settings.mode,
        Mode::Act,
        "the last good file is in force"
    );
    assert_eq!(story.comments_of_bot(number).len(), 1);
}
