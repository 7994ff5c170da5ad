//! The agent in a whole server on virtual time, and in the binary.

use std::process::Command;
use std::sync::LazyLock;

use caretaker_core::agents::{self, RegisterError};
use caretaker_core::config::Config;
use caretaker_core::model::{Mode, Refusal};
use caretaker_core::scenario::issue;
use caretaker_testkit::story::Story;

/// Once for the process, before its first story.
static REGISTERED: LazyLock<Result<(), RegisterError>> = LazyLock::new(own_agent::register);

/// A story under a configuration; that its journal replays is checked when it ends.
fn story(config: &str) -> Story {
    assert_eq!(*REGISTERED, Ok(()));
    let story = Story::unconfigured();
    story.config(config);
    story
}

#[tokio::test]
async fn it_decides_and_acts_on_what_nobody_has_sorted() {
    let mut story = story("version: v1\nsafety: {mode: act}\ninbox_agent: {label: new}\n");
    let number = story.open_issue("carol", "It squeaks");
    story.settle().await;
    assert_eq!(story.labels(number), ["new"], "{}", story.journal());
    assert_eq!(story.verdicts("inbox"), ["sort"]);
    assert_eq!(story.outcomes("inbox"), ["decided"]);
}

#[tokio::test]
async fn a_repository_limits_it_like_any_other() {
    let mut story = story("version: v1\nsafety: {mode: act, agents: {inbox: observe}}\n");
    let number = story.open_issue("carol", "It squeaks");
    story.settle().await;
    assert_eq!(story.labels(number), Vec::<String>::new());
    let held = story.last("inbox").reviewed.map(|reviewed| reviewed.held);
    let held = held.unwrap_or_default();
    let (is, needs) = (Mode::Observe, Mode::Act);
    assert_eq!(held[0].refusal, Refusal::Mode { is, needs });
}

#[tokio::test]
async fn a_repository_switches_it_off() {
    let mut story = story("version: v1\nsafety: {mode: act}\ninbox_agent: {enabled: false}\n");
    let number = story.open_issue("carol", "It squeaks");
    story.settle().await;
    assert_eq!(story.labels(number), Vec::<String>::new());
    assert_eq!(story.runs_of("inbox").len(), 0, "{}", story.journal());
}

#[test]
fn what_is_wrong_in_its_section_is_told_by_line() {
    assert_eq!(*REGISTERED, Ok(()));
    let parsed = Config::parse("version: v1\ninbox_agent:\n  lable: new\n");
    let problem = parsed.problems[0].to_string();
    assert!(problem.contains("did you mean `label`?"), "{problem}");
    assert_eq!(parsed.problems[0].line, 3);
}

#[test]
fn it_is_tested_by_a_scenario_like_any_other() {
    assert_eq!(*REGISTERED, Ok(()));
    let sorted = issue(7).label("bug").decide(&own_agent::Inbox);
    assert_eq!(
        sorted.map(|decision| decision.verdict),
        Ok("leave".to_owned())
    );
}

#[test]
fn registering_twice_is_refused() {
    assert_eq!(*REGISTERED, Ok(()));
    assert_eq!(own_agent::register(), Err(RegisterError::Late));
    let names: Vec<_> = agents::all().map(|agent| agent.manifest().name).collect();
    assert_eq!(
        names.last(),
        Some(&"inbox"),
        "it runs after the built-in ones"
    );
}

#[test]
fn every_command_of_the_binary_knows_it() {
    let asked = |arguments: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_own-agent"))
            .args(arguments)
            .output()
            .expect("cargo has built it");
        let error = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "{error}");
        String::from_utf8(out.stdout).expect("it prints text")
    };
    assert!(asked(&["agents"]).contains("inbox"));
    asked(&["config", "check", "config.yml"]);
}
