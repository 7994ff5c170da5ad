//! The agent decides by the same gate: what the last look refuses it does not plan, but for what
//! the guard holds, and what it plans the last look permits.

use caretaker_core::agents::pr::Pr;
use caretaker_core::agents::{Agent as _, Input};
use caretaker_core::guard;
use caretaker_core::merge_gate::{Blocker, Denial};
use caretaker_core::model::{Action, Answer, Planned, Query};

use crate::all;
use crate::case::Case;

fn plans_a_merge(case: &Case) -> bool {
    let (task, evidence) = case.asked();
    let input = Input {
        event: &task.event,
        evidence: &evidence,
        params: &task.params,
        settings: &task.settings,
        now: task.now,
    };
    let decision = Pr.decide(&input).expect("everything is answered");
    let mut actions = decision.actions.iter();
    actions.any(|planned| matches!(planned.action, Action::Merge(_)))
}

/// Whether a decision may be made in spite of it: the guard holds that back, or it tells of
/// another decision than the one that is made here.
fn is_no_matter(blocker: &Blocker) -> bool {
    let Blocker::Denied(denial) = blocker else {
        return false;
    };
    denial.is_guards() || matches!(denial, Denial::Moved { .. })
}

#[test]
fn it_plans_what_the_last_look_would_permit_and_nothing_else() {
    for one in all() {
        let without = (one.without)();
        assert!(plans_a_merge(&without), "without {:?}", one.variant);
        let with = (one.with)(without);
        let against = with.verdict().expect_err("there is no permit");
        let free = against.iter().all(is_no_matter);
        assert_eq!(plans_a_merge(&with), free, "{:?}", one.variant);
    }
}

#[test]
fn the_guard_allows_only_what_the_last_look_would_permit() {
    let is_merge = |planned: &Planned| matches!(planned.action, Action::Merge(_));
    for one in all() {
        let without = (one.without)();
        let with = (one.with)(without.clone());
        let against = with.verdict().expect_err("there is no permit");
        let moved = |blocker| matches!(blocker, &Blocker::Denied(Denial::Moved { .. }));
        for (case, allowed) in [(without, true), (with, against.iter().all(moved))] {
            let (task, mut evidence) = case.asked();
            let count = Query::State(guard::acts_key(task.now));
            evidence.add(count, Answer::State(None));
            let (_, reviewed) = task.take(&Pr, &evidence).expect("everything is answered");
            let merges = reviewed.allowed.iter().any(is_merge);
            assert_eq!(merges, allowed, "{:?}", one.variant);
        }
    }
}
