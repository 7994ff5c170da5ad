//! The ladder and the branches, in tables.

use super::*;
use crate::model::{Branch, BranchTip, ForgeQuery, Number, Planned, Query};
use crate::scenario::{self, NOW, Scenario, ago, bot, person, sha};

/// An issue of 200 days that nobody has said a word about for so many.
fn quiet(days: i64) -> Scenario {
    let comment = said();
    scenario::issue(7)
        .opened(200)
        .updated(days)
        .act(days, person("rita"), comment)
}

fn said() -> ActKind {
    ActKind::Commented {
        marker: None,
        marked_at: None,
    }
}

fn marked(days: i64) -> ActKind {
    ActKind::Commented {
        marker: Some(Marker::StaleWarning),
        marked_at: Some(ago(days)),
    }
}

fn stale_label() -> Label {
    Label::new(label::STALE)
}

/// Warned so many days ago, after 61 quiet ones.
fn warned(days: i64) -> Scenario {
    quiet(days + 61)
        .updated(days)
        .label(label::STALE)
        .act(days, Author::Us, ActKind::Labeled(stale_label()))
        .act(days, Author::Us, marked(days))
}

fn decide(scenario: &Scenario) -> Decision {
    scenario.decide(&Stale).expect("everything is answered")
}

fn verdict(scenario: &Scenario) -> String {
    let decision = decide(scenario);
    let verdicts = Stale::MANIFEST.verdicts;
    assert!(verdicts.contains(&decision.verdict.as_str()));
    decision.verdict
}

fn effects(scenario: &Scenario) -> Vec<ForgeAction> {
    let effect = |planned: Planned| match planned.action {
        Action::Forge(effect) => effect,
        other @ (Action::Enqueue(_) | Action::Merge(_)) => panic!("{other:?} is no business of it"),
    };
    decide(scenario).actions.into_iter().map(effect).collect()
}

fn wants(scenario: &Scenario) -> bool {
    let params = crate::config::Config::default().section("stale_agent");
    let row = &scenario.snapshot().pull.item;
    super::super::Agent::wants(&Stale, row, &params, NOW).unwrap()
}

#[test]
fn warns_at_the_limit_and_not_a_day_before() {
    assert_eq!(verdict(&quiet(59)), "fresh");
    assert_eq!(verdict(&quiet(60)), "warn");
    assert_eq!(verdict(&quiet(30).param("stale_days", 30)), "warn");
    assert_eq!(verdict(&quiet(29).param("stale_days", 30)), "fresh");
}

