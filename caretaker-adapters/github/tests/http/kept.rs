//! Answers beyond the process: a second start asks whether they still hold, and nobody is shown
//! what another credential was told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use caretaker_core::{
    model::{AppId, ForgeQuery, InstallationId, Number, RepoRef, Secret},
    ports::{Forge, Freshness},
};
use caretaker_github::{AnswerStore, Credentials, KeptAnswer};

use super::server::{Server, answer, app, forge, issue, ok, raw, repo};

const ITEM: ForgeQuery = ForgeQuery::Item(Number::new(1));

/// Keeps as long as the test.
#[derive(Default)]
struct Shelf(Mutex<BTreeMap<String, KeptAnswer>>);

#[async_trait]
impl AnswerStore for Shelf {
    async fn find(&self, key: &str) -> Option<KeptAnswer> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn keep(&self, key: &str, answer: &KeptAnswer) {
        let mut kept = self.0.lock().unwrap();
        kept.insert(key.to_owned(), answer.clone());
    }

    fn forget(&self, key: &str) {
        self.0.lock().unwrap().remove(key);
    }
}

/// A GitHub whose issues have tags, and what answers of it are kept in.
struct Stage {
    server: Server,
    shelf: Arc<Shelf>,
}

impl Stage {
    async fn new() -> Self {
        let server = Server::start(|seen| match seen.header("if-none-match") {
            "\"v1\"" => raw(304, ""),
            _ => ok(&issue(1)).with("etag", "\"v1\""),
        });
        Self {
            server: server.await,
            shelf: Arc::default(),
        }
    }

    /// Asks from a new process; the tag that it asked with.
    async fn asks(&self, credentials: Credentials, repo: &RepoRef) -> String {
        let started = forge(&self.server.url, credentials, &self.server.clock, 1);
        let started = started.keeping(Arc::clone(&self.shelf) as Arc<dyn AnswerStore>);
        let answers = started.read(repo, &[ITEM], Freshness::Fresh).await;
        assert!(answers[0].is_ok(), "{answers:?}");
        let seen = self.server.seen();
        let asked = seen.iter().rev().find(|s| s.path.ends_with("/issues/1"));
        asked.unwrap().header("if-none-match").to_owned()
    }
}

fn token(text: &str) -> Credentials {
    Credentials::Token(Secret::new(text))
}

#[tokio::test]
async fn a_second_start_asks_whether_it_still_holds() {
    let stage = Stage::new().await;
    assert_eq!(stage.asks(token("ghp_one"), &repo()).await, "");
    assert_eq!(stage.asks(token("ghp_one"), &repo()).await, "\"v1\"");
    assert_eq!(stage.asks(app(), &repo()).await, "");
    assert_eq!(stage.asks(app(), &repo()).await, "\"v1\"");
}

#[tokio::test]
async fn no_credential_is_shown_what_another_one_was_told() {
    let stage = Stage::new().await;
    stage.asks(app(), &repo()).await;
    stage.asks(token("ghp_one"), &repo()).await;
    assert_eq!(stage.asks(token("ghp_two"), &repo()).await, "");
    let Credentials::App { key, .. } = app() else {
        panic!("not an App");
    };
    let app_id = AppId::new(8);
    let other = Credentials::App { app_id, key };
    assert_eq!(stage.asks(other, &repo()).await, "");
    for key in stage.shelf.0.lock().unwrap().keys() {
        assert!(!key.contains("ghp_") && !key.contains("ghs_"), "{key}");
    }

    let elsewhere = Stage {
        server: Server::start(|_| ok(&issue(1))).await,
        shelf: Arc::clone(&stage.shelf),
    };
    let asked = elsewhere.asks(token("ghp_one"), &repo()).await;
    assert_eq!(asked, "", "another GitHub");
}

#[tokio::test]
async fn another_installation_has_answers_of_its_own() {
    let server = Server::bare(|seen| match seen.path.as_str() {
        "/app" => ok(&serde_json::json!({"id": 7, "slug": "caretaker"})),
        path if path.ends_with("/access_tokens") => super::server::mint("ghs_1"),
        path if path.starts_with("/app/") => ok(&super::server::installation()),
        _ if !seen.header("if-none-match").is_empty() => answer(304, &serde_json::Value::Null),
        _ => ok(&issue(1)).with("etag", "\"v1\""),
    });
    let stage = Stage {
        server: server.await,
        shelf: Arc::default(),
    };
    stage.asks(app(), &repo()).await;
    let other = RepoRef {
        installation: Some(InstallationId::new(10)),
        ..repo()
    };
    assert_eq!(stage.asks(app(), &other).await, "");
    assert_eq!(stage.asks(app(), &repo()).await, "\"v1\"");
}

#[tokio::test]
async fn what_has_no_tag_any_more_is_forgotten() {
    let kept = |shelf: &Shelf| {
        let shelf = shelf.0.lock().unwrap();
        shelf.keys().any(|key| key.ends_with("/issues/1"))
    };
    let stage = Stage {
        server: Server::start(|seen| match seen.header("if-none-match") {
            "" => ok(&issue(1)).with("etag", "\"v1\""),
            _ => ok(&issue(1)),
        })
        .await,
        shelf: Arc::default(),
    };
    stage.asks(token("ghp_one"), &repo()).await;
    assert!(kept(&stage.shelf));
    assert_eq!(stage.asks(token("ghp_one"), &repo()).await, "\"v1\"");
    assert!(!kept(&stage.shelf));
}
