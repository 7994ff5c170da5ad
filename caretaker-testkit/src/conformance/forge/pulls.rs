//! Pull requests, alone and with all a merge evaluation looks at.

use caretaker_core::model::{
    Answer, Author, Branch, CheckState, Conclusion, ForgeQuery, Listing, Login, Number, Pull,
    RequiredCheck, ReviewState, Snapshot, Span,
};
use caretaker_core::ports::Kind;

use super::{READINESS, Rig, publish, sha};
use crate::world::Protection;

const ONE: Number = Number::new(1);

async fn pull(rig: &Rig, number: u64) -> Pull {
    match rig.ask(ForgeQuery::Pull(Number::new(number))).await {
        Ok(Answer::Pull(pull)) => *pull,
        other => panic!("not a pull request: {other:?}"),
    }
}

async fn snapshot(rig: &Rig) -> Snapshot {
    snapshot_of(rig, ONE).await
}

async fn snapshot_of(rig: &Rig, number: Number) -> Snapshot {
    match rig.ask(ForgeQuery::Snapshot(number)).await {
        Ok(Answer::Snapshot(snapshot)) => *snapshot,
        other => panic!("no snapshot: {other:?}"),
    }
}

async fn numbers(rig: &Rig, query: ForgeQuery) -> Vec<u64> {
    match rig.ask(query).await {
        Ok(Answer::Pulls(Listing {
            rows,
            complete: true,
        })) => rows.into_iter().map(Number::value).collect(),
        other => panic!("no whole listing: {other:?}"),
    }
}

/// Head, base, repositories, what stands against merging.
pub async fn a_pull_request_shows_its_ends(rig: &Rig) {
    rig.world.mergeable(1, Some(true));
    let seen = pull(rig, 1).await;
    assert!(seen.item.pull && seen.item.open && seen.same_repository);
    assert_eq!(seen.head, sha(&rig.world.head(1)));
    assert_eq!(seen.head_branch, Branch::new("feature"));
    assert_eq!(seen.base, Branch::new("main"));
    assert_eq!(seen.head_repo, Some(rig.world.repo().key));
    assert_eq!(seen.mergeable, Some(true));
    rig.world.mergeable(1, None);
    assert_eq!(pull(rig, 1).await.mergeable, None);
    let pushed = rig.world.push(1);
    assert_eq!(pull(rig, 1).await.head, sha(&pushed));
}

/// Its head lies elsewhere, and nothing else is said about it.
pub async fn a_fork_is_another_repository(rig: &Rig) {
    let number = rig.world.open_pull_from_fork("carol", "patch", "From afar");
    let seen = pull(rig, number).await;
    assert!(!seen.same_repository);
    assert_ne!(seen.head_repo, Some(rig.world.repo().key));
}

/// The two share their numbers, not their questions.
pub async fn an_issue_is_no_pull_request(rig: &Rig) {
    let error = rig.ask(ForgeQuery::Pull(Number::new(2))).await;
    let error = error.expect_err("2 is an issue");
    assert_eq!(error.kind, Kind::NotFound);
}

/// Reviews with their weight, checks and statuses alike, protection and rulesets together.
pub async fn a_snapshot_holds_reviews_checks_and_demands(rig: &Rig) {
    rig.world.review(1, "bob").approve();
    rig.world.review(1, "carol").saying("hm").comment();
    rig.world.check(1, "test").pass();
    rig.world.check(1, "slow").start();
    rig.world.status(1, "bob", "legacy/ci", "failure");
    rig.world.protect("main", Protection::checks(&["test"]));
    let rules = Protection {
        checks: vec![("slow".to_owned(), None)],
        strict: true,
        approvals: 1,
        ..Protection::default()
    };
    rig.world.ruleset("main", rules);
    let seen = snapshot(rig).await;
    assert!(seen.reviews.complete && seen.checks.complete);
    let reviews: Vec<_> = seen.reviews.rows.iter().collect();
    assert_eq!(reviews.len(), 2);
    assert_eq!(reviews[0].by.login(), Login::new("bob"));
    assert_eq!(reviews[0].state, ReviewState::Approved);
    assert_eq!(reviews[0].commit, Some(seen.pull.head.clone()));
    assert!(
        reviews[0].trusted && !reviews[1].trusted,
        "carol is a stranger"
    );
    assert!(reviews[1].has_text);
    let mut checks: Vec<_> = seen
        .checks
        .rows
        .iter()
        .map(|c| (c.name.as_str(), c.state))
        .collect();
    checks.sort_by_key(|(name, _)| *name);
    let wanted = [
        ("legacy/ci", CheckState::Failure),
        ("slow", CheckState::Running),
        ("test", CheckState::Success),
    ];
    assert_eq!(checks, wanted);
    assert!(seen.head_seen_at.is_some());
    let required = seen.required.expect("nothing hides it");
    let check = |name: &str| RequiredCheck {
        name: name.to_owned(),
        app: None,
    };
    assert_eq!(required.checks, [check("slow"), check("test")]);
    assert!(required.up_to_date && required.approvals == 1);
}

