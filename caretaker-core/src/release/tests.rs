use crate::agents::pr::{Pr, releases};
use crate::model::{AppId, Author, CheckState, Permission, ReviewState, label};
use crate::scenario::{self, Scenario, person};

/// Each way as people read it, in a repository that merges by hand.
fn told(scenario: &Scenario) -> Vec<String> {
    let scenario = scenario.clone().param("merge_authority.mode", "advisory");
    told_as(&scenario)
}

fn told_as(scenario: &Scenario) -> Vec<String> {
    let (task, evidence) = scenario.task(&Pr);
    let found = releases(&task, &evidence).expect("all is answered");
    let Some(found) = found else {
        return Vec::new();
    };
    if let Some(none) = found.none() {
        return vec![none.to_owned()];
    }
    let lines = found.markdown();
    lines.lines().map(|line| line[2..].to_owned()).collect()
}

fn approved() -> Scenario {
    scenario::pull(7)
        .requires("lint", None)
        .check("lint", CheckState::Success)
        .review(person("rita"), ReviewState::Approved)
}

const APPROVE: &str = "*reviewer*: somebody who may write approves this commit";
const NO_WAY: &str =
    "no short way: something stands against it that none of these acts would change";

#[test]
fn what_is_ready_needs_nothing() {
    assert_eq!(told(&approved()), Vec::<String>::new());
}

#[test]
fn each_ordinary_blocker_has_its_ways() {
    let unreviewed = scenario::pull(7)
        .requires("lint", None)
        .check("lint", CheckState::Success);
    let table: Vec<(Scenario, &[&str])> = vec![
        (approved().closed(), &["*maintainer*: open it again"]),
        (
            approved().draft(),
            &["*author*: mark it as ready for review"],
        ),
        (
            approved().label("caretaker:hold"),
            &["*maintainer*: take the label `caretaker:hold` off"],
        ),
        (unreviewed.clone(), &[APPROVE]),
        (
            unreviewed
                .clone()
                .review(person("rob"), ReviewState::ChangesRequested),
            &["*reviewer*: rob approves instead"],
        ),
        (
            unreviewed.requires("deploy", Some(AppId::new(3))),
            &["*CI*: deploy ends well; *reviewer*: somebody who may write approves this commit"],
        ),
        (
            approved().with(|s| s.pull.mergeable = None),
            &["*GitHub*: GitHub computes whether it merges"],
        ),
        (approved().with(|s| s.required = None), &[NO_WAY]),
        (approved().with(|s| s.checks.complete = false), &[NO_WAY]),
    ];
    for (scenario, expected) in table {
        assert_eq!(told(&scenario), expected);
    }
}

#[test]
fn a_push_starts_checks_and_approvals_anew() {
    let conflict = approved().with(|s| s.pull.mergeable = Some(false));
    let push = "*author*: push a commit that mends it";
    let checks = "*CI*: the checks of that commit end well";
    assert_eq!(told(&conflict), [format!("{push}; {checks}")]);
    let strict = conflict.clone().with(|s| {
        s.required.as_mut().unwrap().dismiss_stale = true;
    });
    assert_eq!(told(&strict), [format!("{push}; {checks}; {APPROVE}")]);
    let free = conflict.with(|s| s.required.as_mut().unwrap().checks.clear());
    let quiet = "*CI*: nothing happens to it for 2m";
    assert_eq!(told(&free), [format!("{push}; {checks}; {quiet}")]);
}

#[test]
fn a_failed_check_is_mended_by_itself_or_by_a_push() {
    let failed = approved()
        .requires("test", None)
        .check("test", CheckState::Failure);
    let expected = [
        "*CI*: test ends well",
        "*author*: push a commit that mends it; *CI*: the checks of that commit end well",
    ];
    assert_eq!(told(&failed), expected);
}

#[test]
fn what_takes_many_acts_has_no_short_way() {
    let crowd = approved().with(|s| s.required.as_mut().unwrap().approvals = 6);
    assert_eq!(told(&crowd), ["no short way: it takes more than 4 acts"]);
    let just = approved().with(|s| s.required.as_mut().unwrap().approvals = 5);
    assert_eq!(told(&just)[0].matches("approves").count(), 4);
}

