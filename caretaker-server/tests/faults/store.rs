//! The store's file.

use std::fs;
use std::path::Path;

use caretaker_core::model::DedupKey;
use rusqlite::Connection;
use serde_json::json;

use crate::running::http::{Answer, Request};
use crate::running::{Running, answers, caretaker, key, output};

const DATABASE: &str = "caretaker.db";

/// A delivery about an issue, as long as wanted and hard to compress.
fn issue(number: usize, length: usize) -> String {
    let mut state: u64 = 88_172_645_463_325_252 + number as u64;
    let noise: String = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("{state:016x}")
    })
    .take(length / 16)
    .collect();
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

fn deliver(server: &Running, number: usize) -> Answer {
    let guid = format!("guid-{number}");
    server.deliver("issues", &guid, issue(number, 100).as_bytes())
}

fn key_of(number: usize) -> DedupKey {
    key("issues", &format!("guid-{number}"))
}

/// Turned away in the one way in which a sender is told to come again.
#[track_caller]
fn turned_away(answer: &Answer, server: &Running) {
    assert_eq!(answer.status, 503, "{}\n{}", answer.text, server.log());
    assert_eq!(answer.json()["error"]["code"], "store_unavailable");
    let wait = answer.header("retry-after").and_then(|s| s.parse().ok());
    assert!(wait.is_some_and(|s: u32| s > 0), "{}", answer.head);
}

/// Everything that was accepted has one final record.
fn nothing_is_lost(server: &Running, keys: &[DedupKey]) {
    let runs = server.closed(keys);
    for key in keys {
        let records = runs.iter().filter(|run| answers(run, key.as_str())).count();
        assert_eq!(records, 1, "{key}\n{}", server.log());
    }
}

/// Asks until `/ready` says what is wanted.
fn ready_says(server: &Running, word: &str) -> Answer {
    let ask = Request::of("GET", "/ready", b"");
    server.when(word, || {
        let answer = server.send(&ask);
        answer.text.contains(word).then_some(answer)
    })
}

/// Asks until `/ready` says nothing of that any more.
fn ready_again(server: &Running, word: &str) {
    let ask = Request::of("GET", "/ready", b"");
    server.when("ready again", || {
        let answer = server.send(&ask);
        (answer.status == 200 && !answer.text.contains(word)).then_some(())
    });
}

#[test]
fn a_store_at_its_bound_turns_away_what_does_not_fit_and_goes_on_under_a_higher_one() {
    let dir = tempfile::tempdir().expect("there is room");
    let bound = [
        ("CARETAKER_STORAGE_MAX_BYTES", "3_000_000"),
        ("CARETAKER_STORAGE_LEAST_ROOM_BYTES", "2_900_000"),
    ];
    let server = Running::serve(dir.path(), &bound);
    let large = |number: usize| issue(number, 400_000);
    let mut kept = Vec::new();
    let refusal = (0..30).find_map(|n| {
        let guid = format!("guid-{n}");
        let answer = server.deliver("issues", &guid, large(n).as_bytes());
        if answer.status == 202 {
            kept.push(key_of(n));
            return None;
        }
        Some(answer)
    });
    turned_away(&refusal.expect("12 MB do not fit into 3"), &server);
    assert!(kept.len() > 1, "some fit: {}", server.log());
    server.says("could not keep a delivery");
    let log = server.log();
    assert!(log.contains("no room for the database"), "{log}");
    ready_says(&server, "storage_max_bytes");
    let mut status = caretaker(&["status"], &bound);
    let status = status.arg("--data-dir").arg(dir.path()).output();
    let status = status.expect("the binary can be started").stdout;
    let status = String::from_utf8_lossy(&status);
    assert!(status.contains("attention  "), "{status}");
    let size = fs::metadata(dir.path().join(DATABASE)).map(|file| file.len());
    assert!(size.expect("it is there") <= 3_000_000);
    nothing_is_lost(&server, &kept);
    assert!(server.stop().0.success());

    let server = Running::serve(dir.path(), &[]);
    let answer = server.deliver("issues", "guid-99", large(99).as_bytes());
    assert_eq!(answer.word(), "accepted");
    kept.push(key_of(99));
    nothing_is_lost(&server, &kept);
}

