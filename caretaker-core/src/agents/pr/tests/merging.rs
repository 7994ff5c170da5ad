//! When a merge is planned.

use super::*;
use crate::model::{Family, Merge, MergeMethod, Permission, Refusals, Required};
use crate::scenario::sha;

/// By Dependabot, ready, in our care, and ours to merge.
pub(super) fn ours() -> Scenario {
    ready()
        .author(bot("dependabot[bot]"))
        .label(label::OWNED)
        .param("merge_authority.mode", "gate_and_merge")
}

pub(super) fn merge(scenario: &Scenario) -> Option<Merge> {
    let mut actions = decide(scenario).actions.into_iter();
    actions.find_map(|planned| match planned.action {
        Action::Merge(merge) => Some(merge),
        Action::Forge(_) | Action::Enqueue(_) => None,
    })
}

/// Codes of what keeps us from merging, out of the reason tree.
pub(super) fn denied(scenario: &Scenario) -> Vec<String> {
    let decision = decide(scenario);
    let right = &decision.because.children[4];
    assert_eq!(right.rule, "may_be_merged_by_caretaker");
    let codes = right.against().into_iter().map(|leaf| match &leaf.saw[0] {
        (name, Fact::Word(code)) if name == "blocker" => code.clone(),
        other => panic!("{other:?}"),
    });
    codes.collect()
}

#[test]
fn what_is_ready_and_ours_is_merged_at_its_head_last_of_all() {
    let decision = decide(&ours());
    assert_eq!(decision.verdict, "merge");
    let last = decision.actions.last().unwrap();
    let planned = Merge {
        number: Number::new(7),
        head: sha('a'),
        base: Branch::new("main"),
        method: MergeMethod::Squash,
    };
    assert_eq!(last.action, Action::Merge(planned));
    let rebase = ours().param("auto_merge.merge_method", "rebase");
    assert_eq!(merge(&rebase).unwrap().method, MergeMethod::Rebase);
    let queue = rebase.with(|s| {
        let required = s.required.get_or_insert_with(Required::default);
        required.queue = true;
    });
    assert_eq!(merge(&queue).unwrap().method, MergeMethod::Queue);
}

#[test]
fn a_claim_counts_in_the_decision_that_makes_it() {
    let scenario = ours().with(|s| s.pull.item.labels.clear());
    assert!(claims(&scenario));
    assert!(merge(&scenario).is_some());
}

#[test]
fn each_thing_that_keeps_us_from_merging_does() {
    let table: Vec<(Scenario, &[&str])> = vec![
        (
            ours().param("merge_authority.mode", "advisory"),
            &["merge_authority_missing"],
        ),
        (
            ours().param("merge_authority.mode", "gate_only"),
            &["merge_authority_missing"],
        ),
        (ours().fork(), &["from_fork", "family_not_allowed"]),
        (
            ours().param("auto_merge.dependabot_prs", false),
            &["family_not_allowed"],
        ),
        (
            ours()
                .with(|s| s.pull.item.labels.clear())
                .param("ownership.auto_claim.dependabot_prs", false),
            &["not_in_care"],
        ),
        (ours().param("ownership.enabled", false), &["not_in_care"]),
        (
            ours().on(EventKind::RecheckDue).refused(405, 3),
            &["forge_refuses"],
        ),
        (
            ours().on(EventKind::RecheckDue).refused(409, 3),
            &["forge_refuses"],
        ),
        (ours().refused(Refusals::QUEUED, 1), &["in_merge_queue"]),
    ];
    for (scenario, expected) in &table {
        assert_eq!(denied(scenario), *expected);
        assert_eq!(merge(scenario), None, "{expected:?}");
    }
    assert!(merge(&ours()).is_some(), "the others keep from something");
}

#[test]
fn whatever_stands_against_it_prevents_the_merge() {
    for scenario in [
        ours().draft(),
        ours().label(label::HOLD),
        ours().label(label::ESCALATED),
        ours().label(label::BREAKING),
        ours().check("test", CheckState::Failure),
        ours().review(person("rob"), ReviewState::ChangesRequested),
        ours().with(|s| s.pull.mergeable = None),
        ours().with(|s| s.required = None),
    ] {
        assert_eq!(merge(&scenario), None);
    }
}

