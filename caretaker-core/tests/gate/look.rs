//! What every effect depends on, and is not performed when it has changed since the decision.

use caretaker_core::merge_gate::MergePermit;
use caretaker_core::model::{
    Action, ForgeAction, Label, LookVerdict, Marker, MergeState, Mode, Number, label,
};
use caretaker_core::scenario::{Scenario, sha};

use crate::case::{Case, mergeable};

const NUMBER: Number = Number::new(7);

/// Says something about it.
fn voice() -> Action {
    Action::Forge(ForgeAction::UpsertComment {
        number: NUMBER,
        marker: Marker::Status,
        body: "how it stands".to_owned(),
    })
}

/// Does something to it.
fn act() -> Action {
    let label = Label::new("some");
    Action::Forge(ForgeAction::AddLabel {
        number: NUMBER,
        label,
    })
}

/// Which words the last look has for what has changed.
#[track_caller]
fn changed(action: Action, change: fn(Case) -> Case) -> Vec<String> {
    let before = mergeable();
    let (verdict, permit) = change(before.clone()).looked_after(&before, vec![action]);
    assert!(permit.is_none(), "no merge is planned");
    match verdict {
        LookVerdict::Unchanged => Vec::new(),
        LookVerdict::Changed(words) => words,
    }
}

fn labelled(case: Case, name: &str) -> Case {
    case.facts(|scenario| scenario.label(name))
}

fn pushed(case: Case) -> Case {
    case.snapshot(|seen| seen.pull.head = sha('d'))
}

#[test]
fn what_has_not_changed_lets_everything_through() {
    for action in [voice(), act()] {
        assert_eq!(changed(action, |case| case), [""; 0]);
    }
    let other = |case: Case| case.snapshot(|seen| seen.pull.merge_state = MergeState::Unstable);
    assert_eq!(changed(act(), other), [""; 0]);
}

#[test]
fn quarantine_stops_voice_and_act() {
    for action in [voice(), act()] {
        let words = changed(action, |case| labelled(case, label::QUARANTINE));
        assert_eq!(words, ["quarantine"]);
    }
}

#[test]
fn a_pause_stops_voice_and_act() {
    for action in [voice(), act()] {
        assert_eq!(changed(action, Case::paused), ["pause"]);
    }
}

#[test]
fn a_lower_mode_stops_voice_and_act() {
    let lower = |case: Case| case.instead("mode: act", "mode: observe").config_at('d');
    assert_eq!(changed(voice(), lower), ["mode"]);
    assert_eq!(changed(act(), lower), ["mode", "configuration"]);
}

#[test]
fn another_configuration_of_the_same_mode_stops_acts_alone() {
    let other = |case: Case| case.demands("merge: {dismiss_stale: true}").config_at('d');
    assert_eq!(changed(voice(), other), [""; 0]);
    assert_eq!(changed(act(), other), ["configuration"]);
}

#[test]
fn closing_stops_voice_and_act() {
    for action in [voice(), act()] {
        assert_eq!(
            changed(action, |case| case.facts(Scenario::closed)),
            ["state"]
        );
    }
}

#[test]
fn becoming_a_draft_stops_voice_and_act() {
    for action in [voice(), act()] {
        assert_eq!(
            changed(action, |case| case.facts(Scenario::draft)),
            ["state"]
        );
    }
}

#[test]
fn a_push_stops_voice_and_act() {
    for action in [voice(), act()] {
        assert_eq!(changed(action, pushed), ["head"]);
    }
}

#[test]
fn a_hold_stops_acts_alone() {
    let holds: [fn(Case) -> Case; 3] = [
        |case| labelled(case, label::HOLD),
        |case| labelled(case, label::ESCALATED),
        |case| labelled(case, label::BREAKING),
    ];
    for hold in holds {
        assert_eq!(changed(act(), hold), ["hold"]);
        assert_eq!(changed(voice(), hold), [""; 0]);
    }
}

/// Looks again at a merge that was decided about before the change.
fn merging(change: fn(Case) -> Case) -> (LookVerdict, Option<MergePermit>) {
    let before = mergeable();
    let merge = Action::Merge(before.decision().clone());
    change(before.clone()).looked_after(&before, vec![merge])
}

#[test]
fn a_merge_gets_its_permit_where_nothing_stands_against_it() {
    let (verdict, permit) = merging(|case| case);
    assert_eq!(verdict, LookVerdict::Unchanged);
    assert!(permit.is_some());
}

#[test]
fn a_merge_is_overtaken_by_whatever_the_gate_says() {
    let (verdict, permit) = merging(|case| case.ceiling(Mode::Propose));
    let words = vec!["mode_too_low".to_owned()];
    assert_eq!(verdict, LookVerdict::Changed(words));
    assert!(permit.is_none());
}

#[test]
fn a_merge_that_the_gate_permits_is_overtaken_by_what_has_changed() {
    let released = |case: Case| labelled(case, label::HOLD).demands("ownership: {enabled: true}");
    let before = mergeable();
    let merge = Action::Merge(before.decision().clone());
    // It was held when it was decided about, and is not any more: decided afresh.
    let (verdict, permit) = before.looked_after(&released(before.clone()), vec![merge]);
    assert_eq!(verdict, LookVerdict::Changed(vec!["hold".to_owned()]));
    assert!(permit.is_none());
}
