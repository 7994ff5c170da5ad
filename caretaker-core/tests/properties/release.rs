//! What is said to release a pull request does, and nothing less would: asked of the agent itself,
//! by deciding again on edited evidence.

use caretaker_core::agents::pr::{Pr, after, releases};
use caretaker_core::guard;
use caretaker_core::model::{Action, Answer, Evidence, Mode, Query, Task};
use caretaker_core::release::{Act, Aim, MOST_ACTS, MOST_WAYS, Releases};
use caretaker_core::scenario::{Scenario, person};
use proptest::prelude::*;
use proptest::sample::select;

use crate::facts::{scenario_of, snapshot};

/// Whether the decision reaches the aim once these have happened.
fn reached(task: &Task, evidence: &Evidence, acts: &[Act], aim: Aim) -> bool {
    let (task, mut evidence) = after(task, evidence, acts).expect("everything is answered");
    let count = Query::State(guard::acts_key(task.now));
    evidence.add(count, Answer::State(None));
    let (decision, reviewed) = task.take(&Pr, &evidence).expect("everything is answered");
    match aim {
        Aim::Merge => {
            let merges = |action: &Action| matches!(action, Action::Merge(_));
            reviewed
                .allowed
                .iter()
                .any(|planned| merges(&planned.action))
        }
        Aim::Ready => ["ready", "merge"].contains(&decision.verdict.as_str()),
    }
}

fn parts(way: &[Act]) -> impl Iterator<Item = Vec<Act>> + '_ {
    let whole = (1_usize << way.len()) - 1;
    (0..whole).map(|mask| {
        let kept = way.iter().enumerate();
        let kept = kept.filter(move |(place, _)| mask & (1 << place) != 0);
        kept.map(|(_, act)| act.clone()).collect()
    })
}

fn found(scenario: &Scenario) -> (Task, Evidence, Option<Releases>) {
    let (task, evidence) = scenario.task(&Pr);
    let found = releases(&task, &evidence).expect("everything is answered");
    (task, evidence, found)
}

/// Pull requests in repositories that let us merge, and in others.
fn scenarios() -> impl Strategy<Value = Scenario> {
    let authority = select(vec!["gate_and_merge", "gate_and_merge", "advisory"]);
    let odds = (any::<bool>(), 0_u8..4, 0_u8..4, 0_u8..4, any::<bool>());
    let mode = prop_oneof![3 => Just(Mode::Act), 1 => select(Mode::ALL.to_vec())];
    (snapshot(), authority, mode, odds).prop_map(|(mut seen, authority, mode, odds)| {
        let (human, paused, refused, required, claim) = odds;
        if required == 0 {
            // What cannot be learned has no way out; most shall have one.
            seen.required = None;
        } else {
            seen.required.get_or_insert_default();
            seen.checks.complete = true;
            seen.reviews.complete = true;
        }
        let mut scenario = scenario_of(&seen)
            .param("merge_authority.mode", authority)
            .param("auto_merge.human_prs", human)
            .param("ownership.auto_claim.human_prs", claim)
            .mode(mode);
        if paused == 0 {
            scenario = scenario.paused();
        }
        if refused == 0 {
            scenario = scenario.refused(405, 2);
        }
        scenario
    })
}

proptest! {
    #[test]
    fn a_way_out_leads_out_and_no_part_of_it_does(scenario in scenarios()) {
        let (task, evidence, found) = found(&scenario);
        let Some(found) = found else {
            prop_assert!(reached(&task, &evidence, &[], Aim::Ready));
            return Ok(());
        };
        prop_assert!(found.ways.len() <= MOST_WAYS);
        for way in &found.ways {
            prop_assert!((1..=MOST_ACTS).contains(&way.len()));
            prop_assert!(reached(&task, &evidence, way, found.aim), "{way:?}");
            for part in parts(way) {
                let less = reached(&task, &evidence, &part, found.aim);
                prop_assert!(!less, "{part:?} of {way:?} suffices");
            }
        }
        prop_assert_eq!(found.ways.is_empty(), found.none().is_some());
        let sizes: Vec<usize> = found.ways.iter().map(Vec::len).collect();
        prop_assert!(sizes.is_sorted());
    }

    #[test]
    fn the_same_facts_give_the_same_ways(scenario in scenarios()) {
        prop_assert_eq!(found(&scenario).2, found(&scenario).2);
    }

    #[test]
    fn names_from_outside_are_harmless(
        mut seen in snapshot(),
        name in "[-a-z@#<>!`|\\[\\]()*_:/ \n\u{202e}]{0,40}",
    ) {
        for check in &mut seen.checks.rows {
            check.name.clone_from(&name);
        }
        for review in &mut seen.reviews.rows {
            review.by = person(&name);
        }
        let scenario = scenario_of(&seen).param("ownership.hold_label", name.as_str()).label(&name);
        let Some(found) = found(&scenario).2 else { return Ok(()) };
        let lines = found.ways.len() + usize::from(found.none().is_some());
        let told = found.markdown();
        prop_assert_eq!(told.lines().count(), lines);
        prop_assert!(!told.contains("<!--"));
        let even = told.lines().all(|line| line.matches('`').count().is_multiple_of(2));
        prop_assert!(even, "{told}");
    }
}

/// The laws above say nothing where no way is ever found.
#[test]
fn most_arbitrary_pull_requests_have_a_way_out() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut some, mut several, mut cut) = (0, 0, 0);
    for _ in 0..500 {
        let tree = scenarios().new_tree(&mut runner).unwrap();
        let found = found(&proptest::strategy::ValueTree::current(&tree)).2;
        let ways = found.as_ref().map_or(0, |found| found.ways.len());
        some += usize::from(ways > 0);
        several += usize::from(ways > 1);
        cut += usize::from(found.is_some_and(|found| found.cut));
    }
    assert!(some > 200, "{some} of 500");
    assert!(several > 50, "{several} of 500");
    assert!(cut < 25, "{cut} of 500 were cut");
}