/// Its dates are its author's to write; GitHub's clock is not, and nothing of ours moves it.
pub async fn a_head_without_checks_tells_when_it_arrived(rig: &Rig) {
    rig.clock.advance(Span::hours(1));
    let head = rig.world.push(1);
    let pushed = caretaker_core::ports::Clock::now(&rig.clock);
    for _ in 0..2 {
        rig.clock.advance(Span::minutes(5));
        assert_eq!(snapshot(rig).await.head_seen_at, Some(pushed));
        rig.world.comment(1, "carol", "Any news?");
        let finding = publish(&head, Conclusion::Neutral);
        rig.write(&finding).await.expect("may publish");
    }
}

/// What runs for pull requests is still to come where an old green branch is proposed only now.
pub async fn a_head_is_no_older_than_its_pull_request(rig: &Rig) {
    let head = rig.world.commit_file("old", "old.txt", "1\n", "alice");
    rig.world.check(1, "test").on(&head).pass();
    rig.clock.advance(Span::hours(1));
    let number = rig.world.propose("alice", "old", "At last");
    let opened = caretaker_core::ports::Clock::now(&rig.clock);
    rig.clock.advance(Span::minutes(5));
    let seen = snapshot_of(rig, Number::new(number)).await;
    assert_eq!(seen.pull.head.as_str(), head);
    assert_eq!(seen.head_seen_at, Some(opened));
}

/// A rerun that passed hides the failure before it; another App's run of the name stays.
pub async fn only_the_newest_of_a_check_counts(rig: &Rig) {
    rig.world.check(1, "test").fail();
    rig.world.check(1, "test").pass();
    rig.world.check(1, "test").by_app(99, "other-ci").fail();
    let seen = snapshot(rig).await;
    let mut states: Vec<_> = seen
        .checks
        .rows
        .iter()
        .map(|check| (check.app.as_ref().map(|app| app.id.value()), check.state))
        .collect();
    states.sort_by_key(|(app, _)| *app);
    assert_eq!(
        states,
        [
            (Some(99), CheckState::Failure),
            (Some(15_368), CheckState::Success)
        ]
    );
    assert!(seen.checks.rows.iter().all(|check| !check.ours));
}

/// Not knowing what is demanded is not "nothing is".
pub async fn hidden_rules_are_not_no_rules(rig: &Rig) {
    assert!(snapshot(rig).await.required.is_some());
    rig.world.hide_rules();
    assert_eq!(snapshot(rig).await.required, None);
}

/// Our check is known as ours, and a check of that name by somebody else is not.
pub async fn what_we_published_is_ours(rig: &Rig) {
    rig.world.check(1, READINESS).pass();
    let finding = publish(&rig.world.head(1), Conclusion::Failure);
    rig.write(&finding).await.expect("may publish");
    let seen = snapshot(rig).await;
    let named: Vec<_> = seen
        .checks
        .rows
        .iter()
        .filter(|check| check.name == READINESS)
        .map(|check| (check.ours, check.state))
        .collect();
    assert_eq!(named.len(), 2);
    assert!(named.contains(&(true, CheckState::Failure)), "{named:?}");
    assert!(named.contains(&(false, CheckState::Success)), "{named:?}");
    assert!(matches!(seen.pull.item.author, Author::Human(_)));
}

/// Open ones only, whose head it is.
pub async fn pull_requests_are_found_by_head_and_by_commit(rig: &Rig) {
    let head = rig.world.head(1);
    let by_head = || ForgeQuery::PullsOfHead(Branch::new("feature"));
    let by_commit = |sha_text: &str| ForgeQuery::PullsOfCommit(sha(sha_text));
    assert_eq!(numbers(rig, by_head()).await, [1]);
    assert_eq!(numbers(rig, by_commit(&head)).await, [1]);
    let pushed = rig.world.push(1);
    assert_eq!(numbers(rig, by_commit(&pushed)).await, [1]);
    assert!(
        numbers(rig, by_commit(&head)).await.is_empty(),
        "no longer its head"
    );
    rig.world.close(1, "alice");
    assert!(numbers(rig, by_head()).await.is_empty());
    assert!(numbers(rig, by_commit(&pushed)).await.is_empty());
}
