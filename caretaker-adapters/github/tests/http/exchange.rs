//! One exchange: headers, unchanged answers, redirects, what is no answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use caretaker_core::{
    model::{ActionKey, Answer, ForgeAction, ForgeQuery, Label, Number},
    ports::{Forge, Freshness, Kind, PortError, Settled},
};
use caretaker_github::GithubForge;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};

use super::server::{NOW, Server, TOKEN, answer, forge, issue, ok, raw, repo};

const ITEM: ForgeQuery = ForgeQuery::Item(Number::new(1));

async fn item(forge: &GithubForge) -> Result<Answer, PortError> {
    forge
        .read(&repo(), &[ITEM], Freshness::Fresh)
        .await
        .pop()
        .unwrap()
}

fn kind<T: std::fmt::Debug>(result: Result<T, PortError>) -> Kind {
    result.unwrap_err().kind
}

fn label() -> (ForgeAction, ActionKey) {
    let action = ForgeAction::AddLabel {
        number: Number::new(1),
        label: Label::new("stale"),
    };
    (action, ActionKey::new("k"))
}

#[tokio::test]
async fn every_request_says_who_asks_and_for_which_version() {
    let server = Server::start(|_| ok(&issue(1))).await;
    assert!(matches!(item(&server.as_user()).await, Ok(Answer::Item(_))));
    for seen in server.seen() {
        assert_eq!(seen.header("authorization"), format!("Bearer {TOKEN}"));
        assert_eq!(seen.header("x-github-api-version"), "2022-11-28");
        assert_eq!(seen.header("accept"), "application/vnd.github+json");
        assert!(seen.header("user-agent").starts_with("caretaker/"));
    }
}

#[tokio::test]
async fn an_unchanged_answer_is_asked_for_each_time_and_then_remembered() {
    let server = Server::start(|seen| match seen.header("if-none-match") {
        "\"v1\"" => raw(304, ""),
        _ => ok(&issue(1)).with("etag", "\"v1\""),
    })
    .await;
    let forge = server.as_user();
    let first = item(&forge).await.unwrap();
    assert_eq!(item(&forge).await.unwrap(), first);
    let asked = server.lines();
    assert_eq!(asked.len(), 2, "{asked:?}");
}

#[tokio::test]
async fn without_credentials_everything_is_denied_and_nothing_asked() {
    let server = Server::start(|_| ok(&issue(1))).await;
    let forge = forge(
        &server.url,
        caretaker_github::Credentials::None,
        &server.clock,
        1,
    );
    let answers = forge
        .read(&repo(), &[ITEM, ForgeQuery::ConfigFile], Freshness::Fresh)
        .await;
    assert_eq!(answers.len(), 2);
    assert!(answers.into_iter().all(|a| kind(a) == Kind::Denied));
    let (action, key) = label();
    assert_eq!(
        kind(forge.write(&repo(), &action, &key).await),
        Kind::Denied
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_renamed_repository_is_followed_and_a_transferred_issue_is_gone() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/repos/octo/widgets/issues/1" => {
            raw(301, "{}").with("location", "/repositories/42/issues/1")
        }
        "/repos/octo/widgets/issues/2" => {
            raw(301, "{}").with("location", "/repositories/43/issues/8")
        }
        "/repositories/42/issues/1" => ok(&issue(1)),
        _ => answer(500, &json!({})),
    })
    .await;
    let forge = server.as_user();
    let questions = [ITEM, ForgeQuery::Item(Number::new(2))];
    let answers = forge.read(&repo(), &questions, Freshness::Fresh).await;
    assert!(matches!(answers[0], Ok(Answer::Item(_))), "{answers:?}");
    assert_eq!(answers[1].as_ref().unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn a_token_is_not_carried_to_another_host() {
    let other = Server::start(|_| ok(&issue(1))).await;
    let location = format!("{}/repos/octo/widgets/issues/1", other.url);
    let server = Server::start(move |_| raw(302, "{}").with("location", &location)).await;
    assert_eq!(kind(item(&server.as_user()).await), Kind::Corrupt);
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_write_is_not_redirected() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "GET" => ok(&issue(1)),
        _ => raw(307, "{}").with("location", "/repositories/42/issues/1/labels"),
    })
    .await;
    let (action, key) = label();
    let written = server.as_user().write(&repo(), &action, &key).await;
    assert_eq!(kind(written), Kind::Conflict);
    assert_eq!(server.writes().len(), 1);
}

#[tokio::test]
async fn what_is_not_json_of_an_item_is_corrupt() {
    for body in [
        "<html>Unicorn!</html>",
        "{\"number\": 1, \"sta",
        "[]",
        "{}",
        "",
    ] {
        let server = Server::start(move |_| raw(200, body)).await;
        assert_eq!(kind(item(&server.as_user()).await), Kind::Corrupt, "{body}");
    }
    let server = Server::start(|_| raw(200, vec![b' '; 17 << 20])).await;
    assert_eq!(
        kind(item(&server.as_user()).await),
        Kind::Corrupt,
        "too large"
    );
}

