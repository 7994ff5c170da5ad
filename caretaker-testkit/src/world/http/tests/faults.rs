//! Limits that refuse before anything happens, and faults as a script writes them.

use serde_json::json;

use super::{get, send};
use crate::world::http::{CONTROLS, Outgoing};
use crate::world::tests::world;
use crate::world::{Spoil, Then, World};

const COMMENTS: &str = "/repos/octo/widgets/issues/2/comments";

async fn control(world: &World, path: &str, body: &str) -> Outgoing {
    send(world, "", "POST", path, body).await
}

async fn comment(world: &World) -> Outgoing {
    send(world, "bob", "POST", COMMENTS, r#"{"body":"hi"}"#).await
}

#[tokio::test]
async fn every_control_route_that_is_listed_exists() {
    let world = world();
    for route in CONTROLS {
        let out = send(&world, "", route.method, route.path, route.body).await;
        let said = String::from_utf8(out.body).unwrap();
        assert!(!said.contains("no control route"), "{route:?}");
        // No delivery has a guid yet.
        let wanted = if route.path == "/_sim/deliver" {
            400
        } else {
            200
        };
        assert_eq!(out.status, wanted, "{route:?}: {said}");
    }
}

#[tokio::test]
async fn every_fault_can_be_scripted_as_its_example_says() {
    for (then, _) in Then::examples() {
        let world = world();
        let body = json!({"call": "GET", "then": then}).to_string();
        let scripted = control(&world, "/_sim/faults", &body).await;
        assert_eq!(scripted.value(), json!({"scripted": 1}), "{body}");
    }
}

#[tokio::test]
async fn an_exhausted_hour_refuses_before_the_effect() {
    let world = world();
    world.as_token_of("bob");
    let left = control(&world, "/_sim/limits", "{left: 0}").await;
    assert_eq!(left.status, 200);
    assert_eq!(comment(&world).await.status, 403);
    assert!(world.log().effects().is_empty());
    let asked = get(&world, "/rate_limit").await;
    assert_eq!(asked.status, 200, "asking for the limit is free");
}

#[tokio::test]
async fn the_secondary_limit_counts_what_makes_content() {
    let world = world();
    control(&world, "/_sim/limits", "{content_per_minute: 2}").await;
    for wanted in [201, 201, 429] {
        assert_eq!(comment(&world).await.status, wanted);
    }
    let refused = comment(&world).await;
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert!(
        refused.value()["message"]
            .as_str()
            .unwrap()
            .contains("secondary rate limit")
    );
    assert_eq!(world.log().effects().count(), 2);
    let labels = "/repos/octo/widgets/issues/2/labels";
    let label = send(&world, "bob", "POST", labels, r#"{"labels":["bug"]}"#).await;
    assert_eq!(label.status, 200, "nobody is told of a label");
}

#[tokio::test]
async fn a_spoilt_answer_was_performed_and_is_noted_so() {
    let world = world();
    let script = "[{call: POST, then: {do: page, v: 502}}, \
        {call: POST, nth: 2, then: {do: truncate}}, {call: POST, nth: 3, then: {do: cut}}, \
        {call: POST, nth: 4, then: {do: reset}}]";
    control(&world, "/_sim/faults", script).await;
    let page = comment(&world).await;
    assert_eq!(page.status, 502);
    assert!(page.body.starts_with(b"<!DOCTYPE html>"));
    let half = comment(&world).await;
    assert_eq!((half.status, half.value()), (201, json!(null)));
    assert!(half.body.starts_with(b"{"), "the first half");
    assert_eq!(comment(&world).await.spoil, Some(Spoil::Cut));
    assert_eq!(comment(&world).await.spoil, Some(Spoil::Reset));
    assert_eq!(comment(&world).await.spoil, None);
    assert_eq!(world.log().effects().count(), 5);
    let log = world.log();
    assert!(log.0.iter().all(|entry| entry.status == Some(201)));
}
