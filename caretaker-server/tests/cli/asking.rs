//! `caretaker ask`: one question over HTTP to a simulated GitHub, and what it says instead.

use std::sync::Arc;

use caretaker_testkit::world::{Fault, World};
use caretaker_wiring::clock::SystemClock;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::Desk;

/// A desk whose GitHub is a world of its own; `bob` asks.
async fn desk() -> (Desk, World, JoinSet<()>) {
    let world = World::new(Arc::new(SystemClock::start())).unwatched();
    world.as_token_of("bob");
    world.accept_token("ghp_bob", "bob");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    let github = world.clone();
    server.spawn(async move { github.serve(listener, None).await.unwrap() });
    let desk = Desk::new()
        .env("CARETAKER_GITHUB_API_URL", url)
        .env("GITHUB_TOKEN", "ghp_bob");
    (desk, world, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_by_name_and_by_json() {
    let (desk, world, _server) = desk().await;
    let named = desk.call(&["ask", "octo/widgets", "item", "2", "--json"]);
    let told = named.json(0);
    assert_eq!(told["repo"], "octo/widgets");
    assert_eq!(told["answer"]["v"]["number"], 2, "{told}");
    assert_eq!(told["answer"]["v"]["pull"], false, "{told}");
    let question = told["question"].to_string();
    let again = desk.call(&["ask", "octo/widgets", &question, "--json"]);
    assert_eq!(again.json(0), told);
    assert_eq!(world.log().writes().count(), 0);
    assert!(!desk.data().exists(), "it needs no store and makes none");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_laid_out_for_people() {
    let (desk, _world, _server) = desk().await;
    let said = desk.call(&["ask", "octo/widgets", "branch", "main"]);
    assert!(said.text(0).contains("\n  \"default\": true"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_no_and_no_failure() {
    let (desk, _world, _server) = desk().await;
    let said = desk.call(&["ask", "octo/widgets", "item", "99"]);
    assert_eq!(said.text(1), "");
    assert!(said.err.contains("no such thing"), "{said:?}");
    let json = desk.call(&["ask", "octo/widgets", "item", "99", "--json"]);
    assert_eq!(json.json(1)["answer"]["a"], "missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_permission_that_is_missing() {
    let (desk, world, _server) = desk().await;
    world.fault(Fault::on("/issues/{number}").fail_before(403));
    let said = desk.call(&["ask", "octo/widgets", "item", "2"]);
    assert!(said.complaint().contains("issues: read"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_out_of_sight_is_named() {
    let (desk, _world, _server) = desk().await;
    let said = desk.call(&["ask", "octo/gone", "item", "2"]);
    assert!(said.complaint().contains("octo/gone"), "{said:?}");
    assert!(said.err.contains("caretaker doctor"), "{said:?}");
}

#[test]
fn what_is_no_question_is_refused_before_anything_is_asked() {
    let desk = Desk::new().env("CARETAKER_GITHUB_API_URL", "http://127.0.0.1:1");
    for (question, hint) in [
        (&["items", "7"][..], "did you mean item"),
        (&["weather"], "caretaker ask --list"),
        (&["item"], "write it like `item 2`"),
        (&["item", "seven"], "write it like `item 2`"),
        (&["config_file", "7"], "leave out the last argument"),
        (&["{\"get\":\"item\"}", "7"], "leave out the last argument"),
        (&["{\"get\":7}"], "--list --json"),
        (&["item", "7"], "GITHUB_TOKEN"),
    ] {
        let args = [&["ask", "octo/widgets"], question].concat();
        let said = desk.call(&args);
        assert!(said.complaint().contains(hint), "{question:?}: {said:?}");
    }
}

#[test]
fn the_list_shows_each_question_as_it_is_asked() {
    let desk = Desk::new();
    let said = desk.call(&["ask", "--list"]);
    assert!(said.text(0).contains("\nconfig_file "), "{said:?}");
    assert!(said.out.contains("\nopen_items '{"), "{said:?}");
    let json = desk.call(&["ask", "--list", "--json"]).json(0);
    let listed = json.as_array().unwrap();
    let first = listed.iter().find(|row| row["name"] == "item").unwrap();
    assert_eq!(first["example"]["get"], "item");
    assert_eq!(first["permissions"][0], "issues: read");
}
