//! What stands against merging a pull request.
//!
//! One enum ([`Blocker`]) and one function ([`blockers`]) answer that question for the published
//! readiness, for the status comment and for whoever may merge; they cannot disagree. Everything
//! comes from one [`Snapshot`]; what could not be learned is a blocker of its own and never
//! permits. Who is responsible for a pull request, and whether anybody may merge at all, is not
//! decided here.

mod blocker;
mod change;
mod claim;
pub mod code_owners;
mod confirm;
mod denial;
mod extras;
mod freeze;
mod opt_in;
mod owner;
mod page;
mod paths;
mod pattern;
mod permit;
mod policy;
mod required;
mod reviews;
pub mod rules;
mod section;
mod teams;
mod words;

pub use blocker::{Blocker, Part, reason, right};
pub use change::Change;
pub use claim::Claim;
pub use confirm::confirmed;
pub use denial::{Denial, Ground, OptIn, denials, stirs};
pub use extras::Extras;
pub use freeze::{FreezeFault, Freezes};
pub use opt_in::opt_in;
pub use owner::{Party, Team};
pub use page::{blockers_page, table, wordings};
pub use paths::ProtectedPaths;
pub use pattern::PatternFault;
pub use permit::{MergePermit, Seen, VALID_FOR, evaluate};
pub use policy::Policy;
pub use required::{Basis, RequiredView, Row, Standing, required_checks};
pub use reviews::{ReviewView, weigh};
pub use rules::Rule;
pub use section::{Authority, Section};
pub use teams::Teams;

use rules::Finding;

use crate::model::{Holds, Label, MergeState, Snapshot, Timestamp, label};

/// How checks and reviews stand, weighed once for the gate and for the words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed<'a> {
    /// The checks.
    pub checks: RequiredView<'a>,
    /// The reviews.
    pub reviews: ReviewView,
}

impl<'a> Weighed<'a> {
    /// Weighs both.
    pub fn of(snapshot: &'a Snapshot, opt_in: &OptIn, policy: &Policy) -> Self {
        Self {
            checks: required_checks(snapshot, policy),
            reviews: weigh(snapshot, opt_in, policy),
        }
    }
}

/// Everything that stands against merging, in the order in which people should read it.
///
/// Empty exactly when the change is ready. All rules are looked at; a rule is left out only where
/// another one already says the same thing more precisely.
pub fn blockers(
    snapshot: &Snapshot,
    change: &Change,
    policy: &Policy,
    now: Timestamp,
) -> Vec<Blocker> {
    blockers_in(
        &Weighed::of(snapshot, &change.opt_in, policy),
        snapshot,
        change,
        policy,
        now,
    )
}

/// The same as [`blockers`], for who has weighed this snapshot by this policy already.
pub fn blockers_in(
    weighed: &Weighed<'_>,
    snapshot: &Snapshot,
    change: &Change,
    policy: &Policy,
    now: Timestamp,
) -> Vec<Blocker> {
    let view = &weighed.checks;
    let mut found = state(snapshot, policy);
    found.extend(reviews::blockers(snapshot, &weighed.reviews));
    let unmet = |finding: &&Finding| finding.result != Holds::Holds;
    let owners = change.owners.as_ref().filter(unmet).cloned();
    found.extend(owners.map(Blocker::CodeOwners));
    let rule = change.rule.as_ref().filter(unmet).cloned();
    found.extend(rule.map(Blocker::ReviewRule));
    found.extend(checks(snapshot, policy, view, now));
    // GitHub says "blocked" for drafts, missing reviews and required checks alike; it is news only
    // where none of those is known. A base branch that requires our own check is always blocked
    // until we publish success, so there it says nothing about others, and GitHub itself goes on
    // refusing what else it wants.
    let explained = found.iter().any(Blocker::explains_forge);
    if snapshot.pull.merge_state == MergeState::Blocked && !explained && !view.demands_us {
        found.push(Blocker::ForgeBlocks);
    }
    found.sort_by_cached_key(Blocker::part);
    found
}