#[test]
fn what_the_guard_holds_is_planned_so_that_observing_shows_it() {
    for scenario in [
        ours().mode(Mode::Observe),
        ours().mode(Mode::Propose),
        ours().paused(),
        ours().label(label::QUARANTINE),
    ] {
        assert!(merge(&scenario).is_some());
        assert_eq!(denied(&scenario).len(), 1);
    }
    let told = comment(&ours().mode(Mode::Propose)).unwrap();
    assert!(
        told.contains("Caretaker would merge it: `safety.mode: act`"),
        "{told}"
    );
}

#[test]
fn a_person_who_may_write_lets_a_pull_request_in() {
    let by = |who: Author, permission| {
        ready()
            .param("merge_authority.mode", "gate_and_merge")
            .label(label::MERGE)
            .act(0, who, ActKind::Labeled(Label::new(label::MERGE)))
            .may("olga", permission)
    };
    let told = by(person("olga"), Permission::Write);
    assert!(claims(&told), "it comes into our care with that");
    assert!(merge(&told).is_some());
    assert!(merge(&by(Author::Us, Permission::None)).is_some());
    let stranger = by(person("olga"), Permission::Triage);
    assert_eq!(merge(&stranger), None);
    assert_eq!(denied(&stranger), ["not_in_care", "opt_in_not_allowed"]);
    let cut = by(person("olga"), Permission::Write).history_is_cut();
    assert_eq!(denied(&cut), ["not_in_care", "opt_in_unknown"]);
    let nobody = ready().param("merge_authority.mode", "gate_and_merge");
    assert_eq!(denied(&nobody), ["not_in_care", "family_not_allowed"]);
}

#[test]
fn a_fork_is_never_merged_whoever_lets_it_in() {
    let told = ours().fork().label(label::MERGE).act(
        0,
        Author::Us,
        ActKind::Labeled(Label::new(label::MERGE)),
    );
    assert_eq!(denied(&told), ["from_fork"]);
    assert_eq!(merge(&told), None);
}

#[test]
fn a_refusal_is_waited_for_by_ourselves_and_forgotten_when_something_happens() {
    let waiting = ours().on(EventKind::RecheckDue).refused(405, 2);
    // The second refusal, a minute ago, is waited for a minute; the third two.
    let again = |times| decide(&ours().on(EventKind::RecheckDue).refused(405, times)).recheck_at;
    assert_eq!(again(2), None, "its time has come");
    assert!(merge(&waiting).is_some());
    assert_eq!(again(3), Some(NOW + Span::minutes(1)));
    for kind in [
        EventKind::CheckRunFinished,
        EventKind::FannedOut,
        EventKind::PullLabeled,
    ] {
        assert!(
            merge(&ours().on(kind).refused(405, 9)).is_some(),
            "{kind:?}"
        );
    }
    let pushed = ours()
        .on(EventKind::RecheckDue)
        .refused(405, 9)
        .with(|s| s.pull.head = sha('d'))
        .with(|s| s.reviews.rows[0].commit = Some(sha('d')));
    assert!(merge(&pushed).is_some(), "another head");
}

#[test]
fn families_are_merged_by_their_switches() {
    let switch = |family: Family| format!("auto_merge.{}", family.key());
    let by = |author: Author| ours().author(author);
    for (author, family) in [
        (bot("dependabot[bot]"), Family::Dependabot),
        (bot("copilot"), Family::Copilot),
        (Author::Us, Family::Caretaker),
    ] {
        assert!(merge(&by(author.clone())).is_some(), "{family:?}");
        let off = by(author).param(&switch(family), false);
        assert_eq!(merge(&off), None, "{family:?}");
    }
    let human = by(person("author"));
    assert_eq!(merge(&human), None);
    let on = human.param(&switch(Family::Human), true);
    assert_eq!(
        merge(&on),
        None,
        "nobody knows who put the label of care on"
    );
    assert!(merge(&on.label_by(label::OWNED, Author::Us)).is_some());
}

#[test]
fn the_comment_says_who_merges() {
    let told = |scenario: &Scenario| comment(scenario).unwrap();
    assert!(told(&ours()).contains("Nothing stands against merging; Caretaker merges it."));
    assert!(told(&ready()).contains("the merge itself is left to people"));
    let failing = told(&ours().check("test", CheckState::Failure));
    assert!(
        failing.contains("Caretaker merges it when nothing"),
        "{failing}"
    );
    let fork = told(&ours().fork());
    assert!(
        fork.contains("Caretaker does not merge it by itself:\n\n- **from_fork**"),
        "{fork}"
    );
}