#[test]
fn while_another_process_locks_the_file_deliveries_are_turned_away_in_time() {
    let dir = tempfile::tempdir().expect("there is room");
    let server = Running::serve(dir.path(), &[]);
    assert_eq!(deliver(&server, 1).word(), "accepted");
    nothing_is_lost(&server, &[key_of(1)]);

    let mut other = Connection::open(dir.path().join(DATABASE)).expect("it opens beside");
    other
        .busy_timeout(std::time::Duration::from_mins(1))
        .expect("a span");
    let lock = other
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .expect("it is free now and then");
    let refused: Vec<Answer> = std::thread::scope(|scope| {
        let server = &server;
        let sent: Vec<_> = (10..40)
            .map(|n| scope.spawn(move || deliver(server, n)))
            .collect();
        let answers = sent.into_iter();
        answers
            .map(|sent| sent.join().expect("it is answered"))
            .collect()
    });
    for answer in &refused {
        turned_away(answer, &server);
    }
    let log = server.log();
    assert!(log.contains("another process holds"), "{log}");
    let not_ready = ready_says(&server, "store: it cannot be written");
    assert_eq!(not_ready.status, 503);

    lock.rollback().expect("it lets go");
    ready_again(&server, "store");
    let mut keys: Vec<_> = vec![key_of(1)];
    for n in 10..40 {
        // One that ran out of time while the lock ended may be there already; it was not promised.
        assert_eq!(deliver(&server, n).status, 202);
        keys.push(key_of(n));
    }
    nothing_is_lost(&server, &keys);
}

#[test]
fn a_file_that_was_taken_away_is_noticed_and_work_goes_on_when_it_is_back() {
    let dir = tempfile::tempdir().expect("there is room");
    let server = Running::serve(dir.path(), &[]);
    assert_eq!(deliver(&server, 1).word(), "accepted");
    nothing_is_lost(&server, &[key_of(1)]);

    let (database, aside) = (dir.path().join(DATABASE), dir.path().join("aside"));
    fs::rename(&database, &aside).expect("the directory is ours");
    turned_away(&deliver(&server, 2), &server);
    turned_away(&deliver(&server, 3), &server);
    assert!(!database.exists(), "no empty store takes its place");
    server.says("the database file was moved or deleted");
    assert_eq!(ready_says(&server, "store: ").status, 503);

    fs::rename(&aside, &database).expect("the directory is ours");
    ready_again(&server, "store");
    assert_eq!(deliver(&server, 4).word(), "accepted");
    // The first may have been written before it was noticed; it was not promised.
    assert_eq!(deliver(&server, 2).status, 202);
    let keys = [1, 2, 4].map(key_of);
    nothing_is_lost(&server, &keys);
}

#[test]
fn when_the_file_is_deleted_nothing_more_is_promised_until_a_new_server_starts() {
    let dir = tempfile::tempdir().expect("there is room");
    let server = Running::serve(dir.path(), &[]);
    assert_eq!(deliver(&server, 1).word(), "accepted");
    nothing_is_lost(&server, &[key_of(1)]);
    for part in ["caretaker.db", "caretaker.db-wal", "caretaker.db-shm"] {
        fs::remove_file(dir.path().join(part)).expect("it was there");
    }
    turned_away(&deliver(&server, 2), &server);
    turned_away(&deliver(&server, 2), &server);
    assert_eq!(ready_says(&server, "store: ").status, 503);
    assert!(server.stop().0.success());

    let server = Running::serve(dir.path(), &[]);
    assert_eq!(deliver(&server, 2).word(), "accepted");
    nothing_is_lost(&server, &[key_of(2)]);
}

#[test]
fn a_read_only_file_is_refused_at_start_with_what_to_do() {
    let dir = tempfile::tempdir().expect("there is room");
    assert!(Running::serve(dir.path(), &[]).stop().0.success());
    let database = dir.path().join(DATABASE);
    read_only(&database, true);
    if fs::OpenOptions::new().write(true).open(&database).is_ok() {
        read_only(&database, false);
        println!(
            "skipped: this user writes read-only files; live/faults.rs has a read-only volume"
        );
        return;
    }
    let refused = output(dir.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("check owner, mode"), "{said}");
    read_only(&database, false);
    let server = Running::serve(dir.path(), &[]);
    assert_eq!(deliver(&server, 1).word(), "accepted");
}

fn read_only(file: &Path, how: bool) {
    let mut mode = fs::metadata(file).expect("it is there").permissions();
    mode.set_readonly(how);
    fs::set_permissions(file, mode).expect("it is ours");
}