#[test]
fn a_warning_is_a_label_and_a_comment_that_tells_the_day() {
    let number = Number::new(7);
    let [add, comment] = &effects(&quiet(60))[..] else {
        panic!("{:?}", effects(&quiet(60)));
    };
    let label = stale_label();
    assert_eq!(*add, ForgeAction::AddLabel { number, label });
    let ForgeAction::UpsertComment { marker, body, .. } = comment else {
        panic!("{comment:?}");
    };
    assert_eq!(*marker, Marker::StaleWarning);
    insta::assert_snapshot!(body, @r"
    <!-- caretaker:stale-warning at=2023-11-14T22:13:20Z -->
    Nobody has said or done anything here for 60 days, so this is marked `stale`.

    It will be closed after 14 more days, on 2023-11-28, unless somebody comments, pushes, or takes the label off.
    ");
    let again = decide(&quiet(60)).recheck_at;
    assert_eq!(again, Some(NOW + Span::days(14)));
}

#[test]
fn closes_after_the_grace_and_not_a_day_before() {
    let early = warned(13);
    assert_eq!(verdict(&early), "wait");
    assert_eq!(decide(&early).recheck_at, Some(NOW + Span::days(1)));
    assert_eq!(verdict(&warned(14)), "close");
    let longer = warned(14).param("stale_days", 365);
    assert_eq!(verdict(&longer), "wait");
    assert!(
        decide(&longer).recheck_at.unwrap() > NOW,
        "a time that is over would never end"
    );
    let number = Number::new(7);
    let close = |pull| ForgeAction::Close { number, pull };
    assert_eq!(effects(&warned(14)), [close(false)]);
    let pull = warned(14).with(|s| s.pull.item.pull = true);
    assert_eq!(effects(&pull), [close(true)]);
    assert_eq!(verdict(&warned(14).param("close_after", 15)), "wait");
    assert_eq!(
        verdict(&warned(0)),
        "wait",
        "our own comment resets nothing"
    );
}

#[test]
fn any_human_act_after_the_warning_resets() {
    let number = Number::new(7);
    for act in [
        said(),
        ActKind::Labeled(Label::new("bug")),
        ActKind::Unlabeled(Label::new("bug")),
        ActKind::Reopened,
        ActKind::Reviewed,
        ActKind::Committed,
        ActKind::Edited,
    ] {
        let answered = warned(20).act(3, person("rob"), act.clone());
        assert_eq!(verdict(&answered), "reset", "{act:?}");
        let label = stale_label();
        let remove = ForgeAction::RemoveLabel { number, label };
        assert_eq!(effects(&answered), [remove]);
        assert!(wants(&answered));
    }
}

#[test]
fn a_word_in_the_very_second_of_the_warning_resets() {
    let answered = warned(20).act(20, person("rob"), said());
    assert_eq!(verdict(&answered), "reset");
}

#[test]
fn bots_and_mentions_and_our_own_doing_reset_nothing() {
    for (by, act) in [
        (bot("renovate[bot]"), said()),
        (bot("renovate[bot]"), ActKind::Committed),
        (Author::Us, said()),
        (Author::Us, ActKind::Edited),
        (person("rob"), ActKind::Other),
    ] {
        let noise = warned(20).act(3, by.clone(), act.clone());
        assert_eq!(verdict(&noise), "close", "{by:?} {act:?}");
        let before = quiet(90).act(3, by, act).updated(3);
        // Something moved three days ago, so nobody looks at who it was.
        assert_eq!(verdict(&before), "fresh");
        assert_eq!(verdict(&before.updated(60)), "warn");
    }
}

#[test]
fn a_label_taken_off_by_a_person_stays_off_for_the_whole_time_again() {
    let taken_off = |days: i64| {
        quiet(150)
            .updated(days)
            .act(80, Author::Us, ActKind::Labeled(stale_label()))
            .act(80, Author::Us, marked(80))
            .act(days, person("rita"), ActKind::Unlabeled(stale_label()))
    };
    assert_eq!(verdict(&taken_off(1)), "fresh");
    assert_eq!(verdict(&taken_off(59)), "fresh");
    assert_eq!(verdict(&taken_off(59).updated(61)), "fresh");
    assert_eq!(verdict(&taken_off(60)), "warn");
}

#[test]
fn a_label_put_on_by_a_person_is_theirs() {
    let called = |days: i64, quiet_for: i64| {
        quiet(quiet_for).label(label::STALE).updated(days).act(
            days,
            person("rita"),
            ActKind::Labeled(stale_label()),
        )
    };
    assert_eq!(verdict(&called(1, 10)), "fresh");
    assert_eq!(
        verdict(&called(1, 60)),
        "warn",
        "calling it stale is no care"
    );
    let after_a_reset = warned(30)
        .act(20, person("rob"), said())
        .act(20, Author::Us, ActKind::Unlabeled(stale_label()))
        .act(10, person("rita"), ActKind::Labeled(stale_label()));
    assert_eq!(verdict(&after_a_reset), "fresh");
}

#[test]
fn another_automations_label_is_not_fought_over() {
    let other = quiet(10).label(label::STALE).act(
        1,
        bot("github-actions[bot]"),
        ActKind::Labeled(stale_label()),
    );
    assert_eq!(effects(&other), []);
}

#[test]
fn a_copy_of_our_marker_counts_for_nothing() {
    for by in [person("mallory"), bot("other[bot]")] {
        let forged = quiet(120)
            .label(label::STALE)
            .act(40, Author::Us, ActKind::Labeled(stale_label()))
            .act(100, by, marked(100));
        assert_ne!(verdict(&forged), "close", "{forged:?}");
    }
}

#[test]
fn half_a_warning_is_finished_and_grace_begins_anew() {
    // The label is on, the comment was never written.
    let no_comment = quiet(61).updated(0).label(label::STALE).act(
        0,
        Author::Us,
        ActKind::Labeled(stale_label()),
    );
    assert_eq!(verdict(&no_comment), "warn");
    assert_eq!(effects(&no_comment).len(), 2);
    assert!(wants(&no_comment));
    let answered = no_comment.act(0, person("rob"), said());
    assert_eq!(verdict(&answered), "reset");
    // The comment is there, and some bot took the label off.
    let no_label = quiet(140).updated(60).act(60, Author::Us, marked(60)).act(
        60,
        bot("x[bot]"),
        ActKind::Unlabeled(stale_label()),
    );
    assert_eq!(verdict(&no_label), "warn");
    let again = decide(&no_label).recheck_at;
    assert_eq!(again, Some(NOW + Span::days(14)));
}

#[test]
fn a_history_that_was_cut_never_leads_to_an_act() {
    for scenario in [
        quiet(61),
        warned(14),
        warned(14).act(3, person("rob"), said()),
    ] {
        assert_eq!(effects(&scenario.history_is_cut()), []);
    }
}

#[test]
fn a_reopened_item_starts_anew() {
    let reopened =
        warned(20)
            .act(6, Author::Us, ActKind::Closed)
            .act(2, person("author"), ActKind::Reopened);
    assert_eq!(verdict(&reopened), "reset");
}

#[test]
fn exempt_items_are_left_alone() {
    let exempt: Vec<Scenario> = label::NEVER_STALE
        .iter()
        .map(|name| warned(20).label(name))
        .chain([
            warned(20).label("Pinned"),
            warned(20)
                .label("keep")
                .param("exempt_labels", vec!["KEEP"]),
            warned(20).with(|s| s.pull.item.draft = true),
            warned(20).with(|s| s.pull.item.milestone = true),
            warned(20).with(|s| s.pull.item.assigned = true),
        ])
        .collect();
    for scenario in exempt {
        assert_eq!(verdict(&scenario), "skip", "{:?}", scenario.snapshot().pull);
        assert_eq!(effects(&scenario), []);
    }
    assert!(!wants(&warned(20).label("pinned")));
    assert_eq!(verdict(&warned(20).label("keep")), "close");
}

#[test]
fn a_switch_leaves_pull_requests_alone_and_not_issues() {
    let pull = warned(20).with(|s| s.pull.item.pull = true);
    assert_eq!(verdict(&pull), "close");
    let off = |scenario: Scenario| verdict(&scenario.param("close_stale_prs", false));
    assert_eq!(off(pull), "skip");
    assert_eq!(off(warned(20)), "close");
}

#[test]
fn a_young_item_costs_one_question_and_an_old_one_two() {
    let halt = quiet(61).unanswered().decide(&Stale).unwrap_err();
    let asked = Query::Forge(ForgeQuery::Item(Number::new(7)));
    assert_eq!(halt, Halt::Need(vec![asked]));
    assert!(!wants(&quiet(59)));
    assert!(wants(&quiet(60)));
}

#[test]
fn a_parameter_it_does_not_know_is_reported() {
    let halt = quiet(61).param("stale_day", 3).decide(&Stale).unwrap_err();
    assert!(matches!(halt, Halt::Misconfigured(what) if what.contains("stale_day")));
}

/// Merged, its branch still where it was merged.
fn merged() -> Scenario {
    scenario::pull(7).merged().tip(tip())
}

fn tip() -> BranchTip {
    BranchTip {
        sha: sha('a'),
        protected: false,
        default: false,
    }
}

#[test]
fn a_merged_branch_is_deleted_where_it_was_seen() {
    let delete = ForgeAction::DeleteBranch {
        branch: Branch::new("topic"),
        expect: sha('a'),
    };
    assert_eq!(verdict(&merged()), "prune");
    assert_eq!(effects(&merged()), [delete]);
}

#[test]
fn a_branch_that_may_be_needed_is_kept() {
    let table = [
        (scenario::pull(7).closed().tip(tip()), "skip"),
        (merged().param("delete_merged_branches", false), "skip"),
        (merged().with(|s| s.pull.item.pull = false), "skip"),
        (scenario::pull(7).merged(), "skip"),
        (merged().fork(), "keep"),
        (
            merged().tip(BranchTip {
                sha: sha('d'),
                ..tip()
            }),
            "keep",
        ),
        (
            merged().tip(BranchTip {
                protected: true,
                ..tip()
            }),
            "keep",
        ),
        (
            merged().tip(BranchTip {
                default: true,
                ..tip()
            }),
            "keep",
        ),
        (merged().users(Listing::whole(vec![Number::new(8)])), "keep"),
        (
            merged().users(Listing {
                rows: Vec::new(),
                complete: false,
            }),
            "keep",
        ),
        (
            merged().with(|s| s.pull.head_branch = Branch::new("develop")),
            "keep",
        ),
    ];
    for (scenario, expected) in &table {
        assert_eq!(verdict(scenario), *expected, "{scenario:?}");
        assert_eq!(effects(scenario), []);
    }
}
