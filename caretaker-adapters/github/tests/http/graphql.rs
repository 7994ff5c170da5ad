//! GraphQL over the wire: half an answer is a failure, listings go on by cursor, and what it does not
//! tell is asked of REST.

use caretaker_core::{
    model::{Answer as Told, ForgeQuery, Number, Snapshot},
    ports::{Forge, Freshness, Kind, PortError},
};
use serde_json::{Value, json};

use crate::server::{Answer, Seen, Server, issue, ok, repo};

fn sha() -> String {
    "a1".repeat(20)
}

/// A server whose REST tells a pull request without reviews and checks, and whose GraphQL is the
/// test's.
async fn server(graphql: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Server {
    let mut pull = issue(1);
    let end = json!({"ref": "main", "sha": sha(), "repo": {"id": 42}});
    pull["head"] = end.clone();
    pull["base"] = end;
    let branch = json!({
        "name": "main", "commit": {"sha": sha()}, "protected": false,
        "protection": {"enabled": false},
    });
    Server::start(move |seen| {
        let path = seen.path.trim_start_matches("/repos/octo/widgets");
        match path.split('?').next().unwrap() {
            "/graphql" => graphql(seen),
            "/pulls/1" => ok(&pull),
            "/branches/main" => ok(&branch),
            path if path.ends_with("/check-runs") => {
                ok(&json!({"total_count": 0, "check_runs": []}))
            }
            path if path.ends_with("/check-suites") => {
                ok(&json!({"total_count": 0, "check_suites": []}))
            }
            path if path.ends_with("/status") => ok(&json!({"state": "pending", "statuses": []})),
            _ => ok(&json!([])),
        }
    })
    .await
}

async fn snapshot(server: &Server) -> Result<Snapshot, PortError> {
    let question = [ForgeQuery::Snapshot(Number::new(1))];
    let forge = server.as_app();
    let mut answers = forge.read(&repo(), &question, Freshness::Fresh).await;
    match answers.remove(0)? {
        Told::Snapshot(snapshot) => Ok(*snapshot),
        other => panic!("{other:?}"),
    }
}

fn page(nodes: &Value, next: Option<&str>) -> Value {
    json!({"nodes": nodes, "pageInfo": {"hasNextPage": next.is_some(), "endCursor": next}})
}

fn check(id: &Value) -> Value {
    json!({
        "__typename": "CheckRun", "databaseId": id, "name": format!("check {id}"),
        "status": "COMPLETED", "conclusion": "SUCCESS",
        "startedAt": "2023-01-01T00:00:00Z", "completedAt": "2023-01-01T00:00:00Z",
        "checkSuite": {"app": {"databaseId": 15_368}},
    })
}

fn told(head: &str, reviews: &Value, contexts: &Value) -> Value {
    json!({"data": {"repository": {"databaseId": 42, "pullRequest": {
        "reviews": reviews,
        "commits": {"nodes": [{"commit": {
            "oid": head,
            "statusCheckRollup": {"contexts": contexts},
            "checkSuites": page(&json!([]), None),
        }}]},
    }}}})
}

fn empty() -> Value {
    page(&json!([]), None)
}

fn rest_asked(server: &Server) -> bool {
    let lines = server.lines();
    lines.iter().any(|line| line.contains("/check-runs"))
}

#[tokio::test]
async fn half_an_answer_is_a_failure_and_nothing_else_is_asked() {
    for (word, kind) in [
        ("FORBIDDEN", Kind::Denied),
        ("NOT_FOUND", Kind::NotFound),
        ("SERVICE_UNAVAILABLE", Kind::Unavailable),
    ] {
        let server = server(move |_| {
            let mut half = told(&sha(), &empty(), &empty());
            half["errors"] = json!([{"type": word, "message": "Resource not accessible"}]);
            ok(&half)
        })
        .await;
        let error = snapshot(&server).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!rest_asked(&server), "{:?}", server.lines());
    }
}

#[tokio::test]
async fn an_answer_without_what_was_asked_is_no_empty_one() {
    for body in [
        json!({}),
        json!({"data": null}),
        json!({"data": {"repository": null}}),
        json!({"data": {"repository": {"databaseId": 42, "pullRequest": null}}}),
        json!({"data": {"repository": {"databaseId": 42, "pullRequest": {
            "reviews": null, "commits": {"nodes": []},
        }}}}),
    ] {
        let shown = body.to_string();
        let server = server(move |_| ok(&body)).await;
        let error = snapshot(&server).await.unwrap_err();
        assert_eq!(error.kind, Kind::Corrupt, "{shown}");
    }
}

#[tokio::test]
async fn another_repository_under_the_name_is_denied() {
    let server = server(|_| {
        let mut other = told(&sha(), &empty(), &empty());
        other["data"]["repository"]["databaseId"] = json!(43);
        ok(&other)
    })
    .await;
    let error = snapshot(&server).await.unwrap_err();
    assert_eq!(error.kind, Kind::Denied);
}

#[tokio::test]
async fn another_head_or_a_run_without_a_number_is_left_to_rest() {
    let nameless = page(&json!([check(&Value::Null)]), None);
    for body in [
        told(&"b2".repeat(20), &empty(), &empty()),
        told(&sha(), &empty(), &nameless),
    ] {
        let server = server(move |_| ok(&body)).await;
        let snapshot = snapshot(&server).await.unwrap();
        assert!(snapshot.checks.rows.is_empty() && rest_asked(&server));
    }
}

#[tokio::test]
async fn listings_go_on_by_cursor() {
    let server = server(|seen| {
        let after = seen.body["variables"]["after"].as_str();
        let contexts = match after {
            None => page(&json!([check(&json!(1))]), Some("one")),
            Some("one") => page(&json!([check(&json!(2))]), Some("two")),
            Some(_) => page(&json!([check(&json!(3))]), None),
        };
        ok(&told(&sha(), &empty(), &contexts))
    })
    .await;
    let snapshot = snapshot(&server).await.unwrap();
    let ids = snapshot.checks.rows.iter().map(|check| check.id.value());
    assert_eq!(ids.collect::<Vec<_>>(), [1, 2, 3]);
    assert!(snapshot.checks.complete && !rest_asked(&server));
}

#[tokio::test]
async fn a_listing_in_circles_or_with_holes_is_incomplete() {
    let circle = page(&json!([check(&json!(1))]), Some("one"));
    let hole = page(&json!([check(&json!(1)), null]), None);
    for contexts in [circle, hole] {
        let server = server(move |_| ok(&told(&sha(), &empty(), &contexts))).await;
        let snapshot = snapshot(&server).await.unwrap();
        assert!(!snapshot.checks.complete);
        assert!(snapshot.reviews.complete);
    }
}

#[tokio::test]
async fn a_question_is_sent_to_graphql_with_the_repositorys_token() {
    let server = server(|_| ok(&told(&sha(), &empty(), &empty()))).await;
    snapshot(&server).await.unwrap();
    let seen = server.seen();
    let asked: Vec<_> = seen.iter().filter(|s| s.path == "/graphql").collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("authorization"), "Bearer ghs_1");
    let variables = json!({"owner": "octo", "name": "widgets", "number": 1});
    assert_eq!(asked[0].body["variables"], variables);
}
