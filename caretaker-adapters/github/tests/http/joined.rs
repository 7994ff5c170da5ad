//! Equal questions under way at once: asked once, unless somebody needs an answer of their own.

use caretaker_core::{
    model::{Answer, ForgeQuery, Number},
    ports::{Forge, Freshness, Kind, PortError},
};
use caretaker_github::GithubForge;
use futures_util::{
    future::{join, join3},
    poll,
};
use serde_json::json;

use super::server::{Server, answer, issue, ok, repo};

type Read = Vec<Result<Answer, PortError>>;

async fn server() -> (Server, GithubForge) {
    let server = Server::start(|seen| match seen.path.rsplit('/').next() {
        Some("404") => answer(404, &json!({"message": "Not Found"})),
        Some("1") => ok(&issue(1)),
        _ => ok(&issue(2)),
    })
    .await;
    let forge = server.as_user();
    forge.identity().await.unwrap();
    (server, forge)
}

async fn read(forge: &GithubForge, number: u64, freshness: Freshness) -> Read {
    let question = [ForgeQuery::Item(Number::new(number))];
    forge.read(&repo(), &question, freshness).await
}

#[tokio::test]
async fn equal_questions_under_way_are_asked_once() {
    let (server, forge) = server().await;
    let shared = |number| read(&forge, number, Freshness::Shared);
    let (first, second, other) = join3(shared(1), shared(1), shared(2)).await;
    let [first, second, other] = [first, second, other].map(|mut told| told.remove(0).unwrap());
    assert_eq!(first, second);
    assert_ne!(first, other);
    assert_eq!(server.lines().len(), 2, "{:?}", server.lines());
    shared(1).await[0].as_ref().unwrap();
    assert_eq!(server.lines().len(), 3, "what was told is not kept");
}

#[tokio::test]
async fn who_needs_an_answer_of_their_own_joins_nobody() {
    let (server, forge) = server().await;
    let shared = read(&forge, 1, Freshness::Shared);
    let (_, own) = join(shared, read(&forge, 1, Freshness::Fresh)).await;
    assert!(own[0].is_ok(), "{own:?}");
    assert_eq!(server.lines().len(), 2, "{:?}", server.lines());
}

#[tokio::test]
async fn who_waits_asks_anew_when_the_one_who_asked_goes_away() {
    let (server, forge) = server().await;
    let mut asks = Box::pin(read(&forge, 1, Freshness::Shared));
    let mut waits = Box::pin(read(&forge, 1, Freshness::Shared));
    assert!(poll!(&mut asks).is_pending() && poll!(&mut waits).is_pending());
    drop(asks);
    assert!(waits.await[0].is_ok());
    assert!(read(&forge, 1, Freshness::Shared).await[0].is_ok());
    assert!(server.lines().len() >= 2, "{:?}", server.lines());
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_waited_for_it() {
    let (_server, forge) = server().await;
    let shared = || read(&forge, 404, Freshness::Shared);
    let (first, second) = join(shared(), shared()).await;
    let kinds = [&first, &second].map(|told| told[0].as_ref().unwrap_err().kind);
    assert_eq!(kinds, [Kind::NotFound; 2]);
}