fn state(snapshot: &Snapshot, policy: &Policy) -> Vec<Blocker> {
    let (pull, item) = (&snapshot.pull, &snapshot.pull.item);
    let mut found = Vec::new();
    if !item.open {
        found.push(Blocker::Closed);
    }
    if item.draft || pull.merge_state == MergeState::Draft {
        found.push(Blocker::Draft);
    }
    if pull.mergeable == Some(false) || pull.merge_state == MergeState::Dirty {
        found.push(Blocker::Conflict);
    } else if pull.mergeable.is_none() || pull.merge_state == MergeState::Unknown {
        found.push(Blocker::MergeabilityUnknown);
    }
    if pull.merge_state == MergeState::Behind {
        found.push(Blocker::Behind);
    }
    if item.has_label(label::BREAKING) {
        found.push(Blocker::Breaking);
    }
    let holds = |name: &&str| item.has_label(name);
    if let Some(name) = [policy.hold_label.as_str(), label::HOLD]
        .into_iter()
        .find(holds)
    {
        found.push(Blocker::Hold {
            label: Label::new(name),
        });
    }
    if item.has_label(label::ESCALATED) {
        found.push(Blocker::Escalated);
    }
    found
}

fn checks(
    snapshot: &Snapshot,
    policy: &Policy,
    view: &RequiredView<'_>,
    now: Timestamp,
) -> Vec<Blocker> {
    let mut found = Vec::new();
    if view.basis == Basis::Unknown {
        found.push(Blocker::RequiredUnknown);
    }
    if !view.complete {
        found.push(Blocker::ChecksIncomplete {
            seen: snapshot.checks.rows.len(),
        });
    }
    for standing in Standing::TROUBLES {
        // A check that is not on the pages we read may still be there.
        if *standing == Standing::Absent && !view.complete {
            continue;
        }
        if view.any(*standing) {
            found.push(Blocker::Checks {
                standing: *standing,
                names: view.names(*standing),
                required: view.basis == Basis::Protection,
            });
        }
    }
    if view.basis != Basis::Protection && view.complete && found.is_empty() {
        let until = settles_at(snapshot, policy);
        let moving = now < until;
        if view.rows.is_empty() && !policy.allow_no_ci {
            found.push(Blocker::NoCi {
                until: moving.then_some(until),
            });
        } else if !view.rows.is_empty() && !view.any_success {
            found.push(Blocker::NothingSucceeded {
                names: view.rows.iter().map(|row| row.name.to_owned()).collect(),
            });
        } else if moving {
            found.push(Blocker::NotSettled { until });
        }
    }
    found
}

