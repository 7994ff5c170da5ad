//! Files that are not what commands hope for: pipes, endless ones, circles, full disks.
#![cfg(unix)]

use std::fs::File;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::{Desk, Said};

/// A line or text longer than any that is read, which takes no room on the disk.
fn endless(desk: &Desk, name: &str) {
    let file = File::create(desk.path().join(name)).unwrap();
    file.set_len(65 << 20).unwrap();
}

fn pipe(desk: &Desk, name: &str) {
    let made = Command::new("mkfifo").arg(desk.path().join(name)).status();
    assert!(made.unwrap().success());
}

/// Calls the binary where no file may grow beyond nothing.
fn without_room(desk: &Desk, args: &[&str]) -> Said {
    let done = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_caretaker"))
        .args(args)
        .current_dir(desk.path())
        .env_clear()
        .output()
        .unwrap();
    Said {
        code: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

#[test]
fn what_is_no_regular_file_or_has_no_end_is_refused_at_once() {
    let desk = Desk::new();
    pipe(&desk, "pipe");
    endless(&desk, "endless");
    for (file, said) in [
        ("pipe", "no regular file"),
        ("endless", "longer than 64.0 MiB"),
    ] {
        for args in [
            &["config", "check", file][..],
            &["owners", file],
            &["route", "--event", "push", "--payload", file],
            &["route", "--feature", "ci_fix", "--repo-config", file],
            &["replay", "--config", file, "nothing.jsonl"],
            &["replay", "--settings", file],
            &["status", "--config", file],
        ] {
            let refused = desk.call(args);
            assert!(refused.complaint().contains(said), "{args:?}: {refused:?}");
        }
    }
    let folder = desk.call(&["config", "check", "."]);
    assert!(folder.complaint().contains("a folder"), "{folder:?}");
}

#[test]
fn a_line_without_end_is_no_record() {
    let desk = Desk::new();
    endless(&desk, "endless.jsonl");
    let refused = desk.call(&["replay", "endless.jsonl"]);
    let said = "endless.jsonl line 1 is longer than 64.0 MiB";
    assert!(refused.complaint().contains(said), "{refused:?}");
}

#[test]
fn a_journal_that_links_back_to_itself_is_read_once() {
    let desk = Desk::new();
    let journal = desk.path().join("journal");
    std::fs::create_dir_all(journal.join("below")).unwrap();
    std::fs::write(journal.join("below/one.jsonl"), "{}\n").unwrap();
    symlink(&journal, journal.join("below/again")).unwrap();
    symlink(&journal, journal.join("again.jsonl")).unwrap();
    symlink(&journal, desk.path().join("named")).unwrap();
    for named in ["journal", "named"] {
        let (_, counts) = desk.call(&["replay", named, "--json"]).lines(1);
        assert_eq!(counts["records"], 1, "{counts}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_not_begun() {
    let desk = Desk::new();
    let refused = without_room(&desk, &["config", "init", "mine.yml"]);
    assert!(
        refused.complaint().contains("cannot be written"),
        "{refused:?}"
    );
    assert_eq!(std::fs::read_dir(desk.path()).unwrap().count(), 0);
    desk.call(&["man", "--dir", "pages"]).text(0);
    let page = desk.path().join("pages/caretaker.1");
    std::fs::write(&page, "older").unwrap();
    let refused = without_room(&desk, &["man", "--dir", "pages"]);
    assert!(
        refused.complaint().contains("cannot be written"),
        "{refused:?}"
    );
    assert_eq!(std::fs::read(&page).unwrap(), b"older");
}

#[test]
fn a_written_file_is_readable_like_any_other() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.call(&["config", "init", "mine.yml"]).text(0);
    desk.file("any", "");
    let mode = |name| {
        let file = std::fs::metadata(desk.path().join(name)).unwrap();
        file.permissions().mode()
    };
    assert_eq!(mode("mine.yml"), mode("any"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_finds_no_room_is_said_to_be_the_result() {
    for command in [
        &["agents"][..],
        &["config", "schema"],
        &["completions", "bash"],
        &["man"],
    ] {
        let done = Command::new(env!("CARGO_BIN_EXE_caretaker"))
            .args(command)
            .env_clear()
            .stdout(File::create("/dev/full").unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(
            said.contains("the result cannot be written"),
            "{command:?}: {said}"
        );
        assert_eq!(done.status.code(), Some(2));
    }
}
