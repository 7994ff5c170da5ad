//! Too large, too many, not listed, and a disk that is full.

use std::fmt::Write as _;
use std::fs;
use std::thread;

use serde_json::json;

use crate::running::http::{Framing, Request};
use crate::running::{Running, caretaker, delivery, told_at};
use crate::{opened, refused};

const MIB: usize = 1024 * 1024;

/// Text that no compression makes small.
fn noise(length: usize) -> String {
    let mut state: u64 = 88_172_645_463_325_252;
    let mut text = String::with_capacity(length);
    while text.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        write!(text, "{state:016x}").expect("writing to a string cannot fail");
    }
    text.truncate(length);
    text
}

/// The most memory a process had, in MiB.
fn peak(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("Linux tells the highest use");
    line.trim()
        .split(' ')
        .next()
        .and_then(|kib| kib.parse::<usize>().ok())
        .expect("a number of KiB")
        / 1024
}

#[test]
fn bodies_over_the_limit_are_refused_and_memory_stays_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::serve(dir.path(), &[]);
    let large = vec![b' '; 26 * MIB];
    let announced = delivery("issues", "a", &large).framed(Framing::Announced);
    refused(&server.send(&announced), 413, "body_too_large", "announced");
    let streamed = delivery("issues", "b", &large).framed(Framing::Chunked);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| refused(&server.send(&streamed), 413, "body_too_large", "in chunks"));
        }
    });
    let exact = |length: usize| {
        let frame = json!({"note": ""}).to_string().len();
        json!({"note": noise(length - frame)}).to_string()
    };
    let answer = server.deliver("issues", "c", exact(25 * MIB).as_bytes());
    assert_eq!(answer.status, 202, "25 MiB are taken: {}", answer.text);
    let answer = server.deliver("issues", "d", exact(25 * MIB + 1).as_bytes());
    refused(&answer, 413, "body_too_large", "one byte more");
    let peak = peak(server.pid());
    assert!(peak < 400, "{peak} MiB at most");
}

