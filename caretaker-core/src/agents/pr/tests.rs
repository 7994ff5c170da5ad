//! What the agent decides, in tables.

mod consent;
mod merging;

use super::*;
use crate::model::{
    ActKind, Author, Branch, CheckState, Conclusion, ForgeQuery, Label, Mode, Number, Planned,
    Query, Review, ReviewState, Span, label,
};
use crate::scenario::{self, NOW, OUR_APP, OWN_CHECK, Scenario, bot, person, review};

/// Approved, checked, settled.
fn ready() -> Scenario {
    scenario::pull(7)
        .check("lint", CheckState::Success)
        .review(person("rita"), ReviewState::Approved)
}

/// A remark by automation that nobody answered.
fn remark() -> Review {
    Review {
        has_text: true,
        at: NOW,
        ..review(bot("ai[bot]"), ReviewState::Commented)
    }
}

fn decide(scenario: &Scenario) -> Decision {
    scenario.decide(&Pr).expect("everything is answered")
}

fn verdict(scenario: &Scenario) -> String {
    decide(scenario).verdict
}

fn effects(scenario: &Scenario) -> Vec<ForgeAction> {
    let effect = |planned: Planned| match planned.action {
        Action::Forge(effect) => Some(effect),
        Action::Merge(_) => None,
        Action::Enqueue(look) => panic!("{look:?} is no business of it"),
    };
    let actions = decide(scenario).actions.into_iter();
    actions.filter_map(effect).collect()
}

fn published(scenario: &Scenario) -> Option<Publish> {
    effects(scenario).into_iter().find_map(|effect| {
        if let ForgeAction::Publish(finding) = effect {
            Some(finding)
        } else {
            None
        }
    })
}

fn conclusion(scenario: &Scenario) -> Option<Conclusion> {
    published(scenario).map(|finding| finding.conclusion)
}

fn comment(scenario: &Scenario) -> Option<String> {
    effects(scenario).into_iter().find_map(|effect| {
        if let ForgeAction::UpsertComment { body, .. } = effect {
            Some(body)
        } else {
            None
        }
    })
}

fn claims(scenario: &Scenario) -> bool {
    let add = |effect: &ForgeAction| matches!(effect, ForgeAction::AddLabel { .. });
    effects(scenario).iter().any(add)
}

#[test]
fn one_question_answers_everything() {
    let halt = ready().unanswered().decide(&Pr).unwrap_err();
    let asked = ForgeQuery::Snapshot(Number::new(7));
    assert_eq!(halt, Halt::Need(vec![Query::Forge(asked)]));
}

#[test]
fn a_label_that_a_person_took_off_is_not_put_on_again() {
    let ours = || ActKind::Unlabeled(Label::new(label::OWNED));
    let claimed = || ready().param("ownership.auto_claim.human_prs", true);
    assert!(claims(&claimed()));
    assert!(!claims(&claimed().act(1, person("alice"), ours())));
    assert!(claims(&claimed().act(1, Author::Us, ours())));
    let other = ActKind::Unlabeled(Label::new("bug"));
    assert!(claims(&claimed().act(1, person("alice"), other)));
    assert!(
        !claims(&claimed().history_is_cut()),
        "unknown never permits"
    );
}

#[test]
fn parameters_that_do_not_fit_are_reported() {
    for (key, value) in [
        ("readiness.required_reviews", serde_json::json!("one")),
        ("merge_authority.mode", serde_json::json!("always")),
        ("ownership.surplus", serde_json::json!(1)),
    ] {
        let halt = ready().param(key, value).decide(&Pr).unwrap_err();
        assert!(matches!(halt, Halt::Misconfigured(_)), "{key}");
    }
}

#[test]
fn a_pull_request_goes_from_waiting_to_ready() {
    let opened = scenario::pull(7).check("lint", CheckState::Running);
    assert_eq!(verdict(&opened), "wait");
    let green = scenario::pull(7).check("lint", CheckState::Success);
    assert_eq!(verdict(&green), "wait");
    assert_eq!(verdict(&ready()), "ready");
    let broken = ready().check("test", CheckState::Failure);
    assert_eq!(verdict(&broken), "blocked");
}

