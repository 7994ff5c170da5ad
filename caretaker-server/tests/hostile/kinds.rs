//! Kinds of bodies, and the secrets that sign them.

use std::fs;

use caretaker_testkit::world::signature;

use crate::running::http::Request;
use crate::running::{Running, answers, caretaker, delivery, key};
use crate::{opened, refused};

fn form(json: &str) -> Vec<u8> {
    let encoded = json.bytes().map(|byte| format!("%{byte:02X}"));
    format!("payload={}", encoded.collect::<String>()).into_bytes()
}

fn sent(guid: &str, kind: &str, body: &[u8]) -> Request {
    delivery("issues", guid, body).header("Content-Type", kind)
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn a_form_is_taken_and_handled_as_the_json_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::serve(dir.path(), &[]);
    let json = opened().to_string();
    let plain = server.deliver("issues", "plain", json.as_bytes());
    assert_eq!(plain.word(), "accepted");
    let answer = server.send(&sent(
        "form",
        &format!("{FORM}; charset=utf-8"),
        &form(&json),
    ));
    assert_eq!(answer.word(), "accepted", "{}", answer.text);
    let keys = ["plain", "form"].map(|guid| key("issues", guid));
    let runs = server.closed(&keys);
    let outcomes = keys.map(|key| {
        let mut closed = runs.iter().filter(|run| answers(run, key.as_str()));
        let run = closed.next().expect("it is closed");
        let event = &run.task.event;
        (event.kind.name(), event.subject.clone(), run.repo.clone())
    });
    assert_eq!(outcomes[0], outcomes[1]);
}

#[test]
fn other_kinds_and_compressed_bodies_are_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::serve(dir.path(), &[]);
    let json = opened().to_string();
    let good = delivery("issues", "g", json.as_bytes());
    for kind in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
    ] {
        let answer = server.send(&good.clone().header("Content-Type", kind));
        refused(&answer, 415, "content_type", kind);
        assert!(answer.text.contains("application/json"), "{}", answer.text);
    }
    // What unpacks to more than anybody has is never unpacked.
    for coding in ["gzip", "br", "deflate, gzip"] {
        let answer = server.send(&good.clone().header("Content-Encoding", coding));
        refused(&answer, 415, "compressed_body", coding);
    }
    for (what, body) in [
        ("no payload", b"x=1".to_vec()),
        ("two", b"payload=%7B%7D&payload=%7B%7D".to_vec()),
        ("broken", b"payload=%7".to_vec()),
        ("json", json.clone().into_bytes()),
        ("too deep", form(&"[".repeat(200))),
    ] {
        refused(
            &server.send(&sent("g", FORM, &body)),
            400,
            "invalid_body",
            what,
        );
    }
    let altered = sent("g", FORM, &form(&json)).carrying(b"payload=%7B%7D");
    refused(&server.send(&altered), 401, "invalid_signature", "altered");
    let plain = good.without("Content-Type");
    assert_eq!(
        server.send(&plain).word(),
        "accepted",
        "JSON unless told otherwise"
    );
}

#[test]
fn every_secret_in_force_is_accepted_and_an_app_with_its_own_is_held_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app-secret");
    fs::write(&file, "of the app\n").unwrap();
    let list = format!("env:OLD_SECRET,app/77=file:{}", file.display());
    let env = [
        ("OLD_SECRET", "an old one"),
        ("CARETAKER_WEBHOOK_SECRETS", list.as_str()),
    ];
    let server = Running::serve(dir.path(), &env);
    let body = opened().to_string().into_bytes();
    let by = |guid: &str, secret: &str| {
        let request = delivery("issues", guid, &body);
        request.header("X-Hub-Signature-256", &signature(secret, &body))
    };
    let through = |request: Request, kind: &str, id: &str| {
        request
            .header("X-GitHub-Hook-Installation-Target-Type", kind)
            .header("X-GitHub-Hook-Installation-Target-ID", id)
    };
    let app = |request| through(request, "integration", "77");
    assert_eq!(server.deliver("issues", "new", &body).word(), "accepted");
    assert_eq!(server.send(&by("old", "an old one")).word(), "accepted");
    assert_eq!(
        server.send(&app(by("app", "of the app"))).word(),
        "accepted"
    );
    refused(
        &server.send(&by("x", "third")),
        401,
        "invalid_signature",
        "a third",
    );
    let foreign = app(by("x", "an old one"));
    refused(
        &server.send(&foreign),
        401,
        "invalid_signature",
        "for the App",
    );
    let stranger = through(by("x", "of the app"), "integration", "78");
    refused(
        &server.send(&stranger),
        401,
        "invalid_signature",
        "of another App",
    );
    // A repository may have the App's number.
    let other = through(by("y", "an old one"), "repository", "77");
    assert_eq!(server.send(&other).word(), "accepted");

    let mut command = caretaker(&["webhook-secret"], &env);
    let told = command.arg("--data-dir").arg(dir.path()).output().unwrap();
    let err = String::from_utf8_lossy(&told.stderr);
    assert!(
        err.contains("accepted as well: env:OLD_SECRET, app/77=file:"),
        "{err}"
    );
    assert!(
        !err.contains("an old one") && !err.contains("of the app"),
        "{err}"
    );
}

#[test]
fn what_the_allow_list_turns_away_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let env = [("CARETAKER_WEBHOOK_ALLOW_LIST", "octo/gad*")];
    let server = Running::serve(dir.path(), &env);
    let ready = || server.send(&Request::of("GET", "/ready", b"")).text;
    assert!(!ready().contains("allow-list"), "{}", ready());
    for guid in ["a", "b"] {
        let answer = server.deliver("issues", guid, opened().to_string().as_bytes());
        refused(&answer, 403, "not_in_allowlist", guid);
    }
    assert!(ready().contains("2 deliveries"), "{}", ready());
    let body = opened().to_string().replace("octo/widgets", "octo/Gadgets");
    assert_eq!(
        server.deliver("issues", "c", body.as_bytes()).word(),
        "accepted"
    );
}

#[test]
fn a_limit_above_what_github_sends_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = caretaker(
        &["serve"],
        &[("CARETAKER_WEBHOOK_MAX_BODY_BYTES", "26214401")],
    );
    let said = command.arg("--data-dir").arg(dir.path()).output().unwrap();
    assert_eq!(said.status.code(), Some(2));
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("more than GitHub sends"), "{said}");
}
