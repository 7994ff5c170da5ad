//! What stands against merging.

use caretaker_core::merge_gate::{
    Blocker, Change, OptIn, Policy, Standing, blockers, required_checks, weigh,
};
use caretaker_core::model::{
    Author, Check, CheckState, Label, MergeState, RequiredCheck, Review, ReviewState, Snapshot,
    Span,
};
use caretaker_core::scenario::{NOW, OWN_CHECK, check, policy};
use proptest::prelude::*;
use proptest::sample::select;

use crate::facts::{CHECK_STATES, head, review, snapshot};

fn against(snapshot: &Snapshot) -> Vec<Blocker> {
    blockers(snapshot, &Change::default(), &policy(), NOW)
}

fn ready(snapshot: &Snapshot) -> bool {
    against(snapshot).is_empty()
}

fn passes(state: CheckState) -> bool {
    matches!(
        state,
        CheckState::Success | CheckState::Skipped | CheckState::Neutral
    )
}

proptest! {
    #[test]
    fn a_required_check_that_did_not_pass_is_never_ready(
        mut snapshot in snapshot(),
        state in select(CHECK_STATES).prop_filter("passes", |state| !passes(*state)),
    ) {
        let name = "required by law";
        snapshot.checks.rows.push(check(name, state));
        let required = snapshot.required.get_or_insert_default();
        required.checks.push(RequiredCheck { name: name.to_owned(), app: None });
        prop_assert!(!ready(&snapshot));
    }

    #[test]
    fn ready_means_that_every_required_check_passed(mut snapshot in snapshot()) {
        clear_state(&mut snapshot);
        if !ready(&snapshot) {
            return Ok(());
        }
        let required = snapshot.required.clone().unwrap();
        for wanted in required.checks.iter().filter(|wanted| wanted.name != OWN_CHECK) {
            let named: Vec<&Check> = snapshot.checks.rows.iter()
                .filter(|check| check.name == wanted.name)
                .filter(|check| wanted.app.is_none() || check.app.as_ref().map(|a| a.id) == wanted.app)
                .collect();
            prop_assert!(!named.is_empty());
            prop_assert!(named.iter().all(|check| passes(check.state)));
        }
    }

    #[test]
    fn what_was_not_read_to_its_end_is_never_ready(mut snapshot in snapshot(), which in 0..3) {
        match which {
            0 => snapshot.checks.complete = false,
            1 => snapshot.reviews.complete = false,
            _ => snapshot.required = None,
        }
        prop_assert!(!ready(&snapshot));
    }

    #[test]
    fn hold_draft_conflict_breaking_and_hand_over_are_never_ready(
        mut snapshot in snapshot(),
        which in 0..6,
    ) {
        let item = &mut snapshot.pull.item;
        match which {
            0 => item.labels.push(Label::new("caretaker:hold")),
            1 => item.draft = true,
            2 => snapshot.pull.mergeable = Some(false),
            3 => item.labels.push(Label::new("maintainer:breaking")),
            4 => item.labels.push(Label::new("maintainer:escalated")),
            _ => snapshot.pull.mergeable = None,
        }
        prop_assert!(!ready(&snapshot));
    }

    #[test]
    fn neither_bots_nor_strangers_nor_the_author_approve(
        mut snapshot in snapshot(),
        mut extra in review(),
        text in any::<bool>(),
    ) {
        extra.has_text = text;
        extra.at = NOW;
        extra.commit = Some(head());
        let author = snapshot.pull.item.author.clone();
        let nobody = !extra.by.is_human() || !extra.trusted || extra.by == author;
        prop_assume!(nobody);
        let before = weigh(&snapshot, &OptIn::No, &policy()).approved;
        snapshot.reviews.rows.push(extra);
        let after = weigh(&snapshot, &OptIn::No, &policy()).approved;
        prop_assert!(after.iter().all(|login| before.contains(login)), "{before:?} {after:?}");
    }

    #[test]
    fn a_strangers_review_changes_nothing(mut snapshot in snapshot(), mut extra in review()) {
        extra.by = caretaker_core::scenario::person("mallory");
        extra.trusted = false;
        snapshot.reviews.complete = true;
        let before = against(&snapshot);
        snapshot.reviews.rows.push(extra);
        prop_assert_eq!(before, against(&snapshot));
    }

    #[test]
    fn an_approval_of_an_older_head_never_suffices_where_pushes_dismiss_it(
        mut snapshot in snapshot(),
    ) {
        snapshot.required.get_or_insert_default().dismiss_stale = true;
        for review in &mut snapshot.reviews.rows {
            review.commit = Some(caretaker_core::scenario::sha('9'));
        }
        prop_assert!(weigh(&snapshot, &OptIn::No, &policy()).approved.is_empty());
        prop_assert!(!ready(&snapshot));
    }

    #[test]
    fn each_reviewers_word_is_what_github_makes_of_it(
        states in prop::collection::vec(review(), 0..12),
    ) {
        let reviews: Vec<Review> = (0..).zip(states).map(|(n, review)| Review {
            by: caretaker_core::scenario::person("rita"),
            trusted: true,
            commit: Some(head()),
            at: NOW - Span::hours(9) + Span::minutes(n),
            ..review
        }).collect();
        let mut model = None;
        for review in &reviews {
            match review.state {
                ReviewState::Approved | ReviewState::ChangesRequested => model = Some(review.state),
                ReviewState::Dismissed => model = None,
                ReviewState::Commented | ReviewState::Pending => {}
            }
        }
        let mut snapshot = caretaker_core::scenario::pull(7).snapshot().clone();
        snapshot.reviews.rows = reviews;
        let view = weigh(&snapshot, &OptIn::No, &policy());
        prop_assert_eq!(view.approved.len() == 1, model == Some(ReviewState::Approved));
        prop_assert_eq!(view.changes.len() == 1, model == Some(ReviewState::ChangesRequested));
    }

    #[test]
    fn the_order_of_checks_and_ignored_ones_do_not_matter(
        snapshot in snapshot(),
        state in select(CHECK_STATES),
    ) {
        let mut turned = snapshot.clone();
        turned.checks.rows.reverse();
        prop_assert_eq!(against(&snapshot), against(&turned));
        let mut free = snapshot;
        free.checks.complete = true;
        free.required.get_or_insert_default().checks.clear();
        let mut ignored = free.clone();
        ignored.checks.rows.push(check("doctor", state));
        prop_assert_eq!(against(&free), against(&ignored));
    }

    #[test]
    fn more_patience_and_more_reviews_never_make_it_ready(
        snapshot in snapshot(),
        reviews in 1_u32..4,
        settle in 120_i64..10_000,
    ) {
        prop_assume!(!ready(&snapshot));
        let stricter = Policy {
            required_reviews: reviews,
            settle: Span::seconds(settle),
            ..policy()
        };
        prop_assert!(!blockers(&snapshot, &Change::default(), &stricter, NOW).is_empty());
    }

    #[test]
    fn a_row_that_counts_and_did_not_pass_is_a_blocker(snapshot in snapshot()) {
        let view = required_checks(&snapshot, &policy());
        let told = against(&snapshot);
        for row in view.rows.iter().filter(|row| row.standing != Standing::Passed) {
            if row.standing == Standing::Absent && !view.complete {
                continue;
            }
            let named = told.iter().any(|blocker| matches!(
                blocker,
                Blocker::Checks { standing, names, .. }
                    if *standing == row.standing && names.iter().any(|name| name == row.name)
            ));
            prop_assert!(named, "{row:?} is not told in {told:?}");
        }
    }
}

/// Leaves only what checks and reviews say.
fn clear_state(snapshot: &mut Snapshot) {
    let pull = &mut snapshot.pull;
    pull.item.labels.clear();
    pull.item.draft = false;
    pull.item.author = Author::Us;
    pull.mergeable = Some(true);
    pull.merge_state = MergeState::Clean;
}

/// The generator must make ready ones too, or the laws above say nothing.
#[test]
fn some_arbitrary_pull_requests_are_ready() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut found = 0;
    for _ in 0..2_000 {
        let tree = snapshot().new_tree(&mut runner).unwrap();
        found += usize::from(ready(&proptest::strategy::ValueTree::current(&tree)));
    }
    assert!(found > 20, "{found} of 2000");
}
