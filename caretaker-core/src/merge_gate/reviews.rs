//! Which reviews count, and what they say together.

use super::{Blocker, OptIn, Policy};
use crate::model::{
    Author, Family, Login, Review, ReviewState, Snapshot,
    review::{same_reviewer, standing},
};

/// What the reviews say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewView {
    /// Approvals that count.
    pub approved: Vec<Login>,
    /// Approvals of an older head, where a push dismisses approvals.
    pub outdated: Vec<Login>,
    /// Whose demand for changes stands.
    pub changes: Vec<Login>,
    /// Automation whose remarks on this head nobody has answered.
    pub feedback: Vec<Login>,
    /// Approvals demanded.
    pub needed: u32,
    /// Whether all reviews were read.
    pub complete: bool,
}

/// Weighs the reviews as GitHub does, and more strictly where that is not enough.
///
/// - For each reviewer the last of approved, changes requested and dismissed stands; a later
///   remark changes nothing (D-13).
/// - An approval counts when a person gave it who may write to the repository and is not the
///   author; where a push dismisses approvals, only for this very head. Approvals by automation
///   and words in comments never count (D-01).
/// - A demand for changes counts from the same people, and from any App that reviews here.
/// - A remark by automation on this head is open until a new head, or until such an approval
///   comes after it. Who may waives it by the opt-in label, and so does the family where
///   automation reviews automation (spec 02 §3.8).
pub fn weigh(snapshot: &Snapshot, opt_in: &OptIn, policy: &Policy) -> ReviewView {
    let pull = &snapshot.pull;
    let required = snapshot.required.as_ref();
    let on_head = |review: &Review| review.commit.as_ref() == Some(&pull.head);
    let stands = standing(&snapshot.reviews.rows);
    let approvals = stands.iter().copied().filter(|review| {
        review.state == ReviewState::Approved && by_person(review, &pull.item.author)
    });
    let (current, outdated): (Vec<&Review>, Vec<&Review>) =
        approvals.partition(|review| !policy.dismisses_stale(snapshot) || on_head(review));
    let against = |review: &&Review| {
        let counts = review.trusted || is_automation(&review.by);
        counts && review.state == ReviewState::ChangesRequested
    };
    let changes: Vec<&Review> = stands.into_iter().filter(against).collect();
    let waived =
        *opt_in == OptIn::Yes || matches!(pull.family(), Family::Caretaker | Family::MaintainerBot);
    let unanswered = |review: &&Review| {
        let elsewhere = review.commit.is_some() && !on_head(review);
        !waived && !elsewhere && !current.iter().any(|approval| approval.at >= review.at)
    };
    let mut feedback = last_remarks(&snapshot.reviews.rows);
    feedback.retain(unanswered);
    ReviewView {
        feedback: names(&feedback),
        changes: names(&changes),
        approved: names(&current),
        outdated: names(&outdated),
        needed: policy
            .required_reviews
            .max(required.map_or(0, |required| required.approvals)),
        complete: snapshot.reviews.complete,
    }
}

/// Whether a review's word on the change counts: a person gave it who may write to the repository
/// and is not the author of the pull request.
pub(super) fn by_person(review: &Review, author: &Author) -> bool {
    review.trusted && !is_automation(&review.by) && !same_reviewer(&review.by, author)
}

/// What the reviews have against merging.
pub(super) fn blockers(snapshot: &Snapshot, view: &ReviewView) -> Vec<Blocker> {
    let mut found = Vec::new();
    if !view.feedback.is_empty() {
        let by = view.feedback.clone();
        found.push(Blocker::AutomatedFeedback { by });
    }
    if !view.complete {
        found.push(Blocker::ReviewsIncomplete {
            seen: snapshot.reviews.rows.len(),
        });
    }
    let given = u32::try_from(view.approved.len()).unwrap_or(u32::MAX);
    let needed = view.needed;
    if !view.changes.is_empty() {
        let by = view.changes.clone();
        found.push(Blocker::ChangesRequested { by });
    } else if given < needed && view.complete {
        found.push(if view.outdated.is_empty() {
            Blocker::ReviewMissing { given, needed }
        } else {
            let by = view.outdated.clone();
            Blocker::ReviewOutdated { given, needed, by }
        });
    }
    found
}