#[tokio::test]
async fn a_missing_thing_is_told_from_a_hidden_repository() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/repos/octo/widgets/issues/2" => ok(&issue(2)),
        _ => answer(404, &json!({"message": "Not Found"})),
    })
    .await;
    let questions = [ITEM, ForgeQuery::Item(Number::new(2))];
    let answers = server
        .as_user()
        .read(&repo(), &questions, Freshness::Fresh)
        .await;
    assert_eq!(answers[0].as_ref().unwrap_err().kind, Kind::NotFound);
    assert!(answers[1].is_ok());

    let hidden = Server::bare(|seen| match seen.path.as_str() {
        "/user" => ok(&json!({"login": "octocat", "id": 5})),
        _ => answer(404, &json!({"message": "Not Found"})),
    })
    .await;
    let answers = hidden
        .as_user()
        .read(&repo(), &questions, Freshness::Fresh)
        .await;
    assert!(answers.into_iter().all(|a| kind(a) == Kind::Denied));
}

#[tokio::test]
async fn a_name_that_belongs_to_another_repository_now_is_denied() {
    let server = Server::bare(|seen| match seen.path.as_str() {
        "/user" => ok(&json!({"login": "octocat", "id": 5})),
        "/repos/octo/widgets" => {
            let mut other = super::server::repo_json();
            other["id"] = json!(99);
            ok(&other)
        }
        _ => answer(404, &json!({})),
    })
    .await;
    assert_eq!(kind(item(&server.as_user()).await), Kind::Denied);
}

/// Answers `/user`, then does to each further connection what the script says.
async fn broken(script: &'static [&'static [u8]]) -> (String, JoinSet<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = 0;
        for bytes in script {
            let (mut stream, _) = listener.accept().await.unwrap();
            connections += 1;
            let mut head = [0; 4096];
            assert!(stream.read(&mut head).await.unwrap() > 0);
            stream.write_all(bytes).await.unwrap();
            stream.shutdown().await.unwrap();
        }
        connections
    });
    (url, tasks)
}

const USER: &[u8] =
    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 22\r\n\r\n{\"login\":\"o\",\"id\":5  }";
const ISSUE: &[u8] =
    b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"number\":1,\"state\":\"open\",\
    \"user\":null,\"created_at\":\"2023-01-01T00:00:00Z\",\"updated_at\":\"2023-01-01T00:00:00Z\"}";

#[tokio::test]
async fn a_reading_whose_connection_broke_is_sent_again_once() {
    let clock = caretaker_testkit::clock::VirtualClock::at(NOW);
    let token = || caretaker_github::Credentials::Token(caretaker_core::model::Secret::new("t"));
    let (url, mut tasks) = broken(&[USER, b"", ISSUE]).await;
    assert!(item(&forge(&url, token(), &clock, 1)).await.is_ok());
    assert_eq!(tasks.join_next().await.unwrap().unwrap(), 3);

    let (url, mut tasks) = broken(&[USER, b"", b""]).await;
    assert_eq!(
        kind(item(&forge(&url, token(), &clock, 1)).await),
        Kind::Unavailable
    );
    assert_eq!(tasks.join_next().await.unwrap().unwrap(), 3);
}

#[tokio::test]
async fn a_write_whose_connection_broke_is_not_sent_again() {
    let clock = caretaker_testkit::clock::VirtualClock::at(NOW);
    let token = caretaker_github::Credentials::Token(caretaker_core::model::Secret::new("t"));
    let (url, mut tasks) = broken(&[USER, ISSUE, b"", ISSUE]).await;
    let forge = forge(&url, token, &clock, 1);
    let (action, key) = label();
    assert_eq!(
        kind(forge.write(&repo(), &action, &key).await),
        Kind::Unavailable
    );
    let settled = forge.settle(&repo(), &action, &key).await;
    assert_eq!(settled.unwrap(), Settled::NotPerformed);
    assert_eq!(
        tasks.join_next().await.unwrap().unwrap(),
        4,
        "one write only"
    );
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let clock = caretaker_testkit::clock::VirtualClock::at(NOW);
    let token = caretaker_github::Credentials::Token(caretaker_core::model::Secret::new(TOKEN));
    let error = item(&forge(&url, token, &clock, 1)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unavailable);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("no answer in time"), "{shown}");
    assert!(!shown.contains(TOKEN), "{shown}");
}

#[tokio::test]
async fn a_write_that_was_performed_and_badly_answered_is_found_again() {
    let writes = AtomicUsize::new(0);
    let server = Server::start(move |seen| match seen.method.as_str() {
        "GET" if writes.load(Ordering::SeqCst) > 0 => {
            let mut labelled = issue(1);
            labelled["labels"] = json!([{"name": "Stale"}]);
            ok(&labelled)
        }
        "GET" => ok(&issue(1)),
        _ => {
            writes.fetch_add(1, Ordering::SeqCst);
            raw(502, "<html>Bad gateway</html>")
        }
    })
    .await;
    let forge = server.as_user();
    let (action, key) = label();
    assert_eq!(
        kind(forge.write(&repo(), &action, &key).await),
        Kind::Unavailable
    );
    let settled = forge.settle(&repo(), &action, &key).await.unwrap();
    assert_eq!(settled, Settled::Performed);
    let again = forge.write(&repo(), &action, &key).await.unwrap();
    assert!(!again.changed);
    assert_eq!(server.writes().len(), 1);
}

#[tokio::test]
async fn the_servers_clock_is_read_without_showing_credentials() {
    let server =
        Server::start(|_| answer(401, &json!({})).with("date", "Tue, 14 Nov 2023 22:13:25 GMT"))
            .await;
    let reached = server.as_user().reachable().await.unwrap();
    assert_eq!(reached.server_time.unwrap().since(NOW).whole_seconds(), 5);
    assert_eq!(server.seen()[0].header("authorization"), "");
}
