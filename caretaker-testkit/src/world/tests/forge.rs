//! The port face: semantics, faults, and what a test is told at the end.

use caretaker_core::model::{
    ActionKey, Answer, Author, Branch, CheckState, Conclusion, ForgeAction, ForgeQuery, Label,
    Marker, Number, Publish, Receipt, Sha, review,
};
use caretaker_core::ports::{Forge, Freshness, Kind, PortError, Settled};

use super::world;
use crate::world::{Fault, Protection, Release, World};

async fn ask(world: &World, query: ForgeQuery) -> Result<Answer, PortError> {
    let mut answers = world.read(&world.repo(), &[query], Freshness::Fresh).await;
    answers.remove(0)
}

async fn act(world: &World, action: &ForgeAction) -> Result<Receipt, PortError> {
    world
        .write(&world.repo(), action, &ActionKey::new("run/0"))
        .await
}

async fn settle(world: &World, action: &ForgeAction) -> Result<Settled, PortError> {
    world
        .settle(&world.repo(), action, &ActionKey::new("run/0"))
        .await
}

fn comment(number: u64, text: &str) -> ForgeAction {
    ForgeAction::UpsertComment {
        number: Number::new(number),
        marker: Marker::Status,
        body: format!("{}\n{text}", Marker::Status.render()),
    }
}

fn stale(number: u64) -> ForgeAction {
    ForgeAction::AddLabel {
        number: Number::new(number),
        label: Label::new("stale"),
    }
}

fn publish(world: &World, conclusion: Conclusion) -> ForgeAction {
    ForgeAction::Publish(Publish {
        sha: Sha::parse(&world.head(1)).unwrap(),
        name: "caretaker/readiness".to_owned(),
        conclusion,
        title: "wait".to_owned(),
        summary: "for ci".to_owned(),
    })
}