/// For each automation but us: its last review, if that is only a remark with a text.
fn last_remarks(reviews: &[Review]) -> Vec<&Review> {
    let mut last: Vec<&Review> = Vec::new();
    let mut ordered: Vec<&Review> = reviews
        .iter()
        .filter(|review| review.by != Author::Us && is_automation(&review.by))
        .filter(|review| review.state != ReviewState::Pending)
        .collect();
    ordered.sort_by_key(|review| (review.at, review.id));
    for review in ordered {
        last.retain(|earlier| !same_reviewer(&earlier.by, &review.by));
        last.push(review);
    }
    last.retain(|review| review.state == ReviewState::Commented && review.has_text);
    last
}

fn is_automation(author: &Author) -> bool {
    match author {
        Author::Us | Author::Bot(_) => true,
        Author::Human(actor) => actor.is_automation(),
    }
}

fn names(reviews: &[&Review]) -> Vec<Login> {
    let mut names: Vec<Login> = reviews.iter().map(|review| review.by.login()).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Required, Span};
    use crate::scenario::{self, NOW, Scenario, bot, person, policy, review, sha};
    use ReviewState::{Approved, ChangesRequested, Commented, Dismissed};

    fn pull() -> Scenario {
        scenario::pull(7)
    }

    fn seen(scenario: &Scenario) -> ReviewView {
        weigh(scenario.snapshot(), &OptIn::No, &policy())
    }

    fn codes(scenario: &Scenario) -> Vec<&'static str> {
        codes_where(scenario, &OptIn::No)
    }

    fn codes_where(scenario: &Scenario, opt_in: &OptIn) -> Vec<&'static str> {
        let view = weigh(scenario.snapshot(), opt_in, &policy());
        let found = blockers(scenario.snapshot(), &view);
        found.iter().map(Blocker::code).collect()
    }

    /// Reviews by one person, a minute apart.
    fn in_turn(states: &[ReviewState]) -> Scenario {
        let start = NOW - Span::hours(2);
        (0..).zip(states).fold(pull(), |scenario, (n, state)| {
            scenario.reviewed(Review {
                at: start + Span::minutes(n),
                ..review(person("rita"), *state)
            })
        })
    }

    #[test]
    fn the_last_decisive_review_of_each_person_stands() {
        let table: &[(&[ReviewState], &[&str])] = &[
            (&[], &["required_review_missing"]),
            (&[Approved], &[]),
            (&[Commented], &["required_review_missing"]),
            (&[Approved, Commented], &[]),
            (&[ChangesRequested, Commented], &["changes_requested"]),
            (&[ChangesRequested, Approved], &[]),
            (&[Approved, ChangesRequested], &["changes_requested"]),
            (&[Approved, Dismissed], &["required_review_missing"]),
            (&[ChangesRequested, Dismissed, Approved], &[]),
        ];
        for (states, expected) in table {
            assert_eq!(codes(&in_turn(states)), *expected, "{states:?}");
        }
    }

    #[test]
    fn only_people_with_write_access_approve_and_never_the_author() {
        let stranger = Review {
            trusted: false,
            ..review(person("mallory"), Approved)
        };
        for scenario in [
            pull().reviewed(stranger),
            pull().review(person("AUTHOR"), Approved),
            pull().review(bot("claude[bot]"), Approved),
            pull().review(person("renovate"), Approved),
            pull().review(Author::Us, Approved),
        ] {
            assert_eq!(codes(&scenario), ["required_review_missing"]);
        }
        assert!(codes(&pull().review(person("rita"), Approved)).is_empty());
    }

    #[test]
    fn strangers_cannot_demand_changes_but_reviewing_apps_can() {
        let stranger = Review {
            trusted: false,
            ..review(person("mallory"), ChangesRequested)
        };
        let approved = pull().review(person("rita"), Approved);
        assert!(codes(&approved.clone().reviewed(stranger)).is_empty());
        let app = Review {
            trusted: false,
            ..review(bot("ai-review[bot]"), ChangesRequested)
        };
        assert_eq!(codes(&approved.reviewed(app)), ["changes_requested"]);
    }

    #[test]
    fn an_approval_of_an_older_head_counts_unless_pushes_dismiss_it() {
        let older = Review {
            commit: Some(sha('9')),
            ..review(person("rita"), Approved)
        };
        let scenario = pull().reviewed(older);
        assert!(codes(&scenario).is_empty());
        let strict = scenario.with(|s| {
            s.required = Some(Required {
                dismiss_stale: true,
                ..Required::default()
            });
        });
        assert_eq!(codes(&strict), ["required_review_outdated"]);
        assert_eq!(seen(&strict).outdated, [Login::new("rita")]);
        let gone = strict.with(|s| s.reviews.rows[0].commit = None);
        assert_eq!(codes(&gone), ["required_review_outdated"]);
    }

    #[test]
    fn the_larger_demand_for_approvals_counts() {
        let one = pull().review(person("rita"), Approved);
        assert!(codes(&one).is_empty());
        let two = one.with(|s| s.required.get_or_insert_default().approvals = 2);
        assert_eq!(codes(&two), ["required_review_missing"]);
        assert!(codes(&two.review(person("rob"), Approved)).is_empty());
        let none = Policy {
            required_reviews: 0,
            ..policy()
        };
        let view = weigh(pull().snapshot(), &OptIn::No, &none);
        assert!(blockers(pull().snapshot(), &view).is_empty());
    }

    #[test]
    fn a_cut_listing_shows_no_approval_and_no_lack_of_one() {
        let scenario = pull().with(|s| s.reviews.complete = false);
        assert_eq!(codes(&scenario), ["reviews_incomplete"]);
        let approved = scenario.review(person("rita"), Approved);
        assert_eq!(codes(&approved), ["reviews_incomplete"]);
        let against = approved.review(person("rob"), ChangesRequested);
        assert_eq!(codes(&against), ["reviews_incomplete", "changes_requested"]);
    }

    fn remark(hours: i64) -> Review {
        Review {
            at: NOW - Span::hours(hours),
            has_text: true,
            ..review(bot("ai-review[bot]"), Commented)
        }
    }

    #[test]
    fn a_remark_by_automation_waits_for_an_answer() {
        // The approval in `review` is an hour old.
        let approved = pull().review(person("rita"), Approved);
        let open = |remark: Review| codes(&approved.clone().reviewed(remark));
        assert!(open(remark(2)).is_empty(), "approved after it");
        let unanswered = ["automated_feedback_unaddressed"];
        assert_eq!(open(remark(0)), unanswered);
        let older_head = Review {
            commit: Some(sha('9')),
            ..remark(0)
        };
        assert!(open(older_head).is_empty());
        let no_text = Review {
            has_text: false,
            ..remark(0)
        };
        assert!(open(no_text).is_empty());
        let by_us = Review {
            by: Author::Us,
            ..remark(0)
        };
        assert!(open(by_us).is_empty());
        let by_person = Review {
            by: person("rob"),
            ..remark(0)
        };
        assert!(open(by_person).is_empty());
    }

    #[test]
    fn who_may_and_our_own_family_waive_remarks_and_no_label_does() {
        let unanswered = ["automated_feedback_unaddressed"];
        let open = pull().review(person("rita"), Approved).reviewed(remark(0));
        assert!(codes_where(&open, &OptIn::Yes).is_empty());
        assert!(codes(&open.clone().author(Author::Us)).is_empty());
        let fork = open.clone().author(Author::Us).fork();
        assert_eq!(codes(&fork), unanswered);
        let labelled = open.label("caretaker:merge");
        let stranger = OptIn::NotTheirs(Login::new("mallory"));
        for nobody in [OptIn::No, stranger, OptIn::Unknown] {
            assert_eq!(codes_where(&labelled, &nobody), unanswered);
        }
    }

    #[test]
    fn nobody_speaks_for_us_by_taking_our_name() {
        let namesake = Review {
            trusted: false,
            ..review(person("caretaker"), Approved)
        };
        let scenario = pull()
            .review(Author::Us, ChangesRequested)
            .reviewed(namesake);
        assert_eq!(codes(&scenario), ["changes_requested"]);
    }
}
