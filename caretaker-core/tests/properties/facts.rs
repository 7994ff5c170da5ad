//! Arbitrary pull requests, with every fact that a merge evaluation looks at.

use caretaker_core::model::{
    Author, Check, CheckState, Label, MergeState, Number, RemoteId, Required, RequiredCheck,
    Review, ReviewState, Sha, Snapshot, Span,
};
use caretaker_core::scenario::{self, CI_APP, NOW, Scenario, bot, check, person, sha};
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const CHECK_STATES: &[CheckState] = &[
    CheckState::Queued,
    CheckState::Running,
    CheckState::Success,
    CheckState::Failure,
    CheckState::TimedOut,
    CheckState::StartupFailure,
    CheckState::Cancelled,
    CheckState::Skipped,
    CheckState::Neutral,
    CheckState::Stale,
    CheckState::ActionRequired,
    CheckState::Unknown,
];

const REVIEW_STATES: &[ReviewState] = &[
    ReviewState::Approved,
    ReviewState::ChangesRequested,
    ReviewState::Commented,
    ReviewState::Dismissed,
    ReviewState::Pending,
];

const MERGE_STATES: &[MergeState] = &[
    MergeState::Clean,
    MergeState::Clean,
    MergeState::Clean,
    MergeState::Unstable,
    MergeState::HasHooks,
    MergeState::Blocked,
    MergeState::Behind,
    MergeState::Dirty,
    MergeState::Draft,
    MergeState::Unknown,
];

const LABELS: &[&str] = &[
    "bug",
    "caretaker:hold",
    "caretaker:merge",
    "caretaker:owned",
    "maintainer:breaking",
    "maintainer:escalated",
];

pub(crate) fn author() -> impl Strategy<Value = Author> {
    prop_oneof![
        4 => select(vec!["rita", "rob", "author"]).prop_map(person),
        2 => select(vec!["ai[bot]", "dependabot[bot]"]).prop_map(bot),
        1 => Just(Author::Us),
    ]
}

pub(crate) fn checks() -> impl Strategy<Value = Vec<Check>> {
    // Mostly green: a law about being ready is void where nothing ever is.
    let state = prop_oneof![8 => Just(CheckState::Success), 3 => select(CHECK_STATES)];
    let name = select(vec!["build", "lint", "test", "doctor", scenario::OWN_CHECK]);
    let one = (name, state, any::<bool>(), 0_i64..400).prop_map(|(name, state, status, age)| {
        let mut check = check(name, state);
        check.at = Some(NOW - Span::seconds(age));
        if status {
            check.app = None;
        }
        check
    });
    prop::collection::vec(one, 0..5)
}

pub(crate) fn review() -> impl Strategy<Value = Review> {
    let state = prop_oneof![3 => Just(ReviewState::Approved), 2 => select(REVIEW_STATES)];
    let commit = prop_oneof![4 => Just(Some('a')), 1 => Just(Some('9')), 1 => Just(None)];
    let parts = (author(), state, commit, 0_i64..90, 0_u8..4, any::<bool>());
    parts.prop_map(|(by, state, commit, age, trust, has_text)| Review {
        id: RemoteId::new(u64::try_from(age).unwrap_or(0)),
        commit: commit.map(sha),
        at: NOW - Span::minutes(age),
        trusted: trust > 0,
        has_text,
        ..scenario::review(by, state)
    })
}

fn required() -> impl Strategy<Value = Option<Required>> {
    let app = prop_oneof![3 => Just(None), 1 => Just(Some(CI_APP))];
    let name = select(vec!["build", "lint", scenario::OWN_CHECK]);
    let one = (name, app).prop_map(|(name, app)| RequiredCheck {
        name: name.to_owned(),
        app,
    });
    let some = (prop::collection::vec(one, 0..3), 0_u32..3, any::<bool>()).prop_map(
        |(checks, approvals, dismiss_stale)| Required {
            checks,
            approvals,
            dismiss_stale,
            ..Required::default()
        },
    );
    prop_oneof![9 => some.prop_map(Some), 1 => Just(None)]
}

pub(crate) fn snapshot() -> impl Strategy<Value = Snapshot> {
    let labels = prop_oneof![
        3 => Just(Vec::new()),
        1 => prop::collection::vec(select(LABELS), 0..3),
    ];
    let mergeable = prop_oneof![8 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    let odds = (0_u8..10, 0_u8..10, 0_u8..10, any::<bool>());
    let state = (labels, mergeable, select(MERGE_STATES), odds, author());
    let age = prop::option::weighted(0.9, 0_i64..4000);
    let lists = (
        checks(),
        prop::collection::vec(review(), 0..5),
        required(),
        age,
    );
    (state, lists).prop_map(|(state, (checks, reviews, required, age))| {
        let (labels, mergeable, merge_state, (draft, cut_checks, cut_reviews, same), by) = state;
        let mut snapshot = scenario::pull(7).snapshot().clone();
        let pull = &mut snapshot.pull;
        pull.item.number = Number::new(7);
        pull.item.author = by;
        pull.item.labels = labels.into_iter().map(Label::new).collect();
        pull.item.draft = draft == 0;
        pull.mergeable = mergeable;
        pull.merge_state = merge_state;
        pull.same_repository = same;
        snapshot.checks.rows = checks;
        snapshot.checks.complete = cut_checks != 0;
        snapshot.reviews.rows = with_one_trust_each(reviews);
        snapshot.reviews.complete = cut_reviews != 0;
        snapshot.required = required;
        snapshot.head_seen_at = age.map(|age| NOW - Span::seconds(age));
        snapshot
    })
}

/// The forge asks what somebody may do now: all reviews of one account are trusted, or none.
fn with_one_trust_each(mut reviews: Vec<Review>) -> Vec<Review> {
    let trusted: Vec<_> = reviews
        .iter()
        .filter(|r| r.trusted)
        .map(|r| r.by.clone())
        .collect();
    for review in &mut reviews {
        review.trusted = trusted.iter().any(|by| by.login() == review.by.login());
    }
    reviews
}

/// A scenario with exactly these facts.
pub(crate) fn scenario_of(snapshot: &Snapshot) -> Scenario {
    scenario::pull(7).with(|s| *s = snapshot.clone())
}

/// The head of every snapshot here.
pub(crate) fn head() -> Sha {
    sha('a')
}
