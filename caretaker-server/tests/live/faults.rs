//! A volume that is full or read-only, and a clock that jumps: each needs something of its own from
//! the system, and says so where it is not there.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use caretaker_core::model::{DedupKey, Run};
use serde_json::json;

use crate::running::http::{Answer, Request};
use crate::running::{Running, answers, caretaker, key, output};

fn issue(number: usize, length: usize) -> String {
    let mut state: u64 = 88_172_645_463_325_252 + number as u64;
    let noise = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("{state:016x}")
    });
    let noise: String = noise.take(length / 16).collect();
    let body = json!({
        "action": "opened",
        "installation": {"id": 7},
        "issue": {"number": number, "title": "A title", "state": "open", "body": noise},
        "repository": {
            "id": 42, "name": "widgets", "full_name": "octo/widgets",
            "owner": {"login": "octo", "id": 9},
        },
        "sender": {"login": "alice", "id": 5, "type": "User"},
    });
    body.to_string()
}

fn deliver(server: &Running, number: usize, length: usize) -> Answer {
    let guid = format!("guid-{number}");
    server.deliver("issues", &guid, issue(number, length).as_bytes())
}

fn key_of(number: usize) -> DedupKey {
    key("issues", &format!("guid-{number}"))
}

fn ready(server: &Running, what: &str, holds: impl Fn(&Answer) -> bool) {
    let ask = Request::of("GET", "/ready", b"");
    server.when(what, || Some(server.send(&ask)).filter(&holds));
}

/// A shell in a mount namespace of its own, which becomes what is given.
fn apart(script: &str, dir: &Path, then: &Command) -> Command {
    let mut command = Command::new("unshare");
    command.args([
        "-Urm",
        "sh",
        "-c",
        &format!("{script} && exec \"$@\""),
        "sh",
    ]);
    command.arg(then.get_program()).args(then.get_args());
    command.env_clear().env("DIR", dir);
    let set = then.get_envs();
    command.envs(set.filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", std::env::var("PATH").unwrap());
    command
}

/// Says why a test did not look at anything.
fn skipped(why: &str) {
    let line = format!("skipped: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Whether this machine lets us mount; says so where it does not.
fn can_mount(dir: &Path) -> bool {
    let nothing = Command::new("true");
    let tried = apart("mount -t tmpfs -o size=1m tmpfs \"$DIR\"", dir, &nothing).output();
    let can = tried.is_ok_and(|tried| tried.status.success());
    if !can {
        skipped("this machine lets nobody mount in a namespace of his own");
    }
    can
}

/// Runs a command where a server's volumes are seen as it sees them.
fn beside(server: &Running, command: &[&str]) -> Output {
    let pid = server.pid().to_string();
    let mut entered = Command::new("nsenter");
    entered.args(["-t", &pid, "-U", "-m", "--preserve-credentials"]);
    entered.args(command).output().unwrap()
}

#[test]
#[ignore = "needs a volume of its own: make test-live"]
fn a_full_volume_turns_deliveries_away_until_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    if !can_mount(dir.path()) {
        return;
    }
    let path = dir.path().to_str().unwrap();
    let mut plain = caretaker(&["serve"], &[]);
    plain.arg("--data-dir").arg(format!("{path}/data"));
    let mount = "mount -t tmpfs -o size=16m tmpfs \"$DIR\"";
    let server = Running::from(apart(mount, dir.path(), &plain), dir.path());
    let mut kept = vec![1];
    assert_eq!(deliver(&server, 1, 100).word(), "accepted");

    let fill = format!("cat /dev/zero > {path}/ballast");
    let filled = beside(&server, &["sh", "-c", &fill]);
    assert!(!filled.status.success(), "until nothing fits: {filled:?}");
    let refusal = (2..40).find_map(|n| {
        let answer = deliver(&server, n, 200_000);
        if answer.status == 202 {
            kept.push(n);
            return None;
        }
        Some(answer)
    });
    let refusal = refusal.expect("there is no room");
    assert_eq!(refusal.status, 503, "{}", refusal.text);
    assert!(refusal.header("retry-after").is_some(), "{}", refusal.head);
    ready(&server, "no room", |answer| {
        answer.status == 503 && answer.text.contains("store: ")
    });

    let ballast = format!("{path}/ballast");
    assert!(beside(&server, &["rm", &ballast]).status.success());
    ready(&server, "room again", |answer| answer.status == 200);
    assert_eq!(deliver(&server, 50, 200_000).word(), "accepted");
    kept.push(50);
    let binary = env!("CARGO_BIN_EXE_caretaker");
    let data = format!("{path}/data");
    let export = [binary, "journal", "export", "--data-dir", &data];
    server.when("everything closed", || {
        let export = beside(&server, &export).stdout;
        let export = String::from_utf8(export).unwrap();
        let runs: Vec<Run> = export
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let records = |n: usize| {
            let key = key_of(n);
            runs.iter().filter(|run| answers(run, key.as_str())).count()
        };
        assert!(kept.iter().all(|n| records(*n) <= 1), "{export}");
        kept.iter().all(|n| records(*n) == 1).then_some(())
    });
}

#[test]
#[ignore = "needs a volume of its own: make test-live"]
fn a_read_only_volume_is_refused_at_start_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    if !can_mount(dir.path()) {
        return;
    }
    assert!(Running::serve(dir.path(), &[]).stop().0.success());
    let mut plain = caretaker(&["serve", "--listen", "127.0.0.1:0"], &[]);
    plain.arg("--data-dir").arg(dir.path());
    let mount = "mount --bind \"$DIR\" \"$DIR\" && mount -o remount,ro,bind \"$DIR\"";
    let refused = apart(mount, dir.path(), &plain).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("check its owner and mode"), "{said}");
    assert!(output(dir.path(), &["status"]).status.success());
}