async fn snapshot(world: &World) -> caretaker_core::model::Snapshot {
    match ask(world, ForgeQuery::Snapshot(Number::new(1)))
        .await
        .unwrap()
    {
        Answer::Snapshot(snapshot) => *snapshot,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_comment_is_written_once_updated_in_place_and_reduced_to_the_oldest() {
    let world = world();
    assert!(act(&world, &comment(1, "a")).await.unwrap().changed);
    assert!(!act(&world, &comment(1, "a")).await.unwrap().changed);
    assert!(act(&world, &comment(1, "b")).await.unwrap().changed);
    let seen = world.comments_of_bot(1);
    assert_eq!(seen.len(), 1);
    assert!(seen[0].body.ends_with('b'));
    let twin = world.comment(1, "mallory", &Marker::Status.render());
    act(&world, &comment(1, "c")).await.unwrap();
    assert_eq!(world.comments_of_bot(1)[0].id, seen[0].id);
    assert!(world.with(|state| state.repo(1).comments.contains_key(&twin)));
}

#[tokio::test]
#[should_panic(expected = "nobody looked at our comment on octo/widgets#1")]
async fn a_comment_nobody_looked_at_fails_the_test() {
    let world = world();
    act(&world, &comment(1, "a")).await.unwrap();
}

#[tokio::test]
#[should_panic(expected = "nobody looked at our comment")]
async fn an_edit_after_the_look_has_to_be_looked_at_too() {
    let world = world();
    act(&world, &comment(1, "a")).await.unwrap();
    world.comments_of_bot(1);
    act(&world, &comment(1, "b")).await.unwrap();
    world.finish();
}

#[tokio::test]
async fn our_own_writes_come_back_as_deliveries_of_our_bot() {
    let world = world();
    act(&world, &stale(2)).await.unwrap();
    act(&world, &publish(&world, Conclusion::Success))
        .await
        .unwrap();
    let hooks = world.take_deliveries();
    assert_eq!(hooks[0].payload()["sender"]["login"], "caretaker[bot]");
    assert_eq!(hooks[0].payload()["sender"]["type"], "Bot");
    assert_eq!(hooks[1].payload()["check_run"]["app"]["id"], 7);
}

#[tokio::test]
async fn a_token_publishes_a_status_because_it_cannot_write_check_runs() {
    let world = world();
    world.as_token_of("bob");
    let action = publish(&world, Conclusion::Neutral);
    let receipt = act(&world, &action).await.unwrap();
    assert_eq!(receipt.via.as_deref(), Some("status"));
    assert!(!act(&world, &action).await.unwrap().changed);
    let (state, text) = world.status_of(1, "caretaker/readiness").unwrap();
    assert_eq!((state.as_str(), text.as_str()), ("pending", "wait"));
    assert!(snapshot(&world).await.checks.rows[0].ours);
    let us = world.with(|state| state.us()).unwrap();
    let refused = world.with(|state| {
        let change = crate::world::check::RunChange {
            name: Some("x".to_owned()),
            ..Default::default()
        };
        let sha = state
            .item(1, 1)
            .unwrap()
            .pull
            .as_ref()
            .unwrap()
            .head_sha
            .clone();
        state.create_run(&us, 1, &sha, change).unwrap_err().status
    });
    assert_eq!(refused, 403);
}

#[tokio::test]
async fn an_app_publishes_a_check_run_and_updates_it() {
    let world = world();
    let receipt = act(&world, &publish(&world, Conclusion::InProgress))
        .await
        .unwrap();
    assert_eq!(receipt.via.as_deref(), Some("check_run"));
    act(&world, &publish(&world, Conclusion::Success))
        .await
        .unwrap();
    let checks = snapshot(&world).await.checks.rows;
    assert_eq!(checks.len(), 1);
    assert!(checks[0].ours);
    assert_eq!(checks[0].state, CheckState::Success);
    assert_eq!(
        world.published(1, "caretaker/readiness").unwrap().0,
        "success"
    );
}

#[tokio::test]
async fn a_fault_before_performs_nothing_and_one_after_performs_once() {
    let world = world();
    world.fault(Fault::on("write add_label").fail_before(502));
    let failed = act(&world, &stale(2)).await.unwrap_err();
    assert_eq!(failed.kind, Kind::Unavailable);
    assert_eq!(
        settle(&world, &stale(2)).await.unwrap(),
        Settled::NotPerformed
    );
    assert!(world.labels(2).is_empty());
    world.fault(Fault::on_write().fail_after(500));
    assert_eq!(
        act(&world, &stale(2)).await.unwrap_err().kind,
        Kind::Unavailable
    );
    assert_eq!(settle(&world, &stale(2)).await.unwrap(), Settled::Performed);
    assert!(!act(&world, &stale(2)).await.unwrap().changed);
    assert_eq!(world.log().writes().count(), 3);
    assert_eq!(world.log().effects().count(), 1);
}

#[tokio::test]
async fn a_fault_hits_the_call_it_is_addressed_to() {
    let world = world();
    world.fault(Fault::on("read item").nth(2).times(2).fail_before(500));
    let mut came = Vec::new();
    for _ in 0..4 {
        came.push(ask(&world, ForgeQuery::Item(Number::new(2))).await.is_ok());
    }
    assert_eq!(came, [true, false, false, true]);
}

#[tokio::test]
async fn a_held_write_waits_for_its_release() {
    let world = world();
    world.fault(Fault::on("write add_label").hold());
    let action = stale(2);
    let write = act(&world, &action);
    tokio::pin!(write);
    assert!(futures_util::poll!(&mut write).is_pending());
    assert_eq!(world.held_calls(), ["write add_label octo/widgets#2 stale"]);
    assert!(world.labels(2).is_empty());
    world.release(Release::Refuse);
    assert_eq!(write.await.unwrap_err().kind, Kind::Unavailable);
    assert!(world.labels(2).is_empty() && world.held_calls().is_empty());
    world.fault(Fault::on("write add_label").withhold());
    let write = act(&world, &action);
    tokio::pin!(write);
    assert!(futures_util::poll!(&mut write).is_pending());
    assert_eq!(world.labels(2), ["stale"]);
}

#[tokio::test]
async fn a_hidden_repository_and_missing_credentials_deny_everything() {
    let world = world();
    world.hide(true);
    let hidden = ask(&world, ForgeQuery::ConfigFile).await.unwrap_err();
    assert_eq!(hidden.kind, Kind::Denied);
    world.hide(false);
    let calls = world.log().count();
    world.without_credentials();
    assert_eq!(act(&world, &stale(2)).await.unwrap_err().kind, Kind::Denied);
    assert_eq!(world.log().count(), calls, "nothing was asked");
}

#[tokio::test]
async fn a_missing_permission_denies_naming_it_and_a_missing_item_is_a_fact() {
    let world = world();
    world.permit("issues", "read");
    let denied = act(&world, &stale(2)).await.unwrap_err();
    assert_eq!(denied.kind, Kind::Denied);
    assert!(denied.detail.unwrap().contains("issues: write"));
    let missing = ask(&world, ForgeQuery::Pull(Number::new(2)))
        .await
        .unwrap_err();
    assert_eq!(missing.kind, Kind::NotFound);
}

#[tokio::test]
async fn an_exhausted_budget_says_how_long_to_wait() {
    let world = world();
    world.requests_left(0);
    let limited = ask(&world, ForgeQuery::ConfigFile).await.unwrap_err();
    assert!(matches!(limited.kind, Kind::RateLimited(Some(_))));
}

#[tokio::test]
async fn reviews_stand_as_on_github() {
    let world = world();
    world.review(1, "bob").request_changes();
    world.review(1, "bob").comment();
    let reviews = snapshot(&world).await.reviews.rows;
    assert_eq!(reviews.len(), 2);
    assert!(reviews[0].trusted);
    let standing = review::standing(&reviews);
    assert_eq!(standing.len(), 1);
    world.review(1, "bob").dismiss("alice");
    let reviews = snapshot(&world).await.reviews.rows;
    assert!(review::standing(&reviews).is_empty());
}

#[tokio::test]
async fn required_checks_are_joined_and_unknown_ones_are_not_none() {
    let world = world();
    world.protect("main", Protection::checks(&["ci"]));
    let rules = Protection {
        strict: true,
        ..Protection::checks(&["lint", "ci"])
    };
    world.ruleset("main", rules);
    let required = snapshot(&world).await.required.unwrap();
    let names: Vec<_> = required.checks.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["ci", "lint"]);
    assert!(required.up_to_date);
    world.hide_rules();
    assert_eq!(snapshot(&world).await.required, None);
}

#[tokio::test]
async fn pages_of_open_items_survive_what_closes_between_them() {
    let world = world();
    for n in 0..3 {
        world.open_issue("carol", &format!("issue {n}"));
    }
    let page = |after: Option<String>| ask(&world, ForgeQuery::OpenItems { after, limit: 2 });
    let Answer::OpenItems(first) = page(None).await.unwrap() else {
        panic!()
    };
    world.close(1, "alice");
    let Answer::OpenItems(second) = page(first.next).await.unwrap() else {
        panic!()
    };
    let numbers: Vec<_> = second.rows.iter().map(|item| item.number.value()).collect();
    assert_eq!(numbers, [3, 4]);
    assert!(second.next.is_some());
}

#[tokio::test]
async fn activity_tells_us_from_bots_and_people() {
    let world = world();
    act(&world, &comment(2, "a")).await.unwrap();
    world.comment(2, "renovate[bot]", "beep");
    world.comment(2, "carol", &Marker::Status.render());
    let activity = ask(&world, ForgeQuery::Activity(Number::new(2))).await;
    let Answer::Activity(acts) = activity.unwrap() else {
        panic!()
    };
    assert_eq!(acts.rows[0].by, Author::Us);
    assert!(matches!(acts.rows[1].by, Author::Bot(_)));
    assert!(acts.rows[2].by.is_human());
    world.comments_of_bot(2);
}

#[tokio::test]
async fn a_branch_that_moved_is_not_deleted() {
    let world = world();
    let branch = Branch::new("feature");
    let action = ForgeAction::DeleteBranch {
        branch: branch.clone(),
        expect: Sha::parse(&world.head(1)).unwrap(),
    };
    world.push(1);
    assert_eq!(act(&world, &action).await.unwrap_err().kind, Kind::Conflict);
    assert!(ask(&world, ForgeQuery::Branch(branch)).await.is_ok());
}

#[tokio::test]
async fn the_configuration_file_comes_with_the_commit_that_changed_it_last() {
    let world = world();
    let missing = ask(&world, ForgeQuery::ConfigFile).await.unwrap_err();
    assert_eq!(missing.kind, Kind::NotFound);
    let commit = world.config("version: '1'\n");
    world.commit_file("main", "other.txt", "x", "bob");
    let Answer::ConfigFile(file) = ask(&world, ForgeQuery::ConfigFile).await.unwrap() else {
        panic!()
    };
    assert_eq!(file.commit.as_str(), commit);
    assert_eq!(file.text, "version: '1'\n");
}
