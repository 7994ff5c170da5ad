//! The end of a server, and the next one on its directory.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::opened;
use crate::running::{Running, answers, key};

#[test]
fn a_server_told_to_stop_does_so_in_time_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::serve(dir.path(), &[]);
    let guids: Vec<String> = (0..200).map(|n| format!("guid-{n}")).collect();
    for (at, guid) in guids.iter().enumerate() {
        let mut body = opened();
        body["pull_request"] = json!({"number": at + 1, "state": "open"});
        body.as_object_mut().unwrap().remove("issue");
        let body = body.to_string();
        assert_eq!(
            server.deliver("pull_request", guid, body.as_bytes()).status,
            202
        );
    }
    let (status, took) = server.stop();
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(10), "{took:?}");

    let server = Running::serve(dir.path(), &[]);
    let keys: Vec<_> = guids.iter().map(|guid| key("pull_request", guid)).collect();
    let runs = server.closed(&keys);
    for key in keys {
        let records = runs.iter().filter(|run| answers(run, key.as_str())).count();
        assert_eq!(records, 1, "{key} ended in one record");
    }
    assert!(server.stop().0.success());
}

#[test]
fn a_server_that_was_killed_is_succeeded_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let body = opened().to_string();
    let before = Running::serve(dir.path(), &[]);
    before.deliver("issues", "a", body.as_bytes());
    before.closed(&[key("issues", "a")]);
    drop(before);
    let after = Running::serve(dir.path(), &[]);
    let began = Instant::now();
    after.deliver("issues", "b", body.as_bytes());
    after.closed(&[key("issues", "b")]);
    // The lease of the dead would have lasted fifteen seconds.
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
}
