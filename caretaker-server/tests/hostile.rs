//! What the world may throw at the door, against the real binary over HTTP.
//!
//! Every refusal has the right status, the one shape of error with its stable word, and says nothing
//! of the inside; nothing panics (a server that did fails the test that dropped it), and memory
//! stays bounded.

#[path = "hostile/bodies.rs"]
mod bodies;
#[path = "hostile/kinds.rs"]
mod kinds;
#[path = "hostile/limits.rs"]
mod limits;
#[path = "hostile/process.rs"]
mod process;
#[expect(dead_code, reason = "the tests of a server with GitHub use the rest")]
mod running;
#[path = "hostile/slow.rs"]
mod slow;

use serde_json::{Value, json};

use running::http::Answer;

/// A delivery as GitHub sends it, cut to what matters.
fn opened() -> Value {
    json!({
        "action": "opened",
        "installation": {"id": 7},
        "issue": {"number": 1, "title": "A title", "state": "open", "body": "text"},
        "repository": {
            "id": 42, "name": "widgets", "full_name": "octo/widgets",
            "owner": {"login": "octo", "id": 9},
        },
        "sender": {"login": "alice", "id": 5, "type": "User"},
    })
}

/// Holds an answer to what every refusal has in common, and to its status and word.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, what: &str) {
    let body = answer.json();
    assert_eq!(
        (answer.status, body["error"]["code"].as_str()),
        (status, Some(code)),
        "{what}: {body}"
    );
    let message = body["error"]["message"].as_str().unwrap_or_default();
    assert_eq!(
        body,
        json!({"error": {"code": code, "message": message}}),
        "{what}: one shape"
    );
    assert!(!message.is_empty(), "{what}: a sentence for people");
    let inside = [
        "sqlite", "sqlx", "serde", "panic", "line ", "column", ".rs", "axum", "hyper", "expected",
    ];
    for word in inside {
        assert!(
            !message.contains(word),
            "{what}: tells of the inside: {message}"
        );
    }
    assert_eq!(
        answer.header("content-type"),
        Some("application/json"),
        "{what}"
    );
}