#[test]
fn what_is_published_follows_the_verdict_and_the_authority() {
    use Conclusion as C;
    let failing = || ready().check("test", CheckState::Failure);
    let table = [
        (ready(), C::Success, C::Success),
        (
            ready().check("slow", CheckState::Running),
            C::InProgress,
            C::InProgress,
        ),
        (
            scenario::pull(7).check("lint", CheckState::Success),
            C::InProgress,
            C::InProgress,
        ),
        (scenario::pull(7), C::Neutral, C::Failure),
        (failing(), C::Neutral, C::Failure),
        (
            failing().check("slow", CheckState::Running),
            C::Neutral,
            C::Failure,
        ),
        (ready().label(label::ESCALATED), C::Neutral, C::Failure),
        (ready().label(label::HOLD), C::Neutral, C::Failure),
        // GitHub takes neutral for a pass, so it must not stand where our check is required.
        (failing().requires(OWN_CHECK, None), C::Failure, C::Failure),
        (
            ready().with(|s| s.required = None),
            C::InProgress,
            C::Failure,
        ),
    ];
    for (scenario, advisory, gate) in table {
        let told = decide(&scenario).because.line();
        for (mode, expected) in [
            ("advisory", advisory),
            ("gate_only", gate),
            ("gate_and_merge", gate),
        ] {
            let scenario = scenario.clone().param("merge_authority.mode", mode);
            assert_eq!(conclusion(&scenario), Some(expected), "{mode}: {told}");
        }
    }
}

#[test]
fn no_checks_at_all_says_no_ci_and_is_no_success() {
    let none = ready().with(|s| s.checks.rows.clear());
    let finding = published(&none).unwrap();
    assert_eq!(finding.conclusion, Conclusion::Neutral);
    assert_eq!(finding.title, "Blocked: no_ci");
    assert!(comment(&none).unwrap().contains("no_ci"));
    assert_eq!(verdict(&none.param("merge.allow_no_ci", true)), "ready");
}

#[test]
fn keys_change_what_they_name() {
    let flaky = ready().check("flaky", CheckState::Failure);
    assert_eq!(verdict(&flaky), "blocked");
    let ignored = flaky.param("ci.ignore_jobs", vec!["flaky"]);
    assert_eq!(verdict(&ignored), "ready");
    let doctor = ready().check("doctor", CheckState::Failure);
    assert_eq!(verdict(&doctor), "ready");
    let two = ready().param("readiness.required_reviews", 2);
    assert_eq!(verdict(&two), "wait");
    let patient = ready().param("merge.settle_seconds", 86_400 * 2);
    assert_eq!(verdict(&patient), "wait");
    let hold = ready().label("stop").param("ownership.hold_label", "stop");
    assert_eq!(verdict(&hold), "blocked");
    let renamed = ready().param("readiness.check_name", "ready?");
    assert_eq!(published(&renamed).unwrap().name, "ready?");
    let off = ready().param("readiness.enabled", false);
    assert_eq!(published(&off), None);
    assert!(comment(&off).is_some());
    let labelled = ActKind::Labeled(Label::new("go"));
    let remarked = ready().reviewed(remark()).label("go");
    let remarked = remarked.act(0, person("rita"), labelled);
    assert_eq!(verdict(&remarked), "blocked");
    let opted_in = remarked.param("auto_merge.merge_opt_in_label", "go");
    assert_eq!(verdict(&opted_in), "ready");
}

#[test]
fn the_score_is_the_sum_of_the_parts_that_are_clear() {
    let held_and_breaking = scenario::pull(7).label(label::HOLD).label(label::BREAKING);
    let table = [
        (ready(), 100),
        (ready().label(label::HOLD), 90),
        (ready().reviewed(remark()), 80),
        (scenario::pull(7).check("lint", CheckState::Success), 70),
        (ready().check("test", CheckState::Failure), 60),
        (scenario::pull(7), 30),
        (held_and_breaking, 20),
    ];
    for (scenario, score) in table {
        let because = decide(&scenario).because;
        let seen = because.saw.iter().find(|(name, _)| name == "score");
        assert_eq!(seen.unwrap().1, Fact::Count(score), "{}", because.tree());
    }
}

#[test]
fn families_are_claimed_by_their_switches() {
    let on = |author: Author, branch: &str| {
        let branch = Branch::new(branch);
        ready().author(author).with(|s| s.pull.head_branch = branch)
    };
    let table = [
        (on(bot("Copilot"), "copilot/x"), "copilot_prs", true),
        (
            on(bot("dependabot[bot]"), "dependabot/x"),
            "dependabot_prs",
            true,
        ),
        (on(Author::Us, "caretaker/x"), "caretaker_prs", true),
        (
            on(bot("github-actions[bot]"), "chore/x"),
            "maintainer_bot_prs",
            true,
        ),
        (on(person("rita"), "claude/x"), "human_prs", false),
    ];
    for (scenario, family, by_default) in table {
        let key = format!("ownership.auto_claim.{family}");
        assert_eq!(claims(&scenario), by_default, "{family}");
        let switched_on = scenario.clone().param(&key, true);
        assert!(claims(&switched_on), "{family}");
        assert!(!claims(&scenario.clone().param(&key, false)), "{family}");
        let human = "ownership.auto_claim.human_prs";
        for never in [
            switched_on.clone().fork().param(human, true),
            switched_on.clone().label(label::OWNED),
            switched_on.clone().label(label::ESCALATED),
            switched_on.clone().closed(),
            switched_on.clone().draft(),
            switched_on.clone().param("ownership.enabled", false),
        ] {
            assert!(!claims(&never), "{family}: {:?}", never.snapshot().pull);
        }
    }
}