/// Debian's libfaketime, for programs with threads.
fn faketime() -> Option<PathBuf> {
    let libraries = fs::read_dir("/usr/lib").ok()?.flatten();
    let mut found = libraries.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
    let library = found.find(|library| library.exists());
    if library.is_none() {
        skipped("there is no libfaketime; install Debian's package faketime");
    }
    library
}

#[test]
#[ignore = "needs libfaketime: make test-live"]
fn a_clock_that_jumps_a_day_forth_and_back_is_told_and_nothing_stops() {
    let Some(library) = faketime() else { return };
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let clock = elsewhere.path().join("clock");
    let set = |offset: &str| {
        let next = elsewhere.path().join("next");
        fs::write(&next, offset).unwrap();
        fs::rename(&next, &clock).unwrap();
    };
    set("+0");
    let mut command = caretaker(&["serve"], &[]);
    command.arg("--data-dir").arg(dir.path());
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", &clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
    let server = Running::from(command, dir.path());
    assert_eq!(deliver(&server, 1, 100).word(), "accepted");
    server.closed(&[key_of(1)]);
    // The first look at both clocks.
    ready(&server, "ready", |answer| answer.status == 200);
    server.says("holding the lease");

    for (number, offset, told) in [(2, "+86400", "forward by"), (3, "-86400", "back by")] {
        set(offset);
        assert_eq!(deliver(&server, number, 100).word(), "accepted");
        ready(&server, told, |answer| {
            answer.status == 200 && answer.text.contains(told)
        });
        server.closed(&[key_of(number)]);
    }
    set("+0");
    ready(&server, "steady", |answer| {
        answer.status == 200 && !answer.text.contains("jumped")
    });
    assert_eq!(deliver(&server, 4, 100).word(), "accepted");
    let keys: Vec<_> = (1..=4).map(key_of).collect();
    let runs = server.closed(&keys);
    for key in &keys {
        let records = runs.iter().filter(|run| answers(run, key.as_str())).count();
        assert_eq!(records, 1, "{key}\n{}", server.log());
    }
    let log = server.log();
    assert!(!log.contains("left unfinished items"), "{log}");
    assert!(server.stop().0.success());
}
