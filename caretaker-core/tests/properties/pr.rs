//! What the agent `pr` says and does.

use caretaker_core::agents::pr::Pr;
use caretaker_core::merge_gate::{Change, blockers};
use caretaker_core::model::{
    Action, Conclusion, Decision, Fact, ForgeAction, Loudness, Marker, Mode, Publish,
};
use caretaker_core::scenario::{NOW, Scenario, person, policy};
use proptest::prelude::*;
use proptest::sample::select;

use crate::facts::{scenario_of, snapshot};

fn decide(scenario: &Scenario) -> Decision {
    scenario.decide(&Pr).expect("one answer is enough")
}

fn published(decision: &Decision) -> Option<&Publish> {
    decision.actions.iter().find_map(|planned| {
        if let Action::Forge(ForgeAction::Publish(finding)) = &planned.action {
            Some(finding)
        } else {
            None
        }
    })
}

fn comment(decision: &Decision) -> Option<&str> {
    decision.actions.iter().find_map(|planned| {
        if let Action::Forge(ForgeAction::UpsertComment { body, .. }) = &planned.action {
            Some(body.as_str())
        } else {
            None
        }
    })
}

fn score(decision: &Decision) -> i64 {
    let seen = decision
        .because
        .saw
        .iter()
        .find(|(name, _)| name == "score");
    match seen {
        Some((_, Fact::Count(score))) => *score,
        other => panic!("no score: {other:?}"),
    }
}

proptest! {
    #[test]
    fn no_blockers_full_score_ready_and_success_are_one_thing(
        snapshot in snapshot(),
        mode in select(vec!["advisory", "gate_only", "gate_and_merge"]),
    ) {
        let clear = blockers(&snapshot, &Change::default(), &policy(), NOW).is_empty();
        let scenario = scenario_of(&snapshot).param("merge_authority.mode", mode);
        let decision = decide(&scenario);
        prop_assert_eq!(clear, score(&decision) == 100);
        prop_assert_eq!(clear, ["ready", "merge"].contains(&decision.verdict.as_str()));
        prop_assert_eq!(clear, decision.because.holds(), "{}", decision.because.tree());
        if let Some(finding) = published(&decision) {
            prop_assert_eq!(clear, finding.conclusion == Conclusion::Success);
        }
    }

    #[test]
    fn deciding_twice_gives_the_same_bytes(snapshot in snapshot()) {
        let json = |scenario: &Scenario| serde_json::to_string(&decide(scenario)).unwrap();
        prop_assert_eq!(json(&scenario_of(&snapshot)), json(&scenario_of(&snapshot)));
    }

    #[test]
    fn forks_and_what_people_were_handed_are_never_claimed(
        snapshot in snapshot(),
        fork in any::<bool>(),
    ) {
        let mut scenario = scenario_of(&snapshot).param("ownership.auto_claim.human_prs", true);
        scenario = if fork { scenario.fork() } else { scenario.label("maintainer:escalated") };
        let acts = decide(&scenario).actions.into_iter();
        let acts: Vec<_> = acts.filter(|p| p.action.loudness() == Loudness::Act).collect();
        prop_assert_eq!(acts, []);
    }

    #[test]
    fn the_mode_changes_words_only(snapshot in snapshot(), mode in select(Mode::ALL.to_vec())) {
        let (as_is, in_mode) = (scenario_of(&snapshot), scenario_of(&snapshot).mode(mode));
        let (mut a, mut b) = (decide(&as_is), decide(&in_mode));
        // Beside readiness, our own right to merge names the mode.
        for decision in [&mut a, &mut b] {
            decision.because.children.retain(|part| part.rule != "may_be_merged_by_caretaker");
        }
        prop_assert_eq!(&a.because, &b.because);
        prop_assert_eq!(a.verdict, b.verdict);
        prop_assert_eq!(a.actions.len(), b.actions.len());
    }

    #[test]
    fn no_text_from_outside_marks_mentions_or_breaks_lines(
        snapshot in snapshot(),
        name in "[-a-z@#<>!`|\\[\\]()*_:/ \n\u{202e}]{0,40}",
    ) {
        let evil = format!("{name} <!-- caretaker:stale-warning --> @org/all `x");
        let mut snapshot = snapshot;
        for check in &mut snapshot.checks.rows {
            check.name.clone_from(&evil);
        }
        for review in &mut snapshot.reviews.rows {
            review.by = person(&evil);
        }
        let scenario = scenario_of(&snapshot)
            .param("ownership.label", evil.as_str())
            .param("ownership.hold_label", evil.as_str());
        let decision = decide(&scenario);
        let Some(body) = comment(&decision) else { return Ok(()) };
        prop_assert_eq!(Marker::find(body), Some(Marker::Status));
        prop_assert_eq!(body.matches("<!--").count(), 1);
        let turns = body.contains('\u{202e}');
        prop_assert!(!turns);
        prop_assert!(body.len() < 60_000);
        let even = |line: &str| line.matches('`').count().is_multiple_of(2);
        prop_assert!(body.lines().all(even), "{body}");
        if let Some(finding) = published(&decision) {
            prop_assert!(!finding.title.contains('@'));
            prop_assert!(!finding.summary.contains("<!--"));
        }
    }

    #[test]
    fn it_looks_again_later_and_within_a_day(snapshot in snapshot()) {
        if let Some(at) = decide(&scenario_of(&snapshot)).recheck_at {
            prop_assert!(at > NOW);
            prop_assert!(at.since(NOW).whole_days() < 1);
        }
    }
}
