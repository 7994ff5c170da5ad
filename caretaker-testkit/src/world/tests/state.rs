//! The state and what it sends.

use super::world;
use crate::world::{Protection, World, signature};

fn sent(world: &World) -> Vec<String> {
    let hooks = world.take_deliveries().into_iter();
    hooks
        .map(|hook| match &hook.action {
            Some(action) => format!("{}.{action}", hook.event),
            None => hook.event.clone(),
        })
        .collect()
}

fn merge_state(world: &World) -> String {
    world.with(|state| {
        state.pull_json(1, 1, true)["mergeable_state"]
            .as_str()
            .unwrap()
            .to_owned()
    })
}

#[test]
fn the_default_world_is_populated_and_has_sent_nothing() {
    let world = world();
    assert!(world.is_open(1) && world.is_open(2));
    assert_eq!(world.head(1).len(), 40);
    assert!(sent(&world).is_empty());
}

#[test]
fn two_equal_stories_are_equal_byte_for_byte() {
    let tell = || {
        let world = world();
        world.push(1);
        world.check(1, "ci").pass();
        world.review(1, "bob").approve();
        world.deliveries()
    };
    assert_eq!(tell(), tell());
}

#[test]
fn a_push_moves_the_pull_request_and_opens_an_empty_suite() {
    let world = world();
    let before = world.head(1);
    let after = world.push(1);
    assert_eq!(world.head(1), after);
    assert_ne!(before, after);
    assert_eq!(
        sent(&world),
        ["push", "check_suite.requested", "pull_request.synchronize"]
    );
}

#[test]
fn an_empty_suite_stays_queued_and_is_no_check() {
    let world = world();
    world.push(1);
    let hooks = world.take_deliveries();
    let suite = hooks
        .iter()
        .find(|hook| hook.event == "check_suite")
        .unwrap()
        .payload();
    assert_eq!(suite["check_suite"]["status"], "queued");
    assert_eq!(suite["check_suite"]["app"]["id"], 7);
    assert_eq!(merge_state(&world), "clean");
}

#[test]
fn a_suite_completes_with_its_last_run_and_names_the_pull_request() {
    let world = world();
    world.check(1, "lint").start();
    world.check(1, "test").start();
    world.check(1, "lint").fail();
    assert_eq!(
        sent(&world),
        [
            "check_run.created",
            "check_run.created",
            "check_run.completed"
        ]
    );
    world.check(1, "test").pass();
    let hooks = world.take_deliveries();
    assert_eq!(hooks[1].event, "check_suite");
    let suite = hooks[1].payload();
    assert_eq!(suite["check_suite"]["conclusion"], "failure");
    assert_eq!(suite["check_suite"]["pull_requests"][0]["number"], 1);
}

#[test]
fn a_remark_takes_no_approval_back_and_a_dismissal_does() {
    let world = world();
    world.ruleset(
        "main",
        Protection {
            approvals: 1,
            ..Protection::default()
        },
    );
    assert_eq!(merge_state(&world), "blocked");
    world.review(1, "bob").approve();
    world.review(1, "bob").comment();
    assert_eq!(merge_state(&world), "clean");
    world.review(1, "bob").dismiss("alice");
    assert_eq!(merge_state(&world), "blocked");
}

#[test]
fn approvals_of_strangers_do_not_count_and_nobody_approves_their_own() {
    let world = world();
    world.ruleset(
        "main",
        Protection {
            approvals: 1,
            ..Protection::default()
        },
    );
    world.review(1, "carol").approve();
    assert_eq!(merge_state(&world), "blocked");
    let own = std::panic::AssertUnwindSafe(|| world.review(1, "alice").approve());
    assert!(std::panic::catch_unwind(own).is_err());
}

#[test]
fn a_push_dismisses_approvals_where_protection_says_so() {
    let world = world();
    let rules = Protection {
        approvals: 1,
        dismiss_stale: true,
        ..Protection::default()
    };
    world.protect("main", rules);
    world.review(1, "bob").approve();
    world.push(1);
    assert_eq!(merge_state(&world), "blocked");
    assert!(sent(&world).contains(&"pull_request_review.dismissed".to_owned()));
}

