//! Limits: while GitHub would refuse, nothing is asked, and nobody else waits.

use std::{sync::Arc, time::Duration};

use caretaker_core::{
    model::{ActionKey, Class, ForgeAction, ForgeQuery, InstallationId, Marker, Number, Span},
    ports::{Clock, Forge, Freshness, Kind},
};
use caretaker_github::{GithubForge, Settings};
use futures_util::FutureExt;
use serde_json::json;

use super::server::{Server, answer, app, installation, issue, mint, ok, repo};

const ITEM: ForgeQuery = ForgeQuery::Item(Number::new(1));

async fn kind(forge: &GithubForge, of: u64) -> Option<Kind> {
    let mut repo = repo();
    repo.installation = Some(InstallationId::new(of));
    let mut answers = forge.read(&repo, &[ITEM], Freshness::Fresh).await;
    answers.remove(0).err().map(|error| error.kind)
}

#[tokio::test]
async fn while_github_asks_to_wait_nothing_leaves_for_that_installation_alone() {
    let server = Server::bare(|seen| match seen.path.as_str() {
        "/app" => ok(&json!({"id": 7, "slug": "caretaker"})),
        "/app/installations/9" | "/app/installations/10" => ok(&installation()),
        "/app/installations/9/access_tokens" => mint("ghs_9"),
        "/app/installations/10/access_tokens" => mint("ghs_10"),
        _ if seen.header("authorization") == "Bearer ghs_9" => {
            answer(429, &json!({"message": "slower"})).with("retry-after", "30")
        }
        _ => ok(&issue(1)),
    })
    .await;
    let forge = server.as_app();
    let wait = |seconds| Some(Kind::RateLimited(Some(Span::seconds(seconds))));
    assert_eq!(kind(&forge, 9).await, wait(30));
    let asked = server.lines().len();
    server.clock.advance(Span::seconds(10));
    assert_eq!(kind(&forge, 9).await, wait(20), "the rest of it");
    assert_eq!(server.lines().len(), asked, "nothing was sent");
    assert_eq!(kind(&forge, 10).await, None, "another installation");
    server.clock.advance(Span::seconds(20));
    let asked = server.lines().len();
    assert_eq!(kind(&forge, 9).await, wait(30));
    assert!(server.lines().len() > asked, "it is asked again then");
}

#[tokio::test]
async fn what_is_left_is_kept_from_sweeps_first() {
    let server = Server::start(|_| {
        ok(&issue(1))
            .with("x-ratelimit-limit", "5000")
            .with("x-ratelimit-remaining", "900")
            .with("x-ratelimit-reset", "9999999999")
    })
    .await;
    let forge = server.as_app();
    let repo = repo();
    let read = async |class| {
        let mut answers = forge
            .read_for(class, &repo, &[ITEM], Freshness::Shared)
            .await;
        answers.remove(0).err().map(|error| error.kind)
    };
    assert_eq!(read(Class::Event).await, None);
    let asked = server.lines().len();
    let hour = Kind::RateLimited(Some(Span::hours(1)));
    assert_eq!(read(Class::Sweep).await, Some(hour));
    assert_eq!(server.lines().len(), asked, "nothing was sent");
    assert_eq!(read(Class::Interactive).await, None);
}

#[tokio::test]
async fn comments_are_written_a_second_apart() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "GET" => ok(&json!([])),
        _ => answer(201, &json!({"id": 1})),
    })
    .await;
    let settings = Settings {
        user_token: None,
        api_url: server.url.parse().unwrap(),
        graphql: caretaker_github::GraphQl::BesideRest,
        credentials: app(),
        deadline: Duration::from_secs(10),
        listing_pages: 1,
        write_pace: Settings::WRITE_PACE,
    };
    drop(rustls::crypto::ring::default_provider().install_default());
    let clock: Arc<dyn Clock> = Arc::new(server.clock.clone());
    let forge = GithubForge::new(settings, clock).unwrap();
    let comment = |marker: Marker| ForgeAction::UpsertComment {
        number: Number::new(1),
        marker,
        body: marker.render(),
    };
    let (repo, key) = (repo(), ActionKey::new("k"));
    let first = forge.write(&repo, &comment(Marker::Status), &key).await;
    assert!(first.unwrap().changed);
    let posts = || {
        let lines = server.lines().into_iter();
        lines
            .filter(|line| line.ends_with("/comments") && line.starts_with("POST"))
            .count()
    };
    assert_eq!(posts(), 1);
    let warning = comment(Marker::StaleWarning);
    let mut second = forge.write(&repo, &warning, &key).boxed();
    // It gets as far as waiting for its turn.
    while server.clock.sleepers() == 0 {
        assert!(futures_util::poll!(&mut second).is_pending());
        tokio::task::yield_now().await;
    }
    assert_eq!(posts(), 1, "it waits");
    server.clock.advance(Span::seconds(1));
    assert!(second.await.unwrap().changed);
    assert_eq!(posts(), 2);
}