#[test]
fn custody_is_read_back_from_the_label() {
    let told = |scenario: &Scenario| {
        let body = comment(scenario).unwrap();
        let line = body.lines().find(|line| line.starts_with("In care of"));
        line.unwrap().to_owned()
    };
    let owned = ready().label(label::OWNED);
    assert_eq!(told(&owned), "In care of: Caretaker.");
    let ours = ready().author(bot("dependabot[bot]"));
    assert_eq!(told(&ours), "In care of: Caretaker.", "by this decision");
    let people = "In care of: people, who were asked to take over.";
    assert_eq!(told(&owned.clone().label(label::ESCALATED)), people);
    let fork = "In care of: people, as it comes from another repository.";
    assert_eq!(told(&owned.fork()), fork);
    let renamed = ready().label("mine").param("ownership.label", "mine");
    assert_eq!(told(&renamed), "In care of: Caretaker.");
    assert_eq!(
        told(&ours.clone().mode(Mode::Propose)),
        "In care of: nobody yet. Caretaker would put the label `caretaker:owned` on; \
         `safety.mode: act` lets it, unless `safety.agents.pr` says less."
    );
    let limited = told(&ours.ceiling(Mode::Propose));
    assert!(limited.contains("`mode_ceiling`"), "{limited}");
}

#[test]
fn drafts_hear_nothing_unless_they_know_us() {
    let draft = ready().draft();
    assert_eq!(effects(&draft), []);
    assert_eq!(verdict(&draft), "wait");
    for known in [
        draft.clone().label(label::OWNED),
        draft.clone().own_check(OWN_CHECK, CheckState::Success),
    ] {
        assert_eq!(conclusion(&known), Some(Conclusion::InProgress));
        assert!(comment(&known).unwrap().contains("draft_pr"));
    }
    let stranger = draft.check(OWN_CHECK, CheckState::Success);
    assert_eq!(effects(&stranger), [], "anybody may use that name");
}

#[test]
fn what_is_over_is_told_where_we_had_spoken() {
    for scenario in [ready().merged(), ready().closed()] {
        assert_eq!(verdict(&scenario), "done");
        assert_eq!(effects(&scenario), [], "it never heard of us");
        for known in [
            scenario.clone().label(label::OWNED),
            scenario.clone().own_check(OWN_CHECK, CheckState::Failure),
        ] {
            // Another pull request may still want to bring in this very commit.
            assert_eq!(conclusion(&known), None);
            assert!(comment(&known).unwrap().contains("Nothing is awaited"));
        }
    }
}

#[test]
fn it_looks_again_only_for_what_no_event_tells() {
    let again = |scenario: &Scenario| decide(scenario).recheck_at.map(|at| at.since(NOW));
    assert_eq!(again(&ready()), None);
    assert_eq!(again(&ready().check("slow", CheckState::Running)), None);
    let young = ready().with(|s| s.head_seen_at = Some(NOW - Span::seconds(50)));
    assert_eq!(again(&young), Some(Span::seconds(70)));
    let nothing_yet = young.with(|s| s.checks.rows.clear());
    assert_eq!(again(&nothing_yet), Some(Span::seconds(70)));
    let bound = |age| {
        let seen = move |s: &mut Snapshot| s.head_seen_at = Some(NOW - age);
        ready().requires(OWN_CHECK, Some(OUR_APP)).with(seen)
    };
    assert_eq!(again(&bound(Span::minutes(5))), Some(Span::seconds(256)));
    assert_eq!(again(&bound(Span::hours(2))), None, "nobody publishes it");
    assert_eq!(
        again(&bound(Span::minutes(5)).draft()),
        None,
        "marking it ready is an event"
    );
    let known = bound(Span::minutes(5)).own_check(OWN_CHECK, CheckState::Running);
    assert_eq!(again(&known), None);
}

