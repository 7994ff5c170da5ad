//! Our own right to merge.

use caretaker_core::model::{
    ActKind, Author, Branch, ConfigState, EventKind, Label, MergeMethod, Mode, Permission, label,
};
use caretaker_core::scenario::{Scenario, bot, person, sha};

use crate::case::{Case, Memory, mergeable, people_merge, taken_in_by};

circumstances! {
    "Moved", in mergeable(),
    fn moved_to_another_head(case) { case.decided(|merge| merge.head = sha('9')) }

    "Moved", in mergeable(),
    fn moved_to_another_base(case) { case.decided(|merge| merge.base = Branch::new("next")) }

    "Moved", in mergeable(),
    fn moved_to_another_method(case) {
        case.demands("auto_merge: {merge_method: rebase}")
    }

    "Moved", in mergeable().demands("auto_merge: {merge_method: merge}")
        .decided(|merge| merge.method = MergeMethod::Merge),
    fn moved_from_another_method(case) {
        case.decided(|merge| merge.method = MergeMethod::Squash)
    }

    "Quarantined", in mergeable(),
    fn quarantined(case) { case.facts(|scenario| scenario.label(label::QUARANTINE)) }

    "Paused", in mergeable(),
    fn paused(case) { case.paused() }

    /// Without a file only the defaults are in force, and those observe.
    "Configuration, Absent" + "mode_too_low" + "merge_authority_missing", in mergeable(),
    fn configuration_absent(case) { case.without_config(ConfigState::Absent) }

    /// As above.
    "Configuration" + "mode_too_low" + "merge_authority_missing", in mergeable(),
    fn configuration_never_valid(case) { case.without_config(ConfigState::NeverValid) }

    "Mode", in mergeable(),
    fn mode_too_low(case) { case.instead("mode: act", "mode: propose") }

    "Mode", in mergeable(),
    fn mode_too_low_for_this_agent(case) {
        case.instead("mode: act", "mode: act, agents: {pr: propose}")
    }

    "Mode, by the server", in mergeable(),
    fn mode_too_low_by_the_server(case) { case.ceiling(Mode::Observe) }

    "Mode, by the server", in mergeable(),
    fn mode_one_too_low_by_the_server(case) { case.ceiling(Mode::Propose) }

    "Authority", in mergeable(),
    fn authority_missing(case) { case.instead("gate_and_merge", "gate_only") }

    "Authority", in mergeable(),
    fn authority_only_advisory(case) { case.instead("gate_and_merge", "advisory") }

    "Fork", in people_merge(),
    fn fork(case) { case.facts(Scenario::fork) }

    /// A fork's author is of no family.
    "Fork" + "family_not_allowed", in mergeable(),
    fn fork_of_a_bots(case) { case.facts(Scenario::fork) }

    "NotInCare", in taken_in_by(Author::Us),
    fn not_in_care(case) { case.snapshot(|seen| seen.pull.item.labels.clear()) }

    "NotInCare", in mergeable(),
    fn not_in_care_where_care_is_switched_off(case) {
        case.demands("ownership: {enabled: false}")
    }

    /// It was claimed because of the opt-in label; the family is merged without it.
    "NotInCare", in told_to_take_in(),
    fn no_longer_told_to_take_it_in(case) {
        case.snapshot(|seen| seen.pull.item.labels.clear())
    }

    "NotInCare", in told_to_take_in(),
    fn taken_back_while_we_take_it_in(case) {
        let off = ActKind::Unlabeled(Label::new(label::OWNED));
        case.facts(|scenario| scenario.act(0, person("rita"), off))
    }

    "NotInCare", in claimed(),
    fn claimed_and_nobody_knows_whether_taken_back(case) { case.facts(Scenario::history_is_cut) }

    "NotInCare, NotTheirs",
    in taken_in_by(person("olga")).facts(|s| s.may("olga", Permission::Write)),
    fn taken_in_by_a_stranger(case) {
        case.facts(|scenario| scenario.may("olga", Permission::Triage))
    }

    "NotInCare, NotTheirs", in taken_in_by(Author::Us),
    fn taken_in_by_another_automation_after_us(case) {
        let care = ActKind::Labeled(Label::new(label::OWNED));
        case.facts(|scenario| scenario.act(0, bot("labeler[bot]"), care))
    }

    /// The history is newer than the labels.
    "NotInCare", in taken_in_by(Author::Us),
    fn taken_out_of_care_while_we_look(case) {
        let off = ActKind::Unlabeled(Label::new(label::OWNED));
        case.facts(|scenario| scenario.act(0, person("rita"), off))
    }

    "NotInCare, Unknown", in taken_in_by(Author::Us),
    fn taken_in_by_nobody_knows_whom(case) { case.facts(Scenario::history_is_cut) }

    "Family", in mergeable(),
    fn family_not_allowed(case) { case.demands("auto_merge: {dependabot_prs: false}") }

    "Family", in people_merge(),
    fn family_of_people_not_allowed(case) { case.instead("human_prs: true", "human_prs: false") }

    "Family, NotTheirs", in let_in_by(person("olga")).facts(|s| s.may("olga", Permission::Write)),
    fn opt_in_by_a_stranger(case) {
        case.facts(|scenario| scenario.may("olga", Permission::Triage))
    }

    "Family, NotTheirs", in let_in_by(Author::Us),
    fn opt_in_by_a_stranger_after_us(case) {
        let stranger = case.facts(|scenario| scenario.may("mallory", Permission::Read));
        labels(stranger, person("mallory"))
    }

    /// The history is newer than the labels.
    "Family", in let_in_by(Author::Us),
    fn opt_in_taken_back_while_we_look(case) {
        let off = ActKind::Unlabeled(Label::new(label::MERGE));
        case.facts(|scenario| scenario.act(0, person("rita"), off))
    }

    "Family, Unknown" + "care_unknown", in let_in_by(Author::Us),
    fn opt_in_unknown(case) { case.facts(Scenario::history_is_cut) }

    "Frozen", in mergeable(),
    fn frozen(case) {
        case.demands("merge: {freeze: [\"2023-11-14T00:00Z/2023-11-16T00:00Z\"]}")
    }

    /// It is 22:13:20; a window's first moment belongs to it.
    "Frozen", in freezes("2023-11-14T22:13:21Z/2023-11-16T00:00Z"),
    fn frozen_from_the_first_moment(case) { case.instead("22:13:21Z", "22:13:20Z") }

    /// Its last does not.
    "Frozen", in freezes("2023-11-14T00:00Z/2023-11-14T22:13:20Z"),
    fn frozen_to_just_before_the_end(case) { case.instead("22:13:20Z", "22:13:21Z") }

    "Frozen", in freezes("Mon 08:00/Tue 22:13"),
    fn frozen_every_week(case) { case.instead("Tue 22:13", "Tue 22:14") }

    "ProtectedPath", in changes("src/a.rs"),
    fn protected_path(case) {
        case.facts(|scenario| scenario.file(".github/workflows/ci.yml"))
    }

    "ProtectedPath", in changes("SECRETS/key"),
    fn protected_path_of_the_repositorys_own(case) {
        case.demands("merge: {protected_paths: [\"Secrets/**\"]}")
    }

    "ProtectedPath", in changes("ci.yml"),
    fn protected_path_that_a_file_was_moved_from(case) {
        case.facts(|scenario| scenario.renamed("ci.yml", ".github/workflows/ci.yml"))
    }

    "FilesUnknown", in changes("src/a.rs"),
    fn files_unknown(case) { case.facts(Scenario::files_are_cut) }

    "ForgeRefuses", in refused(1),
    fn forge_refuses(case) { case.facts(|scenario| scenario.refused(405, 3)) }

    "ForgeRefuses, queued", in refused(1),
    fn in_merge_queue(case) { case.facts(|scenario| scenario.refused(202, 1)) }
}

