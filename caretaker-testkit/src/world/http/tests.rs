//! The REST face: strictness, credentials, pages, caches, faults, control routes, seeds.

mod acts;
mod faults;
mod tokens;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Incoming, Outgoing};
use crate::world::tests::{Fixed, world};
use crate::world::{Seed, World};

const NOW: i64 = 1_750_000_000;

/// A request in the name of a credential; `bob` is a personal token of bob's.
async fn send(world: &World, auth: &str, method: &str, target: &str, body: &str) -> Outgoing {
    world.accept_token("bob", "bob");
    let mut headers = vec![("user-agent".to_owned(), "test".to_owned())];
    if !auth.is_empty() {
        headers.push(("authorization".to_owned(), format!("Bearer {auth}")));
    }
    world
        .respond(Incoming {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: body.as_bytes().to_vec(),
        })
        .await
}

async fn get(world: &World, target: &str) -> Outgoing {
    send(world, "bob", "GET", target, "").await
}

fn jwt(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.c2ln",
        part(&json!({"alg": "RS256", "typ": "JWT"})),
        part(claims)
    )
}

fn good_jwt() -> String {
    jwt(&json!({"iss": "7", "iat": NOW - 60, "exp": NOW + 540}))
}

async fn app_token(world: &World) -> String {
    let target = "/app/installations/77/access_tokens";
    let minted = send(world, &good_jwt(), "POST", target, "").await;
    assert_eq!(minted.status, 201);
    minted.value()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_unknown_route_is_404_and_a_violation() {
    let world = world();
    let out = get(&world, "/repos/octo/widgets/stargazers").await;
    assert_eq!(out.status, 404);
    assert!(
        out.value()["message"]
            .as_str()
            .unwrap()
            .contains("does not know this route")
    );
    assert_eq!(world.take_violations().len(), 1);
}

#[tokio::test]
#[should_panic(expected = "does not know this route")]
async fn a_violation_fails_the_test() {
    let world = world();
    get(&world, "/nothing").await;
    world.finish();
}

#[tokio::test]
async fn a_malformed_body_is_refused_and_a_violation() {
    let world = world();
    let comments = "/repos/octo/widgets/issues/2/comments";
    for (body, status) in [
        ("{", 400),
        ("[]", 422),
        (r#"{"body":1}"#, 422),
        (r#"{"text":"x"}"#, 422),
        ("{}", 422),
    ] {
        let out = send(&world, "bob", "POST", comments, body).await;
        assert_eq!(out.status, status, "{body}");
        assert_eq!(world.take_violations().len(), 1, "{body}");
    }
    assert!(world.log().effects().is_empty());
}

#[tokio::test]
async fn an_unknown_query_parameter_is_ignored_and_a_violation() {
    let world = world();
    assert_eq!(
        get(&world, "/repos/octo/widgets/issues?stat=open")
            .await
            .status,
        200
    );
    assert_eq!(world.take_violations().len(), 1);
}

#[tokio::test]
async fn credentials_decide_what_is_there() {
    let world = world();
    let repo = "/repos/octo/widgets";
    assert_eq!(send(&world, "", "GET", repo, "").await.status, 401);
    assert_eq!(send(&world, "nobody", "GET", repo, "").await.status, 401);
    assert_eq!(get(&world, repo).await.status, 200);
    assert_eq!(get(&world, "/user").await.value()["login"], "bob");
    world.hide(true);
    assert_eq!(get(&world, repo).await.status, 404);
}

#[tokio::test]
async fn a_jwt_buys_an_installation_token_that_ends() {
    let world = world();
    let app = send(&world, &good_jwt(), "GET", "/app", "").await;
    assert_eq!(app.value()["slug"], "caretaker");
    let of_repo = send(
        &world,
        &good_jwt(),
        "GET",
        "/repos/octo/widgets/installation",
        "",
    )
    .await;
    assert_eq!(of_repo.value()["id"], 77);
    let token = app_token(&world).await;
    assert_eq!(
        send(&world, &token, "GET", "/repos/octo/widgets", "")
            .await
            .status,
        200
    );
    world.with(|state| {
        let known = state.tokens.get_mut(&token).unwrap();
        known.until = Some(state.now);
    });
    assert_eq!(
        send(&world, &token, "GET", "/repos/octo/widgets", "")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_jwt_from_the_future_too_long_or_of_another_app_is_refused() {
    let world = world();
    for claims in [
        json!({"iss": "7", "iat": NOW + 60, "exp": NOW + 500}),
        json!({"iss": "7", "iat": NOW - 60, "exp": NOW + 660}),
        json!({"iss": "7", "iat": NOW - 660, "exp": NOW - 60}),
        json!({"iss": "8", "iat": NOW - 60, "exp": NOW + 500}),
        json!({"iss": "7", "exp": NOW + 500}),
    ] {
        assert_eq!(
            send(&world, &jwt(&claims), "GET", "/app", "").await.status,
            401,
            "{claims}"
        );
    }
}

#[tokio::test]
async fn a_key_makes_signatures_count() {
    let world = world();
    world.with(|state| state.app_key = Some(vec![1, 2, 3]));
    assert_eq!(
        send(&world, &good_jwt(), "GET", "/app", "").await.status,
        401
    );
    assert!(world.app_key("no key").is_err());
}

#[tokio::test]
async fn a_token_cannot_write_check_runs_and_an_app_can() {
    let world = world();
    let body = json!({
        "name": "caretaker/readiness",
        "head_sha": world.head(1),
        "conclusion": "success",
        "output": {"title": "ready", "summary": "all is well"},
    });
    let runs = "/repos/octo/widgets/check-runs";
    let refused = send(&world, "bob", "POST", runs, &body.to_string()).await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.value()["message"],
        "You must authenticate via a GitHub App."
    );
    let token = app_token(&world).await;
    let made = send(&world, &token, "POST", runs, &body.to_string()).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.value()["app"]["id"], 7);
    assert_eq!(
        world.published(1, "caretaker/readiness").unwrap().0,
        "success"
    );
    let list = format!(
        "/repos/octo/widgets/commits/{}/check-runs?filter=latest",
        world.head(1)
    );
    assert_eq!(
        get(&world, &list).await.value()["check_runs"][0]["conclusion"],
        "success"
    );
}

#[tokio::test]
async fn a_missing_permission_is_403_and_says_which() {
    let world = world();
    world.permit("issues", "read");
    let token = app_token(&world).await;
    let target = "/repos/octo/widgets/issues/2/comments";
    let out = send(&world, &token, "POST", target, r#"{"body":"x"}"#).await;
    assert_eq!(out.status, 403);
    assert_eq!(
        out.header("x-accepted-github-permissions"),
        Some("issues=write; pull_requests=write")
    );
}

#[tokio::test]
async fn an_unchanged_answer_is_304_and_costs_nothing() {
    let world = world();
    let first = get(&world, "/repos/octo/widgets/issues/2").await;
    let etag = first.header("etag").unwrap().to_owned();
    let left = first.header("x-ratelimit-remaining").unwrap().to_owned();
    let again = |world: &World| {
        let world = world.clone();
        let etag = etag.clone();
        async move {
            let mut incoming = Incoming {
                method: "GET".to_owned(),
                target: "/repos/octo/widgets/issues/2".to_owned(),
                ..Incoming::default()
            };
            for (name, value) in [
                ("user-agent", "t"),
                ("authorization", "token bob"),
                ("if-none-match", &etag),
            ] {
                incoming.headers.push((name.to_owned(), value.to_owned()));
            }
            world.respond(incoming).await
        }
    };
    let unchanged = again(&world).await;
    assert_eq!(unchanged.status, 304);
    assert!(unchanged.body.is_empty());
    assert_eq!(unchanged.header("x-ratelimit-remaining").unwrap(), left);
    world.label(2, "bob", "bug");
    assert_eq!(again(&world).await.status, 200);
}

#[tokio::test]
async fn pages_lead_to_each_other() {
    let world = world();
    for n in 0..3 {
        world.open_issue("carol", &format!("issue {n}"));
    }
    let target = "/repos/octo/widgets/issues?state=open&sort=created&direction=asc&per_page=2";
    let first = get(&world, target).await;
    let numbers = |out: &Outgoing| -> Vec<u64> {
        let rows = out.value();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["number"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&first), [1, 2]);
    let link = first.header("link").unwrap();
    let base = "https://api.github.com/repos/octo/widgets/issues";
    let query = "state=open&sort=created&direction=asc&per_page=2";
    let next = format!("<{base}?{query}&page=2>; rel=\"next\"");
    let last = format!("<{base}?{query}&page=3>; rel=\"last\"");
    assert_eq!(link, format!("{next}, {last}"));
    let end = get(&world, &format!("{target}&page=3")).await;
    assert_eq!(numbers(&end), [5]);
    assert!(!end.header("link").unwrap().contains("rel=\"next\""));
}

#[tokio::test]
async fn an_exhausted_budget_is_403_with_its_reset() {
    let world = world();
    world.as_token_of("bob");
    world.requests_left(0);
    let out = get(&world, "/repos/octo/widgets").await;
    assert_eq!(out.status, 403);
    assert_eq!(out.header("x-ratelimit-remaining"), Some("0"));
    assert!(out.header("x-ratelimit-reset").is_some() && out.header("retry-after").is_none());
}

#[tokio::test]
async fn a_renamed_repository_sends_on_to_its_number() {
    let world = world();
    world.rename("bob", "gadgets");
    let moved = get(&world, "/repos/octo/widgets/issues/2").await;
    assert_eq!(moved.status, 301);
    let to = moved.header("location").unwrap();
    assert_eq!(to, "https://api.github.com/repositories/1/issues/2");
    assert_eq!(
        get(&world, "/repositories/1/issues/2").await.value()["number"],
        2
    );
}

#[tokio::test]
async fn a_request_after_which_the_reply_fails_was_performed() {
    let world = world();
    let route = r#"{"call":"POST /repos/{owner}/{repo}/issues/{number}/labels","then":{"do":"fail_after","v":502}}"#;
    let scripted = send(&world, "", "POST", "/_sim/faults", route).await;
    assert_eq!(scripted.status, 200, "{}", scripted.value());
    let target = "/repos/octo/widgets/issues/2/labels";
    let body = r#"{"labels":["stale"]}"#;
    assert_eq!(send(&world, "bob", "POST", target, body).await.status, 502);
    assert_eq!(world.labels(2), ["stale"]);
    assert_eq!(send(&world, "bob", "POST", target, body).await.status, 200);
    assert_eq!(world.log().writes().count(), 2);
    assert_eq!(world.log().effects().count(), 1);
}

#[tokio::test]
async fn a_script_can_act_hold_release_and_look() {
    let world = world();
    let act = "{do: comment, number: 2, by: carol, text: hello}";
    let told = send(&world, "", "POST", "/_sim/act", act).await;
    assert!(
        told.value()["number"].as_u64().is_some(),
        "{}",
        told.value()
    );
    let fault = "{call: PATCH, then: {do: hold}}";
    let scripted = send(&world, "", "POST", "/_sim/faults", fault).await;
    assert_eq!(scripted.value(), json!({"scripted": 1}));
    let close = r#"{"state":"closed","state_reason":"not_planned"}"#;
    let write = send(
        &world,
        "bob",
        "PATCH",
        "/repos/octo/widgets/issues/2",
        close,
    );
    tokio::pin!(write);
    assert!(futures_util::poll!(&mut write).is_pending());
    let held = send(&world, "", "GET", "/_sim/held", "").await.value();
    assert_eq!(held.as_array().unwrap().len(), 1);
    send(&world, "", "POST", "/_sim/release", "{how: refuse}").await;
    assert_eq!(write.await.status, 503);
    let state = send(&world, "", "GET", "/_sim/state", "").await.value();
    assert_eq!(state["repositories"][0]["items"][1]["open"], true);
    let log = send(&world, "", "GET", "/_sim/log?writes=1", "")
        .await
        .value();
    assert_eq!(log[0]["status"], 503);
    let wrong = send(
        &world,
        "",
        "POST",
        "/_sim/act",
        "{do: label, number: 99, by: x, label: y}",
    );
    assert_eq!(wrong.await.status, 400);
}

#[tokio::test]
async fn the_configuration_is_read_as_contents_with_its_last_commit() {
    let world = world();
    let long = format!("version: '1' # {}\n", "x".repeat(100));
    let commit = world.config(&long);
    let list = "/repos/octo/widgets/commits?path=.github/maintainer/config.yml&per_page=1";
    assert_eq!(get(&world, list).await.value()[0]["sha"], commit.as_str());
    let path = format!("/repos/octo/widgets/contents/.github/maintainer/config.yml?ref={commit}");
    let body = get(&world, &path).await.value();
    let text: String = body["content"].as_str().unwrap().split('\n').collect();
    let text = base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), long);
}

#[tokio::test]
async fn branches_with_slashes_are_found_and_deleted() {
    let world = world();
    world.open_pull("bob", "fix/it", "Fix it");
    let seen = get(&world, "/repos/octo/widgets/branches/fix%2Fit").await;
    assert_eq!(seen.value()["name"], "fix/it");
    let target = "/repos/octo/widgets/git/refs/heads/fix/it";
    assert_eq!(send(&world, "bob", "DELETE", target, "").await.status, 204);
    assert_eq!(
        get(&world, "/repos/octo/widgets/branches/fix/it")
            .await
            .status,
        404
    );
}

const SEED: &str = "
app_slug: keeper
repositories:
  - name: octo/widgets
    people: {alice: write}
    files: {.github/maintainer/config.yml: \"version: '1'\\n\"}
    protection: {main: {checks: [ci, [lint, 15368]]}}
    items:
      - {title: Old, by: carol, created: -90d, updated: -61d, labels: [bug]}
      - {number: 7, title: New, by: alice, branch: feature, draft: true}
    history:
      - {at: -60d, do: comment, number: 1, by: carol, text: still there}
      - {do: check, number: 7, name: ci, word: success}
";

#[tokio::test]
async fn a_seed_tells_the_past_with_ages_and_delivers_nothing_of_it() {
    let world = World::empty(std::sync::Arc::new(Fixed));
    world.grow(&Seed::parse(SEED).unwrap()).unwrap();
    assert!(world.deliveries().is_empty());
    let old = get(&world, "/repos/octo/widgets/issues/1").await.value();
    assert_eq!(old["created_at"], "2025-03-17T15:06:40Z");
    assert_eq!(old["updated_at"], "2025-04-16T15:06:40Z");
    let new = get(&world, "/repos/octo/widgets/pulls/7").await.value();
    assert_eq!(new["mergeable_state"], "draft");
    let branch = get(&world, "/repos/octo/widgets/branches/main")
        .await
        .value();
    let checks = &branch["protection"]["required_status_checks"]["checks"];
    assert_eq!(checks[1], json!({"context": "lint", "app_id": 15_368}));
}

#[test]
fn a_seed_that_does_not_fit_says_where() {
    assert!(Seed::parse("repos: []").unwrap_err().contains("repos"));
    let world = World::empty(std::sync::Arc::new(Fixed));
    let seed = "repositories: [{name: o/r, items: [{title: x, by: y, created: yesterday}]}]";
    let error = world.grow(&Seed::parse(seed).unwrap()).unwrap_err();
    assert!(error.contains("o/r") && error.contains("-61d"), "{error}");
}

#[tokio::test]
async fn a_delivery_is_handed_over_by_http_once_and_again_when_asked() {
    let world = world();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // It delivers to itself: what it answers there (a violation) shows what arrived.
    let hooks = super::Hooks {
        url: format!("http://{address}/webhooks"),
        secret: caretaker_core::model::Secret::new("s"),
    };
    let mut tasks = tokio::task::JoinSet::new();
    let server = world.clone();
    tasks.spawn(async move { server.serve(listener, Some(hooks)).await });
    world.label(2, "bob", "bug");
    let until_sent = |count: usize| {
        let world = world.clone();
        async move {
            while world.sent().len() < count {
                let moved = world.shared.moved.notified();
                if world.sent().len() < count {
                    moved.await;
                }
            }
        }
    };
    until_sent(1).await;
    let guid = world.sent()[0].guid.clone();
    assert!(world.redeliver(&guid));
    until_sent(2).await;
    let sent = world.sent();
    assert_eq!(
        (sent[1].guid.as_str(), sent[1].status),
        (guid.as_str(), Some(404))
    );
    assert_eq!(world.take_violations().len(), 2);
}
