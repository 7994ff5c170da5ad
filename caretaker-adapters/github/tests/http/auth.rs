//! Tokens of installations: minted once, for one repository, thrown away when refused.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use caretaker_core::{
    model::{ActionKey, ForgeAction, ForgeQuery, InstallationId, Label, Number, Span},
    ports::{Forge, Freshness, Kind},
};
use caretaker_github::Identity;
use futures_util::future::join_all;
use serde_json::json;

use super::server::{Server, answer, installation, issue, mint, ok, repo, repo_json};

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
    let read = json!({
        "checks": "read", "contents": "read", "issues": "read", "metadata": "read",
        "pull_requests": "read", "statuses": "read",
    });
    let asked = json!({"repository_ids": [42], "permissions": read});
    assert_eq!(minted.body, asked, "to read, and nothing more");
    assert_eq!(
        minted.header("authorization").split('.').count(),
        3,
        "a JWT"
    );
    for once in ["/app", "/app/installations/9"] {
        assert_eq!(seen.iter().filter(|s| s.path == once).count(), 1, "{once}");
    }
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
        "/app/installations/9" => ok(&installation()),
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
    let asked = never
        .lines()
        .into_iter()
        .filter(|line| line.contains("/repos/"));
    assert_eq!(asked.count(), 2, "not in circles");
}

#[tokio::test]
async fn a_token_answer_that_cannot_be_read_stays_out_of_the_error() {
    let server = Server::bare(|seen| match seen.path.as_str() {
        "/app" => ok(&json!({"id": 7, "slug": "caretaker"})),
        "/app/installations/9" => ok(&installation()),
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
        "/app/installations/9" => ok(&installation()),
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
    assert_eq!(minted.body["repositories"], json!(["widgets"]));
    let missing = forge.lookup("octo", "gadgets").await.unwrap_err();
    assert_eq!(missing.kind, Kind::NotFound);
}

#[tokio::test]
async fn each_kind_of_write_has_a_token_that_does_nothing_else() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "GET" => ok(&issue(1)),
        _ => ok(&json!([])),
    })
    .await;
    let forge = server.as_app();
    let label = |name: &str| ForgeAction::AddLabel {
        number: Number::new(1),
        label: Label::new(name),
    };
    for name in ["one", "two"] {
        let key = ActionKey::new("k");
        forge.write(&repo(), &label(name), &key).await.unwrap();
    }
    let asked: Vec<_> = server
        .seen()
        .into_iter()
        .filter(|s| s.path == MINT)
        .collect();
    let asked: Vec<_> = asked.iter().map(|s| &s.body["permissions"]).collect();
    assert_eq!(asked.len(), 2, "one to read with and one for both writes");
    assert_eq!(asked[0]["issues"], "read");
    assert_eq!(*asked[1], json!({"issues": "write"}));
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named_and_not_asked_for() {
    let server = Server::bare(|seen| match seen.path.as_str() {
        "/app" => ok(&json!({"id": 7, "slug": "caretaker"})),
        "/app/installations/9" => ok(&json!({"id": 9, "permissions": {"issues": "read"}})),
        MINT => mint("ghs_1"),
        _ => ok(&issue(1)),
    })
    .await;
    let forge = server.as_app();
    let key = ActionKey::new("k");
    let action = ForgeAction::AddLabel {
        number: Number::new(1),
        label: Label::new("stale"),
    };
    let refused = forge.write(&repo(), &action, &key).await.unwrap_err();
    assert_eq!(refused.kind, Kind::Denied);
    assert!(refused.to_string().contains("issues: write"), "{refused}");
    assert_eq!(mints(&server), 1, "the one to read with");
    assert!(server.writes().iter().all(|line| line.contains(MINT)));
}

#[tokio::test]
async fn tokens_of_an_installation_that_ended_are_thrown_away() {
    let ended = Arc::new(AtomicUsize::new(0));
    let state = Arc::clone(&ended);
    let server = Server::bare(move |seen| match seen.path.as_str() {
        "/app" => ok(&json!({"id": 7, "slug": "caretaker"})),
        "/app/installations/9" => match state.load(Ordering::SeqCst) {
            1 => answer(404, &json!({"message": "Not Found"})),
            2 => {
                let mut suspended = installation();
                suspended["suspended_at"] = json!("2023-01-01T00:00:00Z");
                ok(&suspended)
            }
            _ => ok(&installation()),
        },
        MINT => mint("ghs_1"),
        _ => ok(&issue(1)),
    })
    .await;
    let forge = server.as_app();
    let repo = repo();
    let read = async || forge.read(&repo, &[ITEM], Freshness::Fresh).await.remove(0);
    assert!(read().await.is_ok());
    for (how, wanted) in [(1, 1), (2, 1), (0, 2)] {
        ended.store(how, Ordering::SeqCst);
        // The token is too old, and so is what we know of the installation.
        server.clock.advance(Span::hours(1));
        let error = read().await.err().map(|error| error.kind);
        assert_eq!(error, (how > 0).then_some(Kind::Denied));
        assert_eq!(mints(&server), wanted);
    }
}

#[tokio::test]
async fn fifty_callers_whose_token_is_refused_mint_one_more() {
    let (minted, refused) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&refused);
    let server = Server::bare(move |seen| match seen.path.as_str() {
        "/app" => ok(&json!({"id": 7, "slug": "caretaker"})),
        "/app/installations/9" => ok(&installation()),
        MINT => mint(&format!("ghs_{}", minted.fetch_add(1, Ordering::SeqCst))),
        _ if seen.header("authorization") == "Bearer ghs_0" => {
            count.fetch_add(1, Ordering::SeqCst);
            answer(401, &json!({"message": "Bad credentials"}))
        }
        _ => ok(&issue(1)),
    })
    .await;
    let forge = server.as_app();
    let repo = repo();
    let asked = (0..50).map(|_| forge.read(&repo, &[ITEM], Freshness::Fresh));
    for answers in join_all(asked).await {
        assert!(answers[0].is_ok(), "{answers:?}");
    }
    assert!(
        refused.load(Ordering::SeqCst) > 1,
        "several were under way with it"
    );
    assert_eq!(mints(&server), 2, "the first, and one for all of them");
}
