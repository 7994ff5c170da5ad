//! Which reviews count, and what they say together.

use super::{Blocker, Policy};
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
///   comes after it. The opt-in label waives it, and so does the family where automation
///   reviews automation (spec 02 §3.8).
pub fn weigh(snapshot: &Snapshot, policy: &Policy) -> ReviewView {
    let pull = &snapshot.pull;
    let required = snapshot.required.clone().unwrap_or_default();
    let on_head = |review: &Review| review.commit.as_ref() == Some(&pull.head);
    let by_person = |review: &Review| {
        review.trusted
            && !is_automation(&review.by)
            && !same_reviewer(&review.by, &pull.item.author)
    };
    let stands = standing(&snapshot.reviews.rows);
    let approvals: Vec<&Review> = stands
        .iter()
        .copied()
        .filter(|review| review.state == ReviewState::Approved && by_person(review))
        .collect();
    let (current, outdated): (Vec<&Review>, Vec<&Review>) = approvals
        .into_iter()
        .partition(|review| !required.dismiss_stale || on_head(review));
    let against = |review: &&Review| {
        let counts = review.trusted || is_automation(&review.by);
        counts && review.state == ReviewState::ChangesRequested
    };
    let changes: Vec<&Review> = stands.into_iter().filter(against).collect();
    let waived = pull.item.has_label(policy.opt_in_label.as_str())
        || matches!(pull.family(), Family::Caretaker | Family::MaintainerBot);
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
        needed: policy.required_reviews.max(required.approvals),
        complete: snapshot.reviews.complete,
    }
}

/// What the reviews have against merging.
pub(super) fn blockers(snapshot: &Snapshot, policy: &Policy) -> Vec<Blocker> {
    let view = weigh(snapshot, policy);
    let mut found = Vec::new();
    if !view.feedback.is_empty() {
        found.push(Blocker::AutomatedFeedback { by: view.feedback });
    }
    if !view.complete {
        found.push(Blocker::ReviewsIncomplete {
            seen: snapshot.reviews.rows.len(),
        });
    }
    let given = u32::try_from(view.approved.len()).unwrap_or(u32::MAX);
    let needed = view.needed;
    if !view.changes.is_empty() {
        found.push(Blocker::ChangesRequested { by: view.changes });
    } else if given < needed && view.complete {
        found.push(if view.outdated.is_empty() {
            Blocker::ReviewMissing { given, needed }
        } else {
            let by = view.outdated;
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