/// When the head has been quiet for long enough. Where nobody knows when it arrived, the last
/// change of the pull request stands in, which is never earlier.
pub(crate) fn settles_at(snapshot: &Snapshot, policy: &Policy) -> Timestamp {
    let seen = snapshot.head_seen_at;
    seen.unwrap_or(snapshot.pull.item.updated_at) + policy.settle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{CheckState, ReviewState, Span};
    use crate::scenario::{self, NOW, OWN_CHECK, Scenario, bot, person, policy, review};

    /// Approved, checked, settled.
    fn ready() -> Scenario {
        scenario::pull(7)
            .check("lint", CheckState::Success)
            .review(person("rita"), ReviewState::Approved)
    }

    fn codes_by(scenario: &Scenario, policy: &Policy) -> Vec<&'static str> {
        let found = blockers(scenario.snapshot(), &Change::default(), policy, NOW);
        assert_eq!(reason(&found).holds(), found.is_empty(), "{found:?}");
        found.iter().map(Blocker::code).collect()
    }

    fn codes(scenario: &Scenario) -> Vec<&'static str> {
        codes_by(scenario, &policy())
    }

    #[test]
    fn nothing_stands_against_an_ordinary_approved_green_change() {
        assert_eq!(codes(&ready()), Vec::<&str>::new());
    }

    #[test]
    fn each_state_of_the_pull_request_is_told() {
        use MergeState as M;
        let state = |state| move |s: &mut Snapshot| s.pull.merge_state = state;
        let table: Vec<(Scenario, &[&str])> = vec![
            (ready().closed(), &["closed"]),
            (ready().draft(), &["draft_pr"]),
            (ready().with(state(M::Draft)), &["draft_pr"]),
            (ready().with(state(M::Dirty)), &["merge_conflict"]),
            (
                ready().with(|s| s.pull.mergeable = Some(false)),
                &["merge_conflict"],
            ),
            (
                ready().with(|s| s.pull.mergeable = None),
                &["mergeability_unknown"],
            ),
            (ready().with(state(M::Unknown)), &["mergeability_unknown"]),
            (ready().with(state(M::Behind)), &["behind_base"]),
            (ready().with(state(M::Blocked)), &["forge_blocks"]),
            (ready().with(state(M::Unstable)), &[]),
            (ready().with(state(M::HasHooks)), &[]),
            (ready().label("maintainer:breaking"), &["breaking_change"]),
            (ready().label("Caretaker:HOLD"), &["manual_hold"]),
            (ready().label("maintainer:escalated"), &["escalated"]),
            (
                ready()
                    .draft()
                    .label("caretaker:hold")
                    .with(|s| s.pull.mergeable = Some(false)),
                &["draft_pr", "merge_conflict", "manual_hold"],
            ),
        ];
        for (scenario, expected) in &table {
            assert_eq!(codes(scenario), *expected, "{:?}", scenario.snapshot().pull);
        }
    }

    #[test]
    fn a_renamed_hold_label_holds_beside_the_built_in_one() {
        let renamed = Policy {
            hold_label: Label::new("wait"),
            ..policy()
        };
        for name in ["wait", "caretaker:hold"] {
            assert_eq!(codes_by(&ready().label(name), &renamed), ["manual_hold"]);
        }
        assert!(codes(&ready().label("wait")).is_empty());
    }

    #[test]
    fn each_trouble_of_a_check_is_told() {
        use CheckState as S;
        let table = [
            (S::Queued, "ci_pending"),
            (S::Running, "ci_pending"),
            (S::Failure, "ci_failing"),
            (S::TimedOut, "ci_failing"),
            (S::StartupFailure, "ci_failing"),
            (S::Cancelled, "ci_cancelled"),
            (S::Stale, "ci_stale"),
            (S::ActionRequired, "ci_awaits_approval"),
            (S::Unknown, "ci_unreadable"),
        ];
        for (state, code) in table {
            let free = ready().check("test", state);
            assert_eq!(codes(&free), [code], "{state:?}");
            let optional = free.clone().requires("lint", None);
            assert!(codes(&optional).is_empty(), "optional {state:?}");
            assert_eq!(
                codes(&free.requires("test", None)),
                [code],
                "required {state:?}"
            );
        }
        for fine in [S::Success, S::Neutral, S::Skipped] {
            assert!(codes(&ready().check("test", fine)).is_empty(), "{fine:?}");
        }
        let pending = ready().requires("deploy", None);
        assert_eq!(codes(&pending), ["ci_pending"], "not reported yet");
    }

    #[test]
    fn a_definite_failure_is_told_while_others_still_run() {
        let scenario = ready()
            .check("slow", CheckState::Running)
            .check("test", CheckState::Failure);
        assert_eq!(codes(&scenario), ["ci_failing", "ci_pending"]);
    }

    #[test]
    fn no_checks_at_all_is_no_ci_unless_a_key_allows_it() {
        let none = ready().with(|s| s.checks.rows.clear());
        assert_eq!(codes(&none), ["no_ci"]);
        let only_ours = none.clone().own_check(OWN_CHECK, CheckState::Success);
        assert_eq!(codes(&only_ours), ["no_ci"]);
        let lenient = Policy {
            allow_no_ci: true,
            ..policy()
        };
        assert!(codes_by(&none, &lenient).is_empty());
        let skipped = none.check("lint", CheckState::Skipped);
        assert_eq!(codes_by(&skipped, &lenient), ["nothing_succeeded"]);
    }

    #[test]
    fn a_young_head_is_given_time_where_no_check_is_required() {
        let aged = |seconds: i64| {
            ready().with(move |s| s.head_seen_at = Some(NOW - Span::seconds(seconds)))
        };
        assert_eq!(codes(&aged(119)), ["checks_not_settled"]);
        assert!(codes(&aged(120)).is_empty());
        assert!(codes(&aged(0).requires("lint", None)).is_empty());
        let nothing_yet = aged(119).with(|s| s.checks.rows.clear());
        let found = blockers(nothing_yet.snapshot(), &Change::default(), &policy(), NOW);
        let until = Some(NOW + Span::seconds(1));
        assert_eq!(found, [Blocker::NoCi { until }]);
        assert!(found[0].waits());
        let unknown = ready().with(|s| {
            s.head_seen_at = None;
            s.pull.item.updated_at = NOW;
        });
        assert_eq!(codes(&unknown), ["checks_not_settled"]);
    }

    #[test]
    fn what_was_not_learned_never_permits() {
        let required = ready().with(|s| s.required = None);
        assert_eq!(codes(&required), ["required_checks_unknown"]);
        let checks = ready().with(|s| s.checks.complete = false);
        assert_eq!(codes(&checks), ["checks_incomplete"]);
        let absent = checks.requires("deploy", None);
        assert_eq!(
            codes(&absent),
            ["checks_incomplete"],
            "it may be on a later page"
        );
        let reviews = ready().with(|s| s.reviews.complete = false);
        assert_eq!(codes(&reviews), ["reviews_incomplete"]);
        for scenario in [required, absent, reviews] {
            let found = blockers(scenario.snapshot(), &Change::default(), &policy(), NOW);
            assert_eq!(reason(&found).result, Holds::Unknown);
        }
    }

    #[test]
    fn the_forges_block_is_news_only_when_we_cannot_explain_it() {
        let blocked = |scenario: Scenario| {
            codes(&scenario.with(|s| s.pull.merge_state = MergeState::Blocked))
        };
        assert_eq!(blocked(ready()), ["forge_blocks"]);
        let unreviewed = scenario::pull(7).check("lint", CheckState::Success);
        assert_eq!(blocked(unreviewed), ["required_review_missing"]);
        let required = ready().requires("deploy", None);
        assert_eq!(blocked(required), ["ci_pending"]);
        let free = ready().check("deploy", CheckState::Running);
        assert_eq!(blocked(free), ["forge_blocks", "ci_pending"]);
        let held = ready().label("caretaker:hold");
        assert_eq!(blocked(held), ["manual_hold", "forge_blocks"]);
        // Until we publish success GitHub blocks on our own account.
        assert!(blocked(ready().requires(OWN_CHECK, None)).is_empty());
    }

    #[test]
    fn every_rule_is_in_the_tree_once() {
        let tree = reason(&[]);
        let leaves = tree.children.iter().flat_map(|part| &part.children);
        let rules: BTreeSet<&str> = leaves.map(|leaf| leaf.rule.as_ref()).collect();
        assert_eq!(rules.len(), words::RULES.len());
        for scenario in [
            ready().label("caretaker:hold"),
            ready().check("x", CheckState::Stale),
            scenario::pull(7),
        ] {
            for blocker in blockers(scenario.snapshot(), &Change::default(), &policy(), NOW) {
                let leaf = blocker.reason();
                assert!(rules.contains(leaf.rule.as_ref()), "{}", leaf.rule);
                assert!(leaf.unblock.is_some());
            }
        }
    }

    #[test]
    fn names_from_outside_are_harmless_and_few() {
        let evil = "@org/all](http://x) `<!-- caretaker:status -->";
        let scenario = (0..30).fold(ready().check(evil, CheckState::Failure), |s, n| {
            s.check(&format!("test-{n}"), CheckState::Failure)
        });
        let told = blockers(scenario.snapshot(), &Change::default(), &policy(), NOW)[0].what();
        for bad in ["@", "](", "`", "<!--"] {
            assert!(!told.contains(bad), "{told}");
        }
        assert!(told.contains("and 21 more"), "{told}");
        let remark = crate::model::Review {
            has_text: true,
            ..review(bot("@x[bot]"), ReviewState::Commented)
        };
        let scenario = scenario::pull(7).reviewed(remark);
        let told = blockers(scenario.snapshot(), &Change::default(), &policy(), NOW);
        assert!(told.iter().all(|blocker| !blocker.what().contains('@')));
    }
}
