//! What of GitHub's manners clients rely on: errors beside data, node ids, pages, points, deliveries.

use std::sync::Arc;

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use crate::clock::VirtualClock;
use crate::world::{Incoming, World};

fn world() -> World {
    let clock = VirtualClock::at(Timestamp::from_millis(1_700_000_000_000));
    let world = World::new(Arc::new(clock));
    world.accept_token("ghp_bob", "bob");
    world
}

async fn ask(world: &World, query: &str, variables: Value) -> Value {
    let headers = [("authorization", "Bearer ghp_bob"), ("user-agent", "test")];
    let incoming = Incoming {
        method: "POST".to_owned(),
        target: "/graphql".to_owned(),
        headers: headers.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        body: json!({"query": query, "variables": variables})
            .to_string()
            .into_bytes(),
    };
    let out = world.respond(incoming).await;
    assert_eq!(out.status, 200);
    serde_json::from_slice(&out.body).unwrap()
}

#[tokio::test]
async fn a_field_that_is_not_there_is_an_error_and_a_violation() {
    let world = world();
    let body = ask(
        &world,
        "{ repository(owner: \"a\", name: \"b\") { nonsense } }",
        json!({}),
    )
    .await;
    let errors = body["errors"].as_array().unwrap();
    assert!(body.get("data").is_none(), "{body}");
    let text = |error: &Value| error["message"].as_str().unwrap().to_owned();
    let names_both = |text: String| text.contains("nonsense") && text.contains("Repository");
    assert!(errors.iter().map(text).any(names_both), "{body}");
    assert!(errors[0]["extensions"]["code"].is_string(), "{body}");
    assert_eq!(world.take_violations().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_resolved_stands_beside_the_data_with_its_path() {
    let world = world();
    let query = "query Q($n: Int!) { repository(owner: \"octo\", name: \"widgets\") { \
                 name pullRequest(number: $n) { number } } }";
    let body = ask(&world, query, json!({"n": 99})).await;
    assert_eq!(body["data"]["repository"]["name"], "widgets");
    assert_eq!(body["data"]["repository"]["pullRequest"], Value::Null);
    assert_eq!(body["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(
        body["errors"][0]["path"],
        json!(["repository", "pullRequest"])
    );
}

#[tokio::test]
async fn what_rest_names_by_node_id_is_found_by_it() {
    let world = world();
    world.check(1, "test").pass();
    world.review(1, "bob").approve();
    let query = "query Q($id: ID!) { node(id: $id) { __typename id } }";
    let seen = |text: &str| world.look(|state| state.pull_json(1, 1, true)["node_id"] == text);
    let pull = world.look(|state| format!("PR_{}", state.item(1, 1).unwrap().id));
    assert!(seen(&pull));
    let body = ask(&world, query, json!({"id": pull})).await;
    assert_eq!(body["data"]["node"]["__typename"], "PullRequest");
    assert_eq!(body["data"]["node"]["id"], pull);
    let body = ask(&world, query, json!({"id": "PR_nobody"})).await;
    assert_eq!(body["errors"][0]["type"], "NOT_FOUND");
}

#[tokio::test]
async fn a_connection_is_cut_by_cursor_and_wants_bounds() {
    let world = world();
    for _ in 0..3 {
        world.review(1, "bob").saying("hm").comment();
    }
    let query = "query Q($after: String) { repository(owner: \"octo\", name: \"widgets\") { \
                 pullRequest(number: 1) { reviews(first: 2, after: $after) { \
                 totalCount nodes { id } pageInfo { hasNextPage endCursor } } } } }";
    let reviews = |body: &Value| body["data"]["repository"]["pullRequest"]["reviews"].clone();
    let first = reviews(&ask(&world, query, json!({})).await);
    assert_eq!(first["totalCount"], 3);
    assert_eq!(first["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = first["pageInfo"]["endCursor"].clone();
    let second = reviews(&ask(&world, query, json!({"after": after})).await);
    assert_eq!(second["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(second["pageInfo"]["hasNextPage"], false);

    let unbounded = query.replace("first: 2, ", "");
    let body = ask(&world, &unbounded, json!({})).await;
    assert_eq!(body["errors"][0]["type"], "UNPROCESSABLE");
    assert_eq!(world.take_violations().len(), 1);
}

#[tokio::test]
async fn a_mutation_changes_the_world_and_is_logged_as_a_write() {
    let world = world();
    world.draft(1, "alice", true);
    world.take_deliveries();
    let pull = world.look(|state| format!("PR_{}", state.item(1, 1).unwrap().id));
    let query = "mutation Ready($id: ID!) { markPullRequestReadyForReview(\
                 input: {pullRequestId: $id, clientMutationId: \"7\"}) \
                 { clientMutationId pullRequest { isDraft } } }";
    let seq = world.log().count();
    let body = ask(&world, query, json!({"id": pull})).await;
    let payload = &body["data"]["markPullRequestReadyForReview"];
    assert_eq!(payload["pullRequest"]["isDraft"], false, "{body}");
    assert_eq!(payload["clientMutationId"], "7");
    let log = world.log().since(seq);
    assert_eq!(log.writes().count(), 1);
    assert_eq!(log.entries()[0].op, "POST /graphql");
    assert_eq!(log.entries()[0].about, "Ready");
    let told = world.take_deliveries();
    assert_eq!(told[0].action.as_deref(), Some("ready_for_review"));
}

#[tokio::test]
async fn points_are_taken_as_github_computes_them() {
    let world = world();
    let cheap = "{ rateLimit { cost used } repository(owner: \"octo\", name: \"widgets\") \
                 { pullRequest(number: 1) { reviews(first: 100) { totalCount } } } }";
    let body = ask(&world, cheap, json!({})).await;
    assert_eq!(body["data"]["rateLimit"], json!({"cost": 1, "used": 1}));
    // A page of commits, and for each of them pages of suites.
    let dear = "{ rateLimit { cost used } repository(owner: \"octo\", name: \"widgets\") \
                { pullRequest(number: 1) { commits(first: 100) { nodes { commit \
                { checkSuites(first: 100) { nodes { id } } } } } } } }";
    let body = ask(&world, dear, json!({})).await;
    assert_eq!(body["data"]["rateLimit"], json!({"cost": 1, "used": 2}));
    let dearer = dear.replace(
        "{ id }",
        "{ app { id } } } } again: commit { checkSuites(last: 100) { nodes { id }",
    );
    let body = ask(&world, &dearer, json!({})).await;
    assert_eq!(body["data"]["rateLimit"]["cost"], 2, "{body}");
}
