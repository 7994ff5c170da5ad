//! Many events at once: what waits together is answered together, and what one installation has to
//! do keeps no other waiting. The real driver against the simulated GitHub, on virtual time.

use std::collections::BTreeMap;

use caretaker_core::model::{Mode, Number, Run, Span, Subject};
use caretaker_core::ports::Clock as _;
use caretaker_testkit::story::Story;
use caretaker_testkit::world::{Fault, World};

/// How long GitHub takes for each call.
const CALL: Span = Span::millis(200);

/// A pull request that was looked at; from now on GitHub takes its time.
async fn desk() -> (Story, u64) {
    let mut story = Story::new();
    let number = story.open_pull("alice", "gears", "Add gears");
    story.settle().await;
    story.comments_of_bot(number);
    story
        .world()
        .fault(Fault::on("").times(u32::MAX).delay(CALL));
    (story, number)
}

fn checks(from: u32, to: u32) -> impl Iterator<Item = String> {
    (from..to).map(|n| format!("check {n}"))
}

/// Runs of fan-out and of `pr` that decided since there were so many runs.
fn decided_since(story: &Story, before: usize) -> [usize; 2] {
    let runs: Vec<Run> = story.runs().split_off(before);
    ["fan_out", "pr"].map(|agent| {
        let of = |run: &&Run| run.agent.as_str() == agent && run.decision.is_some();
        runs.iter().filter(of).count()
    })
}

#[tokio::test]
async fn checks_that_wait_together_cost_one_fan_out_and_one_evaluation() {
    let (mut story, number) = desk().await;
    let before = story.runs().len();
    for name in checks(0, 30) {
        story.check(number, &name).start();
    }
    story.settle_beside(async {}).await;
    story.comments_of_bot(number);
    assert_eq!(decided_since(&story, before), [1, 1], "{}", story.journal());
    let looked = story.last("pr");
    let seen = serde_json::to_string(&looked.evidence).unwrap_or_default();
    for name in checks(0, 30) {
        assert!(seen.contains(&format!("\"{name}\"")), "{name} was not seen");
    }
}

#[tokio::test]
async fn checks_that_come_while_one_is_answered_cost_one_more_of_each() {
    // Calls of one answer take 200 ms each: the rest comes in one of them.
    for during in [0, 1, 3, 5] {
        let (mut story, number) = desk().await;
        let before = story.runs().len();
        story.check(number, "check 0").start();
        let (world, clock) = (story.world(), story.clock());
        let rest = async move {
            clock.sleep(Span::millis(100 + 200 * during)).await;
            for name in checks(1, 30) {
                world.check(number, &name).start();
            }
        };
        story.settle_beside(rest).await;
        story.comments_of_bot(number);
        let [fan_outs, evaluations] = decided_since(&story, before);
        assert!(
            fan_outs <= 2 && (1..=2).contains(&evaluations),
            "in call {during}: {fan_outs} and {evaluations}\n{}",
            story.journal()
        );
        let looked = story.last("pr");
        let seen = serde_json::to_string(&looked.evidence).unwrap_or_default();
        assert!(seen.contains("\"check 29\""), "the last was not seen");
    }
}

/// Pull requests of the burst, in 40 repositories of their owner: more than are handled until the
/// last event of the other is. That ten thousand wait no other way is held by the stores' suite.
const BURST: u64 = 120;
/// Events of the other installation, and what lies between two of them.
const EVENTS: u64 = 40;
const GAP: Span = Span::millis(250);

