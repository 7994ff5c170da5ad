//! Installation tokens that were asked for with fewer permissions or repositories.

use serde_json::{Value, json};

use super::{good_jwt, send};
use crate::world::World;
use crate::world::http::Outgoing;
use crate::world::tests::world;

async fn mint(world: &World, body: &Value) -> Outgoing {
    let target = "/app/installations/77/access_tokens";
    send(world, &good_jwt(), "POST", target, &body.to_string()).await
}

async fn token(world: &World, body: &Value) -> String {
    let minted = mint(world, body).await;
    assert_eq!(minted.status, 201, "{}", minted.value());
    minted.value()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_does_what_it_was_minted_for_and_is_told_what_it_lacks() {
    let world = world();
    let reading = token(&world, &json!({"permissions": {"issues": "read"}})).await;
    let comments = "/repos/octo/widgets/issues/2/comments";
    assert_eq!(
        send(&world, &reading, "GET", comments, "").await.status,
        200
    );
    let refused = send(&world, &reading, "POST", comments, r#"{"body":"hi"}"#).await;
    assert_eq!(refused.status, 403);
    let said = refused.value()["message"].as_str().unwrap().to_owned();
    assert_eq!(said, "Resource not accessible by integration");
    assert_eq!(
        refused.header("x-accepted-github-permissions"),
        Some("issues=write; pull_requests=write")
    );
    assert!(world.log().effects().is_empty());
    // A right to pull requests opens the route, but this is an issue.
    let other = json!({"permissions": {"pull_requests": "write"}});
    let other = token(&world, &other).await;
    let refused = send(&world, &other, "POST", comments, r#"{"body":"hi"}"#).await;
    assert_eq!(refused.status, 403);
    let repo = send(&world, &reading, "GET", "/repos/octo/widgets", "").await;
    assert_eq!(
        repo.status, 200,
        "what describes the repository is in every token"
    );
}

#[tokio::test]
async fn a_token_tells_what_it_may_and_sees_only_its_repositories() {
    let world = world();
    drop(world.in_repo("octo/gadgets"));
    let body = json!({"repositories": ["gadgets"], "permissions": {"contents": "write"}});
    let minted = mint(&world, &body).await.value();
    assert_eq!(
        minted["permissions"],
        json!({"contents": "write", "metadata": "read"})
    );
    assert_eq!(minted["repositories"][0]["name"], "gadgets");
    let narrow = minted["token"].as_str().unwrap();
    let status = async |name: &str| {
        let target = format!("/repos/octo/{name}");
        send(&world, narrow, "GET", &target, "").await.status
    };
    assert_eq!(status("gadgets").await, 200);
    assert_eq!(status("widgets").await, 404);
    let by_id = token(&world, &json!({"repository_ids": [world.repo().key.id()]})).await;
    let seen = send(&world, &by_id, "GET", "/installation/repositories", "").await;
    assert_eq!(seen.value()["total_count"], 1);
}

#[tokio::test]
async fn what_the_installation_lacks_is_not_minted() {
    let world = world();
    world.permit("issues", "read");
    world.permit("checks", "");
    for (body, words) in [
        (json!({"permissions": {"issues": "write"}}), "not granted"),
        (json!({"permissions": {"checks": "read"}}), "not granted"),
        (
            json!({"permissions": {"no_such_thing": "read"}}),
            "not granted",
        ),
        (json!({"repositories": ["nothing"]}), "does not exist"),
        (json!({"repository_ids": [999_999]}), "does not exist"),
    ] {
        let refused = mint(&world, &body).await;
        assert_eq!(refused.status, 422, "{body}");
        let said = refused.value()["message"].as_str().unwrap().to_owned();
        assert!(said.contains(words), "{body}: {said}");
    }
    world.install("alice", false);
    let gone = mint(&world, &json!({"repositories": ["widgets"]})).await;
    assert_eq!(gone.status, 422);
}
