//! GitHub's own example payloads, all of them, against the real binary over HTTP.
//!
//! They are fetched by `testdata/install` and never part of the repository; `make test-live` names
//! their directory. What each means to us is reviewed in `live/routes.txt` (`UPDATE=1` writes it).

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "live/examples.rs"]
mod examples;
#[path = "live/faults.rs"]
mod faults;
#[path = "live/github.rs"]
mod github;
#[expect(dead_code, reason = "the hostile tests use the rest")]
mod running;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use caretaker_core::intake::{self, Headers, Us};
use caretaker_core::model::{Delivery, Timestamp};
use caretaker_core::route;
use serde_json::Value;

use examples::{Example, examples};
use github::Github;
use running::{Running, caretaker, key};

/// How many there are in the pinned version.
const COUNT: usize = 329;

#[test]
#[ignore = "needs GitHub's example payloads: make test-live"]
fn every_example_is_accepted_ends_in_a_closed_record_and_replays() {
    let Some(examples) = examples() else { return };
    assert_eq!(examples.len(), COUNT);
    let dir = tempfile::tempdir().unwrap();
    let server = Running::serve(dir.path(), &[]);
    deliver(&server, &examples);
    assert!(server.stop().0.success());
    replays(dir.path());
}

/// Those about the repository that most are about, with credentials and on a GitHub where it
/// exists: what was not decided above for want of access is decided here.
#[test]
#[ignore = "needs GitHub's example payloads: make test-live"]
fn examples_about_what_exists_are_decided_and_replay_the_same() {
    let Some(examples) = examples() else { return };
    let github = Github::start();
    let dir = tempfile::tempdir().unwrap();
    let env = [
        ("CARETAKER_GITHUB_API_URL", github.url.as_str()),
        ("GITHUB_TOKEN", github::TOKEN),
        ("CARETAKER_MODE_CEILING", "act"),
        ("CARETAKER_GITHUB_WRITE_PACE_MS", "0"),
    ];
    let server = Running::serve(dir.path(), &env);
    let about: Vec<_> = examples
        .into_iter()
        .filter(Example::is_about_hello_world)
        .collect();
    assert!(about.len() > 200, "{}", about.len());
    deliver(&server, &about);
    assert!(server.stop().0.success());
    let same = replays(dir.path());
    // At least one for each subject; how many wait together and are answered by one look varies.
    assert!(same >= 5, "only {same} decisions");
    github.was_asked_well();
}

/// Delivers every example and waits until each has ended in a closed record.
fn deliver(server: &Running, examples: &[Example]) {
    let mut keys = Vec::new();
    for example in examples {
        let answer = server.deliver(&example.event, &example.name, example.body.as_bytes());
        let expected = if example.event == "ping" {
            (200, "pong")
        } else {
            (202, "accepted")
        };
        let came = (answer.status, &*answer.word());
        assert_eq!(came, expected, "{}: {}", example.name, answer.text);
        if example.event != "ping" {
            keys.push(key(&example.event, &example.name));
        }
    }
    server.closed(&keys);
}

/// Exports the journal of a server that has stopped and replays it; how many decisions came out
/// the same. None may come out otherwise.
fn replays(data_dir: &Path) -> u64 {
    let export = running::output(data_dir, &["journal", "export"]);
    assert!(export.status.success());
    let mut replay = caretaker(&["replay", "-", "--json"], &[])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    replay
        .stdin
        .take()
        .unwrap()
        .write_all(&export.stdout)
        .unwrap();
    let replayed = replay.wait_with_output().unwrap();
    let told: Value = serde_json::from_slice(&replayed.stdout).unwrap();
    let count = |name: &str| told[name].as_u64().unwrap();
    assert_eq!(
        count("same") + count("no_decision"),
        count("records"),
        "{told}"
    );
    assert!(replayed.status.success(), "{told}");
    count("same")
}

#[test]
#[ignore = "needs GitHub's example payloads: make test-live"]
fn every_example_is_heard_by_whom_the_reviewed_table_says() {
    let Some(examples) = examples() else { return };
    let mut table = String::new();
    for example in &examples {
        writeln!(table, "{}", routed(example)).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/routes.txt");
    if env::var("UPDATE").is_ok_and(|update| !update.is_empty()) {
        fs::write(path, &table).unwrap();
    }
    let reviewed = fs::read_to_string(path).unwrap_or_default();
    for (found, reviewed) in table.lines().zip(reviewed.lines()) {
        assert_eq!(
            found, reviewed,
            "if this is meant, UPDATE=1 make test-live writes {path}"
        );
    }
    assert_eq!(table.lines().count(), reviewed.lines().count());
}

#[test]
#[ignore = "needs GitHub's example payloads: make test-live"]
fn the_command_says_what_the_server_does() {
    let Some(examples) = examples() else { return };
    let some = [
        "check_run",
        "installation",
        "issue_comment",
        "ping",
        "pull_request",
        "push",
        "status",
    ];
    for event in some {
        let example = examples
            .iter()
            .find(|example| example.event == event)
            .unwrap();
        let mut command = caretaker(
            &["route", "--event", event, "--payload", "-", "--json"],
            &[],
        );
        let told: Value = serde_json::from_slice(&piped(&mut command, &example.body)).unwrap();
        let mut line = format!("{}:", example.name);
        for event in told["events"].as_array().unwrap() {
            let listeners = event["listeners"].as_array().unwrap().iter();
            let names: Vec<_> = listeners
                .map(|one| one["agent"].as_str().unwrap())
                .collect();
            let (kind, subject) = (
                event["kind"].as_str().unwrap(),
                event["subject"].as_str().unwrap(),
            );
            write!(line, " {}", word(kind, subject, &names)).unwrap();
        }
        if let Some(why) = told["unheard"].as_str() {
            write!(line, " unheard {why}").unwrap();
        }
        assert_eq!(line, routed(example));
    }
}

/// What a delivery becomes, in one line: its events with their subject and who hears each.
fn routed(example: &Example) -> String {
    let headers = Headers {
        event: &example.event,
        guid: &example.name,
        hook_id: None,
        hook_target_type: None,
        hook_target_id: None,
    };
    let body = example.body.as_bytes();
    let envelope = intake::envelope(&headers, body).expect("the door takes every example");
    let delivery = Delivery::new(
        headers.into(),
        Timestamp::default(),
        envelope,
        body.to_vec(),
    );
    let projected = intake::project(&delivery, &Us::default());
    let mut line = format!("{}:", example.name);
    for event in &projected.events {
        let names: Vec<_> = route::listeners(event)
            .into_iter()
            .map(|agent| agent.manifest().name)
            .collect();
        let told = word(&event.kind.name(), &event.subject.to_string(), &names);
        write!(line, " {told}").unwrap();
    }
    if let Some(why) = projected.unheard {
        write!(line, " unheard {why}").unwrap();
    }
    line
}

fn word(kind: &str, subject: &str, listeners: &[&str]) -> String {
    let listeners = if listeners.is_empty() {
        "nobody".to_owned()
    } else {
        listeners.join("+")
    };
    format!("{kind} {subject} -> {listeners};")
}

fn piped(command: &mut Command, text: &str) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}