#[test]
fn unknown_mergeability_is_asked_again_ever_more_rarely() {
    let wait = |age: i64| {
        let scenario = ready().requires("lint", None).with(|s| {
            s.pull.mergeable = None;
            s.head_seen_at = Some(NOW - Span::seconds(age));
        });
        let at = decide(&scenario).recheck_at.unwrap();
        at.since(NOW).whole_seconds()
    };
    let (mut age, mut waits) = (0, Vec::new());
    for _ in 0..10 {
        waits.push(wait(age));
        age += wait(age);
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    assert_eq!(wait(1 << 30), 300);
}

#[test]
fn an_issue_is_no_business_of_it() {
    let issue = scenario::issue(7);
    assert_eq!(verdict(&issue), "skip");
    assert_eq!(effects(&issue), []);
}

#[test]
fn the_comment_of_a_ready_pull_request() {
    let scenario = ready().author(bot("dependabot[bot]"));
    insta::assert_snapshot!(comment(&scenario).unwrap(), @r"
    <!-- caretaker:status -->
    ### Caretaker: ready to merge

    **Readiness 100 of 100** at `aaaaaaa`.

    | Part | Points | Seen |
    |---|---|---|
    | Pull request | 10 of 10 | nothing against it |
    | Automated remarks | 20 of 20 | nothing open |
    | Reviews | 30 of 30 | approved: 1 of 1 approvals given |
    | Checks | 40 of 40 | passing: 1 of 1 checks passed |

    Nothing stands against merging; the merge itself is left to people.

    In care of: Caretaker.

    <sub>Kept up to date by Caretaker. The label `caretaker:hold` stops merging; `agent:quarantine` makes Caretaker leave this alone.</sub>
    ");
}

#[test]
fn the_comment_of_a_blocked_pull_request() {
    let scenario = scenario::pull(7)
        .label(label::HOLD)
        .requires("build", None)
        .requires("test | @all", None)
        .check("build", CheckState::Success)
        .check("test | @all", CheckState::Failure)
        .check("coverage", CheckState::Failure)
        .review(person("rita"), ReviewState::ChangesRequested)
        .author(bot("dependabot[bot]"))
        .mode(Mode::Propose);
    insta::assert_snapshot!(comment(&scenario).unwrap(), @r"
    <!-- caretaker:status -->
    ### Caretaker: blocked

    **Readiness 20 of 100** at `aaaaaaa`.

    | Part | Points | Seen |
    |---|---|---|
    | Pull request | 0 of 10 | see below |
    | Automated remarks | 20 of 20 | nothing open |
    | Reviews | 0 of 30 | changes requested: 0 of 1 approvals given |
    | Checks | 0 of 40 | failing: 1 of 2 required checks passed; 1 optional check has not |

    Against merging:

    - **manual_hold**: the label `caretaker:hold` holds it. *maintainer*: take the label off.
    - **changes_requested**: changes are requested by rita. *author*: make the changes and ask for another review.
    - **ci_failing**: required checks failed: test \| ＠all. *author*: look at the log, then push a fix or run it again.

    Smallest way to release, until it is ready to merge:

    - *CI*: test \| ＠all ends well; *reviewer*: rita approves instead; *maintainer*: take the label `caretaker:hold` off
    - *author*: push a commit that mends it; *CI*: the checks of that commit end well; *reviewer*: rita approves instead; *maintainer*: take the label `caretaker:hold` off

    In care of: nobody yet. Caretaker would put the label `caretaker:owned` on; `safety.mode: act` lets it, unless `safety.agents.pr` says less.

    <sub>Kept up to date by Caretaker. The label `caretaker:hold` stops merging; `agent:quarantine` makes Caretaker leave this alone.</sub>
    ");
}

#[test]
fn the_check_of_a_waiting_pull_request() {
    let scenario = scenario::pull(7).check("lint", CheckState::Running);
    let finding = published(&scenario).unwrap();
    assert_eq!(
        finding.title,
        "Waiting: required_review_missing, ci_pending"
    );
    insta::assert_snapshot!(finding.summary, @r"
    Readiness 30 of 100. Against merging:

    - **required_review_missing**: 0 of 1 approvals are given. *reviewer*: somebody with write access approves this commit.
    - **ci_pending**: checks running: lint. *CI*: wait for it.

    Smallest way to release: *CI*: lint ends well; *reviewer*: somebody who may write approves this commit; *CI*: nothing happens to it for 2m.
    ");
}

#[test]
fn the_comment_of_a_merged_pull_request() {
    let scenario = ready().merged().label(label::OWNED);
    insta::assert_snapshot!(comment(&scenario).unwrap(), @r"
    <!-- caretaker:status -->
    ### Caretaker: merged

    Nothing is awaited any more.
    ");
}
