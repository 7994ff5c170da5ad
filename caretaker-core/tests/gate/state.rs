//! What the pull request itself is like.

use caretaker_core::model::{Label, MergeState, Permission, Review, ReviewState, Span, label};
use caretaker_core::scenario::{NOW, Scenario, bot, person, review, sha};

use crate::case::{Case, mergeable};
use crate::right::labels;

circumstances! {
    "Closed", in mergeable(),
    fn closed(case) { case.facts(Scenario::closed) }

    "Draft", in mergeable(),
    fn draft(case) { case.snapshot(|seen| seen.pull.item.draft = true) }

    "Draft", in mergeable(),
    fn draft_by_the_merge_state(case) { states(case, MergeState::Draft) }

    "Conflict", in mergeable(),
    fn conflict(case) { case.snapshot(|seen| seen.pull.mergeable = Some(false)) }

    "Conflict", in mergeable(),
    fn conflict_by_the_merge_state(case) { states(case, MergeState::Dirty) }

    "MergeabilityUnknown", in mergeable(),
    fn mergeability_unknown(case) { case.snapshot(|seen| seen.pull.mergeable = None) }

    "MergeabilityUnknown", in mergeable(),
    fn mergeability_unknown_by_the_merge_state(case) { states(case, MergeState::Unknown) }

    "Behind", in mergeable(),
    fn behind(case) { states(case, MergeState::Behind) }

    "Breaking", in mergeable(),
    fn breaking(case) { labelled(case, label::BREAKING) }

    "Hold", in mergeable(),
    fn hold(case) { labelled(case, label::HOLD) }

    "Hold", in mergeable(),
    fn hold_in_other_letters(case) { labelled(case, "Caretaker:Hold") }

    "Hold", in labelled(mergeable(), "wait"),
    fn hold_by_a_label_of_the_repositorys_own(case) {
        case.demands("ownership: {hold_label: wait}")
    }

    "Hold", in mergeable().demands("ownership: {hold_label: wait}"),
    fn hold_by_the_built_in_label_beside_it(case) { labelled(case, label::HOLD) }

    "Escalated", in mergeable(),
    fn escalated(case) { labelled(case, label::ESCALATED) }

    "ForgeBlocks", in mergeable(),
    fn forge_blocks(case) { states(case, MergeState::Blocked) }

    "AutomatedFeedback", in mergeable(),
    fn automated_feedback(case) { case.facts(|scenario| scenario.reviewed(remark())) }

    /// The label alone waives nothing.
    "AutomatedFeedback", in labels(mergeable(), person("olga")).facts(|scenario| {
        let labelled = scenario.label(label::MERGE).reviewed(remark());
        labelled.may("olga", Permission::Write)
    }),
    fn automated_feedback_waived_by_a_stranger(case) {
        case.facts(|scenario| scenario.may("olga", Permission::Triage))
    }

    "AutomatedFeedback", in remarked_on('9'),
    fn automated_feedback_on_this_head(case) {
        case.snapshot(|seen| seen.reviews.rows[1].commit = Some(sha('a')))
    }
}

fn states(case: Case, state: MergeState) -> Case {
    case.snapshot(|seen| seen.pull.merge_state = state)
}

fn labelled(case: Case, name: &str) -> Case {
    case.snapshot(|seen| seen.pull.item.labels.push(Label::new(name)))
}

/// A remark by automation on the head, after the approval.
fn remark() -> Review {
    Review {
        at: NOW - Span::minutes(30),
        has_text: true,
        ..review(bot("linter[bot]"), ReviewState::Commented)
    }
}

fn remarked_on(head: char) -> Case {
    let commit = Some(sha(head));
    mergeable().facts(|scenario| scenario.reviewed(Review { commit, ..remark() }))
}