#[test]
fn who_is_not_listed_gets_403_and_the_app_itself_passes() {
    let dir = tempfile::tempdir().unwrap();
    let list = [(
        "CARETAKER_WEBHOOK_ALLOW_LIST",
        "octo/widgets,installation:8",
    )];
    let server = Running::serve(dir.path(), &list);
    let mut other = opened();
    other["repository"]["full_name"] = json!("octo/gadgets");
    other["repository"]["name"] = json!("gadgets");
    let other = other.to_string();
    let answer = server.deliver("issues", "a", other.as_bytes());
    refused(&answer, 403, "not_in_allowlist", "another repository");
    let installed =
        json!({"action": "created", "installation": {"id": 9, "account": {"login": "x", "id": 3}}});
    let answer = server.deliver("installation", "b", installed.to_string().as_bytes());
    refused(&answer, 403, "not_in_allowlist", "another installation");
    let answer = server.deliver("issues", "c", opened().to_string().as_bytes());
    assert_eq!(answer.word(), "accepted", "the listed repository");
    let answer = server.deliver("github_app_authorization", "d", br#"{"action":"revoked"}"#);
    assert_eq!(
        answer.word(),
        "accepted",
        "nobody's account: the App itself"
    );
    // Who is not listed and has no right signature learns nothing about the list.
    let forged = delivery("issues", "e", other.as_bytes()).carrying(b"{}");
    refused(&server.send(&forged), 401, "invalid_signature", "forged");
}

#[test]
fn a_full_backlog_turns_new_deliveries_away_but_knows_the_old_ones() {
    let dir = tempfile::tempdir().unwrap();
    let env = [
        ("CARETAKER_WEBHOOK_BACKLOG_LIMIT", "2"),
        ("CARETAKER_WEBHOOK_DISPATCH_MODE", "off"),
    ];
    let server = Running::serve(dir.path(), &env);
    let body = opened().to_string();
    let deliver = |guid| server.deliver("issues", guid, body.as_bytes());
    assert_eq!(deliver("a").word(), "accepted");
    assert_eq!(deliver("b").word(), "accepted");
    let full = deliver("c");
    refused(&full, 503, "backlog_full", "the third");
    let wait = full
        .header("retry-after")
        .and_then(|text| text.parse::<u32>().ok());
    assert!(wait.is_some_and(|seconds| seconds > 0), "{}", full.head);
    assert_eq!(deliver("a").word(), "duplicate");
}

#[test]
fn bytes_and_age_fill_the_backlog_as_well_and_all_is_told_before_and_when_it_does() {
    for (variable, value, bound) in [
        ("CARETAKER_WEBHOOK_BACKLOG_MAX_BYTES", "1", "bytes"),
        ("CARETAKER_WEBHOOK_BACKLOG_MAX_AGE_SECONDS", "1", "age"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let env = [
            (variable, value),
            ("CARETAKER_WEBHOOK_DISPATCH_MODE", "off"),
            ("CARETAKER_METRICS_LISTEN", "127.0.0.1:0"),
        ];
        let server = Running::serve(dir.path(), &env);
        let body = opened().to_string();
        assert_eq!(
            server.deliver("issues", "a", body.as_bytes()).word(),
            "accepted"
        );
        let ready = || server.send(&Request::of("GET", "/ready", b""));
        let told = server.when("full", || Some(ready()).filter(|told| told.status == 503));
        let word = format!("backlog: it is full by {bound}");
        assert!(told.text.contains(&word), "{}", told.text);
        let full = server.deliver("issues", "b", body.as_bytes());
        refused(&full, 503, "backlog_full", bound);
        assert!(full.header("retry-after").is_some(), "{}", full.head);
        assert_eq!(
            server.deliver("issues", "a", body.as_bytes()).word(),
            "duplicate"
        );
        server.says("the backlog is full: deliveries get 503");
        let metrics = Request::of("GET", "/metrics", b"")
            .send(told_at(&server))
            .text;
        let line =
            format!("caretaker_backlog_refused_total{{service=\"caretaker\",bound=\"{bound}\"}} 1");
        assert!(metrics.contains(&line), "{metrics}");
        assert!(
            metrics.contains("caretaker_ready{service=\"caretaker\"} 0"),
            "{metrics}"
        );
        let limit = [(variable, value)];
        let mut command = caretaker(&["status"], &limit);
        let status = command.arg("--data-dir").arg(dir.path()).output().unwrap();
        let status = String::from_utf8_lossy(&status.stdout).into_owned();
        assert!(status.contains(&word), "{status}");
    }
}

#[test]
fn a_full_disk_is_said_so_and_nothing_is_promised() {
    let dir = tempfile::tempdir().unwrap();
    // No file of the process may grow over 4 MiB; what goes further fails as on a full disk.
    let plain = caretaker(&["serve"], &[]);
    let mut command = std::process::Command::new("bash");
    command
        .arg("-c")
        .arg(r#"trap "" XFSZ; ulimit -f 4096; exec "$@""#)
        .arg("bash");
    command
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_clear();
    command.envs(
        plain
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command.arg("--data-dir").arg(dir.path());
    command.env("PATH", std::env::var("PATH").unwrap());
    let server = Running::from(command, dir.path());
    let body = json!({"note": noise(MIB)}).to_string();
    let mut kept = Vec::new();
    let refusal = (0..20).find_map(|n| {
        let guid = format!("g{n}");
        let answer = server.deliver("issues", &guid, body.as_bytes());
        if answer.status == 202 {
            kept.push(guid);
            return None;
        }
        Some(answer)
    });
    let refusal = refusal.expect("20 MiB do not fit");
    refused(&refusal, 503, "store_unavailable", "a full disk");
    assert!(refusal.header("retry-after").is_some(), "{}", refusal.head);
    assert!(!kept.is_empty(), "some fit");
    for guid in kept {
        let word = server.deliver("issues", &guid, body.as_bytes());
        assert!(
            word.status == 503 || word.word() == "duplicate",
            "what was promised is kept: {}",
            word.text
        );
    }
}