#[test]
fn required_checks_block_others_only_make_unstable() {
    let world = world();
    world.check(1, "lint").fail();
    assert_eq!(merge_state(&world), "unstable");
    world.protect("main", Protection::checks(&["ci"]));
    assert_eq!(merge_state(&world), "blocked");
    world.check(1, "ci").pass();
    assert_eq!(merge_state(&world), "unstable");
    world.check(1, "lint").pass();
    assert_eq!(merge_state(&world), "clean");
}

#[test]
fn a_head_behind_its_base_is_told_only_where_it_must_not_be() {
    let world = world();
    world.commit_file("main", "other.txt", "x", "bob");
    assert_eq!(merge_state(&world), "clean");
    world.ruleset(
        "main",
        Protection {
            strict: true,
            ..Protection::default()
        },
    );
    assert_eq!(merge_state(&world), "behind");
}

#[test]
fn labels_are_one_whatever_their_case() {
    let world = world();
    world.label(2, "bob", "Bug");
    world.label(2, "bob", "bug");
    assert_eq!(world.labels(2), ["Bug"]);
    world.unlabel(2, "bob", "BUG");
    assert!(world.labels(2).is_empty());
    assert_eq!(sent(&world), ["issues.labeled", "issues.unlabeled"]);
}

#[test]
fn labels_of_pull_requests_travel_as_pull_request_events() {
    let world = world();
    world.label(1, "bob", "wip");
    let hook = world.take_deliveries().remove(0);
    assert_eq!(
        (hook.event.as_str(), hook.action.as_deref()),
        ("pull_request", Some("labeled"))
    );
    let body = hook.payload();
    assert_eq!(body["label"]["name"], "wip");
    assert_eq!(body["sender"]["login"], "bob");
    assert_eq!(body["installation"]["id"], 77);
    assert_eq!(body["repository"]["full_name"], "octo/widgets");
    assert_eq!(body["pull_request"]["labels"][0]["name"], "wip");
}

#[test]
fn a_fork_that_we_are_not_installed_on_sends_nothing_of_its_own() {
    let world = world();
    let number = world.open_pull_from_fork("mallory", "patch", "Trust me");
    assert_eq!(sent(&world), ["pull_request.opened"]);
    world.check(number, "ci").start();
    let run = world.take_deliveries().remove(0).payload();
    assert_eq!(
        run["check_run"]["pull_requests"].as_array().unwrap().len(),
        0
    );
}

#[test]
fn deliveries_can_arrive_twice_late_or_never() {
    let world = world();
    world.deliver_twice("issue_comment.created");
    world.deliver_late("labeled");
    world.lose_delivery("closed");
    world.comment(2, "carol", "hello");
    world.label(2, "bob", "bug");
    world.assign(2, "bob", "bob");
    world.close(2, "carol");
    let hooks = world.take_deliveries();
    assert_eq!(hooks[0].guid, hooks[1].guid);
    let names: Vec<_> = hooks.iter().map(|h| h.action.clone().unwrap()).collect();
    assert_eq!(names, ["created", "created", "assigned", "labeled"]);
    assert_eq!(world.deliveries().len(), 4);
    assert!(world.redeliver(&world.deliveries()[3].guid));
    assert_eq!(sent(&world), ["issues.closed"]);
}

#[test]
fn the_signature_is_githubs() {
    let ours = signature("It's a Secret to Everybody", b"Hello, World!");
    let theirs = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert_eq!(ours, theirs);
}

#[test]
fn merging_closes_and_pushes() {
    let world = world();
    let sha = world.merge(1, "bob");
    assert!(!world.is_open(1));
    let hooks = world.take_deliveries();
    let closed = hooks[0].payload();
    assert_eq!(closed["action"], "closed");
    assert_eq!(closed["pull_request"]["merged"], true);
    assert_eq!(closed["pull_request"]["merge_commit_sha"], sha.as_str());
    assert_eq!(hooks[1].payload()["after"], sha.as_str());
}

#[test]
fn a_push_that_changes_the_configuration_names_the_file() {
    let world = world();
    world.config("version: '1'\n");
    world.config("version: '1' # again\n");
    world.delete_config();
    let pushes: Vec<_> = world
        .take_deliveries()
        .iter()
        .filter(|h| h.event == "push")
        .map(|hook| hook.payload()["head_commit"].clone())
        .collect();
    let path = ".github/maintainer/config.yml";
    assert_eq!(pushes[0]["added"][0], path);
    assert_eq!(pushes[1]["modified"][0], path);
    assert_eq!(pushes[2]["removed"][0], path);
}