/// Milliseconds within which 95 of 100 events of a small installation are answered, while another
/// installation has so many events waiting.
async fn small_one_beside(burst: u64) -> i64 {
    let mut story = Story::new();
    story.ceiling(Mode::Observe);
    story.install_elsewhere("large");
    story.install_elsewhere("small");
    let pulls: Vec<(World, u64)> = (0..EVENTS)
        .map(|n| {
            let repo = story.in_repo(&format!("small/repo-{}", n % 8));
            let number = repo.open_pull("alice", &format!("change-{n}"), "A change");
            (repo, number)
        })
        .collect();
    story.settle().await;
    let before = story.runs().len();
    // The large one's calls take long, as those for large changes do.
    let slow = |text: &str, times: i64| {
        let span = Span::millis(CALL.as_millis() * times);
        story.fault(Fault::on(text).times(u32::MAX).delay(span));
    };
    slow("large/", 10);
    slow("", 1);
    for n in 0..burst {
        let repo = story.in_repo(&format!("large/repo-{}", n % 40));
        repo.open_pull("alice", &format!("change-{n}"), "A change");
    }
    let (clock, mut at, mut come) = (story.clock(), story.now(), BTreeMap::new());
    for (repo, number) in &pulls {
        at = at + GAP;
        come.insert((repo.repo().key, Subject::Pull(Number::new(*number))), at);
    }
    let events = async move {
        for (repo, number) in pulls {
            clock.sleep(GAP).await;
            repo.label(number, "alice", "bug");
        }
    };
    story.settle_beside(events).await;
    let runs = story.runs().split_off(before);
    let mut waited: Vec<i64> = runs
        .iter()
        .filter(|run| run.agent.as_str() == "pr" && run.decision.is_some())
        .filter_map(|run| {
            let about = (
                run.repo.as_ref()?.key.clone(),
                run.task.event.subject.clone(),
            );
            Some(run.closed_at?.since(*come.get(&about)?).as_millis())
        })
        .collect();
    waited.sort_unstable();
    assert_eq!(waited.len() as u64, EVENTS, "{}", story.journal());
    waited[waited.len() * 95 / 100]
}

#[tokio::test]
async fn one_installations_burst_adds_less_than_a_tenth_to_the_wait_of_another() {
    let (alone, beside) = (small_one_beside(0).await, small_one_beside(BURST).await);
    assert!(
        alone >= CALL.as_millis() && beside * 10 <= alone * 11,
        "95 of 100 are answered within {beside} ms beside the burst, within {alone} ms alone"
    );
}

/// How long three new pull requests in each of so many repositories take to be answered.
async fn answering(repositories: u64) -> Span {
    let mut story = Story::new();
    story.ceiling(Mode::Observe);
    story.settle().await;
    story.fault(Fault::on("").times(u32::MAX).delay(CALL));
    let (before, began) = (story.runs().len(), story.now());
    for n in 0..3 * repositories {
        let repo = story.in_repo(&format!("octo/repo-{}", n % repositories));
        repo.open_pull("alice", &format!("change-{n}"), "A change");
    }
    story.settle_beside(async {}).await;
    let took = story.now().since(began);
    let mut of_repo: BTreeMap<String, Vec<Run>> = BTreeMap::new();
    let runs = story.runs().split_off(before).into_iter();
    for run in runs.filter(|run| run.agent.as_str() == "pr") {
        let name = run.repo.as_ref().map(|repo| repo.name.clone());
        of_repo
            .entry(name.unwrap_or_default())
            .or_default()
            .push(run);
    }
    assert_eq!(of_repo.len() as u64, repositories, "{}", story.journal());
    for runs in of_repo.values() {
        assert_eq!(runs.len(), 3, "{}", story.journal());
        for pair in runs.windows(2) {
            let (first, second) = (&pair[0], &pair[1]);
            assert!(Some(second.opened_at) >= first.closed_at, "one at a time");
            assert!(second.task.event.subject > first.task.event.subject);
        }
    }
    took
}

#[tokio::test]
async fn repositories_are_answered_side_by_side_and_each_in_its_order() {
    let (one, eight) = (answering(1).await, answering(8).await);
    assert!(
        one.as_millis() >= 3 * CALL.as_millis() && eight.as_millis() < 2 * one.as_millis(),
        "one repository took {one}, eight took {eight}"
    );
}
