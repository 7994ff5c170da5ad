//! Tokens of installations: minted once, for one repository, thrown away when refused.

use std::sync::atomic::{AtomicUsize, Ordering};

use caretaker_core::{
    model::{ForgeQuery, InstallationId, Number, Span},
    ports::{Forge, Freshness, Kind},
};
use caretaker_github::Identity;
use futures_util::future::join_all;
use serde_json::json;

use super::server::{Server, answer, issue, mint, ok, repo, repo_json};

const ITEM: ForgeQuery = ForgeQuery::Item(Number::new(1));
const MINT: &str = "/app/installations/9/access_tokens";

fn mints(server: &Server) -> usize {
    server.seen().iter().filter(|s| s.path == MINT).count()
}

#[tokio::test]
async fn fifty_callers_share_one_token_for_one_repository() {
    let server = Server::start(|_| ok(&issue(1))).await;
    let forge = server.as_app();
    let repo = repo();
    let asked = (0..50).map(|_| forge.read(&repo, &[ITEM], Freshness::Fresh));
    for answers in join_all(asked).await {
        assert!(answers[0].is_ok(), "{answers:?}");
    }
    let seen = server.seen();
    assert_eq!(mints(&server), 1);
    let minted = seen.iter().find(|s| s.path == MINT).unwrap();
    assert_eq!(minted.body, json!({"repository_ids": [42]}));
    assert_eq!(
        minted.header("authorization").split('.').count(),
        3,
        "a JWT"
    );
    assert_eq!(seen.iter().filter(|s| s.path == "/app").count(), 1);
    let read = seen.last().unwrap();
    assert_eq!(read.header("authorization"), "Bearer ghs_1");
}

#[tokio::test]
async fn a_token_is_not_used_in_its_last_five_minutes() {
    let server = Server::start(|_| ok(&issue(1))).await;
    let forge = server.as_app();
    let repo = repo();
    for (passed, wanted) in [(0, 1), (54, 1), (2, 2)] {
        server.clock.advance(Span::minutes(passed));
        assert!(forge.read(&repo, &[ITEM], Freshness::Fresh).await[0].is_ok());
        assert_eq!(mints(&server), wanted, "after {passed} minutes more");
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let minted = AtomicUsize::new(0);
    let server = Server::bare(move |seen| match seen.path.as_str() {
        "/app" => ok(&json!({"id": 7, "slug": "caretaker"})),
        MINT => mint(&format!("ghs_{}", minted.fetch_add(1, Ordering::SeqCst))),
        _ if seen.header("authorization") == "Bearer ghs_0" => {
            answer(401, &json!({"message": "Bad credentials"}))
        }
        _ => ok(&issue(1)),
    })
    .await;
    let forge = server.as_app();
    assert!(forge.read(&repo(), &[ITEM], Freshness::Fresh).await[0].is_ok());
    assert_eq!(mints(&server), 2);

    let never = Server::start(|_| answer(401, &json!({"message": "Bad credentials"}))).await;
    let answers = never
        .as_app()
        .read(&repo(), &[ITEM], Freshness::Fresh)
        .await;
    assert_eq!(answers[0].as_ref().unwrap_err().kind, Kind::Denied);
    assert_eq!(never.lines().len(), 2, "not in circles");
}

#[tokio::test]
async fn a_token_answer_that_cannot_be_read_stays_out_of_the_error() {
    let server = Server::bare(|seen| match seen.path.as_str() {
        "/app" => ok(&json!({"id": 7, "slug": "caretaker"})),
        _ => answer(201, &json!({"token": "ghs_hunter2", "expires_at": 12})),
    })
    .await;
    let answers = server
        .as_app()
        .read(&repo(), &[ITEM], Freshness::Fresh)
        .await;
    let error = answers[0].as_ref().unwrap_err();
    assert_eq!(error.kind, Kind::Corrupt);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn who_we_are_is_the_apps_bot_or_the_tokens_user() {
    let server = Server::start(|_| ok(&issue(1))).await;
    let Identity::App { id, bot } = server.as_app().identity().await.unwrap() else {
        panic!("not an App");
    };
    assert_eq!((id.value(), bot.as_str()), (7, "caretaker[bot]"));
    let Identity::User { id, login } = server.as_user().identity().await.unwrap() else {
        panic!("not a user");
    };
    assert_eq!((id.value(), login.as_str()), (5, "octocat"));
}

#[tokio::test]
async fn a_repository_is_looked_up_by_its_name() {
    let server = Server::bare(|seen| match seen.path.as_str() {
        "/repos/octo/widgets/installation" => ok(&json!({"id": 9})),
        "/repos/octo/gadgets/installation" => answer(404, &json!({"message": "Not Found"})),
        MINT => mint("ghs_1"),
        _ => ok(&repo_json()),
    })
    .await;
    let forge = server.as_app();
    let found = forge.lookup("octo", "widgets").await.unwrap();
    assert_eq!(found.installation, Some(InstallationId::new(9)));
    assert_eq!((found.key.id(), found.account.unwrap().value()), (42, 1));
    let minted = server.seen().into_iter().find(|s| s.path == MINT).unwrap();
    assert_eq!(minted.body, json!({"repositories": ["widgets"]}));
    let missing = forge.lookup("octo", "gadgets").await.unwrap_err();
    assert_eq!(missing.kind, Kind::NotFound);
}