/// A person's, let in by whoever put the label on.
fn let_in_by(who: Author) -> Case {
    let person = people_merge().instead("human_prs: true", "human_prs: false");
    labels(person.facts(|scenario| scenario.label(label::MERGE)), who)
}

/// Dependabot's, which this very decision takes into care.
fn claimed() -> Case {
    mergeable()
        .snapshot(|seen| seen.pull.item.labels.clear())
        .labels_it(label::OWNED)
}

/// A person's, which this very decision takes into care because it was told to merge it.
fn told_to_take_in() -> Case {
    let people = people_merge().snapshot(|seen| seen.pull.item.labels.clear());
    let told = people.facts(|scenario| scenario.label(label::MERGE));
    labels(told, Author::Us).labels_it(label::OWNED)
}

/// With the opt-in label put on just now by this one.
pub(crate) fn labels(case: Case, who: Author) -> Case {
    let label = ActKind::Labeled(Label::new(label::MERGE));
    case.facts(|scenario| scenario.act(0, who, label))
}

fn freezes(window: &str) -> Case {
    mergeable().demands(&format!("merge: {{freeze: [\"{window}\"]}}"))
}

fn changes(path: &str) -> Case {
    mergeable().facts(|scenario| scenario.file(path))
}

/// The forge has refused it so often, a minute ago, and nothing has happened since.
fn refused(times: u32) -> Case {
    let case = mergeable().facts(|scenario| scenario.on(EventKind::RecheckDue));
    case.facts(|scenario| scenario.refused(405, times))
}

#[test]
fn not_in_care_unless_this_very_decision_takes_it_there() {
    assert_eq!(claimed().codes(), [""; 0]);
    assert_eq!(claimed().labels_it(label::STALE).codes(), ["not_in_care"]);
}

#[test]
fn configuration_that_we_cannot_remember() {
    for memory in [Memory::Lost, Memory::Unreadable] {
        let case = mergeable().memory(memory);
        assert_eq!(case.codes(), ["configuration_invalid"], "{memory:?}");
    }
}