#[test]
fn a_search_that_was_cut_off_does_not_say_that_all_was_tried() {
    // Four owners each, one of whom has to approve: more sets than are tried.
    let owned_by_four = |parts: &[&str]| {
        let line = |part: &&str| format!("{part} @{part}1 @{part}2 @{part}3 @{part}4\n");
        let owners: String = parts.iter().map(line).collect();
        let demanded = approved().with(|s| s.required.as_mut().unwrap().code_owners = true);
        let touching = parts
            .iter()
            .fold(demanded, |scenario, part| scenario.file(part));
        told(&touching.owners(&owners))
    };
    let cut = "no short way was found: so much stands against it that not all was tried";
    assert_eq!(owned_by_four(&["a", "b", "c", "d", "e"]), [cut]);
    let found = owned_by_four(&["a", "b", "c", "d"]);
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].matches("approves").count(), 4);
}

#[test]
fn our_own_right_has_ways_too() {
    let ours = |scenario: Scenario| {
        told_as(
            &scenario
                .param("merge_authority.mode", "gate_and_merge")
                .param("auto_merge.human_prs", true)
                .may("rita", Permission::Write),
        )
    };
    let owned = || approved().label_by(label::OWNED, Author::Us);
    assert_eq!(ours(owned()), Vec::<String>::new());
    assert_eq!(
        ours(owned().paused()),
        ["*operator*: run `caretaker resume`"]
    );
    let low = owned().mode(crate::model::Mode::Observe);
    assert_eq!(
        ours(low),
        ["*maintainer*: set `safety.mode: act`, no less in `safety.agents.pr`"]
    );
    let care = "*maintainer*: somebody who may write puts the label";
    let expected = [
        format!("{care} `caretaker:merge` on"),
        format!("{care} `caretaker:owned` on"),
    ];
    assert_eq!(ours(approved()), expected);
    // One that is on cannot be put on.
    let stranger = approved().label_by(label::OWNED, person("mallory"));
    let expected = [
        format!("{care} `caretaker:merge` on"),
        "*maintainer*: somebody who may write takes the label `caretaker:owned` off and puts it on"
            .to_owned(),
    ];
    assert_eq!(ours(stranger.may("mallory", Permission::Triage)), expected);
    let family = owned().param("auto_merge.human_prs", false);
    let told = told_as(&family.param("merge_authority.mode", "gate_and_merge"));
    let expected = [
        format!("{care} `caretaker:merge` on"),
        "*maintainer*: set `pr_agent.auto_merge.human_prs: true`".to_owned(),
    ];
    assert_eq!(told, expected);
    // A fork is never ours to merge, so people are told what makes it ready.
    assert_eq!(
        ours(approved().fork().draft()),
        ["*author*: mark it as ready for review"]
    );
}

#[test]
fn who_is_asked_for_by_name_is_told_by_name() {
    let owned = approved()
        .with(|s| s.required.as_mut().unwrap().code_owners = true)
        .file("src/db.rs")
        .owners("src/ @author @dora @octo/data\n");
    let expected = [
        "*reviewer*: somebody of octo/data approves this commit",
        "*reviewer*: dora approves this commit",
    ];
    let known = owned.clone().team("data", &["dan"]);
    assert_eq!(told(&known), expected);
    // An owner's approval is one of those that anybody may give.
    let two = known.with(|s| s.required.as_mut().unwrap().approvals = 2);
    assert_eq!(told(&two), expected);
    assert_eq!(told(&owned.hidden_team("data")), [NO_WAY]);
    let rule = serde_json::json!({"all": [
        {"approvals": 2},
        {"approvals": 1, "from": ["lea"]},
    ]});
    let ruled = approved().param("merge.reviews", rule);
    assert_eq!(told(&ruled), ["*reviewer*: lea approves this commit"]);
}

#[test]
fn a_frozen_time_passes_and_protected_paths_are_for_people() {
    let ours = approved()
        .label_by(label::OWNED, Author::Us)
        .param("merge_authority.mode", "gate_and_merge")
        .param("auto_merge.human_prs", true);
    let freeze = serde_json::json!(["2023-11-14T00:00Z/2023-11-16T00:00Z"]);
    let frozen = ours.clone().param("merge.freeze", freeze);
    assert_eq!(
        told_as(&frozen),
        ["*GitHub*: wait until 2023-11-16T00:00:00Z"]
    );
    let protected = ours.file(".github/workflows/ci.yml");
    assert_eq!(told_as(&protected), Vec::<String>::new());
    assert_eq!(
        told_as(&protected.draft()),
        ["*author*: mark it as ready for review"]
    );
}
