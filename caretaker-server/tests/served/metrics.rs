//! Numbers about a server that runs.

use std::env;
use std::io::{ErrorKind, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::running::http::Request;
use crate::running::{Running, SECRET, caretaker, told_at};

/// What a server tells that has taken one delivery, and turned one away.
fn told(dir: &Path) -> String {
    let server = Running::serve(dir, &[("CARETAKER_METRICS_LISTEN", "127.0.0.1:0")]);
    let body = br#"{"zen":"Keep it logically awesome."}"#;
    assert_eq!(server.deliver("watch", "1", body).status, 202);
    let forged = Request::post("/webhooks/github", body)
        .header("X-GitHub-Event", "issues")
        .header("X-GitHub-Delivery", "2")
        .header("X-Hub-Signature-256", &format!("sha256={}", "0".repeat(64)));
    assert_eq!(server.send(&forged).status, 401);
    assert_eq!(
        server.send(&Request::of("GET", "/nowhere", b"")).status,
        404
    );
    server.closed(&[crate::running::key("watch", "1")]);
    let at = told_at(&server);
    let answer = Request::of("GET", "/metrics", b"").send(at);
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("version=0.0.4"), "{}", answer.head);
    assert_eq!(
        server.send(&Request::of("GET", "/metrics", b"")).status,
        404
    );
    answer.text
}

#[test]
fn a_server_tells_what_came_in_and_what_came_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let text = told(dir.path());
    for line in [
        "caretaker_webhook_events_total{service=\"caretaker\",event=\"other\",outcome=\"accepted\"} 1",
        "caretaker_webhook_events_total{service=\"caretaker\",event=\"issues\",outcome=\"invalid_signature\"} 1",
        "http_route=\"<unmatched>\",http_status_code=\"404\"} 1",
        "outcome=\"unheard\"} 1",
        "caretaker_ready{service=\"caretaker\"} 1",
        "worker_queue_depth{service=\"caretaker\",queue=\"waiting\"} 0",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains(SECRET));
}

#[test]
fn an_address_that_was_asked_for_and_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let env = [
        ("CARETAKER_METRICS_LISTEN", address.as_str()),
        ("CARETAKER_LISTEN", "127.0.0.1:0"),
    ];
    let mut command = caretaker(&["serve"], &env);
    let ended = command.arg("--data-dir").arg(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("metrics.listen"), "{said}");
}

/// Prometheus' own tool has nothing against what is told.
#[test]
fn promtool_finds_nothing_wrong() {
    let tool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut tool = match tool {
        Ok(tool) => tool,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(env::var("CI").is_err(), "promtool has to be there");
            eprintln!("skipped: promtool is not installed (Debian package prometheus)");
            return;
        }
        Err(error) => panic!("promtool: {error}"),
    };
    let dir = tempfile::tempdir().unwrap();
    let text = told(dir.path());
    let mut to = tool.stdin.take().unwrap();
    to.write_all(text.as_bytes()).unwrap();
    drop(to);
    let said = tool.wait_with_output().unwrap();
    let words = format!(
        "{}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    assert!(
        said.status.success() && words.trim().is_empty(),
        "{words}\n{text}"
    );
}
